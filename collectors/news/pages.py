"""Entries of feeds and sitemaps: which are wanted, and the pages they link to."""

from __future__ import annotations

import dataclasses

from moneygood.collectors.dates import NO_DATE
from moneygood.collectors.failures import capped, failure_of
from moneygood.collectors.news.articles import parse_article
from moneygood.collectors.sources import Source
from moneygood.collectors.visit import Visit
from moneygood.errors import CollectError
from moneygood.records import Collected, Document, Failure, Skip

MAX_FOLLOWED = 40
"""Pages fetched for one source in one visit, unless its ``limit`` says otherwise."""
WAITS = "waits for the next visit"
"""Reason of the skip that counts entries whose pages are still to be fetched."""
TITLE_OF_ADDRESS = "no title given: made from the address"
DATE_OF_CHANGE = "no publication date given: taken from the last change"


def newer(collected: Collected, visit: Visit) -> Collected:
    """Without the documents published before ``visit.since``, which are counted."""
    if visit.since is None:
        return collected
    kept = tuple(d for d in collected.documents if d.published_at >= visit.since)
    older = len(collected.documents) - len(kept)
    if not older:
        return collected
    skip = Skip(f"older than {visit.since:%Y-%m-%d}", older)
    return dataclasses.replace(collected, documents=kept, skips=(*collected.skips, skip))


def follow_pages(collected: Collected, source: Source, visit: Visit) -> Collected:
    """Each new or changed entry with the text of its page, in the order given.

    What exceeds the limit of one visit is left out and counted as ``WAITS``, so that
    it is still new at the next visit. The caller keeps no validator then: an
    unchanged answer would hide what waits.
    """
    documents: list[Document] = []
    failures: list[Failure] = []
    most = source.limit or MAX_FOLLOWED
    followed = waiting = 0
    for document in collected.documents:
        said = document.entry_hash or document.content_hash
        entry = dataclasses.replace(document, entry_hash=said)
        foreign = document.language not in ("", *source.languages) and source.languages
        if document.url and not foreign and not visit.holds(entry):
            if followed >= most:
                waiting += 1
                continue
            followed += 1
            entry, failure = _with_page(entry, visit)
            failures += [failure] if failure else []
        documents.append(entry)
    return dataclasses.replace(
        collected,
        documents=tuple(documents),
        failures=(*collected.failures, *capped(failures)),
        skips=(*collected.skips, *((Skip(WAITS, waiting),) if waiting else ())),
    )


def waiting(collected: Collected) -> int:
    """Entries left for the next visit."""
    return sum(skip.count for skip in collected.skips if skip.reason == WAITS)


def _with_page(document: Document, visit: Visit) -> tuple[Document, Failure | None]:
    try:
        page = visit.get(document.url)
        read = visit.parse(
            parse_article,
            page.body,
            source=document.source,
            now=document.first_seen_at,
            url=document.url,
            content_type=page.content_type,
        )
    except CollectError as error:
        return document, failure_of(document.source, error)
    if read.failures:
        return document, read.failures[0]
    article = read.documents[0]
    # The page must say more than the summary did, else it is a stub or a wall.
    if len(article.body) > len(document.body):
        document = dataclasses.replace(document, body=article.body)
    return _as_the_page_says(document, article), None


def _as_the_page_says(document: Document, article: Document) -> Document:
    notes = set(document.notes)
    if TITLE_OF_ADDRESS in notes and article.title:
        notes.discard(TITLE_OF_ADDRESS)
        document = dataclasses.replace(document, title=article.title)
    dated = not any(note == NO_DATE or "taken as first seen" in note for note in article.notes)
    if dated and notes & {DATE_OF_CHANGE, NO_DATE}:
        notes -= {DATE_OF_CHANGE, NO_DATE}
        document = dataclasses.replace(
            document, published_at=article.published_at, published_raw=article.published_raw
        )
    return dataclasses.replace(document, notes=tuple(n for n in document.notes if n in notes))
