"""Market days in America/New_York.

A market day is a weekday on which the New York Stock Exchange opens (calendar:
the ``holidays`` library). A text available after 16:00 New York belongs to the
next one.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import holidays

NEW_YORK = ZoneInfo("America/New_York")
CLOSE = time(16, 0)


@cache
def _closed(year: int) -> frozenset[date]:
    return frozenset(holidays.financial_holidays("NYSE", years=year).keys())


def is_market_day(day: date) -> bool:
    """Whether the exchange opens on this date."""
    return day.weekday() < 5 and day not in _closed(day.year)


def next_market_day(day: date) -> date:
    """The first market day on or after ``day``."""
    while not is_market_day(day):
        day += timedelta(days=1)
    return day


def market_day(moment: datetime) -> date:
    """The market day to which something available at ``moment`` belongs.

    Raises ValueError for a datetime without a time zone.
    """
    if moment.tzinfo is None:
        raise ValueError(f"{moment!r} has no time zone")
    local = moment.astimezone(NEW_YORK)
    day = local.date()
    if local.time() > CLOSE:
        day += timedelta(days=1)
    return next_market_day(day)


def market_days(start: date, end: date) -> list[date]:
    """All market days from ``start`` to ``end``, both included."""
    span = (end - start).days + 1
    days = (start + timedelta(days=i) for i in range(max(span, 0)))
    return [d for d in days if is_market_day(d)]
