"""Who is in a room, kept from one NAMES to the next."""

from __future__ import annotations

import gc

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatproto.dialects.irc.roster import Form, Roster
from tests.dialects.irc.network import Network

SPACE = 40
STEPS = (
    ":JOIN {room}",
    ":PART {room}",
    ":NICK {nick}x",
    ":QUIT",
    "MODE {room} +o-v+h {nick} {nick} {nick}",
    "MODE {room} +v-o {nick} {nick}",
    "KICK {room} {nick}",
    "CHGHOST {nick} another.example.org",
    "RENAME {room} {room}x",
)
"""What can happen: by somebody (behind a colon), or by an operator of the server to them."""
FORMS = [Form(every, masks) for every in (False, True) for masks in (False, True)]


class Packing(SynchronousTestCase):
    """Names in lines."""

    def test_lines(self) -> None:
        """A line is as full as it can be; a name that is longer has one of its own."""
        roster = Roster(FORMS[0], 4)
        roster.add(["ab", "c", "d", "ef", "long-one", "x"])
        self.assertEqual(roster.lines, ["ab c", "d ef", "long-one", "x"])

    def test_bytes(self) -> None:
        """Lines are measured in bytes."""
        roster = Roster(FORMS[0], 4)
        roster.add(["ä", "b", "ö", "ü"])
        self.assertEqual(roster.lines, ["ä b", "ö", "ü"])

    def test_later(self) -> None:
        """What is added later goes on where the last line ended."""
        roster = Roster(FORMS[0], 4)
        roster.add(["ab"])
        roster.add(["c"])
        roster.add(["d"])
        self.assertEqual(roster.lines, ["ab c", "d"])


class Kept(SynchronousTestCase):
    """A roster is as true as one that is made anew, whatever happened since."""

    def check(self, network: Network) -> None:
        """Fail unless every roster of every room is true."""
        for room in network.rooms.rooms():
            for form in FORMS:
                fresh = Roster(form, SPACE)
                fresh.add(form.of(user, room) for user in room.members)
                self.assertEqual(network.server.rosters.lines(room, form, SPACE), fresh.lines)

    @given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from(STEPS)), max_size=12))
    def test_true(self, steps: list[tuple[int, str]]) -> None:
        """People come, go, are made operators, kicked, renamed and shown with other hosts; the room is renamed."""
        network = Network()
        root = network.connect("root0")
        root.send("OPER root secret", "JOIN #r")
        people = [network.connect(f"person{number}") for number in range(4)]
        for who, step in steps:
            client = people[who]
            if not client.closed:
                room = next(iter(root.talk.user.rooms), "#r")
                one = client if step[0] == ":" else root
                one.send(step.lstrip(":").format(room=room, nick=client.talk.nick))
            self.check(network)

    def test_as_long_as_the_room(self) -> None:
        """Nothing is kept of a room that is gone."""
        network = Network()
        ada = network.connect("ada")
        network.room("#a", ada)
        ada.send("NAMES #a")
        self.assertEqual(len(network.server.rosters._rosters), 1)
        ada.send("PART #a")
        gc.collect()
        self.assertEqual(len(network.server.rosters._rosters), 0)
