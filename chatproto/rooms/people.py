"""Everyone who is here, by name: who holds which, who was here lately, and who waits for somebody to come."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from chatproto.errors import NameTaken, NoSuchPerson
from chatproto.events import Who
from chatproto.interfaces import IBackplane
from chatproto.modes import UserMode
from chatproto.rooms import names
from chatproto.rooms.limits import RoomLimits
from chatproto.rooms.names import Name
from chatproto.rooms.user import Session, User


class Departed(NamedTuple):
    """Somebody who was here under that name, and when they left it, in seconds since 1970."""

    who: Who
    realname: str
    at: float


class People:
    """Claims names on the backplane, so that nobody else has them on any node."""

    def __init__(self, backplane: IBackplane, limits: RoomLimits) -> None:
        self._backplane = backplane
        self._limits = limits
        self._users: dict[str, User] = {}
        self._holders: dict[str, User] = {}
        """By each token of their names."""
        self._departed: deque[Departed] = deque(maxlen=limits.departed_kept)
        self._watchers: dict[str, dict[Session, None]] = {}
        """By the key of the name they watch."""
        self.most = 0
        """As many were here at once."""
        self.sessions = 0
        """By so many connections all these are attached."""
        self.modes: Counter[UserMode] = Counter()
        """How many have each mode."""
        self.became: Callable[[User], None] = lambda user: None
        """Is called when somebody has other modes."""

    def __len__(self) -> int:
        return len(self._users)

    def __iter__(self) -> Iterator[User]:
        return iter(self._users.values())

    def find(self, text: str) -> User:
        """Whoever is called `text`. Raises `NoSuchPerson`."""
        try:
            return self._users[names.key_of(text)]
        except KeyError:
            raise NoSuchPerson(text) from None

    def get(self, text: str) -> User | None:
        """The same, or nobody."""
        return self._users.get(names.key_of(text))

    # -- names

    async def claim(self, name: Name, tokens: Sequence[str]) -> None:
        """Hold all of `tokens`, those of `name`, or none and raise `NameTaken`."""
        for count, token in enumerate(tokens):
            if not await self._backplane.claim(token):
                self.release(tokens[:count])
                holder = self._holders.get(token)
                looks = holder is not None and holder.name.key != name.key
                raise NameTaken(name.shown, holder.name.shown if holder and looks else None)

    def release(self, tokens: Iterable[str]) -> None:
        """Give back what was claimed."""
        for token in tokens:
            self._backplane.release(token)

    def add(self, user: User) -> None:
        """`user` is here, under a name that was claimed."""
        self._users[user.name.key] = user
        self._holders.update(dict.fromkeys(user.name.tokens, user))
        self.most = max(self.most, len(self._users))
        self.modes.update(user.modes)

    def remove(self, user: User, now: float) -> None:
        """`user` has that name no more. What was claimed is not given back."""
        del self._users[user.name.key]
        self.modes.subtract(user.modes)
        for token in user.name.tokens:
            del self._holders[token]
        self._departed.append(Departed(user.who, user.realname, now))

    def rename(self, user: User, name: Name, now: float) -> None:
        """`user` has another name, which was claimed."""
        self.remove(user, now)
        user.name = name
        self.add(user)

    def become(self, user: User, modes: frozenset[UserMode]) -> None:
        """Have `user` be that, and nothing else."""
        self.modes.subtract(user.modes)
        user.become(modes)
        self.modes.update(modes)
        self.became(user)

    def departed(self, *texts: str, most: int = 0) -> list[Departed]:
        """Who had one of these names and left it: of the first name, the latest first, then of the next. At most so
        many of each, or all if that is 0."""
        found: dict[str, list[Departed]] = {names.key_of(text): [] for text in texts}
        for each in reversed(self._departed):
            entries = found.get(names.key_of(each.who.name))
            if entries is not None and (not most or len(entries) < most):
                entries.append(each)
        return [each for entries in found.values() for each in entries]

    # -- watching

    def watch(self, session: Session, text: str) -> None:
        """`session` wants to know when somebody of that name comes or goes; again changes nothing. How many it watches
        is for its dialect to bound."""
        key = names.key_of(text)
        if session.watched is None:
            session.watched = {}
        if key not in session.watched:
            session.watched[key] = text
            self._watchers.setdefault(key, {})[session] = None

    def unwatch(self, session: Session, text: str) -> None:
        """The inverse. Does nothing if it was not watched."""
        key = names.key_of(text)
        if session.watched and session.watched.pop(key, None) is not None:
            sessions = self._watchers[key]
            del sessions[session]
            if not sessions:
                del self._watchers[key]

    def unwatch_all(self, session: Session) -> None:
        """`session` watches nobody any more."""
        for text in list(self.watched(session).values()):
            self.unwatch(session, text)

    def watched(self, session: Session) -> Mapping[str, str]:
        """The names that `session` watches, by their keys."""
        return session.watched or {}

    def watchers(self, key: str) -> Sequence[Session]:
        """Who watches that name."""
        return tuple(self._watchers.get(key, ()))
