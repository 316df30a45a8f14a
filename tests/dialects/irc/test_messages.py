"""PRIVMSG, NOTICE and TAGMSG: who is told what, and what comes back."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatproto.dialects.irc.settings import IrcSettings
from chatproto.dialects.irc.speech import Words, addressed, words
from chatproto.events import Kind
from chatproto.modes import Rule, Status, UserMode
from chatproto.rooms.limits import RoomLimits
from tests.dialects.irc.network import Client, Network

S = ":chatproto.local"
ADA = ":ada!~ada@localhost"
TAGS = ("message-tags", "echo-message", "batch", "labeled-response")
WHEN = "time=2027-01-15T08:00:00.000Z"
WHISPER, ROOM = "6651728988000", "6651728988001"
"""What ids begin with that are given out outside of rooms, and in the room that the tests use."""


class MessageCase(SynchronousTestCase):
    """ada is the operator of #a, in which bob and eve are as well; dan is outside."""

    caps: tuple[str, ...] = ()

    def setUp(self) -> None:
        """Let them in."""
        self.network = Network()
        self.ada = self.network.connect("ada", self.caps)
        self.bob, self.eve, self.dan = map(self.network.connect, ("bob", "eve", "dan"))
        self.network.room("#a", self.ada, self.bob, self.eve)

    def heard(self, *clients: Client) -> list[list[str]]:
        """What each was sent since one looked last."""
        return [client.got() for client in clients]


class Targets(MessageCase):
    """Whom a message reaches."""

    def test_a_room(self) -> None:
        """All members of a room but the speaker are told, under the room's own name."""
        self.assertEqual(self.ada.says("PRIVMSG #A :hello there"), [])
        line = f"{ADA} PRIVMSG #a :hello there"
        self.assertEqual(self.heard(self.bob, self.eve, self.dan), [[line], [line], []])

    def test_a_person(self) -> None:
        """Only the person is told, under their own name."""
        self.assertEqual(self.ada.says("PRIVMSG BOB :psst"), [])
        self.assertEqual(self.heard(self.bob, self.eve), [[f"{ADA} PRIVMSG bob :psst"], []])

    def test_a_notice(self) -> None:
        """A notice reaches rooms and people like a message."""
        self.ada.send("NOTICE #a,dan :hey")
        self.assertEqual(self.heard(self.bob, self.dan), [[f"{ADA} NOTICE #a :hey"], [f"{ADA} NOTICE dan :hey"]])

    def test_oneself(self) -> None:
        """What one tells oneself comes once where one has not asked for echoes."""
        self.assertEqual(self.ada.says("PRIVMSG ada :note"), [f"{ADA} PRIVMSG ada :note"])

    def test_several(self) -> None:
        """Each of several targets is told once, however often and in whatever case it is named; empty ones are none."""
        self.assertEqual(self.ada.says("PRIVMSG bob,,#a,BOB,#A :all"), [])
        both = [f"{ADA} PRIVMSG bob :all", f"{ADA} PRIVMSG #a :all"]
        self.assertEqual(self.heard(self.bob, self.eve), [both, both[1:]])

    def test_one_of_several_is_refused(self) -> None:
        """The others are told even so, in the order they are named."""
        answer = self.ada.says("PRIVMSG nobody,bob,#nowhere :x")
        self.assertEqual(
            answer, [f"{S} 401 ada nobody :No such nick/channel", f"{S} 403 ada #nowhere :No such channel"]
        )
        self.assertEqual(self.bob.got(), [f"{ADA} PRIVMSG bob :x"])

    def test_too_many(self) -> None:
        """As many targets as are allowed are told, and one hears of the first that is not."""
        network = Network(IrcSettings(targets=2))
        ada, bob, eve, dan = map(network.connect, ("ada", "bob", "eve", "dan"))
        self.assertEqual(ada.says("PRIVMSG bob,eve,bob :x"), [])
        self.assertEqual(ada.says("PRIVMSG bob,eve,dan,ada :y"), [f"{S} 407 ada dan :Too many targets"])
        self.assertEqual(ada.says("NOTICE bob,eve,dan,ada :z"), [])
        self.assertEqual([len(client.got()) for client in (bob, eve, dan, ada)], [3, 3, 0, 0])


class Statuses(MessageCase):
    """Messages for those who are at least something in a room (STATUSMSG)."""

    def setUp(self) -> None:
        """bob has a voice."""
        super().setUp()
        self.network.rooms.room("#a").members[self.bob.talk.user] = Status.VOICE

    def test_to_operators(self) -> None:
        """Only operators are told, and see whom it was for."""
        self.assertEqual(self.eve.says("PRIVMSG @#A :help"), [])
        self.assertEqual(self.heard(self.ada, self.bob), [[":eve!~eve@localhost PRIVMSG @#a :help"], []])

    def test_to_voices(self) -> None:
        """Those who are more are told as well."""
        self.eve.send("NOTICE +#a :hey")
        line = ":eve!~eve@localhost NOTICE +#a :hey"
        self.assertEqual(self.heard(self.ada, self.bob, self.eve), [[line], [line], []])

    def test_the_lowest_prefix_counts(self) -> None:
        """Of several prefixes the lowest says who is told."""
        self.ada.send("PRIVMSG @+#a :hey")
        self.assertEqual(self.heard(self.bob, self.eve), [[f"{ADA} PRIVMSG +#a :hey"], []])

    def test_outside(self) -> None:
        """Who may not speak in the room may not speak to some of it either."""
        self.assertEqual(
            self.dan.says("PRIVMSG @#a :hey", "PRIVMSG @#b :hey"),
            [f"{S} 404 dan #a :You are not in #a. Use /join #a first.", f"{S} 403 dan #b :No such channel"],
        )
        self.assertEqual(self.ada.got(), [])

    def test_it_is_not_history(self) -> None:
        """What was for some members is not kept for the others."""
        self.ada.send("PRIVMSG @#a :hey")
        latest = self.successResultOf(_awaited(self.network.rooms.history.read("#a", 10)))
        self.assertEqual(latest, [])

    def test_what_a_target_means(self) -> None:
        """Only prefixes that members can have are prefixes; with others it is taken as the name of a person."""
        self.assertEqual(addressed("#a"), (Status.NONE, "#a"))
        self.assertEqual(addressed("%#a#b"), (Status.HALFOP, "#a#b"))
        self.assertEqual(addressed("~&@#a"), (Status.OPERATOR, "#a"))
        self.assertEqual(addressed("!#a"), (Status.NONE, "!#a"))
        self.assertEqual(addressed("@bob"), (Status.NONE, "@bob"))


class Refusals(MessageCase):
    """What does not go through."""

    def test_nobody_is_named(self) -> None:
        """A message needs a target."""
        for line in ("PRIVMSG", "PRIVMSG :", "PRIVMSG , :x"):
            self.assertEqual(self.ada.says(line), [f"{S} 411 ada :No recipient given (PRIVMSG)"])

    def test_nothing_is_said(self) -> None:
        """A message needs a text, and an empty one is none."""
        for line in ("PRIVMSG #a", "PRIVMSG #a :", "PRIVMSG bob :"):
            self.assertEqual(self.ada.says(line), [f"{S} 412 ada :No text to send"])
        self.assertEqual(self.bob.got(), [])

    def test_from_outside(self) -> None:
        """Who is not in a room cannot speak there, if it is not for everyone."""
        refused = [f"{S} 404 dan #a :You are not in #a. Use /join #a first."]
        self.assertEqual(self.dan.says("PRIVMSG #a :x"), refused)
        del self.network.rooms.room("#a").rules[Rule.NO_OUTSIDE]
        self.assertEqual(self.dan.says("PRIVMSG #a :x"), [])
        self.assertEqual(self.bob.got(), [":dan!~dan@localhost PRIVMSG #a :x"])

    def test_notices_are_never_answered(self) -> None:
        """No error comes back for a notice, whatever is wrong with it."""
        lines = ("NOTICE", "NOTICE #a", "NOTICE #a :", "NOTICE nobody :x", "NOTICE #b :x")
        self.assertEqual(self.ada.says(*lines), [])
        self.assertEqual(self.dan.says("NOTICE #a :x", "NOTICE #a :\x01PING\x01"), [])
        self.assertEqual(self.bob.got(), [])

    def test_moderated(self) -> None:
        """In a moderated room those without a voice are told that they may not speak; where operators hear them, only
        these are told, under the room's own name."""
        room = self.network.rooms.room("#a")
        room.rules[Rule.MODERATED] = ""
        text = "#a is moderated: only those with a voice may speak."
        self.assertEqual(self.bob.says("PRIVMSG #a :x"), [f"{S} 404 bob #a :{text}"])
        del room.rules[Rule.MODERATED]
        room.rules[Rule.OP_MODERATED] = ""
        self.assertEqual(self.bob.says("PRIVMSG #a :x"), [])
        self.assertEqual(self.heard(self.ada, self.eve), [[":bob!~bob@localhost PRIVMSG #a :x"], []])

    def test_no_ctcp(self) -> None:
        """Where a room takes no CTCP, actions go through."""
        self.network.rooms.room("#a").rules[Rule.NO_CTCP] = ""
        self.assertEqual(self.bob.says("PRIVMSG #a :\x01VERSION\x01"), [f"{S} 404 bob #a :#a takes no CTCP."])
        self.assertEqual(self.bob.says("PRIVMSG #a :\x01VERSION"), [f"{S} 404 bob #a :#a takes no CTCP."])
        self.assertEqual(self.bob.says("NOTICE #a :\x01VERSION 1\x01"), [])
        self.assertEqual(self.eve.got(), [])
        self.bob.send("PRIVMSG #a :\x01ACTION waves\x01")
        self.assertEqual(self.eve.got(), [":bob!~bob@localhost PRIVMSG #a :\x01ACTION waves\x01"])

    def test_a_person_who_takes_no_ctcp(self) -> None:
        """It is refused for people as for rooms."""
        self.bob.talk.user.modes |= {UserMode.NO_CTCP}
        self.assertEqual(self.ada.says("PRIVMSG bob :\x01VERSION\x01"), [f"{S} 531 ada bob :bob takes no CTCP."])

    def test_only_people_with_accounts(self) -> None:
        """Who takes messages of those alone (mode R) can accept others by name, and accepts whom it speaks to."""
        refused = f"{S} 477 eve ada :ada takes only people who are logged in."
        self.ada.send("MODE ada +R")
        self.ada.got()
        for line in ("ACCEPT bob,nobody,,-nobody,EVE", "ACCEPT -eve"):
            found = self.ada.says(line)
            self.assertEqual(found, [f"{S} FAIL ACCEPT INVALID_USER nobody :No such user"] * 2 if "," in line else [])
        self.ada.send("@+typing=active TAGMSG eve", "PRIVMSG dan :hello")
        self.assertEqual(self.bob.says("PRIVMSG ada :hi"), [])
        self.assertEqual(self.dan.says("PRIVMSG ada :hi"), [])
        self.assertEqual(self.eve.says("PRIVMSG ada :hi"), [refused])
        self.assertEqual([line.split("!")[0] for line in self.ada.got()], [":bob", ":dan"])

    def test_longer_than_the_server_allows(self) -> None:
        """A text with more characters than are allowed is refused."""
        network = Network(limits=RoomLimits(message_length=5))
        ada, bob = map(network.connect, ("ada", "bob"))
        self.assertEqual(ada.says("PRIVMSG bob :123456"), [f"{S} 417 ada :Input line was too long"])
        self.assertEqual(ada.says("PRIVMSG bob :12345"), [])
        self.assertEqual(bob.got(), [f"{ADA} PRIVMSG bob :12345"])


class Away(MessageCase):
    """Messages to somebody who is away."""

    def setUp(self) -> None:
        """bob is."""
        super().setUp()
        self.network.rooms.set_away(self.bob.talk.session, "lunch")

    def test_messages(self) -> None:
        """They arrive, and the sender is told."""
        self.assertEqual(self.ada.says("PRIVMSG Bob :hi"), [f"{S} 301 ada bob lunch"])
        self.assertEqual(self.bob.got(), [f"{ADA} PRIVMSG bob :hi"])

    def test_what_is_not_answered(self) -> None:
        """Nobody is told so for a notice, for tags, or in a room."""
        self.assertEqual(self.ada.says("NOTICE bob :hi", "@+typing=active TAGMSG bob", "PRIVMSG #a :hi"), [])


class Length(MessageCase):
    """What does not fit into 512 bytes any more once the source stands before it."""

    def test_it_fits(self) -> None:
        """A text that fills the receiver's line is whole."""
        text = "x" * (510 - len(f"{ADA} PRIVMSG #a :"))
        self.ada.send(f"PRIVMSG #a :{text}")
        self.assertEqual(self.bob.got(), [f"{ADA} PRIVMSG #a :{text}"])

    def test_it_does_not_fit(self) -> None:
        """A longer one comes as one line of 512 bytes, and no character is cut in two."""
        self.ada.send("PRIVMSG #a :" + "x" * 498)
        line = f"{ADA} PRIVMSG #a :" + "x" * 478
        self.assertEqual(self.bob.got(), [line])
        self.assertEqual(len(line), 510)
        self.ada.send("PRIVMSG #a :" + "é" * 249)
        self.assertEqual(self.bob.got(), [f"{ADA} PRIVMSG #a :" + "é" * 239])

    def test_ctcp(self) -> None:
        """The end of an action is not cut off."""
        self.ada.send("PRIVMSG #a :\x01ACTION " + "x" * 485 + "\x01")
        self.assertEqual(self.bob.got(), [f"{ADA} PRIVMSG #a :\x01ACTION " + "x" * 469 + "\x01"])

    def test_statuses(self) -> None:
        """The prefix of those it is for is counted."""
        self.bob.send("PRIVMSG @#a :" + "x" * 490)
        (line,) = self.ada.got()
        self.assertEqual(len(line), 510)

    def test_many_prefixes(self) -> None:
        """But once, however many were typed: they take no room from the text."""
        text = "x" * 90
        self.bob.send("PRIVMSG " + "@" * 400 + f"#a :{text}")
        self.assertEqual(self.ada.got(), [f":bob!~bob@localhost PRIVMSG @#a :{text}"])


class Meanings(SynchronousTestCase):
    """What a text means."""

    def test_kinds(self) -> None:
        """CTCP begins with \\x01, and its end may be missing; actions are apart from the rest."""
        self.assertEqual(words("PRIVMSG", "a"), Words("a", Kind.PLAIN))
        self.assertEqual(words("NOTICE", "a"), Words("a", Kind.NOTICE))
        self.assertEqual(words("PRIVMSG", "\x01ACTION  a\x01"), Words(" a", Kind.ACTION))
        self.assertEqual(words("PRIVMSG", "\x01ACTION a"), Words("a", Kind.ACTION))
        self.assertEqual(words("PRIVMSG", "\x01ACTION\x01"), Words("ACTION", Kind.CTCP))
        self.assertEqual(words("PRIVMSG", "\x01PING 1 \x01"), Words("PING 1 ", Kind.CTCP))
        self.assertEqual(words("PRIVMSG", "\x01"), Words("", Kind.CTCP))
        self.assertEqual(words("NOTICE", "\x01ACTION a\x01"), Words("ACTION a", Kind.CTCP_REPLY))
        self.assertEqual(words("PRIVMSG", "a\x01PING\x01"), Words("a\x01PING\x01", Kind.PLAIN))

    def test_they_arrive_as_they_were_sent(self) -> None:
        """Every byte of them does."""
        network = Network()
        ada, bob = network.connect("ada"), network.connect("bob")
        for line in (
            "PRIVMSG bob :\x01ACTION  waves \x01",
            "PRIVMSG bob :\x01ACTION\x01",
            "PRIVMSG bob :\x01DCC SEND a 1 2 3\x01",
            "PRIVMSG bob :\x01\x01",
            "PRIVMSG bob :\x02bold\x0f \x0304red",
            "NOTICE bob :\x01PING 1 2\x01",
            "PRIVMSG bob : two  spaces ",
            "PRIVMSG bob ::)",
        ):
            ada.send(line)
            self.assertEqual(bob.got(), [f"{ADA} {line}"])


class Tags(MessageCase):
    """Tags of messages, and messages of tags alone."""

    caps = TAGS

    def test_tags_for_other_clients(self) -> None:
        """They go to those who take tags, behind the server's own; other tags of a client go to nobody."""
        dan = self.network.connect("tim", ["message-tags", "server-time"])
        echo = self.ada.says(r"@+b=x\:\s\\y;c=d;+e PRIVMSG tim,bob :hi")
        own = r"+b=x\:\s\\y;+e"
        self.assertEqual(echo[0], f"@msgid={WHISPER}-6;{own} {ADA} PRIVMSG tim :hi")
        self.assertEqual(dan.got(), [f"@{WHEN};msgid={WHISPER}-6;{own} {ADA} PRIVMSG tim :hi"])
        self.assertEqual(self.bob.got(), [f"{ADA} PRIVMSG bob :hi"])

    def test_time_alone(self) -> None:
        """Who takes the time and no tags has the time alone."""
        dan = self.network.connect("tim", ["server-time"])
        self.ada.send("@+b=c PRIVMSG tim :hi", "@+b=c TAGMSG tim")
        self.assertEqual(dan.got(), [f"@{WHEN} {ADA} PRIVMSG tim :hi"])

    def test_who_says_it(self) -> None:
        """Those who asked are told the account, and whether it is a bot or an operator of the server."""
        tim = self.network.connect("tim", ["message-tags", "account-tag", "draft/oper-tag"])
        self.ada.talk.user.looks(account="Ada", bot=True, operator=True)
        self.ada.send("@+b=c PRIVMSG tim :hi")
        line = f"@account=Ada;draft/oper;msgid={WHISPER}-6;bot;+b=c {ADA} PRIVMSG tim :hi"
        self.assertEqual(tim.got(), [line])

    def test_tags_alone(self) -> None:
        """They go to the members of a room who take tags, the sender only if it wants echoes."""
        tim = self.network.connect("tim", ["message-tags"])
        self.network.room("#a", tim)
        self.assertEqual(
            self.ada.says("@+typing=active TAGMSG #a"), [f"@msgid={ROOM}-5;+typing=active {ADA} TAGMSG #a"]
        )
        self.assertEqual(tim.got(), [f"@msgid={ROOM}-5;+typing=active {ADA} TAGMSG #a"])
        self.assertEqual(self.bob.got(), [])
        self.assertEqual(tim.says("@+typing=active TAGMSG #a"), [])
        self.assertEqual(self.ada.got(), [f"@msgid={ROOM}-6;+typing=active :tim!~tim@localhost TAGMSG #a"])

    def test_no_tags_at_all(self) -> None:
        """Without tags there is nothing to tell anyone."""
        self.assertEqual(self.ada.says("TAGMSG ada", "@b=c TAGMSG ada"), [])

    def test_refusals(self) -> None:
        """They are refused as messages are."""
        self.assertEqual(
            self.ada.says("TAGMSG", "@+b TAGMSG nobody", "@+b TAGMSG #b"),
            [
                f"{S} 461 ada TAGMSG :Not enough parameters",
                f"{S} 401 ada nobody :No such nick/channel",
                f"{S} 403 ada #b :No such channel",
            ],
        )

    def test_they_are_not_history(self) -> None:
        """Rooms keep what was said, and not that somebody typed."""
        self.ada.send("@+typing=active TAGMSG #a", "PRIVMSG #a :hi")
        latest = self.successResultOf(_awaited(self.network.rooms.history.read("#a", 10)))
        self.assertEqual([said.text for said, _ in latest], ["hi"])

    def test_as_many_as_are_allowed(self) -> None:
        """4094 bytes of tags are relayed whole beside the longest text; one more is refused."""
        value = "a" * 4081
        (echo,) = self.ada.says(f"@foo=bar;+baz={value} PRIVMSG #a :{'b' * 498}")
        self.assertEqual(echo, f"@msgid={ROOM}-4;+baz={value} {ADA} PRIVMSG #a :{'b' * 478}")
        self.assertEqual(
            self.ada.says(f"@foo=bar;+baz={value}a PRIVMSG #a :b"), [f"{S} 417 ada :Input line was too long"]
        )


class Echoes(MessageCase):
    """What comes back to who asked for echoes."""

    caps = TAGS

    def test_of_each_verb(self) -> None:
        """The echo is what the others see."""
        tim = self.network.connect("tim", ["message-tags"])
        self.network.room("#a", tim)
        for line in ("PRIVMSG #a :hi", "NOTICE #a :hi", "PRIVMSG tim :hi", "NOTICE tim :hi"):
            (echo,) = self.ada.says(f"@+a=b;label=x {line}")
            self.assertEqual([echo.replace("label=x;", "")], tim.got())
            self.assertTrue(echo.startswith("@label=x;msgid="), echo)

    def test_to_oneself(self) -> None:
        """It comes twice, and only the echo, which is the second, has the label."""
        line = f"msgid={WHISPER}-5 {ADA} PRIVMSG ada :hi"
        self.assertEqual(self.ada.says("@label=x PRIVMSG ada :hi"), [f"@{line}", f"@label=x;{line}"])

    def test_to_several(self) -> None:
        """The echoes and what is refused are one response."""
        answer = self.ada.says("@label=x PRIVMSG bob,nobody :hi")
        batch = answer[-1].removeprefix(f"{S} BATCH -")
        self.assertEqual(
            answer,
            [
                f"@label=x {S} BATCH +{batch} labeled-response",
                f"@batch={batch};msgid={WHISPER}-5 {ADA} PRIVMSG bob :hi",
                f"@batch={batch} {S} 401 ada nobody :No such nick/channel",
                f"{S} BATCH -{batch}",
            ],
        )
        self.assertEqual(self.bob.got(), [f"{ADA} PRIVMSG bob :hi"])

    def test_labels_without_echoes(self) -> None:
        """Where nothing comes back, that is said."""
        tim = self.network.connect("tim", ["batch", "labeled-response"])
        self.assertEqual(tim.says("@label=x NOTICE nobody :hi"), [f"@label=x {S} ACK"])
        self.assertEqual(tim.says("@label=x PRIVMSG bob :hi"), [f"@label=x {S} ACK"])
        self.assertEqual(tim.says("@label=x PRIVMSG tim :hi")[-1], f"@label=x {S} ACK")


async def _awaited(awaitable: object) -> object:
    return await awaitable  # type: ignore[misc]
