"""Cached reads for the dashboard: the only place that opens the store.

The database is opened read-only for each read and closed again. A result is
kept while the files stay as they are (their times and sizes are part of its
key) and for ten minutes at most.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

import pandas as pd
import streamlit as st

from moneygood import reads, revision_reads, source_reads
from moneygood.databases import default_database
from moneygood.records import Document
from moneygood.signals.balance import on_ai_spending
from moneygood.store import Store
from moneygood.ui.names import BALANCE, NARRATIVES, RETREAT
from moneygood.ui.words import Pair

TTL_SECONDS = 600
BUSY_SECONDS = 5
SENTENCES = 20_000
SKIPS = 20_000
FAILURES = 20_000
REVISED = 5_000
Version = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Status:
    """Whether there is something to show, and what the database holds."""

    state: Literal["ready", "missing", "empty"]
    path: Path
    mode: reads.Mode | None = None


def database() -> Path:
    """The database shown."""
    return default_database()


def version(path: Path) -> Version:
    """Times and sizes of the database and its write-ahead log."""
    marks: list[int] = []
    for file in (path, path.with_name(path.name + "-wal")):
        try:
            found = file.stat()
            marks += [found.st_mtime_ns, found.st_size]
        except OSError:
            marks += [0, 0]
    return tuple(marks)


@st.cache_data(ttl=TTL_SECONDS, max_entries=128, show_spinner=False)
def _cached(path: str, version: Version, what: str, *arguments: Any) -> Any:
    with Store(Path(path), readonly=True, busy_seconds=BUSY_SECONDS) as store:
        return _READERS[what](store, *arguments)


def _read(what: str, *arguments: Any) -> Any:
    path = database()
    return _cached(str(path), version(path), what, *arguments)


def status() -> Status:
    """What there is to show. Raises StoreError when the file cannot be read."""
    path = database()
    if not path.exists():
        return Status("missing", path)
    mode = _read("mode")
    return Status("ready" if mode else "empty", path, mode)


def index_points() -> pd.DataFrame:
    """All stored series, latest vintage; columns of ``reads.index_points``."""
    frame: pd.DataFrame = _read("index_points")
    return frame


def observations() -> pd.DataFrame:
    """All market series; columns of ``reads.observations``."""
    frame: pd.DataFrame = _read("observations")
    return frame


def relations() -> pd.DataFrame:
    """Rolling relation of every narrative and yield; columns of ``reads.relations``."""
    frame: pd.DataFrame = _read("relations")
    return frame


def narratives() -> tuple[str, ...]:
    """The built-in narratives, and the user's own that the current scorer found somewhere."""
    found: tuple[str, ...] = _read("narratives")
    return found


def pair(narrative: str, series: str, day: date) -> Pair:
    """Where a narrative and a yield stand on the last day with a row by ``day``."""
    rows = relations()
    rows = rows[(rows["narrative"] == narrative) & (rows["series"] == series)]
    rows = rows[rows["date"] <= pd.Timestamp(day)].sort_values("date")
    if rows.empty:
        return Pair(narrative, series)
    row = rows.iloc[-1]
    corr, lo, hi, z, fit = (
        None if pd.isna(row[c]) else float(row[c]) for c in ("corr", "lo", "hi", "z", "fit")
    )
    return Pair(narrative, series, str(row["state"]), corr, lo, hi, int(row["n"]), z, fit)


def alerts() -> pd.DataFrame:
    """Alert evaluations, newest first; columns of ``reads.alerts``."""
    frame: pd.DataFrame = _read("alerts")
    return frame


def source_health() -> pd.DataFrame:
    """One row a source; columns of ``reads.source_health``."""
    frame: pd.DataFrame = _read("source_health")
    return frame


def failures() -> pd.DataFrame:
    """What could not be read; columns of ``reads.failures``."""
    frame: pd.DataFrame = _read("failures", FAILURES)
    return frame


def coverage() -> pd.DataFrame:
    """Documents per source and market day; columns of ``reads.coverage``."""
    frame: pd.DataFrame = _read("coverage")
    return frame


def visit_days() -> pd.DataFrame:
    """Visits per source and day; columns of ``source_reads.visit_days``."""
    frame: pd.DataFrame = _read("visit_days")
    return frame


def skips() -> pd.DataFrame:
    """What visits left out on purpose; columns of ``source_reads.skips``."""
    frame: pd.DataFrame = _read("skips", SKIPS)
    return frame


def revised() -> pd.DataFrame:
    """Texts of several versions; columns of ``revision_reads.revised``."""
    frame: pd.DataFrame = _read("revised", REVISED)
    return frame


def versions(doc: int) -> list[tuple[int, datetime, str, Document]]:
    """Every version of a text, oldest first: id, available from, what it changed, text."""
    found: list[tuple[int, datetime, str, Document]] = _read("versions", doc)
    return found


def evidence(series: str, start: date, end: date) -> pd.DataFrame:
    """Sentences behind ``series`` in a period, strongest first.

    Columns of ``reads.evidence`` and: narrative, affirm, doubt, neutral (stance
    probabilities), strength (probability times that of the stance), novel
    (False for a text that repeats an earlier one, which no index counts). For
    ``balance`` and ``retreat`` the sentences on AI spending that they count; for
    ``all`` every sentence.
    """
    frame: pd.DataFrame = _read("evidence", series, start, end)
    return frame


def _narratives(store: Store) -> tuple[str, ...]:
    mode = reads.mode(store)
    found = reads.narratives(store, mode.scorer) if mode else []
    return (*NARRATIVES, *(name for name in found if name not in NARRATIVES))


def _evidence(store: Store, series: str, start: date, end: date) -> pd.DataFrame:
    mode = reads.mode(store)
    scorer = mode.scorer if mode else None
    everything = _narratives(store) if series == "all" else NARRATIVES
    wanted = everything if series in {"all", BALANCE, RETREAT} else (series,)
    frames = []
    for narrative in wanted:
        part = reads.evidence(store, narrative, start, end, scorer=scorer, limit=SENTENCES)
        frames.append(part.assign(narrative=narrative))
    rows = pd.concat([f for f in frames if len(f)] or frames[:1], ignore_index=True)
    chosen = rows[["affirm", "doubt", "neutral"]].max(axis=1)
    rows["strength"] = rows["probability"] * chosen.fillna(1.0)
    rows["novel"] = rows["cluster"].isna() | (rows["cluster"] == rows["doc"])
    if series in {BALANCE, RETREAT} and scorer:
        counted = on_ai_spending(reads.mentions(store, scorer))
        counted = counted[counted["rung"] != ""] if series == RETREAT else counted
        rows = rows.merge(counted[["doc", "position"]], on=["doc", "position"])
    if series == RETREAT:
        rows = rows[rows["rung"] != ""]
    order = ["strength", "doc", "position"]
    return rows.sort_values(order, ascending=[False, True, True]).reset_index(drop=True)


_READERS: dict[str, Callable[..., Any]] = {
    "mode": reads.mode,
    "narratives": _narratives,
    "index_points": reads.index_points,
    "observations": reads.observations,
    "relations": reads.relations,
    "alerts": reads.alerts,
    "source_health": source_reads.source_health,
    "failures": source_reads.failures,
    "coverage": source_reads.coverage,
    "visit_days": source_reads.visit_days,
    "skips": source_reads.skips,
    "revised": revision_reads.revised,
    "versions": reads.versions,
    "evidence": _evidence,
}


def rules_file() -> tuple[Path, str] | None:
    """The alert rules in use ($MONEYGOOD_RULES, else the shipped ones) and their text."""
    named = os.environ.get("MONEYGOOD_RULES")
    spec = importlib.util.find_spec("moneygood.signals")
    shipped = Path((spec.submodule_search_locations or [""])[0]) / "rules.yaml" if spec else Path()
    path = Path(named) if named else shipped
    try:
        return path, path.read_text("utf-8", errors="replace")
    except OSError:
        return None
