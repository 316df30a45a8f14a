"""Logging in by SASL: message by message."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scramp import ScramClient, ScramException
from zope.interface.verify import verifyObject

from chatproto.account import EXTERNAL, LONGEST_RESPONSE, PLAIN, SCRAM, Account
from chatproto.accounts.sasl import Scram
from chatproto.errors import Garbled, NotEncrypted, TooManyAttempts, UnknownMechanism, WrongLogin
from chatproto.interfaces import IExchange, Peer
from tests.accounts.quick import CHEAP, CLEARTEXT, FINGERPRINT, LOCAL, TLS
from tests.accounts.rfc7677 import CLIENT_FINAL, CLIENT_FIRST, KEYS, SERVER_FINAL, SERVER_FIRST, SERVER_NONCE
from tests.accounts.trying import LOVELACE, NOON, AccountsCase


class MechanismTests(AccountsCase):
    """Which there are."""

    def test_mechanisms(self) -> None:
        """PLAIN is there for TLS and this machine, EXTERNAL for those with a certificate, SCRAM for all."""
        for peer, fingerprint, expected in (
            (TLS, FINGERPRINT, (EXTERNAL, SCRAM, PLAIN)),
            (TLS, "", (SCRAM, PLAIN)),
            (LOCAL, "", (SCRAM, PLAIN)),
            (Peer("", False), "", (SCRAM, PLAIN)),
            (CLEARTEXT, "", (SCRAM,)),
        ):
            self.assertEqual(self.accounts.mechanisms(peer, fingerprint), expected)
            for mechanism in expected:
                verifyObject(IExchange, self.accounts.begin(mechanism, peer, fingerprint))
                self.accounts.begin(mechanism.lower(), peer, fingerprint)

    def test_others(self) -> None:
        """Another one is refused, and one is told which there are."""
        for mechanism in ("", "X", "SCRAM-SHA-256-PLUS", "SCRAM-SHA-1", EXTERNAL):
            error = self.assertRaises(UnknownMechanism, self.accounts.begin, mechanism, TLS, "")
            self.assertEqual(error.mechanisms, (SCRAM, PLAIN))

    def test_plain_on_cleartext(self) -> None:
        """PLAIN is refused where others may read it, before the password was sent."""
        self.assertRaises(NotEncrypted, self.accounts.begin, PLAIN, CLEARTEXT, "")
        self.assertRaises(NotEncrypted, self.accounts.begin, "plain", CLEARTEXT, FINGERPRINT)


class PlainTests(AccountsCase):
    """RFC 4616."""

    def test_right(self) -> None:
        """Name and password let one in, and naming oneself as whom to act as does as well."""
        for message in (f"\0Ada\0{LOVELACE}", f"ada\0ADA\0{LOVELACE}"):
            account = self.result(self.accounts.begin(PLAIN, TLS, "").respond(message.encode()))
            self.assertEqual(account, self.ada)

    def test_wrong(self) -> None:
        """Another password, another name, and acting as somebody else let nobody in."""
        for message in ("\0Ada\0x", f"\0Bob\0{LOVELACE}", f"bob\0Ada\0{LOVELACE}", "\0\0", f"Ada\0\0{LOVELACE}"):
            self.error(self.accounts.begin(PLAIN, TLS, "").respond(message.encode()), WrongLogin)

    def test_no_message(self) -> None:
        """What is not three parts in UTF-8 is no message."""
        for message in (b"", b"Ada", b"Ada\0x", b"\0Ada\0x\0", b"\0Ada\0\xff"):
            self.error(self.accounts.begin(PLAIN, TLS, "").respond(message), Garbled)

    def test_once(self) -> None:
        """After one message it is over, whether that was right or wrong."""
        for password in (LOVELACE, "x"):
            exchange = self.accounts.begin(PLAIN, TLS, "")
            answer = self.asked(exchange.respond(f"\0Ada\0{password}".encode()))
            answer.addErrback(lambda failure: failure.trap(WrongLogin) and None)
            self.successResultOf(answer)
            self.error(exchange.respond(f"\0Ada\0{LOVELACE}".encode()), Garbled)

    def test_longest(self) -> None:
        """A message of as many bytes as are allowed is looked at, one more is not."""
        for length, kind in ((LONGEST_RESPONSE - 1, WrongLogin), (LONGEST_RESPONSE, WrongLogin)):
            message = b"\0Ada\0".ljust(length, b"x")
            self.error(self.accounts.begin(PLAIN, TLS, "").respond(message), kind)
        message = b"\0Ada\0".ljust(LONGEST_RESPONSE + 1, b"x")
        self.error(self.accounts.begin(PLAIN, TLS, "").respond(message), Garbled)


class ScramTests(AccountsCase):
    """RFC 5802 and 7677."""

    settings = replace(CHEAP, attempts_per_address=5)

    def test_example(self) -> None:
        """The example of RFC 7677: `user` with `pencil`."""
        user = Account("user", "user", scram=KEYS.encoded())
        self.result(self.store.add(user))
        exchange = Scram(self.accounts.logins, CLEARTEXT, SERVER_NONCE)
        self.assertEqual(self.result(exchange.respond(CLIENT_FIRST.encode())), SERVER_FIRST.encode())
        self.assertEqual(self.result(exchange.respond(CLIENT_FINAL.encode())), SERVER_FINAL.encode())
        self.assertEqual(self.result(exchange.respond(b"")), replace(user, seen=NOON))

    def test_right(self) -> None:
        """The owner is let in, on cleartext too, however the name is written; and as often as they like."""
        for name in ("Ada", "ada", "ADA") * 5:
            self.assertEqual(self.by_scram(name, LOVELACE), self.ada)

    def test_new_password(self) -> None:
        """After a change of the password the new one lets one in, the old one does not."""
        self.result(self.accounts.reset_password("ada", "another password"))
        self.by_scram("Ada", "another password")
        exchange, _, last = self.final("Ada", LOVELACE)
        self.error(exchange.respond(last), WrongLogin)

    def final(self, name: str, password: str) -> tuple[Scram, bytes, bytes]:
        """An exchange after the first message, the server's answer to it, and the client's last message."""
        client = ScramClient([SCRAM], name, password)
        exchange = self.accounts.begin(SCRAM, TLS, "")
        assert isinstance(exchange, Scram)
        first = self.result(exchange.respond(client.get_client_first().encode()))
        assert isinstance(first, bytes)
        client.set_server_first(first.decode())
        return exchange, first, client.get_client_final().encode()

    def test_wrong(self) -> None:
        """A wrong password, one of an account that is not there, has no keys or is suspended: all are told the same,
        after as many messages."""
        self.result(self.store.add(Account("Bob", "bob")))
        self.result(self.store.add(replace(self.ada, name="Eve", key="eve", suspended="spam")))
        for name, password in (("Ada", "x"), ("Nobody", "x"), ("Bob", ""), ("Eve", LOVELACE)):
            exchange, _, last = self.final(name, password)
            self.error(exchange.respond(last), WrongLogin)
            self.error(exchange.respond(b""), Garbled)

    def test_salt_of_nobody(self) -> None:
        """Who is not there has salt and iterations as others have, and the same each time."""

        def told(name: str) -> tuple[int, str]:
            first = self.final(name, "x")[1].decode()
            self.clock.advance(600)
            nonce, costs = first.split(",", 1)
            return len(nonce), costs

        ada, nobody = told("Ada"), told("Nobody")
        self.assertEqual((nobody[0], len(nobody[1])), (ada[0], len(ada[1])))
        self.assertEqual([told("nobody"), told("ADA")], [nobody, ada])
        self.assertNotEqual(nobody, told("nobody2"))

    def test_server_proves_nothing_to_others(self) -> None:
        """The server's own proof is for the owner: it would tell of a suspended account that the password is right."""
        self.result(self.accounts.suspend("ada", "spam"))
        exchange, _, last = self.final("Ada", LOVELACE)
        self.error(exchange.respond(last), WrongLogin)

    def test_changed_meanwhile(self) -> None:
        """Between the messages the password is changed, or the account removed: the old one lets nobody in."""
        exchange, _, last = self.final("Ada", LOVELACE)
        self.result(self.accounts.reset_password("ada", "another password"))
        self.error(exchange.respond(last), WrongLogin)
        exchange, _, last = self.final("Ada", "another password")
        self.result(self.accounts.remove("ada"))
        self.error(exchange.respond(last), WrongLogin)

    def test_held(self) -> None:
        """Who knows the password and leaves out the last, empty message is let in by it later only as if they proved it
        then: not after another password, not to a suspended account, and not to one that somebody else made since."""

        async def again() -> None:
            await self.accounts.remove("ada")
            await self.accounts.register("ada", "Ada", LOVELACE, TLS)

        changes: list[Callable[[], Awaitable[Any]]] = [
            lambda: self.accounts.suspend("ada", "spam"),
            again,
            lambda: self.accounts.reset_password("ada", "another password"),
        ]
        for change in changes:
            exchange, _, last = self.final("Ada", LOVELACE)
            self.result(exchange.respond(last))
            self.result(change())
            self.error(exchange.respond(b""), WrongLogin)
            self.error(exchange.respond(b""), Garbled)
            self.result(self.accounts.suspend("ada", ""))

    def test_attempts(self) -> None:
        """Wrong proofs count, and so do exchanges that somebody begins and leaves; right ones do not."""
        for _ in range(2):
            exchange, _, last = self.final("Ada", "x")
            self.error(exchange.respond(last), WrongLogin)
        for _ in range(3):
            self.by_scram("Ada", LOVELACE, TLS)
            self.final("Ada", "x")
        self.error(self.accounts.begin(SCRAM, TLS, "").respond(b"n,,n=bob,r=x"), TooManyAttempts)
        self.refused("Ada", LOVELACE, TooManyAttempts)

    def test_no_messages(self) -> None:
        """What is no message ends the exchange, in each of its steps; and what was begun counts."""
        self.error(self.accounts.begin(SCRAM, TLS, "").respond(b"n,,n=\xff,r=x"), Garbled)
        for garbled in (b"", b"x", b"\xff"):
            exchange = self.accounts.begin(SCRAM, TLS, "")
            self.error(exchange.respond(garbled), Garbled)
            self.error(exchange.respond(b"n,,n=ada,r=x"), Garbled)
            exchange, _, last = self.final("Ada", LOVELACE)
            self.error(exchange.respond(garbled), Garbled)
            self.error(exchange.respond(last), Garbled)
        exchange, _, last = self.final("Ada", LOVELACE)
        self.result(exchange.respond(last))
        self.error(exchange.respond(b"x"), Garbled)

    def test_library_knows_us(self) -> None:
        """A client finds out that a server does not know the password."""
        client = ScramClient([SCRAM], "Ada", LOVELACE)
        exchange = self.accounts.begin(SCRAM, TLS, "")
        first = self.result(exchange.respond(client.get_client_first().encode()))
        assert isinstance(first, bytes)
        client.set_server_first(first.decode())
        client.get_client_final()
        self.assertRaises(ScramException, client.set_server_final, SERVER_FINAL)


class ExternalTests(AccountsCase):
    """RFC 4422, appendix A."""

    settings = replace(CHEAP, attempts_per_address=3)

    def setUp(self) -> None:
        """Ada has a certificate."""
        super().setUp()
        self.ada = self.result(self.accounts.add_certificate("ada", FINGERPRINT))

    def test_right(self) -> None:
        """The owner of the certificate is let in, as often as they like, whether they name themselves or not."""
        for name in (b"", b"Ada", b"ADA") * 5:
            self.assertEqual(self.result(self.accounts.begin(EXTERNAL, TLS, FINGERPRINT).respond(name)), self.ada)

    def test_wrong(self) -> None:
        """Another certificate, another name, a suspended account: nobody is let in, and that counts."""
        self.error(self.accounts.begin(EXTERNAL, TLS, "cd" * 32).respond(b""), WrongLogin)
        self.error(self.accounts.begin(EXTERNAL, TLS, FINGERPRINT).respond(b"bob"), WrongLogin)
        self.result(self.accounts.suspend("ada", "spam"))
        self.error(self.accounts.begin(EXTERNAL, TLS, FINGERPRINT).respond(b""), WrongLogin)
        self.result(self.accounts.suspend("ada", ""))
        self.error(self.accounts.begin(EXTERNAL, TLS, FINGERPRINT).respond(b""), TooManyAttempts)

    def test_removed(self) -> None:
        """A certificate that was taken off lets nobody in."""
        self.result(self.accounts.remove_certificate("ada", FINGERPRINT))
        self.error(self.accounts.begin(EXTERNAL, TLS, FINGERPRINT).respond(b""), WrongLogin)

    def test_once(self) -> None:
        """After one message it is over."""
        exchange = self.accounts.begin(EXTERNAL, TLS, FINGERPRINT)
        self.result(exchange.respond(b""))
        self.error(exchange.respond(b""), Garbled)


class AnythingTests(AccountsCase):
    """Whatever comes."""

    @settings(suppress_health_check=[HealthCheck.differing_executors, HealthCheck.too_slow])
    @given(st.sampled_from((PLAIN, SCRAM, EXTERNAL)), st.lists(st.binary(max_size=60), min_size=1, max_size=3))
    def test_anything(self, mechanism: str, messages: list[bytes]) -> None:
        """No bytes let anybody in or break anything: they are refused, or a challenge follows."""
        exchange = self.accounts.begin(mechanism, Peer("", True), "cd" * 32)
        for message in messages:
            answer = self.asked(exchange.respond(message))
            answer.addErrback(lambda failure: failure.trap(Garbled, WrongLogin, TooManyAttempts) and b"")
            self.assertIsInstance(self.successResultOf(answer), bytes)
