"""Sources that first appear after the base: on probation, then spliced in.

A new source is watched for PROBATION market days on which it has texts, longer
where the narrative was not seen on SEEN_DAYS of them. Its deviation over that
time is its scale; its level is what it read over the same days, set against what
the sources already counted read (100 where there were none). It counts from the
day after, so that no value shown before ever changes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from moneygood.signals.coverage import Bools, Ints

PROBATION = 40
SEEN_DAYS = 5


@dataclass(frozen=True, slots=True)
class Counted:
    """Column ``source`` counts from row ``since``.

    ``scale`` divides its shares, ``level`` is what its scaled share reads when
    the index reads 100, ``usual`` its mean share, over ``documents`` texts.
    """

    source: int
    since: int
    scale: float
    level: float
    usual: float
    documents: int


def joiners(
    hit: Ints,
    of: Ints,
    counts: Ints,
    founders: list[Counted],
    *,
    covered: Bools,
    base_end: int,
    min_documents: int,
) -> list[Counted]:
    """The sources outside the base that have ended their probation, in order of joining.

    ``hit`` and ``of`` are trailing sums (days x sources), ``counts`` the daily
    texts, ``founders`` the sources of the base.
    """
    known = {c.source for c in founders}
    waiting = []
    for column in range(of.shape[1]):
        if column not in known:
            end = _probation_end(hit[:, column], of[:, column], covered, base_end)
            if end is not None:
                waiting.append((end, column))
    present = list(founders)
    for end, column in sorted(waiting):
        days = _days(of[:, column], covered, base_end, end)
        share = hit[days, column] / of[days, column]
        texts = int(counts[base_end + 1 : end + 1, column].sum())
        if texts >= min_documents and np.ptp(share) > 0:
            scale, usual = float(share.std(ddof=1)), float(share.mean())
            level = usual / scale / _standing(hit, of, present, days)
            present.append(Counted(column, end + 1, scale, level, usual, texts))
    return present[len(founders) :]


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


def _standing(hit: Ints, of: Ints, present: list[Counted], days: Ints) -> float:
    """Index (1 is the base) of the sources that counted before these days, else 1.

    Those that joined during them are left aside: chained on one another, young
    sources would hand on their noise.
    """
    total, level = np.zeros(len(days)), np.zeros(len(days))
    for c in present:
        there = (of[days, c.source] > 0) & (days[0] >= c.since)
        share = hit[days, c.source] / np.maximum(of[days, c.source], 1)
        total += np.where(there, share / c.scale, 0)
        level += np.where(there, c.level, 0)
    held = (level > 0).sum() >= SEEN_DAYS
    return float(total.sum() / level.sum()) or 1.0 if held else 1.0
