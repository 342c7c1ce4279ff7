"""What a file of running text says, and one way from there to a document."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import PurePath
from typing import TYPE_CHECKING

from moneygood.collectors.calls.transcript import looks_like_call, parse_call
from moneygood.collectors.dates import EARLIEST, NO_DATE, parse_date, settle
from moneygood.collectors.documents import MAX_TEXT, make_document
from moneygood.records import Collected, Document, Failure, Kind

if TYPE_CHECKING:
    from moneygood.collectors.files.folders import Import

NAME_DATE = re.compile(r"(?<!\d)((?:19|20)\d{2}|\d{2})[-_.]?([01]\d)[-_.]?([0-3]\d)(?!\d)")
_HEAD = 12
_PRINTED = re.compile(
    r"^(?:[A-Z][a-z]{2,8},?\s+)?(?:\d{1,2}(?:st|nd|rd|th)?\s+[A-Z][a-z]{2,8}\.?,?\s+\d{4}"
    r"|[A-Z][a-z]{2,8}\.?\s+\d{1,2}(?:st|nd|rd|th)?,?\s+\d{4}|\d{4}-\d{2}-\d{2})"
    r"(?:,?\s+\d{1,2}:\d{2}(?:\s?[ap]m)?(?:\s[A-Z]{2,4})?)?$"
)
_EDITOR_TITLE = re.compile(
    r"^(?:microsoft (?:word|powerpoint|excel)\b.*|(?:untitled|document|presentation|title|"
    r"powerpoint presentation|slide)\s*\d*|.*\.(?:docx?|pdf|indd|pptx?|xlsx?|qxd|tex|rtf)"
    r"|[\W\d_]*)$",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Words:
    """Text of one file, with the title and date that the file itself gives.

    ``printed`` is the text line by line, where the lines had to be joined.
    """

    text: str
    title: str = ""
    date: str = ""
    guid: str = ""
    notes: tuple[str, ...] = ()
    printed: str = ""


def document_of(words: Words, *, source: str, path: PurePath, job: Import) -> Collected:
    """The words as one document: a call where they read like one, else a note.

    The file's name is the last resort for title and date.
    """
    date = words.date or name_date(path.name)
    called = job.kind in (None, Kind.TRANSCRIPT) and looks_like_call(words.text, path.name)
    if called or job.kind is Kind.TRANSCRIPT:
        return _call(words, date, source, path.name, job)
    notes = list(words.notes)
    text = words.text
    if len(text) > MAX_TEXT:
        text = text[:MAX_TEXT]
        notes.append(f"cut at {MAX_TEXT // 1_000_000} million characters")
    title = words.title
    if not title:
        lead, _, rest = text.strip().partition("\n")
        title, text = (lead, rest) if rest.strip() and len(lead) <= 160 else (path.stem, text)
    try:
        document = make_document(
            source=source,
            kind=job.kind or Kind.NEWS,
            title=title,
            body=text,
            now=job.now,
            published=date,
            guid=words.guid,
            tickers=job.tickers,
            history=job.history,
            notes=notes,
        )
    except ValueError as error:
        return unread(source, path, str(error), "Drop the file or fill it.")
    return Collected(source, (document,))


def _call(words: Words, date: str, source: str, name: str, job: Import) -> Collected:
    def parsed(text: str) -> Collected:
        return parse_call(
            text.encode(),
            source=source,
            now=job.now,
            name=name,
            tickers=job.tickers,
            history=job.history,
        )

    call = parsed(words.text)
    if words.printed and not any(document.turns for document in call.documents):
        # Names on lines of their own can drown in the paragraphs around them.
        by_line = parsed(words.printed)
        if any(document.turns for document in by_line.documents):
            call = replace(by_line, documents=tuple(map(_flowing, by_line.documents)))
    return replace(call, documents=tuple(dated(d, date, job.now) for d in call.documents))


def _flowing(document: Document) -> Document:
    turns = (replace(t, text=paragraphs(t.text.split("\n"))) for t in document.turns)
    return replace(document, turns=tuple(turns))


def dated(document: Document, raw: str, now: datetime, note: str = "") -> Document:
    """The document with this date, where it has none of its own."""
    if not raw or NO_DATE not in document.notes:
        return document
    settled = settle(raw, now)
    notes = (*(n for n in document.notes if n != NO_DATE), *settled.notes, note)
    return replace(
        document,
        published_at=settled.published_at,
        published_raw=settled.raw,
        notes=tuple(dict.fromkeys(n for n in notes if n)),
    )


def unread(source: str, path: object, reason: str, remedy: str) -> Collected:
    """A file that could not be read."""
    return Collected(source, failures=(Failure(source, str(path), reason, remedy),))


def sane_title(title: str) -> str:
    """A title that a person wrote, else an empty string: editors leave file names there."""
    title = " ".join(title.split())
    return title if 5 <= len(title) <= 200 and not _EDITOR_TITLE.match(title) else ""


def sane_date(raw: str) -> str:
    """A date string that can be read and is not an editor's zero, else an empty string."""
    moment = parse_date(raw)
    return raw if moment is not None and moment >= EARLIEST else ""


def printed_date(text: str) -> str:
    """The first of the opening lines that is a date and nothing else, else an empty string."""
    for line in text.split("\n", _HEAD)[:_HEAD]:
        if _PRINTED.match(line.strip()) and sane_date(line.strip()):
            return line.strip()
    return ""


def name_date(name: str) -> str:
    """The date in a file's name (2025-01-27, 20250127, 250127), else an empty string."""
    for match in NAME_DATE.finditer(name):
        year, month, day = match.groups()
        if 1 <= int(month) <= 12 and 1 <= int(day) <= 31:
            return f"{year if len(year) == 4 else '20' + year}-{month}-{day}"
    return ""


def paragraphs(lines: Sequence[str]) -> str:
    """Printed lines as paragraphs: one line each, words cut at line ends mended.

    A paragraph ends where a line is clearly short after a full stop, where the
    page leaves a blank line after one, and around short lines without a stop (headings).
    """
    widths = sorted(len(line) for line in lines if len(line) > 20)
    usual = widths[len(widths) * 3 // 4] if widths else 80
    known = {word.lower() for line in lines for word in _WORD.findall(line)}
    out: list[str] = []
    current: list[str] = []
    length = 0
    for position, raw in enumerate(lines):
        line = raw.strip()
        if not line:
            if current and (_STOP.search(current[-1]) or length < 0.6 * usual):
                out.append("".join(current))
                current, length = [], 0
            continue
        starts = line[0].isupper() or not line[0].isalpha()
        before = lines[position - 1].strip() if position else ""
        short = len(before) < (0.85 if _STOP.search(before) else 0.55) * usual
        if current and ((short and starts) or _BULLET.match(line)):
            out.append("".join(current))
            current, length = [], 0
        if current:
            current[-1] = _before(current[-1], line, known)
        current.append(line)
        length += len(line)
    if current:
        out.append("".join(current))
    return "\n".join(out)


_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_STOP = re.compile(r"[.!?:;][\"'”’)\]]*$")
_BULLET = re.compile(r"^[•▪◦●■–‣*]\s*\S")
_LONGEST_WORD = 60
_CUT = re.compile(r"([^\W\d_]{2,})-$")


def _before(last: str, line: str, known: set[str]) -> str:
    """A line as it stands before the next one of its paragraph."""
    cut = _CUT.search(last[-_LONGEST_WORD:])
    if cut is None or not line[0].islower():
        return last if last.endswith("-") and line[0].isalpha() else f"{last} "
    tail = _WORD.match(line[:_LONGEST_WORD])
    first, second = cut.group(1), tail.group().split("-")[0] if tail else ""
    whole = f"{first}{second}".lower()
    hyphened = f"{first}-{second}".lower() in known and whole not in known
    return last if hyphened else last[:-1]
