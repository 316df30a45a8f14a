"""Web browsers that come by mistake, or are sent here by a page. Such a page could have its visitors speak here without
their knowing, even those behind a firewall: what it chooses stands in the lines after the first."""

from __future__ import annotations

import re

_REQUEST = re.compile(rb"[!-~]+ +\S+ +HTTP/\d(?:\.\d)?\s*")
_TEXT = b"This is a chat server, and no web server.\r\n"

REFUSAL = (
    b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
    % len(_TEXT)
    + _TEXT
)
"""What a browser is answered, before its connection is closed."""


def is_request(line: bytes) -> bool:
    """Whether this is how HTTP begins (RFC 9112, 3; RFC 9113, 3.4): a method, of any name, what is asked for, and the
    version. Browsers send no request without one."""
    return _REQUEST.fullmatch(line) is not None
