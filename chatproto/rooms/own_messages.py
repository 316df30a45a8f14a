"""What somebody said while they were logged in to their account: handed out to them, page by page, or erased."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, NamedTuple

from chatproto.account import Account
from chatproto.events import Said, Stamp
from chatproto.interfaces import Found
from chatproto.rooms import logins
from chatproto.rooms.service import RoomService
from chatproto.rooms.user import Session


class Mine(NamedTuple):
    """One message."""

    where: str
    """The room, as it was called then; or the account of the other one."""
    event: Any
    stamp: Stamp


class Page(NamedTuple):
    """Some of them, the oldest first."""

    account: Account
    messages: list[Mine]
    behind: int
    """What to ask for the next ones with; 0 if these are the last."""


async def said(chat: RoomService, session: Session, count: int, behind: int = 0) -> Page:
    """What the owner of the account said since it was made: who had the name before is somebody else. Raises
    `NotLoggedIn` or `Unavailable`."""
    account = await logins.own(chat, session)
    found, behind = await chat.history.of_account(account.name, account.created, count, behind)
    return Page(account, [Mine(_where(chat, account, each), each.event, each.stamp) for each in found], behind)


async def erase(chat: RoomService, session: Session) -> int:
    """Have all of it taken back, for good. How many messages that were. Raises `NotLoggedIn` or `Unavailable`."""
    account = await logins.own(chat, session)
    return await chat.history.erase(account.name, account.created)


def _where(chat: RoomService, account: Account, found: Found) -> str:
    if isinstance(found.event, Said):
        return found.event.room
    one, _, other = found.stream.partition(" ")
    return chat.owned.name(other if one == account.key else one)


def about(account: Account) -> str:
    """What is known of an account, as a line of JSON. Of passwords that is nothing that can be told."""
    known = {
        "account": account.name,
        "created": _time(account.created),
        "seen": _time(account.seen),
        "certificates": list(account.certificates),
        "settings": dict(account.settings),
    }
    return json.dumps(known, ensure_ascii=False)


def as_json(mine: Mine) -> str:
    """A message as a line of JSON."""
    event, stamp = mine.event, mine.stamp
    known = {
        "time": _time(stamp.time),
        "in": mine.where,
        "id": stamp.id,
        "as": event.who.name,
        "kind": event.kind.value,
    }
    tags = {"tags": dict(event.tags)} if event.tags else {}
    return json.dumps({**known, "text": event.text, **tags}, ensure_ascii=False)


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
