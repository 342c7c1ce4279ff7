"""The only socket of the collectors: one bounded GET.

Bounds: one wall-clock deadline over DNS, redirects and body; a cap on the
decompressed size; five redirects, each checked again; http(s) only; addresses
checked where the connection is made, so a name cannot be rebound in between.
No cookies, no proxies or netrc of the environment.
"""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urljoin

import httpcore2
import httpx2

from moneygood.collectors.web.addresses import Refused, UnknownHost
from moneygood.collectors.web.connections import Connections, run
from moneygood.collectors.web.errors import StatusError, UnreachableError
from moneygood.collectors.web.masking import masked
from moneygood.errors import FetchError

TIMEOUT = 20.0
MAX_BYTES = 15_000_000
MAX_REDIRECTS = 5
_MAX_URL = 8_000
_ENCODINGS = frozenset({"", "identity", "gzip", "x-gzip", "deflate"})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_ALLOW_REMEDY = "Save it to a file and name that as the path of the source."


@dataclass(frozen=True, slots=True)
class Response:
    """What a server answered. ``body`` is decompressed; header names lower case.

    Status 304 (not modified since ``etag``) has an empty body. ``url`` is the last
    one after redirects, keys and passwords masked.
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
    """The shape of ``fetch`` that ``polite`` needs; tests put a fake here."""

    def __call__(
        self,
        url: str,
        *,
        timeout: float = ...,
        max_bytes: int = ...,
        allow_private: bool = ...,
        etag: str = ...,
        last_modified: str = ...,
        contact: str = ...,
        headers: Iterable[tuple[str, str]] = ...,
        cut: bool = ...,
    ) -> Response: ...


def fetch(
    url: str,
    *,
    timeout: float = TIMEOUT,
    max_bytes: int = MAX_BYTES,
    allow_private: bool = False,
    etag: str = "",
    last_modified: str = "",
    contact: str = "",
    headers: Iterable[tuple[str, str]] = (),
    cut: bool = False,
) -> Response:
    """Get ``url`` within ``timeout`` seconds and ``max_bytes`` decompressed bytes.

    ``contact`` (an address or page) goes into the User-Agent; some publishers
    refuse clients without one. ``headers`` (an API key, say) are sent to the
    origin of ``url`` alone, not where it redirects to. With ``cut`` a longer body
    is cut at ``max_bytes`` instead of refused. Raises FetchError with reason and
    remedy: StatusError for an error status, UnreachableError where a second try
    may do.
    """
    own = {
        "User-Agent": f"moneygood/0.1 (+{_header_safe(contact) or 'no contact set'})",
        "Accept-Encoding": "gzip, deflate",
        "Accept": "*/*",
    }
    if etag:
        own["If-None-Match"] = _header_safe(etag)
    if last_modified:
        own["If-Modified-Since"] = _header_safe(last_modified)
    extra = {name: _header_safe(value) for name, value in headers}
    task = _Task(url, own, extra, max_bytes, cut)
    return run(lambda: _bounded(task, timeout, allow_private))


def _header_safe(value: str) -> str:
    return "".join(c for c in value if " " <= c <= "~").strip()


@dataclass(frozen=True, slots=True)
class _Task:
    url: str
    headers: dict[str, str]
    extra: dict[str, str]
    max_bytes: int
    cut: bool

    @property
    def conditional(self) -> bool:
        return "If-None-Match" in self.headers or "If-Modified-Since" in self.headers


async def _bounded(task: _Task, timeout: float, allow_private: bool) -> Response:
    subject = masked(task.url)[:300]
    try:
        async with asyncio.timeout(timeout):
            return await _follow(task, Connections.shared(allow_private))
    except TimeoutError:
        reason = f"no complete answer within {timeout:g} seconds"
        raise UnreachableError(subject, reason, "Try again later.") from None
    except Refused as error:
        raise FetchError(subject, str(error), _ALLOW_REMEDY) from None
    except UnknownHost as error:
        reason = f"the host name cannot be resolved ({error})"
        raise UnreachableError(subject, reason, "Check the address and the network.") from None
    except (httpx2.InvalidURL, httpcore2.LocalProtocolError, ValueError) as error:
        reason = f"cannot be asked for ({type(error).__name__})"
        raise FetchError(subject, reason, "Correct the address.") from None
    except httpx2.DecodingError:
        reason = "the body is not compressed the way it says"
        raise FetchError(subject, reason, "Try again later.") from None
    except _NETWORK_ERRORS as error:
        reason = masked(_in_words(error))[:300]
        remedy = "Check the address, the network and TLS."
        raise UnreachableError(subject, reason, remedy) from error


def _in_words(error: Exception) -> str:
    """What went wrong on the way, the library's words behind our own."""
    for kind, words in _WORDS:
        if isinstance(error, kind):
            return f"{words} ({error})" if str(error) else words
    return f"{type(error).__name__}: {error}".rstrip(": ")


_NETWORK_ERRORS = (
    httpcore2.NetworkError,
    httpcore2.ProtocolError,
    httpcore2.TimeoutException,
    httpcore2.UnsupportedProtocol,
    httpx2.HTTPError,
    httpx2.StreamError,
    OSError,
)


_WORDS = (
    ((httpx2.ConnectError, httpcore2.ConnectError), "no connection"),
    ((httpx2.ProxyError,), "the proxy refused"),
    ((httpx2.NetworkError, httpcore2.NetworkError), "the connection broke off"),
    ((httpx2.RemoteProtocolError, httpcore2.RemoteProtocolError), "no valid HTTP came"),
)


async def _follow(task: _Task, connections: Connections) -> Response:
    first = current = _checked(task.url)
    if first.username:
        pair = f"{first.username}:{first.password}".encode()
        task.extra.setdefault("Authorization", f"Basic {b64encode(pair).decode()}")
    for _ in range(MAX_REDIRECTS + 1):
        extra = task.extra if _same_origin(first, current) else {}
        async with connections.get(current, {**task.headers, **extra}) as answer:
            if answer.status_code not in _REDIRECTS:
                return await _read(answer, str(current), task)
            target = answer.headers.get("location", "")
            if not target:
                reason = f"answered {answer.status_code} without saying where to go"
                raise FetchError(masked(str(current))[:300], reason, "Use the final address.")
            current = _checked(urljoin(str(current), target))
    subject = masked(task.url)[:300]
    raise FetchError(subject, f"more than {MAX_REDIRECTS} redirects", "Use the final address.")


def _checked(url: str) -> httpx2.URL:
    try:
        parsed = httpx2.URL(url[: _MAX_URL + 1])
        usable = parsed.scheme in ("http", "https") and bool(parsed.host)
    except (httpx2.InvalidURL, ValueError):
        usable = False
    if not usable or len(url) > _MAX_URL:
        subject = masked(url[:300])
        raise FetchError(subject, "is not an http(s) address", "Use http:// or https://.")
    return parsed


def _same_origin(first: httpx2.URL, other: httpx2.URL) -> bool:
    """Whether what is meant for ``first`` may go to ``other``: same origin, or now encrypted."""
    if first.host != other.host:
        return False
    upgraded = (first.scheme, other.scheme) == ("http", "https")
    same = (first.scheme, first.port) == (other.scheme, other.port)
    return same or (upgraded and first.port is None and other.port is None)


async def _read(answer: httpx2.Response, url: str, task: _Task) -> Response:
    shown = masked(url)[:300]
    headers = {name.lower(): value for name, value in answer.headers.items()}
    status = answer.status_code
    if status >= 400:
        raise _status_error(status, headers, shown)
    if status == 304 and not task.conditional:
        reason = "the server answered 304 (unchanged), which was not asked"
        raise FetchError(shown, reason, "Try again later.")
    encoding = headers.get("content-encoding", "").strip().lower()
    if encoding not in _ENCODINGS:
        reason = f"the server insists on Content-Encoding {encoding[:40]!r}"
        raise FetchError(shown, reason, "Only gzip and deflate are accepted.")
    limit = task.max_bytes
    too_large = FetchError(
        shown, f"more than {limit} bytes when unpacked", "Import the part you need."
    )
    announced = headers.get("content-length", "")
    large = announced.isdigit() and int(announced[:18]) > limit
    if large and not encoding and not task.cut:
        raise too_large
    body = bytearray()
    async for piece in answer.aiter_bytes():
        body += piece
        if len(body) > limit:
            if not task.cut:
                raise too_large
            del body[limit:]
            break
    return Response(masked(url), status, bytes(body), headers)


def _status_error(status: int, headers: Mapping[str, str], shown: str) -> StatusError:
    wait = _header_safe(headers.get("retry-after", ""))[:60]
    if status in (429, 503):
        unit = " seconds" if wait.isdigit() else ""
        remedy = f"Wait (Retry-After: {wait}{unit})." if wait else "Wait and ask less often."
    elif status in (401, 402, 403):
        remedy = "The source wants a contact, a key or refuses programs: set contact, or drop it."
    elif status in (404, 410):
        remedy = "The address has moved: correct it in the sources file."
    else:
        remedy = "Try again later."
    error = StatusError(shown, f"the server answered {status}", remedy)
    error.status, error.retry_after = status, wait
    return error
