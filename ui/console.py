"""What commands print: progress, lines for people, JSON for programs."""

from __future__ import annotations

import dataclasses
import json
import math
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

import pandas as pd
import typer

from moneygood.gather import Progress
from moneygood.ui.coverage import health_words
from moneygood.ui.coverage_tables import ill_rank
from moneygood.ui.words import lag_words

_STEP = 10
ERROR = 120
"""Most characters of a last error on a source's line."""
NAME = 32
"""Most characters that names are padded to; a longer one stands out of line."""


class Console:
    """Where a command's output goes; ``as_json`` keeps standard output for the result."""

    def __init__(self, as_json: bool) -> None:
        self._json = as_json

    @contextmanager
    def progress(self) -> Iterator[Progress]:
        """A progress bar per stage on a terminal, plain lines on stderr otherwise."""
        if sys.stderr.isatty() and not self._json:
            with _bars() as report:
                yield report
        else:
            yield _PlainProgress()

    def result(self, value: Any, lines: Callable[[], Sequence[str]]) -> None:
        """Print the result: JSON where asked for, else the lines."""
        if self._json:
            typer.echo(json.dumps(plain(value), indent=1, allow_nan=False))
        else:
            for line in lines():
                typer.echo(line)


@contextmanager
def _bars() -> Iterator[Progress]:
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = (
        TextColumn("{task.description:8}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Bars(*columns) as bars:
        tasks: dict[str, Any] = {}

        def report(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=total or None)
            bars.update(tasks[stage], completed=done, total=total or None)

        yield report


class _PlainProgress:
    """One line at the start and end of a stage and every tenth of it."""

    def __init__(self) -> None:
        self._last: dict[str, int] = {}

    def __call__(self, stage: str, done: int, total: int) -> None:
        step = done * _STEP // total if total else (0 if done == 0 else 1)
        if self._last.get(stage) == step:
            return
        self._last[stage] = step
        of = f" of {total}" if total else ""
        typer.echo(f"{stage} {done}{of}", err=True)


def plain(value: Any) -> Any:
    """The same value of JSON's own types; NaN and infinities become null."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(v) for v in value]
    if isinstance(value, (datetime, date)):
        return None if pd.isna(value) else value.isoformat()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, (bool, int)):
        return value
    return str(value)


def _share(value: float | None) -> str:
    return "  –  " if value is None else f"{value:5.3f}"


def evaluation_lines(result: Any) -> list[str]:
    """An evaluation as a table and its commonest mistakes."""
    lines = [
        f"{result.sentences} sentences, scorer {result.scorer}",
        f"{'':12} labelled found precision recall  F1    stance  ECE",
    ]
    for r in result.narratives:
        lines.append(
            f"{r.narrative:12} {r.labelled:8} {r.found:5} {_share(r.precision):>9}"
            f" {_share(r.recall)}  {_share(r.f1)}  {_share(r.stance_accuracy)}"
            f"  {r.calibration_error:5.3f}"
        )
    lines.append(
        f"stance accuracy {_share(result.stance_accuracy)}, rung accuracy"
        f" {_share(result.rung_accuracy)} of {result.rung_labelled}"
    )
    for r in result.narratives:
        for title, mistakes in (("missed", r.missed), ("invented", r.invented)):
            for m in mistakes[:3]:
                lines.append(f"{r.narrative} {title} p={m.probability:.2f}: {m.text[:160]}")
    return lines


def alert_lines(frame: pd.DataFrame) -> list[str]:
    """One line an alert rule."""
    if frame.empty:
        return ["no alert rule has been evaluated yet: run `moneygood run` first"]
    lines = []
    for row in frame.to_dict("records"):
        since = "" if pd.isna(row["since"]) else f" since {row['since']:%Y-%m-%d}"
        value = "no value" if pd.isna(row["value"]) else f"{row['value']:.2f}"
        lines.append(
            f"{row['state']:9} {row['rule']}{since}, {value} on {row['day']:%Y-%m-%d}"
            f" {row['summary']}".rstrip()
        )
    return lines


def _brought(tried: Any) -> str:
    """``3 texts, 1 new``; a source of figures has no texts to count."""
    if tried.unchanged:
        return "nothing new, says the server"
    texts, figures = tried.documents, tried.observations
    said = [f"{texts} text{'s' * (texts != 1)}, {tried.new} new"] if texts else []
    said += [f"{figures} figure{'s' * (figures != 1)}"] if figures else []
    return ", ".join(said) or "nothing"


def try_lines(tried: list[Any]) -> list[str]:
    """One line a source of a dry run, with what was left out and what failed."""
    lines = []
    for t in tried:
        newest = f", newest {t.newest:%Y-%m-%d %H:%M}" if t.newest else ""
        lines.append(f"{t.source:24} {_brought(t)}{newest}")
        lines += [f"  left out {skip.count}: {one_line(skip.reason)}" for skip in t.skips]
        lines += [f"  failed   {one_line(str(failure))}" for failure in t.failures]
    return [*lines, "dry run: nothing was stored"]


def source_lines(
    health: pd.DataFrame, failed: pd.DataFrame, states: Mapping[str, str]
) -> list[str]:
    """One line a source, ills first, then what failed: failures alike on one line.

    ``failed`` has the columns of ``coverage_tables.failure_groups``, ``states`` each
    source's state in words.
    """
    if health.empty:
        return ["no source was visited yet: run `moneygood run --sample` first"]
    name = min(max(len(source) for source in states), NAME)
    state = max(len(words) for words in states.values())
    rows = sorted(health.to_dict("records"), key=lambda row: ill_rank(states[row["source"]]))
    lines = [
        f"{one_line(row['source']):{name}}  {states[row['source']]:{state}}  {_source_words(row)}"
        for row in rows
    ]
    return [*lines, health_words(dict(states)), *(_failure_line(row) for row in _records(failed))]


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(k): v for k, v in row.items()} for row in frame.to_dict("records")]


def _failure_line(row: Mapping[str, Any]) -> str:
    often = f", {row['times']} times since {row['first']:%Y-%m-%d}" if row["times"] > 1 else ""
    return one_line(
        f"failed {row['last']:%Y-%m-%d}{often}: {row['source']}: {row['subject']}:"
        f" {row['reason']}. {row['remedy']}"
    )


def _source_words(row: Any) -> str:
    visit = "last visit" if row["visits"] else "imported"
    counts = [f"{row[kind]} {word}" for kind, word in (("fetched", "read"), ("new", "new"))]
    for kind, word in (("revised", "revised"), ("skipped", "left out"), ("failed", "failed")):
        if row[kind]:
            counts.append(f"{row[kind]} {word}")
    line = f"{visit} {row['last_visit']:%Y-%m-%d %H:%M} UTC: {', '.join(counts)}"
    if row["documents"]:
        line += f"; {row['documents']} text{'s' * (row['documents'] != 1)} held"
    if lag := lag_words(row["lag_hours"]):
        line += f", lag {lag}"
    if not pd.isna(row["last_error_at"]):
        error = one_line(str(row["last_error"]))[:ERROR]
        line += f"; last error {row['last_error_at']:%Y-%m-%d}: {error}"
    return line


def one_line(text: str) -> str:
    """``text`` without the line ends and control characters an answer may hold."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
