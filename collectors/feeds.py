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

from moneygood.collectors.dates import Settled, settle
from moneygood.collectors.documents import MAX_TEXT, make_document
from moneygood.collectors.sniff import sniff
from moneygood.collectors.sources import Source
from moneygood.collectors.text import http_url, plain
from moneygood.records import Collected, Document, Failure

log = logging.getLogger(__name__)

MAX_FEED = 15_000_000
"""Largest feed, in bytes."""
_NO_FEED = "Check that the address is still a feed; publishers move them."
_CLOSED = re.compile(rb"</(?:\w+:)?(?:rss|feed|rdf)\s*>\s*(?:<!--.{0,2000}?-->\s*)*$", re.I | re.S)
_UNREADABLE = "Open the address in a browser; if the feed shows there, report this file."


def parse_feed(
    data: bytes, *, source: Source, now: datetime, headers: Mapping[str, str] | None = None
) -> Collected:
    """Documents of an RSS or Atom feed; whatever could not be read is a Failure.

    ``headers`` are the response headers (the charset matters); ``now`` is UTC
    and becomes ``first_seen_at``. Never raises on any bytes.
    """
    subject = source.url or source.path

    def failed(reason: str, remedy: str = _NO_FEED) -> Failure:
        return Failure(source.name, subject, reason, remedy)

    if len(data) > MAX_FEED:
        reason = f"larger than {MAX_FEED // 1_000_000} MB"
        return Collected(source.name, failures=(failed(reason, "Ask for a shorter feed."),))
    if wrong := sniff(data, expected="a feed"):
        return Collected(source.name, failures=(failed(wrong),))
    try:
        parsed = _parse(data, headers or {})
    except Exception as error:
        log.warning("feed parser failed on %s", subject, exc_info=True)
        reason = f"the feed parser failed ({type(error).__name__})"
        return Collected(source.name, failures=(failed(reason, _UNREADABLE),))

    entries: list[Any] = list(parsed.get("entries") or [])
    failures: list[Failure] = []
    if not entries:
        return Collected(source.name, failures=(failed(_why_empty(parsed, data)),))
    if parsed.get("bozo") and _is_cut(data):
        if _last_is_open(data):
            entries.pop()
        reason = f"the feed is cut off: {len(entries)} complete entries were read"
        failures.append(failed(reason, "The rest comes with the next visit."))
    documents, skipped = _documents(entries, source, now)
    if entries and not documents:
        failures.append(failed("no entry has a title or a text"))
    return Collected(source.name, tuple(documents), (), tuple(failures), skipped)


def _parse(data: bytes, headers: Mapping[str, str]) -> Any:
    import feedparser

    # Only these two: others let a server steer base addresses or encodings.
    known = {k.lower(): v for k, v in headers.items()}
    kept = {"content-type": known["content-type"]} if known.get("content-type") else {}
    return feedparser.parse(
        io.BytesIO(data),
        response_headers=kept,
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
    ascii_like = b"\0" not in data[:200]
    return ascii_like and not _CLOSED.search(data[-4000:])


def _last_is_open(data: bytes) -> bool:
    opened = max(data.rfind(b"<item"), data.rfind(b"<entry"))
    closed = max(data.rfind(b"</item"), data.rfind(b"</entry"))
    return opened > closed


def _documents(entries: list[Any], source: Source, now: datetime) -> tuple[list[Document], int]:
    documents: list[Document] = []
    seen: dict[str, set[str]] = {}
    skipped = 0
    for entry in entries:
        document = _document(entry, source, now)
        if document is None:
            skipped += 1
            continue
        hashes = seen.setdefault(document.uid, set())
        if document.content_hash in hashes:
            skipped += 1
            continue
        if hashes:
            # A GUID shared by different texts identifies nothing; tell them apart.
            document = dataclasses.replace(
                document,
                guid=f"{document.guid or document.url}#{document.content_hash[:12]}",
                notes=(*document.notes, "GUID shared by different entries"),
            )
        hashes.add(document.content_hash)
        documents.append(document)
    return documents, skipped


def _document(entry: Any, source: Source, now: datetime) -> Document | None:
    guid = str(entry.get("id") or "")
    summary = plain(_field(entry.get("summary")))
    contents = [plain(_field(part.get("value"))) for part in entry.get("content") or []]
    body = max([*contents, summary], key=len)
    try:
        return make_document(
            source=source.name,
            kind=source.text_kind,
            title=plain(_field(entry.get("title"))),
            body=body,
            now=now,
            published=_published(entry, now),
            url=http_url(entry.get("link")) or http_url(guid),
            guid=guid,
            tickers=source.tickers,
            history=source.history,
        )
    except ValueError:
        return None


def _field(value: object) -> str:
    return value[:MAX_TEXT] if isinstance(value, str) else ""


def _published(entry: Any, now: datetime) -> Settled:
    for key in ("published", "updated", "created"):
        raw = _field(entry.get(key))
        if not raw:
            continue
        settled = settle(raw, now)
        parts = entry.get(f"{key}_parsed")
        if settled.published_at != now or parts is None:
            return settled
        try:
            # feedparser's tuple is UTC without saying so; mktime would shift it.
            moment = datetime.fromtimestamp(calendar.timegm(parts), UTC)
        except (ValueError, OverflowError, OSError, TypeError):
            return settled
        return settle(raw, now, parsed=moment)
    return settle("", now)
