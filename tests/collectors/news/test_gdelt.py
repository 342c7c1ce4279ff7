"""GDELT article lists, and the many ways the service says no."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from fake_web import FakeWeb
from hypothesis import given, settings
from hypothesis import strategies as st

from moneygood.collectors.news.gdelt import PAGE, SEEN, despaced, parse_gdelt, read_gdelt
from moneygood.collectors.sources import Source, SourceKind
from moneygood.collectors.visit import Visit
from moneygood.errors import FetchError

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SOURCE = Source("world", SourceKind.GDELT, query='"data center" spending')


def article(number: int, at: datetime = NOW, **fields: object) -> dict[str, object]:
    return {
        "url": f"https://outlet{number}.example/a",
        "url_mobile": "",
        "title": f"Halls and bonds , part {number}",
        "seendate": at.strftime("%Y%m%dT%H%M%SZ"),
        "socialimage": "",
        "domain": f"outlet{number}.example",
        "language": "English",
        "sourcecountry": "United States",
    } | fields


def listed(*articles: object) -> bytes:
    return json.dumps({"articles": articles}).encode()


def test_an_article_becomes_a_headline() -> None:
    at = datetime(2026, 3, 1, 9, 15, tzinfo=UTC)
    web = FakeWeb({"api.gdeltproject.org": listed(article(1, at))})
    (document,) = read_gdelt(SOURCE, Visit(NOW, web)).documents
    assert document.title == "Halls and bonds, part 1"
    assert (document.published_at, document.language) == (at, "en")
    assert document.notes == (SEEN, "outlet outlet1.example")
    asked = parse_qs(urlsplit(web.asked[0]).query)
    assert asked["query"] == ['"data center" spending sourcelang:eng']
    assert (asked["mode"], asked["format"]) == (["ArtList"], ["json"])
    assert (asked["maxrecords"], asked["sort"]) == (["250"], ["DateDesc"])
    assert asked["startdatetime"] == ["20260227120000"]
    assert asked["enddatetime"] == ["20260302120000"]


def test_the_search_reaches_back_three_months_at_most() -> None:
    web = FakeWeb({"gdelt": listed()})
    found = read_gdelt(SOURCE, Visit(NOW, web, since=datetime(2020, 1, 1, tzinfo=UTC)))
    assert parse_qs(urlsplit(web.asked[0]).query)["startdatetime"] == ["20251203120000"]
    # Nothing found is an answer, not a failure.
    assert (found.documents, found.failures) == ((), ())


def test_a_full_answer_is_followed_by_an_earlier_one() -> None:
    def answer(url: str) -> bytes:
        end = datetime.strptime(
            parse_qs(urlsplit(url).query)["enddatetime"][0], "%Y%m%d%H%M%S"
        ).replace(tzinfo=UTC)
        every = [article(n, NOW - timedelta(minutes=n)) for n in range(600)]
        return listed(*[a for a in every if a["seendate"] <= f"{end:%Y%m%dT%H%M%SZ}"][:PAGE])  # type: ignore[operator]

    web = FakeWeb({"gdelt": answer})
    found = read_gdelt(SOURCE, Visit(NOW, web))
    assert len({d.url for d in found.documents}) == len(found.documents) == 600
    assert (len(web.asked), found.failures) == (3, ())
    few = read_gdelt(replace(SOURCE, limit=300), Visit(NOW, web))
    assert len(few.documents) == 300
    assert "older ones were not read" in few.failures[0].reason


def test_other_languages_are_counted() -> None:
    data = listed(article(1), article(2, language="German"), article(3, language="Klingon"))
    found = parse_gdelt(data, source=SOURCE, now=NOW)
    assert len(found.documents) == 1
    assert {s.reason: s.count for s in found.skips} == {"language de": 1, "language Klingon": 1}
    both = replace(SOURCE, languages=("en", "de"))
    assert len(parse_gdelt(data, source=both, now=NOW).documents) == 2


@pytest.mark.parametrize(
    ("body", "says", "remedy"),
    [
        ("Please limit requests to one every 5 seconds or contact us.", "too often", "5 seconds"),
        ("Your query was too short or too long.\n", "refused the query", "Correct the query"),
        ("Queries containing OR'd terms must be surrounded by ().", "refused", "parentheses"),
        ("Invalid/Unsupported Country.", "refused", "Correct"),
        ("<html><body>Bad gateway</body></html>", "HTML page", "later"),
        ("", "empty", "later"),
        ('{"articles": [{"url": "https://a.example/1", "title": "cut', "not valid JSON", "later"),
        ('{"articles": 7}', "no list", "later"),
        ('{"articles": ' + "[" * 100_000, "not valid JSON", "later"),
    ],
)
def test_a_refusal_with_200_is_a_failure_with_a_remedy(body: str, says: str, remedy: str) -> None:
    found = read_gdelt(SOURCE, Visit(NOW, FakeWeb({"gdelt": body})))
    (failure,) = found.failures
    assert says in failure.reason
    assert remedy in failure.remedy


def test_429_names_the_rate_and_keeps_what_came_before() -> None:
    refused = FetchError("https://x", "the server answered 429", "Wait.")
    (failure,) = read_gdelt(SOURCE, Visit(NOW, FakeWeb({"gdelt": refused}))).failures
    assert "429" in failure.reason
    assert "rate = 0.2" in failure.remedy
    first = listed(*(article(n, NOW - timedelta(minutes=n)) for n in range(PAGE)))

    def once(url: str) -> bytes:
        if len(web.asked) > 1:
            raise refused
        return first

    web = FakeWeb({"gdelt": once})
    found = read_gdelt(SOURCE, Visit(NOW, web))
    assert (len(found.documents), len(found.failures)) == (PAGE, 1)


def test_bad_escapes_and_a_notice_before_the_json_are_mended() -> None:
    title = rb'"title": "Fees \& a \"C:\\x\" \u00e9 \u12"'
    body = b'{"articles": [{"url": "https://a.example/1", ' + title + b"}]}"
    (document,) = parse_gdelt(body, source=SOURCE_ANY, now=NOW).documents
    assert document.title == 'Fees \\& a "C:\\x" é \\u12'
    noticed = b"Please limit requests to one every 5 seconds.\n" + listed(article(1))
    assert len(parse_gdelt(noticed, source=SOURCE, now=NOW).documents) == 1


SOURCE_ANY = replace(SOURCE, languages=())


def test_rows_of_the_wrong_shape_are_counted() -> None:
    odd = [7, None, {"url": 3, "title": []}, {"title": "x"}, article(1, url="javascript:1")]
    found = parse_gdelt(listed(*odd, article(2), article(2)), source=SOURCE, now=NOW)
    assert len(found.documents) == 1
    assert {s.reason: s.count for s in found.skips} == {
        "neither title nor address": 5,
        "repeated in the same answer": 1,
    }


@pytest.mark.parametrize(
    ("spaced", "title"),
    [
        ("Yields fall , stocks slip : what next ?", "Yields fall, stocks slip: what next?"),
        ("Halden ' s $ 65 billion plan ( again )", "Halden's $65 billion plan (again)"),
        ("S & P 500 up 1 . 5 % on 10 - year calm", "S&P 500 up 1.5% on 10-year calm"),
        ("A bill of 1 , 250 halls", "A bill of 1,250 halls"),
        ("Q & A - a talk in 2024 , 300 came", "Q&A - a talk in 2024, 300 came"),
        ("Nothing to mend here", "Nothing to mend here"),
    ],
)
def test_titles_lose_the_blanks_round_punctuation(spaced: str, title: str) -> None:
    assert despaced(spaced) == title


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=200), st.text(max_size=80))
def test_any_bytes_never_raise(data: bytes, title: str) -> None:
    for candidate in (data, b'{"articles": [' + data, listed(article(1, title=title))):
        assert parse_gdelt(candidate, source=SOURCE, now=NOW).source == "world"
