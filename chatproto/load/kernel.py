"""What the kernel counts of TCP: what it dropped, cut, or had to send again.

The counters are those of this machine (strictly, of this network namespace, see network_namespaces(7)): other programs'
connections count too, so only the differences over a run are of use, and those only where little else goes on.
Linux alone has them in this form; elsewhere there are none.
"""

from __future__ import annotations

from pathlib import Path

FILES = (Path("/proc/net/netstat"), Path("/proc/net/snmp"))

_WANTED = {
    "TcpExt": {
        "ListenOverflows": "connections refused because the server's queue of accepted ones was full (its backlog)",
        "ListenDrops": "connections dropped by a listening socket, for that reason or another",
        "TCPReqQFullDrop": "connections dropped because too many were half open",
        "TCPReqQFullDoCookies": "connections answered with SYN cookies because too many were half open",
        "TCPBacklogDrop": "packets dropped while their socket was in use and its backlog full",
        "TCPRcvQDrop": "packets dropped because a receive queue was full",
        "TCPZeroWindowDrop": "packets dropped because they came after their receiver had closed its window",
        "PruneCalled": "times that a receive queue had to be squeezed into its buffer",
        "RcvPruned": "times that it was thrown away for lack of room",
        "TCPToZeroWindowAdv": "times that a receiver closed its window: it read too slowly",
        "TCPTimeouts": "times that a packet was not acknowledged in time",
        "TCPFastRetrans": "packets sent again because later ones had come",
        "TCPLossProbes": "packets sent again in case they were lost; on loopback their receiver was only late",
        "TCPSynRetrans": "times that asking for a connection was repeated",
        "TCPWqueueTooBig": "times that a send queue was too big to send again from",
        "TCPAbortOnMemory": "connections cut because TCP was out of memory (tcp_mem) or had too many orphans",
        "TCPAbortOnTimeout": "connections cut because their peer did not answer",
        "TCPMemoryPressures": "times that TCP came to be short of memory (tcp_mem)",
    },
    "Tcp": {
        "RetransSegs": "packets that were sent again, for any of these reasons",
        "AttemptFails": "connections that failed before they were there",
        "EstabResets": "connections that were reset",
    },
    "Udp": {"SndbufErrors": "datagrams (no chat among them) not sent for lack of room"},
}

MEANINGS: dict[str, str] = {name: meaning for names in _WANTED.values() for name, meaning in names.items()}
"""What each counter counts, in words; in the order in which they are shown."""

DROPS = frozenset(
    {
        "ListenOverflows", "ListenDrops", "TCPReqQFullDrop", "TCPBacklogDrop", "TCPRcvQDrop", "TCPZeroWindowDrop",
        "PruneCalled", "RcvPruned", "TCPTimeouts", "TCPFastRetrans", "TCPWqueueTooBig", "TCPAbortOnMemory",
        "TCPAbortOnTimeout", "TCPMemoryPressures",
    }
)  # fmt: skip
"""Those that stay 0 on loopback while the kernel keeps up. RetransSegs is none: TCPLossProbes are in it."""


def read() -> dict[str, int]:
    """The counters now, by name: those of `MEANINGS` that this kernel has, in that order. None of them elsewhere than
    on Linux. Never raises."""
    found: dict[str, int] = {}
    for file in FILES:
        try:
            found |= parse(file.read_text())
        except OSError:  # Not Linux, or no /proc.
            continue
    return {name: found[name] for name in MEANINGS if name in found}


def grown(before: dict[str, int]) -> dict[str, int]:
    """How much each counter of `before` has grown since that was read."""
    return {name: value - before[name] for name, value in read().items() if name in before}


def parse(text: str) -> dict[str, int]:
    """What we want of a file of counters: pairs of lines, `Tcp: Name Name …` and `Tcp: 1 2 …` (proc_net_snmp in
    proc(5)). Which names there are, and in which order, is another thing in each kernel. Lines that make no pair are
    passed over."""
    lines = [line.split() for line in text.splitlines()]
    found: dict[str, int] = {}
    for names, values in zip(lines[::2], lines[1::2], strict=False):
        if names[:1] == values[:1]:
            wanted = _WANTED.get(names[0].rstrip(":"), {}) if names else {}
            pairs = zip(names[1:], values[1:], strict=False)
            found |= {name: int(value) for name, value in pairs if name in wanted and value.isdecimal()}
    return found
