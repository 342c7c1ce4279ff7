"""Round after round: what keeps a desk's database up to date unattended."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from types import FrameType

from moneygood.errors import MoneygoodError
from moneygood.pipeline import Run, run
from moneygood.settings import Settings

log = logging.getLogger(__name__)

LOOK = 5.0
"""Seconds between two looks at the watched folders."""


def watch(
    path: Path,
    settings: Settings,
    *,
    sources: Path,
    every: timedelta,
    clock: Callable[[], datetime],
    say: Callable[[str], None],
    rounds: int = 0,
    look: float = LOOK,
) -> None:
    """Run the pipeline every ``every``, and at once when a watched folder changes.

    A round that fails is said and tried again the next time. ``rounds`` 0 means
    until SIGINT or SIGTERM, which end the current round first.
    """
    from moneygood.collectors.files.watch import Watch
    from moneygood.collectors.sources import SourceKind, load_sources

    local = {SourceKind.FOLDER, SourceKind.CALL}
    folders = [Path(s.path) for s in load_sources(sources) if s.kind in local]
    watching = Watch(tuple(folders))
    with _until_stopped() as stopped:
        done = 0
        while not stopped.is_set():
            watching.poll()
            _round(path, settings, sources, clock(), say)
            done += 1
            if rounds and done >= rounds:
                return
            due = clock() + every
            while clock() < due and not stopped.wait(look):
                if watching.poll():
                    break


def _round(
    path: Path, settings: Settings, sources: Path, now: datetime, say: Callable[[str], None]
) -> None:
    try:
        done = run(path, settings, mode="live", now=now, sources=sources)
    except MoneygoodError as error:
        say(f"{now:%Y-%m-%d %H:%M} failed: {error}")
    except Exception as error:
        log.exception("round failed")
        say(f"{now:%Y-%m-%d %H:%M} failed: {type(error).__name__}: {error}")
    else:
        say(f"{now:%Y-%m-%d %H:%M} {_line(done)}")


def _line(done: Run) -> str:
    gathered, read = done.gathered, done.read
    firing = ", ".join(alert.rule for alert in done.firing) or "none"
    return (
        f"{gathered.new} new, {gathered.revised} revised, {gathered.failed} failed;"
        f" {read.mentions} mentions in {read.documents} texts; firing: {firing}"
    )


@contextmanager
def _until_stopped() -> Iterator[threading.Event]:
    stopped = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopped.set()

    if threading.current_thread() is not threading.main_thread():
        yield stopped
        return
    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
