"""Clients that log in: a server with accounts that cost nothing, and SASL as clients speak it."""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import Any

from scramp import ScramClient
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from chatproto.accounts.settings import AccountSettings
from chatproto.dialects.irc.settings import IrcSettings
from chatproto.interfaces import IAccountStore, Peer
from chatproto.stores.memory_accounts import MemoryAccounts
from chatproto.testing import NOON
from tests.accounts.quick import CHEAP, FINGERPRINT, at_once, quick
from tests.dialects.irc.network import Client, Network, finish

S = ":chatproto.local"
HERE = Peer("127.0.0.1", secure=False)
FAR = Peer("192.0.2.1", secure=False)
"""Somebody whose lines others may read."""
SAFE = Peer("192.0.2.1", secure=True)
SHOWN = Peer("192.0.2.1", secure=True, fingerprint=FINGERPRINT)
"""Somebody who has shown a certificate."""

PASSWORD = "correct horse"
"""That of all accounts here."""


def base64(text: str | bytes) -> str:
    """As AUTHENTICATE has it."""
    return b64encode(text.encode() if isinstance(text, str) else text).decode()


def plain(name: str, password: str = PASSWORD, acting: str = "") -> str:
    """The one message of PLAIN."""
    return base64(f"{acting}\0{name}\0{password}")


class AccountsTestCase(SynchronousTestCase):
    """A server where ada has an account."""

    settings = CHEAP
    irc: IrcSettings | None = None

    def setUp(self) -> None:
        """Make it."""
        self.build()

    def build(
        self, settings: AccountSettings | None = None, store: IAccountStore | None = None, defer: Any = at_once
    ) -> None:
        """Another one."""
        clock = Clock()
        clock.advance(NOON)
        self.clock = clock
        store = store or MemoryAccounts()
        self.accounts = quick(clock, settings or self.settings, store)
        finish(self.made("ada"))
        self.accounts = quick(clock, settings or self.settings, store, defer)
        self.network = Network(self.irc, accounts=self.accounts)

    async def made(self, name: str) -> None:
        """There is an account of that name."""
        await self.accounts.make(name.lower(), name, PASSWORD)

    def client(self, peer: Peer = HERE) -> Client:
        """Somebody who has said nothing yet."""
        return self.network.connect(peer=peer)

    def logged_in(self, nick: str, *caps: str, account: str = "ada", peer: Peer = HERE) -> Client:
        """Somebody who has come in by SASL."""
        client = self.client(peer)
        client.send(f"CAP REQ :{' '.join(('sasl', *caps))}", "AUTHENTICATE PLAIN", f"AUTHENTICATE {plain(account)}")
        got = client.says(f"NICK {nick}", "USER u 0 * :r", "CAP END")
        self.assertTrue(any(" 001 " in line for line in got), got)
        return client

    def account(self, client: Client) -> str:
        """What others see that client is logged in to; an empty text for nothing."""
        user = client.talk.session.user
        assert user is not None
        return user.who.account

    def scram(self, client: Client, name: str, password: str = PASSWORD) -> list[str]:
        """Log in by SCRAM. What comes of the last message that was needed."""
        scram = ScramClient(["SCRAM-SHA-256"], name, password)
        self.assertEqual(client.says("AUTHENTICATE SCRAM-SHA-256"), [f"{S} AUTHENTICATE +"])
        scram.set_server_first(self.challenge(client, scram.get_client_first()))
        got = client.says(f"AUTHENTICATE {base64(scram.get_client_final())}")
        if len(got) == 1 and " AUTHENTICATE " in got[0]:
            scram.set_server_final(b64decode(got[0].split()[-1]).decode())
            got = client.says("AUTHENTICATE +")
        return got

    def challenge(self, client: Client, message: str) -> str:
        """What one message is answered with, which is one line."""
        (line,) = client.says(f"AUTHENTICATE {base64(message)}")
        return b64decode(line.removeprefix(f"{S} AUTHENTICATE ")).decode()
