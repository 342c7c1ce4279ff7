"""Daily index of one narrative, after Baker, Bloom and Davis (EPU).

Per source and market day the share of novel texts that carry the narrative,
over the trailing ``window`` market days; each source divided by its own standard
deviation in the base (no demeaning); the mean over the sources present; 100 is
the mean over the base. Source: "Measuring Economic Policy Uncertainty", QJE
2016, section II; policyuncertainty.com/us_monthly.html.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal

import numpy as np
import pandas as pd

from moneygood.errors import DataError
from moneygood.records import IndexPoint, utc
from moneygood.signals.bands import quantile_band, share_band, share_draws
from moneygood.signals.coverage import (
    MENTION_COLUMNS,
    NO_DOCUMENTS,
    Bools,
    Coverage,
    Floats,
    Ints,
    cover,
    require,
    trailing,
)
from moneygood.signals.joining import Counted, joiners

State = Literal["ok", "no evidence", "no data"]
SEEN_DAYS = 10


@dataclass(frozen=True, slots=True)
class IndexMethod:
    """How documents become a reading.

    ``window`` and ``base_days`` are market days, ``min_documents`` novel texts,
    ``band`` the share of ``draws`` inside the band.
    """

    window: int = 5
    min_documents: int = 5
    base_days: int = 252
    band: float = 0.90
    draws: int = 400

    def __post_init__(self) -> None:
        for name in ("window", "min_documents", "base_days", "draws"):
            if getattr(self, name) < 1:
                raise DataError(
                    f"IndexMethod.{name}", f"{getattr(self, name)} is below 1", "Use 1 or more."
                )
        if not 0 < self.band < 1:
            raise DataError("IndexMethod.band", f"{self.band} is no share", "Use 0.90, say.")

    def label(self, name: str) -> str:
        """``name`` and the parameters, as stored beside every point."""
        return (
            f"{name}/w{self.window}/m{self.min_documents}/b{self.base_days}"
            f"/q{self.band:g}/d{self.draws}"
        )

    @property
    def version(self) -> str:
        """Version of the narrative index: ``share.v1/w5/m5/b252/q0.9/d400``."""
        return self.label("share.v1")


@dataclass(frozen=True, slots=True)
class SourceScale:
    """A source in the index, over its base: deviation, usual share, texts.

    ``since`` is the day from which one that joined later counts.
    """

    source: str
    scale: float
    usual: float
    documents: int
    since: date | None = None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A source that the index does not use, and why."""

    source: str
    reason: str


@dataclass(frozen=True, slots=True)
class Base:
    """What the level 100 rests on.

    ``level`` is the mean scaled share over the base. Once ``complete``, later
    documents change neither the base nor a past value. ``extended`` says that
    the narrative was first seen after the usual base.
    """

    start: date
    end: date
    complete: bool
    extended: bool
    sources: tuple[SourceScale, ...]
    left_out: tuple[LeftOut, ...]
    level: float


@dataclass(frozen=True, slots=True)
class IndexResult:
    """Points of one series, or why there are none.

    ``state`` is ``ok``, ``no evidence`` (covered, never seen) or ``no data``.
    """

    series: str
    points: tuple[IndexPoint, ...]
    base: Base | None
    state: State
    reason: str = ""


def narrative_index(
    documents: pd.DataFrame,
    mentions: pd.DataFrame,
    narrative: str,
    *,
    as_of: datetime,
    method: IndexMethod,
    seed: int,
) -> IndexResult:
    """Index of ``narrative`` from what was available by ``as_of``; base mean = 100.

    ``documents`` and ``mentions`` are the frames of ``moneygood.reads``. Novel
    documents only: the first available one of each cluster. A market day on
    which no source had one has no point; a source with none in the trailing
    window is absent that day, not zero; a reading on fewer than
    ``method.min_documents`` is left out. The base is the first
    ``method.base_days`` market days, all days so far while it is incomplete;
    where the narrative was not yet seen in it, it reaches to the tenth day with
    a reading above zero. A source that first appears later joins after a
    probation (``moneygood.signals.joining``). ``lo`` and ``hi`` carry draws
    of each source's share (``bands.share_draws``) through the same scaling.

    Raises DataError when a frame lacks a column or has a document twice.
    """
    seen = _seen(documents, mentions, narrative, as_of)
    if isinstance(seen, str):
        return IndexResult(narrative, (), None, "no data", seen)
    coverage, hits = seen
    if not hits.any():
        reason = f"no document by {coverage.today} carries {narrative}"
        return IndexResult(narrative, (), None, "no evidence", reason)
    hit, of = trailing(hits, method.window), trailing(coverage.counts, method.window)
    base = _base(coverage, hit, of, method)
    if base.level == 0:
        return IndexResult(narrative, (), base, "no data", "no source in the base can be scaled")
    base, counted = _counted(base, coverage, hit, of, method)
    of = of.copy()
    for c in counted:
        of[: c.since, c.source] = 0
    columns = [c.source for c in counted]
    hit, of = np.where(of > 0, hit, 0)[:, columns], of[:, columns]
    kept = coverage.covered & (of.sum(axis=1) >= method.min_documents)
    hit, of = hit[kept], of[kept]
    level = ((of > 0) * np.array([c.level for c in counted])).sum(axis=1)
    scaled = hit / np.maximum(of, 1) / np.array([c.scale for c in counted])
    value = 100 * scaled.sum(axis=1) / level
    drawn = np.zeros((len(of), method.draws))
    for i, c in enumerate(counted):
        there = of[:, i] > 0
        if there.any():
            share = share_draws(
                hit[there, i],
                of[there, i],
                usual=c.usual,
                name=coverage.sources[c.source],
                draws=method.draws,
                seed=seed,
            )
            drawn[there] += share / c.scale
    drawn *= 100 / level[:, None]
    lo, hi = quantile_band(drawn, value, method.band)
    points = _points(narrative, coverage, kept, (value, lo, hi), of, as_of, method.version)
    return IndexResult(narrative, points, base, "ok")


def share_index(
    documents: pd.DataFrame,
    mentions: pd.DataFrame,
    narrative: str,
    *,
    as_of: datetime,
    method: IndexMethod,
) -> IndexResult:
    """Percent of novel documents that carry ``narrative``, all sources pooled.

    The plain companion of :func:`narrative_index`: series ``<narrative>.share``,
    the same trailing window, a point on every covered day, 0 where none carries
    it. The band is the exact Jeffreys interval. Raises the same errors.
    """
    series = f"{narrative}.share"
    seen = _seen(documents, mentions, narrative, as_of)
    if isinstance(seen, str):
        return IndexResult(series, (), None, "no data", seen)
    coverage, hits = seen
    kept = coverage.covered
    of = trailing(coverage.counts, method.window)[kept]
    hit, total = trailing(hits, method.window)[kept].sum(axis=1), of.sum(axis=1)
    lo, hi = share_band(hit, total, method.band)
    version = f"percent.v1/w{method.window}/q{method.band:g}"
    values = (100 * hit / total, 100 * lo, 100 * hi)
    return IndexResult(
        series, _points(series, coverage, kept, values, of, as_of, version), None, "ok"
    )


def _seen(
    documents: pd.DataFrame, mentions: pd.DataFrame, narrative: str, as_of: datetime
) -> tuple[Coverage, Ints] | str:
    """Coverage and the days x sources count of documents with the narrative."""
    require(mentions, "mentions", MENTION_COLUMNS)
    coverage = cover(documents, as_of)
    if not coverage.days:
        return NO_DOCUMENTS
    return coverage, coverage.tally(mentions.loc[mentions["narrative"] == narrative, "doc"])


def _reading(
    hit: Ints, of: Ints, scale: Floats, covered: Bools, method: IndexMethod
) -> tuple[Floats, Bools]:
    """Mean scaled share over the sources present, and the days it is published."""
    kept = covered & (of.sum(axis=1) >= method.min_documents)
    present = np.maximum((of > 0).sum(axis=1), 1)
    return (hit / np.maximum(of, 1) / scale).sum(axis=1) / present, kept


def _base(coverage: Coverage, hit: Ints, of: Ints, method: IndexMethod) -> Base:
    """The usual base; if nothing in it can be scaled, one that reaches further."""
    last = len(coverage.days) - 1
    usual = _scaled(coverage, hit, of, method, min(method.base_days - 1, last), False)
    if usual.level > 0 or method.base_days - 1 >= last:
        return usual
    days = np.flatnonzero(coverage.covered & (hit.sum(axis=1) > 0))
    days = days[days > method.base_days - 1]
    tenth = int(days[SEEN_DAYS - 1]) if days.size >= SEEN_DAYS else last
    extended = _scaled(coverage, hit, of, method, tenth, True)
    if extended.level > 0 or tenth == last:
        return extended
    return _scaled(coverage, hit, of, method, last, True)


def _counted(
    base: Base, coverage: Coverage, hit: Ints, of: Ints, method: IndexMethod
) -> tuple[Base, list[Counted]]:
    """All sources that count, and the base with those that joined later."""
    founders = [
        Counted(coverage.sources.index(s.source), 0, s.scale, base.level, s.usual, s.documents)
        for s in base.sources
    ]
    new = joiners(
        hit,
        of,
        coverage.counts,
        founders,
        covered=coverage.covered,
        base_end=coverage.days.index(base.end),
        min_documents=method.min_documents,
    )
    added = tuple(
        SourceScale(
            coverage.sources[c.source], c.scale, c.usual, c.documents, coverage.days[c.since]
        )
        for c in new
    )
    names = {s.source for s in added}
    left_out = tuple(source for source in base.left_out if source.source not in names)
    return replace(base, sources=base.sources + added, left_out=left_out), [*founders, *new]


def _scaled(
    coverage: Coverage, hit: Ints, of: Ints, method: IndexMethod, end: int, extended: bool
) -> Base:
    """Scales and level on days 0 to ``end``; level 0 where nothing can be scaled."""
    covered = coverage.covered[: end + 1]
    share = hit[: end + 1] / np.maximum(of[: end + 1], 1)
    texts = coverage.counts[: end + 1].sum(axis=0)
    sources, left_out = [], []
    for i, source in enumerate(coverage.sources):
        own = share[covered & (of[: end + 1, i] > 0), i]
        if texts[i] < method.min_documents:
            reason = f"{texts[i]} documents in the base; {method.min_documents} needed"
            left_out.append(LeftOut(source, reason))
        elif own.size < 2 or np.ptp(own) == 0:
            left_out.append(LeftOut(source, "its share never changed in the base"))
        else:
            deviation, usual = float(own.std(ddof=1)), float(own.mean())
            sources.append(SourceScale(source, deviation, usual, int(texts[i])))
    level = 0.0
    if sources:
        used = [coverage.sources.index(s.source) for s in sources]
        scale = np.array([s.scale for s in sources])
        z, kept = _reading(hit[: end + 1, used], of[: end + 1, used], scale, covered, method)
        level = float(z[kept].mean()) if kept.any() else 0.0
    done = (end >= method.base_days - 1) and coverage.today > coverage.days[end]
    complete = done and not (extended and end == len(coverage.days) - 1)
    return Base(
        coverage.days[0], coverage.days[end], complete, extended,
        tuple(sources), tuple(left_out), level,
    )  # fmt: skip


def _points(
    series: str,
    coverage: Coverage,
    kept: Bools,
    values: tuple[Floats, Floats, Floats],
    of: Ints,
    as_of: datetime,
    method: str,
) -> tuple[IndexPoint, ...]:
    """One record per kept day; ``values`` and ``of`` have only those days."""
    days = [d for d, k in zip(coverage.days, kept, strict=True) if k]
    texts, sources = of.sum(axis=1).tolist(), (of > 0).sum(axis=1).tolist()
    columns = (*(v.tolist() for v in values), texts, sources)
    return tuple(
        IndexPoint(series, day, value, lo, hi, n, k, utc(as_of), method)
        for day, value, lo, hi, n, k in zip(days, *columns, strict=True)
    )
