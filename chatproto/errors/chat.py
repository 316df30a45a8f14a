"""What is refused about people, names, rooms and messages."""

from __future__ import annotations

from chatproto.errors.error import ChatError, quoted


class BadName(ChatError):
    """A name, of a person or a room, that nobody may use."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"{quoted(name)!r} cannot be used: {why}.")
        self.name = name


class NameTaken(ChatError):
    """A name that somebody has; or, if `holder` is given, one that cannot be told by eye from that of `holder`."""

    def __init__(self, name: str, holder: str | None) -> None:
        alike = "is taken" if holder is None else f"is too much like {holder}, which is taken"
        super().__init__(f"{name} {alike}. Choose another name.")
        self.name = name
        self.holder = holder


class TooManyClients(NameTaken):
    """A person is connected as often as is allowed."""

    def __init__(self, name: str, most: int) -> None:
        ChatError.__init__(
            self, f"{name} is connected {most} times already, which is the most. Close one of these first."
        )
        self.name = name
        self.holder = None


class RoomLooksLike(ChatError):
    """A room's name that looks the same as that of a room that exists."""

    def __init__(self, name: str, existing: str) -> None:
        super().__init__(f"{name} looks the same as the room {existing}. Join {existing}, or choose another name.")
        self.name = name
        self.existing = existing


class NoSuchPerson(ChatError):
    """Nobody here has that name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Nobody here is called {quoted(name)}.")
        self.name = name


class NoSuchRoom(ChatError):
    """No room has that name."""

    def __init__(self, room: str) -> None:
        super().__init__(f"There is no room {quoted(room)}.")
        self.room = room


class NotInRoom(ChatError):
    """One must be in a room to speak there or to change it."""

    def __init__(self, room: str) -> None:
        super().__init__(f"You are not in {room}. Use /join {room} first.")
        self.room = room


class TooManyRooms(ChatError):
    """A person is in as many rooms as is allowed."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"You are in {limit} rooms, the most that is allowed. Leave one first.")
        self.limit = limit


class RoomFull(ChatError):
    """A room has as many people as any may have."""

    def __init__(self, room: str, limit: int) -> None:
        super().__init__(f"{room} is full: it holds {limit} people.")
        self.room = room
        self.limit = limit


class TooLong(ChatError):
    """A text is longer than its limit, both in characters."""

    def __init__(self, what: str, length: int, limit: int) -> None:
        super().__init__(f"That {what} has {length} characters; {limit} are allowed.")
        self.length = length
        self.limit = limit


class Refused(ChatError):
    """Something that the rules of a room refuse."""

    def __init__(self, room: str, why: str) -> None:
        super().__init__(why)
        self.room = room


class MayNotJoin(Refused):
    """Why somebody may not come into a room."""


class Banned(MayNotJoin):
    """The room has banned them."""

    def __init__(self, room: str) -> None:
        super().__init__(room, f"You are banned from {room}.")


class InviteOnly(MayNotJoin):
    """The room is for invited people."""

    def __init__(self, room: str) -> None:
        super().__init__(room, f"{room} is for invited people only.")


class WrongKey(MayNotJoin):
    """The room has a key, and it was not given."""

    def __init__(self, room: str) -> None:
        super().__init__(room, f"{room} needs its key: /join {room} KEY.")


class NeedsAccount(MayNotJoin):
    """The room, or the person, is for people with an account."""

    def __init__(self, room: str) -> None:
        super().__init__(room, f"{room} takes only people who are logged in.")


class AtItsLimit(MayNotJoin):
    """The room has as many people as its operators allow."""

    def __init__(self, room: str) -> None:
        super().__init__(room, f"{room} has as many people as its operators allow.")


class MayNotSpeak(Refused):
    """What they wanted to say is not taken in that room."""


class OutsideMayNotSpeak(MayNotSpeak, NotInRoom):
    """Only members speak there."""

    def __init__(self, room: str) -> None:
        NotInRoom.__init__(self, room)


class NotOperator(Refused):
    """Only operators of the room may do that; `why` is another sentence for it."""

    def __init__(self, room: str, why: str = "") -> None:
        super().__init__(room, why or f"Only operators of {room} may do that.")


class Outranked(NotOperator):
    """The other one stands higher."""

    def __init__(self, room: str, name: str) -> None:
        Refused.__init__(self, room, f"{name} stands higher than you in {room}.")


class NotServerOperator(ChatError):
    """Only operators of the server may do that."""

    def __init__(self) -> None:
        super().__init__("Only operators of the server may do that.")


class WrongPassword(ChatError):
    """A name and a password that do not belong together."""

    def __init__(self) -> None:
        super().__init__("That name and that password do not belong together.")


class TooManyTries(WrongPassword):
    """The last wrong password that one connection may give."""


class NotChecked(ChatError):
    """A password that nobody looked at, for too many others wait for that."""

    def __init__(self) -> None:
        super().__init__("Too many passwords are being checked. Try again in a few seconds.")


class NotThere(ChatError):
    """Somebody is not in the room that something should happen to them in."""

    def __init__(self, name: str, room: str) -> None:
        super().__init__(f"{name} is not in {room}.")
        self.name = name
        self.room = room


class AlreadyThere(ChatError):
    """Somebody is in the room already that they should come into."""

    def __init__(self, name: str, room: str) -> None:
        super().__init__(f"{name} is in {room} already.")
        self.name = name
        self.room = room


class ListFull(ChatError):
    """A list has as many entries as is allowed; `letter` is IRC's name of it."""

    def __init__(self, room: str, entry: str, limit: int, letter: str) -> None:
        super().__init__(f"{room} has {limit} entries on that list, the most that is allowed. Take one off first.")
        self.room = room
        self.entry = entry
        self.letter = letter


class BadValue(ChatError):
    """A value that a room's rule cannot have; `rule` is IRC's letter for it."""

    def __init__(self, room: str, rule: str, value: str, why: str) -> None:
        super().__init__(why)
        self.room = room
        self.rule = rule
        self.value = value


class BadKey(BadValue):
    """A key that no room can have."""


class NoSuchMessage(ChatError):
    """Nothing was said under that id, or it is not kept any more."""

    def __init__(self, room: str, message: str) -> None:
        super().__init__("That message is not there, or not any more.")
        self.room = room
        self.message = message


class Unwanted(ChatError):
    """Somebody does not take what was to be told to them."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"{name} {why}.")
        self.name = name
