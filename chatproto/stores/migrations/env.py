"""What Alembic runs to get from one version to the next: in the transaction of who asks for it (`opening.py`)."""

from __future__ import annotations

from alembic import context

from chatproto.stores.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,  # SQLite's is; Alembic supposes that it is not.
    transaction_per_migration=False,
)
context.run_migrations()
