"""Where connections come from, and what each listener takes: the settings of `[listen]` in chat.toml."""

from __future__ import annotations

from dataclasses import dataclass

from chatproto.setting import setting
from chatproto.transports.first_bytes import IRC, PLAIN, TLS

DEFAULT_PORT = 7000

DIALECTS = (PLAIN, IRC, TLS)
ANYWHERE, LOOPBACK = "anywhere", "loopback"


@dataclass(frozen=True, slots=True)
class ListenSettings:
    """Where connections come from."""

    port: int | None = setting(
        None,
        f"TCP port, for IPv6 and IPv4; 0 lets the system choose. {DEFAULT_PORT} if no listener is given at all.",
        least=0,
        most=65_535,
    )
    dialects: tuple[str, ...] = setting(
        DIALECTS, "What is taken on port: plain lines, IRC, and TLS with the others in it.", choices=DIALECTS
    )
    tls_port: int | None = setting(
        None,
        f"TCP port for TLS 1.2 and later alone. {DEFAULT_PORT} is not open then, unless it is given as well.",
        least=0,
        most=65_535,
    )
    tls_dialects: tuple[str, ...] = setting((PLAIN, IRC), "What is taken inside TLS on tls_port.", choices=(PLAIN, IRC))
    cleartext: str = setting(
        ANYWHERE,
        "From where one may speak without TLS: anywhere, or loopback, which is this machine only.",
        choices=(ANYWHERE, LOOPBACK),
    )
    cert: str = setting(
        "", "Certificate chain for TLS, a PEM file. Empty: a self-signed one is made once, in state_dir."
    )
    key: str = setting("", "Key of that certificate, a PEM file. Empty: it stands in the file of the certificate.")
    listen: tuple[str, ...] = setting(
        (),
        "Twisted endpoint to listen on as well, such as unix:/run/chat.sock, or irc,tls=tcp:6697 for some dialects "
        "only; may be given many times.",
    )

    def __post_init__(self) -> None:
        for name in ("dialects", "tls_dialects"):
            if not getattr(self, name):
                raise ValueError(f"{name} must name at least one")
        self.endpoints()
        if self.tls_port and self.tls_port == self.open_port:
            raise ValueError(f"port and tls_port cannot both be {self.tls_port}; port takes TLS as well")
        if (self.cert or self.key) and not self.takes_tls():
            raise ValueError("cert and key are for TLS, which no listener takes")
        if self.key and not self.cert:
            raise ValueError("key needs the cert that it is the key of")

    @property
    def open_port(self) -> int | None:
        """The port to listen on, if there is one to be."""
        return DEFAULT_PORT if self.port is None and self.tls_port is None and not self.listen else self.port

    @property
    def any_tls_port(self) -> int | None:
        """A port number that clients can reach by TLS, if one is known."""
        return self.tls_port if self.tls_port is not None else self.open_port if TLS in self.dialects else None

    def endpoints(self) -> list[tuple[tuple[str, ...], str]]:
        """Each entry of `listen` as the dialects that it takes, and its endpoint."""
        return [described_listener(entry) for entry in self.listen]

    def asks_for_tls(self) -> bool:
        """Whether somebody wants TLS, and not only leaves it possible: then a certificate must be there."""
        return self.tls_port is not None or bool(self.cert) or any(TLS in takes for takes in self._named())

    def takes_tls(self, *, beside_plain: bool = True) -> bool:
        """Whether there is any listener that takes TLS: one that takes plain lines, too, counts if `beside_plain`."""
        counted = [takes for takes in self._taken() if beside_plain or PLAIN not in takes]
        return self.tls_port is not None or any(TLS in takes for takes in counted)

    def names_tls_beside_plain(self) -> bool:
        """Whether somebody has said of a listener that it takes both."""
        return any({PLAIN, TLS} <= set(takes) for takes in self._named())

    def _taken(self) -> list[tuple[str, ...]]:
        """What each listener but `tls_port` takes."""
        on_port = [] if self.open_port is None else [self.dialects]
        return [*on_port, *(takes for takes, _ in self.endpoints())]

    def _named(self) -> list[tuple[str, ...]]:
        """The same of those where somebody has said what it is."""
        on_port = [] if self.open_port is None or self.dialects == DIALECTS else [self.dialects]
        entries = zip(self.listen, self.endpoints(), strict=True)
        return [*on_port, *(takes for entry, (takes, endpoint) in entries if entry != endpoint)]


def described_listener(entry: str) -> tuple[tuple[str, ...], str]:
    """An entry of `listen` as the dialects that it takes, and its endpoint: `irc,tls=tcp:6697`. Without such words
    before it an endpoint takes all dialects. Raises `ValueError` for other words."""
    before, equals, endpoint = entry.partition("=")
    if not equals or ":" in before:  # The = belongs to the endpoint.
        return DIALECTS, entry
    words = tuple(before.split(","))
    for word in words:
        if word not in DIALECTS:
            raise ValueError(f"listen = {entry!r}: {word!r} is no dialect; there are: {', '.join(DIALECTS)}")
    return words, endpoint
