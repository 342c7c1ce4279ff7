"""PDF notes."""

from __future__ import annotations

import io
import time
from datetime import UTC, datetime
from pathlib import PurePath

import pypdf
import pytest
from call_texts import call
from hypothesis import given, settings
from hypothesis import strategies as st
from note_files import pdf

from moneygood.collectors.files.folders import Import
from moneygood.collectors.files.pdf import parse_pdf, without_furniture
from moneygood.collectors.files.words import paragraphs, printed_date
from moneygood.records import Collected, Kind

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
NOTE = [
    "Who pays for the halls?",
    "Halden Cloud will spend a third more on data halls this year, and most of",
    "the money is borrowed. We think that investors should look at the counter-",
    "parties behind each lease, and at the long-",
    "term contracts that carry them. Some are weak.",
    "A long-term view is rare.",
]


def read(data: bytes, name: str = "note.pdf", kind: Kind | None = None) -> Collected:
    job = Import("desk", NOW, kind)
    return parse_pdf(data, source="desk", path=PurePath(name), job=job)


def test_lines_become_paragraphs_and_cut_words_are_mended() -> None:
    (document,) = read(pdf([NOTE])).documents
    assert document.title == "Who pays for the halls?"
    assert document.kind is Kind.NEWS
    first = document.body.split("\n")[0]
    assert first.startswith("Halden Cloud will spend")
    assert "the counterparties behind each lease, and at the long-term contracts" in first


def test_running_heads_and_page_numbers_go_and_numbered_headings_stay() -> None:
    pages = [
        ["Halden Rates Desk", f"Section {k * 2}", f"Part {k * k}: the halls.", f"{k} / 5"]
        for k in range(1, 6)
    ]
    pages[2][3] = "Seen by page 3"
    kept = without_furniture(pages)
    assert kept[0] == ["Section 2", "Part 1: the halls."]
    assert kept[2] == ["Section 6", "Part 9: the halls.", "Seen by page 3"]
    words = ["Yields", "Rates", "Halls", "Loans", "Leases", "Chips", "Power", "Bonds", "Bills"]
    pages = [[f"{word} fell.", f"Halden | page {k} of 9"] for k, word in enumerate(words, 1)]
    assert without_furniture(pages) == [[f"{word} fell."] for word in words]


def test_title_and_date_of_the_file_only_when_sane() -> None:
    info = "/Title (Halls and yields) /CreationDate (D:20250127143000+01'00')"
    (document,) = read(pdf([NOTE], info=info), "2025-02-01-x.pdf").documents
    assert document.title == "Halls and yields"
    assert document.published_at == datetime(2025, 1, 27, 13, 30, tzinfo=UTC)
    info = "/Title (Microsoft Word - draft.doc) /CreationDate (D:19700101000000Z)"
    (document,) = read(pdf([NOTE], info=info), "2025-02-01-x.pdf").documents
    assert document.title == NOTE[0]
    assert document.published_raw == "2025-02-01"


def test_the_printed_date_comes_before_the_file_s() -> None:
    info = "/CreationDate (D:20260201000000Z)"
    (document,) = read(pdf([[NOTE[0], "27 January 2025", *NOTE[1:]]], info=info)).documents
    assert document.published_raw == "27 January 2025"
    assert printed_date("Halls\nMonday, January 27, 2025\nText") == "Monday, January 27, 2025"
    assert printed_date("Halls\nMeet us on 27 January 2025\nText") == ""


def test_locked_and_pictured_files_say_what_to_do() -> None:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf([NOTE])))
    writer.encrypt("secret", algorithm="RC4-128")
    locked = io.BytesIO()
    writer.write(locked)
    (failure,) = read(locked.getvalue()).failures
    assert "password" in failure.reason
    assert "without one" in failure.remedy
    (failure,) = read(pdf([[], []])).failures
    assert "pictures" in failure.reason
    assert "recognition" in failure.remedy


def test_a_call_in_a_pdf_is_a_call() -> None:
    lines = [line for line in call("dashed").split("\n") if line.strip()]
    (document,) = read(pdf([lines]), "TRND_2024_Q4.pdf").documents
    assert document.kind is Kind.TRANSCRIPT
    assert len(document.turns) > 1


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"%PDF-1.4\n",
        pdf([NOTE])[:400],
        pdf([NOTE]).replace(b"/Parent 2 0 R", b"/Parent 5 0 R"),
        pdf([NOTE]).replace(b"/Kids [5 0 R]", b"/Kids [2 0 R]"),
        pdf([NOTE], extra=b"/Prev 9 "),
        pdf([NOTE]).replace(b"startxref\n", b"startxref\n9"),
    ],
    ids=["empty", "head", "cut", "own parent", "own child", "own table", "lost table"],
)
def test_broken_and_endless_files_end(data: bytes) -> None:
    started = time.monotonic()
    found = read(data)
    assert found.documents or found.failures
    assert time.monotonic() - started < 5


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 900), st.binary(min_size=1, max_size=20))
def test_changed_bytes_never_raise(place: int, change: bytes) -> None:
    data = pdf([NOTE])
    found = read(data[:place] + change + data[place + len(change) :])
    assert found.documents or found.failures


def test_paragraphs_keep_headings_and_bullets_apart() -> None:
    lines = [
        "The outlook",
        "Yields fell while the plan for new data halls was raised again, and it was",
        "raised by a third.",
        "• Rates are down on the week and the curve is steeper than it has been since",
        "the spring.",
        "• Credit is flat.",
    ]
    assert paragraphs(lines).split("\n") == [
        "The outlook",
        "Yields fell while the plan for new data halls was raised again, and it was "
        "raised by a third.",
        "• Rates are down on the week and the curve is steeper than it has been since the spring.",
        "• Credit is flat.",
    ]


def test_ten_thousand_lines_without_a_stop_are_one_paragraph_soon() -> None:
    start = time.process_time()
    joined = paragraphs(["a word and a long-", "winded one without end"] * 50_000 + ["x" * 200_000])
    assert time.process_time() - start < 3.0
    assert joined.count("\n") == 0
    assert joined.startswith("a word and a longwinded one without end a word")
