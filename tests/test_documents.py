"""docs/dialects.md says what IRC clients can rely on, row by row; here its tables are held to the code."""

from __future__ import annotations

import re
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from chatproto.dialects import irc
from chatproto.dialects.irc import isupport
from chatproto.dialects.irc.caps import CAPS
from chatproto.dialects.irc.conversation import VERBS
from chatproto.dialects.irc.letters import PREFIXES
from chatproto.dialects.irc.numerics import numerics
from chatproto.dialects.irc.settings import IrcSettings
from chatproto.modes import Listing, Rule, UserMode
from chatproto.rooms.limits import RoomLimits

DOCUMENT = Path(__file__).parent.parent / "docs" / "dialects.md"
SOURCES = Path(irc.__file__).parent


def table(heading: str) -> list[list[str]]:
    """The cells of the first table below a heading, without their back-quotes, row by row."""
    text = DOCUMENT.read_text().partition(f"\n### {heading}\n")[2].partition("\n### ")[0]
    rows = [line.strip("|").replace("\\|", "\0").split("|") for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip().replace("`", "").replace("\0", "|") for cell in row] for row in rows[2:]]


def column(heading: str, place: int = 0) -> list[str]:
    """One column of such a table."""
    return [row[place] for row in table(heading)]


class Tables(SynchronousTestCase):
    """Every row is true, and nothing is missing."""

    def test_verbs(self) -> None:
        """Each verb stands there once, with its form."""
        self.assertEqual(sorted(column("Verbs")), sorted(verb.form for verb in VERBS.values()))

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
        """Each capability stands there once."""
        self.assertEqual(column("Capabilities"), sorted([*CAPS, "sts"]))

    def test_isupport(self) -> None:
        """Each token stands there once, with its value by default."""
        self.assertEqual(column("ISUPPORT"), list(isupport.tokens(IrcSettings(), RoomLimits())))

    def test_modes_of_rooms(self) -> None:
        """Each mode letter of a room stands there once."""
        letters = [letter for letter, _ in PREFIXES.values()]
        letters += [each.value for each in (*Rule, *Listing)]
        self.assertEqual(sorted(column("Modes of rooms")), sorted(letters))

    def test_modes_of_people(self) -> None:
        """Each mode letter of a person stands there once."""
        self.assertEqual(sorted(column("Modes of people")), sorted(mode.value for mode in UserMode))
