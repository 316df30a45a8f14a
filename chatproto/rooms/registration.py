"""What makes a room a registered one: whose it is, and what accounts are in it. The room has the rest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from chatproto.modes import Status


@dataclass(slots=True, eq=False)
class Registration:
    """Belongs to a room. Accounts are told by their keys."""

    founder: str
    at: float
    """When it was registered, in seconds since 1970, as all times here."""
    ranks: dict[str, Status] = field(default_factory=dict)
    """What accounts are whenever they come in: what somebody made them, and nobody took from them."""
    heir: str = ""
    """Whom the founder wants to have it; empty for nobody."""
    left_at: float = 0.0
    """When the last one left; means nothing while somebody is in."""

    def status(self, account: str) -> Status:
        """What somebody is who is logged in to that account; nothing for an empty one."""
        if not account:
            return Status.NONE
        founder = Status.FOUNDER if account == self.founder else Status.NONE
        return self.ranks.get(account, Status.NONE) | founder

    def grant(self, account: str, status: Status) -> None:
        """Have them be that as well."""
        self.ranks[account] = self.ranks.get(account, Status.NONE) | status

    def take(self, account: str, status: Status) -> None:
        """The inverse. The founder is one even so."""
        left = self.ranks.pop(account, Status.NONE) & ~status
        if left:
            self.ranks[account] = left

    def pass_to(self, account: str) -> None:
        """Have another founder; who it was is an operator."""
        self.take(self.founder, Status.FOUNDER)
        self.grant(self.founder, Status.OPERATOR)
        self.founder, self.heir = account, ""

    def __len__(self) -> int:
        """How many accounts are something, with the founder."""
        return len({self.founder, *self.ranks})

    def __iter__(self) -> Iterator[tuple[str, Status]]:
        """Accounts and what they are, the founder first, then the highest."""
        others = [(account, status) for account, status in self.ranks.items() if account != self.founder]
        yield self.founder, self.status(self.founder)
        yield from sorted(others, key=lambda each: (-each[1].bit_length(), each[0]))
