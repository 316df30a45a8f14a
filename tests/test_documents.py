"""The documents, held to the code: the tables of docs/dialects.md row by row, the files that are named, the links."""

from __future__ import annotations

import re
from pathlib import Path

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

import chatproto
from chatproto import account, motd
from chatproto.dialects import irc
from chatproto.dialects.irc import answers, isupport, markers, message, response, sent
from chatproto.dialects.irc.letters import PREFIXES, ROOM_MODES, USER_MODES
from chatproto.dialects.irc.numerics import numerics
from chatproto.dialects.irc.settings import IrcSettings
from chatproto.dialects.irc.table import VERBS, Verb
from chatproto.dialects.irc.verbs import histserv, playback, sasl, search, whois
from chatproto.dialects.plain import PlainConversation
from chatproto.dialects.plain.accounts import ACCOUNT
from chatproto.dialects.plain.operating import SERVER
from chatproto.dialects.plain.rules import ROOM
from chatproto.dialects.plain.table import COMMANDS
from chatproto.dialects.plain.words import RULES
from chatproto.interfaces import Peer
from chatproto.modes import Listing, Rule, UserMode
from chatproto.rooms import masks, metadata, moderation, operators, reading, searching, user
from chatproto.rooms.limits import RoomLimits
from chatproto.testing import RecordingLink
from tests.accounts.quick import quick
from tests.dialects.irc.network import Network, finish

TREE = Path(__file__).parent.parent
DOCUMENT = TREE / "docs" / "dialects.md"
DOCUMENTS = [TREE / "README.md", TREE / "CHANGELOG.md", *sorted((TREE / "docs").glob("*.md"))]
SOURCES = Path(irc.__file__).parent

BOUNDS = [
    message.LINE_LENGTH, message.CLIENT_TAGS, message.LONGEST, response.LONGEST_LABEL, metadata.LONGEST_KEY,
    masks.LONGEST_MASK, operators.MOST_TRIES, whois.NAMES_AT_ONCE, sasl.CHUNK, account.LONGEST_RESPONSE,
    sent.REMEMBERED, markers.OWN_MARKERS, reading.PARTNERS, searching.WORDS, search.DEEPEST, histserv.PLAYED,
    playback.BUFFERS, moderation.INVITATIONS,
    user.ACCEPTED,
    moderation.MOST_MOVED, answers.LINES_AT_ONCE, motd.LONGEST, motd.MOST_LINES,
]  # fmt: skip
"""In the order of their table."""


def table(heading: str) -> list[list[str]]:
    """The cells of the first table below a heading, without their back-quotes, row by row."""
    text = DOCUMENT.read_text().partition(f"\n### {heading}\n")[2]
    text = re.split("\n##+ ", text)[0]
    rows = [line.strip("|").replace("\\|", "\0").split("|") for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip().replace("`", "").replace("\0", "|") for cell in row] for row in rows[2:]]


def when(verb: Verb) -> str:
    """Whether a verb is taken before registration is done, and after it."""
    return "always" if verb.early and verb.late else "before" if verb.early else "after"


def quoted(heading: str) -> list[list[list[str]]]:
    """The lines that each cell of such a table shows."""
    text = re.split("\n##+ ", DOCUMENT.read_text().partition(f"\n### {heading}\n")[2])[0]
    rows = [
        line.split(" | ", 1) for line in text.translate({0x2401: 1, 0x2402: 2}).splitlines() if line.startswith("|")
    ]
    return [[re.findall("`(.*?)`", cell) for cell in row] for row in rows[2:]]


def column(heading: str, place: int = 0) -> list[str]:
    """One column of such a table."""
    return [row[place] for row in table(heading)]


class Tables(SynchronousTestCase):
    """Every row is true, and nothing is missing."""

    def test_verbs(self) -> None:
        """Each verb stands there once, with its form and when it is taken."""
        written = [(row[0], row[1]) for row in table("Verbs")]
        self.assertEqual(written, [(verb.form, when(verb)) for _, verb in sorted(VERBS.items())])

    def test_numerics(self) -> None:
        """Each numeric stands there once, with its name."""
        written = [(row[0], row[1]) for row in table("Numerics")]
        self.assertEqual(written, [(numeric.code, name) for name, numeric in numerics().items()])
        self.assertEqual(written, sorted(written))

    def test_numerics_are_sent(self) -> None:
        """Each numeric that is declared is used somewhere."""
        sources = "".join(file.read_text() for file in SOURCES.rglob("*.py"))
        unused = [name for name in numerics() if not re.search(rf"\bn\.{name}\b", sources)]
        self.assertEqual(unused, [])

    def test_capabilities(self) -> None:
        """Each capability stands there once, with the value that it has in cleartext; sts is there if it is wanted."""
        network = Network(accounts=quick(Clock()))
        offered = dict(network.server.capabilities(Peer("192.0.2.1", secure=False)))
        self.assertEqual(
            [row[:2] for row in table("Capabilities")], [list(row) for row in sorted({**offered, "sts": ""}.items())]
        )

    def test_isupport(self) -> None:
        """Each token stands there once, with its value by default."""
        self.assertEqual(column("ISUPPORT"), list(isupport.tokens(IrcSettings(), RoomLimits())))

    def test_modes_of_rooms(self) -> None:
        """Each mode letter of a room stands there once, with what HELP tells of it."""
        letters = [letter for letter, _ in PREFIXES.values()]
        letters += [each.value for each in (*Rule, *Listing)]
        self.assertEqual(sorted(column("Modes of rooms")), sorted(letters))
        self.assertEqual(dict(table("Modes of rooms")), ROOM_MODES)

    def test_modes_of_people(self) -> None:
        """Each mode letter of a person stands there once, with what HELP tells of it."""
        self.assertEqual(sorted(column("Modes of people")), sorted(mode.value for mode in UserMode))
        self.assertEqual(dict(table("Modes of people")), USER_MODES)

    def test_bounds(self) -> None:
        """Each number is that of the code."""
        self.assertEqual(column("Bounds"), list(map(str, BOUNDS)))


class PlainLines(SynchronousTestCase):
    """What is said of commands and rules."""

    def test_commands(self) -> None:
        """Each command stands there once, with its form, and under those whom it is for."""
        text = DOCUMENT.read_text().partition("\n### What you type\n")[2].partition("\n### ")[0]
        tables = [re.findall(r"^\| `(/[a-z].*?)` \|", part, re.MULTILINE) for part in text.split("\n| command |")[1:]]
        written = [sorted(form.replace("\\|", "|") for form in forms) for forms in tables]
        kinds = ("", ACCOUNT, ROOM, SERVER)
        self.assertEqual(written, [sorted(each.form for each in COMMANDS.values() if each.of == of) for of in kinds])

    def test_rules(self) -> None:
        """Each rule is named."""
        named = re.search(r"\nThe rules are (.*?);", DOCUMENT.read_text(), re.DOTALL)
        assert named is not None
        self.assertEqual(sorted(re.findall("`(.*?)`", named[1])), sorted(word for word, _ in RULES.values()))


class Plain:
    """Somebody on plain lines."""

    def __init__(self, network: Network, name: str) -> None:
        self.link = RecordingLink()
        self.link.peer = Peer("127.0.0.1", secure=False)
        self.talk = PlainConversation(self.link, network.rooms, "", None)
        self.send(name)

    def send(self, line: str) -> None:
        """Type a line."""
        answer = self.talk.line_received(line.encode())
        if answer is not None:
            finish(answer)

    def got(self) -> list[str]:
        """The lines that came since one looked last."""
        return self.link.lines()


class BothSee(SynchronousTestCase):
    """The tables of what one dialect sees of the other are what happens, row after row."""

    def setUp(self) -> None:
        """Somebody on each side, in the room that is always there."""
        network = Network()
        self.ada, self.bob = network.connect("ada", ["away-notify"]), Plain(network, "bob")
        self.ada.send("JOIN #lobby")
        self.bob.got()

    def test_from_irc(self) -> None:
        """What a client sends, and a person reads."""
        self.ada.send("OPER root secret")
        for lines, read in quoted("From IRC to plain lines"):
            self.ada.send(*lines)
            self.assertEqual([re.sub(r"^\d\d:\d\d", "12:03", line) for line in self.bob.got()], read)
            if "INVITE bob #x" in lines:
                self.bob.send("/join #x")
                self.bob.got()

    def test_from_plain_lines(self) -> None:
        """What a person types, and a client reads."""
        self.bob.send("/join #x")
        self.ada.send("JOIN #x", "PART #lobby")
        self.ada.got()
        for typed, read in quoted("From plain lines to IRC"):
            for line in typed:
                self.bob.send(line)
            self.assertEqual(self.ada.got(), read)


class References(SynchronousTestCase):
    """What the documents name is there."""

    def test_files(self) -> None:
        """A file of the package is called by its path within it, or as in the map."""
        for document in DOCUMENTS:
            for name in re.findall(r"`([a-z_/]+\.py)`", document.read_text()):
                found = [(root / name).is_file() for root in (TREE, TREE / "chatproto")]
                self.assertTrue(any(found), f"{document.name}: {name}")

    def test_map(self) -> None:
        """Every module and directory at the top of the package stands in the map, in the README too."""
        top = Path(chatproto.__file__).parent
        names = {f"{each.name}/" if each.is_dir() else each.name for each in top.iterdir() if each.name[:1] not in "_."}
        readme = (TREE / "README.md").read_text().partition("\n## The map\n")[2].partition("\n## ")[0]
        for drawn in (chatproto.__doc__ or "", readme):
            self.assertEqual(names - {"py.typed"} - set(re.findall(r"[a-z_]+(?:\.py|/)", drawn)), set())

    def test_links(self) -> None:
        """A link leads to a file that is there, and to a heading in it."""
        for document in DOCUMENTS:
            for path, anchor in re.findall(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)", document.read_text()):
                target = document.parent / path if path else document
                self.assertTrue(target.exists(), f"{document.name}: {path}")
                if anchor:
                    headings = re.findall("^#+ (.*)$", target.read_text(), re.MULTILINE)
                    self.assertIn(anchor, [heading.lower().replace(" ", "-") for heading in headings])
