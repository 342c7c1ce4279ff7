"""Article pages."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from moneygood.collectors.documents import MAX_TEXT
from moneygood.collectors.news.articles import parse_article
from moneygood.records import Kind

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
WORDS = (
    "<p>Halden Cloud said on Monday that it would build four more halls in the valley.</p>"
    "<p>Analysts asked whether cheaper models would leave the new halls half empty by spring.</p>"
    "<p>The chief executive replied that every fall in price had brought more use, not less.</p>"
)


def page(head: str = "", body: str = WORDS) -> bytes:
    return (
        f"<!doctype html><html><head><title>Site</title>{head}</head>"
        f"<body><nav>Home</nav><article><h1>Four more halls</h1>{body}</article></body></html>"
    ).encode()


def test_text_title_date_and_canonical_address() -> None:
    head = (
        '<meta property="og:title" content="Four more halls">'
        '<meta property="article:published_time" content="2025-01-27T14:30:00Z">'
        '<link rel="canonical" href="https://desk.example/four">'
    )
    (document,) = parse_article(page(head), source="desk", now=NOW, url="https://x/y").documents
    assert document.title == "Four more halls"
    assert document.body.startswith("Halden Cloud said")
    assert document.published_at == datetime(2025, 1, 27, 14, 30, tzinfo=UTC)
    assert document.url == "https://desk.example/four"


def test_dates_from_json_time_element_and_file_name() -> None:
    ld = '<script type="application/ld+json">{"@graph":[{"datePublished":"2025-01-28"}]}</script>'
    timed = "<time datetime='2025-01-29T10:00:00Z'>now</time>" + WORDS
    cases = [(page(ld), 28), (page("", timed), 29), (page(), 30)]
    for data, day in cases:
        found = parse_article(data, source="d", now=NOW, name="2025-01-30-halls.html")
        assert found.documents[0].published_at.day == day


def test_speech_pages_and_charsets() -> None:
    head = '<meta charset="windows-1252"><meta property="article:section" content="Speech">'
    data = page(head, WORDS.replace("Analysts", "Café analysts")).decode().encode("cp1252")
    (document,) = parse_article(data, source="d", now=NOW).documents
    assert document.kind is Kind.SPEECH
    assert "Café analysts" in document.body


def test_failures_name_the_page_and_the_limit() -> None:
    for data, says in [
        (b"", "empty"),
        (b"<html><body><nav>a</nav></body></html>", "no article text"),
        (b"x" * (MAX_TEXT + 1), "limit of 5 MB"),
    ]:
        (failure,) = parse_article(data, source="d", now=NOW, url="https://x/y").failures
        assert says in failure.reason
        assert failure.subject == "https://x/y"
        assert failure.remedy


@settings(max_examples=25, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_never_raise(data: bytes) -> None:
    found = parse_article(b"<html><body>" + data, source="d", now=NOW)
    assert found.documents or found.failures


def test_real_speeches(shared: Path) -> None:
    files = sorted((shared / "speeches_2006_2008" / "html").glob("*.htm"))[:8]
    found = [parse_article(f.read_bytes(), source="fed", now=NOW, name=f.name) for f in files]
    assert all(f.documents[0].published_at.year in (2006, 2007, 2008) for f in found)


def test_modified_time_and_language_of_the_page() -> None:
    meta = (
        '<meta property="article:published_time" content="2025-01-27T14:30:00Z">'
        '<meta property="article:modified_time" content="{}">'
    )
    cases = [
        (meta.format("2025-01-28T09:00:00Z"), datetime(2025, 1, 28, 9, tzinfo=UTC)),
        (meta.format("2025-01-27T14:30:00Z"), None),
        (meta.format("2999-01-01T00:00:00Z"), None),
        (meta.format("soon"), None),
        (
            '<script type="application/ld+json">{"datePublished": "2025-01-27",'
            ' "dateModified": "2025-01-29T08:00:00Z"}</script>',
            datetime(2025, 1, 29, 8, tzinfo=UTC),
        ),
    ]
    for head, changed in cases:
        (document,) = parse_article(page(head), source="d", now=NOW).documents
        assert document.modified_at == changed
        assert document.language == ""
    spanish = page().replace(b"<html>", b'<html lang="es-MX">')
    assert parse_article(spanish, source="d", now=NOW).documents[0].language == "es"
