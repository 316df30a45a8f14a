"""Ports of this machine."""

from __future__ import annotations

import socket

from twisted.trial.unittest import SynchronousTestCase


def kept_port(case: SynchronousTestCase) -> int:
    """One of 127.0.0.1 that nobody listens on, and that nobody is given by chance until the test is over: a server
    that is told its number can listen there, as long as it lets addresses be used again, which all do."""
    keeper = socket.socket()
    case.addCleanup(keeper.close)
    keeper.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    keeper.bind(("127.0.0.1", 0))
    return int(keeper.getsockname()[1])
