"""What a run needs of this machine, and the sentence that says what to raise if it is short of it."""

from __future__ import annotations

import resource
import socket
import ssl
import sys
from contextlib import suppress
from functools import partial
from pathlib import Path

from chatproto.load.client import MOST_SOURCES, PORTS_PER_SOURCE
from chatproto.load.plan import Plan, is_loopback
from chatproto.load.stream import Route

SPARE_FILES = 128
"""Files that the program has open beside its connections."""

ANSWERS_WITHIN = 2.0
"""Seconds in which one of several addresses of a host must answer, or the next is tried."""

_PORT_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")


class CouldNotRun(Exception):
    """The run cannot begin, or cannot go on. Says why in a sentence."""


def enough_files(plan: Plan, limits: tuple[int, int] | None = None) -> None:
    """Raise the number of files that may be open as far as it goes, and raise `CouldNotRun` if that is too small for
    all connections. `limits`, soft and hard, are found out unless they are given. What is started later inherits what
    was raised: call it before a server is started."""
    soft, hard = limits or resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = plan.connections + plan.in_flight + SPARE_FILES
    if hard != resource.RLIM_INFINITY and needed > hard:
        raise CouldNotRun(
            f"{plan.connections:,} connections need {needed:,} open files, and {hard:,} are allowed: raise the hard "
            f"limit (`ulimit -Hn {needed}` as root, or LimitNOFILE= in systemd), or ask for fewer."
        )
    if limits is None and (soft < needed or soft == resource.RLIM_INFINITY):
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed if hard == resource.RLIM_INFINITY else hard, hard))


def enough_ports(plan: Plan, route: Route, ports: int | None = None) -> None:
    """Raise `CouldNotRun` if there are too few local ports for all connections. How many there are is found out unless
    it is given."""
    there = _ports() if ports is None else ports
    most = there if not route.many_sources else min(there, PORTS_PER_SOURCE) * MOST_SOURCES
    if route.many_sources and there < PORTS_PER_SOURCE:
        most = there  # The first address alone would run out of them.
    if plan.connections > most:
        raise CouldNotRun(
            f"{plan.connections:,} connections need as many local ports, and there are {most:,}: widen them with "
            "`sysctl net.ipv4.ip_local_port_range='1024 65535'`, or ask for fewer connections."
        )


def route(plan: Plan) -> Route:
    """Where the connections lead: of a name's addresses the first that answers. Looks the name up, and connects once to
    each address if there are several, both of which may block. Raises `CouldNotRun`."""
    try:
        found = socket.getaddrinfo(plan.host, plan.port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise CouldNotRun(f"The host {plan.host} is not known: {error.strerror}.") from None
    places = [(family, str(address[0])) for family, _, _, _, address in found]
    family, host = next(filter(partial(_answers, plan.port), places), places[0]) if len(places) > 1 else places[0]
    context = _context(plan) if plan.tls else None
    return Route(family, (host, plan.port), context, plan.host if plan.tls else None)


def _answers(port: int, place: tuple[socket.AddressFamily, str]) -> bool:
    with suppress(OSError), socket.create_connection((place[1], port), ANSWERS_WITHIN):
        return True
    return False


def _context(plan: Plan) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if plan.ca:
        try:
            context.load_verify_locations(plan.ca)
        except (OSError, ssl.SSLError) as error:
            raise CouldNotRun(f"{plan.ca} cannot be read as certificates: {error.strerror or error}.") from None
    elif is_loopback(plan.host):
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    else:
        context.load_default_certs()
    return context


def _ports() -> int:
    """How many local ports the kernel gives out."""
    if sys.platform == "linux":
        first, last = map(int, _PORT_RANGE.read_text().split())
        return last - first + 1
    return 16_384  # 49152 to 65535, what IANA has for them, and what macOS and the BSDs give out.
