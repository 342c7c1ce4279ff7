"""One visit to one source: fetch or read, parse, and never stop the others."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from importlib import import_module

from moneygood.collectors.failures import failure_of
from moneygood.collectors.language import keep_languages
from moneygood.collectors.sources import Source, SourceKind
from moneygood.collectors.visit import Parse, Visit, parse_here
from moneygood.collectors.web.masking import masked
from moneygood.errors import CollectError
from moneygood.records import Collected, Failure, Skip

log = logging.getLogger(__name__)

Reader = Callable[[Source, Visit], Collected]
READERS: dict[SourceKind, str] = {
    SourceKind.FEED: "news.feed_source:read_feed",
    SourceKind.FOLDER: "files.folder_source:read_folder",
    SourceKind.CALL: "files.folder_source:read_folder",
    SourceKind.TREASURY_CSV: "series.sources:read_yields",
    SourceKind.TREASURY_XML: "series.sources:read_yields",
    SourceKind.FRED: "series.sources:read_yields",
    SourceKind.FRED_API: "series.sources:read_fred_api",
    SourceKind.PRICES: "series.sources:read_prices",
    SourceKind.TIINGO: "series.sources:read_tiingo",
    SourceKind.YFINANCE: "series.sources:read_yfinance",
    SourceKind.SITEMAP: "news.sitemaps:read_sitemap",
    SourceKind.EDGAR: "news.edgar:read_edgar",
    SourceKind.GDELT: "news.gdelt:read_gdelt",
    SourceKind.HACKERNEWS: "news.hackernews:read_hackernews",
}
"""Where each kind's reader is: loaded when a source of that kind is visited."""


def collect(source: Source, visit: Visit) -> Collected:
    """What ``source`` yields now: documents, observations and failures.

    Texts in other languages than the source's and those older than ``visit.since``
    are left out and counted. Any error becomes a Failure naming the source.
    """
    try:
        found = reader(source.kind)(source, visit)
        return wanted(found, source.languages, visit.since, parse=visit.parse)
    except CollectError as error:
        failure = failure_of(source.name, error)
    except Exception as error:
        log.exception("source %s failed", source.name)
        reason = masked(f"unexpected {type(error).__name__}: {error}")
        failure = Failure(source.name, source.subject, reason, "Please report this.")
    return Collected(source.name, failures=(failure,))


def wanted(
    collected: Collected,
    languages: Sequence[str],
    since: datetime | None = None,
    *,
    parse: Parse = parse_here,
) -> Collected:
    """The same without texts in other languages or published before ``since``."""
    documents = collected.documents
    skips: tuple[Skip, ...] = ()
    if since is not None:
        recent = tuple(d for d in documents if d.published_at >= since)
        if old := len(documents) - len(recent):
            skips = (Skip(f"older than {since:%Y-%m-%d}", old),)
        documents = recent
    if documents:
        documents, foreign = parse(keep_languages, documents, languages)
        skips += foreign
    return dataclasses.replace(collected, documents=documents, skips=(*collected.skips, *skips))


def reader(kind: SourceKind) -> Reader:
    """The function that visits a source of this kind."""
    module, _, name = READERS[kind].partition(":")
    found: Reader = getattr(import_module(f"moneygood.collectors.{module}"), name)
    return found
