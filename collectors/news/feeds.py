"""RSS and Atom bytes to documents."""

from __future__ import annotations

import calendar
import dataclasses
import io
import logging
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from moneygood.collectors.dates import Settled, changed_at, settle
from moneygood.collectors.documents import MAX_TEXT, make_document
from moneygood.collectors.news.feed_bytes import MAX_ENTRIES, MAX_FEED, MAX_TAGS, prepare
from moneygood.collectors.sniff import sniff
from moneygood.collectors.sources import Source
from moneygood.collectors.text import http_url, plain
from moneygood.records import Collected, Document, Failure, Skip

log = logging.getLogger(__name__)

_NO_FEED = "Check that the address is still a feed; publishers move them."
_CLOSED = re.compile(rb"</(?:\w+:)?(?:rss|feed|rdf)\s*>\s*(?:<!--.{0,2000}?-->\s*)*$", re.I | re.S)
_UNREADABLE = "Open the address in a browser; if the feed shows there, report this file."


def parse_feed(
    data: bytes, *, source: Source, now: datetime, headers: Mapping[str, str] | None = None
) -> Collected:
    """Documents of an RSS or Atom feed; whatever could not be read is a Failure.

    ``headers`` are the response headers (the charset matters); ``now`` is UTC
    and becomes ``first_seen_at``. Beyond ``MAX_ENTRIES`` the oldest are left out
    and counted. Never raises on any bytes.
    """
    subject = source.subject

    def failed(reason: str, remedy: str = _NO_FEED) -> Failure:
        return Failure(source.name, subject, reason, remedy)

    if len(data) > MAX_FEED:
        reason = f"larger than {MAX_FEED // 1_000_000} MB"
        return Collected(source.name, failures=(failed(reason, "Ask for a shorter feed."),))
    if wrong := sniff(data, expected="a feed"):
        return Collected(source.name, failures=(failed(wrong),))
    known = {key.lower(): value for key, value in (headers or {}).items()}
    feed = prepare(data, known.get("content-type", ""))
    if feed.data.count(b"<") > MAX_TAGS:
        reason = f"more than {MAX_TAGS:,} tags in {MAX_ENTRIES:,} entries: not a feed"
        return Collected(source.name, failures=(failed(reason, _UNREADABLE),))
    try:
        parsed = _parse(feed.data)
    except Exception as error:
        log.warning("feed parser failed on %s", subject, exc_info=True)
        reason = f"the feed parser failed ({type(error).__name__})"
        return Collected(source.name, failures=(failed(reason, _UNREADABLE),))

    entries: list[Any] = list(parsed.get("entries") or [])
    failures: list[Failure] = []
    if not entries:
        return Collected(source.name, failures=(failed(_why_empty(parsed, feed.data)),))
    if parsed.get("bozo") and _is_cut(feed.data):
        if _last_is_open(feed.data):
            entries.pop()
        reason = f"the feed is cut off: {len(entries)} complete entries were read"
        failures.append(failed(reason, "The rest comes with the next visit."))
    reader = _Reader(source, now, str(parsed["feed"].get("language") or ""), feed.note)
    for entry in entries:
        reader.read(entry)
    skips = reader.skips()
    if feed.left_out:
        skips += (Skip(f"beyond the newest {MAX_ENTRIES:,} entries", feed.left_out),)
    if entries and not reader.documents:
        failures.append(failed("no entry has a title or a text"))
    return Collected(source.name, tuple(reader.documents), (), tuple(failures), skips)


def _parse(data: bytes) -> Any:
    import feedparser

    return feedparser.parse(
        io.BytesIO(data),
        # Only this: others let a server steer base addresses. The bytes are UTF-8 by now.
        response_headers={"content-type": "application/xml; charset=utf-8"},
        sanitize_html=False,
        resolve_relative_uris=False,
    )


def _why_empty(parsed: Any, data: bytes) -> str:
    if _is_cut(data) and parsed.get("version"):
        return "the feed is cut off before its first complete entry"
    if not parsed.get("version"):
        return "not a feed: neither RSS nor Atom was recognised"
    return "the feed has no entries"


def _is_cut(data: bytes) -> bool:
    return not _CLOSED.search(data[-4000:])


def _last_is_open(data: bytes) -> bool:
    opened = max(data.rfind(b"<item"), data.rfind(b"<entry"))
    closed = max(data.rfind(b"</item"), data.rfind(b"</entry"))
    return opened > closed


class _Reader:
    """Entries of one feed to documents, repeats counted."""

    def __init__(self, source: Source, now: datetime, language: str, note: str) -> None:
        self.source, self.now, self.language, self.note = source, now, language, note
        self.documents: list[Document] = []
        self._hashes: dict[str, set[str]] = {}
        self._same: set[tuple[str, str, datetime]] = set()
        self._empty = self._repeated = 0

    def read(self, entry: Any) -> None:
        """Keep the entry's document unless it is empty or a repeat."""
        document = self._document(entry)
        if document is None:
            self._empty += 1
            return
        said = document.content_hash
        hashes = self._hashes.setdefault(document.uid, set())
        # The same text, address and time under another GUID is the same entry.
        same = (said, document.url, document.published_at)
        if said in hashes or (same in self._same and document.published_raw):
            self._repeated += 1
            return
        if hashes:
            # A GUID shared by different texts identifies nothing; tell them apart.
            document = dataclasses.replace(
                document,
                guid=f"{document.guid or document.url}#{said[:12]}",
                notes=(*document.notes, "GUID shared by different entries"),
            )
        hashes.add(said)
        self._same.add(same)
        self.documents.append(document)

    def skips(self) -> tuple[Skip, ...]:
        """What was left out, and why."""
        counts = (
            ("neither title nor text", self._empty),
            ("repeated in the same feed", self._repeated),
        )
        return tuple(Skip(reason, count) for reason, count in counts if count)

    def _document(self, entry: Any) -> Document | None:
        published = _published(entry, self.now)
        changed = _field(entry, "updated")
        try:
            return make_document(
                source=self.source.name,
                kind=self.source.text_kind,
                title=plain(_field(entry, "title")),
                body=_body(entry),
                now=self.now,
                published=published,
                url=_link(entry),
                guid=_field(entry, "id"),
                tickers=self.source.tickers,
                history=self.source.history,
                notes=(self.note,),
                modified=changed_at(changed, published.published_at, self.now)
                if changed and changed != published.raw
                else None,
                language=_language(entry) or self.language,
            )
        except ValueError:
            return None


def _field(entry: Any, key: str) -> str:
    # The parser's own look-up falls back from key to key, slowly and with warnings.
    value = dict.get(entry, key)
    return value[:MAX_TEXT] if isinstance(value, str) else ""


def _body(entry: Any) -> str:
    parts = [_field(part, "value") for part in dict.get(entry, "content") or []]
    parts += [_field(entry, "summary"), _field(entry, "subtitle")]
    return max((plain(part) for part in dict.fromkeys(parts)), key=len)


def _link(entry: Any) -> str:
    """The entry's own page: its link, else the first page it names."""
    for key in ("feedburner_origlink", "link"):
        if (link := _field(entry, key)) and (link := http_url(link)):
            return link
    pages = (
        http_url(_field(link, "href"))
        for link in dict.get(entry, "links") or []
        if dict.get(link, "rel") == "alternate"
    )
    return next(filter(None, pages), "")


def _language(entry: Any) -> str:
    detail = dict.get(entry, "summary_detail") or dict.get(entry, "title_detail") or {}
    return _field(entry, "language") or _field(detail, "language")


def _published(entry: Any, now: datetime) -> Settled:
    for key in ("published", "updated", "created"):
        raw = _field(entry, key)
        if not raw:
            continue
        settled = settle(raw, now)
        parts = dict.get(entry, f"{key}_parsed")
        if settled.published_at != now or parts is None:
            return settled
        try:
            # feedparser's tuple is UTC without saying so; mktime would shift it.
            moment = datetime.fromtimestamp(calendar.timegm(parts), UTC)
        except (ValueError, OverflowError, OSError, TypeError):
            return settled
        return settle(raw, now, parsed=moment)
    return settle("", now)
