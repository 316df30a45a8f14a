"""Which version of the tables a store has; `migrations/` brings an older one up to date."""

from __future__ import annotations

from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

from chatproto.stores.trouble import StoreRefused


def scripts() -> Config:
    """What Alembic has to know."""
    settings = Config()
    settings.set_main_option("script_location", "chatproto.stores:migrations")
    return settings


def newest() -> str:
    """The version that this program makes and needs."""
    return ScriptDirectory.from_config(scripts()).get_current_head() or ""


def version(connection: Connection) -> str:
    """That of an open database; empty if there is nothing in it. Raises `StoreRefused`, with a sentence that lacks its
    beginning, for tables of another program, or of a newer one."""
    current = MigrationContext.configure(connection).get_current_revision()
    if current is None and inspect(connection).get_table_names():
        raise StoreRefused("holds tables of another program.")
    known = {script.revision for script in ScriptDirectory.from_config(scripts()).walk_revisions()}
    if current is not None and current not in known:
        raise StoreRefused(f"was written by a newer version of this program (its tables are of {current}).")
    return current or ""
