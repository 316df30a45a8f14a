"""Who was in private talk with whom: by their accounts, for a person's list of what there is to read back."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping

PARTNERS = 100
"""Accounts that are remembered for each account, those it was last in talk with."""
ACCOUNTS = 10_000
"""Accounts for which they are remembered, those that were in talk last."""

NOBODY: Mapping[str, str] = {}


class Correspondents:
    """Kept in memory, and gone with the process. What was said is in the history."""

    def __init__(self) -> None:
        self._by_key: OrderedDict[str, OrderedDict[str, str]] = OrderedDict()

    def met(self, key: str, partner: str, name: str) -> None:
        """The account `key` was in talk with `partner`, which is shown as `name`."""
        partners = self._by_key.setdefault(key, OrderedDict())
        self._by_key.move_to_end(key)
        partners[partner] = name
        partners.move_to_end(partner)
        if len(partners) > PARTNERS:
            partners.popitem(last=False)
        if len(self._by_key) > ACCOUNTS:
            self._by_key.popitem(last=False)

    def of(self, key: str) -> Mapping[str, str]:
        """The names of those it was in talk with, by their keys, the latest last."""
        return self._by_key.get(key, NOBODY)
