"""The kernel's counters: what is taken of them, whatever a kernel has."""

from __future__ import annotations

import sys
from pathlib import Path
from unittest import skipUnless

from chatproto.load import kernel
from tests.load.files import WithFiles

NETSTAT = """\
TcpExt: SyncookiesSent ListenOverflows ListenDrops TCPBacklogDrop
TcpExt: 7 1 2 3
IpExt: InNoRoutes ListenDrops
IpExt: 8 9
"""
SNMP = """\
Tcp: RtoAlgorithm MaxConn RetransSegs
Tcp: 1 -1 4
Udp: InDatagrams SndbufErrors
Udp: 5 6
UdpLite: SndbufErrors
UdpLite: 99
"""


class KernelTests(WithFiles):
    """Files of counters, as Linux writes them."""

    def files(self, *texts: str) -> list[Path]:
        """Let these be the kernel's."""
        files = []
        for text in texts:
            path = self.new_path()
            path.write_text(text)
            files.append(path)
        self.patch(kernel, "FILES", files)
        return files

    def test_read(self) -> None:
        """What is wanted is found by its protocol and its name, in the order of the meanings; nothing else is taken."""
        self.files(SNMP, NETSTAT)
        found = {"ListenOverflows": 1, "ListenDrops": 2, "TCPBacklogDrop": 3, "RetransSegs": 4, "SndbufErrors": 6}
        self.assertEqual(list(kernel.read().items()), list(found.items()))

    def test_other_kernels(self) -> None:
        """Counters that are missing or stand in another order, files that are missing or broken: the rest is taken."""
        self.files("TcpExt: New ListenDrops Newer\nTcpExt: 1 2 3\n")
        self.assertEqual(kernel.read(), {"ListenDrops": 2})
        for broken in ("", "\n\n", "TcpExt: ListenDrops\n", "TcpExt: ListenDrops\nTcpExt:\n", "TcpExt:\nTcpExt: 1\n",
                       "TcpExt: ListenDrops\nTcpExt: x\n", "TcpExt: ListenDrops\nTcp: 1\n", "x\0\n"):  # fmt: skip
            self.files(broken)
            self.assertEqual(kernel.read(), {}, broken)

    def test_elsewhere(self) -> None:
        """Where there are no such files, there are no counters, and none has grown."""
        self.patch(kernel, "FILES", [Path("/nowhere/netstat")])
        self.assertEqual(kernel.read(), {})
        self.assertEqual(kernel.grown({}), {})

    def test_grown(self) -> None:
        """Only what came after counts; a counter that was not there before, or is not there any more, is left out."""
        (file,) = self.files("TcpExt: ListenDrops PruneCalled RcvPruned\nTcpExt: 5 6 7\n")
        before = kernel.read()
        file.write_text("TcpExt: ListenDrops PruneCalled ListenOverflows\nTcpExt: 5 8 9\n")
        self.assertEqual(kernel.grown(before), {"ListenDrops": 0, "PruneCalled": 2})

    def test_meanings(self) -> None:
        """Each of the drops is a counter that is read and has a meaning."""
        self.assertLessEqual(kernel.DROPS, kernel.MEANINGS.keys())

    @skipUnless(sys.platform == "linux", "no other system has them")
    def test_this_kernel(self) -> None:
        """This kernel's files have those that every Linux has."""
        self.assertLessEqual({"ListenOverflows", "ListenDrops", "PruneCalled", "RetransSegs"}, kernel.read().keys())
