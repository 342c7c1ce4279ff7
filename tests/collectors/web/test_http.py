"""The socket against a server that is well-behaved: what is sent and what comes back."""

from __future__ import annotations

import asyncio
import gzip
import os
import socket
import threading
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from hostile_server import HostileServer, answer, echo, raw, redirect

from moneygood.collectors.web import connections
from moneygood.collectors.web.http import fetch
from moneygood.errors import FetchError


def deflated(body: bytes) -> bytes:
    pack = zlib.compressobj(wbits=-15)
    return pack.compress(body) + pack.flush()


ROUTES = {
    "/agent": echo("user-agent"),
    "/encodings": echo("accept-encoding"),
    "/key": echo("x-key"),
    "/login": echo("authorization"),
    "/cookie": echo("cookie"),
    "/tag": echo("if-none-match"),
    "/packed": answer(body=gzip.compress(b"text"), Content_Encoding="gzip", ETag='"v1"'),
    "/zlib": answer(body=zlib.compress(b"text"), Content_Encoding="deflate"),
    "/deflate": answer(body=deflated(b"text"), Content_Encoding="deflate"),
    "/same": answer(304),
    "/once": redirect("packed"),
    "/here": redirect("/key"),
    "/sets": answer(302, Location="/cookie", Set_Cookie="a=b"),
    "/turn": redirect("/long?token=hush"),
    "/old": raw(b"HTTP/1.0 200 OK\r\nContent-Type: text/xml\r\n\r\nold text"),
    "/long": answer(body=b"0123456789"),
}


@pytest.fixture(scope="module")
def server() -> Iterator[HostileServer]:
    with HostileServer(ROUTES) as found:
        yield found


def body(server: HostileServer, path: str, **options: object) -> bytes:
    return fetch(server.url + path, allow_private=True, **options).body  # type: ignore[arg-type]


def test_a_redirect_and_packed_body(server: HostileServer) -> None:
    found = fetch(f"{server.url}/once", allow_private=True)
    assert (found.body, found.status, found.etag) == (b"text", 200, '"v1"')
    assert found.url == f"{server.url}/packed"


def test_the_contact_goes_into_the_user_agent_and_cannot_add_a_header(
    server: HostileServer,
) -> None:
    sent = body(server, "/agent", contact="desk@example.org\r\nX-Key: y")
    assert sent == b"moneygood/0.1 (+desk@example.orgX-Key: y)"


@pytest.mark.parametrize("path", ["/zlib", "/deflate"])
def test_both_meanings_of_deflate(server: HostileServer, path: str) -> None:
    assert body(server, path) == b"text"


def test_only_gzip_and_deflate_are_offered(server: HostileServer) -> None:
    assert body(server, "/encodings") == b"gzip, deflate"


def test_unchanged_since_the_validator(server: HostileServer) -> None:
    found = fetch(f"{server.url}/same", allow_private=True, etag='"v1"')
    assert (found.status, found.body) == (304, b"")
    assert body(server, "/tag", etag='"v1"') == b'"v1"'


def test_unchanged_without_being_asked_is_an_error(server: HostileServer) -> None:
    with pytest.raises(FetchError, match="304"):
        body(server, "/same")


def test_an_answer_of_http_1_0(server: HostileServer) -> None:
    assert body(server, "/old") == b"old text"


def test_a_long_body_can_be_cut(server: HostileServer) -> None:
    assert body(server, "/long", max_bytes=4, cut=True) == b"0123"
    assert body(server, "/long", max_bytes=10) == b"0123456789"


def test_extra_headers_stay_with_the_host_they_are_meant_for(server: HostileServer) -> None:
    key = [("X-Key", "k123\n")]
    assert body(server, "/key", headers=key) == b"k123"
    assert body(server, "/here", headers=key) == b"k123"
    local = f"http://localhost:{server.port}"
    with HostileServer(
        {"/away": redirect(f"{local}/key"), "/port": redirect(server.url + "/key")}
    ) as other:
        assert body(other, "/away", headers=key) == b""
        assert body(other, "/port", headers=key) == b""


def test_a_name_and_password_of_the_address_are_sent(server: HostileServer) -> None:
    login = f"http://ann:secret@127.0.0.1:{server.port}/login"
    assert fetch(login, allow_private=True).body == b"Basic YW5uOnNlY3JldA=="


def test_the_address_of_an_answer_holds_no_key(server: HostileServer) -> None:
    for path in ("/long?api_key=hush", "/turn?token=hush"):
        found = fetch(server.url + path, allow_private=True)
        assert found.body == b"0123456789"
        assert found.url.endswith("=***")
    login = fetch(f"http://ann:hush@127.0.0.1:{server.port}/long", allow_private=True)
    assert "hush" not in login.url


def test_no_cookie_is_ever_sent_back(server: HostileServer) -> None:
    assert body(server, "/sets") == b""


def test_the_environment_sets_no_proxy(
    server: HostileServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert body(server, "/long") == b"0123456789"


def test_a_host_name_in_unicode_is_asked_for_in_ascii(
    server: HostileServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    names: list[str] = []

    def look_up(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        names.append(host)
        return [(0, 0, 0, "", ("127.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    url = f"http://bücher.example:{server.port}/long"
    assert fetch(url, allow_private=True).body == b"0123456789"
    assert names == ["xn--bcher-kva.example"]


def test_32_threads_share_one_loop_and_one_tls_context(server: HostileServer) -> None:
    with ThreadPoolExecutor(32) as pool:
        found = set(pool.map(lambda _: body(server, "/packed"), range(100)))
    assert found == {b"text"}
    assert [t.name for t in threading.enumerate()].count("moneygood-web") == 1
    assert connections.tls() is connections.tls()


def test_a_kept_connection_that_was_closed_meanwhile_is_replaced() -> None:
    # The server closes without saying so: the client finds out when it asks again.
    with HostileServer({"/": answer(body=b"text")}) as server:
        assert [body(server, "/") for _ in range(20)] == [b"text"] * 20
        assert len(server.asked) == 20


def test_inside_a_running_loop(server: HostileServer) -> None:
    async def inside() -> bytes:
        return body(server, "/long")

    assert asyncio.run(inside()) == b"0123456789"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_forked_child_gets_a_loop_of_its_own(server: HostileServer) -> None:
    body(server, "/long")
    child = os.fork()
    if not child:
        os._exit(0 if body(server, "/long", timeout=5.0) == b"0123456789" else 1)
    assert os.waitpid(child, 0)[1] == 0
