"""`twistd chat`: from options to a tree of services. The one place where the parts of the server are put together."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import Field
from pathlib import Path
from typing import Any, ClassVar

from twisted.application.service import IService
from twisted.internet.interfaces import IProtocolFactory, IReactorTime
from twisted.protocols.tls import TLSMemoryBIOFactory
from twisted.python import usage

from chatproto import __version__
from chatproto.backplanes.alone import Alone
from chatproto.config import DEFAULT_PORT, BadSetting, Settings, all_settings, load, state_dir
from chatproto.dialects.plain import REFUSED, PlainConversation
from chatproto.errors import ChatError
from chatproto.interfaces import IConversation, ILink
from chatproto.rooms.service import RoomService
from chatproto.server import ChatServer
from chatproto.setting import declared
from chatproto.stores.memory import MemoryHistory
from chatproto.transports.admission import Admission
from chatproto.transports.connections import Connections
from chatproto.transports.line import LineFactory, line_frame
from chatproto.transports.listen import BadEndpoint, DualStackEndpoint, Listener, described
from chatproto.transports.tls import BadCertificate, KeyPair, RenewedCertificate, self_signed


def _doc(each: Field[Any]) -> str:
    shown = ", ".join(each.default) if isinstance(each.default, tuple) else each.default
    return declared(each).meaning + (f" [default: {shown}]" if shown not in (None, "") else "")


_FIELDS = [each for _, each, _ in all_settings() if each.name != "listen"]
_LISTEN = next(each for _, each, _ in all_settings() if each.name == "listen")


def _flag(each: Field[Any]) -> str:
    return each.name.replace("_", "-")


class Options(usage.Options):
    """The command line of `twistd chat`: a flag for each setting, and --config for a file that holds them.

    Whatever is wrong ends the program with one sentence and status 1; twistd itself would print its help and exit 0.
    """

    synopsis = "[options]"
    longdesc = (
        "A chat server that every line-speaking program can join: nc, telnet, openssl s_client. "
        "Connect to it, give a name, and talk; /help lists the commands. "
        "Every option can stand in a file (see --config and etc/chat.toml), and a flag wins over the file."
    )
    optParameters: ClassVar[list[list[str | None]]] = [  # noqa: N815
        ["config", "c", None, "A TOML file with settings; etc/chat.toml shows all of them."],
        *([_flag(each), None, None, _doc(each)] for each in _FIELDS),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.listen: list[str] = []
        self.settings = Settings()

    def opt_listen(self, description: str) -> None:  # noqa: D102  # The docstring comes from the setting.
        self.listen.append(description)

    opt_listen.__doc__ = _doc(_LISTEN)

    def opt_version(self) -> None:
        """Print the version and exit."""
        print(f"chatproto {__version__}")  # noqa: T201
        sys.exit(0)

    def parseOptions(self, options: Any = None) -> None:
        """Parse, and check the settings against each other and the file."""
        try:
            super().parseOptions(options)
            self.settings = load(Path(self["config"]) if self["config"] else None, self._flags())
        except usage.UsageError as error:
            sys.exit(f"twistd chat: {str(error).rstrip('.')}; see twistd chat --help")
        except BadSetting as error:
            sys.exit(f"twistd chat: {error}")

    def _flags(self) -> dict[str, str | tuple[str, ...]]:
        flags: dict[str, str | tuple[str, ...]] = {
            each.name: self[_flag(each)] for each in _FIELDS if self[_flag(each)] is not None
        }
        if self.listen:
            flags["listen"] = tuple(self.listen)
        return flags


def makeService(options: Options) -> IService:
    """The whole server, for twistd. Exits with one sentence if a certificate or an endpoint cannot be used."""
    from twisted.internet import reactor  # noqa: PLC0415  # Importing it installs it.

    # Deadlines and rates must not follow the clock on the wall, which may be set: backwards, and all timers would wait
    # for as long; forwards, and everybody would seem silent for as long. Twisted's own clock does (twisted #2424).
    reactor.seconds = time.monotonic  # type: ignore[method-assign]
    try:
        server = make_server(options.settings, reactor)
    except (BadCertificate, BadEndpoint) as error:
        sys.exit(f"twistd chat: {error}")
    except ChatError as error:  # Nobody has asked for anything yet, but for the default room.
        sys.exit(f"twistd chat: default_room: {error}")
    server.take_signals()
    reactor.callWhenRunning(server.take_signals)  # Again, for Twisted takes them when it starts.
    return server


def make_server(settings: Settings, reactor: Any) -> ChatServer:
    """The service tree of one server. Raises `BadCertificate`, `BadEndpoint`, or `ChatError` for the default room."""
    rooms = make_rooms(settings, time.time)
    connections = Connections(reactor, settings.connections.closing_seconds)
    factory = make_factory(settings, reactor, rooms, connections)
    server = ChatServer(reactor, rooms, connections)
    chosen = settings.listen
    for description in chosen.listen:
        server.listen(Listener(described(reactor, description), factory, description))
    if chosen.port is not None or (chosen.tls_port is None and not chosen.listen):
        port = DEFAULT_PORT if chosen.port is None else chosen.port
        server.listen(Listener(DualStackEndpoint(reactor, port), factory, f"TCP port {port}"))
    if chosen.tls_port is not None:
        certificate = RenewedCertificate(_key_pair(settings), reactor)
        server.renew(certificate)
        over_tls = TLSMemoryBIOFactory(certificate, isClient=False, wrappedFactory=factory, clock=reactor)
        server.listen(Listener(DualStackEndpoint(reactor, chosen.tls_port), over_tls, f"TLS port {chosen.tls_port}"))
    return server


def make_rooms(settings: Settings, now: Callable[[], float]) -> RoomService:
    """The chat, with what it remembers and the nodes it is shared with. `now` gives seconds since 1970."""
    return RoomService(Alone(now), MemoryHistory(settings.rooms.history_kept), settings.rooms)


def make_factory(
    settings: Settings, clock: IReactorTime, rooms: RoomService, connections: Connections
) -> IProtocolFactory:
    """What serves a connection, whichever way it comes in."""

    def converse(link: ILink) -> IConversation:
        return PlainConversation(link, rooms, settings.server.greeting)

    lines = LineFactory(clock, settings.connections, connections, converse)
    return Admission(lines, settings.connections.per_address, line_frame(REFUSED))


def _key_pair(settings: Settings) -> KeyPair:
    """The files that the settings name, or the pair that the server makes for itself."""
    cert, key = settings.listen.cert, settings.listen.key
    if not cert:
        return self_signed(state_dir(settings) / "tls")
    return KeyPair(Path(cert), Path(key or cert))
