"""The names that belong to accounts: only who is logged in to the account may have such a name, or one that looks like
it."""

from __future__ import annotations

from collections.abc import Iterable

from chatproto.errors import ChatError, NameTaken, Unavailable
from chatproto.rooms.limits import RoomLimits
from chatproto.rooms.names import Name, key_of, person, skeleton

STRANGER = "~"
"""Stands before the key of a name, which has no such sign, where it is not that of an account."""


class NameReserved(NameTaken):
    """A name that is that of the account `owner`, or looks like it, for somebody who is not logged in to it."""

    def __init__(self, name: str, owner: str) -> None:
        same = key_of(name) == key_of(owner)
        why = "is registered" if same else f"is too much like {owner}, which is registered"
        ChatError.__init__(self, f"{name} {why}. Log in if that is yours, or choose another name.")
        self.name = name
        self.holder = None if same else owner
        self.owner = owner


class Owned:
    """The names of all accounts, in memory: who comes in waits for nothing. Some 300 bytes for each."""

    def __init__(self, *, known: bool = True) -> None:
        self.known = known
        """Whether they are all here. Until then nobody gets any name but who is logged in to it."""
        self._names: dict[str, str] = {}
        """By the keys of accounts."""
        self._owners: dict[str, tuple[str, ...]] = {}
        """Keys of accounts, by each token of their names. They are several where names look the same."""

    def __len__(self) -> int:
        return len(self._names)

    def __contains__(self, name: str) -> bool:
        """Whether there is an account of that name."""
        return key_of(name) in self._names

    def name(self, key: str) -> str:
        """The name of the account with that key; the key itself if there is none any more; the name of a stranger (see
        `STRANGER`)."""
        return self._names.get(key, key.removeprefix(STRANGER))

    def load(self, accounts: Iterable[tuple[str, str]]) -> None:
        """These are all, by key and name."""
        for key, name in accounts:
            self.add(key, name)
        self.known = True

    def add(self, key: str, name: str) -> None:
        """There is an account; again changes nothing. Of two whose names look the same each has its own."""
        if key not in self._names:
            self._names[key] = name
            for token in {key, skeleton(name)}:
                self._owners[token] = (*self._owners.get(token, ()), key)

    def discard(self, key: str) -> None:
        """There is no such account any more."""
        name = self._names.pop(key, None)
        if name is not None:
            for token in {key, skeleton(name)}:
                left = tuple(each for each in self._owners.pop(token) if each != key)
                if left:
                    self._owners[token] = left

    def owner(self, name: Name) -> str | None:
        """The name of the account that has `name`, or else of one whose name looks the same."""
        alike = (key for token in name.tokens for key in self._owners.get(token, ()))
        key = name.key if name.key in self._names else next(alike, None)
        return None if key is None else self._names[key]

    def open_to(self, account: str, text: str, limits: RoomLimits) -> Name:
        """The name that `text` asks for. Raises `BadName`, and what `must_be_open_to` does."""
        name = person(text, limits)
        self.must_be_open_to(account, name)
        return name

    def must_be_open_to(self, account: str, name: Name) -> None:
        """Raises `NameReserved` if who is logged in to `account`, or to none if that is empty, may not have `name`;
        `Unavailable` if that is not known yet."""
        own = key_of(account) if account else None
        if name.key == own:
            return
        if not self.known:
            raise Unavailable
        if any(set(self._owners.get(token, ())) - {own} for token in name.tokens):
            owner = self.owner(name)
            assert owner is not None
            raise NameReserved(name.shown, owner)
