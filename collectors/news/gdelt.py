"""GDELT DOC 2.0: headlines of the world's news that match a query.

The service answers 200 with plain text where it refuses a query, 429 or the same
text with 200 where it is asked too often, and JSON with escapes that are none.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from moneygood.collectors.answers import list_of, one_reason, text_of
from moneygood.collectors.dates import settle
from moneygood.collectors.documents import make_document
from moneygood.collectors.failures import capped, failure_of
from moneygood.collectors.news.pages import newer
from moneygood.collectors.sniff import is_html, sniff
from moneygood.collectors.sources import Source
from moneygood.collectors.text import decode, http_url, one_line, plain
from moneygood.collectors.visit import Visit
from moneygood.errors import CollectError
from moneygood.records import Collected, Document, Failure, Skip

ADDRESS = "https://api.gdeltproject.org/api/v2/doc/doc"
PAGE = 250
"""Most articles in one answer."""
MOST = 1000
"""Articles asked for in one visit, unless the source's ``limit`` says otherwise."""
WINDOW = timedelta(days=3)
"""How far back a visit looks that names no date."""
REACH = timedelta(days=89)
"""How far back GDELT searches: three months."""
SEEN = "date is GDELT's first sighting"
_TOO_OFTEN = (
    "GDELT wants at most one request in 5 seconds and sheds load beyond that: "
    "write rate = 0.2, ask fewer queries, visit again later."
)
_REFUSED = (
    "Correct the query: 3 to about 250 characters, phrases in quotes, "
    "words joined by OR in parentheses."
)
_ODD = "Try again later; if it stays, report the query."
_LANGUAGES = {
    "arabic": "ar", "chinese": "zh", "danish": "da", "dutch": "nl", "english": "en",
    "finnish": "fi", "french": "fr", "german": "de", "hindi": "hi", "italian": "it",
    "japanese": "ja", "korean": "ko", "norwegian": "no", "polish": "pl", "portuguese": "pt",
    "russian": "ru", "spanish": "es", "swedish": "sv", "turkish": "tr",
}  # fmt: skip
_CODES = {"en": "eng", "de": "deu", "fr": "fra", "es": "spa", "it": "ita", "ja": "jpn", "zh": "zho"}
_ESCAPE = re.compile(r'\\(["\\/bfnrt]|u[0-9a-fA-F]{4})|\\')


def read_gdelt(source: Source, visit: Visit) -> Collected:
    """Headlines that match the source's query, newest first, in the wanted languages."""
    end = visit.now
    start = max(visit.since or end - WINDOW, end - REACH)
    most = source.limit or MOST
    found: dict[str, Document] = {}
    failures: list[Failure] = []
    skips: list[Skip] = []
    while len(found) < most:
        try:
            answer = visit.get(address(source, start, end))
            page = visit.parse(parse_gdelt, answer.body, source=source, now=visit.now)
        except CollectError as error:
            failures.append(_fetch_failure(source, error))
            break
        failures += page.failures
        skips += page.skips
        new = {d.url: d for d in page.documents if d.url not in found}
        found |= new
        full = len(page.documents) + page.skipped >= PAGE
        oldest = min((d.published_at for d in page.documents), default=end)
        if not full:
            break
        if not new or oldest >= end:
            reason = f"more than {PAGE} articles were first seen at one moment"
            failures.append(Failure(source.name, source.query, reason, "Narrow the query."))
            break
        end = oldest
    documents = tuple(found.values())[:most]
    if len(documents) >= most:
        reason = f"more than {most} articles: the older ones were not read"
        remedy = "Narrow the query, raise the limit or visit more often."
        failures.append(Failure(source.name, source.query, reason, remedy))
    kept = Collected(source.name, documents, (), capped(failures), _summed(skips))
    return newer(kept, visit)


def address(source: Source, start: datetime, end: datetime) -> str:
    """The address that asks for articles first seen from ``start`` to ``end`` (UTC)."""
    form = "%Y%m%d%H%M%S"
    wanted = {
        "query": source.query + _language_words(source),
        "mode": "ArtList",
        "format": "json",
        "maxrecords": str(PAGE),
        "sort": "DateDesc",
        "startdatetime": start.astimezone(UTC).strftime(form),
        "enddatetime": end.astimezone(UTC).strftime(form),
    }
    base = source.url or ADDRESS
    return f"{base}{'&' if '?' in base else '?'}{urlencode(wanted)}"


def parse_gdelt(data: bytes, *, source: Source, now: datetime) -> Collected:
    """Documents of one article list. Never raises on any bytes; no match is no failure."""
    text = decode(data)[0].strip()

    def failed(reason: str, remedy: str) -> Collected:
        failure = Failure(source.name, source.query or "answer", reason, remedy)
        return Collected(source.name, failures=(failure,))

    # The notice about requests may come before the articles in one answer.
    start = text.find("{")
    if start < 0 or (not text.startswith("{") and '"articles"' not in text):
        return failed(*_refusal(text, data))
    try:
        table = _loads(text[start:])
    except (ValueError, RecursionError) as error:
        return failed(f"not valid JSON ({one_reason(error)})", _ODD)
    if not isinstance(table.get("articles", []), list):
        return failed("the answer has no list of articles", _ODD)
    documents: dict[str, Document] = {}
    skips: list[Skip] = []
    for article in list_of(table, "articles"):
        document = _document(article, source, now) if isinstance(article, dict) else None
        if document is None:
            skips.append(Skip("neither title nor address"))
        elif source.languages and document.language not in source.languages:
            named = document.language or one_line(text_of(article, "language"))[:30] or "not named"
            skips.append(Skip(f"language {named}"))
        elif document.url in documents:
            skips.append(Skip("repeated in the same answer"))
        else:
            documents[document.url] = document
    return Collected(source.name, tuple(documents.values()), (), (), _summed(skips))


def despaced(title: str) -> str:
    """A title without the blanks that GDELT sets around punctuation."""
    title = one_line(title)
    for pattern, put in _SPACED:
        title = pattern.sub(put, title)
    return title


_SPACED = tuple(
    (re.compile(pattern), put)
    for pattern, put in (
        (r"(\d) \. (?=\d)", r"\1."),
        (r"(?<![\d,])(\d{1,3}) , (?=\d{3}(?!\d))", r"\1,"),
        (r"(\d) - (?=(?:year|month|week|day|point|percent)\b)", r"\1-"),
        (r"\b([A-Z]) & (?=[A-Z]\b)", r"\1&"),
        (r"(\w) (['’]) (?=(?:s|t|re|ve|ll|d|m)\b)", r"\1\2"),
        (r" +(?=[,.;:!?%)\]])", ""),
        (r"(?<=[(\[$€£]) +", ""),
    )
)


def _document(article: dict[str, Any], source: Source, now: datetime) -> Document | None:
    url = http_url(text_of(article, "url"))
    title = despaced(plain(text_of(article, "title")[:2000]))
    if not url or not title:
        return None
    raw = text_of(article, "seendate")
    outlet = one_line(plain(text_of(article, "domain")[:200]))
    return make_document(
        source=source.name,
        kind=source.text_kind,
        title=title,
        body="",
        now=now,
        published=settle(raw, now, parsed=_moment(raw)),
        url=url,
        guid=url,
        tickers=source.tickers,
        history=source.history,
        notes=(SEEN, f"outlet {outlet}" if outlet else ""),
        language=_LANGUAGES.get(text_of(article, "language").strip().lower(), ""),
    )


def _moment(raw: str) -> datetime | None:
    try:
        return datetime.strptime(raw.strip(), "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None


def _loads(text: str) -> dict[str, Any]:
    try:
        found = json.JSONDecoder(strict=False).raw_decode(text)[0]
    except ValueError:
        mended = _ESCAPE.sub(lambda m: m.group() if m.group(1) else r"\\", text)
        found = json.JSONDecoder(strict=False).raw_decode(mended)[0]
    if not isinstance(found, dict):
        raise ValueError("no JSON object")
    return found


def _refusal(text: str, data: bytes) -> tuple[str, str]:
    if "limit requests" in text.lower():
        return "asked too often", _TOO_OFTEN
    if is_html(data) or not text:
        return sniff(data, expected="JSON") or "the answer is empty", _ODD
    return f"GDELT refused the query: {one_line(text)[:200]!r}", _REFUSED


def _fetch_failure(source: Source, error: CollectError) -> Failure:
    if "429" in error.reason:
        return Failure(source.name, source.query, "asked too often (429)", _TOO_OFTEN)
    return failure_of(source.name, error)


def _language_words(source: Source) -> str:
    codes = [_CODES[language] for language in source.languages if language in _CODES]
    if "sourcelang" in source.query.lower() or len(codes) != len(source.languages) or not codes:
        return ""
    words = [f"sourcelang:{code}" for code in codes]
    return f" {words[0]}" if len(words) == 1 else f" ({' OR '.join(words)})"


def _summed(skips: list[Skip]) -> tuple[Skip, ...]:
    counts: dict[str, int] = {}
    for skip in skips:
        counts[skip.reason] = counts.get(skip.reason, 0) + skip.count
    return tuple(Skip(reason, count) for reason, count in counts.items())
