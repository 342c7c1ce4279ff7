"""Collect and import: sources to stored documents and observations."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from moneygood import reads
from moneygood.errors import SettingsError
from moneygood.records import Collected
from moneygood.store import Store

CLUSTER_DAYS = 7
Progress = Callable[[str, int, int], None]


def silent(_stage: str, _done: int, _total: int) -> None:
    """A progress report nobody reads."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """What a collecting stage brought: new rows, duplicates, failures, skipped."""

    sources: int = 0
    new: int = 0
    seen: int = 0
    failed: int = 0
    skipped: int = 0

    def plus(self, collected: Collected, new: int) -> Gathered:
        """These counts and one more visit's."""
        return Gathered(
            self.sources + 1,
            self.new + new,
            self.seen + len(collected.documents) + len(collected.observations),
            self.failed + len(collected.failures),
            self.skipped + collected.skipped,
        )


def collect_sources(
    store: Store,
    sources_file: Path,
    *,
    now: datetime,
    contact: str = "",
    only: Sequence[str] = (),
    progress: Progress = silent,
) -> Gathered:
    """Visit every source of a file once and store what each yields.

    A source already visited at exactly ``now`` is not visited again, so that a
    run that was killed and started anew ends with the same rows.
    """
    from moneygood.collectors.collect import collect
    from moneygood.collectors.sources import load_sources

    listed = load_sources(sources_file)
    unknown = sorted(set(only) - {s.name for s in listed})
    if unknown:
        names = ", ".join(s.name for s in listed)
        raise SettingsError(
            str(sources_file), f"has no source {', '.join(unknown)}", f"There is: {names}"
        )
    sources = [s for s in listed if not only or s.name in only]
    visited = reads.visited_at(store, now)
    total = Gathered()
    for i, source in enumerate(sources):
        progress("collect", i, len(sources))
        if source.name not in visited:
            known = reads.known_uids(store, source.name) if source.follow else frozenset()
            collected = collect(source, now=now, contact=contact, known=known)
            new = store.save_collected(collected, at=now, history=source.history)
            total = total.plus(collected, new)
    progress("collect", len(sources), len(sources))
    cluster_documents(store)
    return total


def import_files(
    store: Store,
    paths: Iterable[Path],
    *,
    now: datetime,
    source: str | None = None,
    progress: Progress = silent,
) -> Gathered:
    """Store what files and folders hold, as history."""
    from moneygood.collectors.folders import import_paths

    total = Gathered()
    for i, collected in enumerate(import_paths(list(paths), source_name=source, now=now)):
        new = store.save_collected(collected, at=now, history=True)
        total = total.plus(collected, new)
        progress("import", i + 1, 0)
    cluster_documents(store)
    return total


def cluster_documents(store: Store) -> int:
    """Give every new document its near-duplicate head; returns how many had none yet."""
    from moneygood.collectors.duplicates import assign_clusters

    fresh = reads.unclustered(store)
    if not fresh:
        return 0
    span = timedelta(days=CLUSTER_DAYS)
    times = [published for _, published, _ in fresh]
    known = reads.clustered(store, min(times) - span, max(times) + span)
    heads = assign_clusters(_keyed(fresh), known=_keyed(known), days=CLUSTER_DAYS)
    store.save_clusters({int(key): int(head) for key, head in heads.items()})
    return len(fresh)


def _keyed(items: list[tuple[int, datetime, str]]) -> list[tuple[str, datetime, str]]:
    return [(str(key), published, text) for key, published, text in items]
