"""Index and relate: stored mentions and observations to stored series and relations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from moneygood import reads
from moneygood.errors import DataError
from moneygood.gather import Progress, silent
from moneygood.market_days import NEW_YORK
from moneygood.records import IndexPoint, Narrative, utc
from moneygood.settings import IndexSettings, RelationSettings, Settings, load_settings
from moneygood.signals.balance import balance, retreat, rung_shares
from moneygood.signals.correlation import rolling_correlation
from moneygood.signals.divergence import divergence
from moneygood.signals.index import IndexMethod, IndexResult, narrative_index, share_index
from moneygood.store import Store

NARRATIVES = tuple(str(n) for n in Narrative)


@dataclass(frozen=True, slots=True)
class Measured:
    """The state of one series after a measuring stage."""

    series: str
    state: str
    reason: str
    points: int


def method_of(settings: IndexSettings) -> IndexMethod:
    """The index method of the settings."""
    return IndexMethod(
        window=settings.window,
        min_documents=settings.min_documents,
        base_days=settings.base_days,
        band=settings.band,
        draws=settings.draws,
    )


def all_narratives(found: Iterable[str]) -> tuple[str, ...]:
    """The built-in narratives, and the user's own of those found, by name."""
    return (*NARRATIVES, *sorted(set(found) - set(NARRATIVES)))


def compute_index(
    documents: pd.DataFrame,
    mentions: pd.DataFrame,
    *,
    as_of: datetime,
    method: IndexMethod,
    seed: int,
) -> Iterator[IndexResult]:
    """Every published series, from the frames of ``moneygood.reads``.

    What came after the close belongs to a market day that has not begun: it is
    left for that day's readings.
    """
    today = pd.Timestamp(utc(as_of).astimezone(NEW_YORK).date())
    documents = documents[documents["day"] <= today]
    mentions = mentions[mentions["day"] <= today]
    options: dict[str, Any] = {"as_of": as_of, "method": method}
    for narrative in all_narratives(mentions["narrative"].unique()):
        yield narrative_index(documents, mentions, narrative, seed=seed, **options)
        yield share_index(documents, mentions, narrative, **options)
    yield balance(documents, mentions, seed=seed, **options)
    yield retreat(documents, mentions, seed=seed, **options)
    yield from rung_shares(documents, mentions, **options)


def index_as_of(store: Store, scorer: str, moment: datetime) -> pd.DataFrame:
    """Every series computed by the settings from what was available by a moment.

    Columns as ``reads.index_points``; nothing is stored.
    """
    settings = load_settings()
    results = compute_index(
        reads.documents(store, scorer, moment),
        reads.mentions(store, scorer, moment),
        as_of=moment,
        method=method_of(settings.index),
        seed=settings.seed,
    )
    rows = [
        (p.series, p.date, p.value, p.lo, p.hi, p.documents, p.sources, p.method, p.as_of)
        for result in results
        for p in result.points
    ]
    columns = ["series", "date", "value", "lo", "hi", "documents", "sources", "method", "as_of"]
    frame = pd.DataFrame(rows, columns=columns)
    frame["date"] = pd.to_datetime(frame["date"])
    return frame


def index(
    store: Store,
    settings: Settings,
    *,
    scorer: str,
    as_of: datetime,
    keep: bool = True,
    progress: Progress = silent,
) -> list[Measured]:
    """Compute every series as of a moment; append what changed as a new vintage.

    Without ``keep`` nothing is stored: a moment before the last vintage is only
    looked at, since what was shown then is on record.
    """
    documents = reads.documents(store, scorer, as_of)
    mentions = reads.mentions(store, scorer, as_of)
    measured: list[Measured] = []
    points: list[IndexPoint] = []
    results = compute_index(
        documents, mentions, as_of=as_of, method=method_of(settings.index), seed=settings.seed
    )
    for i, result in enumerate(results):
        progress("index", i, 0)
        points.extend(result.points)
        measured.append(Measured(result.series, result.state, result.reason, len(result.points)))
    if keep:
        store.save_index(points)
    progress("index", len(measured), len(measured))
    return measured


def relate(
    store: Store,
    settings: Settings,
    *,
    scorer: str,
    as_of: datetime,
    progress: Progress = silent,
) -> list[Measured]:
    """Relate the stored index with yields as of a moment; replaces the last relations."""
    narratives = all_narratives(reads.narratives(store, scorer))
    points = reads.index_points(store, as_of=as_of)
    observed = reads.observations(store, as_of)
    rows: list[dict[str, Any]] = []
    measured: list[Measured] = []
    pairs = [(n, y) for n in (*narratives, "balance") for y in settings.relation.yields]
    for i, (narrative, series) in enumerate(pairs):
        progress("relate", i, len(pairs))
        x = _series(points, "series", narrative)
        y = _series(observed, "series", series)
        try:
            part = list(_relation(x, y, settings.relation, seed=settings.seed))
            state, reason = "ok", ""
        except DataError as error:
            part, state, reason = [], "no data", str(error)
        rows.extend(
            {"narrative": narrative, "series": series, "as_of": as_of, **row} for row in part
        )
        measured.append(Measured(f"{narrative} ~ {series}", state, reason, len(part)))
    store.replace_relations(rows)
    progress("relate", len(pairs), len(pairs))
    return measured


def _series(frame: pd.DataFrame, key: str, name: str) -> pd.Series[float]:
    part = frame[frame[key] == name]
    return pd.Series(
        part["value"].to_numpy("float64"), index=pd.DatetimeIndex(part["date"]), name=name
    )


def _relation(
    x: pd.Series[float], y: pd.Series[float], settings: RelationSettings, *, seed: int
) -> Iterable[dict[str, Any]]:
    apart = divergence(x, y, window=settings.window)
    try:
        together = rolling_correlation(
            x, y, window=settings.window, level=settings.level, seed=seed, draws=settings.draws
        )
    except DataError:
        together = pd.DataFrame(columns=["corr", "lo", "hi", "n"], index=apart.index[:0])
    both = apart.join(together)
    for day, row in both.iterrows():
        yield {
            "date": pd.Timestamp(str(day)).date(),
            "corr": _number(row["corr"]),
            "lo": _number(row["lo"]),
            "hi": _number(row["hi"]),
            "n": 0 if pd.isna(row["n"]) else int(row["n"]),
            "z": _number(row["z"]),
            "state": str(row["state"]),
            "fit": _number(row["fit"]),
        }


def _number(value: Any) -> float | None:
    return None if pd.isna(value) else float(value)
