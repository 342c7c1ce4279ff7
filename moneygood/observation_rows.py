"""Observations to rows: append-only, every revision a further row."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection, insert, select

from moneygood.chain_link import linked
from moneygood.document_rows import clean
from moneygood.market_days import NEW_YORK
from moneygood.records import Observation, utc
from moneygood.tables import ObservationRow, table

BACKFILL = timedelta(days=10)


def observation_available_at(observation: Observation, *, history: bool) -> datetime:
    """When a reader could have used the value.

    Market data is out by 18:00 New York on its day. What is watched live was
    available no earlier than first seen; what is imported long after its day
    is history and takes its day.
    """
    published = datetime.combine(observation.date, time(18, 0), NEW_YORK).astimezone(UTC)
    if history or observation.first_seen_at - published > BACKFILL:
        return published
    return max(published, observation.first_seen_at)


def insert_observations(
    connection: Connection, observations: Sequence[Observation], *, history: bool
) -> int:
    """Append the values that differ from what was known at their moment; count them."""
    if not observations:
        return 0
    known = _Known(connection, {o.series for o in observations})
    observations = _on_one_level(observations, known)
    rows: dict[tuple[str, date, datetime], dict[str, Any]] = {}
    for o in sorted(observations, key=lambda o: utc(o.first_seen_at)):
        seen = utc(o.first_seen_at)
        before = known.value(o.series, o.date, seen)
        if before == o.value:
            continue
        first = before is None and not o.vintage
        available = observation_available_at(o, history=history) if first else seen
        known.add(o.series, o.date, seen, o.value)
        rows[o.series, o.date, seen] = {
            "series": o.series,
            "date": o.date,
            "value": o.value,
            "unit": o.unit,
            "currency": o.currency,
            "first_seen_at": seen,
            "available_at": available,
            "source": clean(o.source),
        }
    if rows:
        connection.execute(insert(ObservationRow).prefix_with("OR REPLACE"), list(rows.values()))
    return len(rows)


def _on_one_level(observations: Sequence[Observation], known: _Known) -> Sequence[Observation]:
    """The same with every price series on the level of what is stored of it."""
    by_series: dict[str, list[Observation]] = {}
    for o in observations:
        by_series.setdefault(o.series, []).append(o)
    return [
        o
        for series, found in by_series.items()
        for o in (linked(found, known.latest(series)) if series.startswith("price:") else found)
    ]


class _Known:
    """Vintages stored and to be stored: the value of a day as known at a moment."""

    def __init__(self, connection: Connection, series: set[str]) -> None:
        self._vintages: dict[tuple[str, date], list[tuple[datetime, float]]] = {}
        columns = table(ObservationRow).c
        for name in sorted(series):
            query = (
                select(columns.date, columns.value, columns.first_seen_at)
                .where(columns.series == name)
                .order_by(columns.first_seen_at)
            )
            for row in connection.execute(query):
                vintages = self._vintages.setdefault((name, row.date), [])
                vintages.append((utc(row.first_seen_at), row.value))

    def value(self, series: str, day: date, moment: datetime) -> float | None:
        """The latest value first seen by ``moment``."""
        past = [v for v in self._vintages.get((series, day), ()) if v[0] <= moment]
        return past[-1][1] if past else None

    def latest(self, series: str) -> dict[date, float]:
        """The newest value of every day of a series."""
        return {
            day: vintages[-1][1]
            for (name, day), vintages in self._vintages.items()
            if name == series
        }

    def add(self, series: str, day: date, moment: datetime, value: float) -> None:
        """A further vintage, in the order of time."""
        vintages = self._vintages.setdefault((series, day), [])
        vintages.append((moment, value))
        vintages.sort(key=lambda vintage: vintage[0])
