"""What is remembered."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from zope.interface import Attribute, Interface

from chatproto.account import Account
from chatproto.events import Event, Said, Stamp, Whispered

Mark = Stamp | float
"""A place in a stream: that of an event, or a time in seconds since 1970. Places are in the order of time, epoch and
offset. Where a stamp's time is 0, as in `Stamp.parse`, it is that of the event which is kept with its epoch and offset,
and no place if there is none."""


@dataclass(frozen=True, slots=True)
class Search:
    """What is sought: all of the `words` (those in double quotes next to each other), in one of the `streams`, as keys;
    said by `sender`, a name, and between the two times, where they are given."""

    streams: Sequence[str]
    words: str = ""
    sender: str = ""
    after: float | None = None
    before: float | None = None


class Found(NamedTuple):
    """One line that was found."""

    stream: str
    event: Event
    stamp: Stamp


def _always() -> bool:
    return True


class Asker(NamedTuple):
    """Who waits for an answer that takes long."""

    place: str = ""
    """Where they are: those at one place share their turns."""
    waits: Callable[[], bool] = _always
    """Whether they still wait."""


ANYBODY = Asker()


class IHistoryStore(Interface):
    """Keeps what happened in rooms and between people. A stream is a room's key; or, for what two say to each other,
    the keys of their accounts, sorted, with a space between them."""

    lasts: bool = Attribute("Whether there is room for what was said in rooms that are gone.")

    def append(stream: str, event: Event, stamp: Stamp) -> None:
        """Keep one event. Those of one stream come in the order of their stamps' times. Never blocks or raises; stores
        may drop the oldest. Called for each line."""

    def stored() -> Awaitable[bool] | None:
        """None if all that was appended is stored. Else it resolves, later, when all that was appended until now is:
        to True; or to False if the store fails, and so soon. It goes on trying."""

    def read(
        stream: str,
        count: int,
        *,
        after: Mark | None = None,
        before: Mark | None = None,
        newest: bool = True,
        every: bool = False,
    ) -> Awaitable[Sequence[tuple[Event, Stamp]]]:
        """What was appended before this call, or comes to be until it resolves, and stands between the marks, which do
        not belong to it, oldest first: who is to read it may still have to be allowed to, then. Of more than `count`
        the newest, or the oldest. Only what was said (`Said`, `Whispered`), or `every` event. Nothing where a mark is
        no place."""

    def active(
        streams: Sequence[str], after: float, before: float, count: int
    ) -> Awaitable[Sequence[tuple[str, float]]]:
        """In which of these streams something was said between those times, and when last before the second of them,
        oldest first; of more than `count` the newest."""

    def find(stream: str, message: str) -> Awaitable[tuple[Said | Whispered, Stamp] | None]:
        """What was said under that id (`Stamp.id`), and when, if it is kept."""

    def redact(stream: str, message: str) -> None:
        """Forget what that line said; it still is a place. Does nothing if it is not kept."""

    def rename(stream: str, new: str, since: float | None = None) -> None:
        """The stream is called `new` from now on, where there was none. With `since`, a time, what happened before that
        stays where it is."""

    def drop(stream: str) -> None:
        """Forget the stream's lines."""

    def forget(account: str) -> None:
        """Forget what that account, by its key, and others said to each other: who has it next is somebody else. Never
        blocks or raises."""

    def talks(account: str) -> Awaitable[Sequence[str]]:
        """With which others that account, by its key, has talk that is kept, by their keys: those of the latest talk
        last. Stores may leave out those with whom it last had talk longest ago."""

    def search(sought: Search, count: int, skip: int = 0, asker: Asker = ANYBODY) -> Awaitable[Sequence[Found]]:
        """The `count` lines that fit best, after `skip` that fit better; of those that fit alike the newest first. It
        may look at a part of the lines only, the newest, where there are very many. Raises `TakesTooLong`, which is
        `Unavailable`, where that is too long all the same, and so is `TooManySearches`. Finds nothing for an asker who
        does not wait any more."""

    def of_account(account: str, since: float, count: int, behind: int = 0) -> Awaitable[tuple[Sequence[Found], int]]:
        """What somebody said from `since` on who was logged in to the account of that name, as it was shown then, those
        first that were stored first: a page, and what to give as `behind` for the next one, or 0 if that was the last.
        A page has at most `count` lines, one at least, and may have fewer, or none, though more are to come."""

    def erase(account: str, since: float) -> Awaitable[int]:
        """`redact` all of it that was said before it begins. Resolves to how many lines that were. It may take long,
        and what it has done when it fails is done."""


Record = Mapping[str, Any]
"""What is known of something, as JSON has it: texts, numbers, lists and mappings of texts to these."""


class IRecordStore(Interface):
    """Keeps what rooms and people are, for when the server starts again. There are few, and all of them are needed
    then. Records are told apart by their kind, and among those of one kind by a key."""

    def all(kind: str) -> Sequence[tuple[str, Record]]:
        """Key and record of each that was kept when the server started. Never blocks or raises."""

    def keep(kind: str, key: str, record: Callable[[], Record | None]) -> None:
        """It is different now. `record` tells what it is, or None if it is no more: it is called soon, and once for
        many calls of this. Never blocks or raises."""

    def stored() -> Awaitable[bool] | None:
        """As `IHistoryStore.stored`."""


class IMarkerStore(Interface):
    """Keeps how far people have read. A reader is the key of an account, and a buffer what it reads: the key of a room,
    of another account, or of a name. Times are in seconds since 1970."""

    def ready(reader: str) -> Awaitable[None] | None:
        """None if the other two know what is kept of that reader. Else it resolves when they do, or raises
        `Unavailable`."""

    def find(reader: str, buffer: str) -> float | None:
        """Up to when it has read that. Never blocks or raises."""

    def move(reader: str, buffer: str, time: float) -> None:
        """It has read that up to then; a time before the one that is kept changes nothing. Never blocks or raises;
        stores may forget what was moved longest ago."""

    def forget(reader: str) -> None:
        """It has read nothing: who has that account next is somebody else. Never blocks or raises."""


class IAccountStore(Interface):
    """Keeps accounts. Each of these may wait for a disk or another machine, and raises `Unavailable` if that fails."""

    def add(account: Account) -> Awaitable[bool]:
        """Keep a new account. False, and nothing is changed, if its key or one of its certificates is another's."""

    def find(key: str) -> Awaitable[Account | None]:
        """The account with that key."""

    def by_certificate(fingerprint: str) -> Awaitable[Account | None]:
        """The account that has this certificate."""

    def change(key: str, was: Mapping[str, Any] | None = None, **fields: Any) -> Awaitable[Account | None]:
        """Give those fields of `Account`, any but `key`, other values, and return what it is then. None, and nothing is
        changed, if there is no such account, a certificate is another's, or a field has not the value of `was`."""

    def remove(key: str) -> Awaitable[bool]:
        """Forget the account. False if there is none."""

    def suspended(count: int) -> Awaitable[Sequence[Account]]:
        """The accounts that are suspended, by key, at most so many. They need not be found quickly."""

    def names() -> Awaitable[Sequence[tuple[str, str]]]:
        """Key and name of each account, by key."""
