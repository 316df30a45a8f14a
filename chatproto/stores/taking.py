"""Entries of another store are taken into this one (see `entries.py`). What is there already stays as it is."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import JSON, Connection, Table, column, func, literal, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from chatproto.stores.entries import Entry
from chatproto.stores.rows import storable
from chatproto.stores.schema import accounts, certificates, lines, markers, records
from chatproto.stores.writing import INDEX_WORDS, numbers

PORTION = 5000
"""Entries of one kind that are best taken at a time."""

_COUNTED = {"preserve_rowcount": True}

Conflict = Callable[[Any], Any]
"""What an INSERT does with what is there."""


def _stay(rows: Any) -> Any:
    return rows.on_conflict_do_nothing()


def _move(rows: Any) -> Any:
    """A marker goes forward only."""
    later = rows.excluded.time
    return rows.on_conflict_do_update(
        index_elements=["reader", "buffer"], set_={"time": later}, where=markers.c.time < later
    )


def take(connection: Connection, kind: str, some: Sequence[Entry]) -> int:
    """Add entries of one kind, as `forms.checked` gives them, and return how many of them were new. What has a key, or
    in its stream a place, that is taken is left out; of a marker the later time stays. Blocks."""
    return _TAKE[kind](connection, some)


def _take_accounts(connection: Connection, some: Sequence[Entry]) -> int:
    """A certificate that is another's stays with that one."""
    keys = [each["key"] for each in some]
    known = set(connection.scalars(select(accounts.c.key).where(accounts.c.key.in_(keys))))
    new = {each["key"]: each for each in some if each["key"] not in known}
    columns = [column.name for column in accounts.c]
    _add(connection, accounts, [{name: each[name] for name in columns} for each in new.values()])
    owned = [{"fingerprint": its, "account": key} for key, each in new.items() for its in each["certificates"]]
    _add(connection, certificates, owned)
    return len(new)


def _take_records(connection: Connection, some: Sequence[Entry]) -> int:
    return _add(connection, records, [{**each, "record": _storable(each["record"])} for each in some])


def _storable(value: Any) -> Any:
    """PostgreSQL takes no NUL and no half of a surrogate pair in JSON, not even escaped."""
    if isinstance(value, dict):
        return {storable(name): _storable(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_storable(each) for each in value]
    return storable(value) if isinstance(value, str) else value


def _take_markers(connection: Connection, some: Sequence[Entry]) -> int:
    found = {(each["reader"], each["buffer"]): each for each in sorted(some, key=lambda each: each["time"])}
    return _add(connection, markers, list(found.values()), _move)


def _take_lines(connection: Connection, some: Sequence[Entry]) -> int:
    ids = numbers(connection, {each["stream"] for each in some})
    last = connection.scalar(select(func.max(lines.c.id))) or 0
    new = _add(connection, lines, [_line(each, ids[each["stream"]]) for each in some])
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(INDEX_WORDS, (last,))
    return new


def _line(entry: Entry, stream: int) -> Entry:
    rest = entry["rest"]
    return {**entry, "stream": stream, "rest": None if rest is None else json.dumps(rest, separators=(",", ":"))}


def put_in_order(connection: Connection) -> int:
    """Have lines be numbered in the order of time, as they are where nothing was taken: what is sought, and what was
    said last, is found by that. To be done when older lines were taken than those that were there. Returns how many
    have another number now. Blocks: a million lines are looked at in a second, and moved in twenty."""
    latest = func.max(lines.c.time).over(order_by=lines.c.id)
    each = select(lines.c.time, latest.label("latest")).subquery()
    first = connection.scalar(select(func.min(each.c.time)).where(each.c.time < each.c.latest))
    if first is None:
        return 0
    last = connection.scalar(select(func.max(lines.c.id))) or 0
    place = func.row_number().over(order_by=(lines.c.time, lines.c.id))
    later = select(lines.c.id, (place + last).label("place")).where(lines.c.time >= first).subquery()
    moved = connection.execute(
        update(lines).where(lines.c.id == later.c.id).values(id=later.c.place), execution_options=_COUNTED
    ).rowcount
    connection.execute(_REBUILD if connection.dialect.name == "sqlite" else _NUMBER_ON)
    return moved


_REBUILD = text("INSERT INTO words (words) VALUES ('rebuild')")
_NUMBER_ON = text("SELECT setval(pg_get_serial_sequence('lines', 'id'), (SELECT max(id) FROM lines))")

_TAKE: Mapping[str, Callable[[Connection, Sequence[Entry]], int]] = {
    "account": _take_accounts,
    "record": _take_records,
    "marker": _take_markers,
    "line": _take_lines,
}


def _add(connection: Connection, table: Table, some: Sequence[Entry], conflict: Conflict = _stay) -> int:
    """Add rows, and return how many that were."""
    if not some:
        return 0
    if connection.dialect.name == "sqlite":
        return connection.execute(conflict(sqlite.insert(table)), list(some), execution_options=_COUNTED).rowcount
    # All of them are sent as one JSON text: one by one they would take twice as long.
    columns = [column(each.name, each.type) for each in table.c if each.name in some[0]]
    sent = func.json_to_recordset(literal(list(some), JSON)).table_valued(*columns).render_derived(with_types=True)
    rows = postgresql.insert(table).from_select([each.name for each in columns], select(sent))
    return connection.execute(conflict(rows), execution_options=_COUNTED).rowcount
