"""What a listener takes: some dialects, told apart by their first bytes, in cleartext and over TLS."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple

from twisted.internet.interfaces import (
    IAddress,
    IOpenSSLServerConnectionCreator,
    IProtocolFactory,
    IReactorTime,
)
from twisted.internet.protocol import Factory
from twisted.logger import Logger

from chatproto.transports import first_bytes
from chatproto.transports.admission import MOST_HEARD, Admission, Places, WaitingRoom
from chatproto.transports.connections import Connections
from chatproto.transports.first_bytes import IRC, PLAIN, TLS
from chatproto.transports.limits import LinkLimits
from chatproto.transports.line_factory import LineFactory
from chatproto.transports.records import records_of
from chatproto.transports.sniff import Row, Sniff
from chatproto.transports.tls import BadCertificate
from chatproto.transports.tls_connection import TLSConnection

_log = Logger()


class Spoken(NamedTuple):
    """A dialect that connections can speak."""

    factory: LineFactory
    refusal: bytes
    """What a connection is told that is one too many."""
    turned_away: LineFactory
    """Tells it that, and closes it."""


class Nobody(Factory):
    """Has no protocol for anybody: connections are closed."""

    noisy = False

    def buildProtocol(self, addr: IAddress | None) -> None:
        """None."""


class OverTLS(Factory):
    """TLS, and in it whatever `wrapped` serves. The certificate is asked for when it is first needed; without one,
    connections are closed."""

    noisy = False

    def logPrefix(self) -> str:
        """What Twisted calls the server in its log."""
        return "chat"

    def __init__(
        self, certificate: Callable[[], IOpenSSLServerConnectionCreator], wrapped: IProtocolFactory, clock: IReactorTime
    ) -> None:
        self._certificate = certificate
        self._wrapped = wrapped
        self._clock = clock
        self._shown: IOpenSSLServerConnectionCreator | None = None
        self._in_vain = False

    def buildProtocol(self, addr: IAddress | None) -> TLSConnection | None:
        """The server's side of a TLS connection; None if there is no certificate to show."""
        if self._shown is None and not self._in_vain:
            self._begin()
        if self._shown is None:
            return None
        inner = self._wrapped.buildProtocol(addr)  # type: ignore[arg-type]  # The interface is stricter than Factory.
        if inner is None:
            return None
        connection = self._shown.serverConnectionForTLS(None)  # type: ignore[arg-type]  # Ours asks nobody.
        return TLSConnection(records_of(connection), inner, self._clock)

    def _begin(self) -> None:
        """Told in the log once: whoever connects shall not fill it."""
        try:
            self._shown = self._certificate()
        except BadCertificate as bad:
            self._in_vain = True
            _log.error("no TLS until the server is started again: {bad}", bad=str(bad))


class Reception:
    """Makes the factories of all listeners of one server. They share what is counted, and the dialects' own factories.

    `spoken` are the dialects by name. `inside_tls` is what TLS holds where a listener takes nothing else.
    """

    def __init__(
        self,
        clock: IReactorTime,
        limits: LinkLimits,
        connections: Connections,
        spoken: Mapping[str, Spoken],
        certificate: Callable[[], IOpenSSLServerConnectionCreator],
        inside_tls: Collection[str],
    ) -> None:
        self._clock = clock
        self._limits = limits
        self._connections = connections
        self._spoken = spoken
        self._certificate = certificate
        self._inside_tls = inside_tls
        self._places = Places(limits.per_address)
        self._heard = Places(MOST_HEARD)

    def cleartext(self, takes: Collection[str]) -> IProtocolFactory:
        """For a listener where connections arrive as they are, and may begin TLS if it `takes` "tls"."""
        dialects = [each for each in takes if each != TLS]
        wrapped = self._over_tls(dialects or self._inside_tls) if TLS in takes else None
        if wrapped is None or dialects:
            wrapped = self._sniff(dialects, wrapped)
        return self._admit(wrapped, dialects, self._waiting_room(takes) if len(takes) > 1 else None)

    def tls(self, takes: Collection[str]) -> IProtocolFactory:
        """For a port of TLS alone."""
        admitted = self._admit(self._sniff(takes, None), takes)
        return OverTLS(self._certificate, admitted, self._clock)

    def _over_tls(self, takes: Collection[str]) -> IProtocolFactory:
        return OverTLS(self._certificate, self._sniff(takes, None), self._clock)

    def _admit(
        self, wrapped: IProtocolFactory, dialects: Collection[str], waiting_room: WaitingRoom | None = None
    ) -> Admission:
        """People read the refusal, where they may come; where only TLS may come, nobody could."""
        first = PLAIN if PLAIN in dialects else IRC
        return Admission(wrapped, self._places, self._spoken[first].refusal if dialects else b"", waiting_room)

    def _waiting_room(self, takes: Collection[str]) -> WaitingRoom:
        """For those who are told in their own words that they are too many, as soon as it is known which; who is silent
        waits as long as for a greeting. Those who begin TLS are closed."""
        rows = [Row(TLS, first_bytes.tls, Nobody())] if TLS in takes else []
        if PLAIN in takes and IRC in takes:
            rows.append(Row(IRC, first_bytes.irc, self._spoken[IRC].turned_away))
        otherwise = self._spoken[PLAIN if PLAIN in takes else IRC].turned_away
        patience = self._limits.sniff_seconds
        return WaitingRoom(Sniff(self._clock, self._limits, self._connections, rows, otherwise, patience), self._heard)

    def _sniff(self, dialects: Collection[str], tls: IProtocolFactory | None) -> Sniff:
        plain = PLAIN in dialects
        rows = [] if tls is None else [Row(TLS, first_bytes.tls, tls)]
        if plain and IRC in dialects:
            rows.append(Row(IRC, first_bytes.irc, self._spoken[IRC].factory, first_bytes.irc_after_greeting))
        otherwise = self._spoken[PLAIN if plain else IRC].factory
        patience = self._limits.sniff_seconds if plain else None
        return Sniff(self._clock, self._limits, self._connections, rows, otherwise, patience)
