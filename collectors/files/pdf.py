"""PDF files: broker notes, papers and transcripts as running text."""

from __future__ import annotations

import io
import logging
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from moneygood.collectors.documents import MAX_TEXT
from moneygood.collectors.files.words import (
    Words,
    document_of,
    paragraphs,
    printed_date,
    sane_date,
    sane_title,
    unread,
)
from moneygood.errors import ParseError
from moneygood.records import Collected

if TYPE_CHECKING:
    from moneygood.collectors.files.folders import Import

MAX_PAGES = 300
"""Pages read of one file; a note says when there were more."""
_LETTERS_A_PAGE = 25
_EDGE = 3
_LIGATURES = {0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl", 0xAD: ""}
_PAGE_NUMBER = re.compile(
    r"^\W*(?:page\s*)?(?:\d{1,4}|[ivxl]{1,6})(?:\s*(?:of|/|\|)\s*\d{1,4})?\W*$", re.I
)
_DIGITS = re.compile(r"(?<!\d)\d{1,4}(?!\d)")


def parse_pdf(data: bytes, *, source: str, path: PurePath, job: Import) -> Collected:
    """The text of a PDF as one document.

    Locked files and files of pictures are failures that say what to do.
    """
    try:
        words = pdf_words(data)
    except ParseError as error:
        return unread(source, path, error.reason, error.remedy)
    return document_of(words, source=source, path=path, job=job)


def pdf_words(data: bytes) -> Words:
    """Text, title and date of a PDF. Raises ParseError with the remedy."""
    import pypdf
    from pypdf.errors import DependencyError, FileNotDecryptedError

    # Its remarks on every oddity of a file would drown ours.
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = pypdf.PdfReader(io.BytesIO(data), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            raise _locked()
        count = len(reader.pages)
        pages: list[list[str]] = []
        size = broken = 0
        for number in range(min(count, MAX_PAGES)):
            try:
                text = reader.pages[number].extract_text()
            except (FileNotDecryptedError, DependencyError):
                raise
            except Exception:
                broken += 1
                continue
            size += len(text)
            pages.append(text.translate(_LIGATURES).split("\n"))
            if size > MAX_TEXT:
                break
        title, date = _metadata(reader)
    except ParseError:
        raise
    except (FileNotDecryptedError, DependencyError) as error:
        raise _locked() from error
    except Exception as error:
        reason = f"not a readable PDF ({type(error).__name__})"
        raise ParseError("pdf", reason, "The file may be cut off: fetch it again.") from error
    letters = sum(c.isalpha() for page in pages for line in page for c in line)
    if broken and letters < _LETTERS_A_PAGE * count:
        reason = f"{broken} of {count} pages cannot be read"
        raise ParseError("pdf", reason, "The file may be cut off: fetch it again.")
    if letters < _LETTERS_A_PAGE * max(len(pages), 1):
        raise ParseError(
            "pdf", "no text on its pages: they are pictures", "Run it through text recognition."
        )
    notes = []
    if broken:
        notes.append(f"{broken} of {count} pages could not be read")
    if len(pages) + broken < count:
        notes.append(f"only the first {len(pages) + broken} of {count} pages were read")
    lines = [line for page in without_furniture(pages) for line in page]
    text = paragraphs(lines)
    return Words(text, title, printed_date(text) or date, "", tuple(notes), "\n".join(lines))


def without_furniture(pages: Sequence[Sequence[str]]) -> list[list[str]]:
    """The lines of each page without page numbers and running heads and feet.

    A line is furniture when it stands among the first or last three lines of two
    in five pages at least, its page number apart.
    """
    stripped = [[line.strip() for line in page] for page in pages]
    seen: Counter[str] = Counter()
    for number, page in enumerate(stripped):
        seen.update({shape for i in _edges(page) for shape in _shapes(page[i], number)})
    often = max(2, -(-2 * len(pages) // 5))

    def furniture(line: str, number: int) -> bool:
        if _PAGE_NUMBER.match(line):
            return True
        lettered = any(c.isalpha() for c in line)
        return lettered and any(seen[shape] >= often for shape in _shapes(line, number))

    kept: list[list[str]] = []
    for number, page in enumerate(stripped):
        edges = _edges(page)
        kept.append(
            [line for i, line in enumerate(page) if i not in edges or not furniture(line, number)]
        )
    return kept


def _edges(page: Sequence[str]) -> set[int]:
    filled = [i for i, line in enumerate(page) if line]
    return set(filled[:_EDGE]) | set(filled[-_EDGE:])


def _shapes(line: str, number: int) -> set[str]:
    """The line, and the line with each figure as its distance from the page's number.

    A running foot counts with the pages; numbered headings do not.
    """
    line = line.casefold()[:300]
    figures = list(_DIGITS.finditer(line))[:6]
    return {line} | {
        f"{line[: f.start()]}#{int(f.group()) - number}{line[f.end() :]}" for f in figures
    }


def _metadata(reader: Any) -> tuple[str, str]:
    # Any entry may be of a wrong type or point nowhere.
    try:
        title = sane_title(str(reader.metadata.title or ""))
    except Exception:
        title = ""
    try:
        made = reader.metadata.creation_date
        date = sane_date(made.isoformat(sep=" ") if made else "")
    except Exception:
        date = ""
    return title, date


def _locked() -> ParseError:
    return ParseError("pdf", "locked with a password", "Save a copy without one.")
