"""The tables of the Sources page: what a reader wants to know of each source; pure functions."""

from __future__ import annotations

from datetime import date

import pandas as pd

from moneygood.market_days import NEW_YORK
from moneygood.ui.coverage import IMPORTED, ONCE
from moneygood.ui.names import pretty
from moneygood.ui.words import lag_words


def sources_table(
    health: pd.DataFrame, coverage: pd.DataFrame, states: dict[str, str]
) -> pd.DataFrame:
    """One row a source with what a reader wants to know, ills first.

    Novel share in percent of its texts; moments in New York.
    """
    sums = coverage.groupby("source")[["documents", "novel"]].sum()
    share = (100 * sums["novel"] / sums["documents"]).reindex(health["source"])
    table = pd.DataFrame(
        {
            "Source": [pretty(s) for s in health["source"]],
            "State": [states[s] for s in health["source"]],
            "Last error": _errors(health),
            "Documents": health["documents"].astype("int64").to_numpy(),
            "Novel": share.to_numpy(dtype="float64"),
            "Lag": [lag_words(hours) for hours in health["lag_hours"]],
            "Last visit": _moments(health["last_visit"]),
            "Last published": _moments(health["last_published"]),
            "New": health["new"].astype("int64").to_numpy(),
            "Revised": health["revised"].astype("int64").to_numpy(),
            "Already there": health["duplicate"].astype("int64").to_numpy(),
            "Skipped": health["skipped"].astype("int64").to_numpy(),
            "Failed": health["failed"].astype("int64").to_numpy(),
        }
    )
    order = ("failed", "not visited", "never", "failed in part", "quiet", "read", ONCE, IMPORTED)
    rank = table["State"].map(
        lambda s: max(i for i, kind in enumerate(order) if s.startswith(kind))
    )
    return table.iloc[rank.argsort(kind="stable")].reset_index(drop=True)


def _moments(moments: pd.Series[pd.Timestamp]) -> list[str]:
    local = pd.to_datetime(moments, utc=True).dt.tz_convert(NEW_YORK)
    return ["" if pd.isna(d) else f"{d.day} {d:%b %Y, %H:%M}" for d in local]


def _errors(health: pd.DataFrame) -> list[str]:
    when = pd.to_datetime(health["last_error_at"], utc=True).dt.tz_convert(NEW_YORK)
    return [
        "" if pd.isna(d) else f"{d.day} {d:%b %Y}: {' '.join(str(error).split())}"
        for d, error in zip(when, health["last_error"], strict=True)
    ]


def skip_reasons(skips: pd.DataFrame, start: date, end: date) -> pd.DataFrame:
    """Why items were left out in a period, commonest first.

    Columns: Reason, Items (in all visits; one that is met at every visit counts
    each time), At the last visit (sum over the sources that gave the reason),
    Sources, Last.
    """
    at = pd.to_datetime(skips["at"], utc=True).dt.tz_convert(NEW_YORK)
    days = at.dt.date
    rows = skips.assign(at=at)[(days >= start) & (days <= end)]
    rows = rows.sort_values("at", ascending=False, kind="stable")
    latest = rows.drop_duplicates(["source", "reason"])
    table = pd.DataFrame(
        {
            "Items": rows.groupby("reason")["count"].sum(),
            "At the last visit": latest.groupby("reason")["count"].sum(),
            "Sources": latest.groupby("reason")["source"].size(),
            "Last": rows.groupby("reason")["at"].max(),
        }
    )
    table["Last"] = [f"{d.day} {d:%b %Y}" for d in table["Last"]]
    table = table.sort_values(["Items", "Sources"], ascending=False, kind="stable")
    return table.rename_axis("Reason").reset_index()
