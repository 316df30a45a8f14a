"""What a peer of TLS sends that is no text: it costs it nothing, and us much.

To follow a peer's new keys (RFC 8446, 4.6.3) takes 27 us for 27 bytes, and OpenSSL returns from none of them before
there is text, or nothing left.
"""

from __future__ import annotations

from chatproto.transports.records import RECORD, Broken

MOST_TEXTLESS = 2 * RECORD
"""Bytes beside text that a peer may send at once: new keys, padding, what there is yet of a long record. With more, the
connection is broken."""

FORGIVEN = RECORD
"""So many of them are forgiven in a second."""

PER_RECORD = 128
"""So much beside the text is not counted of each record that holds any. It is more than any cipher needs."""

SLICE = RECORD // 4
"""Bytes that are decrypted before what came beside text is counted."""


class Textless:
    """Counts what came beside text, and forgives what was long ago. Times are in seconds."""

    __slots__ = ("_counted_at", "owed")

    def __init__(self) -> None:
        self.owed = 0.0
        """Bytes that count, at the time of the last `add`."""
        self._counted_at = 0.0

    def add(self, length: int, now: float) -> None:
        """So much came; less than 0 of it if more text did, as at the end of a long record. Raises `Broken`."""
        forgiven = max(0.0, now - self._counted_at) * FORGIVEN  # The clock may be set back.
        self.owed = max(0.0, max(0.0, self.owed - forgiven) + length)
        self._counted_at = now
        if self.owed > MOST_TEXTLESS:
            raise Broken("the peer sends too much that is no text")
