"""Market days: the New York close, weekends, holidays, summer time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moneygood.market_days import (
    NEW_YORK,
    is_market_day,
    market_day,
    market_days,
    next_market_day,
)

# Published by the exchange (nyse.com, holidays and trading hours).
CLOSED = [
    *("2024-01-01", "2024-01-15", "2024-02-19", "2024-03-29", "2024-05-27", "2024-06-19"),
    *("2024-07-04", "2024-09-02", "2024-11-28", "2024-12-25"),
    *("2025-01-01", "2025-01-20", "2025-02-17", "2025-04-18", "2025-05-26", "2025-06-19"),
    *("2025-07-04", "2025-09-01", "2025-11-27", "2025-12-25"),
    *("2026-01-01", "2026-01-19", "2026-02-16", "2026-04-03", "2026-05-25", "2026-06-19"),
    *("2026-07-03", "2026-09-07", "2026-11-26", "2026-12-25"),
    "2025-01-09",  # mourning for Jimmy Carter
    *("2012-10-29", "2012-10-30"),  # hurricane Sandy
    *("2001-09-11", "2001-09-14"),
]
# Days banks or bonds close and shares trade.
OPEN = ["2024-10-14", "2024-11-11", "2021-12-31", "2025-10-13", "2025-11-28", "2025-12-24"]


def new_york(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK)


@pytest.mark.parametrize("day", CLOSED)
def test_the_exchange_is_closed(day: str) -> None:
    assert not is_market_day(date.fromisoformat(day))


@pytest.mark.parametrize("day", OPEN)
def test_the_exchange_is_open(day: str) -> None:
    assert is_market_day(date.fromisoformat(day))


def test_market_days_of_2025() -> None:
    # 261 weekdays, ten regular holidays and a day of mourning.
    assert len(market_days(date(2025, 1, 1), date(2025, 12, 31))) == 250


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2025-01-27 09:30", "2025-01-27"),
        ("2025-01-27 16:00", "2025-01-27"),
        ("2025-01-27 16:00:00.000001", "2025-01-28"),
        ("2025-01-27 23:59", "2025-01-28"),
        ("2025-01-24 16:01", "2025-01-27"),
        ("2025-01-25 12:00", "2025-01-27"),
        ("2025-01-26 23:00", "2025-01-27"),
        ("2025-01-17 17:00", "2025-01-21"),
        ("2025-07-03 16:30", "2025-07-07"),
        ("2024-12-31 20:00", "2025-01-02"),
        ("2025-01-08 16:30", "2025-01-10"),
    ],
)
def test_after_the_close_belongs_to_the_next_market_day(moment: str, day: str) -> None:
    assert market_day(new_york(moment)) == date.fromisoformat(day)


@pytest.mark.parametrize(
    ("utc", "day"),
    [
        # 16:00 in New York is 21:00 UTC in winter and 20:00 in summer; clocks
        # changed on 2025-03-09 and 2025-11-02, Europe's three weeks and one week apart.
        ("2025-03-07 21:00", "2025-03-07"),
        ("2025-03-07 21:01", "2025-03-10"),
        ("2025-03-10 20:00", "2025-03-10"),
        ("2025-03-10 20:01", "2025-03-11"),
        ("2025-10-31 20:01", "2025-11-03"),
        ("2025-11-03 20:59", "2025-11-03"),
        ("2025-11-03 21:01", "2025-11-04"),
        ("2025-01-28 04:00", "2025-01-28"),
    ],
)
def test_the_close_moves_with_summer_time(utc: str, day: str) -> None:
    assert market_day(datetime.fromisoformat(utc).replace(tzinfo=UTC)) == date.fromisoformat(day)


@given(st.datetimes(datetime(1995, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_always_a_market_day_on_or_after_the_local_date(moment: datetime) -> None:
    day, local = market_day(moment), moment.astimezone(NEW_YORK).date()
    assert is_market_day(day)
    assert local <= day <= local + timedelta(days=8)
    assert market_days(local + timedelta(days=1), day - timedelta(days=1)) == []


@given(st.dates(date(1995, 1, 1), date(2035, 1, 1)), st.integers(0, 40))
def test_market_days_are_those_of_the_span(start: date, length: int) -> None:
    days = [start + timedelta(days=i) for i in range(length + 1)]
    assert market_days(start, days[-1]) == [d for d in days if is_market_day(d)]
    assert next_market_day(start) == min(market_days(start, start + timedelta(days=9)))


def test_a_span_that_ends_before_it_begins_is_empty() -> None:
    assert market_days(date(2025, 1, 28), date(2025, 1, 27)) == []


def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        market_day(datetime(2025, 1, 27, 12, 0))  # noqa: DTZ001
