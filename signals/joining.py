"""Sources that first appear after the base: on probation, then spliced in.

A new source is watched for PROBATION market days on which it has texts, longer
where the narrative was not seen on SEEN_DAYS of them. Its deviation over that
time is its scale, and its level is set to that of the sources already counted
over the same days (100 where there were none). It counts from the day after,
so that no value shown before ever changes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from moneygood.signals.coverage import Bools, Floats, Ints

PROBATION = 40
SEEN_DAYS = 5


@dataclass(frozen=True, slots=True)
class Joiner:
    """Column ``source`` counts from row ``since`` with divisor ``scale``."""

    source: int
    since: int
    scale: float
    documents: int


def joiners(
    hit: Ints,
    of: Ints,
    counts: Ints,
    *,
    scaled: dict[int, float],
    covered: Bools,
    base_end: int,
    level: float,
    min_documents: int,
) -> list[Joiner]:
    """The sources outside the base that have ended their probation, in order of joining.

    ``hit`` and ``of`` are trailing sums (days x sources), ``counts`` the daily
    texts, ``scaled`` the divisors of the base's sources by column.
    """
    waiting = []
    for column in range(of.shape[1]):
        if column in scaled:
            continue
        end = _probation_end(hit[:, column], of[:, column], covered, base_end)
        if end is not None:
            waiting.append((end, column))
    joined: list[Joiner] = []
    present = {column: (0, scale) for column, scale in scaled.items()}
    for end, column in sorted(waiting):
        days = _days(of[:, column], covered, base_end, end)
        share = hit[days, column] / of[days, column]
        texts = int(counts[base_end + 1 : end + 1, column].sum())
        if texts < min_documents or np.ptp(share) == 0:
            continue
        target = _level(hit, of, present, days, level)
        scale = float(share.mean()) / target
        joined.append(Joiner(column, end + 1, scale, texts))
        present[column] = (end + 1, scale)
    return joined


def _days(of: Ints, covered: Bools, base_end: int, end: int) -> Ints:
    rows = np.flatnonzero(covered & (of > 0))
    return np.asarray(rows[(rows > base_end) & (rows <= end)], dtype=np.int64)


def _probation_end(hit: Ints, of: Ints, covered: Bools, base_end: int) -> int | None:
    """Last row of the probation, or None while it lasts."""
    days = _days(of, covered, base_end, len(of) - 1)
    seen = days[hit[days] > 0]
    if days.size < PROBATION or seen.size < SEEN_DAYS:
        return None
    end = max(int(days[PROBATION - 1]), int(seen[SEEN_DAYS - 1]))
    return end if end < len(of) - 1 else None


def _level(
    hit: Ints, of: Ints, present: dict[int, tuple[int, float]], days: Ints, level: float
) -> float:
    """Mean scaled share of the sources already counted on some days, else ``level``."""
    total: Floats = np.zeros(len(days))
    number = np.zeros(len(days))
    for column, (since, scale) in present.items():
        there = (of[days, column] > 0) & (days >= since)
        total += np.where(there, hit[days, column] / np.maximum(of[days, column], 1) / scale, 0)
        number += there
    held = number > 0
    mean = float((total[held] / number[held]).mean()) if held.sum() >= SEEN_DAYS else 0.0
    return mean or level
