"""Clients that show certificates, on real sockets: by whomever these are signed, their fingerprints are known."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import pytest_twisted
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from OpenSSL import SSL, crypto
from twisted.internet.endpoints import SSL4ServerEndpoint
from twisted.internet.ssl import CertificateOptions
from twisted.internet.threads import deferToThread

from chatproto.interfaces import ILink
from chatproto.transports import reception
from chatproto.transports.reception import OverTLS
from chatproto.transports.records import DirectRecords, Records
from chatproto.transports.tls import self_signed
from tests.transports import PATIENCE, Echo, Site, listening, reactor, until
from tests.transports.tls_peer import server_context

PEM = serialization.Encoding.PEM
TLS_1_2, TLS_1_3 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3


class Shown(NamedTuple):
    """A certificate of a client's, in a file with its key and with those that come along."""

    file: Path
    fingerprint: str


class Telling(Echo):
    """Answers each line with the fingerprint of who sent it."""

    def line_received(self, line: bytes) -> Any:
        """Tell it, or a dash."""
        self.link.write((self.link.peer.fingerprint or "-").encode() + b"\r\n")


class Certificate:
    """Shows the one of the tests."""

    def serverConnectionForTLS(self, protocol: object) -> SSL.Connection:
        """A connection over memory buffers."""
        return SSL.Connection(server_context(), None)


@pytest.fixture(params=[Records, DirectRecords], autouse=True)
def kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Either way of calling OpenSSL."""
    monkeypatch.setattr(reception, "records_of", request.param)


def signed(key: Any, days: int, name: str = "ada", by: Any = None, issuer: str = "ada") -> x509.Certificate:
    """A certificate of that key, that is good until so many days from now; by itself, or by another key."""
    subject, signer = (x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, each)]) for each in (name, issuer))
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(signer, subject, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=10)).not_valid_after(now + timedelta(days=days))
    return builder.sign(by or key, hashes.SHA256())


def kept(directory: Path, key: Any, certificates: Iterable[x509.Certificate]) -> Shown:
    """These in a file, the client's own first."""
    first, *others = certificates
    secret = key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file = directory / "client.pem"
    file.write_bytes(secret + b"".join(each.public_bytes(PEM) for each in (first, *others)))
    return Shown(file, first.fingerprint(hashes.SHA256()).hex())


def own(directory: Path) -> Shown:
    """One that is signed by its own key."""
    key = ec.generate_private_key(ec.SECP256R1())
    return kept(directory, key, [signed(key, 10)])


def of_rsa(directory: Path) -> Shown:
    """The same with RSA."""
    key = rsa.generate_private_key(65_537, 2048)
    return kept(directory, key, [signed(key, 10)])


def expired(directory: Path) -> Shown:
    """One that is old."""
    key = ec.generate_private_key(ec.SECP256R1())
    return kept(directory, key, [signed(key, -1)])


def in_a_chain(directory: Path) -> Shown:
    """One that others have signed whom nobody knows."""
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(4)]
    chain = [signed(key, 10, f"n{place}", keys[place + 1], f"n{place + 1}") for place, key in enumerate(keys[:-1])]
    return kept(directory, keys[0], chain)


def context_of(version: ssl.TLSVersion, shown: Shown | None = None) -> ssl.SSLContext:
    """A client that believes any certificate, and may have one."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.minimum_version = context.maximum_version = version
    if shown is not None:
        context.load_cert_chain(shown.file)
    return context


def ask(port: int, context: ssl.SSLContext, session: ssl.SSLSession | None = None) -> tuple[str, Any]:
    """What the server knows a client by, who may want to go on with an earlier session; and its session. Blocks."""
    plain = socket.create_connection(("127.0.0.1", port), PATIENCE)
    with plain, context.wrap_socket(plain, session=session) as tls:
        tls.sendall(b"who am I?\n")
        return tls.recv(100).decode().rstrip(), tls.session


async def told(*clients: tuple[ssl.SSLContext, bool]) -> list[str]:
    """What the server knows each client by, one after the other; those that shall go on with the session before."""
    site = Site(reactor, make=Telling)
    certificate: Any = Certificate()
    answers: list[str] = []
    session = None
    async with listening(OverTLS(lambda: certificate, site.factory, reactor)) as port:
        for context, again in clients:
            answer, session = await deferToThread(ask, port.getHost().port, context, session if again else None)
            answers.append(answer)
        await until(lambda: not len(site.connections), "everybody to be gone")
    return answers


@pytest.mark.parametrize("version", [TLS_1_2, TLS_1_3])
@pytest.mark.parametrize("make", [own, of_rsa, expired, in_a_chain])
@pytest_twisted.ensureDeferred
async def test_shown(version: ssl.TLSVersion, make: Callable[[Path], Shown], tmp_path: Path) -> None:
    """Whoever shows a certificate is known by its fingerprint, whoever signed it and however old it is."""
    shown = make(tmp_path)
    assert await told((context_of(version, shown), False)) == [shown.fingerprint]


@pytest.mark.parametrize("version", [TLS_1_2, TLS_1_3])
@pytest_twisted.ensureDeferred
async def test_none(version: ssl.TLSVersion) -> None:
    """Who has none is served all the same, and has no fingerprint."""
    assert await told((context_of(version), False)) == ["-"]


@pytest.mark.parametrize("version", [TLS_1_2, TLS_1_3])
@pytest_twisted.ensureDeferred
async def test_again(version: ssl.TLSVersion, tmp_path: Path) -> None:
    """Who wants to go on with an earlier session is known as before."""
    shown = own(tmp_path)
    context = context_of(version, shown)
    assert await told((context, False), (context, True), (context, True)) == [shown.fingerprint] * 3


@pytest_twisted.ensureDeferred
async def test_on_an_endpoint_of_twisted(tmp_path: Path) -> None:
    """Where Twisted does TLS it is known as well, and forgotten when the connection is over."""
    shown = own(tmp_path)
    site = Site(reactor, make=Telling)
    links: list[ILink] = []
    pem = self_signed(tmp_path / "server").cert.read_bytes()
    options = CertificateOptions(
        privateKey=crypto.load_privatekey(crypto.FILETYPE_PEM, pem),
        certificate=crypto.load_certificate(crypto.FILETYPE_PEM, pem),
    )
    options.getContext().set_verify(SSL.VERIFY_PEER, lambda *_: True)
    async with listening(site.factory, SSL4ServerEndpoint(reactor, 0, options, interface="127.0.0.1")) as port:
        answer, _ = await deferToThread(ask, port.getHost().port, context_of(TLS_1_3, shown))
        links += [each.link for each in site.conversations]
        await until(lambda: not len(site.connections), "everybody to be gone")
    assert answer == shown.fingerprint
    assert [link.peer.fingerprint for link in links] == [""]
