"""Several clients of one person, and who stays while none is connected."""

from __future__ import annotations

import time

from chatproto.dialects.irc.settings import IrcSettings
from chatproto.errors import Unavailable
from chatproto.events import Ending
from chatproto.rooms import logins
from chatproto.rooms.limits import ALWAYS_ON, DAY, MULTICLIENT, OFF, ON
from tests.dialects.irc.network import Client, finish
from tests.dialects.irc.signing_in import PASSWORD, SAFE, AccountsTestCase, S, plain


class ReturningTestCase(AccountsTestCase):
    """Ada has an account, and is in #a with Bob, who has none."""

    def setUp(self) -> None:
        """Let them in."""
        super().setUp()
        self.ada = self.logged_in("ada")
        self.bob = self.network.connect("bob")
        self.network.room("#a", self.bob, self.ada)

    def comes(self, nick: str = "ada", *caps: str) -> tuple[Client, list[str]]:
        """Another client that logs in as Ada, and what it is told from its JOIN on, or where there is none, all."""
        client = self.client()
        client.send(f"CAP REQ :{' '.join(('sasl', *caps))}", f"NICK {nick}", "USER u 0 * :r")
        client.send("AUTHENTICATE PLAIN", f"AUTHENTICATE {plain('ada')}")
        got = client.says("CAP END")
        first = next((number for number, line in enumerate(got) if " JOIN " in line), 0)
        return client, got[first:]

    def choose(self, choice: str, value: str) -> None:
        """Have Ada choose that."""
        self.assertTrue(self.ada.says(f"NS SET {choice} {value}"))


class Several(ReturningTestCase):
    """As with a bouncer."""

    def test_rooms(self) -> None:
        """A second client is the same person, and is told of each of their rooms as if it had joined it now; others
        see nothing of it."""
        self.ada.send("TOPIC #a :tea", "JOIN #b")
        self.bob.got()
        second, got = self.comes()
        self.assertEqual(
            [line for line in got if not line.startswith(f"{S} 333")],
            [
                ":ada!~u@localhost JOIN #a",
                f"{S} 353 ada = #a :@bob ada",
                f"{S} 366 ada #a :End of /NAMES list",
                ":ada!~u@localhost JOIN #b",
                f"{S} 353 ada = #b :@ada",
                f"{S} 366 ada #b :End of /NAMES list",
            ],
        )
        self.assertEqual(self.bob.got(), [])
        self.assertIs(second.talk.user, self.ada.talk.user)

    def test_capabilities(self) -> None:
        """Its own ones count; that it is in a room is no event with an id."""
        _, got = self.comes("ada", "extended-join", "message-tags", "server-time", "account-tag")
        self.assertRegex(got[0], r"@time=\S+Z;account=ada :ada!~u@localhost JOIN #a ada r$")

    def test_talk(self) -> None:
        """What one client says the others see, with the same id; what others say all of them see."""
        second, _ = self.comes("ada", "message-tags")
        third, _ = self.comes("ada", "message-tags", "echo-message")
        (echo,) = third.says("PRIVMSG #a :hey")
        self.assertIn(" PRIVMSG #a :hey", echo)
        self.assertEqual(second.got(), [echo])
        self.assertEqual(self.ada.got(), [":ada!~u@localhost PRIVMSG #a :hey"])
        self.assertEqual(self.bob.got(), [":ada!~u@localhost PRIVMSG #a :hey"])
        self.bob.send("PRIVMSG ada :psst")
        self.assertEqual(self.ada.got(), [":bob!~bob@localhost PRIVMSG ada :psst"])
        self.assertEqual(second.got(), third.got())

    def test_private(self) -> None:
        """What one tells somebody the others see."""
        second, _ = self.comes()
        second.send("PRIVMSG bob :psst")
        self.assertEqual(self.ada.got(), [":ada!~u@localhost PRIVMSG bob :psst"])
        self.assertEqual(self.bob.got(), [":ada!~u@localhost PRIVMSG bob :psst"])
        self.assertEqual(second.got(), [])

    def test_moves(self) -> None:
        """Where one client goes the others go, and are told all there is to be told."""
        second, _ = self.comes()
        second.send("JOIN #c")
        self.assertEqual(self.ada.got(), second.got())
        second.send("PART #c", "NICK lady")
        self.assertEqual(self.ada.got(), [":ada!~u@localhost PART #c", ":ada!~u@localhost NICK lady"])
        self.assertEqual(self.ada.talk.nick, "lady")

    def test_quit(self) -> None:
        """One that quits sees itself go, and nobody else does; with the last one they are gone."""
        second, _ = self.comes()
        own, error = second.says("QUIT :one out")
        self.assertEqual(own, ":ada!~u@localhost QUIT :Quit: one out")
        self.assertIn("one out", error)
        self.assertEqual((self.ada.got(), self.bob.got()), ([], []))
        self.ada.send("QUIT :two out")
        self.assertEqual(self.bob.got(), [":ada!~u@localhost QUIT :Quit: two out"])

    def test_nick_in_use(self) -> None:
        """Before one has logged in one may ask for the nick; without logging in one does not get it."""
        client = self.client()
        self.assertEqual(client.says("CAP REQ sasl", "NICK ada", "USER u 0 * :r")[1:], [])
        self.assertIn(f"{S} 433 * ada", client.says("CAP END")[0])
        other = self.client()
        self.assertIn(f"{S} 433 * ada", other.says("NICK ada")[0])
        self.assertIn(f"{S} 433 * bob", other.says("CAP LS", "NICK bob")[-1])

    def test_not_chosen(self) -> None:
        """Who chose to be one client only is one; the other takes another nick, or is told."""
        self.choose(MULTICLIENT, OFF)
        client, got = self.comes()
        self.assertEqual(got, [f"{S} 433 * ada :ada is taken. Choose another name."])
        self.choose(MULTICLIENT, ON)
        self.assertTrue(any(" 001 " in line for line in client.says("NICK ada")))

    def test_nick_of_oneself(self) -> None:
        """Who logged in later, under another nick, becomes one more client of the person by taking their nick."""
        client = self.network.connect("eve")
        self.network.room("#e", client, self.bob)
        finish(self.log_in(client))
        got = client.says("NICK ada")
        self.assertEqual(got[:3], [":eve!~eve@localhost PART #e", ":eve!~eve@localhost NICK ada",
                                   ":ada!~u@localhost JOIN #a"])  # fmt: skip
        self.assertEqual(self.bob.got()[-1], ":eve!~eve@localhost QUIT :Is ada")
        self.assertIs(client.talk.user, self.ada.talk.user)
        self.assertEqual(client.says("NICK ADA")[0], ":ada!~u@localhost NICK ADA")

    def test_another_person(self) -> None:
        """Who becomes one more client of a person who is away, or has other modes, is told so."""
        for line, told in (("AWAY :tea", f"{S} 306 ada :You have been marked as being away"),
                           ("MODE ada +i", f"{S} 221 ada +i")):  # fmt: skip
            self.ada.send(line)
            got = self.logged_in("eve").says("NICK ada")
            self.assertEqual(got[1], told)
        client = self.logged_in("eve")
        client.send("MODE eve +i", "AWAY :milk")
        self.ada.send("AWAY")
        self.assertEqual(client.says("NICK ada")[1], f"{S} 305 ada :You are no longer marked as being away")

    def test_modes(self) -> None:
        """All clients are told which modes the person has."""
        second, _ = self.comes()
        for line, told in (("MODE ada +i", "+i"), ("OPER root secret", "+o"), ("MODE ada -io", "-io")):
            mode = f":ada!~u@localhost MODE ada {told}"
            self.assertEqual(self.ada.says(line)[-1], mode)
            self.assertEqual(second.got(), [mode])

    def test_addresses(self) -> None:
        """Operators of the server are told each address that somebody is connected from; there, where it is one, the
        first."""
        self.logged_in("ada", peer=SAFE)
        self.logged_in("ada", peer=SAFE)
        self.bob.says("OPER root secret")
        got = self.bob.says("WHOIS ada")
        self.assertEqual([line.split()[4] for line in got if " 338 " in line], ["127.0.0.1", "192.0.2.1"])
        self.assertEqual([line.split()[-1] for line in got if " 378 " in line], ["127.0.0.1", "192.0.2.1"])
        self.assertEqual(self.bob.says("WHO ada %i")[0], f"{S} 354 bob 127.0.0.1")

    async def log_in(self, client: Client) -> None:
        """As ada."""
        await logins.log_in(self.network.rooms, client.talk.session, "ada", PASSWORD)

    def test_by_pass(self) -> None:
        """Who knows no SASL logs in by PASS; who gives a wrong password does not come in."""
        client = self.client()
        got = client.says(f"PASS :ada:{PASSWORD}", "NICK ada", "USER u 0 * :r")
        self.assertIn(":ada!~u@localhost JOIN #a", got)
        wrong = self.client()
        got = wrong.says("PASS ada:wrong", "NICK ada", "USER u 0 * :r")
        self.assertEqual(got[0], f"{S} 464 * :Password incorrect")
        self.assertTrue(wrong.closed)
        other = self.client()
        self.assertTrue(any(" 001 " in line for line in other.says("PASS nothing", "NICK eve", "USER u 0 * :r")))


class Staying(ReturningTestCase):
    """Who is in their rooms while no client is."""

    def setUp(self) -> None:
        """Have Ada stay."""
        super().setUp()
        self.choose(ALWAYS_ON, ON)

    def test_stays(self) -> None:
        """Nobody sees a QUIT; who speaks to them is told that they are away; they are back with the next client."""
        self.ada.send("QUIT")
        self.assertEqual(self.bob.got(), [])
        self.assertIn("ada", self.bob.says("NAMES #a")[0])
        self.assertIn(f"{S} 301 bob ada Disconnected", self.bob.says("WHOIS ada"))
        _, got = self.comes()
        self.assertEqual(got[0], ":ada!~u@localhost JOIN #a")
        self.assertNotIn(f"{S} 301 bob ada Disconnected", self.bob.says("WHOIS ada"))

    def test_missed(self) -> None:
        """Old clients are shown what was said since the last one was there, with its time; others ask for it."""
        self.bob.send("PRIVMSG #a :seen")
        self.network.now += 1
        self.ada.send("QUIT")
        self.network.now += 60
        self.bob.send("PRIVMSG #a :missed")
        self.network.now += 60
        client, got = self.comes()
        at = time.strftime("%H:%M", time.localtime(self.network.now - 60))
        self.assertEqual(got[-1], f":bob!~bob@localhost PRIVMSG #a :[{at}] missed")
        self.assertNotIn("seen", " ".join(got))
        _, second = self.comes()
        self.assertNotIn("missed", " ".join(second))
        for number, caps in enumerate((["server-time"], ["draft/chathistory"], ["znc.in/playback"])):
            for each in list(self.network.rooms.people.find("ada").sessions):
                self.network.rooms.quit(each, "")
            self.network.now += 1
            self.bob.send("PRIVMSG #a :again")
            self.network.now += DAY + 1
            _, got = self.comes("ada", *caps)
            lines = [line for line in got if "again" in line]
            self.assertEqual(len(lines), not number, got)
        self.assertTrue(client.talk.session.gone)

    def test_missed_much(self) -> None:
        """So many lines of each room are shown, the last ones; or none."""
        for most, shown in ((0, []), (2, ["two", "three"]), (3, ["one", "two", "three"]), (4, ["one", "two", "three"])):
            self.irc = IrcSettings(replayed=most)
            self.setUp()
            self.ada.send("QUIT")
            self.network.now += 1
            self.bob.send("PRIVMSG #a :one", "PRIVMSG #a :two", "PRIVMSG #a :three")
            _, got = self.comes("ada", "server-time")
            said = [line for line in got if " PRIVMSG " in line]
            self.assertEqual([line.rpartition(":")[2] for line in said], shown)
            self.assertEqual(any("there may have been more" in line for line in got), 0 < most <= 3)

    def test_missed_and_lost(self) -> None:
        """Where the store does not answer they are told, and are in their rooms all the same."""
        self.ada.send("QUIT")
        self.network.now += 1

        async def fail(*_: object, **__: object) -> list[object]:
            raise Unavailable

        self.network.rooms.history.read = fail  # type: ignore[assignment, method-assign]
        _, got = self.comes()
        self.assertEqual(got[-1], f"{S} NOTICE ada :What was said while you were away is not to be had now.")

    def test_missed_on_a_dead_line(self) -> None:
        """What was sent to a client that did not answer any more is missed as well, and nothing from before that."""
        self.network.now += 1
        self.bob.send("PRIVMSG #a :seen")
        self.network.now += 1
        self.ada.send("PONG x")
        self.network.now += 100
        self.bob.send("PRIVMSG #a :into the void")
        self.network.now += 100
        self.ada.talk.ended(Ending.SILENT)
        _, got = self.comes("ada", "server-time")
        said = [line.rpartition(":")[2] for line in got if " PRIVMSG " in line]
        self.assertEqual(said, ["into the void"])

    def test_nobody_looks(self) -> None:
        """AWAY * says that nobody looks at that client, and nothing of others."""
        client = self.client()
        client.send("CAP REQ :sasl draft/pre-away", "NICK ada", "USER u 0 * :r", "AWAY *")
        client.send("AUTHENTICATE PLAIN", f"AUTHENTICATE {plain('ada')}", "CAP END")
        self.assertEqual(self.ada.talk.user.away, "")
        self.ada.send("QUIT")
        self.assertEqual(client.talk.user.away, "Disconnected")
        self.comes()
        self.assertEqual(client.talk.user.away, "")

    def test_nobody_on_plain_lines(self) -> None:
        """Where only somebody is who is not connected, or oneself, nobody is told to come."""
        lobby = self.network.limits.default_room
        self.network.room(lobby, self.ada)
        self.assertTrue(self.welcomed("eve", lobby))
        self.ada.send("QUIT")
        self.assertFalse(self.welcomed("fay", lobby))
        client, _ = self.comes()
        client.send("QUIT")
        self.assertFalse(self.welcomed("gil", lobby))

    def welcomed(self, nick: str, lobby: str) -> bool:
        """Whether somebody new is told where people are."""
        client = self.client()
        got = client.says(f"NICK {nick}", "USER u 0 * :r")
        return any(f"/join {lobby}" in line for line in got)

    def test_whose_it_is(self) -> None:
        """Who asks for the nick of somebody who stays is told that it is theirs."""
        self.ada.send("QUIT")
        (refused,) = self.client().says("NICK ada")
        self.assertIn("433 * ada :ada is registered. Log in if that is yours", refused)

    def test_cut_off(self) -> None:
        """It does not matter how the connection ended."""
        self.network.rooms.quit(self.ada.talk.session, "gone")
        self.assertEqual(self.bob.got(), [])

    def test_over(self) -> None:
        """Who chooses not to stay any more is gone with the last client."""
        self.choose(ALWAYS_ON, OFF)
        self.ada.send("QUIT :bye")
        self.assertEqual(self.bob.got(), [":ada!~u@localhost QUIT :Quit: bye"])

    def test_dropped(self) -> None:
        """Nor is there anybody without an account."""
        self.ada.send("QUIT")
        logins.forget(self.network.rooms, "ada")
        self.assertEqual(self.bob.got(), [":ada!~u@localhost QUIT :Logged out"])
