"""Speaking under another name: bridges, and stories."""

from __future__ import annotations

import unicodedata

from twisted.trial.unittest import SynchronousTestCase

from chatproto.dialects.irc.verbs.characters import LONGEST
from chatproto.modes import Rule, Status
from tests.dialects.irc.network import Network

S = ":chatproto.local"


class CharacterCase(SynchronousTestCase):
    """ada is the operator of #a, in which bob is as well; dan is outside."""

    def setUp(self) -> None:
        """Let them in."""
        self.network = Network()
        self.ada, self.bob, self.dan = map(self.network.connect, ("ada", "bob", "dan"))
        self.network.room("#a", self.ada, self.bob)
        self.room = self.network.rooms.room("#a")

    def both(self, line: str) -> None:
        """That line is what ada, who did it, and bob see."""
        self.assertEqual([self.ada.got(), self.bob.got()], [[line], [line]])


class Bridges(CharacterCase):
    """RELAYMSG."""

    def test_it_is_shown_under_that_name(self) -> None:
        """All members see it, the sender too."""
        self.ada.send("RELAYMSG #A smt/discord :hi there")
        self.both(":smt/discord!ada@relayed.invalid PRIVMSG #a :hi there")
        self.ada.send("RELAYMSG #a smt/discord :\x01ACTION waves\x01")
        self.both(":smt/discord!ada@relayed.invalid PRIVMSG #a :\x01ACTION waves\x01")

    def test_who_relayed_it(self) -> None:
        """Who takes tags, or asked for that one, is told who relayed it, and nothing else of the sender."""
        caps = ["message-tags", "account-tag", "draft/oper-tag", "echo-message", "labeled-response", "batch"]
        tim, eve = self.network.connect("tim", caps), self.network.connect("eve", ["draft/relaymsg"])
        self.network.room("#a", tim, eve)
        self.room.members[tim.talk.user] = Status.OPERATOR
        tim.talk.user.looks(account="Tim", bot=True, operator=True)
        line = ":smt/discord!tim@relayed.invalid PRIVMSG #a :hi"
        answer = tim.says("@label=x;+a=b RELAYMSG #a smt/discord hi")
        self.assertEqual(answer, [f"@label=x;draft/relaymsg=tim;msgid=6651728988001-5;+a=b {line}"])
        self.assertEqual(eve.got(), [f"@draft/relaymsg=tim {line}"])
        self.assertEqual(self.bob.got(), [line])

    def test_names(self) -> None:
        """Only names that nobody here can have, and that are names but for the separator, may be used."""
        text = "The nick must be a name with / in it"
        for nick in ("ada", "bob!x/discord", "/", "a,b/c", "#a/b", "*a*/b", "a" + "/" * LONGEST):
            answer = self.ada.says(f"RELAYMSG #a {nick} hi")
            self.assertEqual(answer, [f"{S} FAIL RELAYMSG INVALID_NICK :{text}"], nick)
        self.assertEqual(self.bob.got(), [])

    def test_who_may(self) -> None:
        """Only operators of the room may, and they must say something."""
        text = "Only operators of the channel can use RELAYMSG"
        for client in (self.bob, self.dan):
            answer = client.says("RELAYMSG #a smt/discord hi")
            self.assertEqual(answer, [f"{S} FAIL RELAYMSG PRIVS_NEEDED :{text}"])
        self.assertEqual(
            self.ada.says("RELAYMSG #b smt/x hi", "RELAYMSG #a smt/x", "RELAYMSG #a smt/x :", "RELAYMSG #a smt/x :  "),
            [
                f"{S} 403 ada #b :No such channel",
                f"{S} 461 ada RELAYMSG :Not enough parameters",
                f"{S} FAIL RELAYMSG BLANK_MSG :The message must not be blank",
                f"{S} FAIL RELAYMSG BLANK_MSG :The message must not be blank",
            ],
        )


class Stories(CharacterCase):
    """NPC, NPCA and SCENE."""

    def test_not_everywhere(self) -> None:
        """A room is not for stories unless its operators say so."""
        refused = [f"{S} 573 bob #a :There is no story told in that channel (+E)"]
        for line in ("NPC #a bilbo too much", "NPCA #a bilbo eats", "SCENE #a night"):
            self.assertEqual(self.bob.says(line), refused)
        self.assertEqual(self.ada.got(), [])

    def test_characters(self) -> None:
        """They speak and act under their names, between stars; whose words they are stands behind them."""
        self.room.rules[Rule.ROLEPLAY] = ""
        self.ada.send("NPC #a bilbo too much bread")
        self.both(":*bilbo*!ada@npc.fakeuser.invalid PRIVMSG #a :too much bread (ada)")
        self.ada.send("NPCA #a bilbo :eats it")
        self.both(":*bilbo*!ada@npc.fakeuser.invalid PRIVMSG #a :\x01ACTION eats it (ada)\x01")
        self.ada.send("SCENE #a a dark night")
        self.both(":=Scene=!ada@npc.fakeuser.invalid PRIVMSG #a :a dark night (ada)")

    def test_a_name_in_pieces(self) -> None:
        """A name is shown as people's names are, whatever it was typed in: at most so long."""
        self.room.rules[Rule.ROLEPLAY] = ""
        self.ada.send(f"NPC #a {unicodedata.normalize('NFD', '각' * 30)} x")
        self.both(f":*{'각' * 30}*!ada@npc.fakeuser.invalid PRIVMSG #a :x (ada)")

    def test_no_questions(self) -> None:
        """What is told of a story asks no program anything (CTCP)."""
        self.room.rules.update({Rule.ROLEPLAY: "", Rule.NO_CTCP: ""})
        self.ada.send("NPC #a bilbo :\x01VERSION\x01")
        self.both(":*bilbo*!ada@npc.fakeuser.invalid PRIVMSG #a :VERSION (ada)")
        self.ada.send("NPCA #a bilbo :eats\x01")
        self.both(":*bilbo*!ada@npc.fakeuser.invalid PRIVMSG #a :\x01ACTION eats (ada)\x01")
        self.assertEqual(self.ada.says("SCENE #a :\x01"), [f"{S} 412 ada :No text to send"])

    def test_no_relayed_tag(self) -> None:
        """A character is nobody beyond a bridge."""
        tim = self.network.connect("tim", ["message-tags"])
        self.network.room("#a", tim)
        self.room.rules[Rule.ROLEPLAY] = ""
        self.ada.send("SCENE #a night")
        line = "@msgid=6651728988001-4 :=Scene=!ada@npc.fakeuser.invalid PRIVMSG #a :night (ada)"
        self.assertEqual(tim.got(), [line])

    def test_refusals(self) -> None:
        """Names are those that people can have, there is something to be said, and who speaks there may."""
        self.room.rules[Rule.ROLEPLAY] = ""
        self.assertEqual(
            self.ada.says("NPC #a bil!bo x", "NPC #a bilbo", "NPC #a bilbo :", "SCENE #a", "SCENE #b x"),
            [
                f"{S} 573 ada * :A character must have a name that people can have",
                f"{S} 461 ada NPC :Not enough parameters",
                f"{S} 412 ada :No text to send",
                f"{S} 461 ada SCENE :Not enough parameters",
                f"{S} 403 ada #b :No such channel",
            ],
        )
        refused = [f"{S} 404 dan #a :You are not in #a. Use /join #a first."]
        self.assertEqual(self.dan.says("SCENE #a x"), refused)
