"""A site's own users, by checkers of twisted.cred."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from twisted.cred.checkers import ANONYMOUS, AllowAnonymousAccess, FilePasswordDB
from twisted.cred.credentials import IAnonymous, IUsernamePassword
from twisted.cred.error import LoginFailed, UnauthorizedLogin
from twisted.internet.defer import Deferred, fail, succeed
from twisted.logger import LogEvent, formatEvent, globalLogPublisher
from zope.interface.verify import verifyObject

from chatproto.account import EXTERNAL, PLAIN, SCRAM, Account
from chatproto.accounts.site import PATIENCE, BadAuth, SiteAccounts, SiteLogins, checkers
from chatproto.errors import (
    BadName,
    NoAccounts,
    NoSuchAccount,
    NotEncrypted,
    TooManyAttempts,
    Unavailable,
    UnknownMechanism,
    WrongLogin,
)
from chatproto.interfaces import IAccounts, Peer
from chatproto.rooms import names
from chatproto.rooms.limits import RoomLimits
from tests.accounts.quick import CHEAP, CLEARTEXT, FINGERPRINT, LOCAL, TLS, quick
from tests.accounts.trying import NOON, AccountsCase


def name_of(text: str) -> tuple[str, str]:
    """As the server has names."""
    name = names.person(text, RoomLimits())
    return name.key, name.shown


class Answer:
    """A checker that has one answer."""

    credentialInterfaces: tuple[Any, ...] = (IUsernamePassword,)  # noqa: N815  # Twisted asks for it.

    def __init__(self, answer: object) -> None:
        self.answer = answer
        self.asked = 0

    def requestAvatarId(self, credentials: Any) -> Any:
        """Give it."""
        self.asked += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer if isinstance(self.answer, Deferred) else succeed(self.answer)


class SiteCase(AccountsCase):
    """A site where bob is a user; Ada has an account of ours, from other times."""

    def setUp(self) -> None:
        """A file of users."""
        super().setUp()
        directory = TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        file = Path(directory.name) / "users"
        file.write_text("bob:builder2000\nÄrger:schwarz1999\n1st:password\n", encoding="utf-8")
        self.site(FilePasswordDB(str(file)))

    def site(self, *checkers: Any) -> None:
        """Other checkers."""
        logins = quick(self.clock, CHEAP, self.store).logins
        self.accounts = SiteAccounts(SiteLogins(logins, checkers, name_of, self.clock))


class SiteTests(SiteCase):
    """What such a site has."""

    def test_interface(self) -> None:
        """All that dialects may ask for is there."""
        verifyObject(IAccounts, self.accounts)

    def test_users(self) -> None:
        """A user of the site is let in, and has an account from then on; the site's password is not kept."""
        account = Account("bob", "bob", NOON, NOON)
        self.assertEqual(self.by_password("bob", "builder2000"), account)
        self.assertEqual(self.result(self.store.find("bob")), account)
        self.assertEqual(self.result(self.accounts.begin(PLAIN, LOCAL, "").respond(b"\0bob\0builder2000")), account)
        self.result(self.accounts.choose("bob", "color", "green"))
        self.assertEqual(self.by_password("bob", "builder2000").settings, {"color": "green"})

    def test_letters(self) -> None:
        """Names and passwords are UTF-8 to checkers."""
        account = self.by_password("Ärger", "schwarz1999")
        self.assertEqual((account.name, account.key), ("Ärger", "ärger"))

    def test_others(self) -> None:
        """Nobody else is let in: by a wrong password, or with an account of ours."""
        for name, password in (("bob", "x"), ("eve", "builder2000"), ("Ada", "lovelace1815"), ("\ud800", "x")):
            self.refused(name, password, WrongLogin)
        self.assertIsNone(self.result(self.store.find("eve")))

    def test_names_that_cannot_be(self) -> None:
        """A user whose name nobody can have here is told so."""
        self.refused("1st", "password", BadName)

    def test_suspended(self) -> None:
        """We may suspend what the site lets in."""
        self.by_password("bob", "builder2000")
        self.result(self.accounts.suspend("bob", "spam"))
        self.refused("bob", "builder2000", WrongLogin)

    def test_suspended_stays(self) -> None:
        """What is suspended cannot be removed: it would be there again with the next login, and not suspended."""
        self.by_password("bob", "builder2000")
        self.result(self.accounts.suspend("bob", "spam"))
        self.error(self.accounts.remove("bob"), NoAccounts)
        self.refused("bob", "builder2000", WrongLogin)
        self.result(self.accounts.suspend("bob", ""))
        self.result(self.accounts.remove("bob"))
        self.assertIsNone(self.result(self.store.find("bob")))
        self.error(self.accounts.remove("bob"), NoSuchAccount)

    def test_attempts(self) -> None:
        """Wrong logins are counted as everywhere, and cleartext is refused."""
        self.refused("bob", "builder2000", NotEncrypted, CLEARTEXT)
        for _ in range(CHEAP.attempts_per_address):
            self.refused("bob", "x", WrongLogin)
        self.refused("bob", "builder2000", TooManyAttempts)

    def test_others_guess(self) -> None:
        """Who was let in at an address, by a name that the site has for them, is let in there all the same when others
        have guessed at that name."""
        name = "Bob@Example.org"
        self.site(self.Addresses())
        self.assertEqual(self.by_password(name, "right").key, "bob")
        for number in range(CHEAP.attempts_per_account):
            self.refused(name, "x", WrongLogin, Peer(f"198.51.100.{number}", True))
        self.refused(name, "right", TooManyAttempts, Peer("198.51.100.99", True))
        self.assertEqual(self.by_password(name.lower(), "right").key, "bob")

    class Addresses(Answer):
        """A checker whose users log in by their e-mail addresses."""

        def __init__(self) -> None:
            super().__init__(b"bob")

        def requestAvatarId(self, credentials: Any) -> Any:
            """Who has that address."""
            return super().requestAvatarId(credentials) if credentials.password == b"right" else fail(LoginFailed())

    def test_mechanisms(self) -> None:
        """There is PLAIN alone: checkers want the password."""
        self.assertEqual(self.accounts.mechanisms(TLS, FINGERPRINT), (PLAIN,))
        self.assertEqual(self.accounts.mechanisms(CLEARTEXT, ""), ())
        for mechanism in (SCRAM, EXTERNAL):
            self.assertRaises(UnknownMechanism, self.accounts.begin, mechanism, TLS, FINGERPRINT)

    def test_not_ours(self) -> None:
        """Accounts and passwords are the site's: nobody makes or changes them here."""
        self.by_password("bob", "builder2000")
        self.assertFalse(self.accounts.registers())
        for refused in (
            self.accounts.register("eve", "Eve", "a password", TLS),
            self.accounts.make("eve", "Eve", "a password"),
            self.accounts.change_password("bob", "builder2000", "a password", TLS),
            self.accounts.reset_password("bob", "a password"),
            self.accounts.add_certificate("bob", FINGERPRINT),
        ):
            self.error(refused, NoAccounts)

    def test_several(self) -> None:
        """Checkers are asked one after the other until one knows who it is; some answer with text, some with bytes."""
        first, second, third = Answer(UnauthorizedLogin()), Answer("Bob"), Answer(b"Eve")
        self.site(first, second, third)
        self.assertEqual(self.by_password("x", "x").name, "Bob")
        self.assertEqual([each.asked for each in (first, second, third)], [1, 1, 0])
        self.site(first, third)
        self.assertEqual(self.by_password("x", "x").name, "Eve")

    def test_anonymous(self) -> None:
        """A checker that lets everybody in without a name lets nobody in here; one that wants no passwords is not
        asked."""
        self.site(Answer(ANONYMOUS), Answer(b""), Answer(None), AllowAnonymousAccess())
        self.assertEqual(AllowAnonymousAccess.credentialInterfaces, (IAnonymous,))
        self.refused("bob", "builder2000", WrongLogin)
        other = Answer(b"bob")
        other.credentialInterfaces = (IAnonymous,)
        self.site(other)
        self.refused("bob", "builder2000", WrongLogin)
        self.site(Answer(b"\xff"))
        self.refused("bob", "builder2000", BadName)


class FailingCheckerTests(SiteCase):
    """Checkers that do not work for a while."""

    def test_raises(self) -> None:
        """One is asked to try again later, which does not count as a wrong login, and it is logged once; when it has
        answered and fails again, once more."""
        checker = Answer(ConnectionRefusedError("directory down"))
        self.site(checker)
        events: list[LogEvent] = []
        observer: Any = events.append
        globalLogPublisher.addObserver(observer)
        self.addCleanup(globalLogPublisher.removeObserver, observer)
        for _ in range(CHEAP.attempts_per_address + 1):
            self.refused("bob", "x", Unavailable)
        checker.answer = b"bob"
        self.by_password("bob", "x")
        checker.answer = ConnectionRefusedError("directory down")
        self.refused("bob", "x", Unavailable)
        told = "auth: Answer fails, and lets nobody in: ConnectionRefusedError: directory down"
        self.assertEqual([formatEvent(event) for event in events], [told, told])

    def test_others_are_asked(self) -> None:
        """The others are asked all the same."""
        self.site(Answer(ConnectionRefusedError()), Answer(UnauthorizedLogin()), Answer(b"bob"))
        self.assertEqual(self.by_password("bob", "x").name, "bob")
        self.site(Answer(ConnectionRefusedError()), Answer(UnauthorizedLogin()))
        self.refused("bob", "x", Unavailable)

    def test_never_answers(self) -> None:
        """Nobody waits for ever; what comes after that is not heard."""
        never: Deferred[bytes] = Deferred()
        self.site(Answer(never))
        answer = self.asked(self.accounts.log_in("bob", "x", TLS))
        self.clock.advance(PATIENCE - 0.1)
        self.assertNoResult(answer)
        self.clock.advance(0.1)
        self.failureResultOf(answer, Unavailable)
        never.callback(b"bob")

    def test_answers_late(self) -> None:
        """An answer in time lets in, and nothing is left behind on the clock."""
        slow: Deferred[bytes] = Deferred()
        self.site(Answer(slow))
        answer = self.asked(self.accounts.log_in("bob", "x", TLS))
        self.clock.advance(PATIENCE - 0.1)
        slow.callback(b"bob")
        self.assertEqual(self.successResultOf(answer).name, "bob")
        self.assertEqual(self.clock.getDelayedCalls(), [])


class DescribedTests(SiteCase):
    """Checkers by their descriptions, as all programs of Twisted have them."""

    def test_several(self) -> None:
        """Each is asked."""
        directory = TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        files = [Path(directory.name) / name for name in ("one", "two")]
        files[0].write_text("bob:one\n", encoding="utf-8")
        files[1].write_text("carl:two\n", encoding="utf-8")
        self.site(*checkers([f"file:{file}" for file in files]))
        for name, password in (("bob", "one"), ("carl", "two")):
            self.assertEqual(self.by_password(name, password).name, name)
        self.refused("bob", "two", WrongLogin)
        self.assertEqual(checkers([]), [])

    def test_bad(self) -> None:
        """What cannot be used is told in a sentence."""
        for description, why in (
            ("nothing:x", "is of no type that there is; twistd chat --help-auth lists them."),
            ("", "is of no type that there is; twistd chat --help-auth lists them."),
            ("file", "cannot be used: 'file' requires a filename."),
            ("file: ", "cannot be used: 'file' requires a filename."),
            ("memory:odd", "cannot be used: "),
            ("anonymous", "knows no names with passwords."),
        ):
            error = self.assertRaises(BadAuth, checkers, ["memory:a:b", description])
            self.assertTrue(str(error).startswith(f"auth: {description!r} {why}"), str(error))
            self.assertTrue(str(error).endswith("."))
