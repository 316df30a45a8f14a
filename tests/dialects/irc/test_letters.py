"""How IRC writes what a room and a person are."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatproto.dialects.irc.letters import CHANNEL_MODES, ROOM_MODES, USER_MODES, letter, prefix, spelled
from chatproto.modes import Change, Listing, Rule, Status, UserMode


class LetterTests(SynchronousTestCase):
    """Letters and prefixes."""

    def test_prefixes(self) -> None:
        """The highest comes first, and is the only one where others are not wanted."""
        every = Status.FOUNDER | Status.PROTECTED | Status.OPERATOR | Status.HALFOP | Status.VOICE
        self.assertEqual((prefix(every, every=True), prefix(every)), ("~&@%+", "~"))
        self.assertEqual((prefix(Status.NONE, every=True), prefix(Status.NONE)), ("", ""))
        self.assertEqual((prefix(Status.HALFOP | Status.VOICE)), "%")

    def test_letters(self) -> None:
        """Each thing has a letter of its own."""
        statuses = [letter(status) for status in Status]
        self.assertEqual(statuses, list("vhoaq"))
        letters = [*statuses, *map(letter, Rule), *map(letter, Listing)]
        self.assertEqual(len(set(letters)), len(letters))
        self.assertEqual(len({mode.value for mode in UserMode}), len(UserMode))

    def test_meanings(self) -> None:
        """Each letter has a meaning."""
        self.assertEqual(sorted(ROOM_MODES), sorted(letter(what) for what in (*Status, *Rule, *Listing)))
        self.assertEqual(sorted(USER_MODES), sorted(mode.value for mode in UserMode))

    def test_kinds(self) -> None:
        """Lists, what always has a value, what has one when it is set, and what has none."""
        self.assertEqual(CHANNEL_MODES, "Ibe,k,fl,CEMRUcimnpstu")

    def test_spelled(self) -> None:
        """The letters of changes and then their values, in as few lists as are short enough."""
        changes = [Change(True, Rule.KEY, "é"), Change(True, Rule.SECRET), Change(False, Status.VOICE, "bob")]
        for space in (100, 14):  # Counted as +k é+s -v bob, in bytes.
            self.assertEqual(list(spelled(changes, space)), [["+ks-v", "é", "bob"]])
        self.assertEqual(list(spelled(changes, 13)), [["+ks", "é"], ["-v", "bob"]])
        self.assertEqual(list(spelled(changes, 7)), [["+k", "é"], ["+s"], ["-v", "bob"]])
        self.assertEqual(list(spelled([], 7)), [])
