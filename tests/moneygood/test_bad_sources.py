"""Bad servers beside a good one, collected as in daily use: polite, in killable workers, stored.

Every answer comes from a real server on this machine. Outcome of each: bounded time
and memory, a reason on record, the good source whole, nothing lost or doubled.
"""

from __future__ import annotations

import functools
import itertools
import resource
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ParamSpec, TypeVar

import pytest
import stamina
from dumps import dump, sound
from hostile_server import (
    Answer,
    Asked,
    HostileServer,
    answer,
    drip,
    endless,
    gzip_bomb,
    in_turn,
    raw,
    redirect,
    silent,
)
from small_sources import rss
from sqlalchemy import event

from moneygood import reads, source_reads
from moneygood.collectors.sources import Source, SourceKind
from moneygood.collectors.web import addresses, http, polite, workers
from moneygood.errors import StoreError
from moneygood.gather import Gathered, Manners, collect_sources
from moneygood.records import Document
from moneygood.store import Store

P = ParamSpec("P")
T = TypeVar("T")
NOW = datetime(2025, 3, 3, 15, 0, tzinfo=UTC)
DATE = "Mon, 27 Jan 2025 09:30:00 -0500"
HEAD = b"HTTP/1.1 200 OK\r\n"
SECRET = "root:x:0:0"


def feed(*items: tuple[str, str, str, str], declared: str = "") -> bytes:
    return rss(list(items)).replace("?>", f"?>{declared}", 1).encode()


def xml(body: bytes, etag: str = "") -> Answer:
    return answer(body=body, Content_Type="text/xml", ETag=etag)


def tagged(body: bytes, etag: str) -> Answer:
    """304 for whoever hands ``etag`` back."""

    def send(connection: object, asked: Asked) -> None:
        same = asked.headers.get("if-none-match") == etag
        found = answer(304) if same else xml(body, etag)
        found(connection, asked)  # type: ignore[arg-type]

    return send


GOOD = feed(*((f"g{i}", f"Title {i}", DATE, f"Text number {i}, long enough.") for i in range(5)))
ONE = ("a", "Halls are built", DATE, "The halls are built and sold.")
LAUGHS = "<!DOCTYPE rss [{}]>".format(
    "".join(
        f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' if n else '<!ENTITY e0 "ha">' for n in range(12)
    )
)
XXE = f'<!DOCTYPE rss [<!ENTITY x SYSTEM "file://{__file__}">]>'
CURVE = '<feed xmlns:m="m"><m:properties><d>{}</d></m:properties></feed>'
WORK = (
    b"<!doctype html><html><head><title>Checking</title><script>let nonce = 0; while (true) {"
    b"crypto.subtle.digest('SHA-256', text + nonce); nonce++ } // difficulty 4</script></head>"
    b"<body>One moment</body></html>"
)
MANY = feed(*((f"m{i}", f"Item {i}", DATE, f"Body {i}.") for i in range(100_000)))
DEEP = feed(ONE).replace(b"</item>", b"<x>" + b"<a>" * 300_000 + b"</a>" * 300_000 + b"</x></item>")

BAD: dict[str, tuple[Answer, str]] = {
    "bomb": (answer(body=gzip_bomb(60), Content_Encoding="gzip"), "more than 15000000 bytes"),
    "endless": (
        endless(itertools.chain((HEAD + b"\r\n",), itertools.repeat(b"<a>" * 100_000))),
        "more than 15000000 bytes",
    ),
    "dripheaders": (drip(HEAD + b"X: "), "no complete answer within"),
    "dripbody": (drip(HEAD + b"\r\n<rss>"), "no complete answer within"),
    "silent": (silent, "no complete answer within"),
    "loop": (redirect("/loop"), "more than 5 redirects"),
    "metadata": (redirect("http://169.254.169.254/latest/meta-data"), "not a public address"),
    "inside": (redirect("http://10.1.2.3/rss"), "not a public address"),
    "file": (redirect(f"file://{__file__}"), "not an http(s) address"),
    "html": (answer(body=b"<html><body>Moved</body></html>"), "an HTML page came"),
    "work": (answer(body=WORK, Content_Type="text/html"), "proof-of-work check instead"),
    "empty": (xml(b""), "the answer is empty"),
    "reset": (raw(HEAD + b"Content-Length: 9000\r\n\r\n<rss>"), "message body"),
    "notfeed": (xml(b"<svg><a/></svg>"), "not a feed"),
    "deep": (xml(DEEP), "tags"),
    "wire": (answer(500), "answered 500"),
    "gone": (answer(404), "answered 404"),
}
YIELDS = {
    "ust_laughs": (SourceKind.TREASURY_XML, LAUGHS + CURVE.format("&e9;"), "not well-formed"),
    "ust_xxe": (SourceKind.TREASURY_XML, XXE + CURVE.format("&x;"), "not well-formed"),
    "ust_html": (SourceKind.TREASURY_CSV, "<html>Service unavailable</html>", "HTML page"),
    "ust_empty": (SourceKind.TREASURY_CSV, "", "the answer is empty"),
    "map_laughs": (SourceKind.SITEMAP, LAUGHS + "<urlset>&e9;</urlset>", "not well-formed"),
}


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    # The server of the test plays a public one; everything else is judged as usual.
    usual = addresses.is_public
    monkeypatch.setattr(addresses, "is_public", lambda a: a == "127.0.0.1" or usual(a))
    fetch = functools.partial(http.fetch, timeout=1.0)
    impatient: Callable[..., object] = functools.partial(
        polite.polite, fetch=fetch, sleep=lambda _seconds: None
    )
    monkeypatch.setattr(polite, "polite", impatient)
    with stamina.set_testing(True, attempts=2):
        yield


class Here:
    """Parsers in this process: starting workers anew for each visit costs a second."""

    def __init__(self, *_: object, **__: object) -> None: ...

    def __enter__(self) -> Here:
        return self

    def __exit__(self, *_: object) -> None: ...

    def run(self, function: Callable[P, T], /, *arguments: P.args, **named: P.kwargs) -> T:
        return function(*arguments, **named)


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "Workers", Here)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "a.db")


def source(server: HostileServer, name: str, kind: SourceKind = SourceKind.FEED) -> Source:
    series = "y10" if kind is SourceKind.FRED else ""
    url = f"{server.url}/{name}"
    return Source(name, kind, url=url, series=series, robots=False, rate=10.0)


def collect(store: Store, *sources: Source, hours: float = 0) -> Gathered:
    return collect_sources(
        store, sources, now=NOW + timedelta(hours=hours), manners=Manners(parallel=8, workers=1)
    )


def reasons(store: Store) -> dict[str, str]:
    return {f["source"]: f["reason"] for f in source_reads.failures(store).to_dict("records")}


def texts(store: Store) -> list[Document]:
    return [document for _, document in reads.pending(store, "s.v1")]


def unchanged(store: Store) -> list[str]:
    """The source of each visit that was told that nothing is new."""
    with store.begin() as connection:
        query = "SELECT source FROM visit WHERE unchanged ORDER BY source"
        return [str(row[0]) for row in connection.exec_driver_sql(query)]


def megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def test_every_bad_server_leaves_a_reason_and_the_good_one_whole(store: Store) -> None:
    routes = {f"/{name}": found for name, (found, _) in BAD.items()}
    routes |= {f"/{name}": xml(text.encode()) for name, (_, text, _) in YIELDS.items()}
    with HostileServer(routes | {"/good": xml(GOOD)}) as server:
        listed = [source(server, name) for name in BAD]
        listed += [source(server, name, kind) for name, (kind, _, _) in YIELDS.items()]
        listed.insert(len(listed) // 2, source(server, "good"))
        before, start = megabytes(), time.monotonic()
        done = collect(store, *listed)
        assert time.monotonic() - start < 30
        assert megabytes() - before < 200
        found = reasons(store)
        expected = {name: says for name, (_, says) in BAD.items()}
        expected |= {name: says for name, (_, _, says) in YIELDS.items()}
        assert found.keys() == expected.keys()
        assert [n for n, says in expected.items() if says not in found[n]] == []
        assert all(source_reads.failures(store)["remedy"])
        assert (done.sources, done.new, done.failed) == (len(listed), 5, len(expected))
        assert [d.title for d in texts(store)] == [f"Title {i}" for i in range(5)]
        assert collect(store, source(server, "good"), hours=1).new == 0
    assert sound(store.path)


def test_entities_are_neither_expanded_nor_fetched(store: Store) -> None:
    pages = {
        "laughs": feed(("a", "x &e11; y", DATE, "&e11;"), declared=LAUGHS),
        "xxe": feed(("b", "Title &x;", DATE, "&x;"), declared=XXE),
    }
    with HostileServer({f"/{name}": xml(body) for name, body in pages.items()}) as server:
        start = time.monotonic()
        collect(store, *(source(server, name) for name in pages))
        assert time.monotonic() - start < 8
    assert all(len(d.title) + len(d.body) < 300 for d in texts(store))
    assert not [d for d in texts(store) if SECRET in d.text or "Bad servers" in d.text]


def test_the_newest_of_100_000_entries_are_read_and_the_rest_counted(store: Store) -> None:
    with HostileServer({"/many": xml(MANY)}) as server:
        start = time.monotonic()
        done = collect(store, source(server, "many"))
        assert time.monotonic() - start < 15
        assert (done.new, done.skipped, done.failed) == (5_000, 95_000, 0)


@pytest.mark.usefixtures("here")
def test_a_charset_that_is_wrong_in_header_or_declaration(store: Store) -> None:
    text = feed(("a", "Café Zürich “shut”", DATE, "The halls are built and sold to a fund."))
    declared = text.replace(b'"1.0"', b'"1.0" encoding="iso-8859-1"')
    latin = text.decode().replace("“shut”", "shut").encode("latin-1")
    routes = {
        "/header": answer(body=text, Content_Type="text/xml; charset=iso-8859-1"),
        "/declared": xml(declared),
        "/nonsense": answer(body=text, Content_Type="text/xml; charset=no-such-thing"),
        "/latin": xml(latin.replace(b'"1.0"', b'"1.0" encoding="utf-8"')),
    }
    with HostileServer(routes) as server:
        collect(store, *(source(server, name[1:]) for name in routes))
    titles = {d.source: d.title for d in texts(store)}
    assert titles.pop("latin") == "Café Zürich shut"
    assert set(titles.values()) == {"Café Zürich “shut”"}
    assert len(titles) == 3


@pytest.mark.usefixtures("here")
def test_scripts_and_their_links_come_to_nothing(store: Store) -> None:
    title = "&lt;script&gt;alert(1)&lt;/script&gt;Halls &lt;img src=x onerror=alert(2)&gt; rise"
    odd = feed(("a", title, DATE, "The halls are built and sold."))
    links = ("javascript:alert(3)", "data:text/html,x", "vbscript:x", "JaVaScRiPt:x", "//x.example")
    items = odd.partition(b"<item>")[2].partition(b"</item>")[0]
    pages = {
        f"/l{i}": xml(odd.replace(items, items + f"<link>{link}</link>".encode()))
        for i, link in enumerate(links)
    }
    with HostileServer(pages) as server:
        collect(store, *(source(server, name[1:]) for name in pages))
    found = texts(store)
    assert len(found) == len(links)
    assert {d.title for d in found} == {"Halls rise"}
    assert {d.url for d in found} == {""}


@pytest.mark.usefixtures("here")
def test_guids_that_repeat_change_or_are_missing(store: Store) -> None:
    link = "<link>https://wire.example/1</link>"
    body = feed(ONE).replace(b"</item>", link.encode() + b"</item>")
    changing = [xml(body.replace(b"<guid>a<", f"<guid>v{n}<".encode())) for n in range(3)]
    shared = xml(feed(ONE, ("a", "Rain tomorrow", DATE, "Umbrellas are advised in Perth.")))
    missing = xml(body.replace(b"<guid>a</guid>", b""))
    routes = {"/changing": in_turn(*changing), "/shared": shared, "/missing": missing}
    with HostileServer(routes) as server:
        listed = [source(server, name[1:]) for name in routes]
        assert collect(store, *listed).new == 4
        rows = dump(store.path)["document"]
        for hours in (1, 2):
            assert collect(store, *listed, hours=hours).new == 0
    assert dump(store.path)["document"] == rows
    counts = [d.source for d in texts(store)]
    assert [counts.count(s) for s in ("changing", "shared", "missing")] == [1, 2, 1]


@pytest.mark.usefixtures("here")
def test_a_feed_that_shrinks_loses_and_doubles_nothing(store: Store) -> None:
    items = [(f"g{i}", f"Title {i}", DATE, f"Text number {i}, long enough.") for i in range(5)]
    answers = [feed(*items), feed(*items[3:]), feed(*items[1:]), feed(*items)]
    with HostileServer({"/wire": in_turn(*map(xml, answers))}) as server:
        done = [collect(store, source(server, "wire"), hours=h) for h in range(4)]
    assert [d.new for d in done] == [5, 0, 0, 0]
    assert [d.failed + d.revised for d in done] == [0, 0, 0, 0]
    assert len(texts(store)) == 5


@pytest.mark.usefixtures("here")
def test_dates_of_1970_and_2999_are_clamped_and_kept_as_written(store: Store) -> None:
    raws = ["Thu, 01 Jan 1970 00:00:00 GMT", "Tue, 01 Jan 2999 00:00:00 GMT", "31 Foo 2025", ""]
    body = feed(*((str(i), f"Title {i}", r, f"Text {i} of it.") for i, r in enumerate(raws)))
    with HostileServer({"/wire": xml(body)}) as server:
        collect(store, source(server, "wire"))
        collect(store, source(server, "wire"), hours=30)
    found = texts(store)
    assert [d.published_raw for d in found] == raws
    assert {d.published_at for d in found} == {NOW}
    assert all("taken as first seen" in d.notes[0] for d in found)


@pytest.mark.usefixtures("here")
def test_blank_yields_are_missing_and_revised_ones_appended(store: Store) -> None:
    first = "observation_date,DGS10\n2025-02-26,4.25\n2025-02-27,.\n2025-02-28,\n"
    later = "DATE,VALUE\n2025-02-26,4.26\n2025-02-27,4.29\n2025-02-28,\n"
    answers = in_turn(*(answer(body=text.encode()) for text in (first, later, later)))
    with HostileServer({"/fred": answers}) as server:
        for hours in range(3):
            collect(store, source(server, "fred", SourceKind.FRED), hours=hours)

    def known(hours: float) -> list[tuple[str, float]]:
        frame = reads.observations(store, NOW + timedelta(hours=hours))
        return [(str(d)[:10], v) for d, v in zip(frame["date"], frame["value"], strict=True)]

    assert known(0.5) == [("2025-02-26", 4.25)]
    assert known(5) == [("2025-02-26", 4.26), ("2025-02-27", 4.29)]
    assert len(dump(store.path)["observation"]) == 3
    assert reasons(store) == {}


@pytest.mark.usefixtures("here")
def test_columns_that_were_renamed_added_and_reordered(store: Store) -> None:
    first = "Date,2 Yr,10 Yr\n02/26/2025,4.05,4.25\n"
    later = 'Note,"10 Yr","1.5 Month",DATE,"2 Yr",New\nx,4.25,4.31,2025-02-26,4.05,9\n'
    answers = in_turn(*(answer(body=text.encode()) for text in (first, later)))
    with HostileServer({"/ust": answers}) as server:
        for hours in range(2):
            collect(store, source(server, "ust", SourceKind.TREASURY_CSV), hours=hours)
    frame = reads.observations(store)
    assert dict(zip(frame["series"], frame["value"], strict=True)) == {
        "y2": 4.05, "y10": 4.25, "m1_5": 4.31,
    }  # fmt: skip
    assert len(dump(store.path)["observation"]) == 3


@pytest.mark.usefixtures("here")
def test_a_split_day_is_no_fall_in_price(store: Store) -> None:
    rows = "Date,Close,Stock Splits\n2025-02-25,200,0\n2025-02-26,101,2\n2025-02-27,102,0\n"
    with HostileServer({"/AAA.csv": answer(body=rows.encode())}) as server:
        collect(store, source(server, "AAA.csv", SourceKind.PRICES))
    frame = reads.observations(store)
    assert list(frame["value"]) == [100, 101, 102]


@pytest.mark.usefixtures("here")
def test_a_page_that_was_down_comes_later_though_the_feed_is_unchanged(store: Store) -> None:
    page = b"<html><body><article><p>" + b"The halls are built and the bonds are sold. " * 9
    with HostileServer({"/p": in_turn(answer(503), answer(503), answer(body=page))}) as server:
        link = f"<link>{server.url}/p</link></item>".encode()
        server.routes["/wire"] = tagged(feed(ONE).replace(b"</item>", link), '"v1"')
        wire = Source("wire", SourceKind.FEED, f"{server.url}/wire", follow=True, robots=False)
        done = [collect(store, wire, hours=h) for h in range(4)]
        assert [(d.new, d.revised, d.failed) for d in done] == [
            (1, 0, 1), (0, 1, 0), (0, 0, 0), (0, 0, 0),
        ]  # fmt: skip
        assert server.paths().count("/p") == 3
    assert [d.body[:19] for d in texts(store)][-1] == "The halls are built"
    assert unchanged(store) == ["wire", "wire"]


@pytest.mark.usefixtures("here")
def test_a_key_in_an_address_reaches_neither_rows_nor_the_log(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    routes = {
        "/good": tagged(GOOD, '"v1"'),
        "/html": answer(body=b"<html>x</html>"),
        "/gone": answer(404),
        "/busy": answer(503),
        "/away": redirect("/gone?api_key=hush"),
        "/cut": xml(GOOD[:300]),
        "/ust": tagged(b"Date,10 Yr\n02/26/2025,4.2\n", '"v"'),
    }
    with HostileServer(routes) as server:
        listed = [
            Source(
                name[1:],
                SourceKind.TREASURY_CSV if name == "/ust" else SourceKind.FEED,
                f"{server.url}{name}?api_key=hush&token=hush",
                robots=False,
                rate=10.0,
            )
            for name in routes
        ]
        for hours in range(2):
            collect(store, *listed, hours=hours)
        assert all("api_key=hush" in path for path in server.paths())
    assert unchanged(store) == ["good", "ust"]
    assert "hush" not in repr(dump(store.path))
    assert "hush" not in caplog.text


@pytest.mark.usefixtures("here")
def test_two_collectors_at_once_lose_and_double_nothing(store: Store) -> None:
    names = [f"f{i}" for i in range(6)]
    items = {
        n: [(f"{n}{i}", f"{n} title {i}", DATE, f"Text {i} of {n}.") for i in range(20)]
        for n in names
    }
    both = threading.Barrier(2)

    def visit(hours: int) -> Gathered:
        with Store(store.path) as own:
            both.wait()
            return collect(own, *(source(server, n) for n in names), hours=hours)

    with (
        HostileServer({f"/{n}": xml(feed(*items[n])) for n in names}) as server,
        ThreadPoolExecutor(2) as pool,
    ):
        done = list(pool.map(visit, range(2)))
    assert sum(d.new for d in done) == 120
    assert sorted(d.title for d in texts(store)) == sorted(
        t for n in names for _, t, _, _ in items[n]
    )
    assert len(dump(store.path)["visit"]) == 12
    assert sound(store.path)


def allow(pages: int, connection: sqlite3.Connection, *_: object) -> None:
    """Let the database grow to so many pages."""
    connection.execute(f"PRAGMA max_page_count = {pages}")


@pytest.mark.usefixtures("here")
def test_a_full_disk_keeps_no_half_visit_and_the_next_one_brings_all(store: Store) -> None:
    many = feed(*((f"g{i}", f"Title {i}", DATE, f"Text {i}. " * 400) for i in range(100)))
    with HostileServer({"/wire": tagged(many, '"v1"'), "/good": tagged(GOOD, '"v1"')}) as server:
        listed = [source(server, "good"), source(server, "wire")]
        with store.engine.connect() as connection:
            pages = int(connection.exec_driver_sql("PRAGMA page_count").scalar_one())
        full = functools.partial(allow, pages + 20)
        event.listen(store.engine, "checkout", full)
        with pytest.raises(StoreError, match="disk is full"):
            collect(store, *listed)
        event.remove(store.engine, "checkout", full)
        store.engine.dispose()
        assert len(texts(store)) == 5
        assert sound(store.path)
        # What was not kept has left no validator that would hide it.
        assert collect(store, *listed, hours=1).new == 100
        assert unchanged(store) == ["good"]
