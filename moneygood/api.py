"""The library for analysts: series as pandas frames."""

from __future__ import annotations

import os
from datetime import date, datetime
from pathlib import Path

import pandas as pd

from moneygood import reads
from moneygood.errors import DataError
from moneygood.measure import compute_index, method_of
from moneygood.pipeline import database_mode
from moneygood.settings import load_settings
from moneygood.store import Store

Day = date | str | None


def default_database() -> Path:
    """$MONEYGOOD_DB, else the live database, else the sample's."""
    named = os.environ.get("MONEYGOOD_DB")
    if named:
        return Path(named)
    settings = load_settings()
    live = settings.database("live")
    return live if live.exists() else settings.database("sample")


def get_index(
    series: str,
    start: Day = None,
    end: Day = None,
    as_of: datetime | str | None = None,
    *,
    database: Path | None = None,
) -> pd.DataFrame:
    """Daily index of a narrative, or ``balance``, ``retreat``, ``<narrative>.share``.

    One row a market day with coverage, indexed by date: ``value, lo, hi,
    documents, sources``. ``as_of`` recomputes from what was available by that
    moment; without it the last run's values are returned. ``DataFrame.attrs``
    holds series, as_of, method and scorer. Raises DataError for a series that
    does not exist, StoreError where there is no database.
    """
    with Store(database or default_database(), readonly=True) as store:
        mode = database_mode(store)
        moment = _moment(as_of) if as_of is not None else mode.as_of
        frame = reads.index_points(store) if as_of is None else index_as_of(store, moment)
    names = sorted(set(frame["series"]))
    part = frame[frame["series"] == series]
    if part.empty:
        raise DataError(
            f"series {series!r}",
            f"has no values as of {moment:%Y-%m-%d %H:%M} UTC",
            f"There is: {', '.join(names) or 'nothing yet'}",
        )
    method = str(part["method"].iloc[-1])
    out = part.set_index("date")[["value", "lo", "hi", "documents", "sources"]]
    out = out.loc[_day(start) : _day(end)]
    out.attrs.update(series=series, as_of=moment.isoformat(), method=method, scorer=mode.scorer)
    return out


def get_series(
    series: str,
    start: Day = None,
    end: Day = None,
    as_of: datetime | str | None = None,
    *,
    database: Path | None = None,
) -> pd.DataFrame:
    """A yield (``y2``, ``y10`` …, percent) or price as known at ``as_of``.

    One row a date: ``value, available_at``. Raises DataError for an unknown series.
    """
    moment = _moment(as_of) if as_of is not None else None
    with Store(database or default_database(), readonly=True) as store:
        frame = reads.observations(store, moment)
    part = frame[frame["series"] == series]
    if part.empty:
        names = ", ".join(sorted(set(frame["series"]))) or "nothing yet"
        raise DataError(f"series {series!r}", "has no values", f"There is: {names}")
    out = part.set_index("date")[["value", "available_at"]]
    out = out.loc[_day(start) : _day(end)]
    out.attrs.update(series=series)
    return out


def index_as_of(store: Store, moment: datetime) -> pd.DataFrame:
    """Every series computed from what was available by a moment.

    Columns as ``reads.index_points``. Raises StoreError before the first run.
    """
    scorer = database_mode(store).scorer
    settings = load_settings()
    results = compute_index(
        reads.documents(store, scorer, moment),
        reads.mentions(store, scorer, moment),
        as_of=moment,
        method=method_of(settings.index),
        seed=settings.seed,
    )
    rows = [
        (p.series, p.date, p.value, p.lo, p.hi, p.documents, p.sources, p.method)
        for result in results
        for p in result.points
    ]
    columns = ["series", "date", "value", "lo", "hi", "documents", "sources", "method"]
    frame = pd.DataFrame(rows, columns=columns)
    frame["date"] = pd.to_datetime(frame["date"])
    frame["as_of"] = pd.Timestamp(moment)
    return frame


def _moment(value: datetime | str) -> datetime:
    stamp = pd.Timestamp(value)
    stamp = stamp.tz_localize("UTC") if stamp.tzinfo is None else stamp.tz_convert("UTC")
    return stamp.to_pydatetime()


def _day(value: Day) -> pd.Timestamp | None:
    return None if value is None else pd.Timestamp(value)
