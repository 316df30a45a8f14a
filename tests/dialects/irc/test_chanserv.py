"""ChanServ: registered rooms, and what clients see of them."""

from __future__ import annotations

from twisted.internet.defer import Deferred

from chatproto.dialects.irc.verbs.chanserv import COMMANDS, LISTED
from chatproto.modes import Status
from chatproto.rooms.registration import Registration
from tests.dialects.irc.network import Client, Network, finish
from tests.dialects.irc.signing_in import AccountsTestCase, S
from tests.rooms.kept_records import KeptRecords

NOBODY = "You are not logged in."


class ChanServ(AccountsTestCase):
    """ada and bob have accounts, carl has none; all are in #x, which ada opened."""

    def setUp(self) -> None:
        """They are."""
        super().setUp()
        finish(self.made("bob"))
        finish(self.made("Dan"))
        self.network.rooms.owned.load([("bob", "bob"), ("dan", "Dan")])
        self.ada, self.bob = self.logged_in("ada"), self.logged_in("bob", account="bob")
        self.carl = self.network.connect("carl")
        self.network.room("#x", self.ada, self.bob, self.carl)

    def says(self, client: Client, *lines: str) -> list[str]:
        """What it answers, each in a notice of its own; other lines as they are."""
        got = client.says(*(f"PRIVMSG ChanServ :{line}" for line in lines))
        start = f":ChanServ!ChanServ@chatproto.local NOTICE {client.talk.nick} :"
        return [line.removeprefix(start) for line in got]

    def registered(self) -> None:
        """#x is, and nobody has anything to read."""
        self.says(self.ada, "REGISTER #x")
        for each in (self.ada, self.bob, self.carl):
            each.got()

    def operator(self, client: Client) -> None:
        """One of the server."""
        client.says("OPER root secret")

    def test_stored(self) -> None:
        """That a room is registered is told when that is stored."""
        said = "#x is registered now, and yours."
        warning = f"{S} WARN * NOT_STORED :That was done, but it is not stored"
        records = self.network.rooms.records = KeptRecords()
        for stored, told in ((True, [said]), (False, [said, warning])):
            waiting = records.waiting = Deferred()
            self.assertEqual(self.says(self.ada, "REGISTER #x"), [])
            waiting.callback(stored)
            found = self.ada.got()
            self.assertEqual([line.rpartition("NOTICE ada :")[2] for line in found[-len(told) :]], told)
            self.network.rooms.recorded.release(self.network.rooms.room("#x"))

    # -- how it is spoken to

    def test_forms(self) -> None:
        """As a person, in any case of letters, or by verbs of its own."""
        for line in ("PRIVMSG ChanServ :INFO #x", "PRIVMSG CHANSERV :info #X", "CS INFO #x", "chanserv :info #x"):
            self.assertEqual(
                self.carl.says(line), [":ChanServ!ChanServ@chatproto.local NOTICE carl :#x is not registered."], line
            )

    def test_help(self) -> None:
        """All that it knows is told; what operators of the server can do only to them."""
        forms = [f"{each.form}: {each.summary}" for each in COMMANDS.values()]
        everybody = [line for line in forms if not line.startswith("LIST")]
        self.assertEqual(self.says(self.carl, "HELP")[1:], everybody)
        self.assertEqual(self.says(self.carl, "HELP LIST"), ["There is no such command."])
        self.operator(self.carl)
        self.assertEqual(self.says(self.carl, "HELP")[1:], forms)
        self.assertEqual(len(self.says(self.carl, "HELP TRANSFER")), 2)

    def test_no_accounts(self) -> None:
        """Where there are no accounts it is nobody at all; its verbs say so."""
        bob = Network().connect("bob")
        bob.says("JOIN #x")
        self.assertIn(" 401 bob ChanServ ", bob.says("PRIVMSG ChanServ :HELP")[0])
        self.assertIn(NOBODY, bob.says("CS REGISTER #x")[0])

    # -- whose it is

    def test_register(self) -> None:
        """An operator of the channel who is logged in becomes its founder."""
        self.assertEqual(self.says(self.bob, "REGISTER #x"), ["Only operators of #x may do that."])
        self.ada.says("MODE #x +o carl")
        self.assertEqual(self.says(self.carl, "REGISTER #x"), [NOBODY])
        self.bob.got()
        self.assertEqual(
            self.says(self.ada, "REGISTER #x"), [f"{S} MODE #x +q ada", "#x is registered now, and yours."]
        )
        self.assertEqual(self.bob.got(), [f"{S} MODE #x +q ada"])
        self.assertEqual(self.says(self.ada, "REGISTER #x"), ["#x is registered already, by ada."])
        self.assertEqual(self.says(self.ada, "REGISTER #y"), ["There is no room #y."])

    def test_unregister(self) -> None:
        """Only the founder can, by a code, which is another one for each registration."""
        self.registered()
        for word in ("UNREGISTER", "DROP"):
            self.assertEqual(self.says(self.bob, f"{word} #x"), ["Only the founder of #x may do that."])
            first, second = self.says(self.ada, f"{word} #x")
            self.assertEqual(first, "#x will be gone, with its operators and lists, when nobody is in it.")
            asked = "If you want that: /msg ChanServ "
            self.assertTrue(second.startswith(f"{asked}UNREGISTER #x "), second)
            self.assertEqual(self.says(self.ada, f"{word} #x 000000"), [first, second])
            self.assertEqual(self.says(self.ada, second.removeprefix(asked)), ["#x is registered no more."])
            self.assertEqual(self.says(self.ada, f"{word} #x"), ["#x is not registered."])
            self.network.now += 1.0
            self.says(self.ada, "REGISTER #x")
            self.assertNotEqual(self.says(self.ada, f"{word} #x")[1], second)

    def test_transfer(self) -> None:
        """Whom it is offered to has to accept it."""
        self.registered()
        offered = "#x is bob's when they accept it: /msg ChanServ TRANSFER ACCEPT #x"
        self.assertEqual(self.says(self.ada, "TRANSFER #x nobody"), ["There is no account nobody."])
        self.assertEqual(self.says(self.ada, "TRANSFER #x bob"), [offered])
        self.assertEqual(self.says(self.carl, "TRANSFER ACCEPT #x"), [NOBODY])
        self.assertEqual(self.says(self.ada, "TRANSFER ACCEPT #x"), ["#x was not offered to you."])
        self.assertEqual(self.says(self.ada, "TRANSFER #x ada"), ["You keep #x."])
        self.assertEqual(self.says(self.bob, "TRANSFER ACCEPT #x"), ["#x was not offered to you."])
        self.says(self.ada, "TRANSFER #x bob")
        self.ada.got()
        self.assertEqual(
            self.says(self.bob, "transfer accept #x"),
            [f"{S} MODE #x -q ada", f"{S} MODE #x +q bob", "#x is yours now."],
        )

    def test_transfer_by_operator(self) -> None:
        """An operator of the server gives it away at once."""
        self.registered()
        self.operator(self.carl)
        self.assertEqual(self.says(self.carl, "TRANSFER #x dan")[-1], "#x is Dan's now.")

    # -- what people are

    def test_amode(self) -> None:
        """Statuses of accounts are listed and changed."""
        self.registered()
        self.assertEqual(self.says(self.ada, "AMODE #x +o BOB"), [f"{S} MODE #x +o bob", "That is done in #x."])
        self.assertEqual(self.says(self.ada, "AMODE #x +o bob"), ["It is so already in #x."])
        self.assertEqual(self.says(self.ada, "AMODE #x +hv dan"), ["That is done in #x."])
        self.assertEqual(
            self.says(self.bob, "AMODE #x"), ["ada is +qo in #x.", "bob is +o in #x.", "Dan is +hv in #x."]
        )
        self.assertEqual(self.says(self.ada, "AMODE #x -h dan"), ["That is done in #x."])
        self.assertEqual(self.says(self.ada, "AMODE #x +v eve"), ["There is no account eve."])
        for line in ("AMODE #x +o", "AMODE #x o bob", "AMODE #x + bob", "AMODE #x +x bob"):
            self.assertEqual(self.says(self.ada, line), ["Use it like this: AMODE #x +o <account>"], line)
        for line in ("AMODE #x", "AMODE #x +v carl"):
            self.assertEqual(self.says(self.carl, line), ["Only operators of #x may do that."], line)

    def test_op(self) -> None:
        """Who gave it up is an operator again; others are made operators of, whose accounts stay it."""
        self.registered()
        self.ada.says("MODE #x -qo ada ada")
        self.assertEqual(self.says(self.ada, "OP #x"), [f"{S} MODE #x +q ada", "That is done in #x."])
        self.assertEqual(self.says(self.ada, "OP #x ada"), ["It is so already in #x."])
        self.assertEqual(self.says(self.bob, "OP #x"), ["Only operators of #x may do that."])
        self.assertEqual(self.says(self.ada, "OP #x bob"), [f"{S} MODE #x +o bob", "That is done in #x."])
        self.assertEqual(self.says(self.bob, "DEOP #x"), [f"{S} MODE #x -o bob", "That is done in #x."])
        self.assertEqual(self.says(self.ada, "DEOP #x bob"), ["It is so already in #x."])
        self.ada.says("PART #x")
        self.assertEqual(self.says(self.ada, "OP #x carl"), ["That is done in #x."])
        self.assertEqual(self.says(self.ada, "OP #x"), ["You are not in #x. Use /join #x first."])
        self.assertEqual(self.says(self.ada, "DEOP #x eve"), ["Nobody here is called eve."])

    def test_coming_in(self) -> None:
        """Who comes in sees what they are made, as the others do; NAMES tells it, too."""
        self.registered()
        self.ada.says("MODE #x +v bob")
        self.bob.says("PART #x")
        self.ada.got()
        got = self.bob.says("JOIN #x")
        self.assertEqual(got[:2], [":bob!~u@localhost JOIN #x", f"{S} MODE #x +v bob"])
        self.assertIn("+bob", got[2])
        self.assertEqual(self.ada.got(), got[:2])

    # -- which there are

    def test_info(self) -> None:
        """Whose a channel is everybody is told who may know of it; whom it is offered to, those two."""
        self.registered()
        known = "#x is ada's, registered 2027-01-15 08:00:00 UTC."
        self.assertEqual(self.says(self.carl, "INFO #x"), [known])
        self.says(self.ada, "TRANSFER #x bob")
        for each in (self.ada, self.bob):
            self.assertEqual(self.says(each, "INFO #x"), [known, "It is offered to bob."])
        self.assertEqual(self.says(self.carl, "INFO #x"), [known])
        self.ada.says("MODE #x +s")
        self.carl.says("PART #x")
        self.assertEqual(self.says(self.carl, "INFO #x"), ["There is no room #x."])
        self.assertEqual(self.says(self.ada, "INFO"), ["You have registered 1 of 20 channels: #x"])
        self.assertEqual(self.says(self.bob, "INFO"), ["You have registered 0 of 20 channels: none"])
        self.assertEqual(self.says(self.carl, "INFO"), [NOBODY])

    def test_list(self) -> None:
        """Operators of the server are told of all, or of some; of no more than so many at once."""
        self.registered()
        self.assertEqual(self.says(self.carl, "LIST"), ["Only operators of the server may do that."])
        self.operator(self.carl)
        self.assertEqual(self.says(self.carl, "LIST"), ["#x is ada's; 3 in it.", "1 registered channels."])
        self.assertEqual(self.says(self.carl, "LIST Y"), ["0 registered channels."])
        for count in (LISTED - 1, LISTED, LISTED + 1):
            for number in range(count):
                self.network.room(f"#y{number}", self.bob)
                self.network.rooms.room(f"#y{number}").registration = Registration("bob", 0.0)
                self.bob.says(f"PART #y{number}")
            got = self.says(self.carl, "LIST y")
            self.assertEqual(len(got), min(count, LISTED) + 1)
            more = f", of which these are {LISTED}" if count > LISTED else ""
            self.assertEqual(got[-1], f"{count} registered channels{more}.")

    # -- the other verbs

    def test_empty(self) -> None:
        """It is listed, can be joined, and one is invited into it, when nobody is in it."""
        self.registered()
        self.ada.says("TOPIC #x tea", "INVITE dan #x")
        dan = self.network.connect("dan2")
        self.ada.says("INVITE dan2 #x")
        for each in (self.ada, self.bob, self.carl):
            each.says("PART #x")
        self.assertIn(f"{S} 322 carl #x 0 tea", self.carl.says("LIST"))
        self.assertEqual(dan.says("INVITE"), [f"{S} 336 dan2 #x", f"{S} 337 dan2 :End of /INVITE list"])
        self.assertEqual(self.carl.says("NAMES #x"), [f"{S} 366 carl #x :End of /NAMES list"])
        self.assertIn(f"{S} 254 carl 1 :channels formed", self.carl.says("LUSERS"))
        got = self.carl.says("JOIN #x")
        self.assertIn(f"{S} 332 carl #x :tea", got)
        self.assertIn(f"{S} 353 carl = #x :carl", got)

    def test_rename(self) -> None:
        """Only the founder gives it another name."""
        self.registered()
        self.ada.says("MODE #x +o bob")
        why = "#x is registered: only its founder can rename it."
        self.assertEqual(self.bob.says("RENAME #x #y"), [f"{S} FAIL RENAME CANNOT_RENAME #x #y :{why}"])
        self.ada.says("RENAME #x #y")
        self.assertEqual(self.says(self.ada, "INFO")[0], "You have registered 1 of 20 channels: #y")

    def test_full(self) -> None:
        """Where no more statuses are kept, MODE says so."""
        self.registered()
        room = self.network.rooms.room("#x")
        assert room.registration is not None
        room.registration.ranks = {f"a{number}": Status.VOICE for number in range(200)}
        self.assertIn(" 478 ada #x v :#x keeps what 200 accounts are, ", self.ada.says("MODE #x +v bob")[0])
