"""Tables beside transcripts that date them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moneygood.collectors.calls.events import find_events, read_events

TABLE = (
    b"exchange,symbol,company_name,year,quarter,conference_date,date,has_transcript\n"
    b"X,TRND,Tern Data,2024,4,2025-01-30 16:30:00,2025-01-30,YES\n"
    b"X,TRND,Tern Data,2024,3,2024-10-30 00:00:00,2024-10-30,YES\n"
    b"X,TRND,Tern Data,2024,2,,2024-07-30,YES\n"
    b"X,TRND,Tern Data,2024,1,soon,,NO\n"
)


def test_when_a_call_was_held() -> None:
    events = read_events(TABLE)
    assert events.when("TRND", 2024, 4) == "2025-01-30 16:30 ET"
    assert events.when("trnd", 2024, 4) == "2025-01-30 16:30 ET"
    assert events.when("TRND", 2024, 1) == ""
    assert events.when("ABC", 2024, 4) == ""


@pytest.mark.parametrize("quarter", [2, 3])
def test_a_day_without_a_time_is_not_before_the_call(quarter: int) -> None:
    assert read_events(TABLE).when("TRND", 2024, quarter).endswith(" 17:00 ET")


@pytest.mark.parametrize(
    "table",
    [
        "Ticker,Fiscal Year,Fiscal Quarter,Call Date\nTRND,FY2024,Q4,2025-01-30\n",
        "ticker,quarter,date\nTRND,2024Q4,2025-01-30\n",
        "ticker,period,date\nTRND,Q4 2024,2025-01-30\n",
        "file,date\ncalls/TRND_2024_Q4.txt,2025-01-30\n",
        'file,date\n2024Q4_TRND.md,"Jan 30, 2025"\n',
    ],
)
def test_tables_name_a_quarter_in_several_ways(table: str) -> None:
    assert read_events(table.encode()).when("TRND", 2024, 4) == "2025-01-30 17:00 ET"


def test_rows_that_disagree_say_nothing() -> None:
    head = "ticker,year,quarter,date\n"
    both = head + "TRND,2024,4,2025-01-30\nTRND,2024,4,2025-02-30\nTRND,2024,4,2025-02-06\n"
    assert read_events(both.encode()).when("TRND", 2024, 4) == ""


def test_tables_of_other_things_are_not_read() -> None:
    assert not read_events(b"date,close\n2025-01-30,4\n").dates
    assert not read_events(b"").dates


def test_found_beside_the_folder_or_in_it(tmp_path: Path) -> None:
    folder = tmp_path / "desk"
    folder.mkdir()
    assert find_events(folder) is None
    (tmp_path / "desk_events.csv").write_bytes(TABLE)
    (tmp_path / "calls.csv").write_bytes(b"ticker,year,quarter,date\nABC,2024,4,2025-01-30\n")
    beside = find_events(folder)
    assert beside is not None
    assert beside.when("TRND", 2024, 4)
    (folder / "events.csv").write_bytes(TABLE.replace(b"TRND", b"OTHR"))
    inside = find_events(folder)
    assert inside is not None
    assert inside.when("OTHR", 2024, 4)


@settings(max_examples=100, deadline=None)
@given(st.one_of(st.binary(max_size=300), st.text(max_size=200).map(lambda t: TABLE + t.encode())))
def test_any_bytes_never_raise(data: bytes) -> None:
    read_events(data)


def test_real_table_dates_every_call(shared: Path) -> None:
    folder = shared / "transcripts" / "sp500"
    events = find_events(folder)
    assert events is not None
    for path in folder.glob("*.txt"):
        ticker, year, quarter = path.stem.split("_")
        assert events.when(ticker, int(year), int(quarter[1])), path.name
