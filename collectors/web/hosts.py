"""What is remembered of a host between requests: its pace, its holds, its robots.txt."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Protocol

PATIENCE = 60.0
"""Seconds a request waits for its turn at most; one that would wait longer is given up."""
_SKEW = 30.0
"""Seconds by which clocks of threads and processes may differ; more is a clock set back."""
_LONGEST_HOLD = 86_400.0


@dataclass(frozen=True, slots=True)
class RobotsText:
    """A robots.txt as it was read; an empty text allows everything."""

    text: str
    fetched_at: datetime


class Hosts(Protocol):
    """Memory of hosts, shared by threads and, with a database behind it, by processes.

    ``host`` is a name with its port where that is unusual; several names that share
    one limit go by one (``sec.gov``). For robots it is an origin (``https://a.example``).
    """

    def take(self, host: str, now: datetime, *, rate: float, burst: float) -> float:
        """Seconds to wait before this request may go; its token is spent.

        More than ``PATIENCE``: nothing was spent, the request must be given up.
        ``spend`` decides; reading and writing the bucket must be one transaction.
        """
        ...

    def hold(self, host: str, until: datetime) -> None:
        """Nobody asks the host before ``until`` (Retry-After); a later hold stays."""
        ...

    def robots(self, host: str) -> RobotsText | None:
        """The robots.txt kept last, however old."""
        ...

    def keep_robots(self, host: str, robots: RobotsText) -> None:
        """Keep a robots.txt that was just read."""
        ...


@dataclass(frozen=True, slots=True)
class Bucket:
    """A token bucket: ``tokens`` (below 0: reserved ahead) at the time ``at``.

    Times are seconds since 1970 (UTC). Nothing is asked before ``until``.
    """

    tokens: float
    at: float
    until: float = 0.0


def spend(
    bucket: Bucket | None, now: datetime, rate: float, burst: float = 1.0
) -> tuple[Bucket, float]:
    """Reserve the next free moment for one request: the new bucket and seconds to wait.

    ``rate`` requests a second, at most ``burst`` of them at once; None is a host never
    asked. Reservations never exceed the rate, whichever order the clocks of several
    threads come in. A clock set back by more than 30 s starts the count anew from the
    tokens left. Where the wait is more than ``PATIENCE``, the bucket comes back as it was.
    """
    time = now.timestamp()
    if bucket is None:
        bucket = Bucket(burst, time)
    if bucket.at - time > _SKEW:
        bucket = replace(bucket, at=time)
    if bucket.until - time > _LONGEST_HOLD:
        bucket = replace(bucket, until=0.0)
    start = max(time, bucket.at)
    tokens = min(burst, bucket.tokens + (start - bucket.at) * rate) - 1.0
    free = start + max(0.0, -tokens) / rate
    if bucket.until > free:
        # Those who wait for the end of a hold go one by one, not all at once.
        tokens -= (bucket.until - free) * rate + max(0.0, tokens)
        free = bucket.until
    wait = max(0.0, free - time)
    return (bucket, wait) if wait > PATIENCE else (Bucket(tokens, start, bucket.until), wait)


def held(bucket: Bucket | None, until: datetime) -> Bucket:
    """The bucket of a host nobody may ask before ``until``."""
    moment = until.timestamp()
    if bucket is None:
        # As of long ago, so that the first request after the hold finds it full.
        return Bucket(0.0, 0.0, moment)
    return replace(bucket, until=max(bucket.until, moment))


class MemoryHosts:
    """Hosts remembered while the process lives; any thread may use it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._buckets: dict[str, Bucket] = {}
        self._robots: dict[str, RobotsText] = {}

    def take(self, host: str, now: datetime, *, rate: float, burst: float) -> float:
        """Seconds to wait before this request may go; its token is spent."""
        with self._lock:
            self._buckets[host], wait = spend(self._buckets.get(host), now, rate, burst)
        return wait

    def hold(self, host: str, until: datetime) -> None:
        """Nobody asks the host before ``until``."""
        with self._lock:
            self._buckets[host] = held(self._buckets.get(host), until)

    def robots(self, host: str) -> RobotsText | None:
        """The robots.txt kept last, however old."""
        return self._robots.get(host)

    def keep_robots(self, host: str, robots: RobotsText) -> None:
        """Keep a robots.txt that was just read."""
        self._robots[host] = robots


def utc_now() -> datetime:
    """The time of day, for callers that bring no clock of their own."""
    return datetime.now(UTC)
