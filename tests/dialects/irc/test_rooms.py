"""IRC's verbs of rooms: who goes in and out, topics, kicks, invitations, and other names."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatproto.dialects.irc.settings import IrcSettings
from chatproto.errors import NeedsAccount
from chatproto.rooms.limits import RoomLimits
from tests.dialects.irc.network import Client, Network

S = ":chatproto.local"
TIME = "1800000000"
END = ":End of /NAMES list"


def mask(nick: str) -> str:
    """What a line of that person begins with."""
    return f":{nick}!~{nick}@localhost"


class RoomCase(SynchronousTestCase):
    """ada is the operator of #a, in which bob is as well; eve is outside."""

    def setUp(self) -> None:
        """Let them in."""
        self.begin(Network(IrcSettings(kick_length=10), RoomLimits(topic_length=10, rooms_per_person=3)))

    def begin(self, network: Network) -> None:
        """Start with that network."""
        self.network = network
        self.ada, self.bob, self.eve = (network.connect(nick) for nick in ("ada", "bob", "eve"))
        network.room("#a", self.ada, self.bob)

    def sees(self, client: Client, *lines: str) -> None:
        """Fail unless that is all that came to `client` since one looked last."""
        self.assertEqual(client.got(), list(lines))

    def answers(self, client: Client, line: str, *lines: str) -> None:
        """Fail unless that is what comes back for `line`."""
        self.assertEqual(client.says(line), list(lines))


class JoinTests(RoomCase):
    """JOIN."""

    def test_many_rooms(self) -> None:
        """With many rooms, others have their turn in between; of each all is told, one after the other."""
        self.begin(Network(limits=RoomLimits(rooms_per_person=30)))
        rooms = [f"#r{number}x" for number in range(19)]
        expected = []
        for room in rooms:
            expected += [f"{mask('eve')} JOIN {room}", f"{S} 353 eve = {room} :@eve", f"{S} 366 eve {room} {END}"]
        self.assertEqual(self.eve.says(f"JOIN {','.join(rooms)}"), expected)
        self.assertEqual(self.eve.link.drains, 2)

    def test_all_there_is_to_see(self) -> None:
        """Who comes in is shown JOIN, the topic, who set it and when, and who is there, in this order."""
        self.ada.send("TOPIC #a :roses")
        self.bob.got()
        self.answers(
            self.eve,
            "JOIN #A",
            f"{mask('eve')} JOIN #a",
            f"{S} 332 eve #a :roses",
            f"{S} 333 eve #a ada!~ada@localhost {TIME}",
            f"{S} 353 eve = #a :@ada bob eve",
            f"{S} 366 eve #a {END}",
        )
        self.sees(self.bob, f"{mask('eve')} JOIN #a")

    def test_opening(self) -> None:
        """Who opens a room is its operator, and the room is +nt; a room without a topic tells nothing of one."""
        self.answers(self.eve, "JOIN #e", f"{mask('eve')} JOIN #e", f"{S} 353 eve = #e :@eve", f"{S} 366 eve #e {END}")
        self.answers(self.eve, "MODE #e", f"{S} 324 eve #e +nt", f"{S} 329 eve #e {TIME}")

    def test_default_room(self) -> None:
        """Nobody is operator of the default room for coming first, and it has no locked topic."""
        lines = self.eve.says("JOIN #lobby")
        self.assertEqual(lines[1], f"{S} 353 eve = #lobby :eve")
        self.answers(self.eve, "MODE #lobby", f"{S} 324 eve #lobby +n", f"{S} 329 eve #lobby {TIME}")

    def test_again(self) -> None:
        """Once in, to join again is silent."""
        self.answers(self.bob, "JOIN #a")
        self.sees(self.ada)

    def test_several(self) -> None:
        """Of several names each is joined or refused on its own; names that are empty are passed over."""
        lines = self.eve.says("JOIN #b,inv@lid,,#,#a,#b")
        self.assertEqual(
            [line for line in lines if "353" not in line and "366" not in line],
            [
                f"{mask('eve')} JOIN #b",
                f"{S} 403 eve inv@lid :No such channel",
                f"{S} 403 eve # :No such channel",
                f"{mask('eve')} JOIN #a",
            ],
        )

    def test_keys(self) -> None:
        """The first key is for the first room, the second for the second."""
        self.network.room("#b", self.ada)
        self.network.room("#c", self.ada)
        self.ada.send("MODE #a +k one", "MODE #c +k three")
        self.answers(self.eve, "JOIN #a", f"{S} 475 eve #a :Cannot join channel (+k)")
        self.answers(self.eve, "JOIN #a ONE", f"{S} 475 eve #a :Cannot join channel (+k)")
        self.answers(
            self.eve, "JOIN #b,#a one,two", *self.in_room("#b", "@ada"), f"{S} 475 eve #a :Cannot join channel (+k)"
        )
        lines = self.eve.says("JOIN #a,#b,#c one,,three,four")
        self.assertEqual(
            [line for line in lines if " JOIN " in line], [f"{mask('eve')} JOIN {r}" for r in ("#a", "#c")]
        )

    def in_room(self, name: str, others: str) -> list[str]:
        """What eve is told who comes in."""
        return [f"{mask('eve')} JOIN {name}", f"{S} 353 eve = {name} :{others} eve", f"{S} 366 eve {name} {END}"]

    def test_refused(self) -> None:
        """Each rule that keeps somebody out has a numeric of its own."""
        for change, back, reply in (
            ("+l 2", "-l", "471 eve #a :Cannot join channel (+l)"),
            ("+i", "-i", "473 eve #a :Cannot join channel (+i)"),
            ("+b EVE!*@*", "-b eve", "474 eve #a :Cannot join channel (+b)"),
            ("+R", "-R", f"477 eve #a :{NeedsAccount('#a')}"),
        ):
            self.ada.send(f"MODE #a {change}")
            self.answers(self.eve, "JOIN #a", f"{S} {reply}")
            self.ada.send(f"MODE #a {back}")
        self.answers(self.eve, "JOIN #a", *self.in_room("#a", "@ada bob"))

    def test_let_in(self) -> None:
        """Exceptions are not banned, and those on the list of invited people need no invitation."""
        self.ada.send("MODE #a +beiI *!*@* eve *!*@localhost")
        self.assertEqual(self.eve.says("JOIN #a")[0], f"{mask('eve')} JOIN #a")

    def test_limit_of_rooms(self) -> None:
        """Who is in as many rooms as is allowed is told so of the next one."""
        self.network.room("#b,#c,#d", self.eve)
        self.answers(self.eve, "JOIN #a", f"{S} 405 eve #a :You have joined too many channels")

    def test_looks_the_same(self) -> None:
        """A room whose name looks like that of another one cannot be opened."""
        why = "#а looks the same as the room #a. Join #a, or choose another name."
        self.answers(self.eve, "JOIN #а", f"{S} 403 eve #а :{why}")

    def test_forward(self) -> None:
        """Who may not come in is sent to the room that +f names, once and not further."""
        self.network.room("#b", self.ada)
        self.network.room("#c", self.ada)
        self.ada.send("MODE #a +if #b")
        self.answers(
            self.eve, "JOIN #a", f"{S} 470 eve #a #b :Forwarding to another channel", *self.in_room("#b", "@ada")
        )
        self.eve.send("PART #b")
        self.ada.send("MODE #b +if #c")
        self.answers(
            self.eve,
            "JOIN #a",
            f"{S} 470 eve #a #b :Forwarding to another channel",
            f"{S} 473 eve #b :Cannot join channel (+i)",
        )

    def test_forward_gone(self) -> None:
        """Nobody is sent to a room that is there no more: anybody could have opened another of that name."""
        self.network.room("#b", self.ada)
        self.ada.send("MODE #a +if #b", "PART #b")
        self.answers(self.eve, "JOIN #a", f"{S} 473 eve #a :Cannot join channel (+i)")

    def test_zero(self) -> None:
        """JOIN 0 leaves every room."""
        self.network.room("#b", self.bob)
        self.answers(self.bob, "JOIN 0", f"{mask('bob')} PART #a", f"{mask('bob')} PART #b")
        self.sees(self.ada, f"{mask('bob')} PART #a")

    def test_extended(self) -> None:
        """With extended-join one is shown account and real name; an away member is announced as such to those who
        want to know."""
        joe = self.network.connect("joe", ["extended-join", "away-notify"])
        self.network.room("#a", joe)
        self.eve.talk.rooms.set_away(self.eve.talk.session, "lunch")
        self.eve.send("JOIN #a")
        self.sees(joe, f"{mask('eve')} JOIN #a * :eve Real", f"{mask('eve')} AWAY lunch")
        self.sees(self.bob, f"{mask('eve')} JOIN #a")

    def test_no_implicit_names(self) -> None:
        """With no-implicit-names, by either of its names, there is no list of names but for NAMES."""
        for cap in ("no-implicit-names", "draft/no-implicit-names"):
            joe = self.network.connect("joe", [cap])
            self.answers(joe, "JOIN #a", f"{mask('joe')} JOIN #a")
            self.answers(joe, "NAMES #a", f"{S} 353 joe = #a :@ada bob joe", f"{S} 366 joe #a {END}")
            joe.send("QUIT")

    def test_labelled(self) -> None:
        """All that JOIN leads to is one labelled batch."""
        joe = self.network.connect("joe", ["labeled-response", "batch"])
        lines = joe.says("@label=x JOIN #a")
        self.assertRegex(lines[0], f"^@label=x {S} BATCH \\+\\w+ labeled-response$")
        self.assertEqual(
            [line.partition(" ")[2] for line in lines[1:-1]],
            [f"{mask('joe')} JOIN #a", f"{S} 353 joe = #a :@ada bob joe", f"{S} 366 joe #a {END}"],
        )

    def test_nothing(self) -> None:
        """JOIN needs a name."""
        self.answers(self.eve, "JOIN", f"{S} 461 eve JOIN :Not enough parameters")


class PartTests(RoomCase):
    """PART."""

    def test_reason(self) -> None:
        """Everyone in the room sees the reason, as far as it is allowed to go; without one there is none."""
        self.answers(self.bob, "PART #a :0123456789 and more", f"{mask('bob')} PART #a 0123456789")
        self.sees(self.ada, f"{mask('bob')} PART #a 0123456789")
        self.answers(self.ada, "PART #A :", f"{mask('ada')} PART #a")

    def test_several(self) -> None:
        """Of several rooms each is left or refused on its own."""
        self.network.room("#b", self.eve)
        self.answers(
            self.bob,
            "PART #b,#none,#a bye",
            f"{S} 442 bob #b :You're not on that channel",
            f"{S} 403 bob #none :No such channel",
            f"{mask('bob')} PART #a bye",
        )


class TopicTests(RoomCase):
    """TOPIC."""

    def test_set_show_clear(self) -> None:
        """A topic is set, cut to its limit, shown and cleared, and everyone in the room sees that."""
        self.answers(self.bob, "TOPIC #a", f"{S} 331 bob #a :No topic is set")
        self.answers(self.ada, "TOPIC #A :one of many words", f"{mask('ada')} TOPIC #a :one of man")
        self.sees(self.bob, f"{mask('ada')} TOPIC #a :one of man")
        self.answers(self.bob, "TOPIC #a", f"{S} 332 bob #a :one of man", f"{S} 333 bob #a ada!~ada@localhost {TIME}")
        self.answers(self.ada, "TOPIC #a :", f"{mask('ada')} TOPIC #a :")
        self.sees(self.bob, f"{mask('ada')} TOPIC #a :")
        self.answers(self.bob, "TOPIC #a", f"{S} 331 bob #a :No topic is set")

    def test_refused(self) -> None:
        """Only operators change a locked topic, only members see one, and a room must be there."""
        why = "Only operators of #a may do that."
        self.answers(self.bob, "TOPIC #a :roses", f"{S} 482 bob #a :{why}")
        for line in ("TOPIC #a", "TOPIC #a :roses"):
            self.answers(self.eve, line, f"{S} 442 eve #a :You're not on that channel")
            self.answers(self.eve, line.replace("#a", "#none"), f"{S} 403 eve #none :No such channel")
        self.ada.send("MODE #a -t")
        self.answers(self.bob, "TOPIC #a :roses", f"{mask('bob')} TOPIC #a :roses")

    def test_long(self) -> None:
        """A topic that would not fit into its line is cut there."""
        self.begin(Network(limits=RoomLimits(topic_length=2000)))
        session = self.ada.talk.session
        self.network.rooms.set_topic(session, self.network.rooms.room("#a"), "ö" * 500)
        line = self.bob.says("TOPIC #a")[0]
        self.assertIn(len(line.encode()), (509, 510))
        self.assertEqual(line.strip("ö"), f"{S} 332 bob #a :")


class KickTests(RoomCase):
    """KICK."""

    def test_seen(self) -> None:
        """Everyone in the room sees it, the victim as well, who is out then."""
        self.answers(self.ada, "KICK #A BOB :0123456789 and more", f"{mask('ada')} KICK #a bob 0123456789")
        self.sees(self.bob, f"{mask('ada')} KICK #a bob 0123456789")
        self.answers(self.bob, "PART #a", f"{S} 442 bob #a :You're not on that channel")

    def test_default_comment(self) -> None:
        """Without a comment it is the nick of who kicks."""
        self.answers(self.ada, "KICK #a bob", f"{mask('ada')} KICK #a bob ada")

    def test_several(self) -> None:
        """One room and several people, or as many rooms as people; of each pair one is told on its own."""
        self.network.room("#b", self.ada, self.eve)
        self.answers(
            self.ada,
            "KICK #a bob,bob,nobody,eve :x",
            f"{mask('ada')} KICK #a bob x",
            f"{S} 441 ada bob #a :They aren't on that channel",
            f"{S} 401 ada nobody :No such nick/channel",
            f"{S} 441 ada eve #a :They aren't on that channel",
        )
        self.bob.send("JOIN #a")
        self.answers(self.ada, "KICK #a,#b bob,eve x", f"{mask('ada')} KICK #a bob x", f"{mask('ada')} KICK #b eve x")
        self.answers(self.ada, "KICK #a,#b bob", f"{S} 461 ada KICK :Not enough parameters")

    def test_refused(self) -> None:
        """The room must be there, and who kicks must be in it and its operator; operators kick operators."""
        self.answers(self.eve, "KICK #none bob", f"{S} 403 eve #none :No such channel")
        self.answers(self.eve, "KICK #a bob", f"{S} 442 eve #a :You're not on that channel")
        self.answers(self.bob, "KICK #a ada", f"{S} 482 bob #a :Only operators of #a may do that.")
        self.answers(self.ada, "KICK #a", f"{S} 461 ada KICK :Not enough parameters")
        self.ada.send("MODE #a +o bob")
        self.answers(self.bob, "KICK #a ada", f"{mask('bob')} KICK #a ada bob")


class InviteTests(RoomCase):
    """INVITE, UNINVITE."""

    def test_told(self) -> None:
        """Who invites gets a numeric, who is invited the invitation, and the other members nothing."""
        self.answers(self.bob, "INVITE EVE #A", f"{S} 341 bob eve #a")
        self.sees(self.eve, f"{mask('bob')} INVITE eve #a")
        self.sees(self.ada)

    def test_away(self) -> None:
        """That the invited one is away is told."""
        self.eve.talk.rooms.set_away(self.eve.talk.session, "for lunch")
        self.answers(self.ada, "INVITE eve #a", f"{S} 341 ada eve #a", f"{S} 301 ada eve :for lunch")

    def test_notified(self) -> None:
        """With invite-notify operators of the room see it, others do not."""
        joe, kim = (self.network.connect(nick, ["invite-notify"]) for nick in ("joe", "kim"))
        self.network.room("#a", joe, kim)
        self.ada.send("MODE #a +o joe")
        joe.got(), kim.got()
        self.bob.send("INVITE eve #a")
        self.sees(joe, f"{mask('bob')} INVITE eve #a")
        self.sees(kim)

    def test_refused(self) -> None:
        """The person comes first, then the room, then whether one is in it and its operator, then whether they are."""
        self.answers(self.eve, "INVITE nobody #none", f"{S} 401 eve nobody :No such nick/channel")
        self.answers(self.eve, "INVITE bob #none", f"{S} 403 eve #none :No such channel")
        self.answers(self.eve, "INVITE bob #a", f"{S} 442 eve #a :You're not on that channel")
        self.answers(self.bob, "INVITE ada #a", f"{S} 443 bob ada #a :is already on channel")
        self.answers(self.bob, "INVITE eve", f"{S} 461 bob INVITE :Not enough parameters")
        self.answers(self.bob, "INVITE  :", f"{S} 461 bob INVITE :Not enough parameters")
        self.ada.send("MODE #a +i")
        self.answers(self.bob, "INVITE eve #a", f"{S} 482 bob #a :Only operators of #a may do that.")

    def test_lets_in_once(self) -> None:
        """An invitation is good for coming in once, whatever the room's rules say."""
        self.ada.send("MODE #a +ilkbR 1 key eve", "INVITE eve #a")
        self.assertEqual(self.eve.says("JOIN #a")[0], f"{mask('eve')} JOIN #a")
        self.eve.send("PART #a")
        self.assertEqual(self.eve.says("JOIN #a"), [f"{S} 477 eve #a :{NeedsAccount('#a')}"])

    def test_list(self) -> None:
        """INVITE alone lists the rooms that one is invited into, while somebody is there."""
        self.network.room("#b", self.bob)
        self.ada.send("INVITE eve #a")
        self.bob.send("INVITE eve #b")
        end = f"{S} 337 eve :End of /INVITE list"
        self.answers(self.eve, "INVITE", f"{S} 336 eve #a", f"{S} 336 eve #b", end)
        self.bob.send("PART #b")
        self.answers(self.eve, "INVITE", f"{S} 336 eve #a", end)

    def test_taken_back(self) -> None:
        """UNINVITE takes an invitation back, and tells so if there was none."""
        self.ada.send("MODE #a +i", "INVITE eve #a")
        self.answers(self.ada, "UNINVITE eve #a", f"{mask('ada')} UNINVITE eve #a")
        self.answers(self.eve, "JOIN #a", f"{S} 473 eve #a :Cannot join channel (+i)")
        self.answers(self.ada, "UNINVITE eve #a", f"{S} FAIL UNINVITE NOT_INVITED eve #a :They were not invited.")
        self.answers(self.bob, "UNINVITE eve #a", f"{S} 482 bob #a :Only operators of #a may do that.")


class RenameTests(RoomCase):
    """RENAME (IRCv3's channel-rename)."""

    def test_told(self) -> None:
        """Clients that know it are told so; the others leave one room and enter another, with all that it has."""
        joe = self.network.connect("joe", ["draft/channel-rename"])
        self.network.room("#a", joe)
        self.ada.send("TOPIC #a :roses", "MODE #a +s")
        self.bob.got(), joe.got()
        fallback = ["332 {} #b :roses", f"333 {{}} #b ada!~ada@localhost {TIME}", "353 {} @ #b :@ada bob joe"]
        for client, nick, lines in (
            (self.ada, "ada", self.ada.says("RENAME #A #b :a reason")),
            (self.bob, "bob", self.bob.got()),
        ):
            self.assertEqual(
                lines,
                [
                    f"{mask(nick)} PART #a :a reason",
                    f"{mask(nick)} JOIN #b",
                    *(f"{S} {line.format(nick)}" for line in fallback),
                    f"{S} 366 {nick} #b {END}",
                ],
            )
            self.answers(client, "MODE #b", f"{S} 324 {nick} #b +nst", f"{S} 329 {nick} #b {TIME}")
        self.sees(joe, f"{mask('ada')} RENAME #a #b :a reason")
        self.assertEqual(self.eve.says("JOIN #a")[1], f"{S} 353 eve = #a :@eve")

    def test_by_somebody_outside(self) -> None:
        """An operator of the server who is not in the room does not enter it by that, and sees no one leave it."""
        self.eve.says("OPER root secret")
        self.answers(self.eve, "RENAME #a #b")
        self.answers(self.eve, "WHOIS eve", *[line for line in self.eve.says("WHOIS eve") if " 319 " not in line])
        self.assertEqual(self.bob.got()[:2], [f"{mask('bob')} PART #a", f"{mask('bob')} JOIN #b"])

    def test_without_a_reason(self) -> None:
        """The line has its third parameter even so."""
        joe = self.network.connect("joe", ["draft/channel-rename"])
        self.network.room("#j", joe)
        self.answers(joe, "RENAME #j #k", f"{mask('joe')} RENAME #j #k :")

    def test_long(self) -> None:
        """Of the reason is told what fits into the line behind the longest names."""
        network = Network()
        joe = network.connect("joe", ["draft/channel-rename"])
        old, new = "#" + "é" * 49, "#" + "ä" * 49
        network.room(old, joe)
        begin = f"{mask('joe')} RENAME {old} {new} :so "
        space = 510 - len(begin.encode())
        self.answers(joe, f"RENAME {old} {new} :so {'x' * (space + 1)}", begin + "x" * space)

    def test_case(self) -> None:
        """Only the case may change: clients that do not know RENAME are told nothing."""
        joe = self.network.connect("joe", ["draft/channel-rename"])
        self.network.room("#a", joe)
        self.answers(self.ada, "RENAME #a #A")
        self.sees(self.bob)
        self.sees(joe, f"{mask('ada')} RENAME #a #A :")
        self.answers(self.bob, "TOPIC #a", f"{S} 331 bob #A :No topic is set")

    def test_refused(self) -> None:
        """A name that another room has, that no room can have, or that the room has already, is not taken."""
        self.network.room("#b", self.eve)
        fail = f"{S} FAIL RENAME"
        self.answers(
            self.ada,
            "RENAME #a #B",
            f"{fail} CHANNEL_NAME_IN_USE #a #B :#B looks the same as the room #b. Join #b, or choose another name.",
        )
        why = "'b' cannot be used: the name of a room begins with #, as in #garden."
        self.answers(self.ada, "RENAME #a b", f"{fail} CANNOT_RENAME #a b :{why}")
        self.answers(self.ada, "RENAME #a #a", f"{fail} CANNOT_RENAME #a #a :#a is called that already.")
        self.answers(self.bob, "RENAME #a #c", f"{S} 482 bob #a :Only operators of #a may do that.")
        self.answers(self.eve, "RENAME #a #c", f"{S} 482 eve #a :Only operators of #a may do that.")
        self.answers(self.eve, "RENAME #none #c", f"{S} 403 eve #none :No such channel")
        self.answers(self.ada, "RENAME #a", f"{S} 461 ada RENAME :Not enough parameters")
