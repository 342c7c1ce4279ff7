"""Feeds, good and bad."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moneygood.collectors.feeds import parse_feed
from moneygood.collectors.sources import Source, SourceKind
from moneygood.records import Collected

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SOURCE = Source("wire", SourceKind.FEED, url="https://wire.example/rss")
HEAD = '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>t</title>'
TAIL = "</channel></rss>"


def item(body: str) -> str:
    return f"<item>{body}</item>"


def read(*items: str, tail: str = TAIL) -> Collected:
    return parse_feed((HEAD + "".join(items) + tail).encode(), source=SOURCE, now=NOW)


def test_an_item_becomes_a_document() -> None:
    found = read(
        item(
            "<title>S&amp;amp;P &lt;b&gt;slips&lt;/b&gt;</title><guid>g1</guid>"
            "<link>https://wire.example/1</link>"
            "<pubDate>Mon, 27 Jan 2025 09:30:00 EST</pubDate>"
            "<description>Short.</description>"
            '<content:encoded xmlns:content="http://purl.org/rss/1.0/modules/content/">'
            "<![CDATA[<p>The long text of it.</p><script>x()</script>]]></content:encoded>"
        )
    )
    (document,) = found.documents
    assert document.title == "S&P slips"
    assert document.body == "The long text of it."
    assert document.url == "https://wire.example/1"
    assert document.published_at == datetime(2025, 1, 27, 14, 30, tzinfo=UTC)
    assert document.available_at == NOW
    assert (document.guid, document.notes, found.failures) == ("g1", (), ())


def test_history_takes_publication_as_availability() -> None:
    data = HEAD + item("<title>x y</title><pubDate>2025-01-27</pubDate>") + TAIL
    archive = dataclasses.replace(SOURCE, history=True)
    (document,) = parse_feed(data.encode(), source=archive, now=NOW).documents
    assert document.available_at == datetime(2025, 1, 27, tzinfo=UTC)


def test_odd_dates_are_noted() -> None:
    found = read(
        item("<title>no date</title>"),
        item("<title>old</title><pubDate>Thu, 01 Jan 1970 00:00:00 GMT</pubDate>"),
        item("<title>far</title><pubDate>2999-01-01T00:00:00Z</pubDate>"),
    )
    assert {d.published_at for d in found.documents} == {NOW}
    assert found.documents[0].notes == ("no date in the source: taken as first seen",)
    assert found.documents[1].published_raw == "Thu, 01 Jan 1970 00:00:00 GMT"


def test_duplicates_are_counted_and_shared_guids_told_apart() -> None:
    same = item("<title>one</title><guid>g</guid><description>a b</description>")
    other = item("<title>two</title><guid>g</guid>")
    found = read(same, same, other, item("<guid>empty</guid>"))
    assert [d.title for d in found.documents] == ["one", "two"]
    assert found.skipped == 2
    assert len({d.uid for d in found.documents}) == 2


def test_unsafe_links_are_dropped() -> None:
    (document,) = read(item("<title>x</title><link>javascript:alert(1)</link>")).documents
    assert document.url == ""


def test_summary_that_repeats_the_title_is_dropped() -> None:
    (document,) = read(
        item("<title>Yields - Desk</title><description>Yields  Desk</description>")
    ).documents
    assert document.body == ""


def test_cut_feed_keeps_complete_entries_and_says_so() -> None:
    found = read(item("<title>whole</title><guid>1</guid>"), "<item><title>par", tail="")
    assert [d.title for d in found.documents] == ["whole"]
    assert "cut off: 1 complete" in found.failures[0].reason


def test_bozo_but_usable_is_kept() -> None:
    found = read(item("<title>profit & loss</title>"))
    assert len(found.documents) == 1
    assert not found.failures


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b" \n ", "empty"),
        (b"<!DOCTYPE html><html><body>Hello</body></html>", "HTML page"),
        (b"<html><body>Checking: proof of work needed</body></html>", "bot check"),
        (b'{"error": "limit"}', "JSON"),
        (b"just words", "not a feed"),
        (b"\x1f\x8b\x08\x00", "binary"),
        ((HEAD + TAIL).encode(), "no entries"),
    ],
)
def test_what_is_no_feed_is_a_failure_with_a_remedy(data: bytes, says: str) -> None:
    found = parse_feed(data, source=SOURCE, now=NOW)
    (failure,) = found.failures
    assert says in failure.reason
    assert failure.source == "wire"
    assert failure.subject == SOURCE.url
    assert failure.remedy


def test_entity_bombs_and_local_paths_do_nothing() -> None:
    bomb = (
        b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">'
        b'<!ENTITY x SYSTEM "file:///etc/passwd">]>'
        b"<rss version='2.0'><channel><item><title>t &b; &x;</title></item></channel></rss>"
    )
    found = parse_feed(bomb, source=SOURCE, now=NOW)
    assert all("root:" not in d.title for d in found.documents)
    assert not parse_feed(b"/etc/passwd", source=SOURCE, now=NOW).documents


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_never_raise(data: bytes) -> None:
    whole = HEAD.encode() + b"<item><title>" + data + b"</title></item>" + TAIL.encode()
    for candidate in (data, whole):
        found = parse_feed(candidate, source=SOURCE, now=NOW, headers={"content-type": "text/xml"})
        assert found.documents or found.failures or found.skipped


def test_real_feeds(shared: Path) -> None:
    files = [p for p in sorted((shared / "feeds" / "real").rglob("*.*")) if p.is_file()]
    found = [parse_feed(p.read_bytes(), source=SOURCE, now=NOW) for p in files]
    assert sum(len(f.documents) for f in found) > 500
    assert all(f.documents or f.failures for f in found)
