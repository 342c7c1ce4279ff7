"""Visits to sources: one that fails never stops the others."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from moneygood.collectors import feeds
from moneygood.collectors.collect import collect
from moneygood.collectors.http import Response
from moneygood.collectors.sources import Source, SourceKind, load_sources
from moneygood.errors import FetchError
from moneygood.records import Collected, Kind

FEED = (
    b'<rss version="2.0"><channel><item><title>Halls</title>'
    b"<link>https://desk.example/halls</link><description>Short.</description></item>"
    b"</channel></rss>"
)
PAGE = b"<html><body><article><p>" + b"The halls are built and the bonds are sold. " * 8 + b"</p>"


class Web:
    """A fake ``fetch`` that knows some pages and remembers what was asked."""

    def __init__(self, **pages: bytes) -> None:
        self.pages = pages
        self.asked: list[str] = []

    def __call__(self, url: str, *, contact: str = "") -> Response:
        self.asked.append(url)
        for name, body in self.pages.items():
            if url.endswith(name):
                return Response(url, 200, body)
        raise FetchError(url, "the server answered 404", "Correct it.")


def test_the_whole_sample_is_read(sample: Path, now: datetime) -> None:
    found = [collect(source, now=now) for source in load_sources(sample / "sources.toml")]
    assert not [str(f) for c in found for f in c.failures]
    assert sum(len(c.documents) for c in found) > 200
    assert sum(len(c.observations) for c in found) > 1000
    kinds = {d.kind for c in found for d in c.documents}
    assert kinds == {Kind.NEWS, Kind.TRANSCRIPT, Kind.SPEECH}
    assert all(d.available_at == d.published_at for c in found for d in c.documents)


def test_following_replaces_the_summary_and_skips_known(now: datetime) -> None:
    source = Source("desk", SourceKind.FEED, url="https://desk.example/rss", follow=True)
    web = Web(rss=FEED, halls=PAGE)
    (document,) = collect(source, now=now, fetch=web).documents
    assert document.body.startswith("The halls are built")
    again = collect(source, now=now, fetch=web, known={document.uid})
    assert again.documents[0].body == "Short."
    assert web.asked.count("https://desk.example/halls") == 1


def test_a_page_that_cannot_be_read_leaves_the_summary(now: datetime) -> None:
    source = Source("desk", SourceKind.FEED, url="https://desk.example/rss", follow=True)
    found = collect(source, now=now, fetch=Web(rss=FEED))
    assert found.documents[0].body == "Short."
    assert "404" in found.failures[0].reason


def test_year_in_the_address(now: datetime) -> None:
    source = Source("ust", SourceKind.TREASURY_CSV, url="https://ust.example/{year}/all")
    web = Web(all=b"Date,10 Yr\n01/29/2026,4.5\n")
    assert len(collect(source, now=now, fetch=web).observations) == 1
    assert web.asked == ["https://ust.example/2026/all"]


def test_fetch_errors_and_missing_files_are_failures(now: datetime, tmp_path: Path) -> None:
    dead = Source("dead", SourceKind.FEED, url="https://dead.example/rss")
    (failure,) = collect(dead, now=now, fetch=Web()).failures
    assert (failure.source, failure.subject) == ("dead", "https://dead.example/rss")
    for kind in (SourceKind.FEED, SourceKind.FOLDER, SourceKind.TREASURY_XML, SourceKind.PRICES):
        gone = Source("gone", kind, path=str(tmp_path / "gone.csv"))
        (failure,) = collect(gone, now=now).failures
        assert "gone.csv" in failure.subject
        assert failure.remedy


def test_a_crash_in_a_parser_is_a_failure(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object, **__: object) -> Collected:
        raise RuntimeError("boom")

    monkeypatch.setattr(feeds, "make_document", crash)
    source = Source("wire", SourceKind.FEED, url="https://wire.example/rss")
    (failure,) = collect(source, now=now, fetch=Web(rss=FEED)).failures
    assert failure.source == "wire"
    assert "RuntimeError: boom" in failure.reason


def test_prices_of_a_folder(now: datetime, tmp_path: Path) -> None:
    (tmp_path / "SPY.csv").write_text("date,close\n2025-01-29,600\n", encoding="utf-8")
    (tmp_path / "TLT.csv").write_text("nothing here", encoding="utf-8")
    found = collect(Source("p", SourceKind.PRICES, path=str(tmp_path)), now=now)
    assert [o.series for o in found.observations] == ["price:SPY"]
    assert "TLT.csv" in found.failures[0].subject


def test_fred(now: datetime) -> None:
    source = Source("f", SourceKind.FRED, url="https://fred.example/x?id=DGS10", series="y10")
    web = Web(DGS10=b"observation_date,DGS10\n2025-01-29,4.5\n")
    assert collect(source, now=now, fetch=web).observations[0].series == "y10"
