"""A database as plain rows, read past the product's own code."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

Rows = dict[str, list[tuple[Any, ...]]]


def dump(path: Path) -> Rows:
    """Every row of every table, in the order of the rows' own columns."""
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    try:
        query = "SELECT name FROM sqlite_master WHERE type='table' AND name NOT LIKE 'sqlite_%'"
        names = sorted(str(row[0]) for row in connection.execute(query))
        return {n: sorted(connection.execute(f'SELECT * FROM "{n}"'), key=repr) for n in names}
    finally:
        connection.close()


def sound(path: Path) -> bool:
    """Whether SQLite finds nothing wrong with the file or its references."""
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    try:
        checks = connection.execute("PRAGMA integrity_check").fetchall()
        return checks == [("ok",)] and not connection.execute("PRAGMA foreign_key_check").fetchall()
    finally:
        connection.close()
