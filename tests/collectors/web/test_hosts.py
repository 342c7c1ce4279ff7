"""The pace of a host: no more than the rate, whoever asks and whatever the clock does."""

from __future__ import annotations

import itertools
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moneygood.collectors.web.hosts import (
    PATIENCE,
    Bucket,
    MemoryHosts,
    RobotsText,
    held,
    spend,
)

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def times(asked: list[float], rate: float, burst: float) -> list[float]:
    """When requests asked for at these seconds may go, seconds after noon."""
    bucket: Bucket | None = None
    found = []
    for second in asked:
        bucket, wait = spend(bucket, after(second), rate, burst)
        found.append(second + wait)
    return found


def most_within(moments: list[float], window: float) -> int:
    return max(sum(start <= m < start + window for m in moments) for start in moments)


def test_a_burst_at_once_then_one_by_one() -> None:
    assert times([0] * 6, rate=2, burst=3) == pytest.approx([0, 0, 0, 0.5, 1, 1.5])


def test_tokens_come_back_with_time_but_never_more_than_the_burst() -> None:
    assert times([0, 0, 0, 0, 100, 100, 100, 100], 1, 3)[4:] == pytest.approx([100, 100, 100, 101])


@given(
    st.lists(st.floats(0, 20), min_size=1, max_size=60),
    st.floats(0.5, 10),
    st.sampled_from([1.0, 2.0, 3.0]),
)
@settings(max_examples=150, deadline=None)
def test_never_more_than_burst_and_rate_allow(
    asked: list[float], rate: float, burst: float
) -> None:
    # The seconds are in no order: clocks of threads and processes that differ.
    bucket: Bucket | None = None
    gone = []
    for second in asked:
        bucket, wait = spend(bucket, after(second), rate, burst)
        if wait <= PATIENCE:
            gone.append(second + wait)
    for window in (0.5, 1, 5, 20):
        assert most_within(gone, window) <= burst + rate * window + 1e-6


def test_a_clock_set_back_neither_blocks_nor_frees() -> None:
    bucket, _ = spend(None, after(0), 1, 1)
    hour_ago = after(-3600)
    waits = []
    for _ in range(3):
        bucket, wait = spend(bucket, hour_ago, 1, 1)
        waits.append(wait)
    assert waits == pytest.approx([1, 2, 3])


def test_a_clock_that_was_far_ahead_is_forgotten() -> None:
    bucket, _ = spend(None, datetime(2999, 1, 1, tzinfo=UTC), 1, 1)
    assert spend(bucket, NOON, 1, 1)[1] == pytest.approx(1)
    far = held(bucket, datetime(2999, 1, 1, tzinfo=UTC))
    assert spend(far, NOON, 1, 1)[1] == pytest.approx(1)


def test_nothing_goes_before_the_end_of_a_hold_and_then_one_by_one() -> None:
    bucket = held(spend(None, after(0), 2, 3)[0], after(10))
    found = []
    for second in (0, 1, 5):
        bucket, wait = spend(bucket, after(second), 2, 3)
        found.append(second + wait)
    assert found == pytest.approx([10, 10.5, 11])


def test_a_later_hold_stays() -> None:
    assert held(held(None, after(10)), after(5)).until == after(10).timestamp()


def test_who_would_wait_too_long_spends_nothing() -> None:
    bucket = held(None, after(600))
    for _ in range(100):
        bucket, wait = spend(bucket, after(0), 1, 1)
        assert wait == pytest.approx(600)
    assert spend(bucket, after(601), 1, 1)[1] == 0


def test_32_threads_share_one_pace() -> None:
    hosts, lock, gone = MemoryHosts(), threading.Lock(), []

    def ask(number: int) -> None:
        second = number * 0.01
        wait = hosts.take("a.example", after(second), rate=8, burst=1)
        with lock:
            gone.append(second + wait)

    with ThreadPoolExecutor(32) as pool:
        list(pool.map(ask, range(200)))
    assert len(gone) == 200
    ordered = sorted(gone)
    steps = [b - a for a, b in itertools.pairwise(ordered)]
    assert min(steps) > 1 / 8 - 1e-5


def test_hosts_are_apart_and_robots_are_kept() -> None:
    hosts = MemoryHosts()
    hosts.hold("a.example", after(30))
    assert hosts.take("a.example", NOON, rate=1, burst=1) == 30
    assert hosts.take("b.example", NOON, rate=1, burst=1) == 0
    assert hosts.robots("https://a.example") is None
    robots = RobotsText("User-agent: *", NOON)
    hosts.keep_robots("https://a.example", robots)
    assert hosts.robots("https://a.example") == robots
