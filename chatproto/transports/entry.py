"""Where Twisted calls us, and where faults are told apart."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from twisted.python.failure import Failure

from chatproto.events import Ending
from chatproto.transports.intake import Overflow


class Faulty(Protocol):
    """What is told of faults: a connection."""

    def end(self, ending: Ending) -> None:
        """The peer is at fault: end its connection, and tell it why."""

    def failed(self, failure: Failure) -> None:
        """We are at fault: log it, and end the connection."""


P = ParamSpec("P")
Connection = TypeVar("Connection", bound=Faulty)


def from_twisted(method: Callable[Concatenate[Connection, P], None]) -> Callable[Concatenate[Connection, P], None]:
    """Mark a method that Twisted calls: nothing is raised from it. An `Overflow` is the peer's fault, and ends its
    connection. All else is a bug of ours: it is logged once with its traceback, and ends this connection only."""

    @wraps(method)
    def entry(connection: Connection, /, *args: P.args, **kwargs: P.kwargs) -> None:
        try:
            method(connection, *args, **kwargs)
        except Overflow as overflow:
            connection.end(overflow.ending)
        except Exception:  # noqa: BLE001  # The one place where that stands.
            connection.failed(Failure())

    return entry
