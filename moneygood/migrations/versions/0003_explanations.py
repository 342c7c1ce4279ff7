"""Why a mention was called: what its spans are, and the nearest training sentence."""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_TEXT = sqlmodel.sql.sqltypes.AutoString


def upgrade() -> None:
    """Apply. The spans of earlier mentions are phrases."""
    with op.batch_alter_table("mention", schema=None) as batch:
        batch.add_column(sa.Column("spans_by", _TEXT(), nullable=False, server_default="phrase"))
        batch.add_column(sa.Column("nearest", _TEXT(), nullable=False, server_default=""))
        batch.add_column(
            sa.Column("nearest_similarity", sa.Float(), nullable=False, server_default="0")
        )
