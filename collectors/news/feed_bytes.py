"""A feed's bytes made fit for the parser: one encoding, a bounded number of entries."""

from __future__ import annotations

import re
from dataclasses import dataclass

from moneygood.collectors.dates import parse_date
from moneygood.collectors.text import decode

MAX_FEED = 15_000_000
"""Largest feed, in bytes."""
MAX_ENTRIES = 5_000
"""Entries read of one feed: the newest; the rest are counted."""
MAX_TAGS = 400_000
"""Tags in what is read; deeper or denser markup costs minutes and is no feed."""
_MAX_HEAD = 10_000
_DECLARATIONS = re.compile(rb"\A(?:\s*<\?xml[^>]*>)++\s*")
_ENTRY = re.compile(rb"<((?:\w+:)?(?:item|entry))(?=[\s>])", re.I)
_DATE = re.compile(
    rb"<(?:pubDate|published|updated|dc:date)[^<>]*>\s*(?:<!\[CDATA\[)?([^<\]]{4,60})"
)


@dataclass(frozen=True, slots=True)
class FeedBytes:
    """UTF-8 bytes of a feed, a note when its encoding was guessed, entries left out."""

    data: bytes
    note: str = ""
    left_out: int = 0


def prepare(data: bytes, content_type: str = "") -> FeedBytes:
    """UTF-8 bytes with no more than the newest ``MAX_ENTRIES`` entries.

    The parser's own decoding gives up a whole feed for one broken byte (a feed
    cut inside a character); this one does not.
    """
    text, note = decode(data, content_type)
    utf8 = text.encode("utf-8", "replace")
    trimmed, left_out = _newest(_short_head(utf8))
    return FeedBytes(trimmed, note, left_out)


def _short_head(data: bytes) -> bytes:
    """What stands before the first element without runs of white space, or not at all.

    The parser looks there for declarations, in time that grows with the square of
    its length.
    """
    # The encoding is settled, and a broken declaration would hide the first element.
    data = _DECLARATIONS.sub(b"", data)
    first = re.search(rb"<\w", data)
    end = first.start() if first else 0
    head = re.sub(rb"\s{2,}", b"\n", data[:end])
    return (head if len(head) <= _MAX_HEAD else b"") + data[end:]


def _newest(data: bytes) -> tuple[bytes, int]:
    starts = [match.start() for match in _ENTRY.finditer(data)]
    extra = len(starts) - MAX_ENTRIES
    if extra <= 0:
        return data, 0
    if _oldest_first(data, starts):
        return data[: starts[0]] + data[starts[extra] :], extra
    # The end tags behind the last entry stay, else the feed would look cut off.
    tail = re.search(rb"(?:\s*</[^<>]{1,40}>\s*)*$", data[-400:])
    closing = tail[0] if tail else b""
    if last := re.match(rb"\s*</(?:\w+:)?(?:item|entry)\s*>", closing, re.I):
        closing = closing[last.end() :]
    return data[: starts[MAX_ENTRIES]] + closing, extra


def _oldest_first(data: bytes, starts: list[int]) -> bool:
    ends = []
    for start in (starts[0], starts[-1]):
        match = _DATE.search(data, start, start + 20_000)
        ends.append(parse_date(match[1].decode("utf-8", "replace")) if match else None)
    first, last = ends
    return first is not None and last is not None and first < last
