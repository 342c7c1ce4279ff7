"""Hacker News stories from Algolia's search."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from fake_web import FakeWeb
from hypothesis import given, settings
from hypothesis import strategies as st

from moneygood.collectors.news.hackernews import parse_hackernews, read_hackernews
from moneygood.collectors.sources import Source, SourceKind
from moneygood.collectors.visit import Visit

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SOURCE = Source("hn", SourceKind.HACKERNEWS, query="jevons paradox")


def hit(number: int, **fields: object) -> dict[str, object]:
    return {
        "objectID": str(number),
        "title": f"Cheaper halls, more halls {number}",
        "url": f"https://blog.example/{number}",
        "author": "someone",
        "points": 12,
        "num_comments": 3,
        "created_at": "2026-03-01T09:30:00Z",
        "created_at_i": 1772357400,
        "_tags": ["story"],
    } | fields


def answer(*hits: object, **fields: object) -> bytes:
    return json.dumps({"hits": hits, "nbHits": len(hits), "page": 0} | fields).encode()


def test_a_story_becomes_a_document() -> None:
    web = FakeWeb({"hn.algolia.com": answer(hit(1))})
    (document,) = read_hackernews(SOURCE, Visit(NOW, web)).documents
    assert document.title == "Cheaper halls, more halls 1"
    assert document.url == "https://blog.example/1"
    assert document.guid == "https://news.ycombinator.com/item?id=1"
    assert document.published_at == datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
    asked = parse_qs(urlsplit(web.asked[0]).query)
    assert (asked["query"], asked["tags"]) == (["jevons paradox"], ["story"])
    assert asked["numericFilters"] == ["created_at_i>=1769860800"]
    assert "points" not in web.asked[0]


def test_a_post_without_a_link_has_its_own_page_and_text() -> None:
    story = hit(2, url=None, story_text="<p>Does a cheaper model sell more?</p><p>I think so.")
    (document,) = parse_hackernews(answer(story), source=SOURCE, now=NOW).documents
    assert document.url == "https://news.ycombinator.com/item?id=2"
    assert document.body == "Does a cheaper model sell more?\nI think so."


def test_what_is_beyond_the_limit_or_unusable_is_counted() -> None:
    odd = [3, {"objectID": "x/../y", "title": "t"}, hit(1, title=None), hit(2), hit(2)]
    found = parse_hackernews(answer(*odd, nbHits=40), source=SOURCE, now=NOW)
    assert len(found.documents) == 1
    assert {s.reason: s.count for s in found.skips} == {
        "neither title nor number": 3,
        "repeated in the same answer": 1,
        "beyond the limit of one visit": 35,
    }


def test_the_limit_is_asked_for() -> None:
    web = FakeWeb({"hn": answer()})
    found = read_hackernews(replace(SOURCE, limit=7), Visit(NOW, web))
    assert "hitsPerPage=7" in web.asked[0]
    assert (found.documents, found.failures) == ((), ())


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "empty"),
        (b"<html><body>down</body></html>", "HTML page"),
        (b"[1]", "a list came"),
        (b'{"hits": [', "not valid JSON"),
        (b'{"message": "invalid numeric attribute", "status": 400}', "invalid numeric attribute"),
        (b'{"hits": {}}', "no list of hits"),
        (b"[" * 100_000, "not valid JSON"),
    ],
)
def test_bad_answers_are_failures_with_a_remedy(body: bytes, says: str) -> None:
    (failure,) = read_hackernews(SOURCE, Visit(NOW, FakeWeb({"hn": body}))).failures
    assert says in failure.reason
    assert failure.remedy


@settings(max_examples=60, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["hits", "objectID", "title", "created_at_i", "url", "nbHits"]),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
def test_json_of_any_shape_never_raises(value: object) -> None:
    for candidate in (value, {"hits": [value]}, {"hits": value}):
        data = json.dumps(candidate).encode()
        assert parse_hackernews(data, source=SOURCE, now=NOW).source == "hn"
