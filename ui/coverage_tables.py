"""Tables of the sources: their health, their days, what was left out, what failed; pure.

Moments and days are of New York.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pandas as pd

from moneygood.market_days import NEW_YORK
from moneygood.ui.coverage import IMPORTED, ONCE, Day, Strip
from moneygood.ui.names import pretty
from moneygood.ui.words import lag_words

NAMED = 3
"""Sources named beside a reason; the others are counted."""
_ILLS_FIRST = (
    "failed", "not visited", "never", "failed in part", "quiet", "read", ONCE, IMPORTED,
)  # fmt: skip
_REASONS = 3


def sources_table(
    health: pd.DataFrame, coverage: pd.DataFrame, days: pd.DataFrame, states: dict[str, str]
) -> pd.DataFrame:
    """One row a source with what a reader wants to know, ills first.

    Novel share in percent of its texts. Texts and the share are missing for a source that
    gave something but no text of its own: figures, or texts under other sources' names.
    """
    sums = coverage.groupby("source")[["documents", "novel"]].sum()
    share = (100 * sums["novel"] / sums["documents"]).reindex(health["source"])
    texts = health["documents"].astype("Int64")
    table = pd.DataFrame(
        {
            "Source": [pretty(s) for s in health["source"]],
            "State": [states[s] for s in health["source"]],
            "Last error": _errors(health),
            "Texts": texts.mask(health["source"].isin(without_texts(health, days))).array,
            "Novel": share.to_numpy(dtype="float64"),
            "Lag": [lag_words(hours) for hours in health["lag_hours"]],
            "Last visit": moments(health["last_visit"]),
            "Last published": moments(health["last_published"]),
            "New": health["new"].astype("int64").to_numpy(),
            "Revised": health["revised"].astype("int64").to_numpy(),
            "Already there": health["duplicate"].astype("int64").to_numpy(),
            "Left out": health["skipped"].astype("int64").to_numpy(),
            "Failed": health["failed"].astype("int64").to_numpy(),
        }
    )
    rank = table["State"].map(ill_rank)
    return table.iloc[rank.argsort(kind="stable")].reset_index(drop=True)


def ill_rank(state: str) -> int:
    """Order of a state in words: what wants attention comes first."""
    return max(i for i, kind in enumerate(_ILLS_FIRST) if state.startswith(kind))


def without_texts(health: pd.DataFrame, days: pd.DataFrame) -> frozenset[str]:
    """Sources that hold no text though something came: those of yields and prices."""
    came = days.groupby("source")["fetched"].sum()
    gave = health["source"].map(came).fillna(0) > 0
    return frozenset(health.loc[gave & (health["documents"] == 0), "source"])


def moments(column: pd.Series[pd.Timestamp]) -> list[str]:
    """``24 Apr 2025, 16:00``; "" where there is none."""
    local = pd.to_datetime(column, utc=True).dt.tz_convert(NEW_YORK)
    return ["" if pd.isna(d) else f"{d.day} {d:%b %Y, %H:%M}" for d in local]


def _errors(health: pd.DataFrame) -> list[str]:
    when = pd.to_datetime(health["last_error_at"], utc=True).dt.tz_convert(NEW_YORK)
    return [
        "" if pd.isna(d) else f"{d.day} {d:%b %Y}: {' '.join(str(error).split())}"
        for d, error in zip(when, health["last_error"], strict=True)
    ]


def source_days(strip: Strip, days: pd.DataFrame, reasons: pd.DataFrame) -> pd.DataFrame:
    """One source day by day, newest first, gaps among them, with why things were left out.

    ``days`` has the columns of ``source_reads.visit_days``, ``reasons`` those of
    ``day_reasons``. Counts add up all visits of the day and are missing on a gap.
    """
    mine = days[days["source"] == strip.source].set_index("day")
    why = reasons[reasons["source"] == strip.source].set_index("day")["why"]
    cells = [cell for cell in reversed(strip.cells) if cell.state is not Day.BEFORE]
    at = pd.DatetimeIndex([pd.Timestamp(cell.day) for cell in cells])
    table = pd.DataFrame({"Day": at.date, "What came": [str(cell.state) for cell in cells]})
    for name, column in (
        ("Visits", "visits"),
        ("Read", "fetched"),
        ("New", "new"),
        ("Revised", "revised"),
        ("Already there", "duplicate"),
        ("Left out", "skipped"),
        ("Failed", "failed"),
    ):
        table[name] = mine[column].reindex(at).astype("Int64").array
    table["Why"] = why.reindex(at).fillna("").to_list()
    return table


def day_reasons(skips: pd.DataFrame, failures: pd.DataFrame) -> pd.DataFrame:
    """Per source and day why items were left out or not read: source, day, why.

    Failures come first, commonest before others; at most three of each are named.
    """
    failed = failures.assign(count=1)[["at", "source", "reason", "count"]]
    rows = pd.concat(
        [failed.assign(rank=0), skips[["at", "source", "reason", "count"]].assign(rank=1)],
        ignore_index=True,
    )
    rows["day"] = _local_days(rows["at"])
    rows["reason"] = [" ".join(str(reason).split()) for reason in rows["reason"]]
    sums = rows.groupby(["source", "day", "rank", "reason"])["count"].sum().reset_index()
    sums = sums.sort_values(["rank", "count"], ascending=[True, False], kind="stable")
    found = []
    for (source, day), part in sums.groupby(["source", "day"]):
        said = []
        for _, kind in part.groupby("rank"):
            shown = kind.head(_REASONS)
            said += [f"{n} {r}" for n, r in zip(shown["count"], shown["reason"], strict=True)]
            if len(kind) > _REASONS:
                said.append(f"{len(kind) - _REASONS} more reasons")
        found.append({"source": source, "day": day, "why": "; ".join(said)})
    return pd.DataFrame(found, columns=["source", "day", "why"])


def _local_days(column: pd.Series[pd.Timestamp]) -> pd.Series[pd.Timestamp]:
    local = pd.to_datetime(column, utc=True).dt.tz_convert(NEW_YORK)
    return local.dt.tz_localize(None).dt.normalize()


def skip_reasons(skips: pd.DataFrame, start: date, end: date) -> pd.DataFrame:
    """Why items were left out in a period, commonest first.

    Columns: Reason, Sources (by name, those with most items first), Items (in all
    visits; one that is met at every visit counts each time), Last (day the reason
    was last met), Items then (each source's last visit with that reason).
    """
    at = pd.to_datetime(skips["at"], utc=True).dt.tz_convert(NEW_YORK)
    days = at.dt.date
    rows = skips.assign(at=at)[(days >= start) & (days <= end)]
    rows = rows.sort_values("at", ascending=False, kind="stable")
    latest = rows.drop_duplicates(["source", "reason"])
    of = rows.groupby(["reason", "source"])["count"].sum().sort_values(ascending=False)
    table = pd.DataFrame(
        {
            "Sources": of.reset_index().groupby("reason")["source"].agg(named),
            "Items": rows.groupby("reason")["count"].sum(),
            "Last": rows.groupby("reason")["at"].max(),
            "Items then": latest.groupby("reason")["count"].sum(),
        }
    )
    table["Last"] = [f"{d.day} {d:%b %Y}" for d in table["Last"]]
    table = table.sort_values("Items", ascending=False, kind="stable")
    return table.rename_axis("Reason").reset_index()


def named(sources: Sequence[str]) -> str:
    """``Fed press, Wire and 2 more``: the first few by name."""
    names = [pretty(source) for source in sources]
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more


def failure_groups(failures: pd.DataFrame, health: pd.DataFrame) -> pd.DataFrame:
    """Failures alike put together, those of the last visits first, then newest first.

    Columns: source, subject, reason, remedy, first, last (UTC), times, standing (it
    happened at the source's last visit, so that it may well happen again).
    """
    keys = ["source", "subject", "reason", "remedy"]
    rows = failures.assign(at=pd.to_datetime(failures["at"], utc=True))
    groups = (
        rows.groupby(keys, sort=False)["at"]
        .agg(first="min", last="max", times="count")
        .reset_index()
    )
    visits = pd.to_datetime(health["last_visit"], utc=True)
    visited = dict(zip(health["source"], visits, strict=True))
    groups["standing"] = [
        last == visited.get(source)
        for source, last in zip(groups["source"], groups["last"], strict=True)
    ]
    return groups.sort_values(
        ["standing", "last"], ascending=[False, False], kind="stable"
    ).reset_index(drop=True)


def times_words(first: pd.Timestamp, last: pd.Timestamp, times: int) -> str:
    """``20 times, 15 April to 24 April 2025``; a single time by its day."""
    begun, ended = (m.tz_convert(NEW_YORK).date() for m in (first, last))
    until = f"{ended.day} {ended:%B %Y}"
    if times == 1:
        return until
    if begun == ended:
        return f"{times} times on {until}"
    year = "" if begun.year == ended.year else f" {begun.year}"
    return f"{times} times, {begun.day} {begun:%B}{year} to {until}"
