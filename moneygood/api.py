"""The library for analysts: series as pandas frames."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pandas as pd

from moneygood import reads
from moneygood.databases import default_database
from moneygood.errors import DataError
from moneygood.measure import index_as_of
from moneygood.pipeline import database_mode
from moneygood.settings import load_settings
from moneygood.signals.baskets import relative_strength
from moneygood.store import Store

__all__ = ["default_database", "get_index", "get_series"]

Day = date | str | None


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
        frame = (
            reads.index_points(store) if as_of is None else index_as_of(store, mode.scorer, moment)
        )
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
    """A yield (``y2``, ``y10`` …, percent), price or basket as known at ``as_of``.

    ``basket:NAME`` is a basket of the settings: 100 on its first day. One row a
    date: ``value, available_at``. Raises DataError for an unknown series.
    """
    moment = _moment(as_of) if as_of is not None else None
    with Store(database or default_database(), readonly=True) as store:
        frame = reads.observations(store, moment)
    if series.startswith("basket:"):
        frame = pd.concat([frame, _basket(series, frame)], ignore_index=True)
    part = frame[frame["series"] == series]
    if part.empty:
        names = ", ".join(sorted(set(frame["series"]))) or "nothing yet"
        raise DataError(f"series {series!r}", "has no values", f"There is: {names}")
    out = part.set_index("date")[["value", "available_at"]]
    out = out.loc[_day(start) : _day(end)]
    out.attrs.update(series=series)
    return out


def _basket(series: str, frame: pd.DataFrame) -> pd.DataFrame:
    baskets = load_settings().baskets
    basket = baskets.get(series.removeprefix("basket:"))
    if basket is None:
        names = ", ".join(f"basket:{name}" for name in sorted(baskets)) or "none"
        raise DataError(f"series {series!r}", "is no basket of the settings", f"There is: {names}")
    prices = frame[frame["series"].str.startswith("price:")]
    prices = prices.assign(ticker=prices["series"].str.removeprefix("price:"))
    wide = prices.pivot(index="date", columns="ticker", values="value")
    strength = relative_strength(wide, basket.over, basket.under)
    members = prices[prices["ticker"].isin([*basket.over, *basket.under])]
    available = members.groupby("date")["available_at"].max()
    out = strength.to_frame().join(available).reset_index(names="date")
    return out.assign(series=series)


def _moment(value: datetime | str) -> datetime:
    stamp = pd.Timestamp(value)
    stamp = stamp.tz_localize("UTC") if stamp.tzinfo is None else stamp.tz_convert("UTC")
    return stamp.to_pydatetime()


def _day(value: Day) -> pd.Timestamp | None:
    return None if value is None else pd.Timestamp(value)
