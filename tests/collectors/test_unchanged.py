"""An unchanged answer (304) never hides what an earlier visit could not read."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from fake_web import Answer, FakeWeb, tagged

from moneygood.collectors.collect import collect
from moneygood.collectors.sources import Source, SourceKind
from moneygood.collectors.visit import Visit
from moneygood.collectors.web.errors import LaterError, StatusError, UnreachableError
from moneygood.errors import FetchError
from moneygood.records import Collected, Document

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
DESK = Source("desk", SourceKind.FEED, url="https://desk.example/rss", follow=True)
SITEMAP = Source("map", SourceKind.SITEMAP, url="https://desk.example/news.xml", follow=True)
PAGE = "<html><body><article><p>" + "The halls are built and the bonds are sold. " * 8 + "</p>"
TREASURY = b"Date,2 Yr,10 Yr\n02/26/2026,3.9,4.1\n"
KEYS = {"fred": "s3cretf", "tiingo": "s3crett"}


def feed(*numbers: int, tail: str = "</channel></rss>") -> str:
    items = "".join(
        f"<item><title>Halls {n}</title><guid>{n}</guid><link>https://desk.example/p{n}</link>"
        f"<description>Short {n}.</description>"
        f"<pubDate>Sun, {n:02d} Feb 2026 09:00:00 GMT</pubDate></item>"
        for n in numbers
    )
    return f'<rss version="2.0"><channel>{items}{tail}'


def sitemap(*numbers: int) -> str:
    urls = "".join(
        f"<url><loc>https://desk.example/p{n}</loc><lastmod>2026-02-{n:02d}</lastmod></url>"
        for n in numbers
    )
    return f"<urlset>{urls}</urlset>"


def status(code: int) -> FetchError:
    error = StatusError("https://desk.example/p", f"the server answered {code}", "Try again.")
    error.status = code
    return error


LOST = UnreachableError("https://desk.example/p", "no complete answer within 20 seconds", "Later.")
HELD = LaterError("https://desk.example/p", "desk.example is not to be asked now", "Later.")


class Reader:
    """A source visited again and again; keeps what the store would keep."""

    def __init__(self, source: Source, pages: Mapping[str, Answer]) -> None:
        self.source = source
        self.web = FakeWeb(pages)
        self.held: dict[str, set[str]] = {}
        self.validators: dict[str, object] = {}
        self.texts: list[Document] = []

    def visit(self, since: datetime | None = None) -> Collected:
        held = {uid: frozenset(hashes) for uid, hashes in self.held.items()}
        self.web.asked.clear()
        visit = Visit(NOW, self.web, held, dict(self.validators), since, KEYS)  # type: ignore[arg-type]
        found = collect(self.source, visit)
        for document in found.documents:
            hashes = self.held.setdefault(document.uid, set())
            said = document.entry_hash or document.content_hash
            if not hashes & {said, document.content_hash}:
                hashes |= {document.content_hash, document.entry_hash} - {""}
                self.texts.append(document)
        self.validators |= {v.url: v for v in found.validators}
        return found

    @property
    def pages(self) -> list[str]:
        """Pages asked for at the last visit."""
        return [url.rpartition("/")[2] for url in self.web.asked if "/p" in url]


@pytest.mark.parametrize("error", [status(503), status(429), LOST, HELD])
@pytest.mark.parametrize(("source", "text"), [(DESK, feed(1, 2)), (SITEMAP, sitemap(1, 2))])
def test_a_page_that_could_not_be_had_is_asked_for_until_it_is(
    source: Source, text: str, error: FetchError
) -> None:
    name = source.url.rpartition("/")[2]
    reader = Reader(source, {name: tagged(text, '"v1"'), "/p1": error, "/p2": PAGE})
    for _ in range(2):
        found = reader.visit()
        assert error.reason in found.failures[0].reason
        assert found.validators == ()
    assert reader.pages == ["p1"]
    reader.web.pages["/p1"] = PAGE
    assert len(reader.visit().validators) == 1
    read = {d.url[-2:] for d in reader.texts if d.body.startswith("The halls are built")}
    assert read == {"p1", "p2"}
    # A version of the same text, not a second one.
    assert len(reader.held) == 2
    assert reader.visit().unchanged
    reader.validators.clear()
    before = len(reader.texts)
    assert reader.visit().failures == ()
    assert (reader.pages, len(reader.texts)) == ([], before)


@pytest.mark.parametrize("error", [status(404), status(403), FetchError("p", "a wall", "Drop.")])
def test_a_page_that_is_refused_leaves_the_summary_and_is_left_alone(error: FetchError) -> None:
    reader = Reader(DESK, {"rss": tagged(feed(1), '"v1"'), "/p1": error})
    found = reader.visit()
    assert (found.documents[0].body, len(found.failures)) == ("Short 1.", 1)
    assert len(found.validators) == 1
    reader.validators.clear()
    assert reader.visit().failures == ()
    assert reader.pages == []


def test_dead_pages_do_not_keep_new_ones_waiting() -> None:
    source = dataclasses.replace(DESK, limit=2)
    reader = Reader(source, {"rss": feed(1, 2), "/p1": LOST, "/p2": LOST, "/p": PAGE})
    reader.visit()
    reader.web.pages["rss"] = feed(1, 2, 3)
    reader.visit()
    assert reader.pages == ["p1", "p3"]
    assert {d.url[-2:] for d in reader.texts} == {"p1", "p2", "p3"}


def test_a_feed_cut_off_is_asked_for_in_full_the_next_time() -> None:
    plain = dataclasses.replace(DESK, follow=False)
    reader = Reader(plain, {"rss": tagged(feed(1, 2, tail="<item><title>Hal"), '"v1"')})
    assert "cut off" in reader.visit().failures[0].reason
    assert reader.validators == {}
    reader.web.pages["rss"] = tagged(feed(1, 2, 3), '"v1"')
    reader.visit()
    assert len(reader.texts) == 3
    assert reader.visit().unchanged


NO_FEED = [b"", b"<html><body>maintenance</body></html>", b"<rss><channel></channel></rss>", b"\0"]


@pytest.mark.parametrize("body", NO_FEED)
@pytest.mark.parametrize(
    "source",
    [
        dataclasses.replace(DESK, follow=False),
        SITEMAP,
        Source("ust", SourceKind.TREASURY_CSV, url="https://desk.example/y"),
        Source("ust", SourceKind.TREASURY_XML, url="https://desk.example/y"),
        Source("fred", SourceKind.FRED, url="https://desk.example/y", series="y10"),
        Source("fred", SourceKind.FRED_API, code="DGS10"),
        Source("tiingo", SourceKind.TIINGO, tickers=("AAA",)),
        Source("prices", SourceKind.PRICES, url="https://desk.example/AAA.csv"),
    ],
    ids=lambda source: source.kind,
)
def test_a_body_that_cannot_be_read_leaves_no_validator(source: Source, body: bytes) -> None:
    reader = Reader(source, {"https://": tagged(body, '"v1"')})
    found = reader.visit()
    assert found.failures
    assert found.validators == ()
    assert not reader.visit().unchanged


def test_a_sitemap_below_an_index_that_cannot_be_read_is_asked_for_again() -> None:
    index = "<sitemapindex><sitemap><loc>https://desk.example/c.xml</loc></sitemap></sitemapindex>"
    source = dataclasses.replace(SITEMAP, follow=True)
    reader = Reader(source, {"news.xml": index, "c.xml": tagged(b"<html>x", '"c"'), "/p1": PAGE})
    assert reader.visit().validators == ()
    reader.web.pages["c.xml"] = tagged(sitemap(1), '"c"')
    reader.visit()
    assert len(reader.texts) == 1


@pytest.mark.parametrize(
    "bad", [b"02/27/2026,4.0\n", b"02/27/2026,4.0,x\n", b"soon,4.0,4.2\n"], ids=["cut", "x", "day"]
)
def test_yields_with_a_row_that_cannot_be_read_are_asked_for_in_full(bad: bytes) -> None:
    source = Source("ust", SourceKind.TREASURY_CSV, url="https://desk.example/y")
    found = Reader(source, {"/y": tagged(TREASURY + bad, '"v1"')}).visit()
    assert (bool(found.observations), len(found.failures), found.validators) == (True, 1, ())


@pytest.mark.parametrize(
    "source", [dataclasses.replace(DESK, follow=False), DESK, SITEMAP], ids=["feed", "pages", "map"]
)
def test_what_one_date_left_out_is_there_for_an_earlier_one(source: Source) -> None:
    text = sitemap(9, 20) if source.kind is SourceKind.SITEMAP else feed(9, 20)
    name = source.url.rpartition("/")[2]
    reader = Reader(source, {name: tagged(text, '"v1"'), "/p": PAGE})
    assert len(reader.visit(since=datetime(2026, 2, 15, tzinfo=UTC)).documents) == 1
    reader.visit()
    assert len(reader.texts) == 2
    assert reader.visit().unchanged


def test_untitled_entries_wait_for_a_source_that_follows_them() -> None:
    reader = Reader(dataclasses.replace(SITEMAP, follow=False), {
        "news.xml": tagged(sitemap(1), '"v1"'), "/p": PAGE,
    })  # fmt: skip
    assert reader.visit().validators == ()
    reader.source = SITEMAP
    reader.visit()
    assert len(reader.texts) == 1


def test_a_key_in_an_address_is_in_nothing_that_is_kept() -> None:
    url = "https://desk.example/rss?token=hush&n=9"
    for kind in (SourceKind.FEED, SourceKind.SITEMAP, SourceKind.TREASURY_CSV):
        source = Source("desk", kind, url=url)
        for body in (feed(1), sitemap(1), TREASURY.decode(), "<html>", "", "<feed"):
            reader = Reader(source, {"rss?token=hush": tagged(body, '"v1"')})
            found = reader.visit()
            assert "hush" not in repr(found)
            if found.validators:
                assert found.validators[0].url == "https://desk.example/rss?token=***&n=9"
                assert reader.visit().unchanged


def test_a_key_that_a_service_quotes_is_taken_out() -> None:
    for source, key in (
        (Source("fred", SourceKind.FRED_API, code="DGS10"), "s3cretf"),
        (Source("tiingo", SourceKind.TIINGO, tickers=("AAA",)), "s3crett"),
    ):
        for body in (
            f'{{"error_message": "{key} is not registered", "detail": "Invalid token {key}"}}',
            f'{{"observations": [{{"date": "{key}"}}]}}',
            f'[{{"date": "{key}", "close": 1}}]',
            f"Invalid token {key}.",
        ):
            found = Reader(source, {"https://": body}).visit()
            assert found.failures
            assert key not in repr(found)
