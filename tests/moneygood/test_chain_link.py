"""Adjusted closes put on the level of the stored ones."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from moneygood.chain_link import linked
from moneygood.records import Observation

NOW = datetime(2026, 3, 2, tzinfo=UTC)
DAYS = [date(2026, 1, 5) + timedelta(days=i) for i in range(10)]


def prices(values: list[float], first: int = 0) -> list[Observation]:
    days = DAYS[first:]
    return [
        Observation("price:SPY", day, value, NOW) for day, value in zip(days, values, strict=False)
    ]


def test_a_dividend_changes_no_stored_close() -> None:
    held = dict(zip(DAYS, [100.0, 101.0, 102.0], strict=False))
    found = prices([v * 0.995 for v in held.values()] + [103.0])
    (new,) = linked(found, held)
    assert new.date == DAYS[3]
    # The return of the adjusted closes is kept: 103 against 102 * 0.995.
    assert abs(new.value / held[DAYS[2]] - 103 / (102 * 0.995)) < 1e-6


def test_a_corrected_close_is_a_revision() -> None:
    held = dict(zip(DAYS, [100.0] * 9, strict=False))
    (revised,) = linked(prices([100.0, 100.0, 104.0, *[100.0] * 6]), held)
    assert (revised.date, revised.value) == (DAYS[2], 104.0)


def test_the_last_stored_close_was_wrong() -> None:
    held = dict(zip(DAYS, [100.0] * 8 + [90.0], strict=False))
    found = linked(prices([50.0] * 10), held)
    assert [(o.date, o.value) for o in found] == [(DAYS[8], 100.0), (DAYS[9], 100.0)]


def test_without_a_common_day_all_is_new() -> None:
    found = prices([1.0, 2.0], first=4)
    assert linked(found, {DAYS[0]: 5.0}) == tuple(found)


@given(st.lists(st.floats(1, 1000), min_size=3, max_size=9), st.floats(0.01, 100))
def test_any_common_factor_is_no_revision(values: list[float], factor: float) -> None:
    held = dict(zip(DAYS, values[:-1], strict=False))
    (new,) = linked(prices([v * factor for v in values]), held)
    assert abs(new.value / values[-1] - 1) < 1e-6
