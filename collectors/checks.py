"""Does a source answer, and with what: one visit of which nothing is kept."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import datetime, timedelta

from moneygood.collectors.collect import collect
from moneygood.collectors.news.pages import waiting
from moneygood.collectors.sources import Source, SourceKind
from moneygood.collectors.visit import Visit
from moneygood.records import Collected

STALE = timedelta(days=30)
"""A source whose newest item is older is said to be so."""
_ENOUGH = {SourceKind.FEED: 1, SourceKind.SITEMAP: 1, SourceKind.EDGAR: 1}
"""Pages or filings opened for a check: enough to see that they can be read."""


@dataclass(frozen=True, slots=True)
class SourceCheck:
    """What one visit found.

    ``documents`` counts texts the source offers, pages not fetched included;
    ``newest`` is the latest publication time (UTC), for figures the latest day at
    00:00 UTC, or None where nothing came.
    """

    name: str
    ok: bool
    finding: str
    remedy: str = ""
    documents: int = 0
    observations: int = 0
    newest: datetime | None = None


def check_source(source: Source, visit: Visit) -> SourceCheck:
    """Visit ``source`` once as if it were new, follow one page at most, store nothing."""
    if source.kind in _ENOUGH:
        source = dataclasses.replace(source, limit=_ENOUGH[source.kind])
    found = collect(source, dataclasses.replace(visit, held={}, validators={}))
    documents = len(found.documents) + waiting(found)
    observations = len(found.observations)
    newest = _newest(found)
    count = _count(documents, observations)
    remedy = found.failures[0].remedy if found.failures else ""
    if found.failures:
        first = found.failures[0]
        more = f" and {len(found.failures) - 1} more" if len(found.failures) > 1 else ""
        finding = f"{count}; {first.subject}: {first.reason}{more}"
    elif newest is None:
        left_out = ", ".join(f"{skip.count} {skip.reason}" for skip in found.skips)
        finding = f"nothing new; left out: {left_out}" if left_out else "nothing came"
        remedy = "" if left_out else "Check the address, the query or the path."
    elif visit.now - newest > STALE:
        finding = f"{count}, but none since {newest:%Y-%m-%d}"
        remedy = "The source may have moved or ended: check its page."
    else:
        finding = f"{count}, newest {newest:%Y-%m-%d %H:%M} UTC"
    came = documents + observations > 0 or bool(found.skips)
    ok = came and not (found.failures and documents + observations == 0)
    return SourceCheck(source.name, ok, finding, remedy, documents, observations, newest)


def _newest(found: Collected) -> datetime | None:
    moments = [document.published_at for document in found.documents]
    if found.observations:
        # Any day will do as a moment; the zone is that of every stored time.
        day = max(o.date for o in found.observations)
        zone = found.observations[0].first_seen_at.tzinfo
        moments.append(datetime(day.year, day.month, day.day, tzinfo=zone))
    return max(moments, default=None)


def _count(documents: int, observations: int) -> str:
    parts = [
        f"{count} {noun}{'' if count == 1 else 's'}"
        for count, noun in ((documents, "text"), (observations, "figure"))
        if count
    ]
    return " and ".join(parts) or "nothing"
