"""Schema migrations, run by the store when a writer opens an older database."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine

KNOWN = ("0001",)
HEAD = KNOWN[-1]


def upgrade(engine: Engine) -> None:
    """Bring the database to HEAD; each step runs in one transaction."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
