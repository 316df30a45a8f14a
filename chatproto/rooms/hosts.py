"""What others see of where somebody comes from: enough to ban them by, and not their address."""

from __future__ import annotations

from base64 import b32encode
from hashlib import blake2b
from ipaddress import ip_address, ip_network

LOCAL = "localhost"
"""Who comes from this machine, or by a socket that has no address."""


class Cloak:
    """Without `secret` an address could be found by trying all of them."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def of(self, address: str) -> str:
        """A host name that is the same for all of one IPv4 address, or of one IPv6 network of 64 bits, which is
        commonly one site."""
        try:
            ip = ip_address(address)
        except ValueError:
            return LOCAL
        if ip.is_loopback:
            return LOCAL
        network = ip if ip.version == 4 else ip_network((ip, 64), strict=False)
        digest = blake2b(str(network).encode(), key=self._secret, digest_size=10).digest()
        return f"{b32encode(digest).decode().lower()}.ip"
