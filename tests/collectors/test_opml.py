"""OPML in and out, and sources written as TOML."""

from __future__ import annotations

import string
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from moneygood.collectors.opml import read_opml, toml_of, write_opml
from moneygood.collectors.source_rules import FORMS, MOST
from moneygood.collectors.sources import Source, SourceKind, load_sources, usual_text_kind
from moneygood.records import Kind

SHIPPED = Path(__file__).parents[2] / "collectors" / "sources.toml"


def opml(body: str, head: str = "") -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?>{head}<opml version="2.0"><head><title>t</title></head><body>{body}</body></opml>'.encode()  # noqa: E501


def feed(url: str, **said: str) -> str:
    attributes = "".join(f' {key}="{value}"' for key, value in said.items())
    return f'<outline type="rss" xmlUrl="{url}"{attributes}/>'


def test_folders_are_flattened_and_names_made() -> None:
    data = opml(
        '<outline text="Banks"><outline text="Deep">'
        + feed("https://a.example/rss?x=1&amp;y=2", text="Börse &amp; Bonds")
        + "</outline></outline>"
        + feed("https://b.example/rss", title="Desk Notes")
        + feed("https://c.example/rss", text="Desk notes!")
        + feed("https://www.d.example/rss")
    )
    sources, failures = read_opml(data, "list.opml")
    assert [(s.name, s.url) for s in sources] == [
        ("börse-bonds", "https://a.example/rss?x=1&y=2"),
        ("desk-notes", "https://b.example/rss"),
        ("desk-notes-2", "https://c.example/rss"),
        ("d-example", "https://www.d.example/rss"),
    ]
    assert {s.kind for s in sources} == {SourceKind.FEED}
    assert failures == ()


def test_duplicates_come_once_and_what_cannot_be_read_is_named() -> None:
    data = opml(
        feed("https://a.example/rss", text="one")
        + feed("https://a.example/rss", text="two")
        + feed("javascript:alert(1)", text="evil")
        + '<outline type="rss" text="lost"/>'
    )
    sources, failures = read_opml(data, "list.opml")
    assert len(sources) == 1
    assert {(f.subject, f.reason) for f in failures} == {
        ("evil", "'javascript:alert(1)' is not an http(s) address"),
        ("lost", "has no xmlUrl"),
    }
    assert all(f.source == "list.opml" and f.remedy for f in failures)


def test_entities_are_neither_fetched_nor_expanded() -> None:
    head = '<!DOCTYPE o [<!ENTITY x SYSTEM "file:///etc/passwd"><!ENTITY l0 "lol">'
    head += "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10)) + "]>"
    begin = time.perf_counter()
    body = feed("https://a.example/rss", text="&l9;") + feed("https://b.example/&x;", text="&x;")
    sources, _ = read_opml(opml(body, head), "list.opml")
    assert time.perf_counter() - begin < 1
    assert not any("root:" in s.name + s.url or "lollol" in s.name for s in sources)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b"<!DOCTYPE html><html><body>Hello</body></html>", "HTML page"),
        (b"just words", "not an OPML file"),
        (b"https://a.example/list.opml", "not an OPML file"),
        (b"\x1f\x8b\x08\x00", "binary"),
        (opml(""), "no feeds"),
        (opml(feed("https://a.example/rss")).replace(b"</body></opml>", b""), "cut off: 1 feeds"),
        (b" " * 5_000_001, "larger than 5 MB"),
    ],
)
def test_what_is_no_list_is_a_failure_with_a_remedy(data: bytes, says: str) -> None:
    _, failures = read_opml(data, "list.opml")
    assert says in failures[0].reason
    assert failures[0].remedy


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_never_raise(data: bytes) -> None:
    for candidate in (data, opml("") + data, opml(feed("https://a.example/")) + data):
        read_opml(candidate, "list.opml")


NAMES = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Cf", "Cn", "Co", "Zl", "Zp")), min_size=1
).filter(lambda name: name.strip() == name and name.isprintable())
WORDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20).filter(
    lambda text: text.strip() == text
)
URLS = st.text(string.ascii_letters + string.digits + '/?&=%"\\', max_size=20).map(
    "https://host.example/".__add__
)
LISTS = st.lists(WORDS, min_size=1, max_size=3).map(tuple)
ALONE = frozenset({SourceKind.EDGAR, SourceKind.TIINGO, SourceKind.YFINANCE, SourceKind.FRED_API})
SEARCHES = frozenset({SourceKind.GDELT, SourceKind.HACKERNEWS})


@st.composite
def source_lists(draw: st.DrawFn) -> list[Source]:
    names = draw(st.lists(NAMES, min_size=1, max_size=4, unique=True))
    return [draw(sources(name)) for name in names]


@st.composite
def sources(draw: st.DrawFn, name: str) -> Source:
    kind = draw(st.sampled_from(list(SourceKind)))
    said: dict[str, object] = {
        "text_kind": draw(st.sampled_from(list(Kind)) | st.just(usual_text_kind(kind))),
        "history": draw(st.booleans()),
        "robots": draw(st.booleans()),
        "allow_private": draw(st.booleans()),
        "rate": draw(st.floats(0.001, 10) | st.just(1.0)),
        "languages": draw(st.sampled_from([("en",), (), ("en", "de")])),
        "tickers": draw(LISTS),
    }
    if kind in (SourceKind.FOLDER, SourceKind.CALL):
        said["path"] = "/data/" + draw(st.text(string.ascii_letters + ' "\\é', max_size=9)) + "x"
    elif kind not in ALONE | SEARCHES:
        said["url"] = draw(URLS)
    if kind in (SourceKind.FEED, SourceKind.SITEMAP):
        said |= {"follow": draw(st.booleans()), "limit": draw(st.integers(0, MOST))}
    if kind in SEARCHES:
        said["query"] = draw(WORDS)
    if kind is SourceKind.EDGAR:
        said["items"] = draw(st.sampled_from([("2.02", "7.01"), ("8.01",), ()]))
        said["forms"] = draw(st.lists(st.sampled_from(FORMS), max_size=2).map(tuple))
    if kind in (SourceKind.FRED, SourceKind.FRED_API):
        said["series"] = draw(WORDS)
    if kind is SourceKind.FRED_API:
        said["code"] = draw(WORDS)
    if kind in (SourceKind.PRICES, SourceKind.TIINGO, SourceKind.YFINANCE):
        said["currency"] = draw(st.sampled_from(["", "USD", "EUR"]))
    return Source(name, kind, **said)  # type: ignore[arg-type]


@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(source_lists())
def test_toml_reads_back_as_written(tmp_path: Path, listed: list[Source]) -> None:
    path = tmp_path / "out.toml"
    path.write_bytes(toml_of(listed).encode())
    assert load_sources(path) == listed


def test_the_shipped_list_survives_both_ways(tmp_path: Path) -> None:
    shipped = load_sources(SHIPPED)
    path = tmp_path / "out.toml"
    path.write_text(toml_of(shipped), encoding="utf-8")
    assert load_sources(path) == shipped
    feeds = {s.url for s in shipped if s.kind is SourceKind.FEED}
    again, failures = read_opml(write_opml(shipped).encode(), "out.opml")
    assert ({s.url for s in again}, failures) == (feeds, ())


def test_opml_is_escaped() -> None:
    source = Source('a "<b>" & c', SourceKind.FEED, url='https://a.example/?x="&y')
    (again,), failures = read_opml(write_opml([source]).encode(), "out.opml")
    assert (again.url, failures) == (source.url, ())
