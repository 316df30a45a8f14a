"""Where nothing lasts: what rooms and people are is gone with the server."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from zope.interface import implementer

from chatproto.interfaces import IRecordStore, Record


@implementer(IRecordStore)
class Unrecorded:
    """Keeps no record."""

    def all(self, kind: str) -> Sequence[tuple[str, Record]]:
        """See `IRecordStore.all`."""
        return ()

    def keep(self, kind: str, key: str, record: Callable[[], Record | None]) -> None:
        """See `IRecordStore.keep`."""

    def stored(self) -> None:
        """See `IRecordStore.stored`."""
