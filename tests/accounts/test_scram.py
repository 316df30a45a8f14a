"""SCRAM-SHA-256: the RFC's own example, the library's client, and what it makes of passwords."""

from __future__ import annotations

from base64 import b64decode

from hypothesis import example, given
from hypothesis import strategies as st
from scramp import ScramClient
from twisted.trial.unittest import SynchronousTestCase

from chatproto.accounts.scram import SALT_BYTES, BadMessage, Keys, ServerSide, WrongProof, decoded, keys
from tests.accounts.rfc7677 import CLIENT_FINAL, CLIENT_FIRST, KEYS, SERVER_FINAL, SERVER_FIRST, SERVER_NONCE


class ExampleTests(SynchronousTestCase):
    """RFC 7677, 3."""

    def test_example(self) -> None:
        """User `user` with password `pencil`, message by message."""
        server = ServerSide(SERVER_NONCE)
        self.assertEqual(server.user(CLIENT_FIRST), "user")
        self.assertEqual(server.first(CLIENT_FIRST, KEYS), SERVER_FIRST)
        self.assertEqual(server.final(CLIENT_FINAL), SERVER_FINAL)

    def test_other_proofs(self) -> None:
        """A proof that is another one, shorter or longer is wrong."""
        for proof in ("eHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=", "AAAA", "A" * 64):
            server = ServerSide(SERVER_NONCE)
            server.first(CLIENT_FIRST, KEYS)
            self.assertRaises(WrongProof, server.final, CLIENT_FINAL.partition(",p=")[0] + f",p={proof}")

    def test_other_order(self) -> None:
        """No message is taken twice or out of turn."""
        server = ServerSide(SERVER_NONCE)
        self.assertRaises(BadMessage, server.final, CLIENT_FINAL)
        server = ServerSide(SERVER_NONCE)
        server.first(CLIENT_FIRST, KEYS)
        self.assertRaises(BadMessage, server.first, CLIENT_FIRST, KEYS)

    def test_nonces(self) -> None:
        """Each exchange has a nonce of its own, so that no proof works twice."""
        first, second = (ServerSide().first(CLIENT_FIRST, KEYS) for _ in range(2))
        self.assertNotEqual(first, second)
        server = ServerSide()
        server.first(CLIENT_FIRST, KEYS)
        self.assertRaises(BadMessage, server.final, CLIENT_FINAL)


class MessageTests(SynchronousTestCase):
    """What a client may send."""

    def test_bad_first_messages(self) -> None:
        """Channel binding, acting as somebody else, and what is no message are refused."""
        for message in ("", "n,,", "n=user,r=x", "p=tls-unique,,n=user,r=x", "n,a=bob,n=user,r=x", "n,,n=a=b,r=x",
                        "n,,n=,r=x", "n,,m=x,n=user,r=x", "n,,n=user,r=", "n,,n=us\0er,r=x"):  # fmt: skip
            self.assertRaises(BadMessage, ServerSide.user, message)
            self.assertRaises(BadMessage, ServerSide().first, message, KEYS)

    def test_names(self) -> None:
        """Names may have commas and equals signs, written as the RFC says, and letters of any script."""
        self.assertEqual(ServerSide.user("y,,n=a=2Cb=3Dc,r=x"), "a,b=c")
        self.assertEqual(ServerSide.user("n,,n=Ärger,r=x"), "Ärger")

    @given(st.text(max_size=80))
    @example("n,,n=\ud800,r=x")
    @example("n,,n=user,r=x,s=AAA")
    def test_any_first_message(self, message: str) -> None:
        """Whatever comes is a message or a bad one."""
        try:
            name = ServerSide.user(message)
        except BadMessage:
            return
        self.assertTrue(ServerSide().first(message, KEYS).startswith("r="), name)

    @given(st.text(max_size=80))
    @example("c=biws,r=ä,p=ä")
    @example("c=ä,r=a,p=AAAA")
    def test_any_last_message(self, message: str) -> None:
        """Whatever comes is bad."""
        server = ServerSide(SERVER_NONCE)
        server.first(CLIENT_FIRST, KEYS)
        self.assertRaises((BadMessage, WrongProof), server.final, message)


class KeysTests(SynchronousTestCase):
    """What is kept of a password."""

    def test_library(self) -> None:
        """The library's client proves the password, and is shown that we know it too."""
        for password in ("pencil", "Bleistift äöü", "a,b=c"):
            made = keys(password, 4096, 1)
            assert made is not None
            client = ScramClient(["SCRAM-SHA-256"], "user", password)
            server = ServerSide()
            client.set_server_first(server.first(client.get_client_first(), made))
            client.set_server_final(server.final(client.get_client_final()))

    def test_form(self) -> None:
        """They are text that can be taken apart again, with a new salt each time."""
        first, second = keys("pencil", 4096, 1), keys("pencil", 4097, 1)
        assert first is not None
        assert second is not None
        self.assertNotEqual(first.salt, second.salt)
        self.assertEqual((len(first.salt), first.iterations, second.iterations), (SALT_BYTES, 4096, 4097))
        self.assertEqual(decoded(second.encoded()), second)
        self.assertEqual(
            Keys(b64decode("W22ZaJ0SNY7soEsUEjb6gQ=="), b"\1", b"\2", 4096).encoded(),
            "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$AQ==:Ag==",
        )

    def test_other_text(self) -> None:
        """What has another form is none."""
        for text in ("", "x", "SCRAM-SHA-1$4096:AQ==$AQ==:Ag==", "SCRAM-SHA-256$x:AQ==$AQ==:Ag==",
                     "SCRAM-SHA-256$4096:?$AQ==:Ag==", "SCRAM-SHA-256$4096:AQ==$AQ==", "x$4096:ä$a:b"):  # fmt: skip
            self.assertIsNone(decoded(text), text)

    def test_passwords_that_scram_cannot_have(self) -> None:
        """Characters newer than Unicode 3.2, or forbidden ones, have no keys."""
        for password in ("pencil🦊", "pen\0cil", "pen\ud800cil"):
            self.assertIsNone(keys(password, 4096, 1))

    def test_what_remains(self) -> None:
        """It drops some characters. What remains must have as many bytes as a password must; nothing is no password."""
        soft = "\u00ad" * 20
        self.assertIsNone(keys(soft, 4096, 1))
        self.assertIsNone(keys("1234567" + soft, 4096, 8))
        self.assertIsNotNone(keys("12345678" + soft, 4096, 8))
        self.assertIsNotNone(keys("123456789" + soft, 4096, 8))
