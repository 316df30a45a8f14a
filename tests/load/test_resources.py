"""What a run needs of the machine, and what is said when it is short of it."""

from __future__ import annotations

import socket
from unittest import SkipTest

from twisted.trial.unittest import SynchronousTestCase

from chatproto.load.client import MOST_SOURCES, PORTS_PER_SOURCE
from chatproto.load.plan import Plan
from chatproto.load.resources import SPARE_FILES, CouldNotRun, enough_files, enough_ports, route
from chatproto.load.stream import Route
from tests.ports import kept_port

FAR = Route(socket.AF_INET, ("192.0.2.1", 7000))
NEAR = Route(socket.AF_INET, ("127.0.0.1", 7000))


class FileTests(SynchronousTestCase):
    """Open files."""

    def test_bound(self) -> None:
        """As many connections as the hard limit has room for, and not one more."""
        plan = Plan(scenario="idle", connections=1000, in_flight=10)
        needed = 1010 + SPARE_FILES
        for hard in (needed, needed + 1):
            enough_files(plan, (hard, hard))
        with self.assertRaises(CouldNotRun) as caught:
            enough_files(plan, (needed - 1, needed - 1))
        self.assertIn(f"ulimit -Hn {needed}", str(caught.exception))

    def test_soft(self) -> None:
        """A soft limit is no obstacle, and no hard limit at all is none either."""
        plan = Plan(scenario="idle", connections=1000)
        enough_files(plan, (10, 5000))
        enough_files(plan, (10, -1))


class PortTests(SynchronousTestCase):
    """Local ports."""

    def test_elsewhere(self) -> None:
        """To another host there are as many connections as the kernel gives out ports."""
        plan = Plan(scenario="idle", connections=1000)
        for ports in (1000, 1001):
            enough_ports(plan, FAR, ports)
        with self.assertRaises(CouldNotRun) as caught:
            enough_ports(plan, FAR, 999)
        self.assertIn("net.ipv4.ip_local_port_range", str(caught.exception))

    def test_loopback(self) -> None:
        """On loopback there are many addresses to come from, if each has the ports that it is to give."""
        if not NEAR.many_sources:
            raise SkipTest("only Linux has all of 127.0.0.0/8")
        plan = Plan(scenario="idle", connections=2 * PORTS_PER_SOURCE)
        enough_ports(plan, NEAR, PORTS_PER_SOURCE)
        self.assertRaises(CouldNotRun, enough_ports, plan, NEAR, PORTS_PER_SOURCE - 1)
        self.assertLess(100_000, PORTS_PER_SOURCE * MOST_SOURCES)


class RouteTests(SynchronousTestCase):
    """Where connections lead."""

    def test_plain(self) -> None:
        """An address is taken as it is, IPv6 too."""
        self.assertEqual(Route(socket.AF_INET, ("127.0.0.1", 7)), route(Plan(port=7)))
        self.assertEqual(socket.AF_INET6, route(Plan(host="::1")).family)

    def test_several(self) -> None:
        """Of a name's addresses the one that answers is taken, wherever it stands; the first if none does."""
        port = kept_port(self)
        with socket.create_server(("127.0.0.1", port)):
            places = [(family, 1, 6, "", (host, port)) for family, host in ((2, "127.0.0.2"), (2, "127.0.0.1"))]
            self.patch(
                socket,
                "getaddrinfo",
                lambda host, port, *_, **__: [p for p in places if host in (p[4][0], "localhost")],
            )
            self.assertEqual("127.0.0.1", route(Plan(host="localhost", port=port)).address[0])
        self.assertEqual("127.0.0.2", route(Plan(host="localhost", port=port)).address[0])

    def test_unknown(self) -> None:
        """A name that nobody knows is said to be unknown."""
        with self.assertRaises(CouldNotRun) as caught:
            route(Plan(host="nobody.invalid", i_may_load="nobody.invalid"))
        self.assertIn("nobody.invalid is not known", str(caught.exception))

    def test_certificates(self) -> None:
        """On loopback no certificate is looked at; with --ca, or elsewhere, it is, and must be of the host."""
        near = route(Plan(tls=True))
        far = route(Plan(host="192.0.2.1", i_may_load="192.0.2.1", tls=True))
        assert near.tls is not None
        assert far.tls is not None
        self.assertEqual((False, True), (near.tls.check_hostname, far.tls.check_hostname))
        self.assertEqual("192.0.2.1", far.server_name)
        with self.assertRaises(CouldNotRun) as caught:
            route(Plan(tls=True, ca="/nowhere/ca.pem"))
        self.assertIn("/nowhere/ca.pem cannot be read as certificates", str(caught.exception))
