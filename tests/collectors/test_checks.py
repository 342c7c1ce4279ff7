"""One visit to a source, to see whether it answers."""

from __future__ import annotations

from datetime import UTC, datetime

from fake_web import FakeWeb, tagged

from moneygood.collectors.checks import check_source
from moneygood.collectors.sources import Source, SourceKind
from moneygood.collectors.visit import Visit
from moneygood.records import Validator

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
FEED = Source("wire", SourceKind.FEED, url="https://wire.example/rss")


def rss(*days: str) -> str:
    items = "".join(
        f"<item><title>Halls and bonds {n}</title><link>https://wire.example/{n}</link>"
        f"<pubDate>{day}</pubDate></item>"
        for n, day in enumerate(days)
    )
    return f'<rss version="2.0"><channel><title>t</title>{items}</channel></rss>'


def test_a_source_that_answers() -> None:
    web = FakeWeb({"rss": rss("2026-03-01T10:00:00Z", "2026-02-27T10:00:00Z")})
    check = check_source(FEED, Visit(NOW, web))
    assert (check.ok, check.documents, check.observations) == (True, 2, 0)
    assert check.newest == datetime(2026, 3, 1, 10, 0, tzinfo=UTC)
    assert check.finding == "2 texts, newest 2026-03-01 10:00 UTC"
    assert check.remedy == ""


def test_what_is_held_or_unchanged_is_looked_at_all_the_same() -> None:
    web = FakeWeb({"rss": tagged(rss("2026-03-01"), '"v"')})
    kept = {FEED.url: Validator(FEED.url, '"v"')}
    assert check_source(FEED, Visit(NOW, web, validators=kept)).documents == 1


def test_one_page_at_most_is_followed() -> None:
    source = Source("wire", SourceKind.FEED, url=FEED.url, follow=True)
    web = FakeWeb({"rss": rss(*["2026-03-01"] * 9)})
    check = check_source(source, Visit(NOW, web))
    assert len(web.asked) == 2
    assert check.documents == 9
    assert "404" in check.finding
    assert check.ok


def test_a_source_that_fails_names_the_remedy() -> None:
    check = check_source(FEED, Visit(NOW, FakeWeb({})))
    assert not check.ok
    assert "the server answered 404" in check.finding
    assert check.remedy == "The address has moved."
    assert check.newest is None


def test_a_source_that_went_quiet() -> None:
    check = check_source(FEED, Visit(NOW, FakeWeb({"rss": rss("2024-05-01")})))
    assert check.finding == "1 text, but none since 2024-05-01"
    assert check.remedy


def test_figures_are_counted() -> None:
    source = Source("curve", SourceKind.TREASURY_CSV, url="https://curve.example/par.csv")
    web = FakeWeb({"par.csv": "Date,2 Yr,10 Yr\n02/26/2026,4.10,4.25\n02/27/2026,4.11,4.26\n"})
    check = check_source(source, Visit(NOW, web))
    assert (check.ok, check.observations) == (True, 4)
    assert check.finding.startswith("4 figures, newest 2026-02-27")


def test_a_search_without_matches_says_so() -> None:
    source = Source("world", SourceKind.GDELT, query="xyzzy plugh")
    check = check_source(source, Visit(NOW, FakeWeb({"gdelt": "{}"})))
    assert not check.ok
    assert check.finding == "nothing came"
    assert "query" in check.remedy
