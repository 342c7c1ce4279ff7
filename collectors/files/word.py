"""Word files (docx): paragraphs and headings as running text."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import PurePath
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element
from xml.etree.ElementTree import ParseError as XmlError

from moneygood.collectors.files.words import (
    Words,
    document_of,
    printed_date,
    sane_date,
    sane_title,
    unread,
)
from moneygood.collectors.text import one_line
from moneygood.errors import ParseError
from moneygood.records import Collected

if TYPE_CHECKING:
    from moneygood.collectors.files.folders import Import

_MAX_PART = 50_000_000
_MAX_PARTS = 5_000
_OLE = b"\xd0\xcf\x11\xe0"
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_TERMS = "{http://purl.org/dc/terms/}"
_PROSE = 8
"""Words a table cell must hold to count as prose rather than a figure or its label."""


def parse_docx(data: bytes, *, source: str, path: PurePath, job: Import) -> Collected:
    """The text of a Word file as one document.

    Figures and labels in tables are left out, prose in them is kept: many notes
    are laid out in tables.
    """
    try:
        words = docx_words(data)
    except ParseError as error:
        return unread(source, path, error.reason, error.remedy)
    return document_of(words, source=source, path=path, job=job)


def docx_words(data: bytes) -> Words:
    """Text, title and date of a Word file. Raises ParseError with the remedy."""
    from defusedxml.common import DefusedXmlException

    if data.startswith(_OLE):
        reason = "locked with a password, or in the form of Word before 2007"
        raise ParseError("docx", reason, "Save it as docx without a password.")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if len(packed.infolist()) > _MAX_PARTS:
                raise ParseError("docx", "more than 5,000 parts", "Save it again in Word.")
            lines = list(_paragraphs(_part(packed, "word/document.xml")))
            title, date = _core(packed)
    except (zipfile.BadZipFile, KeyError, EOFError, NotImplementedError, RuntimeError) as error:
        reason = f"not a readable Word file ({type(error).__name__})"
        raise ParseError("docx", reason, "The file may be cut off: fetch it again.") from error
    except (XmlError, DefusedXmlException, zlib.error, ValueError, LookupError) as error:
        reason = f"broken inside ({type(error).__name__})"
        raise ParseError("docx", reason, "Save it again in Word.") from error
    text = "\n".join(lines)
    if not text.strip():
        raise ParseError("docx", "no text in it", "It may hold pictures only: save it as text.")
    return Words(text, title, printed_date(text) or date)


def _part(packed: zipfile.ZipFile, name: str) -> io.BytesIO:
    # The size in the directory can lie: what is unpacked is counted too.
    with packed.open(name) as part:
        data = part.read(_MAX_PART + 1)
    if len(data) > _MAX_PART:
        raise ParseError("docx", "unpacks to more than 50 MB", "Split the file.")
    return io.BytesIO(data)


def _paragraphs(part: io.BytesIO) -> Iterator[str]:
    """Text of each paragraph in order; what is read is thrown away at once."""
    from defusedxml.ElementTree import iterparse

    cells = hidden = 0
    texts: list[list[str]] = []
    for event, node in iterparse(part, events=("start", "end")):
        tag = node.tag
        if event == "start":
            cells += tag == _W + "tc"
            # Fallback repeats what Choice holds, for older programs.
            hidden += tag == _MC + "Fallback"
            if tag == _W + "p":
                texts.append([])
            continue
        if texts and not hidden:
            texts[-1].append(_run(node))
        if tag == _W + "p" and texts:
            line = one_line("".join(texts.pop()))
            if line and (not cells or len(line.split()) >= _PROSE):
                yield line
        cells -= tag == _W + "tc"
        hidden -= tag == _MC + "Fallback"
        if not tag.startswith(_W) or tag in (_W + "p", _W + "r", _W + "tbl", _W + "tr"):
            node.clear()


def _run(node: Element) -> str:
    if node.tag == _W + "t":
        return node.text or ""
    if node.tag in (_W + "tab", _W + "br", _W + "cr"):
        return " "
    return "-" if node.tag == _W + "noBreakHyphen" else ""


def _core(packed: zipfile.ZipFile) -> tuple[str, str]:
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import parse

    try:
        root = parse(_part(packed, "docProps/core.xml")).getroot()
    except (LookupError, XmlError, DefusedXmlException):
        return "", ""
    if root is None:
        return "", ""
    title = sane_title(root.findtext(_DC + "title") or "")
    # A note is not out before it was last saved; its first draft may be months older.
    for name in ("modified", "created"):
        if date := sane_date(root.findtext(_TERMS + name) or ""):
            return title, date
    return title, ""
