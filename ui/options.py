"""Options and small readings that several commands share."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from moneygood.records import utc

Db = Annotated[
    Path | None,
    typer.Option("--db", envvar="MONEYGOOD_DB", help="Database file; default: live, else sample."),
]
LiveDb = Annotated[
    Path | None, typer.Option("--db", envvar="MONEYGOOD_DB", help="Database file; default: live.")
]
RunDb = Annotated[
    Path | None,
    typer.Option("--db", envvar="MONEYGOOD_DB", help="Database file; default: the mode's own."),
]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
AsOf = Annotated[
    str, typer.Option("--as-of", help="Use only what was available by then (ISO, UTC).")
]


def utc_now() -> datetime:
    """The clock, read at the command line and handed down."""
    return datetime.now(UTC)


def moment(text: str) -> datetime | None:
    """An ISO date or time as UTC; None for an empty text. Wrong usage otherwise."""
    if not text:
        return None
    try:
        return utc(datetime.fromisoformat(text))
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is no ISO date or time, such as 2025-01-27") from error


def database_of(db: Path | None) -> Path:
    """The database named, else the default one."""
    from moneygood.api import default_database

    return db or default_database()
