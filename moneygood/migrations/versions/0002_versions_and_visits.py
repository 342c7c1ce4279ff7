"""Versions of a text, reasons for skips, validators, hosts, units."""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_TEXT = sqlmodel.sql.sqltypes.AutoString
_MOMENT = sqlmodel.sql.sqltypes.UTCDateTime


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("document", schema=None) as batch:
        batch.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
        batch.add_column(sa.Column("original", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("superseded_at", _MOMENT(), nullable=True))
        batch.add_column(sa.Column("modified_at", _MOMENT(), nullable=True))
        for name in ("changed", "language", "entry_hash", "url_key"):
            batch.add_column(sa.Column(name, _TEXT(), nullable=False, server_default=""))
        batch.drop_constraint("uq_document_uid", type_="unique")
        batch.create_unique_constraint("uq_document_uid", ["uid", "version"])
        batch.create_index("ix_document_original", ["original"], unique=False)
        batch.create_index("ix_document_url_key", ["url_key"], unique=False)
    op.execute("UPDATE document SET original = id")
    with op.batch_alter_table("observation", schema=None) as batch:
        batch.add_column(sa.Column("unit", _TEXT(), nullable=False, server_default=""))
        batch.add_column(sa.Column("currency", _TEXT(), nullable=False, server_default=""))
    op.execute(
        "UPDATE observation SET unit = CASE WHEN series LIKE 'price:%' THEN 'price'"
        " ELSE 'percent' END"
    )
    with op.batch_alter_table("visit", schema=None) as batch:
        batch.add_column(sa.Column("day", sa.Date(), nullable=True))
        batch.add_column(sa.Column("revised", sa.Integer(), nullable=False, server_default="0"))
        batch.add_column(sa.Column("unchanged", sa.Boolean(), nullable=False, server_default="0"))
    op.execute("UPDATE visit SET day = date(at)")
    with op.batch_alter_table("visit", schema=None) as batch:
        batch.alter_column("day", existing_type=sa.Date(), nullable=False)
        batch.create_index("ix_visit_day", ["day"], unique=False)
    op.create_table(
        "skip",
        sa.Column("visit_id", sa.Integer(), nullable=False),
        sa.Column("reason", _TEXT(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name="fk_skip_visit_id_visit"),
        sa.PrimaryKeyConstraint("visit_id", "reason", name="pk_skip"),
    )
    op.create_table(
        "validator",
        sa.Column("source", _TEXT(), nullable=False),
        sa.Column("url", _TEXT(), nullable=False),
        sa.Column("etag", _TEXT(), nullable=False),
        sa.Column("last_modified", _TEXT(), nullable=False),
        sa.PrimaryKeyConstraint("source", "url", name="pk_validator"),
    )
    op.create_table(
        "host",
        sa.Column("host", _TEXT(), nullable=False),
        sa.Column("tokens", sa.Float(), nullable=True),
        sa.Column("at", sa.Float(), nullable=True),
        sa.Column("until", sa.Float(), nullable=True),
        sa.Column("robots", _TEXT(), nullable=True),
        sa.Column("robots_at", _MOMENT(), nullable=True),
        sa.PrimaryKeyConstraint("host", name="pk_host"),
    )
