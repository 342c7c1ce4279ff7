"""Feeds, good and bad."""

from __future__ import annotations

import dataclasses
import re
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moneygood.collectors.news import feed_bytes
from moneygood.collectors.news.feed_bytes import MAX_ENTRIES
from moneygood.collectors.news.feeds import parse_feed
from moneygood.collectors.sources import Source, SourceKind
from moneygood.records import Collected, Skip

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
    assert document.available_at == datetime(2025, 1, 27, 21, tzinfo=UTC)


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


def test_entity_bombs_and_local_files_do_nothing() -> None:
    levels = "".join(
        f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' if n else '<!ENTITY e0 "ha">' for n in range(10)
    )
    bomb = (
        f'<?xml version="1.0"?><!DOCTYPE r [{levels}<!ENTITY x SYSTEM "file:///etc/passwd">]>'
        "<rss version='2.0'><channel><item><title>t &e9; &x; end</title></item></channel></rss>"
    )
    start = time.process_time()
    found = parse_feed(bomb.encode(), source=SOURCE, now=NOW)
    assert time.process_time() - start < 5
    assert all(len(d.title) < 200 and "root:" not in d.title for d in found.documents)
    assert not parse_feed(b"/etc/passwd", source=SOURCE, now=NOW).documents


def test_the_newest_of_a_huge_feed_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_bytes, "MAX_ENTRIES", 50)

    def dated(n: int) -> str:
        day = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=n)
        return item(f"<title>s{n}</title><guid>{n}</guid><pubDate>{day:%Y-%m-%dT%H:%MZ}</pubDate>")

    rising = [dated(n) for n in range(60)]
    for items in (rising, rising[::-1]):
        found = read(*items)
        assert {d.title for d in found.documents} == {f"s{n}" for n in range(10, 60)}
        assert (found.skipped, found.failures) == (10, ())


def test_a_hundred_thousand_entries_take_seconds() -> None:
    start = time.process_time()
    found = read(*(item(f"<title>s{n}</title>") for n in range(100_000)))
    assert time.process_time() - start < 10
    assert (len(found.documents), found.skipped) == (MAX_ENTRIES, 100_000 - MAX_ENTRIES)


def test_deep_nesting_is_read_or_refused_in_bounded_time() -> None:
    start = time.process_time()
    for depth in (40_000, 1_000_000):
        found = read(item("<title>t</title><x>" + "<a>" * depth + "</a>" * depth + "</x>"))
        assert found.documents or "tags" in found.failures[0].reason
    assert time.process_time() - start < 10


@pytest.mark.parametrize(
    "head",
    [
        "\n" * 300_000,
        "\n<!ENTITY" * 30_000,
        "<?xml version=\n<t>" + "\n" * 300_000,
        " \n<!DOCTYPE" * 9999,
    ],
)
def test_a_long_head_costs_no_time(head: str) -> None:
    """The parser's own search for declarations takes the square of the head's length."""
    start = time.process_time()
    parse_feed(f"<!-- -->{head}{HEAD}{TAIL}".encode(), source=SOURCE, now=NOW)
    parse_feed(f"{head}{HEAD}{TAIL}".encode(), source=SOURCE, now=NOW)
    assert time.process_time() - start < 3


def test_one_broken_byte_does_not_garble_the_rest() -> None:
    whole = (HEAD + item("<title>Zürich: café open</title>") + TAIL).encode()
    broken = whole.replace(b"open", b"op\xffen")
    (document,) = parse_feed(broken, source=SOURCE, now=NOW).documents
    assert document.title == "Zürich: café op\ufffden"
    assert document.notes[-1] == "some bytes are not UTF-8: replaced"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "cp1252", "shift_jis", "koi8-r"])
def test_declared_encodings_are_obeyed(encoding: str) -> None:
    title = {"cp1252": "“Café”", "shift_jis": "利回り", "koi8-r": "Доход"}.get(encoding, "Größe")
    text = f'<?xml version="1.0" encoding="{encoding}"?><rss version="2.0"><channel>'
    data = (text + item(f"<title>{title}</title>") + TAIL).encode(encoding)
    (document,) = parse_feed(data, source=SOURCE, now=NOW).documents
    assert (document.title, document.notes[1:]) == (title, ())
    header = {"Content-Type": f"application/xml; charset={encoding}"}
    bare = data if encoding.startswith("utf") else data.replace(b" encoding=", b" odd=")
    assert parse_feed(bare, source=SOURCE, now=NOW, headers=header).documents[0].title == title


def test_an_atom_entry_with_markup_language_and_change() -> None:
    (document,) = parse_feed(
        b"""<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en-GB"><title>f</title><entry>
        <id>tag:desk.example,2025:1</id><title>Rates</title><published>2025-01-27T09:00:00Z</published>
        <updated>2025-01-28T09:00:00Z</updated><link rel="self" href="https://desk.example/f"/>
        <link rel="alternate" href="https://desk.example/1"/><content type="xhtml">
        <div xmlns="http://www.w3.org/1999/xhtml"><p>One &amp; two.</p><p>Three.</p></div></content>
        </entry></feed>""",
        source=SOURCE,
        now=NOW,
    ).documents
    assert document.body == "One & two.\nThree."
    assert (document.language, document.url) == ("en", "https://desk.example/1")
    assert document.published_at == datetime(2025, 1, 27, 9, tzinfo=UTC)
    assert document.modified_at == datetime(2025, 1, 28, 9, tzinfo=UTC)
    assert document.published_raw == "2025-01-27T09:00:00Z"


def test_an_update_that_is_no_later_is_no_change() -> None:
    both = "<published>{0}</published><updated>{0}</updated>"
    feed = '<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>x</title>{}</entry></feed>'
    for dates in (both.format("2025-01-27T09:00:00Z"), "<updated>2025-01-27T09:00:00Z</updated>"):
        (document,) = parse_feed(feed.format(dates).encode(), source=SOURCE, now=NOW).documents
        assert document.published_at == datetime(2025, 1, 27, 9, tzinfo=UTC)
        assert document.modified_at is None


def test_the_language_of_the_channel_holds_for_its_items() -> None:
    (document,) = read("<language>de-de</language>", item("<title>Zinsen</title>")).documents
    assert document.language == "de"


@pytest.mark.parametrize(
    "words",
    [
        "<description>Said in full.</description>",
        '<m:description xmlns:m="http://search.yahoo.com/mrss/">Said in full.</m:description>',
        '<i:summary xmlns:i="http://www.itunes.com/dtds/podcast-1.0.dtd">Said in full.</i:summary>',
        '<i:subtitle xmlns:i="http://www.itunes.com/dtds/podcast-1.0.dtd">Said in full.'
        "</i:subtitle>",
        '<c:encoded xmlns:c="http://purl.org/rss/1.0/modules/content/">Said in full.</c:encoded>',
        '<d:description xmlns:d="http://purl.org/dc/elements/1.1/">Said in full.</d:description>',
    ],
)
def test_the_text_is_found_wherever_feeds_put_it(words: str) -> None:
    (document,) = read(item(f"<title>x</title>{words}")).documents
    assert document.body == "Said in full."


def test_a_guid_is_an_address_only_where_it_says_so() -> None:
    guid = "<title>x</title><guid{}>https://wire.example/g</guid>"
    link = read(item(guid.format(""))).documents[0]
    name = read(item(guid.format(' isPermaLink="false"'))).documents[0]
    assert (link.url, name.url) == ("https://wire.example/g", "")
    assert link.guid == name.guid == "https://wire.example/g"


def test_the_same_entry_under_changing_guids_is_one() -> None:
    same = (
        "<title>x</title><link>https://wire.example/1</link><pubDate>2025-01-27T09:00Z</pubDate>"
        "<guid isPermaLink='false'>{}</guid>"
    )
    found = read(item(same.format("a1")), item(same.format("a2")))
    assert len(found.documents) == 1
    assert found.skips == (Skip("repeated in the same feed", 1),)


def test_entries_without_a_guid_keep_their_identity_between_visits() -> None:
    linked = item("<title>x</title><link>https://wire.example/1</link>")
    bare = item("<title>y</title><description>Words.</description>")
    before, after = read(linked, bare), read(bare, linked)
    assert {d.uid for d in before.documents} == {d.uid for d in after.documents}
    shrunk = read(bare)
    assert {d.uid for d in shrunk.documents} < {d.uid for d in before.documents}
    assert not shrunk.failures


def test_scripts_in_titles_are_gone() -> None:
    for script in ("<![CDATA[<script>x()</script>Calm]]>", "&lt;script&gt;x()&lt;/script&gt;Calm"):
        assert read(item(f"<title>{script}</title>")).documents[0].title == "Calm"


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_never_raise(data: bytes) -> None:
    whole = HEAD.encode() + b"<item><title>" + data + b"</title></item>" + TAIL.encode()
    for candidate in (data, whole):
        found = parse_feed(candidate, source=SOURCE, now=NOW, headers={"content-type": "text/xml"})
        assert found.documents or found.failures or found.skipped


def test_every_entry_of_the_real_feeds_is_read(shared: Path) -> None:
    """Entries are counted in the text, by tag; two of 1,371 have neither title nor text."""
    present = read_ = undated = 0
    for path in sorted((shared / "feeds" / "real").rglob("*.*")):
        data = path.read_bytes()
        found = parse_feed(data, source=SOURCE, now=NOW)
        assert found.documents or found.failures
        present += len(re.findall(rb"<(?:item|entry)[\s>]", data))
        read_ += len(found.documents)
        undated += sum("not understood" in note for d in found.documents for note in d.notes)
    assert (present, read_, undated) == (1371, 1369, 0)
