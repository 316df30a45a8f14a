"""The store of a running server: who else may use it, what it does when it is held up, and what lasts."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from base64 import b64encode
from collections.abc import Iterator

from tests.live.clients import Irc
from tests.live.harness import PATIENCE, Server, Socket, run_chat
from tests.live.test_accounts import PASSWORD
from tests.live.test_lasting import LastingTests

QUEUE = 5
IMPATIENCE = 4.0
"""Seconds; a second later everybody is answered anyway."""

CAPS = ("echo-message", "message-tags", "standard-replies")


class StoreTests(LastingTests):
    """A SQLite file that the test looks into as well."""

    def irc(self, server: Server, name: str, *caps: str) -> Irc:
        """Someone on IRC."""
        client = Irc(server.port)
        self.addCleanup(client.close)
        client.register(name, *caps)
        return client

    def test_second_server(self) -> None:
        """A second server on the same file ends with one sentence, status 1, and nothing changed; when the first was
        killed, another one starts."""
        first = self.server()
        second = run_chat("--port", "0", "--state-dir", str(self.state))
        self.assertEqual((second.returncode, second.stdout), (1, ""))
        path = (self.state / "chat.sqlite").resolve()
        sentence = f"twistd chat: {path} is in use: a server runs on it, or a command that changes it."
        self.assertEqual(second.stderr.strip().splitlines()[-1:], [sentence])
        self.assertNotIn("Traceback", second.stderr)
        first.kill()
        self.stop(self.server())

    @contextlib.contextmanager
    def held_up(self) -> Iterator[None]:
        """Nothing can be stored meanwhile."""
        with contextlib.closing(sqlite3.connect(self.state / "chat.sqlite", isolation_level=None)) as file:
            file.execute("BEGIN IMMEDIATE")
            yield
            file.execute("ROLLBACK")

    def test_queue(self) -> None:
        """As many lines as the queue holds wait, and come back when they are stored; one more, and who said them is
        told at once that they are not."""
        server = self.server("--history-queue", str(QUEUE))
        ada, bob = self.irc(server, "ada", *CAPS), self.irc(server, "bob")
        bob.join("#a")
        ada.join("#a")
        bob.until_word("JOIN")
        ada.say("PRIVMSG #a :all is stored")
        ada.until_word("PRIVMSG")
        for count in (QUEUE - 1, QUEUE, QUEUE + 1):
            with self.held_up():
                began = time.monotonic()
                for number in range(count):
                    ada.say(f"PRIVMSG #a :{count}.{number}")
                while not bob.until_word("PRIVMSG")[-1].endswith(f":{count}.{count - 1}"):
                    pass
                told = self.told(ada, count) if count > QUEUE else []
                self.assertLess(time.monotonic() - began, IMPATIENCE)
            told = told or self.told(ada, count)
            self.assertEqual([line.count("NOT_STORED") for line in told], [int(count > QUEUE)] * count)
        server.wait_for_log("History is stored again; 1 lines were not.")
        self.stop(server)

    def told(self, client: Irc, count: int) -> list[str]:
        """What comes back for so many lines: each, with a warning if there is one."""
        lines: list[str] = []
        while sum(" PRIVMSG " in line for line in lines) < count:
            lines += client.until_word("PRIVMSG", "WARN")
        client.say("PING end")
        lines += client.until_word("PONG")[:-1]
        warned = "".join("w" if "NOT_STORED" in line else "." for line in lines)
        return ["NOT_STORED"] * warned.count("w") + [""] * (count - warned.count("w"))

    def test_markers(self) -> None:
        """How far somebody has read is known after the server was killed; they do not go back."""
        server = self.server()
        ada = Socket(server.port)
        self.addCleanup(ada.close)
        ada.enter("ada")
        ada.say(f"/register {PASSWORD}")
        ada.until("-- ada is your account now, and you are logged in.")
        ada.say("/quit")
        for minute, known in ((5, 5), (3, 5)):
            reader = self.logged_in(server)
            reader.say(f"MARKREAD #tea timestamp=2026-01-01T00:0{minute}:00.000Z")
            self.assertIn(f"00:0{known}:00", reader.until_word("MARKREAD")[-1])
            self.wait_for_marker(known)
            server.kill()
            server = self.server()
            reader = self.logged_in(server)
            reader.say("MARKREAD #tea")
            self.assertIn(f"00:0{known}:00", reader.until_word("MARKREAD")[-1])
            reader.say("QUIT")
            reader.until_word("ERROR")
        self.stop(server)

    def logged_in(self, server: Server) -> Irc:
        """ada, on IRC."""
        client = Irc(server.port)
        self.addCleanup(client.close)
        client.say("CAP LS 302", "CAP REQ :sasl draft/read-marker", "AUTHENTICATE PLAIN")
        client.say("AUTHENTICATE " + b64encode(f"\0ada\0{PASSWORD}".encode()).decode())
        client.until_word("903")
        client.register("ada")
        client.join("#tea")
        return client

    def wait_for_marker(self, minute: int) -> None:
        """Until it is in the file: it is written a second later."""
        deadline = time.monotonic() + PATIENCE
        wanted = 1767225600.0 + 60 * minute
        with contextlib.closing(sqlite3.connect(self.state / "chat.sqlite")) as file:
            while file.execute("SELECT time FROM markers WHERE buffer = '#tea'").fetchall() != [(wanted,)]:
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.02)  # There is nothing to be told by.
