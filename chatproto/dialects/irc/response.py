"""What a client gets back for one labelled line (IRCv3's labeled-response): nothing, one line, or a batch."""

from __future__ import annotations

from chatproto.dialects.irc.message import escaped

LONGEST_LABEL = 64
"""Bytes of a label. A longer one is none."""


class Response:
    """Lines are kept until the request is done. They are few: what is told to many is not part of a response."""

    __slots__ = ("_batch", "_label", "_lines")

    def __init__(self, label: str) -> None:
        self._label = escaped(label)
        self._lines: list[str] = []
        self._batch = ""
        """The batch that was begun and is open."""

    @property
    def waiting(self) -> bool:
        """Whether there are lines that were not sent."""
        return bool(self._lines)

    def add(self, line: str) -> None:
        """One line more."""
        self._lines.append(line)

    def so_far(self, server: str, batch: str) -> list[str]:
        """What there is of a long one, in a batch that stays open until `lines`. None of it is kept."""
        begin = [] if self._batch else [f"@label={self._label} :{server} BATCH +{batch} labeled-response"]
        self._batch = self._batch or batch
        lines, self._lines = self._lines, []
        return [*begin, *_batched(lines, self._batch)]

    def lines(self, server: str, batch: str) -> list[str]:
        """All of them, or the rest, labelled. `batch` names the batch that several are put into."""
        lines = self._lines
        if self._batch:
            return [*_batched(lines, self._batch), f":{server} BATCH -{self._batch}"]
        if not lines:
            return [f"@label={self._label} :{server} ACK"]
        if len(lines) == 1 or _is_one_batch(lines):
            return [_tagged(lines[0], "label", self._label), *lines[1:]]
        return [
            f"@label={self._label} :{server} BATCH +{batch} labeled-response",
            *_batched(lines, batch),
            f":{server} BATCH -{batch}",
        ]


def _batched(lines: list[str], batch: str) -> list[str]:
    return [batched(line, batch) for line in lines]


def batched(line: str, batch: str) -> str:
    """`line` as one of that batch; what is in another one, inside of it, stays there."""
    return line if _in_batch(line) else _tagged(line, "batch", batch)


def _tagged(line: str, key: str, value: str) -> str:
    """`line` with one more tag, whose value is escaped already."""
    if line.startswith("@"):
        return f"@{key}={value};{line[1:]}"
    return f"@{key}={value} {line}"


def _in_batch(line: str) -> bool:
    tags = line[1:].partition(" ")[0].split(";") if line.startswith("@") else ()
    return any(tag.startswith("batch=") for tag in tags)


def _is_one_batch(lines: list[str]) -> bool:
    """Whether all lines are one batch, which is labelled itself then."""
    first, last = _words(lines[0]), _words(lines[-1])
    return first[0] == last[0] == "BATCH" and first[1][1:] == last[1][1:]


def _words(line: str) -> list[str]:
    """The verb and what comes after it."""
    words = line.split(" ")
    while words[0][:1] in ("@", ":"):
        words.pop(0)
    return [*words, ""]
