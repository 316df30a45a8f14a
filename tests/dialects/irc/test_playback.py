"""ZNC's way of asking for history."""

from __future__ import annotations

from chatproto.dialects.irc.settings import IrcSettings
from chatproto.dialects.irc.verbs.playback import BUFFERS, USE
from chatproto.testing import NOON
from tests.dialects.irc.past import CAPS, PastCase, bare, texts

FROM = ":*playback!playback@znc.in PRIVMSG ada :"


class PlaybackTests(PastCase):
    """ada and bob are logged in; five lines were said in #a, and then one by bob to ada."""

    settings = IrcSettings(history_read=4)
    caps = (*CAPS, "znc.in/playback")

    def setUp(self) -> None:
        """Say them."""
        super().setUp()
        self.log_in(self.ada, "Ada")
        self.log_in(self.bob, "Bob")
        self.network.rooms.owned.add("bob", "Bob")
        self.say(*"01234")
        self.say("psst", target="ada")
        self.network.now += 1

    def asks(self, text: str) -> list[str]:
        """What comes of it."""
        return [bare(line) for line in self.ada.says(f"PRIVMSG *playback :{text}")]

    def plays(self, text: str) -> list[str]:
        """What is played, in whichever batches."""
        return texts([line for line in self.asks(text) if " BATCH " not in line])

    def test_play(self) -> None:
        """What was said in a buffer, as much as comes at once, the newest; since a time, and before one."""
        self.assertEqual(self.plays("PLAY #a"), list("1234"))
        self.assertEqual(self.plays("play #A 0"), list("1234"))
        self.assertEqual(self.plays(f"PLAY #a {NOON + 3:.0f}"), ["3", "4"])
        self.assertEqual(self.plays(f"PLAY #a {NOON + 2:.3f} {NOON + 5:.3f}"), ["2", "3"])
        self.assertEqual(self.plays(f"PLAY #a {NOON + 99:.3f}"), [])

    def test_several(self) -> None:
        """Several buffers, or all; what one may not read is left out, and so is where nothing was said."""
        self.network.room("#b", self.network.connect("eve"))
        self.network.room("#c", self.ada)
        found = self.asks("PLAY #b,#c,bob,#a")
        kinds = [line.split(" ", 3)[3] for line in found if " BATCH +" in line]
        self.assertEqual(kinds, ["chathistory bob", "chathistory #a"])
        self.assertEqual(self.plays("PLAY *"), [*"1234", "psst"])

    def test_once(self) -> None:
        """What is named twice is played once, however it is written."""
        self.assertEqual(self.plays("PLAY #a,#A,bob,#a,BOB"), [*"1234", "psst"])

    def test_too_many(self) -> None:
        """Of the buffers that are named only so many are played."""
        for others, found in ((BUFFERS - 2, 4), (BUFFERS - 1, 4), (BUFFERS, 0)):
            self.assertEqual(len(self.plays(f"PLAY {'x,' * others}#a")), found)

    def test_list(self) -> None:
        """When something was said last."""
        self.assertEqual(self.asks("LIST"), [f"{FROM}#a 0 {NOON + 5:.3f}", f"{FROM}Bob 0 {NOON + 6:.3f}"])

    def test_wrong(self) -> None:
        """What is wrong is told how it is right; nothing answers what is no message of a person."""
        for text in ("PLAY", "PLAY #a yesterday", "PLAY #a 1 2 3", "HELP", "PLAY #a -5", "PLAY #a 1e5"):
            self.assertEqual(self.asks(text), [FROM + USE])
        self.assertEqual(self.asks("CLEAR #a"), [])
        self.assertEqual(self.asks("\x01VERSION\x01"), [])
        self.assertEqual(self.ada.says("NOTICE *playback :PLAY #a", "@+a=b TAGMSG *playback"), [])

    def test_with_other_targets(self) -> None:
        """It can be one of several targets."""
        found = self.ada.says("PRIVMSG bob,*PLAYBACK :PLAY #a")
        self.assertEqual(len(found), 6)
        self.assertEqual(bare(self.bob.got()[0]), ":ada!~ada@localhost PRIVMSG bob :PLAY #a")

    def test_others_with_that_sign(self) -> None:
        """There is nobody else of that kind, and several lines are not for it."""
        self.assertIn(" 401 ada *status ", bare(self.ada.says("PRIVMSG *status :hi")[0]))
        self.ada.send("CAP REQ draft/multiline")
        lines = self.ada.says("BATCH +1 draft/multiline *playback", "@batch=1 PRIVMSG *playback :PLAY #a", "BATCH -1")
        self.assertIn(" 401 ada *playback ", bare(lines[0]))
