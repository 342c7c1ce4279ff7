"""Date forms and the clamp."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moneygood.collectors.dates import NO_DATE, NO_TIME, as_day, parse_date, settle

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Sun, 17 May 2026 22:17:05 GMT", at(2026, 5, 17, 22, 17, 5)),
        ("Mon, 27 Jan 2025 09:30:00 -0500", at(2025, 1, 27, 14, 30)),
        ("27 Jan 25 09:30 EST", at(2025, 1, 27, 14, 30)),
        ("Mon, 27 Jan 2025 09:30:00 PDT", at(2025, 1, 27, 16, 30)),
        ("2025-01-27T09:30:00Z", at(2025, 1, 27, 9, 30)),
        ("2025-01-27T09:30:00+01:00", at(2025, 1, 27, 8, 30)),
        ("2025-01-27T09:30:00.123456", at(2025, 1, 27, 9, 30, 0, 123456)),
        ("2025-01-27 09:30:00", at(2025, 1, 27, 9, 30)),
        ("2025-01-27 09:30 UTC", at(2025, 1, 27, 9, 30)),
        ("2025-01-27", at(2025, 1, 27)),
        ("20250127", at(2025, 1, 27)),
        ("January 29, 2025 5:00 PM ET", at(2025, 1, 29, 22)),
        ("Jan 30, 2025, 5:00 p.m. ET", at(2025, 1, 30, 22)),
        ("July 30, 2025, 5:00 p.m. ET", at(2025, 7, 30, 21)),
        ("October 30 th , 2024", at(2024, 10, 30)),
        ("12:00 nonsense", None),
        ("01/31/2025", at(2025, 1, 31)),
        ("31/01/2025", at(2025, 1, 31)),
        ("Mon Jan 27 09:30:00 2025", at(2025, 1, 27, 9, 30)),
        ("1739857560.0", at(2025, 2, 18, 5, 46)),
        ("1739857560000", at(2025, 2, 18, 5, 46)),
        ("2025-12-31T24:00:00Z", at(2026, 1, 1)),
        ("2025-02-30", None),
        ("9999-12-31T23:59:59-05:00", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_forms(raw: str, expected: datetime | None) -> None:
    assert parse_date(raw) == expected


@given(st.text(max_size=60))
def test_any_text_gives_utc_or_nothing(raw: str) -> None:
    moment = parse_date(raw)
    assert moment is None or moment.tzinfo is UTC


@given(st.datetimes(min_value=datetime(1995, 1, 2), max_value=datetime(2026, 1, 1)))  # noqa: DTZ001
def test_iso_round_trip(moment: datetime) -> None:
    assert parse_date(moment.isoformat()) == moment.replace(tzinfo=UTC)


@given(st.text(max_size=40), st.integers(0, 20000))
def test_settled_dates_are_always_in_range(raw: str, days: int) -> None:
    dated = (at(1970, 1, 1) + timedelta(days=days)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    for text in (raw, dated):
        settled = settle(text, NOW)
        assert at(1995, 1, 1) <= settled.published_at <= NOW + timedelta(days=1)


def test_out_of_range_dates_become_first_seen_and_keep_the_raw_string() -> None:
    for raw in ("Thu, 01 Jan 1970 00:00:00 GMT", "2999-01-01T00:00:00Z"):
        settled = settle(raw, NOW)
        assert (settled.published_at, settled.raw) == (NOW, raw)
        assert "out of range" in settled.notes[0]
    assert settle("", NOW).notes == (NO_DATE,)
    assert settle("2025-01-27", NOW).notes == (NO_TIME,)


def test_as_day_reads_iso_and_american_dates() -> None:
    assert as_day("2025-12-05 00:00:00-05:00") == date(2025, 12, 5)
    assert as_day("12/05/2025") == date(2025, 12, 5)
    assert as_day("13/05/2025") is None
