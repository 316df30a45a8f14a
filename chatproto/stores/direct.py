"""A database for a program that has no reactor."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, TypeVar

from chatproto.stores.database import Database, Work, in_transaction

T = TypeVar("T")


class DirectDatabase(Database):
    """A `Database` that does its work on the thread that asks for it, which waits: whatever is awaited is there."""

    def __init__(self, url: str) -> None:
        super().__init__(url, None)

    async def _run(self, threads: Any, work: Work[T]) -> T:
        return in_transaction(threads.engine, work)


def directly(work: Coroutine[Any, Any, T]) -> T:
    """What comes of a coroutine that has nothing to wait for."""
    try:
        work.send(None)
    except StopIteration as ended:
        result: T = ended.value
        return result
    raise AssertionError("it waits for something")
