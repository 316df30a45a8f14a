"""Events as IRC's lines, for connections of different capabilities."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatproto.dialects.irc.look import SEEN
from chatproto.events import (
    AccountChanged,
    Announced,
    AwayChanged,
    HostChanged,
    Invited,
    Joined,
    Kicked,
    Left,
    MetadataChanged,
    ModesChanged,
    Quit,
    RealnameChanged,
    Redacted,
    Renamed,
    Returned,
    RoomRenamed,
    TopicChanged,
    Who,
)
from chatproto.modes import Change, Listing, Rule, Status
from tests.dialects.irc.shown import ADA, A, lines


class Shown(SynchronousTestCase):
    """Everything that happens, but for what is said: see test_said.py."""

    def test_what_everyone_is_shown(self) -> None:
        """These lines need no capability."""
        changes = (
            Change(True, Rule.MODERATED),
            Change(True, Status.VOICE, "bob"),
            Change(False, Listing.BAN, "x!*@*"),
            Change(True, Rule.KEY, "s"),
        )
        for event, line in (
            (Joined("#a", ADA, "Ada Real", "lunch"), "JOIN #a"),
            (Left("#a", ADA, ""), "PART #a"),
            (Left("#a", ADA, "see you"), "PART #a :see you"),
            (Kicked("#a", ADA, "bob", "so what"), "KICK #a bob :so what"),
            (Kicked("#a", ADA, "bob", ""), "KICK #a bob ada"),
            (TopicChanged("#a", ADA, "tea"), "TOPIC #a :tea"),
            (TopicChanged("#a", ADA, ""), "TOPIC #a :"),
            (ModesChanged("#a", ADA, changes), "MODE #a +mv-b+k bob x!*@* s"),
            (Quit(ADA, "Quit"), "QUIT :Quit"),
            (Renamed(ADA, "eve"), "NICK eve"),
            (Announced(ADA, "hear"), "WALLOPS :hear"),
        ):
            self.assertEqual(lines(event), [f"{A} {line}"])

    def test_what_is_asked_for(self) -> None:
        """These are shown to those who asked, and to nobody else."""
        for cap, event, line in (
            ("away-notify", AwayChanged(ADA, "lunch"), "AWAY lunch"),
            ("away-notify", AwayChanged(ADA, ""), "AWAY"),
            ("setname", RealnameChanged(ADA, "Ada L"), "SETNAME :Ada L"),
            ("account-notify", AccountChanged(ADA), "ACCOUNT Ada"),
            ("account-notify", AccountChanged(Who("ada", "~ada", "example.org")), "ACCOUNT *"),
            ("chghost", HostChanged(ADA, "~a", "b.c", "Ada", near=False), "CHGHOST ~a b.c"),
            ("invite-notify", Invited("#a", ADA, "bob"), "INVITE bob #a"),
            ("draft/message-redaction", Redacted("#a", ADA, "1-2", ""), "REDACT #a 1-2"),
            ("draft/message-redaction", Redacted("#a", ADA, "1-2", "so sad"), "REDACT #a 1-2 :so sad"),
        ):
            self.assertEqual(lines(event, *(SEEN - {cap, "account-tag", "server-time", "message-tags"})), [])
            self.assertEqual(lines(event, cap), [f"{A} {line}"])

    def test_who_comes_in(self) -> None:
        """Those who asked see the account and the real name, and whether they are away."""
        event = Joined("#a", ADA, "Ada Real", "at lunch")
        self.assertEqual(
            lines(event, "extended-join", "away-notify"), [f"{A} JOIN #a Ada :Ada Real", f"{A} AWAY :at lunch"]
        )
        nobody = Joined("#a", Who("ada", "~ada", "example.org"), "Ada")
        self.assertEqual(lines(nobody, "extended-join", "away-notify"), [f"{A} JOIN #a * Ada"])

    def test_another_host(self) -> None:
        """Who asked for it is told so; others see the person quit and come back as what it was, but not those who share
        no room with it."""
        moved = HostChanged(ADA, "~a", "b.c", "Ada Real")
        now = Who("ada", "~a", "b.c", "Ada")
        back = Returned("#a", now, "Ada Real", "lunch", Status.OPERATOR | Status.VOICE)
        self.assertEqual((lines(moved, "chghost"), lines(back, "chghost")), ([f"{A} CHGHOST ~a b.c"], []))
        self.assertEqual(lines(moved), [f"{A} QUIT :Changing host"])
        self.assertEqual(lines(back), [":ada!~a@b.c JOIN #a", ":irc.example MODE #a +ov ada ada"])
        time = "time=2027-01-15T08:00:00.250Z"
        self.assertEqual(
            lines(back, "extended-join", "away-notify", "message-tags", "server-time"),
            [
                f"@{time} :ada!~a@b.c JOIN #a Ada :Ada Real",
                f"@{time} :ada!~a@b.c AWAY lunch",
                f"@{time} :irc.example MODE #a +ov ada ada",
            ],
        )
        self.assertEqual(lines(Returned("#a", now, "Ada", "", Status.NONE)), [":ada!~a@b.c JOIN #a"])

    def test_never_too_long(self) -> None:
        """What people of other dialects write at length is cut to a line, between characters; tags do not count."""
        long = "a " + "é" * 2000
        for event, words in (
            (TopicChanged("#a", ADA, long), "TOPIC #a"),
            (Quit(ADA, long), "QUIT"),
            (Left("#a", ADA, long), "PART #a"),
            (Kicked("#a", ADA, "bob", long), "KICK #a bob"),
        ):
            begin = f"{A} {words} :a "
            self.assertEqual(lines(event), [begin + "é" * ((510 - len(begin)) // 2)])
        self.assertEqual(lines(Quit(ADA, "x" * 482), "account-tag"), [f"@account=Ada {A} QUIT :{'x' * 482}"])
        self.assertEqual(lines(Quit(ADA, "x" * 483)), [f"{A} QUIT :{'x' * 482}"])

    def test_many_changes(self) -> None:
        """More of them than a line takes come in several."""
        masks = [f"{number:0>40}!*@*" for number in range(12)]
        bans = [Change(True, Listing.BAN, mask) for mask in masks]
        first, second = lines(ModesChanged("#a", ADA, (*bans, Change(False, Rule.MODERATED))))
        self.assertEqual(first, f"{A} MODE #a +{'b' * 10} {' '.join(masks[:10])}")
        self.assertEqual(second, f"{A} MODE #a +bb-m {' '.join(masks[10:])}")

    def test_what_each_connection_is_told_on_its_own(self) -> None:
        """Some events are no lines here."""
        self.assertEqual(lines(RoomRenamed("#a", ADA, "#b", ""), *SEEN), [])
        self.assertEqual(lines(MetadataChanged(ADA, "ada", "url", "x"), *SEEN), [])
