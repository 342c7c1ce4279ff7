"""Entries of feeds and sitemaps: which are wanted, and the pages they link to."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from enum import Enum, auto

from moneygood.collectors.dates import NO_DATE
from moneygood.collectors.failures import capped, failure_of
from moneygood.collectors.news.articles import parse_article
from moneygood.collectors.sources import Source
from moneygood.collectors.visit import Visit
from moneygood.collectors.web.errors import passing
from moneygood.collectors.web.masking import masked
from moneygood.errors import CollectError
from moneygood.records import Collected, Document, Failure, Skip, content_hash

MAX_FOLLOWED = 40
"""Pages fetched for one source in one visit, unless its ``limit`` says otherwise."""
WAITS = "waits for the next visit"
"""Reason of the skip that counts entries whose pages are still to be fetched."""
TITLE_OF_ADDRESS = "no title given: made from the address"
DATE_OF_CHANGE = "no publication date given: taken from the last change"


class _Page(Enum):
    """What is to be done about the page of an entry."""

    NONE = auto()
    NEW = auto()
    AGAIN = auto()


@dataclass(frozen=True, slots=True)
class Followed:
    """Entries with the texts of their pages.

    complete  no page is left to a later visit; else the caller keeps no validator,
              for an unchanged answer would hide what is left
    """

    found: Collected
    complete: bool


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


def follow_pages(collected: Collected, source: Source, visit: Visit) -> Followed:
    """Each new or changed entry with the text of its page, in the order given.

    What exceeds the limit of one visit is left out and counted as ``WAITS``, so that
    it is still new at the next visit. A page that cannot be read for now (its host is
    down or wants a pause) leaves what the entry says, and is asked for again at later
    visits, after new ones; any other failure of a first try is final until the entry changes.
    """
    pages = [_page(document, source, visit) for document in collected.documents]
    # Dead pages must not keep new ones waiting.
    new = [i for i, page in enumerate(pages) if page is _Page.NEW]
    again = [i for i, page in enumerate(pages) if page is _Page.AGAIN]
    most = source.limit or MAX_FOLLOWED
    chosen, waits = {*(new + again)[:most]}, {*new[most:]}
    left = len(new) + len(again) - len(chosen)
    documents: list[Document] = []
    failures: list[Failure] = []
    waiting = len(waits)
    for i, document in enumerate(collected.documents):
        if i in waits:
            continue
        said = _said(document)
        entry = dataclasses.replace(document, entry_hash=said)
        failure: Failure | None = None
        later = i not in chosen and pages[i] is _Page.AGAIN
        if i in chosen:
            entry, failure, later = _with_page(entry, visit)
        failures += [failure] if failure else []
        if i in chosen and later:
            left += 1
            if TITLE_OF_ADDRESS in document.notes:
                waiting += 1
                continue
        held = visit.held.get(document.uid, frozenset())
        if later:
            entry = dataclasses.replace(entry, entry_hash=_unread(said))
        elif _unread(said) in held:
            entry = dataclasses.replace(entry, entry_hash=_read_late(said))
        documents.append(entry)
    found = dataclasses.replace(
        collected,
        documents=tuple(documents),
        failures=(*collected.failures, *capped(failures)),
        skips=(*collected.skips, *((Skip(WAITS, waiting),) if waiting else ())),
    )
    return Followed(found, complete=not left)


def _said(document: Document) -> str:
    return document.entry_hash or document.content_hash


def _unread(said: str) -> str:
    """Entry hash of an entry whose page could not be read for now."""
    return content_hash("page not read", said)


def _read_late(said: str) -> str:
    """Entry hash of an entry whose page was read at a later visit."""
    return content_hash("page read late", said)


def _page(document: Document, source: Source, visit: Visit) -> _Page:
    held = visit.held.get(document.uid, frozenset())
    said = _said(document)
    foreign = document.language not in ("", *source.languages) and source.languages
    if not document.url or foreign or _read_late(said) in held:
        return _Page.NONE
    if _unread(said) in held:
        return _Page.AGAIN
    return _Page.NONE if said in held else _Page.NEW


def waiting(collected: Collected) -> int:
    """Entries left for the next visit."""
    return sum(skip.count for skip in collected.skips if skip.reason == WAITS)


def _with_page(document: Document, visit: Visit) -> tuple[Document, Failure | None, bool]:
    """The document with its page's text, what failed, and whether to ask again later."""
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
        return document, failure_of(document.source, error), passing(error)
    if read.failures:
        failure = read.failures[0]
        return document, dataclasses.replace(failure, subject=masked(failure.subject)), False
    article = read.documents[0]
    # The page must say more than the summary did, else it is a stub or a wall.
    if len(article.body) > len(document.body):
        document = dataclasses.replace(document, body=article.body)
    return _as_the_page_says(document, article), None, False


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
