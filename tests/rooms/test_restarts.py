"""Rooms when the server starts again: which are there, since when nobody was in them, what waits for its people, and
what others did to these before."""

from __future__ import annotations

from chatproto.events import Said
from chatproto.modes import Change, Status
from chatproto.rooms import moderation, registered
from chatproto.rooms.limits import DAY
from chatproto.rooms.presence_record import PRESENCE
from chatproto.rooms.room_record import KIND
from tests.rooms.chat import user_of
from tests.rooms.test_staying import StayingTestCase


class Unused(StayingTestCase):
    """Registered rooms that nobody is in."""

    def leave(self) -> float:
        """Have one called #x that its founder leaves. Returns when."""
        ada = self.client()
        room = self.join(ada, "#x")
        registered.register(self.service, ada, room)
        self.service.leave(ada, room, "")
        return self.now

    def test_restarts(self) -> None:
        """They are gone after so many days, however often the server starts meanwhile."""
        self.start(unused_days=30)
        left = self.leave()
        for days, names in ((20, ["#x"]), (30, ["#x"]), (30 + 60 / DAY, [])):
            self.now = left + days * DAY - 60  # A start takes that.
            self.start(unused_days=30)
            registered.expire(self.service)
            self.assertEqual([*self.here()], names, days)

    def test_killed(self) -> None:
        """So are those that somebody was in when the server ended: they left when it started again, the first time."""
        self.start(unused_days=30)
        ada = self.client()
        registered.register(self.service, ada, self.join(ada, "#x"))
        self.start(unused_days=30)
        left = self.now
        for days, names in ((20, ["#x"]), (30, ["#x"]), (30 + 60 / DAY, [])):
            self.now = left + days * DAY - 60
            self.start(unused_days=30)
            registered.expire(self.service)
            self.assertEqual([*self.here()], names, days)

    def test_records(self) -> None:
        """A start writes nothing of them."""
        self.leave()
        self.records.changed()
        self.start()
        self.assertEqual(self.records.changed(), set())


class Waiting(StayingTestCase):
    """Rooms of somebody who cannot be had at a start."""

    def setUp(self) -> None:
        """Have ada, and nobody else, stay in a closed room in which something was said."""
        super().setUp()
        ada = self.staying()
        room = self.join(ada, "#a")
        self.close(ada, room)
        self.service.set_topic(ada, room, "tea")
        self.service.say(ada, room, "secret")
        self.before = (dict(room.rules), room.topic, room.stream)

    def found(self) -> tuple[object, ...]:
        """The same of the room as it is now."""
        room = self.service.room("#a")
        self.assertEqual(self.said(room), ["secret"])
        return dict(room.rules), room.topic, room.stream

    def test_name_reserved(self) -> None:
        """When they can be had again they are in the room, which is as it was, with what was said."""
        self.start(reserved_names=("ada",))
        self.assertEqual((len(self.problems), self.here()), (1, {"#a": {}}))
        self.assertEqual(self.records.changed(), set())
        self.start()
        self.assertEqual((self.problems, self.here()["#a"].keys()), ([], {"Ada"}))
        self.assertEqual(self.found(), self.before)

    def test_broken_record(self) -> None:
        """So it is where their record was of no use to another program; also with others who are in there meanwhile."""
        self.records.changed()
        right = dict(self.records.all(PRESENCE))["ada"]
        self.records.keep(PRESENCE, "ada", lambda: {**right, "modes": "?"})
        for _ in range(2):
            self.start()
            self.assertEqual((len(self.problems), self.here()), (1, {"#a": {}}))
        self.service.room("#a").add(user_of(self.client("Bob")))
        self.records.keep(PRESENCE, "ada", lambda: right)
        self.start()
        self.assertEqual((self.problems, self.here()["#a"].keys()), ([], {"Ada"}))
        self.assertEqual(self.found(), self.before)

    def test_nobody_missing(self) -> None:
        """Where everybody else is there again the room is gone, and so are its record and what was said."""
        self.records.keep(PRESENCE, "ada", lambda: None)
        self.start()
        self.assertEqual((self.problems, self.here()), ([], {}))
        self.records.changed()
        self.assertEqual(self.records.all(KIND), [])
        found = self.done(self.history.read(str(self.before[2]), 10))
        self.assertEqual([event for event, _ in found if isinstance(event, Said)], [])


class Followed(StayingTestCase):
    """What others do to Ada, who stays, her record tells at once."""

    def setUp(self) -> None:
        """Have her in the room of Bob."""
        super().setUp()
        self.bob, self.ada = self.client("Bob"), self.staying()
        self.room = self.join(self.bob, "#a")
        self.join(self.ada, "#a")
        self.records.changed()

    def rooms(self) -> dict[str, str]:
        """Where she is by her record, and as what."""
        self.assertIn((PRESENCE, "ada"), self.records.changed())
        record = dict(self.records.all(PRESENCE))["ada"]
        return {name: place["status"] for name, place in record["rooms"].items()}

    def test_made(self) -> None:
        """She is made something, and then nothing."""
        for add, status in ((True, "v"), (False, "")):
            moderation.change(self.service, self.bob, self.room, [Change(add, Status.VOICE, "Ada")])
            self.assertEqual(self.rooms(), {"#a": status})

    def test_put_out(self) -> None:
        """She is put out."""
        moderation.kick(self.service, self.bob, self.room, user_of(self.ada), "")
        self.assertEqual(self.rooms(), {})

    def test_room_renamed(self) -> None:
        """The room has another name."""
        moderation.rename(self.service, self.bob, self.room, "#b", "")
        self.assertEqual(self.rooms(), {"#b": ""})
