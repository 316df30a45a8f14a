"""`twistd chat accounts …`."""

from __future__ import annotations

import getpass
import io
import os
import stat
import sys
from contextlib import redirect_stderr
from pathlib import Path

from sqlalchemy import select
from twisted.trial.unittest import SynchronousTestCase

from chatproto.accounts.hashing import Hashing
from chatproto.admin.command import Refused
from chatproto.admin.passwords import asked_password
from chatproto.stores.direct import directly
from chatproto.stores.schema import records
from tests.accounts.quick import CHEAP, at_once
from tests.admin.commanding import PASSWORD, Commanding


class AddTests(Commanding):
    """`accounts add NAME`."""

    def test_added(self) -> None:
        """An account is made, and the store with it, for its owner alone; the name is as it was written."""
        state = self.directory / "state"
        options = ("--state-dir", str(state))
        self.assertEqual(self.done("accounts", "add", "Ada", typed=b"correct horse\n", options=options),
                         ["Ada is an account now."])  # fmt: skip
        found = self.account("ada", f"sqlite:///{state}/chat.sqlite")
        assert found is not None
        self.assertEqual((found.name, found.suspended, found.certificates), ("Ada", "", ()))
        self.assertEqual([stat.S_IMODE(each.stat().st_mode) for each in (state, state / "chat.sqlite")], [0o700, 0o600])
        self.assertTrue(self.opens(found.password, PASSWORD))
        self.assertTrue(found.scram.startswith("SCRAM-SHA-256$4096:"))

    @staticmethod
    def opens(hashed: str, password: str) -> bool:
        """Whether that is the password."""
        return directly(Hashing(CHEAP, at_once, b"").matches(hashed, password))

    def test_taken(self) -> None:
        """A name that is there, or looks like one, is refused; so is what nobody can have."""
        self.make("Ada")
        self.assertEqual(self.refused("accounts", "add", "ADA"), "ADA is registered already.")
        self.assertEqual(self.refused("accounts", "add", "АDА"), "АDА looks like Ada, which is registered already.")
        self.assertIn("cannot begin with a digit", self.refused("accounts", "add", "1st"))
        self.assertIn("reserved", self.refused("accounts", "add", "NickServ"))

    def test_password(self) -> None:
        """A password that no account may have is refused, and no account is made."""
        self.assertIn("it has 7 bytes, and 8 are needed", self.refused("accounts", "add", "ada", typed=b"1234567\n"))
        self.assertIn("it has 0 bytes", self.refused("accounts", "add", "ada"))
        self.assertEqual(self.refused("accounts", "add", "ada", typed=b"\xe4" * 9), "a password is text in UTF-8.")
        self.assertEqual(self.done("accounts", "list"), [])
        self.make("ada")

    def test_site(self) -> None:
        """Where the site has its own accounts none is made."""
        refusal = self.refused("accounts", "add", "ada", typed=b"x" * 9, options=("--auth", "memory:a:b"))
        self.assertIn("auth says who has one", refusal)

    def test_help(self) -> None:
        """Each command tells what it is called with, and what it does."""
        for words, end in (
            ((), "[options] [COMMAND]"),
            (("accounts",), "[options] accounts COMMAND"),
            (("accounts", "add"), "[options] accounts add NAME"),
            (("accounts", "suspend"), "[options] accounts suspend NAME REASON"),
            (("store", "export"), "[options] store export FILE"),
        ):
            self.assertTrue(self.done(*words, "--help")[0].endswith(end), words)
            self.assertIn("chatproto", self.done(*words, "--version")[0])

    def test_misused(self) -> None:
        """What cannot be meant is refused with a sentence that tells where help is."""
        for words, sentence in (
            (("store",), "say which of these: check, upgrade, export, import; see twistd chat store --help"),
            (("accounts", "make"), "Unknown command: make; see twistd chat accounts --help"),
            (("accounts", "add"), "Wrong number of arguments; see twistd chat accounts add --help"),
            (("accounts", "add", "a", "b"), "Wrong number of arguments; see twistd chat accounts add --help"),
            (("accounts", "suspend", "ada", " "), "say why, behind the name; see twistd chat accounts suspend --help"),
            (("accounts", "list", "--all"), "option --all not recognized; see twistd chat accounts list --help"),
            (("nothing",), "Unknown command: nothing; see twistd chat --help"),
        ):  # fmt: skip
            self.assertEqual(self.refused(*words), sentence)


class ChangeTests(Commanding):
    """What is done to an account that is there."""

    def setUp(self) -> None:
        """Two of them."""
        super().setUp()
        self.make("Ada", "bob")

    def test_unknown(self) -> None:
        """None can be done to one that is not."""
        for words in (("password", "eve"), ("suspend", "eve", "x"), ("resume", "eve"), ("remove", "eve")):
            self.assertEqual(self.refused("accounts", *words), "There is no account eve.")

    def test_password(self) -> None:
        """Another password opens it from then on."""
        before = self.account("ada")
        self.assertEqual(
            self.done("accounts", "password", "ADA", typed=b"battery staple\n"), ["Ada has another password now."]
        )
        after = self.account("ada")
        assert before is not None
        assert after is not None
        self.assertNotEqual((before.password, before.scram), (after.password, after.scram))
        self.assertIn("7 bytes", self.refused("accounts", "password", "ada", typed=b"1234567"))
        self.assertEqual(self.account("ada"), after)

    def test_suspended(self) -> None:
        """Nobody logs in to one that is suspended, until it is resumed; the list tells why."""
        self.assertEqual(
            self.done("accounts", "suspend", "ada", "too", " much  spam"), ["Nobody can log in to Ada now."]
        )
        listed = self.done("accounts", "list")
        self.assertEqual([line.split()[0] for line in listed], ["Ada", "bob"])
        self.assertTrue(listed[0].endswith("  suspended: too much spam"), listed)
        self.assertNotIn("suspended", listed[1])
        self.assertEqual(self.done("accounts", "resume", "ada"), ["Ada can log in again."])
        self.assertNotIn("suspended", "".join(self.done("accounts", "list")))

    def test_suspended_and_away(self) -> None:
        """Who stays in rooms while not connected does so no more; others do."""
        rows: list[dict[str, object]] = [{"kind": "presence", "key": key, "record": {}} for key in ("ada", "bob")]
        database = self.opened()
        directly(database.write(lambda connection: connection.execute(records.insert(), rows)))
        directly(database.close())
        self.done("accounts", "suspend", "ada", "spam")
        left = self.opened().at_once(lambda connection: connection.scalars(select(records.c.key)).all())
        self.assertEqual(left, ["bob"])

    def test_bytes(self) -> None:
        """What is no text of the terminal's can be a reason, as far as it can be stored, and is no account's name."""
        odd = os.fsdecode(b"\xff")
        self.done("accounts", "suspend", "ada", f"spam{odd}")
        self.assertTrue(self.done("accounts", "list")[0].endswith("  suspended: spam?"))
        for word in ("password", "resume", "remove"):
            self.assertEqual(self.refused("accounts", word, odd), f"There is no account {odd}.")
        self.assertEqual(self.refused("accounts", "suspend", odd, "spam"), f"There is no account {odd}.")
        self.assertIn("cannot be used", self.refused("accounts", "add", odd))


class StoreTests(Commanding):
    """Which store is meant, and whether it can be had."""

    def test_none(self) -> None:
        """Where there is none, nothing is made but for who adds."""
        file = self.directory / "chat.sqlite"
        self.assertIn(f"there is no store {file}", self.refused("accounts", "list"))
        self.assertFalse(file.exists())
        file.touch()
        self.assertIn("is empty", self.refused("accounts", "list"))
        self.make("ada")
        self.assertEqual(len(self.done("accounts", "list")), 1)

    def test_memory(self) -> None:
        """In memory there is nothing to do it to."""
        self.assertIn("store is memory", self.refused("accounts", "list", options=("--store", "memory")))

    def test_chosen(self) -> None:
        """--store and the settings' file name another one."""
        url = f"sqlite:///{self.directory}/other.sqlite"
        self.done("accounts", "add", "ada", typed=b"correct horse", options=("--store", url))
        file = self.directory / "chat.toml"
        file.write_text(f'[store]\nstore = "{url}"\n', encoding="utf-8")
        self.assertEqual(len(self.done("accounts", "list", options=("--config", str(file)))), 1)
        self.assertFalse((self.directory / "chat.sqlite").exists())

    def test_others(self) -> None:
        """What is no store, or another program's, is refused with a sentence; so is a directory that cannot be made."""
        file = self.directory / "chat.sqlite"
        file.write_bytes(b"nothing of use" * 100)
        self.assertEqual(self.refused("accounts", "list"), "the store fails: file is not a database.")
        self.assertIn("is no store", self.refused("accounts", "list", options=("--store", "mysql://here/x")))
        state = str(Path(file, "state"))
        self.assertIn("cannot be made", self.refused("accounts", "add", "ada", options=("--state-dir", state)))

    def test_in_use(self) -> None:
        """While a server runs on the file nothing is changed there; to list is allowed."""
        self.make("ada")
        server = self.opened()
        server.claim()
        for words in (
            ("add", "bob"),
            ("password", "ada"),
            ("suspend", "ada", "x"),
            ("resume", "ada"),
            ("remove", "ada"),
        ):
            self.assertIn("is in use", self.refused("accounts", *words, typed=PASSWORD.encode()))
        self.assertEqual(len(self.done("accounts", "list")), 1)

    def test_root(self) -> None:
        """What root makes beside the file belongs to the file's owner, who could not use it else."""
        if os.geteuid() != 0:
            self.skipTest("only root can do that")
        self.make("ada")
        for each in self.directory.iterdir():
            os.chown(each, 12345, 12346)
        (self.directory / "chat.sqlite-lock").unlink()
        self.make("bob")
        found = {each.name: (each.stat().st_uid, each.stat().st_gid) for each in self.directory.iterdir()}
        self.assertIn("chat.sqlite-lock", found)
        self.assertEqual(set(found.values()), {(12345, 12346)}, found)


class Terminal(io.StringIO):
    """A standard input at which somebody sits."""

    def isatty(self) -> bool:
        """Yes."""
        return True


class TerminalTests(SynchronousTestCase):
    """A password that somebody types."""

    def typed(self, *answers: str | BaseException) -> str:
        """What comes of it: the password."""
        given = iter(answers)

        def ask(prompt: str) -> str:
            answer = next(given)
            if isinstance(answer, BaseException):
                raise answer
            return answer

        self.patch(sys, "stdin", Terminal())
        self.patch(getpass, "getpass", ask)
        with redirect_stderr(io.StringIO()):
            return asked_password()

    def test_twice(self) -> None:
        """It is asked for twice, and has to be the same."""
        self.assertEqual(self.typed("secret", "secret"), "secret")
        refused = self.assertRaises(Refused, self.typed, "secret", "secrets")
        self.assertEqual(str(refused), "these were two different passwords.")

    def test_ended(self) -> None:
        """The end of what is typed, and Ctrl-C, give none."""
        for ending in (EOFError(), KeyboardInterrupt()):
            refused = self.assertRaises(Refused, self.typed, "secret", ending)
            self.assertEqual(str(refused), "no password was given.")
