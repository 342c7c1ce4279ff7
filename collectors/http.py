"""The only socket of the collectors: one bounded GET.

Bounds: one wall-clock deadline over DNS, redirects and body; a cap on the
decompressed size; five redirects, each checked again; http(s) only; addresses
checked where the connection is made, so a name cannot be rebound in between.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Coroutine, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urljoin, urlsplit

import httpcore2
import httpx2
from httpcore2 import AsyncConnectionPool, AsyncNetworkBackend, AsyncNetworkStream

from moneygood.errors import FetchError

TIMEOUT = 20.0
MAX_BYTES = 15_000_000
MAX_REDIRECTS = 5
_ENCODINGS = frozenset({"", "identity", "gzip", "x-gzip", "deflate"})
_ALLOW_REMEDY = "Save it to a file and name that as the path of the source."


@dataclass(frozen=True, slots=True)
class Response:
    """What a server answered. ``body`` is decompressed; header names lower case.

    Status 304 (not modified since ``etag``) has an empty body.
    """

    url: str
    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def content_type(self) -> str:
        """The Content-Type header, with its charset if it names one."""
        return self.headers.get("content-type", "")

    @property
    def etag(self) -> str:
        """Validator to hand back on the next visit."""
        return self.headers.get("etag", "")

    @property
    def last_modified(self) -> str:
        """Date validator to hand back on the next visit."""
        return self.headers.get("last-modified", "")


class Fetch(Protocol):
    """The shape of ``fetch`` that ``collect`` needs; tests put a fake here."""

    def __call__(self, url: str, *, contact: str = ...) -> Response: ...


def fetch(
    url: str,
    *,
    timeout: float = TIMEOUT,
    max_bytes: int = MAX_BYTES,
    allow_private: bool = False,
    etag: str = "",
    last_modified: str = "",
    contact: str = "",
) -> Response:
    """Get ``url`` within ``timeout`` seconds and ``max_bytes`` decompressed bytes.

    ``contact`` (an address or page) goes into the User-Agent; some publishers
    refuse clients without one. Raises FetchError with reason and remedy.
    """
    headers = {
        "User-Agent": f"moneygood/0.1 (+{_header_safe(contact) or 'no contact set'})",
        "Accept-Encoding": "gzip, deflate",
        "Accept": "*/*",
    }
    if etag:
        headers["If-None-Match"] = _header_safe(etag)
    if last_modified:
        headers["If-Modified-Since"] = _header_safe(last_modified)
    return _run(_fetch(url, headers, timeout, max_bytes, allow_private))


def _header_safe(value: str) -> str:
    return "".join(c for c in value if " " <= c <= "~").strip()


def _run(work: Coroutine[Any, Any, Response]) -> Response:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    # Called from inside an event loop (a server, a notebook): use another thread.
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


async def _fetch(
    url: str, headers: dict[str, str], timeout: float, max_bytes: int, allow_private: bool
) -> Response:
    try:
        async with asyncio.timeout(timeout):
            return await _follow(url, headers, max_bytes, allow_private)
    except TimeoutError:
        reason = f"no complete answer within {timeout:g} seconds"
        raise FetchError(url, reason, "Try again later.") from None
    except _Refused as error:
        raise FetchError(url, str(error), _ALLOW_REMEDY) from error
    except _UnknownHost as error:
        reason = f"the host name cannot be resolved ({error})"
        raise FetchError(url, reason, "Check the address and the network.") from error
    except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError, OSError) as error:
        reason = f"{type(error).__name__}: {error}".rstrip(": ")
        raise FetchError(url, reason, "Check the address, the network and TLS.") from error


async def _follow(
    url: str, headers: dict[str, str], max_bytes: int, allow_private: bool
) -> Response:
    transport = httpx2.AsyncHTTPTransport(trust_env=False)
    pool = transport._pool
    assert isinstance(pool, AsyncConnectionPool)
    # httpx2 has no public argument for the backend; a test watches this line.
    pool._network_backend = _CheckedBackend(pool._network_backend, allow_private)
    async with httpx2.AsyncClient(
        transport=transport, trust_env=False, timeout=None, headers=headers
    ) as client:
        current = url
        for _ in range(MAX_REDIRECTS + 1):
            _check_url(current)
            async with client.stream("GET", current, follow_redirects=False) as answer:
                if not answer.has_redirect_location:
                    return await _read(answer, current, max_bytes)
                current = urljoin(current, answer.headers["location"])
    raise FetchError(url, f"more than {MAX_REDIRECTS} redirects", "Use the final address.")


def _check_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        usable = False
    if not usable:
        raise FetchError(url[:300], "is not an http(s) address", "Use http:// or https://.")


async def _read(answer: httpx2.Response, url: str, max_bytes: int) -> Response:
    headers = {name.lower(): value for name, value in answer.headers.items()}
    if answer.status_code >= 400:
        raise _status_error(answer.status_code, headers, url)
    encoding = headers.get("content-encoding", "").strip().lower()
    if encoding not in _ENCODINGS:
        reason = f"the server insists on Content-Encoding {encoding[:40]!r}"
        raise FetchError(url, reason, "Only gzip and deflate are accepted.")
    too_large = FetchError(
        url,
        f"more than {max_bytes} bytes when unpacked",
        "Import the part you need.",
    )
    announced = headers.get("content-length", "")
    if not encoding and announced.isdigit() and int(announced[:18]) > max_bytes:
        raise too_large
    body = bytearray()
    async for piece in answer.aiter_bytes():
        body += piece
        if len(body) > max_bytes:
            raise too_large
    return Response(url, answer.status_code, bytes(body), headers)


def _status_error(status: int, headers: Mapping[str, str], url: str) -> FetchError:
    reason = f"the server answered {status}"
    if status in (429, 503):
        wait = _header_safe(headers.get("retry-after", ""))[:60]
        unit = " seconds" if wait.isdigit() else ""
        remedy = f"Wait (Retry-After: {wait}{unit})." if wait else "Wait and ask less often."
    elif status in (401, 402, 403):
        remedy = "The source wants a contact, a key or refuses programs: set contact, or drop it."
    elif status in (404, 410):
        remedy = "The address has moved: correct it in the sources file."
    else:
        remedy = "Try again later."
    return FetchError(url, reason, remedy)


class _Refused(Exception):
    """An address that is not on the public internet."""


class _UnknownHost(Exception):
    """A host name without an address."""


_NEVER = tuple(
    ipaddress.ip_network(net)
    # Translation prefixes embed private IPv4 addresses, yet count as global.
    for net in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "fec0::/10")
)


def is_public(address: str) -> bool:
    """Whether an IP address (text) is an ordinary one of the public internet."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    blocked = any(ip in net for net in _NEVER if net.version == ip.version)
    return ip.is_global and not ip.is_multicast and not blocked


class _CheckedBackend(AsyncNetworkBackend):
    """Resolves, checks every address, and connects to the one it checked."""

    def __init__(self, inner: AsyncNetworkBackend, allow_private: bool) -> None:
        self._inner = inner
        self._allow_private = allow_private

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> AsyncNetworkStream:
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise _UnknownHost(host) from error
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        if not self._allow_private and (bad := [a for a in addresses if not is_public(a)]):
            raise _Refused(f"{host} leads to {bad[0]}, which is not a public address")
        failure: Exception = _UnknownHost(host)
        for address in addresses:
            try:
                return await self._inner.connect_tcp(
                    address, port, timeout, local_address, socket_options
                )
            except (httpcore2.ConnectError, OSError) as error:
                failure = error
        raise failure

    async def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> AsyncNetworkStream:
        raise _Refused("a unix socket is not an http(s) address")

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)
