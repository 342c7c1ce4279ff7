"""The socket, against a hostile server on this machine."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from moneygood.collectors.http import fetch, is_public
from moneygood.errors import FetchError

BOMB = gzip.compress(b"\0" * 60_000_000)


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            getattr(self, "serve_" + self.path.strip("/").partition("/")[0])()

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def serve_ok(self) -> None:
        sent = self.headers
        assert sent["Accept-Encoding"] == "gzip, deflate"
        if sent.get("If-None-Match") == '"v1"':
            return self.answer(304)
        body = sent["User-Agent"].encode()
        self.answer(200, gzip.compress(body), Content_Encoding="gzip", ETag='"v1"')

    def serve_drip(self) -> None:
        self.send_response(200)
        self.end_headers()
        for _ in range(100):
            self.wfile.write(b"x")
            self.wfile.flush()
            time.sleep(0.1)

    def serve_headers(self) -> None:
        for _ in range(100):
            self.wfile.write(b"H")
            self.wfile.flush()
            time.sleep(0.1)

    def serve_huge(self) -> None:
        self.send_response(200)
        self.end_headers()
        for _ in range(100):
            self.wfile.write(b"x" * 100_000)

    def serve_announced(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "99999999999")
        self.end_headers()

    def serve_bomb(self) -> None:
        self.answer(200, BOMB, Content_Encoding="gzip")

    def serve_brotli(self) -> None:
        self.answer(200, b"x", Content_Encoding="br")

    def serve_loop(self) -> None:
        self.answer(302, Location="/loop")

    def serve_once(self) -> None:
        self.answer(302, Location="/ok")

    def serve_file(self) -> None:
        self.answer(302, Location="file:///etc/passwd")

    def serve_missing(self) -> None:
        self.answer(404)

    def serve_busy(self) -> None:
        self.answer(429, Retry_After="120")

    def serve_broken(self) -> None:
        self.wfile.write(b"not http at all\r\n\r\n")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    httpd.daemon_threads = True
    thread = threading.Thread(target=httpd.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{httpd.server_address[1]}"
    httpd.shutdown()
    httpd.server_close()


def test_answer_validators_and_contact(server: str) -> None:
    answer = fetch(f"{server}/once", allow_private=True, contact="desk@example.org\r\nX: y")
    assert answer.body == b"moneygood/0.1 (+desk@example.orgX: y)"
    assert (answer.status, answer.etag, answer.url) == (200, '"v1"', f"{server}/ok")
    again = fetch(f"{server}/ok", allow_private=True, etag=answer.etag)
    assert (again.status, again.body) == (304, b"")


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("huge", "more than 1000000 bytes"),
        ("announced", "more than 1000000 bytes"),
        ("bomb", "more than 1000000 bytes when unpacked"),
        ("brotli", "Content-Encoding 'br'"),
        ("loop", "more than 5 redirects"),
        ("file", "not an http(s) address"),
        ("missing", "answered 404"),
        ("busy", "Retry-After: 120 seconds"),
        ("broken", "RemoteProtocolError"),
    ],
)
def test_bad_answers_name_the_reason(server: str, path: str, says: str) -> None:
    with pytest.raises(FetchError) as caught:
        fetch(f"{server}/{path}", allow_private=True, max_bytes=1_000_000)
    assert says in str(caught.value)
    assert caught.value.remedy


@pytest.mark.parametrize("path", ["drip", "headers"])
def test_slow_answers_are_cut_at_the_deadline(server: str, path: str) -> None:
    start = time.monotonic()
    with pytest.raises(FetchError, match=r"within 0\.5 seconds"):
        fetch(f"{server}/{path}", allow_private=True, timeout=0.5)
    assert time.monotonic() - start < 3


def test_private_addresses_are_refused_however_written(server: str) -> None:
    port = server.rpartition(":")[2]
    for host in ("127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]", "0"):
        with pytest.raises(FetchError, match="not a public address") as caught:
            fetch(f"http://{host}:{port}/ok")
        assert "Save it to a file" in caught.value.remedy


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://a/b", "http://", "x", "http://[::1"])
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(FetchError, match="not an http"):
        fetch(url)


def test_nobody_listens() -> None:
    with pytest.raises(FetchError, match="ConnectError"):
        fetch("http://127.0.0.1:9/", allow_private=True, timeout=5)


def test_inside_a_running_loop(server: str) -> None:
    async def inside() -> bytes:
        return fetch(f"{server}/ok", allow_private=True).body

    assert asyncio.run(inside()).startswith(b"moneygood")


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:4700::1111", True),
        ("10.0.0.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("224.0.0.1", False),
        ("::1", False),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
        ("fec0::1", False),
        ("fe80::1%eth0", False),
    ],
)
def test_public_addresses(address: str, public: bool) -> None:
    assert is_public(address) is public
