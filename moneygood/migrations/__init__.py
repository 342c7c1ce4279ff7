"""Schema migrations, run by the store when a writer opens an older database."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine

KNOWN = ("0001", "0002", "0003")
HEAD = KNOWN[-1]


def upgrade(engine: Engine) -> None:
    """Bring the database to HEAD; each step runs in one transaction."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    with engine.connect() as connection:
        # A table is altered by copying it: its references must not be checked
        # meanwhile, and SQLite hears that only outside a transaction.
        raw = connection.connection.driver_connection
        assert raw is not None
        raw.execute("PRAGMA foreign_keys=OFF")
        try:
            with connection.begin():
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
                broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
                if broken:
                    raise RuntimeError(f"the migration would break references: {broken[:3]}")
        finally:
            raw.execute("PRAGMA foreign_keys=ON")
