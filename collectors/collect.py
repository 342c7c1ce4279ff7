"""One visit to one source: fetch or read, parse, and never stop the others."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable, Collection
from datetime import datetime
from pathlib import Path

from moneygood.collectors import http
from moneygood.collectors.feeds import parse_feed
from moneygood.collectors.http import Fetch, Response
from moneygood.collectors.sources import Source, SourceKind
from moneygood.errors import CollectError, ParseError
from moneygood.records import Collected, Document, Failure, Kind

log = logging.getLogger(__name__)

MAX_FOLLOWED = 40
"""Pages fetched for one feed in one visit; the rest keep their summaries."""
_MAX_LOCAL = 100_000_000


def collect(
    source: Source,
    *,
    now: datetime,
    contact: str = "",
    fetch: Fetch = http.fetch,
    known: Collection[str] = (),
) -> Collected:
    """What ``source`` yields now: documents, observations and failures.

    ``now`` (UTC) is when things count as first seen; ``known`` are the uids of
    documents held already, whose pages are not fetched again. Any error becomes
    a Failure naming the source.
    """
    try:
        return _READERS[source.kind](source, now, contact, fetch, known)
    except CollectError as error:
        failure = Failure(source.name, error.subject, error.reason, error.remedy)
    except Exception as error:
        log.exception("source %s failed", source.name)
        reason = f"unexpected {type(error).__name__}: {error}"
        failure = Failure(source.name, _subject(source), reason, "Please report this.")
    return Collected(source.name, failures=(failure,))


def _feed(
    source: Source, now: datetime, contact: str, fetch: Fetch, known: Collection[str]
) -> Collected:
    answer = _open(source, now, contact, fetch)
    found = parse_feed(answer.body, source=source, now=now, headers=answer.headers)
    if not source.follow:
        return found
    documents: list[Document] = []
    failures = list(found.failures)
    followed = 0
    for document in found.documents:
        if document.url and document.uid not in known and followed < MAX_FOLLOWED:
            followed += 1
            document, failure = _followed(document, contact, fetch)
            failures += [failure] if failure else []
        documents.append(document)
    return dataclasses.replace(found, documents=tuple(documents), failures=tuple(failures))


def _followed(document: Document, contact: str, fetch: Fetch) -> tuple[Document, Failure | None]:
    from moneygood.collectors.articles import parse_article

    try:
        page = fetch(document.url, contact=contact)
    except CollectError as error:
        return document, Failure(document.source, error.subject, error.reason, error.remedy)
    read = parse_article(
        page.body,
        source=document.source,
        now=document.first_seen_at,
        url=document.url,
        content_type=page.content_type,
    )
    if read.failures:
        return document, read.failures[0]
    body = read.documents[0].body
    # The page must say more than the summary did, else it is a stub or a wall.
    return (
        (dataclasses.replace(document, body=body), None)
        if len(body) > len(document.body)
        else (document, None)
    )


def _folder(
    source: Source, now: datetime, contact: str, fetch: Fetch, known: Collection[str]
) -> Collected:
    from moneygood.collectors.folders import import_paths

    # News is the default: let calls and speeches in a mixed folder say so.
    kind = None if source.text_kind is Kind.NEWS else source.text_kind
    parts = list(
        import_paths(
            [Path(source.path)],
            source_name=source.name,
            now=now,
            kind=kind,
            tickers=source.tickers,
            history=source.history,
        )
    )
    return Collected(
        source.name,
        tuple(d for part in parts for d in part.documents),
        tuple(o for part in parts for o in part.observations),
        tuple(f for part in parts for f in part.failures),
        sum(part.skipped for part in parts),
    )


def _yields(
    source: Source, now: datetime, contact: str, fetch: Fetch, known: Collection[str]
) -> Collected:
    from moneygood.collectors import yields

    body = _open(source, now, contact, fetch).body
    if source.kind is SourceKind.FRED:
        return yields.parse_fred_csv(
            body, source=source.name, series=source.series, now=now, history=source.history
        )
    xml = source.kind is SourceKind.TREASURY_XML
    parse = yields.parse_treasury_xml if xml else yields.parse_treasury_csv
    return parse(body, source=source.name, now=now, history=source.history)


def _prices(
    source: Source, now: datetime, contact: str, fetch: Fetch, known: Collection[str]
) -> Collected:
    from moneygood.collectors.prices import parse_prices

    ticker = source.tickers[0] if len(source.tickers) == 1 else ""
    if source.url:
        body, parts = _open(source, now, contact, fetch).body, []
        parts = [(body, source.url.partition("?")[0])]
    else:
        path = Path(source.path)
        files = sorted(path.glob("*.csv")) if path.is_dir() else [path]
        if not files:
            raise ParseError(str(path), "holds no .csv file", "Put TICKER.csv files there.")
        parts = [(_local(file), file.name) for file in files]
    read = [
        parse_prices(
            body, source=source.name, now=now, name=name, ticker=ticker, history=source.history
        )
        for body, name in parts
    ]
    return Collected(
        source.name,
        (),
        tuple(o for part in read for o in part.observations),
        tuple(f for part in read for f in part.failures),
    )


def _open(source: Source, now: datetime, contact: str, fetch: Fetch) -> Response:
    if source.path:
        return Response(source.path, 200, _local(Path(source.path)))
    return fetch(source.url.replace("{year}", str(now.year)), contact=contact)


def _local(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_LOCAL + 1)
    except OSError as error:
        reason = f"cannot be read ({error.strerror or error})"
        raise ParseError(str(path), reason, "Check the path in the sources file.") from error
    if len(data) > _MAX_LOCAL:
        raise ParseError(str(path), "larger than 100 MB", "Split the file.")
    return data


def _subject(source: Source) -> str:
    return source.url or source.path


_Reader = Callable[[Source, datetime, str, Fetch, Collection[str]], Collected]
_READERS: dict[SourceKind, _Reader] = {
    SourceKind.FEED: _feed,
    SourceKind.FOLDER: _folder,
    SourceKind.CALL: _folder,
    SourceKind.TREASURY_CSV: _yields,
    SourceKind.TREASURY_XML: _yields,
    SourceKind.FRED: _yields,
    SourceKind.PRICES: _prices,
}
