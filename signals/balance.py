"""The headline: does talk of AI spending soothe or doubt, and how far has it retreated?

A sentence is *on AI spending* when it carries ``ai_capex``, ``deepseek`` or
``jevons``, or carries ``reassurance`` within three positions of one that does,
in the same document. It soothes when it affirms ``reassurance`` or ``jevons``;
it doubts when its stance in ``reassurance``, ``jevons`` or ``ai_capex`` is
doubt. One that does both counts in both. Sentences of novel documents are
pooled over the trailing window, all sources alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd

from moneygood.records import IndexPoint, Narrative, Rung, Stance, utc
from moneygood.signals.bands import mean_draws, quantile_band, share_band
from moneygood.signals.coverage import (
    MENTION_COLUMNS,
    NO_DOCUMENTS,
    Bools,
    Coverage,
    Floats,
    Ints,
    cover,
    grid,
    require,
    trailing,
)
from moneygood.signals.index import IndexMethod, IndexResult

BALANCE = "balance"
RETREAT = "retreat"
RUNG_SERIES = {rung: f"rung.{rung.value}" for rung in Rung}
NEAR = 3
_ON_AI = (Narrative.AI_CAPEX, Narrative.DEEPSEEK, Narrative.JEVONS)
_SOOTHES = (Narrative.REASSURANCE, Narrative.JEVONS)
_DOUBTS = (Narrative.REASSURANCE, Narrative.JEVONS, Narrative.AI_CAPEX)
_HEIGHTS = np.array([rung.height for rung in Rung], dtype=np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class _Window:
    """Trailing counts on the days that have a reading."""

    coverage: Coverage
    kept: Bools
    classes: Ints
    texts: Ints
    as_of: datetime

    def points(
        self, series: str, values: tuple[Floats, Floats, Floats], version: str
    ) -> tuple[IndexPoint, ...]:
        """One record per kept day."""
        days = [d for d, k in zip(self.coverage.days, self.kept, strict=True) if k]
        documents, sources = self.texts.sum(axis=1).tolist(), (self.texts > 0).sum(axis=1).tolist()
        columns = (*(v.tolist() for v in values), documents, sources)
        return tuple(
            IndexPoint(series, day, value, lo, hi, n, k, utc(self.as_of), version)
            for day, value, lo, hi, n, k in zip(days, *columns, strict=True)
        )


def balance(
    documents: pd.DataFrame,
    mentions: pd.DataFrame,
    *,
    as_of: datetime,
    method: IndexMethod,
    seed: int,
) -> IndexResult:
    """(soothing - doubting) / all sentences on AI spending; -1 to 1, series ``balance``.

    A day has a point when some source had a novel document on it, the trailing
    window holds ``method.min_documents`` of them and at least one sentence on
    AI spending. ``documents`` and ``sources`` count those with such a sentence.
    The band draws the shares of soothing, doubting and other sentences from
    their Dirichlet posterior (Jeffreys prior); it takes sentences as
    independent, so it is narrow where one text says the same thing many times.

    Raises DataError when a frame lacks a column or has a document twice.
    """
    coverage = _covered(documents, mentions, as_of)
    if isinstance(coverage, str):
        return IndexResult(BALANCE, (), None, "no data", coverage)
    sentences = on_ai_spending(mentions)
    net = sentences["soothes"].astype("int64") - sentences["doubts"].astype("int64")
    window = _window(coverage, sentences, [net == 1, net == -1, net == 0], as_of, method)
    if not window.kept.any():
        reason = f"no day with {method.min_documents} documents has a sentence on AI spending"
        return IndexResult(BALANCE, (), None, "no evidence", reason)
    scores = np.array([1.0, -1.0, 0.0])
    values = _mean(window.classes, scores, BALANCE, method, seed)
    points = window.points(BALANCE, values, method.label("balance.v1"))
    return IndexResult(BALANCE, points, None, "ok")


def retreat(
    documents: pd.DataFrame,
    mentions: pd.DataFrame,
    *,
    as_of: datetime,
    method: IndexMethod,
    seed: int,
) -> IndexResult:
    """Mean rung of affirmed reassurance on AI spending; series ``retreat``.

    0 is denial, 1 containment, 2 money-good. Points, counts, band and errors as
    for :func:`balance`, over affirmed reassurance sentences with a rung.
    """
    window = _rungs(documents, mentions, as_of, method)
    if isinstance(window, IndexResult):
        return window
    values = _mean(window.classes, _HEIGHTS, RETREAT, method, seed)
    return IndexResult(
        RETREAT, window.points(RETREAT, values, method.label("retreat.v1")), None, "ok"
    )


def rung_shares(
    documents: pd.DataFrame, mentions: pd.DataFrame, *, as_of: datetime, method: IndexMethod
) -> tuple[IndexResult, ...]:
    """Percent of affirmed reassurance on each rung, lowest first; they sum to 100.

    Series ``rung.denial``, ``rung.containment``, ``rung.money_good``, on the days
    of :func:`retreat`, with exact Jeffreys intervals. Raises the same errors.
    """
    window = _rungs(documents, mentions, as_of, method)
    if isinstance(window, IndexResult):
        return tuple(
            IndexResult(s, (), None, window.state, window.reason) for s in RUNG_SERIES.values()
        )
    total = window.classes.sum(axis=1)
    results = []
    for rung, series in RUNG_SERIES.items():
        hits = window.classes[:, rung.height]
        lo, hi = share_band(hits, total, method.band)
        values = (100 * hits / total, 100 * lo, 100 * hi)
        points = window.points(series, values, method.label("rungs.v1"))
        results.append(IndexResult(series, points, None, "ok"))
    return tuple(results)


def on_ai_spending(mentions: pd.DataFrame) -> pd.DataFrame:
    """One row per sentence on AI spending: doc, position, soothes, doubts, rung.

    ``rung`` is that of an affirmed reassurance, else empty.
    """
    require(mentions, "mentions", MENTION_COLUMNS)
    narrative, stance = mentions["narrative"], mentions["stance"]
    affirm, doubt = stance == Stance.AFFIRM, stance == Stance.DOUBT
    soothing_rung = affirm & (narrative == Narrative.REASSURANCE)
    rows = pd.DataFrame(
        {
            "doc": mentions["doc"],
            "position": mentions["position"],
            "on": narrative.isin(_ON_AI),
            "reassures": narrative == Narrative.REASSURANCE,
            "soothes": affirm & narrative.isin(_SOOTHES),
            "doubts": doubt & narrative.isin(_DOUBTS),
            "rung": mentions["rung"].astype("str").where(soothing_rung, ""),
        }
    )
    rows = rows[rows["on"] | rows["reassures"]]
    sentences = rows.groupby(["doc", "position"], sort=True, as_index=False).max()
    near = sentences["on"].to_numpy() | _near(sentences)
    return sentences.loc[near, ["doc", "position", "soothes", "doubts", "rung"]]


def _near(sentences: pd.DataFrame) -> Bools:
    """Per row of sorted sentences: whether one on AI is within reach in its document."""
    position = sentences["position"].astype("float64")
    marked = position.where(sentences["on"])
    groups = marked.groupby(sentences["doc"])
    gap = np.minimum(
        (position - groups.ffill()).fillna(np.inf), (groups.bfill() - position).fillna(np.inf)
    )
    return np.asarray(gap <= NEAR)


def _covered(documents: pd.DataFrame, mentions: pd.DataFrame, as_of: datetime) -> Coverage | str:
    require(mentions, "mentions", MENTION_COLUMNS)
    coverage = cover(documents, as_of)
    return coverage if coverage.days else NO_DOCUMENTS


def _rungs(
    documents: pd.DataFrame, mentions: pd.DataFrame, as_of: datetime, method: IndexMethod
) -> _Window | IndexResult:
    coverage = _covered(documents, mentions, as_of)
    if isinstance(coverage, str):
        return IndexResult(RETREAT, (), None, "no data", coverage)
    sentences = on_ai_spending(mentions)
    window = _window(coverage, sentences, [sentences["rung"] == r for r in Rung], as_of, method)
    if not window.kept.any():
        reason = f"no day with {method.min_documents} documents affirms reassurance on AI spending"
        return IndexResult(RETREAT, (), None, "no evidence", reason)
    return window


def _window(
    coverage: Coverage,
    sentences: pd.DataFrame,
    classes: list[pd.Series],
    as_of: datetime,
    method: IndexMethod,
) -> _Window:
    """Trailing sentences per class and documents per source, where there are any."""
    placed = coverage.documents.set_index("doc")
    counts = []
    for chosen in classes:
        docs = sentences.loc[chosen & sentences["doc"].isin(placed.index), "doc"]
        t = placed.loc[docs, "t"]
        counts.append(grid(t, pd.Series(0, index=t.index), (len(coverage.days), 1))[:, 0])
    pooled = trailing(np.column_stack(counts), method.window)
    used = pd.concat([sentences.loc[chosen, "doc"] for chosen in classes])
    texts = trailing(coverage.tally(used), method.window)
    enough = trailing(coverage.counts, method.window).sum(axis=1) >= method.min_documents
    kept = coverage.covered & enough & (pooled.sum(axis=1) > 0)
    return _Window(coverage, kept, pooled[kept], texts[kept], as_of)


def _mean(
    classes: Ints, scores: Floats, name: str, method: IndexMethod, seed: int
) -> tuple[Floats, Floats, Floats]:
    value = classes @ scores / classes.sum(axis=1)
    drawn = mean_draws(classes, scores, name=name, draws=method.draws, seed=seed)
    return value, *quantile_band(drawn, value, method.band)
