"""People who said something, and what is read back of it."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatproto.dialects.irc.look import server_time
from chatproto.dialects.irc.settings import IrcSettings
from chatproto.interfaces import IHistoryStore
from tests.dialects.irc.network import Client, Network

S = ":chatproto.local"
CAPS = ("batch", "draft/chathistory", "message-tags", "server-time")


def tags_of(line: str) -> dict[str, str]:
    """The tags of a line."""
    words = line[1:].partition(" ")[0].split(";") if line.startswith("@") else []
    return {key: value for key, _, value in (word.partition("=") for word in words)}


def bare(line: str) -> str:
    """A line without its tags."""
    return line.partition(" ")[2] if line.startswith("@") else line


def texts(lines: list[str]) -> list[str]:
    """The last parameter of each line."""
    return [line.rpartition(" :")[2] for line in lines]


def timestamp(seconds: float) -> str:
    """A selector."""
    return f"timestamp={server_time(seconds)}"


class PastCase(SynchronousTestCase):
    """ada and bob are in #a, and a second passes before each line that is said."""

    settings = IrcSettings()
    history: IHistoryStore | None = None
    caps: tuple[str, ...] = CAPS

    def setUp(self) -> None:
        """Let them in."""
        self.network = Network(self.settings, history=self.history)
        self.ada, self.bob = self.network.connect("ada", self.caps), self.network.connect("bob", CAPS)
        self.network.room("#a", self.ada, self.bob)

    def say(
        self, *lines: str, target: str = "#a", client: Client | None = None, reader: Client | None = None
    ) -> list[str]:
        """Have bob say them; the ids they have for ada."""
        ids = []
        for line in lines:
            self.network.now += 1
            (client or self.bob).send(f"PRIVMSG {target} :{line}")
            ids += [tags_of(each)["msgid"] for each in (reader or self.ada).got()]
        self.bob.got()
        return ids

    def log_in(self, client: Client, account: str) -> None:
        """Have an account, as if it were proven."""
        client.talk.user.looks(account=account)

    def played(self, client: Client, line: str, target: str = "#a", kind: str = "chathistory") -> list[str]:
        """What comes back in a batch of that kind."""
        return self.batch(client.says(line), *([kind, target] if target else [kind]))

    def batch(self, lines: list[str], *params: str) -> list[str]:
        """The lines of the one batch that these are."""
        first, *inner, last = lines
        name = bare(first).split(" ")[2][1:]
        self.assertEqual(bare(first), f"{S} BATCH +{name} {' '.join(params)}")
        self.assertEqual(bare(last), f"{S} BATCH -{name}")
        for line in inner:
            self.assertEqual(tags_of(line)["batch"], name)
        return inner
