"""One way from raw fields to a ``Document``, shared by every text parser."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from moneygood.collectors.dates import Settled, settle
from moneygood.collectors.text import http_url, one_line, tidy
from moneygood.records import Document, Kind, Turn

MAX_TEXT = 5_000_000
"""Largest single document, in bytes or characters."""
_LANGUAGE = re.compile(r"\s*([A-Za-z]{2})(?:[-_][A-Za-z0-9_-]*)?\s*$")
_NOT_LETTERS = re.compile(r"[\W_]+")


def make_document(
    *,
    source: str,
    kind: Kind,
    title: str,
    body: str,
    now: datetime,
    published: str | Settled = "",
    turns: tuple[Turn, ...] = (),
    url: str = "",
    guid: str = "",
    tickers: Sequence[str] = (),
    history: bool = False,
    notes: Sequence[str] = (),
    modified: datetime | None = None,
    language: str = "",
) -> Document:
    """A document from plain text fields; ``now`` (UTC) is when it was first seen.

    A body that only repeats the title is dropped, so that no sentence counts
    twice. ``modified`` is when the publisher last changed it; ``language`` a tag as
    sources write it ("en-US"), kept as ISO 639-1. Raises ValueError when there is
    neither title nor text.
    """
    title, body = one_line(tidy(title)), tidy(body)
    if not (title or body or turns):
        raise ValueError("neither title nor text")
    if not title:
        first = body or turns[0].text
        title = one_line(first)[:80]
    elif len(body) < 4 * len(title) + 100 and _letters(title) == _letters(body):
        body = ""
    settled = published if isinstance(published, Settled) else settle(published, now)
    return Document(
        source=source,
        kind=kind,
        title=title,
        published_at=settled.published_at,
        first_seen_at=now,
        body=body,
        turns=turns,
        url=http_url(url),
        guid=one_line(tidy(guid))[:500],
        tickers=tuple(dict.fromkeys(t.strip().upper() for t in tickers if t.strip())),
        published_raw=settled.raw,
        history=history,
        notes=tuple(dict.fromkeys((*settled.notes, *(n for n in notes if n)))),
        modified_at=modified,
        language=language_code(language),
    )


def language_code(tag: str) -> str:
    """ISO 639-1 code of a language tag ("en-US", "zh_CN"), or an empty string."""
    match = _LANGUAGE.match(tag)
    return match[1].lower() if match else ""


def _letters(text: str) -> str:
    return _NOT_LETTERS.sub("", text[:2000].casefold()) + f"#{len(text) > 2000}"
