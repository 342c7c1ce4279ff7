"""A run in a process of its own, killed in the midst of a chosen stage."""

from __future__ import annotations

import itertools
import multiprocessing
import os
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fake_scorer import FakeScorer, install
from small_sources import NOW, quick_settings
from sqlalchemy import Engine, event

from moneygood import pipeline

STAGES = ("collect", "cluster", "score", "index", "relate", "alert")
# Installed modules only: the fork server does not see the tests' own folder.
PRELOAD = [
    "pytest", "alembic.command", "feedparser", "sklearn", "moneygood.nlp.sentences",
    "moneygood.pipeline", "moneygood.collectors.collect", "moneygood.collectors.duplicates",
    "moneygood.collectors.files.markdown", "moneygood.signals.correlation", "holidays",
]  # fmt: skip


@dataclass(frozen=True)
class Point:
    """SIGKILL just before the ``number``-th statement (or commit) of a stage."""

    stage: str
    number: int


def start(path: Path, sources: Path, point: Point | None, seconds: float = 0.0) -> Any:
    """Start a run in a new process; the process object has ``join`` and ``exitcode``."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOAD)
    process = context.Process(target=_run, args=(path, sources, point, seconds))
    process.start()
    return process


def count_statements(path: Path, sources: Path) -> dict[str, int]:
    """Run undisturbed in this process; the number of statements and commits by stage."""
    counts = dict.fromkeys(STAGES, 0)

    def tick(stage: str) -> None:
        counts[stage] += 1

    _observed(path, sources, tick, FakeScorer())
    return counts


def _run(path: Path, sources: Path, point: Point | None, seconds: float) -> None:
    numbers = itertools.count(1)

    def tick(stage: str) -> None:
        if point and stage == point.stage and next(numbers) == point.number:
            os.kill(os.getpid(), signal.SIGKILL)

    _observed(path, sources, tick, FakeScorer(seconds))


def _observed(path: Path, sources: Path, tick: Any, scorer: FakeScorer) -> None:
    now = ["collect"]

    def statement(_c: Any, _cursor: Any, text: str, *_: Any) -> None:
        if now[0] in ("collect", "cluster") and "cluster" in text and "INSERT" not in text:
            now[0] = "cluster"
        tick(now[0])

    def commit(_connection: Any) -> None:
        tick(now[0])

    def progress(stage: str, _done: int, _total: int) -> None:
        if STAGES.index(stage) > STAGES.index(now[0]):
            now[0] = stage

    event.listen(Engine, "before_cursor_execute", statement)
    event.listen(Engine, "commit", commit)
    try:
        with pytest.MonkeyPatch.context() as patch:
            install(patch, scorer)
            pipeline.run(
                path, quick_settings(), mode="sample", now=NOW, sources=sources, progress=progress
            )
    finally:
        event.remove(Engine, "before_cursor_execute", statement)
        event.remove(Engine, "commit", commit)
