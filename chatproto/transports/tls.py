"""TLS for the server's own listeners: certificates that are renewed in place, or made when there are none."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socket import gethostname
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from OpenSSL import SSL, crypto
from twisted.application.service import Service
from twisted.internet.interfaces import IOpenSSLServerConnectionCreator, IReactorTime
from twisted.internet.ssl import CertificateOptions, TLSVersion
from twisted.internet.task import LoopingCall
from twisted.logger import Logger
from twisted.protocols.tls import TLSMemoryBIOProtocol
from zope.interface import implementer

_log = Logger()

LOOK_SECONDS = 30.0
"""How often certificate files are looked at; a renewed one is used within twice this time."""

SELF_SIGNED_DAYS = 3650


Parsed = TypeVar("Parsed")


class BadCertificate(Exception):
    """A certificate or key that cannot be used; `str(error)` says which file and why."""


class KeyPair:
    """The files a certificate chain and its key are kept in; they may be one file."""

    def __init__(self, cert: Path, key: Path) -> None:
        self.cert = cert
        self.key = key

    def load(self) -> SSL.Context:
        """A context for TLS 1.2 and later that shows this chain. Blocks to read the files. Raises `BadCertificate`."""
        try:
            chain = _read(self.cert, x509.load_pem_x509_certificates, "PEM certificate")
            key = _read(self.key, lambda data: serialization.load_pem_private_key(data, None), "PEM key")
            first, *others = map(crypto.X509.from_cryptography, chain)
            options = CertificateOptions(
                privateKey=crypto.PKey.from_cryptography_key(key),  # type: ignore[arg-type]  # any kind OpenSSL knows
                certificate=first,
                extraCertChain=others,
                raiseMinimumTo=TLSVersion.TLSv1_2,
            )
            context = options.getContext()
            # Twisted's own choice ends the handshake of every client that offers protocols (ALPN, RFC 7301).
            context.set_alpn_select_callback(lambda connection, offered: SSL.NO_OVERLAPPING_PROTOCOLS)
            context.set_options(SSL.OP_NO_RENEGOTIATION)  # Of TLS 1.2: a handshake costs us more than who asks for it.
            # Clients may show any certificate: it is known by its fingerprint (SASL EXTERNAL).
            context.set_verify(SSL.VERIFY_PEER, lambda connection, certificate, error, depth, known: True)
            context.set_verify_depth(0)  # Nor is time spent on those of who signed it.
            context.check_privatekey()
        except (ValueError, TypeError, SSL.Error, crypto.Error) as error:
            raise BadCertificate(f"{self.cert} and {self.key} cannot be used together: {_why(error)}") from error
        return context

    def changed(self) -> tuple[int, ...]:
        """What is different once a file was replaced. Blocks to look. Files that are missing, or that cannot be found
        since privileges were given up, count as old."""
        return tuple(map(_changed, (self.cert, self.key)))


@implementer(IOpenSSLServerConnectionCreator)
class RenewedCertificate(Service):
    """Shows clients the key pair in its files, and the new one once they are replaced. Open connections go on as they
    are. A pair that cannot be used is refused with a log line, and the one before it stays.

    Raises `BadCertificate` when made.
    """

    def __init__(self, pair: KeyPair, clock: IReactorTime) -> None:
        self._pair = pair
        self._seen = pair.changed()
        self._context = pair.load()
        self._look = LoopingCall(self.look)
        self._look.clock = clock

    def serverConnectionForTLS(self, protocol: TLSMemoryBIOProtocol) -> SSL.Connection:
        """A connection over memory buffers, as Twisted wants it."""
        return SSL.Connection(self._context, None)

    def startService(self) -> None:
        """Begin to look at the files now and then."""
        super().startService()
        self._announce()
        looking = self._look.start(LOOK_SECONDS, now=False)
        looking.addErrback(lambda failure: _log.failure("certificates are not looked at any more", failure))

    def stopService(self) -> None:
        """Look no more."""
        super().stopService()
        if self._look.running:
            self._look.stop()

    def look(self) -> None:
        """Use the files if they were replaced."""
        seen = self._pair.changed()
        if seen != self._seen:
            self.reload()

    def reload(self) -> str:
        """Use the files as they are now, whether or not they changed. Returns why not, or an empty text."""
        self._seen = self._pair.changed()
        try:
            self._context = self._pair.load()
        except BadCertificate as bad:
            _log.error("the certificate stays as it was: {bad}", bad=str(bad))
            return f"The certificate stays as it was: {bad}"
        self._announce()
        return ""

    def _announce(self) -> None:
        # The file itself may be closed to us since privileges were given up.
        shown = SSL.Connection(self._context, None).get_certificate(as_cryptography=True)
        fingerprint = shown.fingerprint(hashes.SHA256()).hex(":").upper() if shown else ""
        _log.info("certificate: {cert}, SHA-256 {fingerprint}", cert=self._pair.cert, fingerprint=fingerprint)


def self_signed(directory: Path, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> KeyPair:
    """The pair that the server made for itself in `directory`; made now if it is not there. Blocks to do so.
    Raises `BadCertificate` if it can be neither read nor made."""
    pair = KeyPair(directory / "self-signed.pem", directory / "self-signed.pem")
    if not pair.cert.exists():
        try:
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write_private(pair.cert, _make(now()))
        except OSError as error:
            raise BadCertificate(f"{pair.cert} cannot be made: {_why(error)}") from error
    return pair


def _make(now: datetime) -> bytes:
    """A key and its certificate, in PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    host = gethostname() or "localhost"
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host[:64])])
    names = x509.SubjectAlternativeName([x509.DNSName(each) for each in dict.fromkeys((host, "localhost"))])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=SELF_SIGNED_DAYS))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    encoding = serialization.Encoding.PEM
    secret = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return secret + certificate.public_bytes(encoding)


def _write_private(path: Path, data: bytes) -> None:
    """Write a file that only its owner reads, whole or not at all."""
    half = path.with_suffix(".new")
    half.unlink(missing_ok=True)
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
    half.rename(path)


def _read(path: Path, parse: Callable[[bytes], Parsed], what: str) -> Parsed:
    """What is in a file. Raises `BadCertificate`."""
    try:
        return parse(path.read_bytes())
    except ValueError as error:  # Its own words are about how the library is called.
        raise BadCertificate(f"{path} cannot be used: it is no {what}") from error
    except (OSError, TypeError, UnsupportedAlgorithm) as error:
        raise BadCertificate(f"{path} cannot be used: {_why(error)}") from error


def _changed(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def _why(error: Exception) -> str:
    """One line of an error that may have several, or none."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    if isinstance(error, SSL.Error | crypto.Error) and error.args and error.args[0]:
        return str(error.args[0][-1][-1])  # The last of OpenSSL's own errors, each with library, function and reason.
    return (str(error).splitlines() or [""])[0] or type(error).__name__
