"""Rooms and people that last, had again when the server starts."""

from __future__ import annotations

from chatproto.interfaces import Record
from chatproto.rooms.room import Room
from chatproto.rooms.room_record import KIND, BadRecord, RoomRecord, stream_of
from chatproto.rooms.service import RoomService


async def all_again(chat: RoomService) -> list[str]:
    """Have all rooms and people here again that last, as the server starts: when the names of accounts are known, and
    before anybody comes. Returns a sentence for each record that is of no use: such a room is not there, and its record
    is kept until somebody registers a room of that name, or stays in one. If there is such a one of a person, no room
    is dropped: nobody knows where that one was, who may be had again at the next start."""
    problems = [problem for key, record in chat.records.all(KIND) if (problem := _restored(chat, key, record))]
    missing = await chat.presences.restore()
    found = [chat.directory.get(key) for key, _ in chat.records.all(KIND)]
    for room in found if not missing else ():
        if room is not None and room.registration is None:
            chat.directory.drop_if_empty(room)
            chat.recorded.keep(room)  # Unless nobody is in there who stays.
    return [*problems, *missing]


def _restored(chat: RoomService, key: str, record: Record) -> str:
    try:
        found = RoomRecord(key, record, chat.limits)
    except BadRecord as bad:
        return f"The room {key!r} cannot be had: {bad}."
    other = chat.directory.like(found.name)
    if other is not None and other.name.key != key:
        return f"The room {found.name.shown} cannot be had: it looks the same as {other.name.shown}."
    room = chat.directory.restore(found.name, found.stream)
    found.fill(room, chat.now())
    if room.registration is not None and record["left_at"] is None:
        chat.recorded.keep(room)  # Or the next start would take its own time for when they left.
    _check_accounts(chat, room)
    return ""


def _check_accounts(chat: RoomService, room: Room) -> None:
    """Accounts may be gone that were not forgotten by this server. A room without a founder is not dropped yet: people
    who stay there are still to come."""
    its = room.registration
    if its is not None and chat.accounts is not None:
        for account in {its.heir, *its.ranks} - {its.founder, ""}:
            if account not in chat.owned:
                chat.recorded.forget_in(room, account)
        if its.founder not in chat.owned:
            room.registration = None


def streams(chat: RoomService) -> set[str]:
    """The streams of the history that rooms have, or had when the server ended: also of those whose record is of no use
    to this program. To be asked for when everything is here again."""
    kept = (stream_of(record) for _, record in chat.records.all(KIND))
    return {room.stream for room in chat.rooms()} | {stream for stream in kept if stream is not None}
