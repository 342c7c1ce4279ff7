"""Sitemaps as sources: the news form, and plain ones whose pages are followed."""

from __future__ import annotations

import dataclasses
import re
import zlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote, urlsplit

from moneygood.collectors.dates import changed_at, parse_date
from moneygood.collectors.documents import make_document
from moneygood.collectors.failures import capped, failure_of
from moneygood.collectors.news.pages import (
    DATE_OF_CHANGE,
    TITLE_OF_ADDRESS,
    follow_pages,
    newer,
)
from moneygood.collectors.sniff import sniff
from moneygood.collectors.sources import Source
from moneygood.collectors.text import http_url, one_line, plain
from moneygood.collectors.visit import Visit, validators_of
from moneygood.collectors.web.masking import masked
from moneygood.errors import CollectError
from moneygood.records import Collected, Document, Failure, Skip, Validator, content_hash

MAX_SITEMAP = 5_000_000
"""Largest sitemap, in bytes, unpacked."""
MAX_URLS = 50_000
"""Most addresses read of one sitemap: the most that the protocol allows."""
MAX_MAPS = 10
"""Sitemaps read of one index in one visit, newest first."""
RECENT = timedelta(days=30)
"""How far back entries are wanted where a visit names no date: a plain sitemap lists
everything that a site ever published."""
_NO_MAP = "Check the address; robots.txt of the site names its sitemaps."
_OLDEST = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class MapLink:
    """A sitemap that an index names, and when it last changed, where it says so."""

    url: str
    changed: datetime | None = None


@dataclass(frozen=True, slots=True)
class Sitemap:
    """What one sitemap file lists: documents, or further sitemaps."""

    found: Collected
    maps: tuple[MapLink, ...] = ()


@dataclass
class _Reading:
    """What has been gathered while reading."""

    found: Collected
    validators: list[Validator] = field(default_factory=list)

    def add(self, part: Collected) -> None:
        self.found = dataclasses.replace(
            self.found,
            documents=self.found.documents + part.documents,
            failures=self.found.failures + part.failures,
            skips=self.found.skips + part.skips,
        )


def read_sitemap(source: Source, visit: Visit) -> Collected:
    """The entries of a sitemap, or of the newest sitemaps of an index, newest first."""
    answer = visit.open(source)
    if answer.status == 304:
        return Collected(source.name, unchanged=True)
    address = masked(visit.address(source))
    first = visit.parse(parse_sitemap, answer.body, source=source, now=visit.now, subject=address)
    reading = _Reading(first.found)
    if first.maps:
        # No validator is kept for an index: it need not change when its sitemaps do.
        _read_maps(first.maps, source, visit, reading)
    elif first.found.documents:
        reading.validators += validators_of(address, answer)
    listed = _newest_first(reading.found)
    found = newer(listed, dataclasses.replace(visit, since=visit.since or visit.now - RECENT))
    # What the usual period leaves out is never wanted; what a given date leaves out may be.
    complete = not visit.since or len(found.documents) == len(listed.documents)
    if source.follow:
        followed = follow_pages(found, source, visit)
        found, complete = followed.found, complete and followed.complete
    else:
        titled = _titled(found)
        complete &= len(titled.documents) == len(found.documents)
        found = titled
    kept = tuple(reading.validators) if complete else ()
    return dataclasses.replace(found, validators=kept)


def _read_maps(maps: tuple[MapLink, ...], source: Source, visit: Visit, reading: _Reading) -> None:
    ordered = sorted(maps, key=lambda link: link.changed or _OLDEST, reverse=True)
    for link in ordered[:MAX_MAPS]:
        try:
            answer = visit.get(link.url, validator=visit.validator(link.url))
            if answer.status == 304:
                kept = visit.validator(link.url)
                reading.validators += [kept] if kept else []
                continue
            part = visit.parse(
                parse_sitemap, answer.body, source=source, now=visit.now, subject=masked(link.url)
            )
        except CollectError as error:
            failure = failure_of(source.name, error)
            reading.add(Collected(source.name, failures=(failure,)))
            continue
        reading.add(part.found)
        if part.found.documents:
            reading.validators += validators_of(link.url, answer)
        if part.maps:
            skip = Skip("sitemap index below an index", len(part.maps))
            reading.add(Collected(source.name, skips=(skip,)))
    if (left := len(ordered) - MAX_MAPS) > 0:
        reading.add(Collected(source.name, skips=(Skip("older sitemap of the index", left),)))


def parse_sitemap(data: bytes, *, source: Source, now: datetime, subject: str = "") -> Sitemap:
    """Documents of a sitemap, or the sitemaps of an index. Never raises on any bytes.

    Gzip is unpacked. An entry of a plain sitemap has no title: it is made from the
    address and marked, for the page to correct.
    """
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import ParseError, fromstring

    subject = subject or source.subject

    def failed(reason: str, remedy: str = _NO_MAP) -> Sitemap:
        return Sitemap(
            Collected(source.name, failures=(Failure(source.name, subject, reason, remedy),))
        )

    body = _unpacked(data)
    if body is None:
        return failed("the gzip data is broken", "Try again later.")
    if len(body) > MAX_SITEMAP:
        reason = f"larger than {MAX_SITEMAP // 1_000_000} MB"
        return failed(reason, "Name one of the site's smaller sitemaps.")
    if wrong := sniff(body, expected="a sitemap"):
        return failed(wrong)
    try:
        root = fromstring(body)
    except (ParseError, DefusedXmlException, ValueError, LookupError, RecursionError) as error:
        return failed(f"not well-formed XML ({error})")
    kind = _local(root)
    if kind == "sitemapindex":
        links = [_map_link(node) for node in root if _local(node) == "sitemap"]
        maps = tuple(link for link in links[:MAX_URLS] if link.url)
        if not maps:
            return failed("the sitemap index names no sitemap")
        return Sitemap(Collected(source.name), maps)
    if kind != "urlset":
        return failed(f"not a sitemap: its root is <{kind[:40]}>")
    return Sitemap(_documents(root, source, now, subject))


def _documents(root: Any, source: Source, now: datetime, subject: str) -> Collected:
    nodes = [node for node in root if _local(node) == "url"]
    documents: dict[str, Document] = {}
    failures: list[Failure] = []
    repeated = 0
    for number, node in enumerate(nodes[:MAX_URLS], 1):
        document = _document(node, source, now)
        if document is None:
            where = f"{subject}: entry {number}"
            reason = "has no http(s) address"
            failures.append(Failure(source.name, where, reason, "The others were read."))
        elif document.url in documents:
            repeated += 1
        else:
            documents[document.url] = document
    if not nodes:
        failures.append(Failure(source.name, subject, "the sitemap has no entries", _NO_MAP))
    counts = (
        ("repeated in the same sitemap", repeated),
        (f"beyond {MAX_URLS} addresses", len(nodes) - MAX_URLS),
    )
    skips = tuple(Skip(reason, count) for reason, count in counts if count > 0)
    return Collected(source.name, tuple(documents.values()), (), capped(failures), skips)


def _document(node: Any, source: Source, now: datetime) -> Document | None:
    said = _fields(node)
    url = http_url(said.get("loc"))
    if not url:
        return None
    title = plain(said.get("title", ""))
    published = said.get("publication_date", "")
    changed = said.get("lastmod", "")
    document = make_document(
        source=source.name,
        kind=source.text_kind,
        title=title or _words(url),
        body="",
        now=now,
        published=published or changed,
        url=url,
        guid=url,
        tickers=source.tickers,
        history=source.history,
        notes=(
            "" if title else TITLE_OF_ADDRESS,
            DATE_OF_CHANGE if changed and not published else "",
        ),
        language=said.get("language", ""),
    )
    return dataclasses.replace(
        document,
        modified_at=changed_at(changed, _OLDEST, now),
        # Some sites stamp every entry of the day anew: the change counts only where
        # there is no publication date.
        entry_hash=content_hash(document.title, published or changed),
    )


def _titled(found: Collected) -> Collected:
    """Without the entries that only their page could name."""
    kept = tuple(d for d in found.documents if TITLE_OF_ADDRESS not in d.notes)
    if len(kept) == len(found.documents):
        return found
    skip = Skip("no title in the sitemap: needs follow = true", len(found.documents) - len(kept))
    return dataclasses.replace(found, documents=kept, skips=(*found.skips, skip))


def _newest_first(found: Collected) -> Collected:
    unique = {document.url: document for document in reversed(found.documents)}
    ordered = sorted(unique.values(), key=lambda d: d.published_at, reverse=True)
    return dataclasses.replace(found, documents=tuple(ordered))


def _unpacked(data: bytes) -> bytes | None:
    if data[:2] != b"\x1f\x8b":
        return data
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(data, MAX_SITEMAP + 1)
    except zlib.error:
        return None


def _local(node: Any) -> str:
    return str(node.tag).rpartition("}")[2].lower()


def _fields(node: Any) -> dict[str, str]:
    """First text of each element below ``node`` by local name, images left out."""
    said: dict[str, str] = {}
    for child in node:
        name = _local(child)
        if name == "news":
            for part in child.iter():
                said.setdefault(_local(part), part.text or "")
        elif name in ("loc", "lastmod"):
            said.setdefault(name, child.text or "")
    return said


def _map_link(node: Any) -> MapLink:
    said = _fields(node)
    changed = parse_date(said.get("lastmod", ""))
    return MapLink(http_url(said.get("loc")), changed)


def _words(url: str) -> str:
    parts = [part for part in urlsplit(url).path.split("/") if part]
    last = max(parts, key=len, default=urlsplit(url).hostname or "")
    stem = re.sub(r"\.(?:html?|php|aspx?)$", "", unquote(last, errors="replace"))
    return one_line(re.sub(r"[-_+]+", " ", stem))[:200] or url
