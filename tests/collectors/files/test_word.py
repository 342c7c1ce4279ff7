"""Word files."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime
from pathlib import PurePath

import pytest
from note_files import docx

from moneygood.collectors.files.folders import Import
from moneygood.collectors.files.word import parse_docx
from moneygood.records import Collected

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
TEXT = "Yields fell while the plan for new data halls was raised again."
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
MC = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'


def read(data: bytes, name: str = "note.docx") -> Collected:
    return parse_docx(data, source="desk", path=PurePath(name), job=Import("desk", NOW))


def packed(body: str, head: str = "", core: str = "") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("word/document.xml", f"{head}<w:document {W} {MC}>{body}</w:document>")
        if core:
            file.writestr("docProps/core.xml", core)
    return out.getvalue()


def paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def test_headings_and_paragraphs_as_python_docx_writes_them() -> None:
    cell = "We keep our view that the halls will be full by the end of the year."
    data = docx([TEXT, "Second."], heading="Halls and yields", table=["4.53", "10-year", cell])
    (document,) = read(data).documents
    assert document.title == "Halls and yields"
    assert document.body.split("\n") == [TEXT, "Second.", cell]


def test_deleted_words_and_repeated_boxes_are_left_out() -> None:
    box = paragraph("Said once in a box.")
    body = (
        f"<w:p><w:r><w:t>Rates</w:t></w:r><w:del><w:r><w:delText>rose</w:delText></w:r></w:del>"
        f"<w:r><w:tab/><w:t>fell.</w:t></w:r></w:p>"
        f"<w:p><mc:AlternateContent><mc:Choice>{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback>"
        f"</mc:AlternateContent></w:p>{paragraph('End.')}"
    )
    (document,) = read(packed(body)).documents
    assert f"{document.title}\n{document.body}" == "Rates fell.\nSaid once in a box.\nEnd."


def test_the_date_is_that_of_the_last_save() -> None:
    core = (
        '<p xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:t="http://purl.org/dc/terms/">'
        "<dc:title>Halls and yields</dc:title><t:created>2024-11-02T08:00:00Z</t:created>"
        "<t:modified>2025-01-27T08:00:00Z</t:modified></p>"
    )
    (document,) = read(packed(paragraph(TEXT), core=core)).documents
    assert document.title == "Halls and yields"
    assert document.published_at == datetime(2025, 1, 27, 8, 0, tzinfo=UTC)


LAUGHS = '<!DOCTYPE w [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "not a readable Word file"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "password"),
        (packed("<w:p>"), "broken inside"),
        (packed(paragraph("&b;"), LAUGHS), "broken inside"),
        (packed(paragraph("a" * 50_000_001)), "more than 50 MB"),
        (packed(paragraph("")), "no text"),
        (packed("<w:p>" * 200_000), "broken inside"),
        (docx([TEXT])[:2000], "not a readable Word file"),
    ],
    ids=["empty", "old form", "cut xml", "laughs", "bomb", "blank", "deep", "cut zip"],
)
def test_bad_files_are_failures_with_a_remedy(data: bytes, says: str) -> None:
    (failure,) = read(data).failures
    assert says in failure.reason
    assert failure.remedy


def test_a_file_in_an_unknown_encoding_says_so() -> None:
    found = read(packed(paragraph(TEXT), head='<?xml version="1.0" encoding="UTF-81"?>'))
    assert [f.reason for f in found.failures] == ["broken inside (LookupError)"]
    core = '<?xml version="1.0" encoding="UTF-81"?><core/>'
    assert read(packed(paragraph(TEXT), core=core)).documents[0].body == TEXT
