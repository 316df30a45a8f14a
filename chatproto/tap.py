"""`twistd chat`: from options to a tree of services. The one place where the parts of the server are put together."""

from __future__ import annotations

import select
import sys
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

from twisted.application.service import IService
from twisted.internet.interfaces import IOpenSSLServerConnectionCreator, IProtocolFactory, IReactorTime
from twisted.logger import Logger

from chatproto import __version__, motd
from chatproto.accounts.configured import Operators, Secret
from chatproto.accounts.hashing import Hashing, threads
from chatproto.accounts.login import Logins
from chatproto.accounts.secret import BadSecret
from chatproto.accounts.site import BadAuth, SiteAccounts, SiteLogins, checkers
from chatproto.accounts.source import Accounts
from chatproto.accounts.throttle import Throttle
from chatproto.backplanes.alone import Alone
from chatproto.config import Settings, state_dir
from chatproto.dialects.irc.conversation import IrcConversation
from chatproto.dialects.irc.message import LONGEST as IRC_LINE
from chatproto.dialects.irc.server import IrcServer, Surroundings
from chatproto.dialects.plain import REFUSED, PlainConversation
from chatproto.dialects.turned_away import IRC_ONLY_TLS, IRC_REFUSED, ONLY_TLS, TurnedAway
from chatproto.errors import ChatError
from chatproto.interfaces import IAccounts, IConversation, ILink
from chatproto.keeping import Keeping, in_memory, keep
from chatproto.options import Options
from chatproto.rooms.hosts import Cloak
from chatproto.rooms.names import key_of, person
from chatproto.rooms.operators import CheckOperator
from chatproto.rooms.service import RoomService
from chatproto.server import ChatServer
from chatproto.stores.database import StoreRefused
from chatproto.transports.connections import Connections
from chatproto.transports.first_bytes import IRC, PLAIN
from chatproto.transports.limits import LinkLimits
from chatproto.transports.line import line_frame
from chatproto.transports.line_factory import LineFactory, MakeConversation
from chatproto.transports.listen import BadEndpoint, DualStackEndpoint, Listener, described
from chatproto.transports.listeners import LOOPBACK, ListenSettings
from chatproto.transports.readiness import Readiness
from chatproto.transports.reception import Reception, Spoken
from chatproto.transports.tls import BadCertificate, KeyPair, RenewedCertificate, self_signed
from chatproto.transports.turn import Turn

_log = Logger()


def makeService(options: Options) -> IService:
    """The whole server, for twistd. Exits with one sentence if a certificate or an endpoint cannot be used."""
    from twisted.internet import reactor  # noqa: PLC0415  # Importing it installs it.

    # Deadlines and rates must not follow the clock on the wall, which may be set: backwards, and all timers would wait
    # for as long; forwards, and everybody would seem silent for as long. Twisted's own clock does (twisted #2424).
    reactor.seconds = time.monotonic  # type: ignore[method-assign]
    try:
        server = make_server(options.settings, reactor)
    except (BadAuth, BadCertificate, BadEndpoint, BadSecret, StoreRefused, motd.BadMotd) as error:
        sys.exit(f"twistd chat: {error}")
    except ChatError as error:  # Nobody has asked for anything yet, but for the default room.
        sys.exit(f"twistd chat: default_room: {error}")
    server.take_signals()
    reactor.callWhenRunning(server.take_signals)  # Again, for Twisted takes them when it starts.
    return server


def make_server(settings: Settings, reactor: Any) -> ChatServer:
    """The service tree of one server. Raises `BadAuth`, `BadCertificate`, `BadEndpoint`, `BadMotd`, `BadSecret`,
    `StoreRefused`, or `ChatError` for the default room."""
    keeping = keep(settings, reactor, time.time)
    accounts = make_accounts(settings, reactor, keeping)
    rooms = make_rooms(settings, time.time, accounts, keeping)
    rooms.owned.load(keeping.names)
    connections = Connections(reactor, settings.connections.closing_seconds)
    server = ChatServer(reactor, rooms, connections, keeping)
    certificate = _certificate(settings, reactor, server)
    turn = Turn(reactor)
    dialects = {
        PLAIN: _plain(settings, rooms, _check_operator(settings, accounts.logins)),
        IRC: _irc(settings, rooms, connections, server, accounts.logins, turn),
    }
    reception = make_reception(settings, reactor, connections, certificate, dialects, turn)
    readiness = Readiness(reactor, turn) if hasattr(select, "epoll") else None
    for listener in _listeners(settings.listen, reactor, reception, readiness):
        server.listen(listener)
    if settings.listen.asks_for_tls():
        certificate()
    return server


def _listeners(
    chosen: ListenSettings, reactor: Any, reception: Reception, readiness: Readiness | None
) -> Iterator[Listener]:
    for takes, description in chosen.endpoints():
        yield Listener(described(reactor, description), reception.cleartext(takes), description, readiness)
    if chosen.open_port is not None:
        endpoint = DualStackEndpoint(reactor, chosen.open_port)
        yield Listener(endpoint, reception.cleartext(chosen.dialects), f"TCP port {chosen.open_port}", readiness)
    if chosen.tls_port is not None:
        endpoint = DualStackEndpoint(reactor, chosen.tls_port)
        yield Listener(endpoint, reception.tls(chosen.tls_dialects), f"TLS port {chosen.tls_port}", readiness)


def make_accounts(settings: Settings, reactor: Any, keeping: Keeping) -> Accounts:
    """The accounts of the server, or those of the site. Passwords are hashed on threads that live as long as `reactor`
    runs. Raises `BadAuth`."""
    hashing = Hashing(settings.accounts, threads(reactor, settings.accounts), keeping.secret)
    throttle = Throttle(settings.accounts, reactor.seconds)
    logins = Logins(keeping.accounts, hashing, throttle, key_of, time.time)
    if not settings.accounts.auth:
        return Accounts(logins)

    def name_of(text: str) -> tuple[str, str]:
        name = person(text, settings.rooms)
        return name.key, name.shown

    return SiteAccounts(SiteLogins(logins, checkers(settings.accounts.auth), name_of, reactor))


def make_rooms(
    settings: Settings, now: Callable[[], float], accounts: IAccounts | None = None, keeping: Keeping | None = None
) -> RoomService:
    """The chat, with what it remembers and the nodes it is shared with; in memory, if nothing is given for it. `now`
    gives seconds since 1970."""
    keeping = keeping or in_memory(settings)
    backplane, records, markers = Alone(now, keeping.since), keeping.records, keeping.markers
    rooms = RoomService(
        backplane, keeping.history, settings.rooms, now, accounts=accounts, records=records, markers=markers
    )
    rooms.cloak = Cloak(blake2b(keeping.secret, person=b"cloaks of hosts").digest())
    return rooms


def _check_operator(settings: Settings, logins: Logins) -> CheckOperator:
    return Operators(settings.operators, logins.hashing, logins.throttle).check


def _plain(settings: Settings, rooms: RoomService, check_operator: CheckOperator | None = None) -> MakeConversation:
    return lambda link: PlainConversation(link, rooms, settings.server.greeting, check_operator)


def _irc(
    settings: Settings,
    rooms: RoomService,
    connections: Connections,
    server: ChatServer,
    logins: Logins,
    turn: Turn,
) -> MakeConversation:
    """Blocks to read the message of the day. Raises `BadMotd`."""
    surroundings = Surroundings(
        check_operator=_check_operator(settings, logins),
        check_password=Secret(settings.irc.password, logins.hashing).check,
        connections=lambda: len(connections),
        reload=server.reload,
        markers=server.keeping.markers,
        turns=turn.times.ask,
        sts_port=settings.irc.sts_port or settings.listen.any_tls_port or 0,
        version=__version__,
    )
    irc = IrcServer(rooms, settings.irc, surroundings)
    if settings.irc.motd:
        file = Path(settings.irc.motd)
        irc.motd = motd.read(file)
        server.on_reload(lambda: _read_motd(irc, file))
    return lambda link: IrcConversation(link, irc)


def _read_motd(irc: IrcServer, file: Path) -> str:
    try:
        irc.motd = motd.read(file)
    except motd.BadMotd as bad:
        _log.error("the message of the day stays as it was: {bad}", bad=str(bad))
        return f"The message of the day stays as it was: {bad}"
    return ""


def make_factory(
    settings: Settings,
    clock: IReactorTime,
    rooms: RoomService,
    connections: Connections,
    takes: Collection[str] = (PLAIN,),
    make_irc: MakeConversation | None = None,
) -> IProtocolFactory:
    """What serves the connections of one listener that has no TLS, whichever way they come in. Nobody becomes an
    operator of the server on plain lines."""
    plain = _plain(settings, rooms)
    dialects = {PLAIN: plain, IRC: make_irc or plain}
    return make_reception(settings, clock, connections, _no_certificate, dialects, Turn(clock)).cleartext(takes)


def make_reception(
    settings: Settings,
    clock: IReactorTime,
    connections: Connections,
    certificate: Callable[[], IOpenSSLServerConnectionCreator],
    make: Mapping[str, MakeConversation],
    turn: Turn,
) -> Reception:
    """What makes the factories of all listeners. `make` has both dialects by their names."""
    limits = settings.connections
    loopback = settings.listen.cleartext == LOOPBACK

    def spoken(limits: LinkLimits, make: MakeConversation, full: str, only_tls: str) -> Spoken:
        checked = _encrypted(make, only_tls) if loopback else make
        told = LineFactory(clock, limits, connections, lambda link: TurnedAway(link, full), turn)
        return Spoken(LineFactory(clock, limits, connections, checked, turn), line_frame(full), told)

    dialects = {
        PLAIN: spoken(limits, make[PLAIN], REFUSED, ONLY_TLS),
        IRC: spoken(limits.for_lines_of(IRC_LINE), make[IRC], IRC_REFUSED, IRC_ONLY_TLS),
    }
    return Reception(clock, limits, connections, dialects, certificate, settings.listen.tls_dialects)


def _encrypted(make: MakeConversation, refusal: str) -> MakeConversation:
    """Conversations with those who are on TLS or on this machine; `refusal` for all others."""

    def converse(link: ILink) -> IConversation:
        return make(link) if link.peer.secure or link.peer.local else TurnedAway(link, refusal)

    return converse


def _certificate(settings: Settings, reactor: Any, server: ChatServer) -> Callable[[], RenewedCertificate]:
    """Reads the one certificate of the server when it is first asked for, and has the server renew it. That blocks for
    some milliseconds, and raises `BadCertificate`."""

    @cache
    def certificate() -> RenewedCertificate:
        read = RenewedCertificate(_key_pair(settings), reactor)
        server.renew(read)
        return read

    return certificate


def _no_certificate() -> IOpenSSLServerConnectionCreator:
    raise BadCertificate("there is no certificate")


def _key_pair(settings: Settings) -> KeyPair:
    """The files that the settings name, or the pair that the server makes for itself."""
    cert, key = settings.listen.cert, settings.listen.key
    if not cert:
        return self_signed(state_dir(settings) / "tls")
    return KeyPair(Path(cert), Path(key or cert))
