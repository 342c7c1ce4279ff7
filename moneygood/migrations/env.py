"""Alembic environment: uses the store's own connection and metadata."""

from __future__ import annotations

from alembic import context

from moneygood.tables import Base

config = context.config
context.configure(
    connection=config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
