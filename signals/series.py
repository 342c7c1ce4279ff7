"""Two dated series, checked and put on the dates both have."""

from __future__ import annotations

from datetime import date
from typing import Literal

import numpy as np
import pandas as pd

from moneygood.errors import DataError
from moneygood.market_days import is_market_day
from moneygood.signals.coverage import Floats

On = Literal["changes", "levels"]


def checked(series: pd.Series, name: str) -> pd.Series:
    """``series`` as sorted floats without missing values.

    Raises DataError for an index without dates, a date twice, or a value that
    is infinite or no number.
    """
    if not isinstance(series.index, pd.DatetimeIndex):
        raise DataError(name, "its index has no dates", "Use a DatetimeIndex.")
    if series.index.hasnans:
        raise DataError(name, "a value has no date", "Drop the rows without one.")
    twice = series.index[series.index.duplicated()]
    if len(twice):
        raise DataError(name, f"{twice[0]:%Y-%m-%d} appears twice", "Give one value a date.")
    try:
        values = series.astype("float64")
    except (TypeError, ValueError) as error:
        raise DataError(name, f"a value is no number ({error})", "Give floats.") from error
    infinite = values.index[np.isinf(values.to_numpy())]
    if len(infinite):
        raise DataError(name, f"the value of {infinite[0]:%Y-%m-%d} is infinite", "Leave it out.")
    return values.dropna().sort_index()


def common(series: dict[str, pd.Series]) -> pd.DataFrame:
    """All series on the dates that every one of them has, sorted.

    Raises DataError as :func:`checked`, and when time zones differ.
    """
    clean = {name: checked(one, name) for name, one in series.items()}
    zones = {name: str(pd.DatetimeIndex(one.index).tz) for name, one in clean.items()}
    if len(set(zones.values())) > 1:
        told = ", ".join(f"{name}: {zone}" for name, zone in zones.items())
        raise DataError("dates", f"time zones differ ({told})", "Use market days without one.")
    return pd.concat(clean, axis=1, join="inner").sort_index()


def steps(frame: pd.DataFrame, on: On) -> pd.DataFrame:
    """First differences between consecutive dates, or the levels themselves."""
    if on == "levels":
        return frame
    if on != "changes":
        raise DataError("on", f"{on!r} is unknown", "Use 'changes' or 'levels'.")
    return frame.diff().iloc[1:]


def need(frame: pd.DataFrame, days: int, subject: str, setting: str) -> None:
    """Raise DataError unless ``frame`` has ``days`` rows, saying how to get them."""
    have = len(frame)
    if have >= days:
        return
    remedy = f"lower {setting}" if setting else ""
    if have:
        since = f"collect from {_before(frame.index[0].date(), days - have)}"
        remedy = f"{remedy} or {since}" if remedy else since
    raise DataError(subject, f"{have} overlapping days; {days} needed: {remedy}".rstrip(": "))


def flat(changes: Floats, top: float) -> bool:
    """Whether ``changes`` vary by no more than the rounding of levels as large as ``top``."""
    return bool(np.ptp(changes) <= 1e-12 * top)


def _before(day: date, count: int) -> date:
    """The market day ``count`` market days before ``day``."""
    while count:
        day = date.fromordinal(day.toordinal() - 1)
        count -= is_market_day(day)
    return day
