"""Collect and import: sources to stored documents and observations."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from moneygood import reads, source_reads
from moneygood.document_rows import Saved
from moneygood.errors import SettingsError
from moneygood.records import Collected, Validator
from moneygood.store import Store

if TYPE_CHECKING:
    from moneygood.collectors.sources import Source
    from moneygood.collectors.visit import Visit
    from moneygood.collectors.web.hosts import Hosts

CLUSTER_DAYS = 7
Progress = Callable[[str, int, int], None]


def silent(_stage: str, _done: int, _total: int) -> None:
    """A progress report nobody reads."""


@dataclass(frozen=True, slots=True)
class Manners:
    """How the outside world is asked.

    contact    named in every request; some publishers require one
    keys       API keys by service name
    parallel   sources visited at the same time
    workers    processes that run the parsers
    seconds    most a parser may take before it is stopped
    megabytes  most memory a parser may take
    """

    contact: str = ""
    keys: Mapping[str, str] = field(default_factory=dict)
    parallel: int = 16
    workers: int = 2
    seconds: float = 20.0
    megabytes: int = 1000


POLITE = Manners()
"""The defaults, without contact and keys."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """What a collecting stage brought: new rows, revisions, failures, skipped."""

    sources: int = 0
    new: int = 0
    revised: int = 0
    seen: int = 0
    failed: int = 0
    skipped: int = 0

    def plus(self, collected: Collected, saved: Saved) -> Gathered:
        """These counts and one more visit's."""
        return Gathered(
            self.sources + 1,
            self.new + saved.new,
            self.revised + saved.revised,
            self.seen + len(collected.documents) + len(collected.observations),
            self.failed + len(collected.failures),
            self.skipped + collected.skipped,
        )


def chosen_sources(sources_file: Path, only: Sequence[str] = ()) -> list[Source]:
    """Sources of a file, all or those named. Raises SettingsError."""
    from moneygood.collectors.sources import load_sources

    listed = load_sources(sources_file)
    unknown = sorted(set(only) - {s.name for s in listed})
    if unknown:
        names = ", ".join(s.name for s in listed)
        raise SettingsError(
            str(sources_file), f"has no source {', '.join(unknown)}", f"There is: {names}"
        )
    return [s for s in listed if not only or s.name in only]


def collect_sources(
    store: Store,
    sources: Sequence[Source],
    *,
    now: datetime,
    manners: Manners = POLITE,
    since: datetime | None = None,
    progress: Progress = silent,
) -> Gathered:
    """Visit every source once and store what each yields, in the order given.

    A source already visited at exactly ``now`` is not visited again, so that a
    run that was killed and started anew ends with the same rows.
    """
    from moneygood.hosts import StoredHosts

    visited = source_reads.visited_at(store, now)
    waiting = [s for s in sources if s.name not in visited]
    total = Gathered()
    progress("collect", 0, len(waiting))
    memory = Memory(
        StoredHosts(store),
        lambda name: source_reads.held_versions(store, name),
        lambda name: source_reads.validators(store, name),
    )
    with visits(waiting, memory, now=now, manners=manners, since=since) as found:
        for i, (source, collected) in enumerate(found):
            saved = store.save_collected(collected, at=now, history=source.history)
            total = total.plus(collected, saved)
            progress("collect", i + 1, len(waiting))
    cluster_documents(store)
    return total


@dataclass(frozen=True, slots=True)
class Memory:
    """What visits may know of earlier ones, by source name; hosts by host name."""

    hosts: Hosts
    held: Callable[[str], Mapping[str, frozenset[str]]] = lambda _name: {}
    validators: Callable[[str], Mapping[str, Validator]] = lambda _name: {}


@contextmanager
def visits(
    sources: Sequence[Source],
    memory: Memory,
    *,
    now: datetime,
    manners: Manners = POLITE,
    since: datetime | None = None,
) -> Iterator[Iterator[tuple[Source, Collected]]]:
    """What each source yields now, in the order given; nothing is stored.

    Several are visited at the same time; a few results wait for their turn, so
    that memory does not grow with the number of sources.
    """
    from moneygood.collectors.collect import collect

    with visitor(memory, now=now, manners=manners, since=since) as visit_of:
        pool = ThreadPoolExecutor(manners.parallel, thread_name_prefix="visit")
        try:
            yield _in_order(
                pool, lambda source: collect(source, visit_of(source)), sources, manners.parallel
            )
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _in_order(
    pool: ThreadPoolExecutor,
    visit: Callable[[Source], Collected],
    sources: Sequence[Source],
    parallel: int,
) -> Iterator[tuple[Source, Collected]]:
    queue: deque[tuple[Source, Future[Collected]]] = deque()
    for source in sources:
        queue.append((source, pool.submit(visit, source)))
        if len(queue) >= 4 * parallel:
            first, future = queue.popleft()
            yield first, future.result()
    while queue:
        first, future = queue.popleft()
        yield first, future.result()


@contextmanager
def visitor(
    memory: Memory, *, now: datetime, manners: Manners = POLITE, since: datetime | None = None
) -> Iterator[Callable[[Source], Visit]]:
    """Makes the Visit of a source: polite fetch, what is held, killable parsers."""
    from moneygood.collectors.visit import Visit
    from moneygood.collectors.web.polite import polite
    from moneygood.collectors.web.workers import Workers

    limits = Workers(manners.workers, seconds=manners.seconds, megabytes=manners.megabytes)
    with limits as workers:

        def visit_of(source: Source) -> Visit:
            return Visit(
                now=now,
                get=polite(source, hosts=memory.hosts, contact=manners.contact),
                held=memory.held(source.name),
                validators=memory.validators(source.name),
                since=since,
                keys=manners.keys,
                parse=workers.run,
            )

        yield visit_of


def import_files(
    store: Store,
    paths: Iterable[Path],
    *,
    now: datetime,
    source: str | None = None,
    languages: Sequence[str] = ("en",),
    manners: Manners = POLITE,
    progress: Progress = silent,
) -> Gathered:
    """Store what files and folders hold, as history; texts in ``languages`` alone."""
    from moneygood.collectors.collect import wanted
    from moneygood.collectors.files.folders import import_paths
    from moneygood.collectors.web.workers import Workers

    total = Gathered()
    # A dump of a year is one file: it may take longer than what a server sends.
    limits = Workers(1, seconds=10 * manners.seconds, megabytes=4 * manners.megabytes)
    with limits as workers:
        found = import_paths(list(paths), source_name=source, now=now, parse=workers.run)
        for i, part in enumerate(found):
            collected = wanted(part, languages, parse=workers.run)
            saved = store.save_collected(collected, at=now, history=True)
            total = total.plus(collected, saved)
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
