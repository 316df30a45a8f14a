"""HELP."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatproto.dialects.irc.letters import ROOM_MODES, USER_MODES
from chatproto.dialects.irc.table import VERBS
from tests.dialects.irc.network import Network

S = ":chatproto.local"


class Help(SynchronousTestCase):
    """HELP and HELPOP, which is the same."""

    def setUp(self) -> None:
        """Somebody who needs help."""
        self.ada = Network().connect("ada")

    def test_index(self) -> None:
        """Alone it lists all verbs; an empty subject is none."""
        for line in ("HELP", "HELPOP", "HELP :", "help"):
            title, empty, *index, last = self.ada.says(line)
            self.assertEqual((title, empty), (f"{S} 704 ada * :** Help **", f"{S} 705 ada * :"))
            self.assertEqual(
                last,
                f"{S} 706 ada * :HELP <verb> tells how that one is used; HELP MODES and HELP UMODES tell of modes.",
            )
            rows = [row.removeprefix(f"{S} 705 ada * :") for row in index]
            self.assertEqual(" ".join(rows).split(" "), sorted(VERBS))
            self.assertLess(max(map(len, rows)), 80)

    def test_verb(self) -> None:
        """With a verb, in any case, it tells how that is used, and what it does."""
        for line in ("HELP WALLOPS", "HELPOP wallops", "HELP :Wallops"):
            self.assertEqual(
                self.ada.says(line),
                [
                    f"{S} 704 ada WALLOPS :** WALLOPS **",
                    f"{S} 705 ada WALLOPS :",
                    f"{S} 705 ada WALLOPS :WALLOPS <text>",
                    f"{S} 706 ada WALLOPS :Tells something to everyone who wants to hear it (mode +w).",
                ],
            )

    def test_modes(self) -> None:
        """Modes are no verbs, and are told of all the same: each on a line."""
        for subject, title, modes in (("MODES", "rooms", ROOM_MODES), ("UMODES", "people", USER_MODES)):
            texts = [f"** Modes of {title} **", "", *(f"{letter}  {meaning}" for letter, meaning in modes.items())]
            numbers = ["704", *["705"] * (len(texts) - 2), "706"]
            told = [f"{S} {number} ada {subject} :{text}" for number, text in zip(numbers, texts, strict=True)]
            self.assertEqual(self.ada.says(f"HELP {subject.lower()}"), told)

    def test_unknown(self) -> None:
        """Nothing is known of anything else; what was asked for is repeated, if it can be."""
        for said, told in (("foo", "FOO"), (":a b", "*"), ("::", "*"), ("x" * 400, "X" * 60)):
            self.assertEqual(self.ada.says(f"HELP {said}"), [f"{S} 524 ada {told} :No help available on this topic"])

    def test_everything(self) -> None:
        """Every verb has a form that begins with its name, and a sentence; each fits into a line."""
        for name, known in VERBS.items():
            with self.subTest(name):
                self.assertEqual(known.form.split(" ")[0], name)
                self.assertRegex(known.summary, r"^[A-Z].*\.$")
                lines = self.ada.says(f"HELP {name}")
                self.assertEqual([line.split(" ")[1] for line in lines], ["704", "705", "705", "706"])
                self.assertLess(max(map(len, lines)), 300)
