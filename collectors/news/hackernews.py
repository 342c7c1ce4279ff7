"""Hacker News stories that match a query, from Algolia's public search."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from moneygood.collectors.answers import list_of, read_object, text_of
from moneygood.collectors.dates import settle
from moneygood.collectors.documents import MAX_TEXT, make_document
from moneygood.collectors.failures import failure_of
from moneygood.collectors.news.pages import newer
from moneygood.collectors.sources import Source
from moneygood.collectors.text import http_url, one_line, plain
from moneygood.collectors.visit import Visit
from moneygood.errors import ParseError
from moneygood.records import Collected, Document, Failure, Skip

ADDRESS = "https://hn.algolia.com/api/v1/search_by_date"
ITEM = "https://news.ycombinator.com/item?id="
MOST = 200
"""Stories asked for in one visit, unless the source's ``limit`` says otherwise."""
MOST_OF_ONE_PAGE = 1000
WINDOW = timedelta(days=30)
"""How far back a visit looks that names no date."""
_ODD = "Try again later; hn.algolia.com/api says how the search is asked."


def read_hackernews(source: Source, visit: Visit) -> Collected:
    """Stories that match the source's query, newest first."""
    answer = visit.get(address(source, visit.since or visit.now - WINDOW))
    found = visit.parse(parse_hackernews, answer.body, source=source, now=visit.now)
    return newer(found, visit)


def address(source: Source, start: datetime) -> str:
    """The address that asks for stories posted since ``start`` (UTC)."""
    wanted = {
        "query": source.query,
        "tags": "story",
        "numericFilters": f"created_at_i>={int(start.timestamp())}",
        "hitsPerPage": str(min(source.limit or MOST, MOST_OF_ONE_PAGE)),
        # Else "deepseek" also finds what is spelled nearly so.
        "typoTolerance": "false",
    }
    base = source.url or ADDRESS
    return f"{base}{'&' if '?' in base else '?'}{urlencode(wanted)}"


def parse_hackernews(data: bytes, *, source: Source, now: datetime) -> Collected:
    """Documents of one search answer. Never raises on any bytes; no match is no failure."""
    subject = source.query or "answer"
    try:
        table = read_object(data, subject, _ODD)
    except ParseError as error:
        failure = failure_of(source.name, error)
        return Collected(source.name, failures=(failure,))
    if not isinstance(table.get("hits"), list):
        said = one_line(text_of(table, "message"))[:120]
        reason = f"the search answered {said!r}" if said else "the answer has no list of hits"
        return Collected(source.name, failures=(Failure(source.name, subject, reason, _ODD),))
    documents: dict[str, Document] = {}
    unusable = repeated = 0
    hits = list_of(table, "hits")
    for hit in hits:
        document = _document(hit, source, now) if isinstance(hit, dict) else None
        if document is None:
            unusable += 1
        elif document.guid in documents:
            repeated += 1
        else:
            documents[document.guid] = document
    total = table.get("nbHits")
    beyond = total - len(hits) if type(total) is int else 0
    counts = (
        ("neither title nor number", unusable),
        ("repeated in the same answer", repeated),
        ("beyond the limit of one visit", beyond),
    )
    skips = tuple(Skip(reason, count) for reason, count in counts if count > 0)
    return Collected(source.name, tuple(documents.values()), (), (), skips)


def _document(hit: dict[str, Any], source: Source, now: datetime) -> Document | None:
    number = hit.get("objectID")
    number = str(number) if isinstance(number, int | str) else ""
    title = plain(text_of(hit, "title")[:2000])
    if not (number.isascii() and number.isdigit() and title):
        return None
    page = f"{ITEM}{number}"
    created = hit.get("created_at_i")
    return make_document(
        source=source.name,
        kind=source.text_kind,
        title=title,
        body=plain(text_of(hit, "story_text")[:MAX_TEXT]),
        now=now,
        published=settle(text_of(hit, "created_at"), now, parsed=_moment(created)),
        url=http_url(text_of(hit, "url")) or page,
        guid=page,
        tickers=source.tickers,
        history=source.history,
    )


def _moment(seconds: object) -> datetime | None:
    if not isinstance(seconds, int) or isinstance(seconds, bool):
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None
