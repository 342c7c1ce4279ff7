"""What alert rules read: one number per metric, labels and market day."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

import pandas as pd

from moneygood.market_days import is_market_day

STALE_DAYS = 5


class Readings(Protocol):
    """Where a rule finds its numbers."""

    def value(self, metric: str, labels: Mapping[str, str], day: date) -> float | None:
        """The reading on ``day``; None without data, NaN where it does not apply."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class FrameReadings:
    """Readings from frames as ``moneygood.reads`` gives them.

    ``points`` has series, date, value; ``yields`` series, date, value (percent);
    ``relations`` narrative, series, date, corr, z, state. An ``unrelated`` pair
    has no divergence to speak of: NaN, which meets no condition. A change looks
    back ``days`` market days, or up to five more where that day has no value.
    """

    points: pd.DataFrame
    yields: pd.DataFrame
    relations: pd.DataFrame

    def value(self, metric: str, labels: Mapping[str, str], day: date) -> float | None:
        """The reading on ``day``; raises KeyError for an unknown metric."""
        if metric in ("divergence_z", "correlation"):
            return self._relation(metric, labels, day)
        frame, series, scale = {
            "index": (self.points, labels.get("narrative"), 1.0),
            "index_change": (self.points, labels.get("narrative"), 1.0),
            "yield": (self.yields, labels.get("series"), 1.0),
            "yield_change_bp": (self.yields, labels.get("series"), 100.0),
        }[metric]
        rows = frame[frame["series"] == series]
        values = pd.Series(rows["value"].to_numpy("float64"), index=pd.to_datetime(rows["date"]))
        values = values.dropna()
        now = _at(values, day)
        if now is None or "days" not in labels:
            return now
        then = _back(values, day, int(labels["days"]))
        return None if then is None else scale * (now - then)

    def _relation(self, metric: str, labels: Mapping[str, str], day: date) -> float | None:
        frame = self.relations
        rows = frame[
            (frame["narrative"] == labels["narrative"])
            & (frame["series"] == labels["series"])
            & (pd.to_datetime(frame["date"]) == pd.Timestamp(day))
        ]
        if rows.empty:
            return None
        row = rows.iloc[-1]
        if metric == "correlation":
            corr = float(row["corr"])
            return None if math.isnan(corr) else corr
        return None if row["state"] == "no data" else float(row["z"])


def _at(values: pd.Series, day: date) -> float | None:
    stamp = pd.Timestamp(day)
    return float(values.loc[stamp]) if stamp in values.index else None


def _back(values: pd.Series, day: date, days: int) -> float | None:
    """The value ``days`` market days before ``day``, or one up to five older."""
    for step in range(1, days + STALE_DAYS + 1):
        day -= timedelta(days=1)
        while not is_market_day(day):
            day -= timedelta(days=1)
        found = _at(values, day)
        if step >= days and found is not None:
            return found
    return None
