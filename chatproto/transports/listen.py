"""Where connections come from: the server's own ports, and any endpoint that Twisted can describe."""

from __future__ import annotations

import os
import re
import socket
from contextlib import suppress

from OpenSSL import SSL
from twisted.application.service import Service
from twisted.internet import tcp
from twisted.internet.defer import Deferred, fail
from twisted.internet.endpoints import AdoptedStreamServerEndpoint, serverFromString
from twisted.internet.error import CannotListenError
from twisted.internet.interfaces import IListeningPort, IProtocolFactory, IReactorSocket, IStreamServerEndpoint
from twisted.logger import Logger
from twisted.protocols.policies import WrappingFactory
from twisted.python.failure import Failure
from zope.interface import implementer

from chatproto.transports.readiness import Readiness

_log = Logger()

BACKLOG = 1024
"""Connections that may wait to be accepted. Twisted's own 50 stalls a burst of them for seconds (twisted #3290)."""


@implementer(IStreamServerEndpoint)
class DualStackEndpoint:
    """One TCP port for IPv6 and IPv4 together; for IPv4 alone where the machine has no IPv6. Port 0 lets the system
    choose one. The system's own `bindv6only` and the platform's habits do not matter."""

    def __init__(self, reactor: IReactorSocket, port: int) -> None:
        self._reactor = reactor
        self._port = port

    def listen(self, factory: IProtocolFactory) -> Deferred[IListeningPort]:
        """The listening port. Fails with `CannotListenError`."""
        both = socket.has_dualstack_ipv6()
        family = socket.AF_INET6 if both else socket.AF_INET
        try:
            listening = socket.create_server(("", self._port), family=family, backlog=BACKLOG, dualstack_ipv6=both)
        except OSError as error:
            return fail(CannotListenError("", self._port, os.strerror(error.errno or 0)))
        listening.setblocking(False)  # noqa: FBT003
        opened: Deferred[IListeningPort] = AdoptedStreamServerEndpoint(
            self._reactor, listening.detach(), family
        ).listen(factory)
        return opened


KEEPALIVE = {"TCP_KEEPIDLE": 60, "TCP_KEEPALIVE": 60, "TCP_KEEPINTVL": 15, "TCP_KEEPCNT": 4}
"""Seconds until the system asks a silent peer's system whether it is there, seconds until it asks again, and how often:
a peer whose network is gone is lost after two minutes, where the system's default is two hours. Systems that have no
TCP_KEEPIDLE call it TCP_KEEPALIVE."""


def _watch_peers(listening: socket.socket) -> None:
    """Connections have what their listening socket has."""
    if listening.family in (socket.AF_INET, socket.AF_INET6):
        for name, value in KEEPALIVE.items():
            with suppress(OSError, AttributeError):
                listening.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


def _shown(address: object) -> str:
    """An address as people write it."""
    host, port = getattr(address, "host", None), getattr(address, "port", None)
    if host is None:
        name = getattr(address, "name", None)  # Of a Unix socket.
        return os.fsdecode(name) if name else str(address)
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


class BadEndpoint(Exception):
    """Something that cannot be listened on; `str(error)` says what and why."""


def described(reactor: object, description: str) -> IStreamServerEndpoint:
    """The endpoint that a string describes, in Twisted's language of them. Raises `BadEndpoint`."""
    try:
        WrappingFactory.noisy = False  # Those of ssl: and haproxy: announce what the port has announced.
        endpoint: IStreamServerEndpoint = serverFromString(reactor, description)
    except (
        ValueError,
        TypeError,
        LookupError,
        AttributeError,
        OSError,
        SSL.Error,
    ) as error:  # Whatever a parser meets.
        raise BadEndpoint(f"{description!r} is no endpoint that can be used: {_why(error)}") from error
    return endpoint


_NO_NUMBER = re.compile(r"invalid literal for int\(\) with base \d+: (.*)")


def _why(error: object) -> str:
    """What is wrong, in no words of Python's where they can be told."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror if error.filename is None else f"{error.filename}: {error.strerror}"
    if isinstance(error, TypeError):
        return "it has not the parts that this kind of endpoint has"
    no_number = _NO_NUMBER.fullmatch(str(error))
    return f"{no_number[1]} is no whole number" if no_number else str(error)


class Listener(Service):
    """Listens while the server runs. Privileged ports are opened before twistd gives its privileges up.

    Starting raises `BadEndpoint` if the endpoint cannot be listened on.
    """

    def __init__(
        self,
        endpoint: IStreamServerEndpoint,
        factory: IProtocolFactory,
        what: str,
        readiness: Readiness | None = None,
    ) -> None:
        self._endpoint = endpoint
        self._readiness = readiness
        self._factory = factory
        self._what = what
        self._listening: Deferred[IListeningPort] | None = None
        self._failure: Failure | None = None
        self._starting = False
        self.port: IListeningPort | None = None

    def privilegedStartService(self) -> None:
        """Listen."""
        super().privilegedStartService()
        self._starting = True
        self._listening = self._endpoint.listen(self._factory)
        self._listening.addCallbacks(self._opened, self._failed)
        if self._failure is not None:
            error = self._failure.value
            self._failure = self._listening = None
            raise BadEndpoint(f"cannot listen on {self._what}: {_why(getattr(error, 'socketError', error))}") from error
        self._starting = False

    def startService(self) -> None:
        """Listen, if that was not done with privileges."""
        super().startService()
        if self._listening is None:
            self.privilegedStartService()

    def stopService(self) -> Deferred[None] | None:
        """Listen no more. Connections stay."""
        super().stopService()
        port, self.port, self._listening = self.port, None, None
        return None if port is None else port.stopListening()

    def _failed(self, failure: Failure) -> None:
        """Say so to whoever starts us, or in the log if an endpoint of another package took its time to fail."""
        if self._starting:
            self._failure = failure
        else:
            self._listening = None
            _log.failure("cannot listen on {what}", failure, what=self._what)

    def _opened(self, port: IListeningPort) -> None:
        if self._listening is None:  # Stopped while it was being opened.
            port.stopListening()
            return
        self.port = port
        listening = getattr(port, "socket", None)
        if listening is not None:
            listening.listen(BACKLOG)
            _watch_peers(listening)
        if self._readiness is not None and type(port) is tcp.Port:  # Or whoever made it wants its own transports.
            port.transport = self._readiness.accept  # type: ignore[assignment]  # It calls whatever this is.
        _log.info("{what} is open: {address}", what=self._what, address=_shown(port.getHost()))
