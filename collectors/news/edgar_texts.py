"""Filing documents to plain prose; management's discussion out of 10-Q and 10-K."""

from __future__ import annotations

import re
from bisect import bisect_left
from itertools import islice

from moneygood.collectors.text import decode, plain

MAX_DOCUMENT = 15_000_000
"""Largest filing document, in bytes."""
SHORTEST = 1500
"""A discussion shorter than this, in characters, is a heading in the contents."""
_HIDDEN = re.compile(r"<(/?)ix:header\b[^<>]*>", re.I)
_MOST = 100
"""Headings tried."""
_WORD = re.compile(r"[A-Za-z][A-Za-z'’-]+")
_ITEM = re.compile(
    r"^[ \t]*(?i:item)\s{0,3}(\d{1,2}[ABCabc]?)(?:\s{0,3}[.:—–-]+\s{0,5}|\s{1,5})(?=[A-Z(])", re.M
)
_PARTS = re.compile(r"^[ \t]*(?:part\s+i{1,3}v?\b[ \t.,:—–-]*$|signatures?[ \t]*$)", re.I | re.M)
_DISCUSSION = re.compile(
    r"management\s{0,2}['’`´]?\s{0,2}s?\s{0,2}['’`´]?\s+discussion\s+and\s+analysis", re.I
)
_RUNNING = re.compile(
    r"[ \t]*(?:item\s{0,3}[27]\W{0,6})?management\s{0,2}['’`´]?\s{0,2}s?['’`´]?\s+discussion\s+and",
    re.I,
)
_BARE = re.compile(
    r"^[ \t]*management\s{0,2}['’`´]?\s{0,2}s?['’`´]?\s+discussion\s+and\s+analysis"
    r"(?:\s+of\s+(?:the\s+)?financial\s+condition\s+and\s+results\s+of\s+operations?)?[ \t.]*$",
    re.I | re.M,
)
_BARE_END = re.compile(
    r"^[ \t]*(?:quantitative\s+and\s+qualitative\s+disclosures?\s+about\s+market\s+risks?"
    r"|report\s+of\s+independent\s+registered\s+public\s+accounting\s+firm"
    r"|controls\s+and\s+procedures"
    r"|consolidated\s+(?:statements?\s+of|balance\s+sheets?|income\s+statements?)[^\n]{0,80}"
    r")[ \t.]*$",
    re.I | re.M,
)


def parse_exhibit(data: bytes, content_type: str = "") -> str:
    """Prose of an exhibit or a short filing, tables and page furniture left out.

    Empty where there is none. Never raises on any bytes.
    """
    return prose(_lines(data, content_type))


def parse_discussion(data: bytes, content_type: str = "") -> str:
    """Management's discussion and analysis of a 10-Q or 10-K as prose.

    It runs from the heading of its item to the heading of the next one. The heading
    also stands in the contents and in cross references: the longest stretch is the
    section itself. Empty where there is none. Never raises on any bytes.
    """
    text = _lines(data, content_type)
    found = max((prose(part) for part in (*_items(text), *_headed(text))), key=len, default="")
    return found if len(found) >= SHORTEST else ""


def prose(text: str) -> str:
    """Lines that are running text: at least four words, or a sentence's end and two."""
    kept = []
    for line in text.split("\n"):
        words = len(_WORD.findall(line[:2000]))
        digits = sum(c.isdigit() for c in line)
        ends = line.rstrip().endswith((".", "?", "!", ":", ";"))
        if (words >= 4 or (ends and words >= 2)) and digits * 3 <= len(line):
            kept.append(line.strip())
    return "\n".join(kept)


def _lines(data: bytes, content_type: str) -> str:
    if len(data) > MAX_DOCUMENT or b"\0" in data[:1000] or data[:5] == b"%PDF-":
        return ""
    text, _ = decode(data, content_type)
    return plain(_shown(text))


def _shown(text: str) -> str:
    """Markup without the hidden data of inline XBRL, in one pass."""
    kept: list[str] = []
    shown = 0
    for tag in _HIDDEN.finditer(text):
        if tag.group(1):
            shown = tag.end()
        elif tag.start() >= shown:
            kept.append(text[shown : tag.start()])
            shown = len(text)
    return " ".join([*kept, text[shown:]])


def _items(text: str) -> list[str]:
    """Stretches from an item heading that names the discussion to the next other item."""
    headings = [(m.start(), m.group(1).upper(), m.end()) for m in _ITEM.finditer(text)]
    marks = [(start, number) for start, number, _ in headings]
    marks = sorted(marks + [(m.start(), "") for m in _PARTS.finditer(text)])
    named = [
        (start, number, match.end())
        for start, number, end in headings
        if number in ("2", "7") and (match := _DISCUSSION.match(text, end, end + 200))
    ]
    found: list[str] = []
    last = -1
    for start, number, end in named[:_MOST]:
        if start < last:
            # The heading repeated at the top of a page of the same section.
            continue
        last = next((s for s, other in marks if s > start and other != number), len(text))
        found.append(_below(text, end, last))
    return found


def _headed(text: str) -> list[str]:
    """The same where the report has no item headings in its text."""
    if _items(text):
        # Where items are named, a bare heading is a running head, not the section.
        return []
    found: list[str] = []
    ends = [match.start() for match in _BARE_END.finditer(text)]
    for heading in islice(_BARE.finditer(text), _MOST):
        after = bisect_left(ends, heading.end())
        if after < len(ends):
            found.append(_below(text, heading.end(), ends[after]))
    return found


def _below(text: str, start: int, end: int) -> str:
    """What follows a heading's own line, the heading's repetitions left out."""
    line_end = text.find("\n", start, min(end, start + 200))
    lines = text[line_end if line_end >= 0 else start : end].split("\n")
    return "\n".join(line for line in lines if len(line) > 200 or not _RUNNING.match(line))
