"""What is said, who may log in: the first version."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the tables."""
    _make_history()
    _make_accounts()
    if op.get_bind().dialect.name == "sqlite":
        for statement in _SQLITE_WORDS:
            op.execute(statement)
    else:
        op.execute(_POSTGRESQL_WORDS)
        op.execute("CREATE INDEX lines_words ON lines USING gin (words)")


def _make_history() -> None:
    op.create_table(
        "streams",
        sa.Column("id", _SERIAL, primary_key=True),
        sa.Column("key", sa.Text, unique=True),
    )
    op.create_table(
        "lines",
        sa.Column("id", _SERIAL, primary_key=True),
        sa.Column("stream", _SERIAL, sa.ForeignKey("streams.id"), nullable=False),
        sa.Column("time", sa.Double, nullable=False),
        sa.Column("epoch", sa.BigInteger, nullable=False),
        sa.Column("offset", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.SmallInteger, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in _TEXTS),
        sa.Column("rest", sa.Text),
        sa.UniqueConstraint("stream", "epoch", "offset"),
    )
    place = ["stream", "time", "epoch", "offset"]
    for name, which in (("lines_spoken", "kind < 100"), ("lines_other", "kind >= 100")):
        op.create_index(name, "lines", place, sqlite_where=sa.text(which), postgresql_where=sa.text(which))
    op.create_table(
        "batches",
        sa.Column("writer", sa.Text, primary_key=True),
        sa.Column("number", sa.BigInteger, nullable=False),
    )


def _make_accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("created", sa.Double, nullable=False),
        sa.Column("seen", sa.Double, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("password", "scram", "suspended")),
        sa.Column("settings", sa.JSON, nullable=False),
    )
    op.create_table(
        "certificates",
        sa.Column("fingerprint", sa.Text, primary_key=True),
        sa.Column(
            "account",
            sa.Text,
            sa.ForeignKey("accounts.key", ondelete="CASCADE", onupdate="CASCADE"),
            nullable=False,
            index=True,
        ),
    )


_TEXTS = ("target", "sender", "username", "host", "account", "text")

# The index of the words keeps no text of its own: it reads `spoken`, and has to be told what changes there. Lines that
# are new are told by who writes them, many at once, which takes a third of the time that a trigger for each does. The
# stream is a word, too: what is searched for in a small room is not sought among all that was said.
_INDEX = "INSERT INTO words (rowid, text, stream) VALUES (new.id, new.text, 's' || new.stream)"
_FORGET = "INSERT INTO words (words, rowid, text, stream) VALUES ('delete', old.id, old.text, 's' || old.stream)"
_SQLITE_WORDS = (
    "CREATE VIEW spoken AS SELECT id, text, 's' || stream AS stream FROM lines WHERE kind < 100",
    """CREATE VIRTUAL TABLE words USING fts5
    (text, stream, content = 'spoken', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2')""",
    f"CREATE TRIGGER lines_gone AFTER DELETE ON lines WHEN old.kind < 100 BEGIN {_FORGET}; END",
    f"CREATE TRIGGER lines_not_so AFTER UPDATE OF kind, text ON lines WHEN old.kind < 100 BEGIN {_FORGET}; END",
    f"CREATE TRIGGER lines_but_so AFTER UPDATE OF kind, text ON lines WHEN new.kind < 100 BEGIN {_INDEX}; END",
)

_POSTGRESQL_WORDS = """ALTER TABLE lines ADD COLUMN words tsvector
    GENERATED ALWAYS AS (CASE WHEN kind < 100 THEN to_tsvector('simple', text) END) STORED"""
