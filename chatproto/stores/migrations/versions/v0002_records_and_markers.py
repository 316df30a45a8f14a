"""What rooms and people are, how far they have read, and who talks with whom."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables, and have streams found by either of the two who talk there."""
    op.create_table(
        "records",
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("record", sa.JSON, nullable=False),
    )
    op.create_table(
        "markers",
        sa.Column("reader", sa.Text, primary_key=True),
        sa.Column("buffer", sa.Text, primary_key=True),
        sa.Column("time", sa.Double, nullable=False),
    )
    find, kept = ("instr", "VIRTUAL") if op.get_bind().dialect.name == "sqlite" else ("strpos", "STORED")
    space = f"{find}(key, ' ')"
    for name, part in (("one", f"substr(key, 1, {space} - 1)"), ("other", f"substr(key, {space} + 1)")):
        # The database finds the keys by itself, in the streams that are there and in those to come. A room has none.
        value = f"CASE WHEN {space} > 1 AND substr(key, 1, 1) <> '#' THEN {part} END"
        op.execute(f"ALTER TABLE streams ADD COLUMN {name} TEXT GENERATED ALWAYS AS ({value}) {kept}")
        op.execute(f"CREATE INDEX streams_{name} ON streams ({name}) WHERE {name} IS NOT NULL")
