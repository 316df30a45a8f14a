"""TLS on the server's own listeners: what is shown, what is refused, and how a certificate is renewed in place."""

from __future__ import annotations

import contextlib
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import pytest_twisted
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from OpenSSL import SSL
from twisted.internet.endpoints import SSL4ClientEndpoint
from twisted.internet.error import ConnectionDone
from twisted.internet.protocol import Factory
from twisted.internet.ssl import CertificateOptions
from twisted.internet.task import Clock
from twisted.logger import ILogObserver, LogEvent, globalLogPublisher
from twisted.trial.unittest import SynchronousTestCase

from chatproto.events import Ending
from chatproto.transports.http import REFUSAL
from chatproto.transports.limits import LinkLimits
from chatproto.transports.reception import OverTLS
from chatproto.transports.tls import LOOK_SECONDS, BadCertificate, KeyPair, RenewedCertificate, self_signed
from tests.transports import LOCALHOST, Client, Site, listening, reactor, until

PEM = serialization.Encoding.PEM


class Authority:
    """Someone who signs certificates: a chain of two comes with each."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.certificate = self._sign("authority", self.key)

    def issue(self, name: str) -> tuple[bytes, bytes]:
        """A chain and its key, both in PEM."""
        key = ec.generate_private_key(ec.SECP256R1())
        chain = self._sign(name, key).public_bytes(PEM) + self.certificate.public_bytes(PEM)
        return chain, key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())

    def _sign(self, name: str, key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
        subject, issuer = (
            x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, each)]) for each in (name, "authority")
        )
        now = datetime.now(UTC)
        builder = x509.CertificateBuilder(issuer, subject, key.public_key(), x509.random_serial_number())
        builder = builder.not_valid_before(now).not_valid_after(now + timedelta(days=1))
        return builder.sign(self.key, hashes.SHA256())


def shake_hands(certificate: RenewedCertificate, context: SSL.Context | None = None) -> SSL.Connection:
    """A client that has shaken hands with the server, in memory. Raises `SSL.Error` if one of them would not."""
    ours: Any = certificate.serverConnectionForTLS(None)  # type: ignore[arg-type]
    theirs = SSL.Connection(context or SSL.Context(SSL.TLS_CLIENT_METHOD), None)
    ours.set_accept_state()
    theirs.set_connect_state()
    waiting = [theirs, ours]
    for _ in range(10):
        for each, other in ((theirs, ours), (ours, theirs)):
            try:
                each.do_handshake()
            except SSL.WantReadError:
                pass
            else:
                waiting = [side for side in waiting if side is not each]
            with contextlib.suppress(SSL.WantReadError):  # trial takes a module's `suppress` for its own.
                other.bio_write(each.bio_read(100_000))
    assert not waiting, "no handshake came about"
    return theirs


def shown(certificate: RenewedCertificate) -> list[str]:
    """The names in the chain that clients are shown."""
    chain = shake_hands(certificate).get_peer_cert_chain(as_cryptography=True)
    assert chain is not None
    return [str(each.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)[0].value) for each in chain]


class WithFiles(SynchronousTestCase):
    """A directory with a chain and its key in it."""

    def setUp(self) -> None:
        """Make them."""
        directory = TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = Path(directory.name)
        self.authority = Authority()
        self.cert, self.key = self.directory / "cert.pem", self.directory / "key.pem"
        self.pair = KeyPair(self.cert, self.key)
        self.age = 0
        self.replace("first.example")

    def replace(self, name: str) -> None:
        """Put another chain and its key in the place of those there are."""
        chain, key = self.authority.issue(name)
        self.write(self.cert, chain)
        self.write(self.key, key)

    def write(self, path: Path, data: bytes) -> None:
        """Replace a file at once, as tools that renew certificates do. File systems tell times apart badly."""
        new = path.with_suffix(".tmp")
        new.write_bytes(data)
        self.age += 1
        os.utime(new, (self.age, self.age))
        new.rename(path)

    def logged(self) -> list[LogEvent]:
        """What is logged from now on."""
        events: list[LogEvent] = []
        observer = cast("ILogObserver", events.append)
        globalLogPublisher.addObserver(observer)
        self.addCleanup(globalLogPublisher.removeObserver, observer)
        return events


class Loading(WithFiles):
    """Which files can be used."""

    def refused(self, pair: KeyPair, what: str) -> str:
        """The sentence that says why `what` cannot be used."""
        with self.assertRaises(BadCertificate) as raised:
            RenewedCertificate(pair, Clock())
        sentence = str(raised.exception)
        self.assertTrue(sentence.startswith(f"{what} cannot be used"), sentence)
        self.assertNotIn("\n", sentence)
        return sentence

    def test_whole_chain_is_shown(self) -> None:
        """Clients get every certificate of the file, in its order."""
        self.assertEqual(shown(RenewedCertificate(self.pair, Clock())), ["first.example", "authority"])

    def test_protocols_that_clients_offer(self) -> None:
        """Clients that offer protocols (ALPN) are served as those that do not; none is chosen."""
        for offered in ([b"irc"], [b"h2", b"http/1.1"]):
            context = SSL.Context(SSL.TLS_CLIENT_METHOD)
            context.set_alpn_protos(offered)
            client = shake_hands(RenewedCertificate(self.pair, Clock()), context)
            self.assertEqual(client.get_alpn_proto_negotiated(), b"")

    def test_who_signed_a_clients_certificate(self) -> None:
        """Of a client's certificates only the first is looked at: others cost time, and nobody asks who signed it."""
        self.assertEqual(self.pair.load().get_verify_depth(), 0)

    def test_one_file_for_both(self) -> None:
        """Certificate and key may stand in one file, in either order."""
        chain, key = self.cert.read_bytes(), self.key.read_bytes()
        for whole in (chain + key, key + chain):
            self.write(self.cert, whole)
            pair = KeyPair(self.cert, self.cert)
            self.assertEqual(shown(RenewedCertificate(pair, Clock())), ["first.example", "authority"])

    def test_missing_file(self) -> None:
        """Either file that is not there is told."""
        none = self.directory / "none.pem"
        self.assertIn("No such file or directory", self.refused(KeyPair(none, self.key), str(none)))
        self.assertIn("No such file or directory", self.refused(KeyPair(self.cert, none), str(none)))

    def test_file_that_is_no_certificate(self) -> None:
        """Anything else than PEM is told."""
        self.cert.write_text("this is no certificate")
        sentence = self.refused(self.pair, str(self.cert))
        self.assertEqual(sentence, f"{self.cert} cannot be used: it is no PEM certificate")

    def test_file_that_is_no_key(self) -> None:
        """The same holds for the key."""
        self.key.write_bytes(self.cert.read_bytes())
        self.assertEqual(self.refused(self.pair, str(self.key)), f"{self.key} cannot be used: it is no PEM key")

    def test_key_of_another_certificate(self) -> None:
        """A key that does not belong to the certificate is refused."""
        self.key.write_bytes(self.authority.issue("other.example")[1])
        sentence = self.refused(self.pair, f"{self.cert} and {self.key}")
        self.assertTrue(sentence.endswith(" cannot be used together: key values mismatch"), sentence)

    def test_encrypted_key(self) -> None:
        """There is nobody to ask for a password."""
        encryption = serialization.BestAvailableEncryption(b"secret")
        self.key.write_bytes(self.authority.key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, encryption))
        self.assertIn("encrypted", self.refused(self.pair, str(self.key)))

    def test_key_that_no_tls_takes(self) -> None:
        """A kind of key that is not for TLS is refused, not an error of ours."""
        key = X25519PrivateKey.generate()
        self.key.write_bytes(key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
        self.refused(self.pair, f"{self.cert} and {self.key}")

    def test_versions(self) -> None:
        """TLS 1.2 and 1.3 are spoken, TLS 1.1 is refused by the server."""
        certificate = RenewedCertificate(self.pair, Clock())
        for version, name in ((SSL.TLS1_2_VERSION, "TLSv1.2"), (SSL.TLS1_3_VERSION, "TLSv1.3")):
            self.assertEqual(shake_hands(certificate, only(version)).get_protocol_version_name(), name)
        certificate = RenewedCertificate(self.pair, Clock())
        certificate._context.set_cipher_list(b"ALL:@SECLEVEL=0")  # Or OpenSSL's own default would refuse in our place.
        with self.assertRaises(SSL.Error) as raised:
            shake_hands(certificate, only(SSL.TLS1_1_VERSION))
        self.assertIn("unsupported protocol", str(raised.exception))


def only(version: int) -> SSL.Context:
    """A client that speaks one version of TLS, with whatever ciphers that needs."""
    context = SSL.Context(SSL.TLS_CLIENT_METHOD)
    context.set_cipher_list(b"ALL:@SECLEVEL=0")
    context.set_min_proto_version(version)
    context.set_max_proto_version(version)
    return context


class Renewing(WithFiles):
    """A certificate whose files are replaced while the server runs."""

    def setUp(self) -> None:
        """One in use, and its clock."""
        super().setUp()
        self.clock = Clock()
        self.certificate = RenewedCertificate(self.pair, self.clock)

    def test_look(self) -> None:
        """Files that were replaced are used; others are not read again."""
        self.certificate.look()
        self.assertEqual(shown(self.certificate)[0], "first.example")
        self.replace("second.example")
        self.assertEqual(shown(self.certificate)[0], "first.example")
        self.certificate.look()
        self.assertEqual(shown(self.certificate)[0], "second.example")

    def test_reload(self) -> None:
        """On request the files are read whether or not they look older."""
        times = self.cert.stat(), self.key.stat()
        self.replace("second.example")
        for path, old in zip((self.cert, self.key), times, strict=True):
            os.utime(path, ns=(old.st_atime_ns, old.st_mtime_ns))
        self.certificate.look()
        self.assertEqual(shown(self.certificate)[0], "first.example")
        self.certificate.reload()
        self.assertEqual(shown(self.certificate)[0], "second.example")

    def test_service_looks_now_and_then(self) -> None:
        """While the service runs a renewed certificate is used within the time that is promised, and told in the log by
        its fingerprint."""
        events = self.logged()
        self.certificate.startService()
        self.replace("second.example")
        self.clock.advance(LOOK_SECONDS)
        self.assertEqual(shown(self.certificate)[0], "second.example")
        seen = shake_hands(self.certificate).get_peer_certificate(as_cryptography=True)
        assert seen is not None
        self.assertEqual(events[-1]["fingerprint"].replace(":", "").lower(), seen.fingerprint(hashes.SHA256()).hex())
        self.replace("third.example")
        self.certificate.stopService()
        self.clock.advance(LOOK_SECONDS)
        self.assertEqual(shown(self.certificate)[0], "second.example")
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_stopped_before_it_started(self) -> None:
        """That does nothing."""
        self.certificate.stopService()

    def test_broken_file(self) -> None:
        """It is told in the log once, the certificate stays, and the files are used when they are whole again."""
        good = self.cert.read_bytes()
        events = self.logged()
        self.write(self.cert, good[:200])
        for _ in range(3):
            self.certificate.look()
        self.assertEqual(shown(self.certificate)[0], "first.example")
        (event,) = [event for event in events if event["log_level"].name == "error"]
        self.assertIn(str(self.cert), event["bad"])
        self.replace("second.example")
        self.certificate.look()
        self.assertEqual(shown(self.certificate)[0], "second.example")

    def test_half_of_a_renewal(self) -> None:
        """While only one of two files is replaced the pair before stays; with the other one the new pair is used."""
        chain, key = self.authority.issue("second.example")
        self.write(self.cert, chain)
        self.certificate.look()
        self.assertEqual(shown(self.certificate)[0], "first.example")
        self.write(self.key, key)
        self.certificate.look()
        self.assertEqual(shown(self.certificate)[0], "second.example")

    def test_missing_file(self) -> None:
        """A file that is gone for a while costs nothing but a line in the log."""
        self.certificate.startService()
        self.cert.rename(self.directory / "aside")
        self.clock.advance(LOOK_SECONDS)
        self.assertEqual(shown(self.certificate)[0], "first.example")
        self.replace("second.example")
        self.clock.advance(LOOK_SECONDS)
        self.assertEqual(shown(self.certificate)[0], "second.example")
        self.certificate.stopService()

    def test_files_that_may_not_be_read_any_more(self) -> None:
        """A server that gave up its privileges can neither read nor find a key that only root may: it starts all the
        same with what it has read, and goes on looking."""
        self.pair.cert = self.directory / ("x" * 300)  # Root may read anything, but no name is as long as this one.
        self.certificate.startService()
        self.clock.pump([LOOK_SECONDS] * 2)
        self.assertEqual(shown(self.certificate)[0], "first.example")
        self.pair.cert = self.cert
        self.replace("second.example")
        self.clock.advance(LOOK_SECONDS)
        self.assertEqual(shown(self.certificate)[0], "second.example")
        self.certificate.stopService()


class SelfSigned(WithFiles):
    """The pair that the server makes for itself."""

    def test_made_once(self) -> None:
        """It is made if it is not there, in a directory that may have to be made, and stays the same from then on."""
        where = self.directory / "state" / "tls"
        first = self_signed(where).cert.read_bytes()
        self.assertEqual(self_signed(where).cert.read_bytes(), first)
        self.assertEqual([path.name for path in where.iterdir()], ["self-signed.pem"])

    def test_only_its_owner_reads_it(self) -> None:
        """The file has mode 0600 from the start, whatever the umask, and its directory 0700."""
        old = os.umask(0)
        try:
            pair = self_signed(self.directory / "tls")
        finally:
            os.umask(old)
        self.assertEqual(pair.key.stat().st_mode & 0o777, 0o600)
        self.assertEqual(pair.key.parent.stat().st_mode & 0o777, 0o700)

    def test_certificate(self) -> None:
        """It is valid from yesterday on for ten years, names localhost, and can be used."""
        now = datetime(2030, 1, 1, tzinfo=UTC)
        pair = self_signed(self.directory / "tls", lambda: now)
        certificate = x509.load_pem_x509_certificate(pair.cert.read_bytes())
        self.assertEqual(certificate.not_valid_before_utc, now - timedelta(days=1))
        self.assertEqual(certificate.not_valid_after_utc, now + timedelta(days=3650))
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        self.assertIn("localhost", names.get_values_for_type(x509.DNSName))
        self.assertEqual(len(shown(RenewedCertificate(self_signed(self.directory / "new"), Clock()))), 1)

    def test_left_over_half(self) -> None:
        """What a server that was killed at the wrong moment left behind does no harm."""
        where = self.directory / "tls"
        where.mkdir()
        (where / "self-signed.new").write_text("half a ke")
        pair = self_signed(where)
        pair.load()
        self.assertEqual([path.name for path in where.iterdir()], ["self-signed.pem"])

    def test_directory_that_cannot_be_made(self) -> None:
        """One sentence says so."""
        (self.directory / "file").write_text("")
        with self.assertRaises(BadCertificate) as raised:
            self_signed(self.directory / "file" / "tls")
        self.assertRegex(str(raised.exception), r"self-signed\.pem cannot be made: Not a directory$")


# -- on real sockets and the running reactor


def over_tls(site: Site, certificate: RenewedCertificate) -> OverTLS:
    """The factory of a site, over TLS, as the server does it."""
    return OverTLS(lambda: certificate, site.factory, reactor)


async def connect_tls(port: Any) -> Client:
    """A client that believes any certificate."""
    endpoint = SSL4ClientEndpoint(reactor, LOCALHOST, port.getHost().port, CertificateOptions())
    client: Client = await endpoint.connect(Factory.forProtocol(Client))
    return client


def name_shown(client: Client) -> str:
    """The name in the certificate that this client was shown."""
    certificate = client.transport.getPeerCertificate().to_cryptography()
    return str(certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)[0].value)


@pytest_twisted.ensureDeferred
async def test_conversation_over_tls(tmp_path: Path) -> None:
    """Lines go to and fro over TLS, few and many, and the end is a proper one."""
    site = Site(reactor, LinkLimits(burst=100_000))
    async with listening(over_tls(site, RenewedCertificate(self_signed(tmp_path), reactor))) as port:
        client = await connect_tls(port)
        client.send(b"one\r\ntwo\n")
        await client.heard(b"two\r\n")
        client.send(b"".join(b"%0500d\n" % number for number in range(2000)))
        await client.heard(b"%0500d\r\n" % 1999)
        assert client.lines()[2:] == [b"%0500d" % number for number in range(2000)]
        (link,) = site.connections._members
        link.end(Ending.SHUTDOWN)
        await client.ended()
        assert client.lines()[-1] == b"server going down"
        assert client.why is not None
        assert client.why.check(ConnectionDone)
        await until(lambda: not len(site.connections), "the end")


@pytest_twisted.ensureDeferred
async def test_slow_reader_over_tls(tmp_path: Path) -> None:
    """Who does not read over TLS is cut at the same bound, and reads why if it goes on reading."""
    site = Site(reactor, LinkLimits(send_queue=20_000))
    async with listening(over_tls(site, RenewedCertificate(self_signed(tmp_path), reactor))) as port:
        client = await connect_tls(port)
        client.send(b"hello\n")
        await client.heard(b"hello\r\n")
        client.transport.pauseProducing()
        (link,) = list(site.connections._members)
        sent = 0

        def speak() -> bool:
            nonlocal sent
            for _ in range(15):
                link.write(b"%0998d\r\n" % sent)  # type: ignore[attr-defined]
                sent += 1
            return Ending.TOO_SLOW in site.conversations[0].told

        await until(speak, "the slow reader to be cut")
        client.transport.resumeProducing()
        await client.ended()
        lines = client.lines()
        assert lines[-1] == b"too slow: the send queue was full"
        assert lines[1:-1] == [b"%0998d" % number for number in range(len(lines) - 2)]
        assert len(lines) < sent


@pytest_twisted.ensureDeferred
async def test_flooding_peer_over_tls_reads_why(tmp_path: Path) -> None:
    """Who is cut in the middle of sending gets the reason over TLS as well, and a proper end of TLS after it."""
    site = Site(reactor, LinkLimits(input_waiting=10_000, burst=1))
    async with listening(over_tls(site, RenewedCertificate(self_signed(tmp_path), reactor))) as port:
        client = await connect_tls(port)
        client.send(b"x\n" * 1_000_000)
        await client.ended()
        assert client.lines()[-1] == b"flooding"
        assert client.why is not None
        assert client.why.check(ConnectionDone)
        await until(lambda: not len(site.connections), "the end")


@pytest_twisted.ensureDeferred
async def test_closing_in_the_middle_of_many_lines_over_tls(tmp_path: Path) -> None:
    """A link that closes while more lines wait than a turn takes still sees the peer's end, and is not left to be
    aborted."""
    site = Site(reactor, LinkLimits(lines_per_turn=2, burst=1000))
    async with listening(over_tls(site, RenewedCertificate(self_signed(tmp_path), reactor))) as port:
        client = await connect_tls(port)
        client.send(b"one\n")
        await client.heard(b"one\r\n")
        site.conversations[0].line_received = lambda line: (
            site.conversations[0].link.close() if line == b"bye" else None
        )
        client.send(b"x\n" * 21 + b"bye\n" + b"x\n" * 10)
        await client.ended()
        await until(lambda: not len(site.connections), "the end")


@pytest_twisted.ensureDeferred
async def test_renewed_while_people_are_connected(tmp_path: Path) -> None:
    """New connections are shown the new certificate, and the old connection goes on."""
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    authority = Authority()

    def replace(name: str) -> None:
        for path, data in zip((cert, key), authority.issue(name), strict=True):
            path.write_bytes(data)

    replace("first.example")
    certificate = RenewedCertificate(KeyPair(cert, key), reactor)
    site = Site(reactor)
    async with listening(over_tls(site, certificate)) as port:
        old = await connect_tls(port)
        old.send(b"one\n")
        await old.heard(b"one\r\n")
        replace("second.example")
        certificate.look()
        new = await connect_tls(port)
        new.send(b"hello\n")
        await new.heard(b"hello\r\n")
        replace("third.example")
        certificate.reload()
        newest = await connect_tls(port)
        newest.send(b"hello\n")
        await newest.heard(b"hello\r\n")
        old.send(b"two\n")
        await old.heard(b"two\r\n")
        clients = (old, new, newest)
        assert [name_shown(client) for client in clients] == ["first.example", "second.example", "third.example"]
        for client in clients:
            await client.leave()


@pytest_twisted.ensureDeferred
async def test_browser_over_tls(tmp_path: Path) -> None:
    """A browser is refused inside TLS too, and nothing of what it sends is taken."""
    site = Site(reactor)
    async with listening(over_tls(site, RenewedCertificate(self_signed(tmp_path), reactor))) as port:
        client = await connect_tls(port)
        client.send(b"POST / HTTP/1.1\r\nHost: a\r\n\r\nmallory\r\n")
        await client.ended()
        assert bytes(client.received).startswith(REFUSAL)
        assert site.conversations[0].told == ["opened", Ending.HTTP]
        await until(lambda: not len(site.connections), "the end")
