"""What the visits to the sources gave, day by day, and what state each is in; pure functions.

Days are calendar days in New York: a weekend without a visit is a gap like any other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

import pandas as pd

QUIET_DAYS = 3
UNVISITED_DAYS = 2
SHADES = (1, 5, 20)
"""Least new texts of a day for each shade of the strip chart."""
IMPORTED = "imported"
ONCE = "read once"


class Day(StrEnum):
    """What came of a source on one day."""

    NEW = "new"
    NOTHING = "nothing new"
    PARTLY = "failed in part"
    FAILED = "failed"
    GAP = "not visited"
    BEFORE = "before the first visit"


@dataclass(frozen=True, slots=True)
class Cell:
    """One source on one day: new and revised texts (or figures), visits, failures."""

    day: date
    state: Day
    new: int = 0
    visits: int = 0
    failed: int = 0
    revised: int = 0

    @property
    def gave(self) -> int:
        """New and revised together."""
        return self.new + self.revised

    @property
    def shade(self) -> int:
        """1 to 3 by what the day gave, 0 where that is nothing."""
        return sum(self.gave >= least for least in SHADES)

    @property
    def words(self) -> str:
        """``3 January 2025: 4 new, 1 revised, 2 failures, 96 visits``."""
        said = [str(self.state)]
        if self.visits:
            counts = ((self.new, "new"), (self.revised, "revised"))
            said = [f"{count} {kind}" for count, kind in counts if count]
            said = said or ["failed" if self.state is Day.FAILED else "read, nothing new"]
            if self.failed:
                said.append(f"{self.failed} failure{'s' * (self.failed != 1)}")
            said.append(f"{self.visits} visit{'s' * (self.visits != 1)}")
        return f"{self.day.day} {self.day:%B %Y}: {', '.join(said)}"


@dataclass(frozen=True, slots=True)
class Strip:
    """One source's days, in order."""

    source: str
    cells: tuple[Cell, ...]

    def count(self, state: Day) -> int:
        """Days in this state."""
        return sum(cell.state is state for cell in self.cells)


def imported_only(health: pd.DataFrame) -> frozenset[str]:
    """Sources that hold imported texts alone: days without a visit are no gaps of theirs.

    ``health`` has the columns of ``source_reads.source_health``.
    """
    unwatched = (health["documents"] > 0) & health["lag_hours"].isna()
    return frozenset(health.loc[(health["visits"] == 0) | unwatched, "source"])


def once_only(days: pd.DataFrame, last: date) -> frozenset[str]:
    """Sources read on a single day, some days before ``last``: files brought in, or a try.

    Days without a visit are no gaps of theirs. One that failed on that day is not among
    them. ``days`` has the columns of ``source_reads.visit_days``.
    """
    past = days["day"].dt.date <= last - timedelta(days=UNVISITED_DAYS)
    alone = ~days["source"].duplicated(keep=False)
    return frozenset(days.loc[alone & past & (days["failed"] == 0), "source"])


def day_states(days: pd.DataFrame) -> list[Day]:
    """What came of the visits of each day: one a row of ``source_reads.visit_days``."""
    read = days["fetched"] + days["skipped"] + days["unchanged"] > 0
    gave = days["new"] + days["revised"] > 0
    return [
        (Day.PARTLY if r else Day.FAILED) if failed else (Day.NEW if g else Day.NOTHING)
        for failed, r, g in zip(days["failed"] > 0, read, gave, strict=True)
    ]


def strips(days: pd.DataFrame, start: date, end: date, *, last: date) -> list[Strip]:
    """A strip a source, by name, from ``start`` (not before any visit) to ``end``.

    ``days`` has the columns of ``source_reads.visit_days``; ``last`` is the day the
    database was brought up to. A day without a row between a source's first visit
    and ``last`` is a gap; days before its first visit are no gap.
    """
    if days.empty:
        return []
    met: dict[str, dict[date, Cell]] = {}
    counts = days[["new", "visits", "failed", "revised"]].astype(int)
    for source, day, state, row in zip(
        days["source"],
        days["day"].dt.date,
        day_states(days),
        counts.itertuples(index=False),
        strict=True,
    ):
        met.setdefault(source, {})[day] = Cell(day, state, *row)
    newest = max(max(cells) for cells in met.values())
    start = max(start, min(min(cells) for cells in met.values()))
    end = min(end, max(last, newest))
    shown = [start + timedelta(days=i) for i in range((end - start).days + 1)]
    found = []
    for source, cells in sorted(met.items()):
        begun = min(cells)
        strip = [
            cells.get(day) or Cell(day, Day.BEFORE if day < begun else Day.GAP) for day in shown
        ]
        if any(cell.state is not Day.BEFORE for cell in strip):
            found.append(Strip(source, tuple(strip)))
    return found


def state_words(cells: Sequence[Cell], *, failed: bool, read: bool) -> str:
    """The state a watched source is in, from its days up to the last: ``quiet for 4 days``.

    ``failed`` and ``read``: whether its last visit had failures, and gave anything.
    """
    seen = [cell for cell in cells if cell.visits]
    if not seen:
        return "never visited"
    end, latest = cells[-1].day, seen[-1].day
    if (end - latest).days >= UNVISITED_DAYS:
        return f"not visited for {_days((end - latest).days)}"
    if failed and read:
        return "failed in part"
    if failed:
        good = [cell.day for cell in seen if cell.state is not Day.FAILED]
        bad = [cell.day for cell in seen if not good or cell.day > good[-1]]
        days = (latest - bad[0]).days + 1 if bad else 1
        return "failed" if days < 2 else f"failed for {_days(days)}"
    gave = [cell.day for cell in seen if cell.gave]
    silent = (end - (gave[-1] if gave else seen[0].day)).days
    return f"quiet for {_days(silent)}" if silent >= QUIET_DAYS else "read"


def _days(count: int) -> str:
    return f"{count} day{'s' * (count != 1)}"


def source_states(health: pd.DataFrame, days: pd.DataFrame, *, last: date) -> dict[str, str]:
    """State of every source in words: read, quiet, failed, not visited, read once, imported."""
    imported = imported_only(health)
    once = once_only(days, last) - imported
    visited = dict(zip(days["source"], days["day"].dt.date, strict=True))
    watched = days[~days["source"].isin(imported)]
    cells = {s.source: s.cells for s in strips(watched, date.min, date.max, last=last)}
    states = {}
    got = health["fetched"] + health["skipped"] > 0
    for source, failed, read in zip(health["source"], health["failed"] > 0, got, strict=True):
        if source in imported:
            states[source] = f"{IMPORTED}, failed in part" if failed else IMPORTED
            continue
        if source in once:
            states[source] = f"{ONCE}, {_days((last - visited[source]).days)} ago"
        else:
            found = cells.get(source, ())
            states[source] = state_words(found, failed=bool(failed), read=bool(read))
    return states


def health_words(states: dict[str, str]) -> str:
    """``9 sources: 5 read, 1 failed, 2 not visited lately, 1 imported.``"""
    kinds = {
        "read": "read",
        "quiet": f"quiet for {QUIET_DAYS} days or more",
        "failed in part": "failed in part",
        "failed": "failed",
        "not visited": f"not visited for {UNVISITED_DAYS} days or more",
        "never": "never visited",
        ONCE: f"read once, {UNVISITED_DAYS} days ago or more",
        IMPORTED: "imported only",
    }
    counts = dict.fromkeys(kinds, 0)
    for state in states.values():
        counts[max((kind for kind in kinds if state.startswith(kind)), key=len)] += 1
    said = [f"{counts[kind]} {words}" for kind, words in kinds.items() if counts[kind]]
    return f"{len(states)} source{'s' * (len(states) != 1)}: {', '.join(said)}."
