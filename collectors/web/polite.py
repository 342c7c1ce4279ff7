"""One GET on behalf of a source, asked for as its host wants to be asked."""

from __future__ import annotations

import functools
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from types import MappingProxyType, ModuleType
from urllib.parse import urlsplit

import httpx2

from moneygood.collectors.sources import Source, SourceKind
from moneygood.collectors.visit import Get
from moneygood.collectors.web import robots
from moneygood.collectors.web.errors import LaterError, StatusError, UnreachableError
from moneygood.collectors.web.hosts import PATIENCE, Hosts, RobotsText, utc_now
from moneygood.collectors.web.http import Fetch, Response
from moneygood.collectors.web.http import fetch as fetch_once
from moneygood.collectors.web.masking import masked
from moneygood.collectors.web.walls import wall
from moneygood.errors import FetchError
from moneygood.records import Validator

log = logging.getLogger(__name__)

TRIES = 3
SHORT_WAIT = 10.0
"""Seconds of Retry-After that are waited out; a longer one ends the visit."""
LONGEST_DELAY = 30.0
"""Seconds of Crawl-delay that are heeded; a host that asks for more is not read."""
SEC_RATE = 8.0
"""Requests a second to all hosts of sec.gov together (SEC allows 10)."""
_BURST = 3.0
_UNASKED_HOLD = 60.0
"""Seconds a host is left alone after a 429 that names no time."""
_LONGEST_HOLD = 86_400.0
_ROBOTS_AGE = timedelta(days=1)
_AGAIN = frozenset({500, 502, 503, 504})
_FOR_PROGRAMS = frozenset({
    SourceKind.TREASURY_CSV, SourceKind.TREASURY_XML, SourceKind.FRED, SourceKind.FRED_API,
    SourceKind.TIINGO, SourceKind.GDELT, SourceKind.HACKERNEWS,
})  # fmt: skip
"""Kinds whose addresses are documented for programs: robots.txt speaks to crawlers."""
_NO_HEADERS: Mapping[str, str] = MappingProxyType({})


def polite(
    source: Source,
    *,
    hosts: Hosts,
    contact: str,
    fetch: Fetch = fetch_once,
    clock: Callable[[], datetime] = utc_now,
    sleep: Callable[[float], None] = time.sleep,
) -> Get:
    """The ``get`` of one visit to ``source``; it raises FetchError, keys masked.

    Robots: read once a day for each origin. RFC 9309 asks every automatic client to
    heed it; the address of a ``feed`` source itself is exempt, for a feed is put up to
    be polled, and so are data files and interfaces documented for programs. A source
    with ``robots = false`` heeds none. A robots.txt that answers 4xx allows everything;
    one that cannot be reached forbids everything for now (a copy from earlier days is
    heeded instead). A Crawl-delay up to 30 s is kept.

    Pace: ``source.rate`` requests a second to one host, all hosts of sec.gov counting
    as one with at most 8. Tries: three at most, for lost connections, timeouts and
    500, 502, 503, 504. Retry-After up to 10 s is waited out; a longer one holds the
    host for everybody and ends this request.
    """
    return _Polite(source, hosts, contact, fetch, clock, sleep)


@dataclass(frozen=True, slots=True)
class _Polite:
    source: Source
    hosts: Hosts
    contact: str
    fetch: Fetch
    clock: Callable[[], datetime]
    sleep: Callable[[float], None]
    unreachable: dict[str, FetchError] = field(default_factory=dict)

    def __call__(
        self,
        url: str,
        *,
        validator: Validator | None = None,
        headers: Mapping[str, str] = _NO_HEADERS,
    ) -> Response:
        host = _host(url)
        if not host:
            reason, remedy = "is not an http(s) address", "Use http:// or https://."
            raise FetchError(masked(url[:300]), reason, remedy)
        if host == "sec.gov" and not self.contact.strip():
            raise FetchError(
                masked(url)[:300],
                "SEC answers only programs that say whom to contact",
                'Set contact = "you@firm.example" in moneygood.toml; SEC requires it.',
            )
        delay = self._check_robots(url) if self._heeds_robots(url) else 0.0

        def ask() -> Response:
            return self.fetch(
                url,
                allow_private=self.source.allow_private,
                etag=validator.etag if validator else "",
                last_modified=validator.last_modified if validator else "",
                contact=self.contact,
                headers=tuple(headers.items()),
            )

        answer = self._tried(ask, url, host, delay)
        if name := wall(answer.body, answer.content_type):
            reason = f"answered with {name} instead of the page"
            remedy = "The site turns programs away: find its feed or another source."
            raise FetchError(masked(url)[:300], reason, remedy)
        return answer

    def _tried(self, ask: Callable[[], Response], url: str, host: str, delay: float) -> Response:
        stamina = _stamina()

        def again(error: Exception) -> bool | float:
            if isinstance(error, StatusError):
                # Where the server named a time, the host is held: the wait is there.
                named = retry_after(error.retry_after, self.clock()) is not None
                return 0.0 if named and error.status in (429, 503) else error.status in _AGAIN
            return isinstance(error, UnreachableError)

        for attempt in stamina.retry_context(
            again, attempts=TRIES, timeout=90.0, wait_initial=0.5, wait_max=5.0
        ):
            with attempt:
                self._await_turn(url, host, delay)
                try:
                    return ask()
                except StatusError as error:
                    self._heed_retry_after(error, host)
                    raise
        raise AssertionError("stamina raises the last error")

    def _await_turn(self, url: str, host: str, delay: float) -> None:
        rate, burst = self.source.rate, _BURST
        if host == "sec.gov":
            rate, burst = min(rate, SEC_RATE), 1.0
        if delay:
            rate, burst = min(rate, 1.0 / delay), 1.0
        now = self.clock()
        wait = self.hosts.take(host, now, rate=rate, burst=burst)
        if wait > PATIENCE:
            until = _shown(now + timedelta(seconds=min(wait, 2 * _LONGEST_HOLD)))
            reason = f"{host} is not to be asked before {until}"
            raise LaterError(masked(url)[:300], reason, "It is tried again at a later visit.")
        if wait > 0:
            self.sleep(wait)

    def _heed_retry_after(self, error: StatusError, host: str) -> None:
        if error.status not in (429, 503):
            return
        now = self.clock()
        seconds = retry_after(error.retry_after, now)
        if seconds is None and error.status == 429:
            seconds = _UNASKED_HOLD
        if seconds is None:
            return
        until = now + timedelta(seconds=seconds)
        self.hosts.hold(host, until)
        if seconds > SHORT_WAIT:
            reason = f"{error.reason} and asks not to be asked before {_shown(until)}"
            raise LaterError(error.subject, reason, "It is tried again at a later visit.") from None

    def _heeds_robots(self, url: str) -> bool:
        own_feed = self.source.kind is SourceKind.FEED and url == self.source.url
        return self.source.robots and not own_feed and self.source.kind not in _FOR_PROGRAMS

    def _check_robots(self, url: str) -> float:
        """Crawl-delay in seconds. Raises FetchError where ``url`` may not be read."""
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}".lower()
        found = robots.rule(self._robots_text(origin), url)
        if not found.allowed:
            raise FetchError(
                masked(url)[:300],
                "robots.txt forbids programs to read it",
                "Drop follow for this source, or ask the publisher and set robots = false.",
            )
        if found.delay > LONGEST_DELAY:
            raise FetchError(
                masked(url)[:300],
                f"robots.txt asks for {found.delay:g} seconds between requests",
                "Too slow to read pages from: use the feed alone (follow = false).",
            )
        return found.delay

    def _robots_text(self, origin: str) -> str:
        kept = self.hosts.robots(origin)
        now = self.clock()
        if kept and timedelta(0) <= now - kept.fetched_at < _ROBOTS_AGE:
            return kept.text
        if origin in self.unreachable:
            return self._without_robots(origin, kept, self.unreachable[origin])
        address = f"{origin}/robots.txt"

        def ask() -> Response:
            return self.fetch(
                address,
                max_bytes=robots.MAX_BYTES,
                cut=True,
                allow_private=self.source.allow_private,
                contact=self.contact,
            )

        try:
            text = self._tried(ask, address, _host(address), 0.0).body.decode("utf-8", "replace")
        except StatusError as error:
            if error.status >= 500 or error.status == 429:
                return self._without_robots(origin, kept, error)
            text = ""
        except FetchError as error:
            return self._without_robots(origin, kept, error)
        self.hosts.keep_robots(origin, RobotsText(text.removeprefix("\ufeff"), now))
        return text

    def _without_robots(self, origin: str, kept: RobotsText | None, error: FetchError) -> str:
        if not isinstance(error, _NoRobots):
            reason = f"robots.txt cannot be read ({error.reason}), so nothing else is asked for"
            remedy = "It is tried again at the next visit."
            self.unreachable[origin] = error = _NoRobots(error.subject, reason, remedy)
        if kept:
            return kept.text
        raise error


class _NoRobots(LaterError):
    """The robots.txt of a host could not be read in this visit."""


@functools.cache
def _stamina() -> ModuleType:
    import stamina

    def note(details: stamina.instrumentation.RetryDetails) -> None:
        log.info("try %d failed: %s", details.retry_num, details.caused_by)

    # Its own hook prints on standard output where structlog is installed.
    stamina.instrumentation.set_on_retry_hooks([note])
    return stamina


def retry_after(value: str, now: datetime) -> float | None:
    """Seconds a Retry-After header asks for (a number or an HTTP date), a day at most."""
    value = value.strip()
    if value.isascii() and value.isdigit():
        return float(min(int(value[:12]), _LONGEST_HOLD))
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return min(max(0.0, (moment - now).total_seconds()), _LONGEST_HOLD)


def _host(url: str) -> str:
    """What shares one pace: a host, or everything of sec.gov; "" for no http(s) address."""
    try:
        parts = httpx2.URL(url)
    except (httpx2.InvalidURL, ValueError):
        return ""
    if parts.scheme not in ("http", "https"):
        return ""
    name = parts.raw_host.decode("ascii", "replace").lower().rstrip(".")
    if name == "sec.gov" or name.endswith(".sec.gov"):
        return "sec.gov"
    return name if parts.port in (None, 80, 443) else f"{name}:{parts.port}"


def _shown(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
