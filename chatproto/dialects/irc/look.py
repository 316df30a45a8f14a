"""How one kind of connection sees what happens: its capabilities, and the tags that they put before a line."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple

from chatproto.events import Stamp, Tags, Who

SEEN = frozenset(
    {
        "account-notify", "account-tag", "away-notify", "batch", "chghost", "draft/message-redaction",
        "draft/multiline", "draft/oper-tag", "draft/relaymsg", "extended-join", "invite-notify", "message-tags",
        "server-time", "setname",
    }
)  # fmt: skip
"""The capabilities that change how an event looks."""

_TAGGED = frozenset({"server-time", "account-tag", "draft/oper-tag", "message-tags", "draft/relaymsg"})
"""Those of them that put tags before it."""


class Look(NamedTuple):
    """How one kind of connection sees things: by its capabilities, and from which server."""

    server: str
    caps: frozenset[str]

    tagged: bool = True
    """Whether there may be tags before a line."""


def look_of(server: str, caps: frozenset[str]) -> Look:
    """How connections with these capabilities see things."""
    return Look(server, caps, tagged=not caps.isdisjoint(_TAGGED))


def server_time(seconds: float) -> str:
    """IRCv3's server-time: ISO 8601 in UTC, with milliseconds."""
    return _server_time(shown_as(seconds))


def shown_as(seconds: float) -> int:
    """The milliseconds since 1970 that are shown of that time: it is rounded to microseconds, and then cut off."""
    return round(seconds * 1_000_000) // 1000


@lru_cache(maxsize=256)  # An event is shown through several wires, and much happens in the same millisecond.
def _server_time(milliseconds: int) -> str:
    moment = datetime.fromtimestamp(milliseconds // 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{milliseconds % 1000:03d}Z"


def tags(who: Who, stamp: Stamp, look: Look, client: Tags = ()) -> dict[str, str]:
    """The tags of a line that shows what `who` did; those of its client come last, as IRCv3's message-tags wants it."""
    caps = look.caps
    found: dict[str, str] = {}
    if not look.tagged:
        return found
    if "server-time" in caps:
        found["time"] = server_time(stamp.time)
    if "account-tag" in caps and who.account:
        found["account"] = who.account
    if "draft/oper-tag" in caps and who.operator:
        found["draft/oper"] = ""
    if "message-tags" in caps:
        found["msgid"] = stamp.id
        if who.bot:
            found["bot"] = ""
        found.update(client)
    return found
