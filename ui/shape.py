"""Frames and records of one page from the frames of the store; pure functions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from moneygood.market_days import is_market_day, market_days
from moneygood.ui.names import BALANCE, is_narrative

BACK = 5
STALE_YIELD_DAYS = 7


@dataclass(frozen=True, slots=True)
class Reading:
    """One series on one market day; ``value`` is None where there is no reading.

    ``before`` is the value ``BACK`` market days earlier, None where missing;
    ``last`` is the latest earlier market day with a reading.
    """

    series: str
    day: date | None
    value: float | None = None
    lo: float | None = None
    hi: float | None = None
    documents: int = 0
    sources: int = 0
    before: float | None = None
    last: date | None = None
    window: int = BACK

    @property
    def change(self) -> float | None:
        """Value less the value five market days earlier."""
        if self.value is None or self.before is None:
            return None
        return self.value - self.before


def between(frame: pd.DataFrame, start: date, end: date, column: str = "date") -> pd.DataFrame:
    """Rows whose ``column`` lies in the period, both ends included."""
    days = frame[column]
    return frame[(days >= pd.Timestamp(start)) & (days <= pd.Timestamp(end))]


def series_of(points: pd.DataFrame, series: str) -> pd.DataFrame:
    """One series of a long frame, by date."""
    return points[points["series"] == series].sort_values("date").reset_index(drop=True)


def with_gaps(points: pd.DataFrame, start: date, end: date) -> pd.DataFrame:
    """One row per market day from the first to the last reading in the period.

    A market day without a reading has no value, so that a line breaks there.
    """
    inside = between(points, start, end).drop_duplicates("date", keep="last")
    if inside.empty:
        return inside
    days = pd.DatetimeIndex(
        market_days(inside["date"].min().date(), inside["date"].max().date())
    ).union(pd.DatetimeIndex(inside["date"]))
    return inside.set_index("date").reindex(days).rename_axis("date").reset_index()


def market_days_before(day: date, count: int) -> date:
    """The market day ``count`` market days before ``day``."""
    while count > 0:
        day -= timedelta(days=1)
        count -= is_market_day(day)
    return day


def window_of(method: str) -> int:
    """Trailing market days of a reading, from its method label ("share.v1/w5/...")."""
    found = re.search(r"/w(\d+)", method)
    return int(found[1]) if found else BACK


def window_start(day: date, window: int) -> date:
    """First market day of the trailing window that ends on ``day``."""
    return market_days_before(day, window - 1)


def index_day(points: pd.DataFrame, until: date) -> date | None:
    """The last market day by ``until`` on which a narrative or the balance has a reading."""
    shown = points["series"].map(
        lambda series: series == BALANCE or is_narrative(series.removesuffix(".share"))
    )
    wanted = shown.astype(bool) & points["value"].notna()
    days = points.loc[wanted & (points["date"] <= pd.Timestamp(until)), "date"]
    return days.max().date() if len(days) else None


def reading(points: pd.DataFrame, series: str, day: date | None) -> Reading:
    """The reading of ``series`` on ``day`` and its change over five market days."""
    if day is None:
        return Reading(series, None)
    rows = series_of(points, series).dropna(subset=["value"]).set_index("date")
    earlier = rows.index[rows.index < pd.Timestamp(day)]
    last = earlier.max().date() if len(earlier) else None
    if pd.Timestamp(day) not in rows.index:
        return Reading(series, day, last=last)
    row = rows.loc[[pd.Timestamp(day)]].iloc[-1].to_dict()
    then = pd.Timestamp(market_days_before(day, BACK))
    return Reading(
        series=series,
        day=day,
        value=float(row["value"]),
        lo=None if pd.isna(row["lo"]) else float(row["lo"]),
        hi=None if pd.isna(row["hi"]) else float(row["hi"]),
        documents=int(row["documents"]),
        sources=int(row["sources"]),
        before=dict(rows["value"]).get(then),
        last=last,
        window=window_of(str(row["method"])),
    )


def yield_reading(observations: pd.DataFrame, series: str, until: date) -> Reading:
    """The latest yield by ``until`` (no older than a week) and five market days before it."""
    rows = series_of(observations, series).dropna(subset=["value"]).set_index("date")["value"]
    rows = rows[rows.index <= pd.Timestamp(until)]
    if rows.empty:
        return Reading(series, None)
    day = rows.index[-1].date()
    if (until - day).days > STALE_YIELD_DAYS:
        return Reading(series, until, last=day)
    then = pd.Timestamp(market_days_before(day, BACK))
    before = float(rows.loc[then]) if then in rows.index else None
    return Reading(series, day, value=float(rows.iloc[-1]), before=before)


def latest_alerts(alerts: pd.DataFrame) -> pd.DataFrame:
    """The last evaluation of each rule and label set."""
    keys = alerts["labels"].map(lambda labels: repr(sorted(labels.items())))
    return alerts.assign(key=keys).drop_duplicates(["rule", "key"]).drop(columns="key")


def alert_changes(alerts: pd.DataFrame) -> pd.DataFrame:
    """Days on which a rule's state differs from the last one it had, newest first.

    Days without data are passed over: they leave the state as it was.
    """
    alerts = alerts[alerts["state"] != "no data"]
    keys = alerts["labels"].map(lambda labels: repr(sorted(labels.items())))
    rows = alerts.assign(key=keys).sort_values(["rule", "key", "day"], kind="stable")
    before = rows.groupby(["rule", "key"])["state"].shift()
    changed = rows["state"] != before.fillna("inactive")
    rows = rows.assign(before=before.fillna("first evaluation"))[changed]
    return rows.drop(columns="key").sort_values(["day", "rule"], ascending=[False, True])


def weekly(evidence: pd.DataFrame, column: str, order: list[str]) -> pd.DataFrame:
    """Sentences per week (its Monday) and value of ``column``, in long form."""
    rows = evidence[evidence[column].isin(order)]
    monday = rows["day"] - pd.to_timedelta(rows["day"].dt.day_of_week, unit="D")
    counts = rows.groupby([monday.rename("week"), column]).size().rename("sentences")
    frame = counts.reset_index()
    total = frame.groupby("week")["sentences"].transform("sum")
    return frame.assign(share=100 * frame["sentences"] / total)


def strongest(evidence: pd.DataFrame, count: int, per_document: int = 2) -> pd.DataFrame:
    """The ``count`` strongest sentences that can be read alone, each once.

    First those with a marked phrase and five words or more, at most
    ``per_document`` of a text; others only where these do not suffice.
    """
    rows = evidence.sort_values(["strength", "doc", "position"], ascending=[False, True, True])
    rows = rows.drop_duplicates(["doc", "position"])
    alone = rows["spans"].map(len).gt(0) & rows["text"].map(lambda t: len(t.split())).ge(5)
    rows = rows.assign(late=~alone).sort_values("late", kind="stable")
    crowded = rows.groupby("doc").cumcount() >= per_document
    rows = rows.assign(late=rows["late"] | crowded).sort_values("late", kind="stable")
    return rows.drop(columns="late").head(count)
