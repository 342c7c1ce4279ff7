"""What the documents cover: novel texts, the calendar, trailing counts.

Shared by the index, the balance and the retreat. A day is *covered* when some
source had a novel document on it; a day that is not covered is missing in every
series, never zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from moneygood.errors import DataError
from moneygood.market_days import market_day, market_days, next_market_day
from moneygood.records import utc

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

DOCUMENT_COLUMNS = ("doc", "source", "day", "available_at", "cluster")
MENTION_COLUMNS = ("doc", "position", "narrative", "stance", "rung")
NO_DOCUMENTS = "no documents were available"


@dataclass(frozen=True, slots=True, eq=False)
class Coverage:
    """Novel documents laid on market days x sources.

    ``documents`` holds doc, t (row of the day in ``days``) and i (its source in
    ``sources``); ``counts`` is days x sources; ``today`` is the market day of
    ``as_of``, still unfinished.
    """

    days: tuple[date, ...]
    sources: tuple[str, ...]
    documents: pd.DataFrame
    counts: Ints
    today: date

    @property
    def covered(self) -> Bools:
        """Per day: whether any source had a novel document."""
        return np.asarray(self.counts.sum(axis=1) > 0)

    def tally(self, docs: pd.Series) -> Ints:
        """Days x sources: how many of the novel documents are in ``docs``."""
        chosen = self.documents[self.documents["doc"].isin(docs)]
        return grid(chosen["t"], chosen["i"], self.counts.shape)


def require(frame: pd.DataFrame, name: str, columns: tuple[str, ...]) -> None:
    """Raise DataError unless ``frame`` has ``columns``."""
    lacking = [c for c in columns if c not in frame.columns]
    if lacking:
        raise DataError(name, f"no column {', '.join(lacking)}", f"It needs {', '.join(columns)}.")


def cover(documents: pd.DataFrame, as_of: datetime) -> Coverage:
    """Novel documents available by ``as_of``, on market days.

    Novel is the first available document of each near-duplicate ``cluster``,
    ties by doc id. A ``day`` on which the market is closed counts to the next.

    Raises DataError when a column is lacking, a document appears twice or has
    no day.
    """
    require(documents, "documents", DOCUMENT_COLUMNS)
    if documents["doc"].duplicated().any():
        twice = documents.loc[documents["doc"].duplicated(), "doc"].iloc[0]
        raise DataError("documents", f"document {twice} appears twice", "Give each one once.")
    frame = documents.loc[:, list(DOCUMENT_COLUMNS)]
    moments = pd.to_datetime(frame["available_at"], utc=True)
    frame = frame.assign(available_at=moments, day=pd.to_datetime(frame["day"]))
    if frame["day"].isna().any() or moments.isna().any():
        bad = frame.loc[frame["day"].isna() | moments.isna(), "doc"].iloc[0]
        raise DataError("documents", f"document {bad} has no day", "Give day and available_at.")
    frame = frame[frame["available_at"] <= pd.Timestamp(utc(as_of))]
    frame = frame.sort_values(["available_at", "doc"], kind="stable")
    frame = frame.drop_duplicates("cluster", keep="first")
    today = market_day(utc(as_of))
    if frame.empty:
        empty = pd.DataFrame({"doc": frame["doc"], "t": [], "i": []}, dtype="int64")
        return Coverage((), (), empty, np.zeros((0, 0), np.int64), today)
    first, last = frame["day"].min().date(), next_market_day(frame["day"].max().date())
    days = tuple(market_days(next_market_day(first), last))
    stamps = np.array(days, dtype="datetime64[D]")
    t = np.searchsorted(stamps, frame["day"].to_numpy().astype("datetime64[D]"))
    names = frame["source"].astype(str)
    sources = tuple(sorted(names.unique()))
    i = pd.Index(sources).get_indexer(pd.Index(names))
    rows = pd.DataFrame({"doc": frame["doc"].to_numpy(), "t": t, "i": i})
    counts = grid(rows["t"], rows["i"], (len(days), len(sources)))
    return Coverage(days, sources, rows, counts, today)


def grid(t: pd.Series, i: pd.Series, shape: tuple[int, ...]) -> Ints:
    """Count of each (t, i) in an array of ``shape``."""
    flat = t.to_numpy(np.int64) * shape[1] + i.to_numpy(np.int64)
    counts = np.bincount(flat, minlength=shape[0] * shape[1])
    return np.asarray(counts.reshape(shape), dtype=np.int64)


def trailing(counts: Ints, window: int) -> Ints:
    """Sum over each day and the ``window - 1`` days before it, along axis 0."""
    total = np.cumsum(counts, axis=0)
    total[window:] = total[window:] - total[:-window]
    return np.asarray(total)
