"""Visits to sources: one that fails never stops the others."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

import pytest

from moneygood.collectors.collect import collect
from moneygood.collectors.news import feeds
from moneygood.collectors.sources import Source, SourceKind, load_sources
from moneygood.collectors.visit import Visit
from moneygood.collectors.web.http import Response
from moneygood.errors import FetchError
from moneygood.records import Collected, Kind, Validator

FEED = (
    b'<rss version="2.0"><channel><item><title>Halls</title>'
    b"<link>https://desk.example/halls</link><description>Short.</description></item>"
    b"</channel></rss>"
)
PAGE = b"<html><body><article><p>" + b"The halls are built and the bonds are sold. " * 8 + b"</p>"


class Web:
    """A fake ``get`` that knows some pages and remembers what was asked."""

    def __init__(self, **pages: bytes) -> None:
        self.pages = pages
        self.asked: list[str] = []

    def __call__(
        self,
        url: str,
        *,
        validator: Validator | None = None,
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> Response:
        self.asked.append(url)
        if validator is not None and validator.etag == "same":
            return Response(url, 304, b"")
        for name, body in self.pages.items():
            if url.endswith(name):
                return Response(url, 200, body)
        raise FetchError(url, "the server answered 404", "Correct it.")


def test_the_whole_sample_is_read(sample: Path, now: datetime) -> None:
    found = [collect(source, Visit(now, Web())) for source in load_sources(sample / "sources.toml")]
    assert not [str(f) for c in found for f in c.failures]
    assert sum(len(c.documents) for c in found) > 200
    assert sum(len(c.observations) for c in found) > 1000
    kinds = {d.kind for c in found for d in c.documents}
    assert kinds == {Kind.NEWS, Kind.TRANSCRIPT, Kind.SPEECH}
    assert all(d.available_at == d.published_at for c in found for d in c.documents)


def test_following_replaces_the_summary_and_skips_known(now: datetime) -> None:
    source = Source("desk", SourceKind.FEED, url="https://desk.example/rss", follow=True)
    web = Web(rss=FEED, halls=PAGE)
    (document,) = collect(source, Visit(now, web)).documents
    assert document.body.startswith("The halls are built")
    held = {document.uid: frozenset({document.entry_hash})}
    again = collect(source, Visit(now, web, held))
    # The summary is what was read before: the store counts it as a duplicate.
    assert (again.documents[0].body, again.documents[0].entry_hash) == (
        "Short.",
        document.entry_hash,
    )
    assert web.asked.count("https://desk.example/halls") == 1


def test_an_address_that_did_not_change_yields_nothing(now: datetime) -> None:
    source = Source("desk", SourceKind.FEED, url="https://desk.example/rss")
    kept = {source.url: Validator(source.url, "same")}
    found = collect(source, Visit(now, Web(rss=FEED), validators=kept))
    assert (found.unchanged, found.documents, found.failures) == (True, (), ())


def test_what_is_older_or_foreign_is_left_out_and_counted(now: datetime) -> None:
    long = "Die Hallen werden in diesem Jahr gebaut und die Anleihen wurden schon verkauft."
    items = "".join(
        f"<item><title>{title}</title><guid>{title}</guid><pubDate>{date}</pubDate></item>"
        for title, date in (
            ("The halls are built and the bonds are sold", "Mon, 02 Feb 2026 09:00:00 GMT"),
            ("The halls were planned and the bonds were issued", "Mon, 05 Jan 2026 09:00:00 GMT"),
            (long, "Mon, 02 Feb 2026 10:00:00 GMT"),
        )
    )
    feed = f"<rss version='2.0'><channel>{items}</channel></rss>".encode()
    source = Source("desk", SourceKind.FEED, url="https://desk.example/rss")
    since = datetime(2026, 2, 1, tzinfo=UTC)
    found = collect(source, Visit(now, Web(rss=feed), since=since))
    assert [d.title[:20] for d in found.documents] == ["The halls are built "]
    assert {s.reason: s.count for s in found.skips} == {
        "older than 2026-02-01": 1,
        "language de": 1,
    }


def test_a_page_that_cannot_be_read_leaves_the_summary(now: datetime) -> None:
    source = Source("desk", SourceKind.FEED, url="https://desk.example/rss", follow=True)
    found = collect(source, Visit(now, Web(rss=FEED)))
    assert found.documents[0].body == "Short."
    assert "404" in found.failures[0].reason


def test_year_in_the_address(now: datetime) -> None:
    source = Source("ust", SourceKind.TREASURY_CSV, url="https://ust.example/{year}/all")
    web = Web(all=b"Date,10 Yr\n01/29/2026,4.5\n")
    assert len(collect(source, Visit(now, web)).observations) == 1
    assert web.asked == ["https://ust.example/2026/all"]


def test_fetch_errors_and_missing_files_are_failures(now: datetime, tmp_path: Path) -> None:
    dead = Source("dead", SourceKind.FEED, url="https://dead.example/rss")
    (failure,) = collect(dead, Visit(now, Web())).failures
    assert (failure.source, failure.subject) == ("dead", "https://dead.example/rss")
    for kind in (SourceKind.FEED, SourceKind.FOLDER, SourceKind.TREASURY_XML, SourceKind.PRICES):
        gone = Source("gone", kind, path=str(tmp_path / "gone.csv"))
        (failure,) = collect(gone, Visit(now, Web())).failures
        assert "gone.csv" in failure.subject
        assert failure.remedy


def test_a_crash_in_a_parser_is_a_failure(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object, **__: object) -> Collected:
        raise RuntimeError("boom")

    monkeypatch.setattr(feeds, "make_document", crash)
    source = Source("wire", SourceKind.FEED, url="https://wire.example/rss")
    (failure,) = collect(source, Visit(now, Web(rss=FEED))).failures
    assert failure.source == "wire"
    assert "RuntimeError: boom" in failure.reason


def test_prices_of_a_folder(now: datetime, tmp_path: Path) -> None:
    (tmp_path / "SPY.csv").write_text("date,close\n2025-01-29,600\n", encoding="utf-8")
    (tmp_path / "TLT.csv").write_text("nothing here", encoding="utf-8")
    found = collect(Source("p", SourceKind.PRICES, path=str(tmp_path)), Visit(now, Web()))
    assert [o.series for o in found.observations] == ["price:SPY"]
    assert "TLT.csv" in found.failures[0].subject


def test_fred(now: datetime) -> None:
    source = Source("f", SourceKind.FRED, url="https://fred.example/x?id=DGS10", series="y10")
    web = Web(DGS10=b"observation_date,DGS10\n2025-01-29,4.5\n")
    assert collect(source, Visit(now, web)).observations[0].series == "y10"
