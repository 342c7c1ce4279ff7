"""What SQLite's errors mean, and what to do about them."""

from __future__ import annotations

from pathlib import Path

from moneygood.errors import StoreError


def explain(path: Path, message: str) -> StoreError:
    """The error for a database file, from SQLite's own words."""
    remedies = {
        "locked": (
            "is locked by another process",
            "Wait for the other `moneygood` to end, or stop it",
        ),
        "readonly": (
            "is read-only",
            "Make the file and its folder writable, or set MONEYGOOD_HOME to another folder",
        ),
        "unable to open": (
            "cannot be opened",
            "Check that the folder exists and may be written, or set MONEYGOOD_HOME",
        ),
        "not a database": (
            "is not a Moneygood database",
            "Move the file away; the next run makes a new one",
        ),
        "already exists": (
            "is not a Moneygood database",
            "Move the file away; the next run makes a new one",
        ),
        "malformed": (
            "is damaged",
            "Restore it from a backup, or move it away and run again",
        ),
        "disk I/O": (
            "cannot be read or written (disk I/O error)",
            "Check that the path is a file and the disk is sound",
        ),
        "full": (
            "the disk is full; nothing was written",
            "Free some space and run again: work goes on where it stopped",
        ),
    }
    for needle, (reason, remedy) in remedies.items():
        if needle in message:
            return StoreError(str(path), reason, remedy)
    return StoreError(str(path), message)
