"""Who is at the other end of a connection, as far as the transport knows."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

from twisted.internet.interfaces import IAddress, IHalfCloseableDescriptor, ISSLTransport

from chatproto.interfaces import Peer

NOWHERE = "0.0.0.0"  # noqa: S104  # Nothing listens here.
"""Stands for an address that a proxy told and that is none: no connection can come from it."""


def ip_of(address: IAddress) -> IPv4Address | IPv6Address | None:
    """The IP address in `address`, one that is mapped into IPv6 as the IPv4 address that it is. None for what has none,
    such as a Unix socket. Raises `ValueError` for a host that is no IP address: a proxy may say what it likes."""
    host = getattr(address, "host", None)
    return None if host is None else _ip(str(host))


@lru_cache(maxsize=4096)  # It is asked for several times of each connection, and many come from one address.
def _ip(host: str) -> IPv4Address | IPv6Address:
    ip = ip_address(host.partition("%")[0])
    return ip.ipv4_mapped or ip if isinstance(ip, IPv6Address) else ip


def peer_of(transport: Any) -> Peer:
    """The peer of a connection, as it is known now: behind a proxy, the proxy itself until it has told."""
    secure = ISSLTransport.providedBy(transport)
    fingerprint = fingerprint_of(transport) if secure else ""
    try:
        ip = ip_of(transport.getPeer())
    except ValueError:
        return Peer(NOWHERE, secure, fingerprint)
    return Peer("" if ip is None else str(ip), secure, fingerprint)


def fingerprint_of(transport: Any) -> str:
    """SHA-256 of the certificate that the peer has shown, in hexadecimal digits; empty if it has shown none. That it
    has the key, TLS has made sure of; who signed the certificate nobody has asked."""
    try:
        certificate = transport.getPeerCertificate()
    except AttributeError:  # Twisted's own TLS, once the connection is over.
        return ""
    digest: bytes = certificate.digest("sha256") if certificate is not None else b""
    return digest.decode().replace(":", "").lower()


def can_half_close(transport: Any) -> bool:
    """Whether our sending side can be closed while the peer sends still."""
    # TLS claims what its socket can; its own end lingers until the peer consents, and is told as an end.
    return IHalfCloseableDescriptor.providedBy(transport) and not ISSLTransport.providedBy(transport)
