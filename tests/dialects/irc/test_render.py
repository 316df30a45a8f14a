"""Events as IRC's lines, for connections of different capabilities."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatproto.dialects.irc.render import SEEN, rendering, room_for, server_time
from chatproto.events import (
    AccountChanged,
    Announced,
    AwayChanged,
    Event,
    HostChanged,
    Invited,
    Joined,
    Kicked,
    Kind,
    Left,
    MetadataChanged,
    ModesChanged,
    Part,
    Quit,
    RealnameChanged,
    Redacted,
    Renamed,
    Returned,
    RoomRenamed,
    Said,
    Stamp,
    TopicChanged,
    Whispered,
    Who,
)
from chatproto.modes import Change, Listing, Rule, Status

ADA = Who("ada", "~ada", "example.org", "Ada")
BOT = Who("bob", "~bob", "example.org", bot=True, operator=True)
STAMP = Stamp(10, 11, 1_800_000_000.25)
A = ":ada!~ada@example.org"


def lines(event: Event, *caps: str) -> list[str]:
    """What connections with these capabilities are sent."""
    return list(rendering("irc.example", frozenset(caps))(event, STAMP))


class Tags(SynchronousTestCase):
    """What stands before a line."""

    def test_each_has_its_capability(self) -> None:
        """Without any there are no tags."""
        event = Quit(BOT, "bye")
        line = ":bob!~bob@example.org QUIT :bye"
        self.assertEqual(lines(event), [line])
        self.assertEqual(lines(event, "server-time"), [f"@time=2027-01-15T08:00:00.250Z {line}"])
        self.assertEqual(lines(event, "draft/oper-tag"), [f"@draft/oper {line}"])
        self.assertEqual(lines(event, "message-tags"), [f"@msgid=a-b;bot {line}"])
        self.assertEqual(lines(event, "account-tag"), [line])
        self.assertEqual(lines(Quit(ADA, "bye"), "account-tag"), [f"@account=Ada {A} QUIT :bye"])

    def test_times(self) -> None:
        """Milliseconds are cut off, not rounded up, and always three digits."""
        self.assertEqual(server_time(0.0), "1970-01-01T00:00:00.000Z")
        self.assertEqual(server_time(1_800_000_000.9999), "2027-01-15T08:00:00.999Z")
        self.assertEqual(server_time(1_800_000_000.001), "2027-01-15T08:00:00.001Z")
        self.assertEqual(server_time(1_800_000_000.0100001), "2027-01-15T08:00:00.010Z")


class Messages(SynchronousTestCase):
    """What is said."""

    def test_kinds(self) -> None:
        """Each kind has its verb, and CTCP its wrapping."""
        for kind, line in (
            (Kind.PLAIN, "PRIVMSG #a :hi"),
            (Kind.ACTION, "PRIVMSG #a :\x01ACTION hi\x01"),
            (Kind.CTCP, "PRIVMSG #a :\x01hi\x01"),
            (Kind.NOTICE, "NOTICE #a :hi"),
            (Kind.CTCP_REPLY, "NOTICE #a :\x01hi\x01"),
        ):
            self.assertEqual(lines(Said("#a", ADA, "hi", kind)), [f"{A} {line}"])
            self.assertEqual(lines(Whispered(ADA, "#a", "hi", kind)), [f"{A} {line}"])

    def test_tags_alone(self) -> None:
        """They are shown to those who take tags."""
        event = Said("#a", ADA, "", Kind.TAGS, (("+a", "b"),))
        self.assertEqual(lines(event, "server-time", "batch", "draft/multiline"), [])
        self.assertEqual(lines(event, "message-tags"), [f"@msgid=a-b;+a=b {A} TAGMSG #a"])

    def test_whom_it_is_for(self) -> None:
        """The prefix of those it is for stands before the room; of whom it is kept from nothing is seen."""
        self.assertEqual(lines(Said("#a", ADA, "hi", to=Status.VOICE)), [f"{A} PRIVMSG +#a :hi"])
        self.assertEqual(lines(Said("#a", ADA, "hi", heard=Status.HALFOP)), [f"{A} PRIVMSG #a :hi"])

    def test_nothing_can_become_a_line(self) -> None:
        """What would end a line is left out, and a line break in a text begins another message."""
        self.assertEqual(lines(Said("#a", ADA, "a\rb\0c")), [f"{A} PRIVMSG #a :abc"])
        self.assertEqual(lines(Said("#a", ADA, "a\n\r\nb")), [f"{A} PRIVMSG #a :a", f"{A} PRIVMSG #a :b"])
        self.assertEqual(lines(Said("#a", ADA, "\n")), [f"{A} PRIVMSG #a :"])

    def test_long_texts(self) -> None:
        """They come in several lines, whose tags are those of the first but for what names the message."""
        text = "x" * 475 + "é" + "y" * 10
        found = lines(Said("#a", ADA, text, tags=(("+a", "b"),)), "message-tags", "server-time")
        time = "time=2027-01-15T08:00:00.250Z"
        self.assertEqual(
            found, [f"@{time};msgid=a-b;+a=b {A} PRIVMSG #a :{text[:475]}", f"@{time} {A} PRIVMSG #a :{text[475:]}"]
        )

    def test_long_actions(self) -> None:
        """Each line of them is one."""
        found = lines(Said("#a", ADA, "x" * 500, Kind.ACTION), "batch", "draft/multiline")
        room = room_for(Kind.ACTION, ADA.mask, "#a")
        self.assertEqual(found, [f"{A} PRIVMSG #a :\x01ACTION {'x' * count}\x01" for count in (room, 500 - room)])
        self.assertEqual(len(found[0]), 510)

    def test_long_texts_as_one(self) -> None:
        """Who takes messages of several lines has it as one."""
        found = lines(Said("#a", ADA, "x" * 500 + "\ny"), "batch", "draft/multiline")
        self.assertEqual(
            found,
            [
                f"{A} BATCH +ma-b draft/multiline #a",
                f"@batch=ma-b {A} PRIVMSG #a :{'x' * 476}",
                f"@batch=ma-b;draft/multiline-concat {A} PRIVMSG #a :{'x' * 24}",
                f"@batch=ma-b {A} PRIVMSG #a :y",
                f"{A} BATCH -ma-b",
            ],
        )

    def test_both_capabilities_are_needed(self) -> None:
        """Without the one for batches there are none."""
        event = Said("#a", ADA, "a\nb", parts=(Part("a", joined=False), Part("b", joined=False)))
        for caps in (["batch"], ["draft/multiline"]):
            self.assertEqual(lines(event, *caps), [f"{A} PRIVMSG #a :a", f"{A} PRIVMSG #a :b"])

    def test_one_part_alone(self) -> None:
        """What was sent as a batch is shown as one."""
        event = Whispered(ADA, "bob", "a", parts=(Part("a", joined=False),))
        self.assertEqual(
            lines(event, "batch", "draft/multiline"),
            [f"{A} BATCH +ma-b draft/multiline bob", f"@batch=ma-b {A} PRIVMSG bob :a", f"{A} BATCH -ma-b"],
        )
        self.assertEqual(lines(event), [f"{A} PRIVMSG bob :a"])

    @given(st.text(max_size=2000), st.sampled_from([Kind.PLAIN, Kind.ACTION, Kind.NOTICE]))
    def test_no_line_is_too_long(self, text: str, kind: Kind) -> None:
        """Whatever is said, its lines have 510 bytes at the most, and nothing of it is lost but what ends lines."""
        head, end = {
            Kind.PLAIN: (f"{A} PRIVMSG #a :", ""),
            Kind.ACTION: (f"{A} PRIVMSG #a :\x01ACTION ", "\x01"),
            Kind.NOTICE: (f"{A} NOTICE #a :", ""),
        }[kind]
        found = lines(Said("#a", ADA, text, kind))
        self.assertTrue(all(len(line.encode()) <= 510 for line in found))
        self.assertTrue(all(line.startswith(head) and line.endswith(end) for line in found))
        wanted = text.translate(dict.fromkeys(map(ord, "\r\n\0")))
        self.assertEqual("".join(line[len(head) : len(line) - len(end)] for line in found), wanted)

    def test_long_names(self) -> None:
        """Names may be allowed to be so long that nothing fits behind them: some of the text is shown even so."""
        name = "𐌰" * 64
        who = Who(name, "~" + "u" * 17, "h" * 63)
        found = lines(Said(f"#{name}", who, "x" * 50, Kind.ACTION))
        head = f":{who.mask} PRIVMSG #{name} :\x01ACTION "
        self.assertEqual(found, [f"{head}{'x' * 40}\x01", f"{head}{'x' * 10}\x01"])
        self.assertEqual(room_for(Kind.ACTION, who.mask, f"#{name}"), 40)


class Rest(SynchronousTestCase):
    """Everything else that happens."""

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
