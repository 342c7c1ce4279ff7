"""What is remembered of hosts between requests, kept in the database.

Every process that collects into one database shares the buckets, so that two
of them together ask no host more often than one may.
"""

from __future__ import annotations

import dataclasses
from datetime import datetime
from typing import Any

from sqlalchemy import select

from moneygood.collectors.web.hosts import Bucket, RobotsText, held, spend
from moneygood.records import utc
from moneygood.store import Store
from moneygood.tables import HostRow, table

_host = table(HostRow)


class StoredHosts:
    """The ``Hosts`` of a database; safe from several threads and processes."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def take(self, host: str, now: datetime, *, rate: float, burst: float) -> float:
        """Spend a token: seconds to wait before this request may go."""
        with self._store.begin() as connection:
            row = connection.execute(select(_host).where(_host.c.host == host)).first()
            bucket, wait = spend(_bucket(row), now, rate, burst)
            _write(connection, host, row, dataclasses.asdict(bucket))
        return wait

    def hold(self, host: str, until: datetime) -> None:
        """Ask nothing of the host before ``until``."""
        with self._store.begin() as connection:
            row = connection.execute(select(_host).where(_host.c.host == host)).first()
            _write(connection, host, row, dataclasses.asdict(held(_bucket(row), until)))

    def robots(self, host: str) -> RobotsText | None:
        """The robots.txt last read, or None."""
        with self._store.begin() as connection:
            row = connection.execute(select(_host).where(_host.c.host == host)).first()
        if row is None or row.robots is None or row.robots_at is None:
            return None
        return RobotsText(row.robots, utc(row.robots_at))

    def keep_robots(self, host: str, robots: RobotsText) -> None:
        """Remember a robots.txt."""
        values = {"robots": robots.text, "robots_at": utc(robots.fetched_at)}
        with self._store.begin() as connection:
            row = connection.execute(select(_host).where(_host.c.host == host)).first()
            _write(connection, host, row, values)


def _bucket(row: Any) -> Bucket | None:
    if row is None or row.tokens is None:
        return None
    return Bucket(row.tokens, row.at, row.until)


def _write(connection: Any, host: str, row: Any, values: dict[str, Any]) -> None:
    if row is None:
        connection.execute(_host.insert().values(host=host, **values))
    else:
        connection.execute(_host.update().where(_host.c.host == host).values(**values))
