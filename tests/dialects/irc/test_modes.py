"""MODE, for rooms and for people, and what the server's operators have beside it."""

from __future__ import annotations

from chatproto.dialects.irc.settings import IrcSettings
from chatproto.dialects.irc.verbs.modes import Asked, asked
from chatproto.modes import Change, Listing, Rule, Status, UserMode
from chatproto.rooms.limits import RoomLimits
from tests.dialects.irc.network import Client, Network
from tests.dialects.irc.test_rooms import END, TIME, RoomCase, S, mask

NOT_OPERATOR = "Only operators of #a may do that."


class ModeCase(RoomCase):
    """ada is the operator of #a, in which bob is as well; eve is outside."""

    def setUp(self) -> None:
        """Let them in."""
        self.begin(Network(IrcSettings(modes_per_line=3), RoomLimits(list_entries=2, key_length=10)))

    def changes(self, line: str, shown: str) -> None:
        """Fail unless ada's `line` is shown to her and bob as `shown`."""
        for client, lines in ((self.ada, self.ada.says(line)), (self.bob, self.bob.got())):
            self.assertEqual(lines, [f"{mask('ada')} MODE {shown}"], client.talk.nick)

    def is_operator(self, client: Client) -> None:
        """Make them an operator of the server."""
        client.talk.user.become(client.talk.user.modes | {UserMode.OPERATOR})


class RoomModeTests(ModeCase):
    """What holds in a room, and what its members are."""

    def test_shown(self) -> None:
        """Anyone is shown what holds in a room and since when it is there; its key is for members."""
        self.network.room("#f", self.ada)
        self.ada.send("MODE #a +lkf 20 key #f")
        self.network.now += 60.5
        created = f"329 {{}} #a {TIME}"
        self.answers(self.bob, "MODE #A", f"{S} 324 bob #a +klfnt key 20 #f", f"{S} {created.format('bob')}")
        self.answers(self.eve, "MODE #a", f"{S} 324 eve #a +lfnt 20 #f", f"{S} {created.format('eve')}")
        self.ada.send("MODE #a -tnlkf x")
        self.answers(self.bob, "MODE #a", f"{S} 324 bob #a +", f"{S} {created.format('bob')}")

    def test_secret(self) -> None:
        """Of a room that is not shown to others neither are its modes and its lists."""
        for letter in "sp":
            self.ada.send(f"MODE #a +{letter}b bad")
            for line in ("MODE #a", "MODE #a b", "MODE #a bb"):
                self.answers(self.eve, line, f"{S} 442 eve #a :You're not on that channel")
            self.ada.send(f"MODE #a -{letter}b bad")

    def test_one_line(self) -> None:
        """Several changes become one MODE, as they really happened."""
        self.changes("MODE #A +o-t+mv BOB bob", "#a +o-t+mv bob bob")
        self.changes("MODE #a +mot-v+i bob bob", "#a +t-v+i bob")
        self.answers(self.ada, "MODE #a +mot bob")
        self.answers(self.ada, "MODE #a +-")
        self.changes("MODE #a m-m", "#a -m")

    def test_statuses(self) -> None:
        """Each status is given and taken."""
        for letter, sign in (("o", "@"), ("h", "%"), ("v", "+")):
            self.changes(f"MODE #a +{letter} bob", f"#a +{letter} bob")
            self.answers(self.ada, "NAMES #a", f"{S} 353 ada = #a :@ada {sign}bob", f"{S} 366 ada #a {END}")
            self.changes(f"MODE #a -{letter} bob", f"#a -{letter} bob")
        for letter in "qa":
            self.answers(self.ada, f"MODE #a +{letter} bob", f"{S} 482 ada #a :{NOT_OPERATOR}")

    def test_values(self) -> None:
        """Keys and limits are checked; taken back they need no value, and a key any; a key is shown as it was."""
        self.changes("MODE #a +k key", "#a +k key")
        self.changes("MODE #a +k other", "#a +k other")
        self.changes("MODE #a -k", "#a -k other")
        self.ada.send("MODE #a +k key")
        self.bob.got()
        self.changes("MODE #a -kl wrong", "#a -k key")
        self.answers(self.ada, "MODE #a -k")
        self.changes("MODE #a +l 007", "#a +l 7")
        self.changes("MODE #a -l", "#a -l")
        key = "A key has at most 10 characters, and no space, comma or colon."
        for value, shown in ((":two words", "*"), (":", "*"), ("a,b", "a,b"), ("12345678901", "12345678901")):
            self.answers(self.ada, f"MODE #a +k {value}", f"{S} 696 ada #a k {shown} :{key}")
        for value in ("x", "0", "-1", "1.5", "1000000000"):
            self.answers(
                self.ada,
                f"MODE #a +l {value}",
                f"{S} 696 ada #a l {value} :A limit is a whole number from 1 to 999999999.",
            )

    def test_without_a_value(self) -> None:
        """What needs a value and has none is ignored; the rest of the line happens."""
        self.changes("MODE #a +klfovi", "#a +i")

    def test_forward(self) -> None:
        """People are sent only to another room that is there and that one is operator of."""
        self.network.room("#e", self.eve)
        self.network.room("#b", self.ada)
        why = "forward needs the name of another room that exists."
        for name in ("#none", "#a"):
            self.answers(self.ada, f"MODE #a +f {name}", f"{S} 696 ada #a f {name} :{why}")
        self.answers(self.ada, "MODE #a +f #e", f"{S} 482 ada #e :You have to be an operator of both rooms.")
        self.changes("MODE #a +f #B", "#a +f #b")
        self.changes("MODE #a -f", "#a -f")

    def test_unknown(self) -> None:
        """Each letter that means nothing is named once, and the others happen."""
        lines = self.ada.says("MODE #a +XiX-YX")
        self.assertEqual(
            lines,
            [
                f"{S} 472 ada X :is unknown mode char to me",
                f"{S} 472 ada Y :is unknown mode char to me",
                f"{mask('ada')} MODE #a +i",
            ],
        )

    def test_too_many(self) -> None:
        """Of changes with a value a line can make only so many; the rest of those is ignored."""
        self.changes("MODE #a +ovvhi bob bob ada bob", "#a +ovvi bob bob ada")

    def test_refused(self) -> None:
        """Who is no operator is told so once, whatever and whoever is named, in the room or outside; oneself one can
        lower."""
        for client, nick in ((self.bob, "bob"), (self.eve, "eve")):
            self.answers(client, "MODE #a +imov bob nobody", f"{S} 482 {nick} #a :{NOT_OPERATOR}")
        self.ada.send("MODE #a +v bob")
        self.answers(self.bob, "MODE #a -v bob", f"{mask('bob')} MODE #a -v bob")

    def test_targets(self) -> None:
        """A room must be there, and so must be a person, in the room."""
        self.answers(self.ada, "MODE #none +o nobody", f"{S} 403 ada #none :No such channel")
        self.answers(self.ada, "MODE #a +o nobody", f"{S} 401 ada nobody :No such nick/channel")
        self.answers(self.ada, "MODE #a +o eve", f"{S} 441 ada eve #a :They aren't on that channel")
        self.answers(self.ada, "MODE", f"{S} 461 ada MODE :Not enough parameters")

    def test_halfop(self) -> None:
        """Half-operators give and take voices, kick and ban."""
        self.ada.send("MODE #a +h bob")
        self.bob.got()
        self.answers(self.bob, "MODE #a +vb ada eve", f"{mask('bob')} MODE #a +vb ada eve!*@*")
        self.answers(self.bob, "MODE #a +i", f"{S} 482 bob #a :{NOT_OPERATOR}")
        self.answers(self.bob, "MODE #a -o ada", f"{S} 482 bob #a :{NOT_OPERATOR}")

    def test_read(self) -> None:
        """Signs, values and lists are read from left to right."""
        self.assertEqual(
            asked("o+l-k+bI", ["a", "5", "key", "m"], 20),
            Asked(
                [
                    Change(True, Status.OPERATOR, "a"),
                    Change(True, Rule.LIMIT, "5"),
                    Change(False, Rule.KEY, "key"),
                    Change(True, Listing.BAN, "m"),
                ],
                [Listing.INVITED],
                [],
            ),
        )
        self.assertEqual(asked("-b+b", [":", ""][1:], 20), Asked([], [Listing.BAN, Listing.BAN], []))


class ListTests(ModeCase):
    """Lists of masks."""

    def test_shown(self) -> None:
        """Each list is shown with who set what when, once, and to its end."""
        for letter, entry, end, text in (
            ("b", "367", "368", "channel ban list"),
            ("e", "348", "349", "channel exception list"),
            ("I", "346", "347", "channel invite exception list"),
        ):
            last = f"{S} {end} ada #a :End of {text}"
            self.answers(self.ada, f"MODE #a {letter}", last)
            self.changes(f"MODE #a +{letter} bad", f"#a +{letter} bad!*@*")
            self.network.now += 1
            self.ada.send(f"MODE #a +{letter} m:*@Host")
            self.bob.got()
            self.answers(
                self.ada,
                f"MODE #A +{letter}{letter}",
                f"{S} {entry} ada #a bad!*@* ada!~ada@localhost {int(self.network.now) - 1}",
                f"{S} {entry} ada #a m:*!*@Host ada!~ada@localhost {int(self.network.now)}",
                last,
            )
            self.changes(f"MODE #a -{letter} BAD!*@*", f"#a -{letter} bad!*@*")

    def test_who_may_see(self) -> None:
        """Everyone sees who is banned; the other lists are for operators."""
        for client, nick in ((self.bob, "bob"), (self.eve, "eve")):
            self.answers(client, "MODE #a b", f"{S} 368 {nick} #a :End of channel ban list")
            self.answers(client, "MODE #a eI", f"{S} 482 {nick} #a :{NOT_OPERATOR}")

    def test_full(self) -> None:
        """A full list takes no more, which is said once."""
        full = "#a has 2 entries on that list, the most that is allowed. Take one off first."
        self.ada.send("MODE #a +bb x y")
        self.answers(self.ada, "MODE #a +bb z u", f"{S} 478 ada #a b :{full}")
        self.answers(self.ada, "MODE #a +b x")
        self.answers(self.ada, "MODE #a -b+b x z", f"{mask('ada')} MODE #a -b+b x!*@* z!*@*")

    def test_bad_mask(self) -> None:
        """What is no mask is refused by its room and letter."""
        why = "'a b' cannot be used as a mask: there is a space in it, for which ? can stand."
        self.answers(self.ada, "MODE #a +e :a b", f"{S} 696 ada #a e * :{why}")

    def test_muted(self) -> None:
        """Who is banned with m: comes in and is not heard without a voice, but for exceptions of that sort."""
        self.ada.send("MODE #a +b m:eve!*@*")
        self.eve.send("JOIN #a")
        self.answers(self.eve, "PRIVMSG #a hi", f"{S} 404 eve #a :You are banned from speaking in #a.")
        for change in ("+v eve", "+e m:*!~eve@*"):
            self.ada.send(f"MODE #a {change}")
            self.bob.got()
            self.eve.send("PRIVMSG #a hi")
            self.sees(self.bob, f"{mask('eve')} PRIVMSG #a :hi")
            self.ada.send("MODE #a -v eve")

    def test_account(self) -> None:
        """a: is about accounts, in all lists and behind m: as well."""
        self.ada.send("MODE #a +bb a:evil m:a:ev?")
        self.eve.talk.user.looks(account="Evil")
        self.answers(self.eve, "JOIN #a", f"{S} 474 eve #a :Cannot join channel (+b)")
        self.eve.talk.user.looks(account="Eve")
        self.eve.send("JOIN #a")
        self.answers(self.eve, "PRIVMSG #a hi", f"{S} 404 eve #a :You are banned from speaking in #a.")
        self.eve.talk.user.looks(account="")
        self.answers(self.eve, "PRIVMSG #a hi")


class CrowdTests(ModeCase):
    """Rooms in which not everyone sees or hears everyone."""

    def test_auditorium(self) -> None:
        """In +u only those with a voice and above see others come and go, and who is there; all see them."""
        self.ada.send("MODE #a +u")
        self.bob.got(), self.ada.got()
        self.assertEqual(self.eve.says("JOIN #a")[1], f"{S} 353 eve = #a :@ada eve")
        self.sees(self.bob)
        self.sees(self.ada, f"{mask('eve')} JOIN #a")
        self.answers(self.eve, "NAMES #a", f"{S} 353 eve = #a :@ada", f"{S} 366 eve #a {END}")
        self.answers(self.ada, "NAMES #a", f"{S} 353 ada = #a :@ada bob eve", f"{S} 366 ada #a {END}")
        self.ada.says("MODE #a +v eve")
        self.bob.got()
        self.answers(self.eve, "NAMES #a", f"{S} 353 eve = #a :@ada bob +eve", f"{S} 366 eve #a {END}")
        self.answers(self.bob, "NAMES #a", f"{S} 353 bob = #a :@ada +eve", f"{S} 366 bob #a {END}")
        self.bob.send("NICK rob", "PART #a")
        for client in (self.ada, self.eve):
            self.sees(client, f"{mask('bob')} NICK rob", ":rob!~bob@localhost PART #a")
        joe = self.network.connect("joe")
        joe.says("JOIN #a")
        self.sees(self.eve, f"{mask('joe')} JOIN #a")
        self.network.connect("kim").send("JOIN #a", "PART #a")
        self.eve.send("PART #a")
        self.sees(joe, f"{mask('eve')} PART #a")

    def test_op_moderated(self) -> None:
        """In +U what those say who have no voice is for operators, and looks like any line of the room; +m refuses it
        still."""
        self.network.room("#a", self.eve)
        joe = self.network.connect("joe", ["echo-message"])
        self.network.room("#a", joe)
        self.ada.send("MODE #a +Uv eve")
        for client in self.network.clients:
            client.got()
        self.answers(joe, "PRIVMSG #a hi", f"{mask('joe')} PRIVMSG #a :hi")
        self.sees(self.ada, f"{mask('joe')} PRIVMSG #a :hi")
        self.sees(self.eve)
        self.eve.send("PRIVMSG #a there")
        for client in (self.ada, self.bob, joe):
            self.sees(client, f"{mask('eve')} PRIVMSG #a :there")
        self.ada.send("MODE #a +m")
        moderated = "#a is moderated: only those with a voice may speak."
        self.assertEqual(joe.says("PRIVMSG #a hi"), [f"{S} 404 joe #a :{moderated}"])


class UserModeTests(ModeCase):
    """What people are."""

    def test_changed(self) -> None:
        """One sees what changed, and what one is."""
        self.answers(self.eve, "MODE eve", f"{S} 221 eve +")
        self.answers(self.eve, "MODE EVE +wiB", f"{mask('eve')} MODE eve +Biw")
        self.answers(self.eve, "MODE eve -i+RT-x", f"{mask('eve')} MODE eve +RT-i", f"{S} 501 eve :Unknown MODE flag")
        self.answers(self.eve, "MODE eve", f"{S} 221 eve +BRTw")
        self.answers(self.eve, "MODE eve +w", f"{S} 221 eve +BRTw")
        self.answers(self.eve, "MODE eve +x", f"{S} 501 eve :Unknown MODE flag")

    def test_bot(self) -> None:
        """That somebody is a bot is seen by others, while it is one."""
        for line, bot in (("MODE eve +B", True), ("MODE eve -B", False)):
            self.eve.send(line)
            self.assertIs(self.eve.talk.user.who.bot, bot)

    def test_not_for_oneself(self) -> None:
        """Nobody makes themselves an operator, or says whether they are secure."""
        joe = self.network.connect("joe", secure=True)
        self.answers(joe, "MODE joe +o-Z", f"{S} 221 joe +Z")
        self.answers(self.eve, "MODE eve +oZ", f"{S} 221 eve +")

    def test_operator_no_more(self) -> None:
        """-o, or DEOPER, ends being an operator of the server, with its title."""
        for line in ("MODE eve -o", "DEOPER"):
            self.is_operator(self.eve)
            self.eve.talk.user.title = "boss"
            self.answers(self.eve, line, f"{mask('eve')} MODE eve -o")
            self.assertEqual((self.eve.talk.user.title, self.eve.talk.user.who.operator), ("", False))
        self.answers(self.eve, "DEOPER", f"{S} 481 eve :Permission Denied- You're not an IRC operator")

    def test_of_others(self) -> None:
        """What others are is theirs to see and to change, if they are there at all."""
        for line in ("MODE bob", "MODE bob +i"):
            self.answers(self.eve, line, f"{S} 502 eve :Cannot change mode for other users")
        self.answers(self.eve, "MODE nobody", f"{S} 401 eve nobody :No such nick/channel")

    def test_samode(self) -> None:
        """Operators of the server change rooms as they like; nobody else does by SAMODE."""
        self.answers(self.eve, "SAMODE #a +m", f"{S} 481 eve :Permission Denied- You're not an IRC operator")
        self.is_operator(self.eve)
        self.answers(self.eve, "SAMODE #a +q bob", f"{mask('eve')} MODE #a +q bob")
        self.sees(self.bob, f"{mask('eve')} MODE #a +q bob")

    def test_sajoin(self) -> None:
        """Operators of the server have people go into rooms that they could not come into."""
        self.answers(self.eve, "SAJOIN nobody #x", f"{S} 481 eve :Permission Denied- You're not an IRC operator")
        self.network.room("#b,#c", self.ada)
        self.ada.send("MODE #b +k key", "MODE #c +i")
        self.is_operator(self.eve)
        self.bob.got()
        self.answers(
            self.eve,
            "SAJOIN bob #b,x,#c",
            f"{S} 403 eve x :No such channel",
        )
        self.assertEqual(
            [line for line in self.bob.got() if "JOIN" in line], [f"{mask('bob')} JOIN #b", f"{mask('bob')} JOIN #c"]
        )
        why = "#а looks the same as the room #a. Join #a, or choose another name."
        self.answers(self.eve, "SAJOIN bob #а", f"{S} 403 eve #а :{why}")
        self.answers(self.eve, "SAJOIN nobody #b", f"{S} 401 eve nobody :No such nick/channel")
        self.assertEqual(self.eve.says("SAJOIN #b")[0], f"{mask('eve')} JOIN #b")
