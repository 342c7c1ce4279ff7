"""Visits that store nothing: dry runs and checks of sources."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from moneygood import source_reads
from moneygood.collectors.web.hosts import MemoryHosts
from moneygood.gather import Manners, Memory, Progress, silent, visitor, visits
from moneygood.records import Collected, Failure, Skip
from moneygood.store import Store

if TYPE_CHECKING:
    from moneygood.collectors.checks import SourceCheck
    from moneygood.collectors.sources import Source


@dataclass(frozen=True, slots=True)
class Tried:
    """What a visit would have brought.

    ``new`` counts texts that are not held, further versions among them.
    """

    source: str
    documents: int
    new: int
    observations: int
    newest: datetime | None
    skips: tuple[Skip, ...] = ()
    failures: tuple[Failure, ...] = ()
    unchanged: bool = False


def try_sources(
    path: Path,
    sources: Sequence[Source],
    *,
    now: datetime,
    manners: Manners,
    since: datetime | None = None,
    progress: Progress = silent,
) -> list[Tried]:
    """Visit every source as ``collect`` would and store nothing.

    What the database at ``path`` holds, if there is one, is taken into account.
    """
    held, memory = _memory(path)
    tried: list[Tried] = []
    with visits(sources, memory, now=now, manners=manners, since=since) as found:
        for i, (_, collected) in enumerate(found):
            tried.append(_tried(collected, held.get(collected.source, {})))
            progress("collect", i + 1, len(sources))
    return tried


def _memory(path: Path) -> tuple[dict[str, dict[str, frozenset[str]]], Memory]:
    held: dict[str, dict[str, frozenset[str]]] = {}
    if not path.exists():
        return held, Memory(MemoryHosts())

    def of(name: str) -> dict[str, frozenset[str]]:
        with Store(path, readonly=True) as store:
            held[name] = source_reads.held_versions(store, name)
        return held[name]

    # Without validators, so that the server gives everything and it can be shown.
    return held, Memory(MemoryHosts(), of)


def _tried(collected: Collected, held: dict[str, frozenset[str]]) -> Tried:
    fresh = [
        d
        for d in collected.documents
        if (d.entry_hash or d.content_hash) not in held.get(d.uid, frozenset())
    ]
    return Tried(
        source=collected.source,
        documents=len(collected.documents),
        new=len(fresh),
        observations=len(collected.observations),
        newest=max((d.published_at for d in collected.documents), default=None),
        skips=collected.skips,
        failures=collected.failures,
        unchanged=collected.unchanged,
    )


def check_sources(
    sources: Sequence[Source], *, now: datetime, manners: Manners, progress: Progress = silent
) -> list[SourceCheck]:
    """Visit every source once without what is held, and say what each gives."""
    from moneygood.collectors.checks import check_source

    checks: list[SourceCheck] = []
    with visitor(Memory(MemoryHosts()), now=now, manners=manners) as visit_of:
        for i, source in enumerate(sources):
            checks.append(check_source(source, visit_of(source)))
            progress("check", i + 1, len(sources))
    return checks
