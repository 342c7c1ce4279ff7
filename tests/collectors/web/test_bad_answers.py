"""Bad answers of a real server: bounded time and memory, and a reason on record."""

from __future__ import annotations

import itertools
import time
import tracemalloc
from collections.abc import Iterator

import pytest
from hostile_server import (
    Answer,
    HostileServer,
    answer,
    drip,
    endless,
    gzip_bomb,
    raw,
    redirect,
    reset,
    silent,
)  # fmt: skip

from moneygood.collectors.web.errors import StatusError, UnreachableError
from moneygood.collectors.web.http import fetch
from moneygood.errors import FetchError

HEAD = b"HTTP/1.1 200 OK\r\n"
LIMIT = 1_000_000
BIG = b"x" * 100_000

ROUTES: dict[str, Answer] = {
    "/endless": endless(itertools.chain((HEAD + b"\r\n",), itertools.repeat(BIG))),
    "/chunks": endless(
        itertools.chain(
            (HEAD + b"Transfer-Encoding: chunked\r\n\r\n",),
            itertools.repeat(b"186a0\r\n" + BIG + b"\r\n"),
        )
    ),
    "/announced": raw(HEAD + b"Content-Length: 99999999999\r\n\r\n"),
    "/bomb": answer(body=gzip_bomb(60), Content_Encoding="gzip"),
    "/twice": answer(body=gzip_bomb(60, twice=True), Content_Encoding="gzip, gzip"),
    "/inner": answer(body=gzip_bomb(60, twice=True), Content_Encoding="gzip"),
    "/unpacked": answer(body=b"plain", Content_Encoding="gzip"),
    "/brotli": answer(body=b"x", Content_Encoding="br"),
    "/loop": redirect("/loop"),
    "/file": redirect("file:///etc/passwd"),
    "/script": redirect("javascript:alert(1)"),
    "/bracket": redirect("http://[::1"),
    "/nowhere": answer(302),
    "/missing": answer(404),
    "/busy": answer(429, Retry_After="120"),
    "/short": raw(HEAD + b"Content-Length: 1000\r\n\r\nonly this"),
    "/negative": raw(HEAD + b"Content-Length: -5\r\n\r\nx"),
    "/two": raw(HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nxy"),
    "/reset": reset(HEAD + b"Content-Length: 1000\r\n\r\nhalf"),
    "/garbage": raw(b"\x00\xffnot http at all\r\n\r\n"),
    "/nothing": raw(b""),
    "/manyheaders": raw(HEAD + b"X: y\r\n" * 200_000 + b"\r\n"),
    "/longheader": raw(HEAD + b"X: " + b"y" * 2_000_000 + b"\r\n\r\n"),
    "/badchunk": raw(HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nxx"),
    "/dripbody": drip(HEAD + b"\r\n"),
    "/dripheaders": drip(HEAD + b"X: "),
    "/dripstatus": drip(b"HTTP/1.1 2"),
    "/silent": silent,
}  # fmt: skip


@pytest.fixture(scope="module")
def server() -> Iterator[HostileServer]:
    with HostileServer(ROUTES) as found:
        yield found


@pytest.mark.parametrize(
    ("path", "says", "again"),
    [
        ("endless", "more than 1000000 bytes", False),
        ("chunks", "more than 1000000 bytes", False),
        ("announced", "more than 1000000 bytes", False),
        ("bomb", "more than 1000000 bytes when unpacked", False),
        ("twice", "Content-Encoding 'gzip, gzip'", False),
        ("unpacked", "not compressed the way it says", False),
        ("brotli", "Content-Encoding 'br'", False),
        ("loop", "more than 5 redirects", False),
        ("file", "not an http(s) address", False),
        ("script", "not an http(s) address", False),
        ("bracket", "cannot be asked for", False),
        ("nowhere", "without saying where to go", False),
        ("missing", "answered 404", False),
        ("busy", "Retry-After: 120 seconds", False),
        ("short", "without sending complete message body", True),
        ("negative", "no valid HTTP came", True),
        ("two", "no valid HTTP came", True),
        ("reset", "the connection broke off", True),
        ("garbage", "no valid HTTP came", True),
        ("nothing", "no valid HTTP came", True),
        ("manyheaders", "no valid HTTP came", True),
        ("longheader", "no valid HTTP came", True),
        ("badchunk", "no valid HTTP came", True),
    ],
)
def test_the_reason_is_named(server: HostileServer, path: str, says: str, again: bool) -> None:
    with pytest.raises(FetchError) as caught:
        fetch(f"{server.url}/{path}", allow_private=True, max_bytes=LIMIT, timeout=5)
    assert says in str(caught.value)
    assert caught.value.remedy
    assert isinstance(caught.value, UnreachableError) is again


@pytest.mark.parametrize("path", ["dripbody", "dripheaders", "dripstatus", "silent"])
def test_slow_answers_are_cut_at_the_deadline(server: HostileServer, path: str) -> None:
    start = time.monotonic()
    with pytest.raises(UnreachableError, match=r"within 0\.3 seconds"):
        fetch(f"{server.url}/{path}", allow_private=True, timeout=0.3)
    assert time.monotonic() - start < 3


def test_the_deadline_counts_over_redirects() -> None:
    def slowly(connection: object, asked: object) -> None:
        time.sleep(0.2)
        redirect("/")(connection, asked)  # type: ignore[arg-type]

    with HostileServer({"/": slowly}) as server, pytest.raises(UnreachableError, match="within"):
        fetch(server.url, allow_private=True, timeout=0.5)


def test_five_redirects_are_followed_and_no_sixth() -> None:
    routes = {f"/{i}": redirect(f"/{i + 1}") for i in range(6)} | {"/6": answer(body=b"end")}
    with HostileServer(routes) as server:
        assert fetch(f"{server.url}/1", allow_private=True).body == b"end"
        with pytest.raises(FetchError, match="more than 5"):
            fetch(f"{server.url}/0", allow_private=True)


def test_bombs_cost_little_memory(server: HostileServer) -> None:
    fetch(f"{server.url}/inner", allow_private=True)  # one layer is what was asked for
    tracemalloc.start()
    try:
        for path in ("bomb", "twice", "endless", "longheader", "manyheaders"):
            with pytest.raises(FetchError):
                fetch(f"{server.url}/{path}", allow_private=True, max_bytes=LIMIT)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 8_000_000


def test_status_and_retry_after_are_kept_for_the_caller(server: HostileServer) -> None:
    with pytest.raises(StatusError) as caught:
        fetch(f"{server.url}/busy", allow_private=True)
    assert (caught.value.status, caught.value.retry_after) == (429, "120")


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "ftp://a/b", "http://", "x", "http://[::1", "http://a/" + "x" * 9000],
)
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(FetchError, match="not an http"):
        fetch(url)


def test_nobody_listens() -> None:
    with pytest.raises(UnreachableError, match="no connection"):
        fetch("http://127.0.0.1:9/", allow_private=True, timeout=5)


SECRETS = [
    ("http://{host}/missing?api_key=hush&series_id=DGS10", "api_key=***&series_id=DGS10"),
    ("http://{host}/loop?token=hush", "token=***"),
    ("http://{host}/bomb?a=b&APIKEY=hush#x", "a=b&APIKEY=***"),
    ("http://ann:hush@{host}/brotli", "***@"),
    ("http://{host}/short?u=https%3A%2F%2Fa.example%3Fapikey%3Dhush", "apikey%3D***"),
]


@pytest.mark.parametrize(("url", "shown"), SECRETS)
def test_no_key_is_shown(
    server: HostileServer, url: str, shown: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    with pytest.raises(FetchError) as caught:
        fetch(
            url.format(host=server.url[7:]),
            allow_private=True,
            max_bytes=LIMIT,
            headers=[("X-Key", "hush")],
        )
    error: BaseException | None = caught.value
    assert shown in str(error)
    while error:
        assert "hush" not in repr(error)
        error = error.__cause__
    assert "hush" not in caplog.text
