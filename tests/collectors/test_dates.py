"""Date forms and the clamp."""

from __future__ import annotations

import gzip
import json
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moneygood.collectors.dates import (
    NO_DATE,
    NO_TIME,
    DateOrder,
    as_day,
    changed_at,
    order_of,
    parse_date,
    settle,
)
from moneygood.market_days import market_day

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
        ("31.01.2025", at(2025, 1, 31)),
        ("1.2.2025", at(2025, 2, 1)),
        ("Seg, 24 Set 2018 19:42:40 -0300", at(2018, 9, 24, 22, 42, 40)),
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


@pytest.mark.parametrize(
    "raw",
    ["2025-01-27", "27 Jan 2025", "Mon, 27 Jan 2025 00:00:00 GMT", "2025-01-27T00:00:00+09:00"],
)
def test_a_day_without_a_time_is_known_at_its_own_close_and_no_earlier(raw: str) -> None:
    settled = settle(raw, NOW)
    assert settled.published_at == at(2025, 1, 27, 21)
    assert market_day(settled.published_at) == date(2025, 1, 27)
    assert settled.notes == (NO_TIME,)


def test_a_day_seen_before_its_close_is_known_when_seen() -> None:
    for raw in ("2026-03-02", "2026-03-03"):
        assert settle(raw, NOW).published_at == NOW


@given(st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2026, 3, 1)))  # noqa: DTZ001
def test_a_day_is_never_known_before_it_has_begun_anywhere_west_of_tokyo(moment: datetime) -> None:
    for zone in ("", "T00:00:00+09:00", "T00:00:00-05:00"):
        begun = parse_date(f"{moment:%Y-%m-%d}{zone}")
        assert begun is not None
        assert settle(f"{moment:%Y-%m-%d}{zone}", NOW).published_at >= begun


def test_changed_later_counts_and_nothing_else_does() -> None:
    published = at(2025, 1, 27, 9)
    assert changed_at("2025-01-28T00:00:00Z", published, NOW) == at(2025, 1, 28)
    for raw in ("2025-01-27T09:00:00Z", "2025-01-26", "2999-01-01", "soon", ""):
        assert changed_at(raw, published, NOW) is None


def test_a_change_on_a_day_without_a_time_is_known_at_its_close_and_no_earlier() -> None:
    published = at(2025, 1, 27, 9)
    assert changed_at("2025-01-28", published, NOW) == at(2025, 1, 28, 21)
    assert changed_at("2025-01-27", at(2025, 1, 27, 21), NOW) is None
    for today in ("2026-03-02", "2026-03-03"):
        assert changed_at(today, published, NOW) == NOW


@pytest.mark.parametrize(
    ("samples", "order"),
    [
        (["01/02/2025", "01/31/2025"], DateOrder.MDY),
        (["01/02/2025", "31/01/2025"], DateOrder.DMY),
        (["31/01/2025", "01/31/2025"], DateOrder.UNSURE),
        (["03/02/2025", "04/02/2025", "05/02/2025", "03/03/2025"], DateOrder.DMY),
        (["02/03/2025", "02/04/2025", "02/05/2025", "03/03/2025"], DateOrder.MDY),
        (["03/03/2025", "02/05/2025", "02/04/2025"], DateOrder.MDY),
        (["01/02/2025"], DateOrder.UNSURE),
        (["2025-01-31", "soon", ""], DateOrder.UNSURE),
    ],
)
def test_slashes_are_read_as_the_whole_file_shows(samples: list[str], order: DateOrder) -> None:
    assert order_of(samples) is order


def test_the_order_found_is_used() -> None:
    assert parse_date("03/02/2025 10:00", DateOrder.DMY) == at(2025, 2, 3, 10)
    assert parse_date("03/02/2025 10:00") == at(2025, 3, 2, 10)
    assert as_day("03/02/2025", DateOrder.DMY) == date(2025, 2, 3)
    assert as_day("2025-03-02", DateOrder.DMY) == date(2025, 3, 2)


def test_six_forms_of_a_real_dump_parse_alike(shared: Path) -> None:
    forms: set[str] = set()
    for path in sorted((shared / "news" / "headlines_2026").glob("*.json.gz"))[::20]:
        with gzip.open(path, "rt", encoding="utf-8") as file:
            items = json.load(file)["data"]
        for item in items:
            raw = item["published"]
            forms.add(re.sub(r"\d", "9", re.sub(r"[A-Za-z]{3}(?=[ ,])", "A", raw)))
            assert parse_date(raw) is not None, raw
    assert len(forms) == 6


def test_as_day_reads_iso_and_american_dates() -> None:
    assert as_day("2025-12-05 00:00:00-05:00") == date(2025, 12, 5)
    assert as_day("12/05/2025") == date(2025, 12, 5)
    assert as_day("13/05/2025") is None
