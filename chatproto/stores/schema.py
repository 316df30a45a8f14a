"""The tables of a store, as SQLAlchemy Core has them. `migrations/` makes them, and brings older ones up to these.

Times are seconds since 1970, as everywhere in the program. The index of the words that were said is not here: each
database has its own kind, and the migrations write it out.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    literal_column,
    text,
)

LARGEST = 2**63 - 1
"""The largest whole number that a column holds."""

_SERIAL = BigInteger().with_variant(Integer, "sqlite")  # Only INTEGER counts by itself in SQLite.

SPOKEN = "kind < 100"
"""What was said, of all that is kept (see `rows.py`). It stands in the indexes' conditions, and a query that is to use
one has to say the same, in the same words."""
OTHER = "kind >= 100"
"""What else happened; and what was taken back."""

metadata = MetaData()

streams = Table(
    "streams",
    metadata,
    Column("id", _SERIAL, primary_key=True),
    Column("key", Text, unique=True),  # NULL: it was dropped, and its lines are yet to be deleted.
)
# Who talks there: the two keys of a private stream, which the database finds in `key` itself (migration 0002). Each has
# an index of its own, without the rooms, where both are NULL.
one_key, other_key = (literal_column(f"streams.{name}", Text) for name in ("one", "other"))

lines = Table(
    "lines",
    metadata,
    Column("id", _SERIAL, primary_key=True),
    Column("stream", ForeignKey(streams.c.id), nullable=False),
    Column("time", Double, nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("kind", SmallInteger, nullable=False),
    Column("target", Text, nullable=False),  # The room, or the person, that it was said to.
    Column("sender", Text, nullable=False),
    Column("username", Text, nullable=False),
    Column("host", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("rest", Text),  # JSON.
    UniqueConstraint("stream", "epoch", "offset"),
)

# A room may have seen ten thousand joins for each line: what was said has an index by itself. Each line is in one of
# the two, so that both together cost what one would.
for _name, _which in (("lines_spoken", SPOKEN), ("lines_other", OTHER)):
    Index(
        _name,
        lines.c.stream,
        lines.c.time,
        lines.c.epoch,
        lines.c.offset,
        sqlite_where=text(_which),
        postgresql_where=text(_which),
    )

batches = Table(  # The latest batch of each writer, which tells after a lost connection whether it was committed.
    "batches",
    metadata,
    Column("writer", Text, primary_key=True),
    Column("number", BigInteger, nullable=False),
)

accounts = Table(
    "accounts",
    metadata,
    Column("key", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("created", Double, nullable=False),
    Column("seen", Double, nullable=False),
    Column("password", Text, nullable=False),
    Column("scram", Text, nullable=False),
    Column("suspended", Text, nullable=False),
    Column("settings", JSON, nullable=False),
)

certificates = Table(
    "certificates",
    metadata,
    Column("fingerprint", Text, primary_key=True),
    Column("account", ForeignKey(accounts.c.key, ondelete="CASCADE", onupdate="CASCADE"), nullable=False, index=True),
)

records = Table(
    "records",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("record", JSON, nullable=False),
)

markers = Table(
    "markers",
    metadata,
    Column("reader", Text, primary_key=True),
    Column("buffer", Text, primary_key=True),
    Column("time", Double, nullable=False),
)
