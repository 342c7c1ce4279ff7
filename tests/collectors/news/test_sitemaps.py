"""Sitemaps: news form, plain form, index, and what is not one."""

from __future__ import annotations

import gzip
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from fake_web import FakeWeb, tagged
from hypothesis import given, settings
from hypothesis import strategies as st

from moneygood.collectors.news.pages import waiting
from moneygood.collectors.news.sitemaps import parse_sitemap, read_sitemap
from moneygood.collectors.sources import Source, SourceKind
from moneygood.collectors.visit import Visit
from moneygood.records import Document

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SOURCE = Source("wire", SourceKind.SITEMAP, url="https://wire.example/news.xml")
FOLLOWING = replace(SOURCE, follow=True)
OPEN = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
    ' xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
    ' xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">'
)
PAGE = (
    "<html><head><title>Halls before bonds</title>"
    '<meta property="article:published_time" content="2026-02-27T08:00:00Z"></head>'
    "<body><article><h1>Halls before bonds</h1><p>"
    + "The halls go up first and the bonds that pay for them are sold afterwards. " * 6
    + "</p></article></body></html>"
)


def entry(number: int, at: str = "2026-03-01T10:00:00Z", title: str = "") -> str:
    said = title or f"Bond desk note {number}"
    return (
        f"<url><loc>https://wire.example/a/{number}</loc><news:news>"
        "<news:publication><news:name>Wire</news:name><news:language>en</news:language>"
        f"</news:publication><news:publication_date>{at}</news:publication_date>"
        f"<news:title>{said}</news:title></news:news>"
        "<image:image><image:loc>https://wire.example/i.png</image:loc>"
        "<image:title>a picture</image:title></image:image></url>"
    )


def plain(path: str, changed: str = "2026-02-28") -> str:
    return f"<url><loc>https://wire.example{path}</loc><lastmod>{changed}</lastmod></url>"


def urlset(*entries: str) -> bytes:
    return (OPEN + "".join(entries) + "</urlset>").encode()


def index(*children: tuple[str, str]) -> str:
    maps = "".join(
        f"<sitemap><loc>{url}</loc><lastmod>{changed}</lastmod></sitemap>"
        for url, changed in children
    )
    return (
        f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{maps}</sitemapindex>'
    )


def held(*documents: Document) -> dict[str, frozenset[str]]:
    return {d.uid: frozenset({d.entry_hash or d.content_hash}) for d in documents}


def test_a_news_entry_becomes_a_document() -> None:
    web = FakeWeb({"news.xml": urlset(entry(7, title="Yields &amp; halls"))})
    (document,) = read_sitemap(SOURCE, Visit(NOW, web)).documents
    assert document.title == "Yields & halls"
    assert document.published_at == datetime(2026, 3, 1, 10, 0, tzinfo=UTC)
    assert (document.url, document.language) == ("https://wire.example/a/7", "en")
    assert document.notes == ()


def test_gzip_and_unchanged() -> None:
    answer = tagged(gzip.compress(urlset(entry(1))), '"v1"')
    web = FakeWeb({"news.xml": answer})
    found = read_sitemap(SOURCE, Visit(NOW, web))
    assert len(found.documents) == 1
    kept = {v.url: v for v in found.validators}
    assert kept[SOURCE.url].etag == '"v1"'
    again = read_sitemap(SOURCE, Visit(NOW, web, validators=kept))
    assert again.unchanged
    assert again.documents == ()


def test_an_index_is_read_one_level_deep_newest_first() -> None:
    web = FakeWeb(
        {
            "news.xml": index(
                ("https://wire.example/old.xml", "2026-01-01"),
                ("https://wire.example/new.xml", "2026-03-01"),
                ("https://wire.example/gone.xml", "2026-02-01"),
                ("https://wire.example/deep.xml", "2026-02-02"),
            ),
            "new.xml": urlset(entry(2)),
            "old.xml": urlset(entry(1, at="2026-02-20T10:00:00Z"), entry(2)),
            "deep.xml": index(("https://wire.example/never.xml", "2026-03-01")),
        }
    )
    found = read_sitemap(SOURCE, Visit(NOW, web))
    assert [d.url[-1] for d in found.documents] == ["2", "1"]
    assert [u.rpartition("/")[2] for u in web.asked] == [
        "news.xml", "new.xml", "deep.xml", "gone.xml", "old.xml",
    ]  # fmt: skip
    assert ["gone.xml" in f.subject for f in found.failures] == [True]
    assert [(s.reason, s.count) for s in found.skips] == [("sitemap index below an index", 1)]


def test_an_index_is_asked_for_in_full_its_sitemaps_only_when_changed() -> None:
    web = FakeWeb(
        {
            "news.xml": tagged(index(("https://wire.example/new.xml", "2026-03-01")), '"i"'),
            "new.xml": tagged(urlset(entry(2)), '"c"'),
        }
    )
    first = read_sitemap(SOURCE, Visit(NOW, web))
    assert [v.url for v in first.validators] == ["https://wire.example/new.xml"]
    second = read_sitemap(SOURCE, Visit(NOW, web, validators={v.url: v for v in first.validators}))
    assert second.documents == ()
    assert second.validators == first.validators


def test_pages_beyond_the_limit_come_with_the_next_visits() -> None:
    source = replace(FOLLOWING, limit=2)
    web = FakeWeb({"news.xml": tagged(urlset(*(entry(n) for n in range(5))), '"v"'), "/a/": PAGE})
    seen: dict[str, frozenset[str]] = {}
    texts: list[str] = []
    for left in (3, 1, 0):
        found = read_sitemap(source, Visit(NOW, web, held=seen))
        assert waiting(found) == left
        # With a validator kept, an unchanged answer would hide what waits.
        assert bool(found.validators) is (left == 0)
        new = [d for d in found.documents if d.uid not in seen]
        texts += [d.url for d in new]
        assert all("bonds that pay" in d.body for d in new)
        seen |= held(*new)
    assert sorted(texts) == [f"https://wire.example/a/{n}" for n in range(5)]
    assert sum("/a/" in url for url in web.asked) == 5


def test_a_plain_sitemap_takes_title_and_date_from_the_page() -> None:
    web = FakeWeb({"news.xml": urlset(plain("/2026/halls-before-bonds.html")), "halls": PAGE})
    (document,) = read_sitemap(FOLLOWING, Visit(NOW, web)).documents
    assert document.title == "Halls before bonds"
    assert document.published_at == datetime(2026, 2, 27, 8, 0, tzinfo=UTC)
    # A day without a time counts from its close in New York.
    assert document.modified_at == datetime(2026, 2, 28, 21, 0, tzinfo=UTC)
    assert not [n for n in document.notes if "address" in n or "last change" in n]


def test_a_plain_sitemap_without_pages_says_what_it_needs() -> None:
    found = read_sitemap(SOURCE, Visit(NOW, FakeWeb({"news.xml": urlset(plain("/x"))})))
    assert found.documents == ()
    assert "follow = true" in found.skips[0].reason


def test_old_entries_are_counted_not_fetched() -> None:
    web = FakeWeb({"news.xml": urlset(plain("/x", "2019-01-01"), plain("/y")), "/y": PAGE})
    found = read_sitemap(FOLLOWING, Visit(NOW, web))
    assert [d.url for d in found.documents] == ["https://wire.example/y"]
    assert [s.count for s in found.skips if s.reason.startswith("older than")] == [1]
    since = datetime(2018, 1, 1, tzinfo=UTC)
    assert len(read_sitemap(FOLLOWING, Visit(NOW, web, since=since)).documents) == 2


def test_a_page_that_fails_leaves_the_entry_and_a_failure() -> None:
    found = read_sitemap(FOLLOWING, Visit(NOW, FakeWeb({"news.xml": urlset(entry(1))})))
    assert [d.title for d in found.documents] == ["Bond desk note 1"]
    assert "404" in found.failures[0].reason


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b"<!DOCTYPE html><html><body>Hello</body></html>", "HTML page"),
        (b"<urlset><url>", "not well-formed"),
        (b"<rss version='2.0'/>", "its root is <rss>"),
        (b"<urlset/>", "no entries"),
        (b"<sitemapindex/>", "names no sitemap"),
        (b"\x1f\x8b\x08broken", "gzip data is broken"),
        (urlset("<url><loc>javascript:x()</loc></url>"), "no http(s) address"),
        (gzip.compress(b" " * 6_000_000), "larger than 5 MB"),
        (
            b'<!DOCTYPE u [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><urlset><url><loc>'
            b"https://wire.example/&b;</loc></url></urlset>",
            "not well-formed XML (Entities",
        ),
        (
            b'<!DOCTYPE u [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
            b"<urlset><url><loc>&a;</loc></url></urlset>",
            "not well-formed XML (Entities",
        ),
    ],
)
def test_what_is_no_sitemap_is_a_failure_with_a_remedy(data: bytes, says: str) -> None:
    found = parse_sitemap(data, source=SOURCE, now=NOW).found
    assert says in found.failures[0].reason
    assert found.failures[0].remedy
    assert found.documents == ()


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_never_raise(data: bytes) -> None:
    for candidate in (data, OPEN.encode() + data + b"</urlset>", urlset() + data):
        assert parse_sitemap(candidate, source=SOURCE, now=NOW).found.source == "wire"
