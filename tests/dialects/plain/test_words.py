"""Plain words for modes."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatproto.dialects.plain.words import RULES, STATUSES, change_of, rule_called, standing, status_of, unchanged
from chatproto.modes import VALUED, Change, Listing, Rule, Status

STATUS_CHANGES = {
    Status.FOUNDER: ("made bob a founder", "took the rights of a founder from bob"),
    Status.PROTECTED: ("made bob a protected member", "took the protection from bob"),
    Status.OPERATOR: ("made bob an operator", "took the rights of an operator from bob"),
    Status.HALFOP: ("made bob a half-operator", "took the rights of a half-operator from bob"),
    Status.VOICE: ("gave bob a voice", "took the voice from bob"),
}
MASK = "eve!*@*"
LIST_CHANGES = {
    (Listing.BAN, MASK): (f"banned {MASK}", f"unbanned {MASK}"),
    (Listing.BAN, f"m:{MASK}"): (f"muted {MASK}", f"unmuted {MASK}"),
    (Listing.EXCEPTION, MASK): (f"excepted {MASK} from bans", f"excepts {MASK} from bans no longer"),
    (Listing.INVITED, MASK): (
        f"put {MASK} on the list of invited people",
        f"took {MASK} off the list of invited people",
    ),
}
VALUES = {
    Rule.KEY: ("sesame", "set the key sesame", "took the key away"),
    Rule.LIMIT: ("20", "set a limit of 20 people", "took the limit away"),
    Rule.FORWARD: ("#den", "sends to #den who may not come in", "sends nobody to another room any longer"),
}


class Words(SynchronousTestCase):
    """Statuses, rules, and changes of either."""

    def test_statuses(self) -> None:
        """Of several that somebody is, the highest is told; who is nothing above others has no word."""
        self.assertEqual(STATUSES.keys(), set(Status))
        for status, word in STATUSES.items():
            self.assertEqual((status_of(status), status_of(status | Status.VOICE)), (word, word))
        self.assertEqual(status_of(Status.NONE), "")
        self.assertEqual(status_of(Status.OPERATOR | Status.FOUNDER), "founder")

    def test_rules(self) -> None:
        """Every rule has a word of its own, by which it is found in any case."""
        self.assertEqual(RULES.keys(), set(Rule))
        for rule, (word, _) in RULES.items():
            self.assertNotIn(" ", word)
            self.assertIs(rule_called(word), rule)
            self.assertIs(rule_called(word.upper()), rule)
        self.assertIsNone(rule_called("i"))

    def test_changes_of_statuses(self) -> None:
        """What somebody was made, and is no longer, is told with their name."""
        for status in Status:
            told = tuple(change_of(Change(add, status, "bob")) for add in (True, False))
            self.assertEqual(told, STATUS_CHANGES[status])

    def test_changes_of_lists(self) -> None:
        """What was put on a list, or taken off it, is told as it stands there."""
        self.assertEqual({listing for listing, _ in LIST_CHANGES}, set(Listing))
        for (listing, mask), words in LIST_CHANGES.items():
            self.assertEqual(tuple(change_of(Change(add, listing, mask)) for add in (True, False)), words)

    def test_changes_of_rules(self) -> None:
        """A rule is told by its word, or by what its value does."""
        self.assertEqual(change_of(Change(True, Rule.INVITE_ONLY)), "made the room invite-only")
        for rule in set(Rule) - VALUED:
            word = RULES[rule][0]
            told = (change_of(Change(True, rule)), change_of(Change(False, rule)))
            if word in ("accounts-speak", "no-ctcp", "auditorium", "roleplay"):
                self.assertEqual(told, (f"set the rule {word}", f"lifted the rule {word}"))
            else:
                self.assertEqual(told, (f"made the room {word}", f"made the room no longer {word}"))
        self.assertEqual(VALUES.keys(), VALUED)
        for rule, (value, set_, unset) in VALUES.items():
            self.assertEqual((change_of(Change(True, rule, value)), change_of(Change(False, rule))), (set_, unset))

    def test_standing(self) -> None:
        """One is told what one is, by the highest of it, and what one is not."""
        told = [standing(status) for status in STATUSES]
        self.assertEqual(
            told, ["are a founder", "are a protected member", "are an operator", "are a half-operator", "have a voice"]
        )
        self.assertEqual(standing(Status.NONE), "are no operator")
        self.assertEqual(standing(Status.OPERATOR | Status.VOICE), "are an operator")

    def test_unchanged(self) -> None:
        """Who asks for what is so already is told what is so."""
        for change, sentence in (
            (Change(True, Status.FOUNDER, "bob"), "bob is a founder already."),
            (Change(False, Status.FOUNDER, "bob"), "bob is no founder."),
            (Change(True, Status.OPERATOR, "bob"), "bob is an operator already."),
            (Change(False, Status.OPERATOR, "bob"), "bob is no operator."),
            (Change(True, Status.VOICE, "bob"), "bob has a voice already."),
            (Change(False, Status.VOICE, "bob"), "bob has no voice."),
            (Change(True, Listing.BAN, "eve"), "eve is banned already."),
            (Change(False, Listing.BAN, "eve"), "eve is not banned."),
            (Change(False, Listing.BAN, "e" * 71), f"{'e' * 70}… is not banned."),
            (Change(True, Rule.MODERATED), "The rule moderated is on already."),
            (Change(False, Rule.MODERATED), "The rule moderated is off already."),
            (Change(True, Rule.LIMIT, "20"), "The rule limit is 20 already."),
            (Change(False, Rule.LIMIT), "The rule limit is off already."),
        ):
            self.assertEqual(unchanged(change), sentence)
