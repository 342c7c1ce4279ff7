"""The whole job: collect, score, index, relate, alert.

The only place where the stages meet. It writes through the store, takes its
clock as an argument, and can be killed at any moment and run again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from moneygood import reads
from moneygood.alerting import check_alerts, rules_path
from moneygood.errors import StoreError
from moneygood.gather import Gathered, Manners, Progress, chosen_sources, collect_sources, silent
from moneygood.measure import Measured, index, relate
from moneygood.reading import Read, encoder_of, own_heads, score_pending
from moneygood.records import Alert, AlertState
from moneygood.settings import Settings
from moneygood.store import Store

SAMPLE_NOW = datetime(2025, 3, 31, 23, 0, tzinfo=UTC)
SAMPLE_SOURCES = Path(__file__).parent / "collectors" / "sample" / "sources.toml"
LIVE_SOURCES = Path(__file__).parent / "collectors" / "sources.toml"


@dataclass(frozen=True, slots=True)
class Run:
    """What one run did, stage by stage."""

    gathered: Gathered
    read: Read
    measured: tuple[Measured, ...]
    related: tuple[Measured, ...]
    firing: tuple[Alert, ...]


def current_version(settings: Settings) -> str:
    """The scorer version of the settings; loads no model.

    Raises ModelError for a narrative of the user's that was trained with other weights.
    """
    from moneygood.nlp.version import scorer_version

    scoring = settings.scoring
    return scorer_version(encoder=encoder_of(scoring), own=own_heads(scoring))


def manners(settings: Settings) -> Manners:
    """How the outside world is asked, by the settings."""
    return Manners(settings.contact, settings.keys, **settings.collect.model_dump())


@contextmanager
def only_writer(path: Path) -> Iterator[None]:
    """Let one process at a time work on a database.

    Raises StoreError when another one does, or the folder cannot be written.
    """
    lock = FileLock(path.with_name(path.name + ".lock"), timeout=0)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout as error:
        raise StoreError(
            str(path), "another moneygood is working on it", "Wait for it to end, or stop it"
        ) from error
    except OSError as error:
        raise StoreError(
            str(path.parent),
            f"cannot be written ({error.strerror})",
            "Make the folder writable, or set MONEYGOOD_HOME to another",
        ) from error
    try:
        yield
    finally:
        lock.release()


def measure_all(
    store: Store,
    settings: Settings,
    *,
    mode: str,
    version: str,
    as_of: datetime,
    progress: Progress = silent,
) -> tuple[list[Measured], list[Measured], list[Alert]]:
    """Index, relate and alert as of a moment; records the mode of the database."""
    measured = index(store, settings, scorer=version, as_of=as_of, progress=progress)
    related = relate(store, settings, scorer=version, as_of=as_of, progress=progress)
    alerts = check_alerts(
        store,
        rules_path(settings.alerts.rules),
        scorer=version,
        as_of=as_of,
        progress=progress,
    )
    store.save_mode(mode, as_of, version)
    return measured, related, alerts


def run(
    path: Path,
    settings: Settings,
    *,
    mode: str,
    now: datetime,
    sources: Path | None,
    progress: Progress = silent,
) -> Run:
    """Bring a database up to ``now``; without ``sources`` nothing is collected.

    Raises MoneygoodError with a remedy.
    """
    version = current_version(settings)
    with only_writer(path), Store(path) as store:
        gathered = Gathered()
        if sources is not None:
            gathered = collect_sources(
                store,
                chosen_sources(sources),
                now=now,
                manners=manners(settings),
                progress=progress,
            )
        read = score_pending(store, settings.scoring, version=version, progress=progress)
        measured, related, alerts = measure_all(
            store, settings, mode=mode, version=version, as_of=now, progress=progress
        )
    last = max((alert.day for alert in alerts), default=None)
    firing = [a for a in alerts if a.day == last and a.state is AlertState.FIRING]
    return Run(gathered, read, tuple(measured), tuple(related), tuple(firing))


def database_mode(store: Store) -> reads.Mode:
    """The mode of a database that was run at least once. Raises StoreError."""
    found = reads.mode(store)
    if found is None:
        raise StoreError(
            str(store.path), "holds no complete run yet", "Run `moneygood run --sample` first"
        )
    return found
