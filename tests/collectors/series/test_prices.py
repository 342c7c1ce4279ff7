"""Price files."""

from __future__ import annotations

import csv
import io
import math
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moneygood.collectors.series.prices import parse_prices, ticker_of
from moneygood.records import Collected

NOW = datetime(2026, 7, 2, 12, 0, tzinfo=UTC)
YAHOO = (
    "Date,Open,High,Low,Close,Volume,Dividends,Stock Splits,ticker\n"
    "2025-12-05 00:00:00-05:00,1,2,1,1.5,10,0.0,2.0,XLF\n"
)
PLAIN = "date,open,high,low,close,volume\n2025-12-05,1,2,1,1.5,10\n2025-12-08,1,1,1,,0\n"
INVESTING = (
    '\ufeff"Date","Price","Open","High","Low","Vol.","Change %"\n'
    '"12/08/2025","1,501.25","1","1","1","8,651","+0.1%"\n"12/05/2025","1,500.00","1","1","1","1","0"\n'
)


def read(text: str, *, now: datetime = NOW, currency: str = "") -> Collected:
    return parse_prices(text.encode(), source="p", now=now, name="SPY.csv", currency=currency)


def closes(found: Collected) -> list[float]:
    return [o.value for o in found.observations]


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        (YAHOO, "whatever.csv", [("price:XLF", "2025-12-05", 1.5)]),
        (PLAIN, "TLT.csv", [("price:TLT", "2025-12-05", 1.5)]),
        (
            INVESTING,
            "investing_export_XLY.csv",
            [("price:XLY", "2025-12-05", 1500.0), ("price:XLY", "2025-12-08", 1501.25)],
        ),
    ],
)
def test_forms(text: str, name: str, expected: list[tuple[str, str, float]]) -> None:
    found = parse_prices(text.encode(), source="p", now=NOW, name=name)
    assert [(o.series, str(o.date), o.value) for o in found.observations] == expected
    assert not found.failures


def test_adjusted_close_is_preferred() -> None:
    text = "Date,Close,Adj Close\n2025-12-05,10,9.5\n"
    (price,) = parse_prices(text.encode(), source="p", now=NOW, ticker="spy").observations
    assert (price.series, price.value) == ("price:SPY", 9.5)


def test_bad_rows_and_files() -> None:
    rows = "2025-12-05,-1\nsoon,1\n2025-12-08\n2025-12-09,2\n2030-01-01,3\n"
    found = parse_prices(("date,close\n" + rows).encode(), source="p", now=NOW, name="SPY.csv")
    assert [o.value for o in found.observations] == [2.0]
    assert [f.subject for f in found.failures] == [f"SPY.csv: line {n}" for n in (2, 3, 4, 6)]
    for text, says in [("", "empty"), ("a,b\n1,2", "no date and close"), ("<html>x", "HTML")]:
        (failure,) = parse_prices(text.encode(), source="p", now=NOW, name="S.csv").failures
        assert says in failure.reason
    (failure,) = parse_prices(PLAIN.encode(), source="p", now=NOW).failures
    assert failure.reason == "no ticker"


def test_tickers_in_file_names() -> None:
    assert ticker_of("a/b/BRK.B.csv") == "BRK.B"
    assert ticker_of("spy.csv") == "SPY"
    assert ticker_of("prices of everything.csv") == ""


def test_the_wide_form_holds_several_tickers() -> None:
    text = (
        "Price,Close,Close,Volume\nTicker,AAA,BBB,AAA\nDate,,,\n"
        "2025-12-05,10,20,5\n2025-12-08,11,,5\n"
    )
    found = parse_prices(text.encode(), source="p", now=NOW, name="download.csv")
    assert [(o.series, o.value) for o in found.observations] == [
        ("price:AAA", 10.0),
        ("price:AAA", 11.0),
        ("price:BBB", 20.0),
    ]


@pytest.mark.parametrize("index", [True, False])
def test_parquet(index: bool) -> None:
    import pandas as pd

    days = pd.to_datetime(["2025-12-05", "2025-12-08"]).tz_localize("America/New_York")
    frame = pd.DataFrame({"Close": [10.0, None], "Adj Close": [9.5, 9.75], "Volume": [1, 2]})
    frame.insert(0, "Date", days)
    out = io.BytesIO()
    (frame.set_index("Date") if index else frame).to_parquet(out, index=index)
    found = parse_prices(out.getvalue(), source="p", now=NOW, name="XLF.parquet")
    assert [(str(o.date), o.value) for o in found.observations] == [
        ("2025-12-05", 9.5),
        ("2025-12-08", 9.75),
    ]
    (failure,) = parse_prices(out.getvalue()[:90], source="p", now=NOW, name="X.parquet").failures
    assert "Parquet" in failure.reason


def test_order_repeats_and_the_day_that_is_not_over() -> None:
    rows = "2026-07-01,3\n2026-06-30,2\n2026-07-01,3\n2026-07-02,9\n2026-06-30,2.5\n"
    found = read("date,close\n" + rows)
    assert closes(found) == [2.5, 3.0]
    (failure,) = found.failures
    assert "2026-06-30 is given twice, 2 and 2.5" in failure.reason
    assert [(s.reason, s.count) for s in found.skips] == [
        ("a day whose close is not out yet", 1),
    ]
    evening = datetime(2026, 7, 2, 20, 1, tzinfo=UTC)
    assert closes(read("date,close\n2026-07-02,9\n", now=evening)) == [9.0]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (['"1,501.25"', '"1,500"'], [1501.25, 1500.0]),
        (['"1.501,25"', '"1.500"'], [1501.25, 1500.0]),
        (['"1,501"', '"1,500"'], [1501.0, 1500.0]),
        (["1.501", "1.5"], [1.501, 1.5]),
        (['"99,5"', '"1.234"'], [99.5, 1234.0]),
        (["$10.5", "10 USD"], [10.5, 10.0]),
        (["1'501.25", "1 500.5"], [1501.25, 1500.5]),
    ],
)
def test_decimals_are_those_of_the_column(cells: list[str], expected: list[float]) -> None:
    rows = "".join(f"2025-12-0{i},{cell}\n" for i, cell in enumerate(cells, 4))
    found = read("date,close\n" + rows)
    assert (closes(found), found.failures) == (expected, ())


def test_a_european_file() -> None:
    found = read("Date;Close\n05.12.2025;1.501,25 €\n28.11.2025;1.499,5 €\n")
    assert closes(found) == [1499.5, 1501.25]
    assert {o.currency for o in found.observations} == {"EUR"}
    day_first = read("date,close\n05/12/2025,2\n28/11/2025,1\n")
    assert [str(o.date) for o in day_first.observations] == ["2025-11-28", "2025-12-05"]


def test_currencies() -> None:
    rows = "date,close,currency\n2025-12-03,10,USD\n2025-12-04,9,EUR\n2025-12-05,11,USD\n"
    found = read(rows)
    assert closes(found) == [10.0, 11.0]
    assert {(o.unit, o.currency) for o in found.observations} == {("price", "USD")}
    assert "EUR, not USD" in found.failures[0].reason
    assert closes(read(rows, currency="EUR")) == [9.0]
    (plain,) = read("date,close\n2025-12-05,10\n", currency="CHF").observations
    assert plain.currency == "CHF"
    (unsaid,) = read("date,close\n2025-12-05,$10\n").observations
    assert unsaid.currency == ""
    (pence,) = read("date,close,currency\n2025-12-05,250,GBp\n").observations
    assert (pence.value, pence.currency) == (2.5, "GBP")


SPLIT = "date,close,dividends,stock splits\n2025-12-03,238,0,0\n2025-12-04,238.2,0,0\n"


def test_a_split_still_in_the_closes_is_taken_out() -> None:
    found = read(SPLIT + "2025-12-05,119.5,0,2.0\n2025-12-08,117.8,0,0\n")
    assert closes(found) == [119.0, 119.1, 119.5, 117.8]
    assert not found.failures
    reverse = read("date,close,splits\n2025-12-04,1.02,0\n2025-12-05,10.1,0.1\n")
    assert closes(reverse) == [10.2, 10.1]


def test_a_split_that_is_out_already_is_left() -> None:
    rows = SPLIT.replace("238.2", "119.1").replace("238", "119") + "2025-12-05,119.5,0,2.0\n"
    assert closes(read(rows)) == [119.0, 119.1, 119.5]


@pytest.mark.parametrize(
    ("after", "ratio"), [(119.5, "2:1"), (79.9, "3:1"), (159.5, "3:2"), (2400, "1:10")]
)
def test_an_unlisted_split_is_told_and_not_altered(after: float, ratio: str) -> None:
    rows = f"date,close\n2025-12-04,238.0\n2025-12-05,{after}\n"
    found = read(rows)
    assert closes(found) == [238.0, after]
    (failure,) = found.failures
    assert failure.reason == f"looks like an unadjusted split ({ratio}) on 2025-12-05"
    assert not read(rows.replace("close", "adj close")).failures


@pytest.mark.parametrize("after", [170.0, 200.0, 300.0])
def test_a_crash_or_leap_is_no_split(after: float) -> None:
    assert not read(f"date,close\n2025-12-04,238.0\n2025-12-05,{after}\n").failures


def test_dividends_still_in_the_closes_are_taken_out() -> None:
    header = "date,close,dividends\n"
    before = "".join(f"2025-12-{d:02d},100.{d:02d},0\n" for d in range(1, 11))
    found = read(header + before + "2025-12-11,98.10,2.0\n")
    assert closes(found)[-2:] == [pytest.approx(100.10 * (1 - 2 / 100.10)), 98.1]
    adjusted = before.replace(",100.", ",98.137")
    assert closes(read(header + adjusted + "2025-12-11,98.10,2.0\n"))[0] == 98.13701
    short = read(header + "2025-12-10,100,0\n2025-12-11,98.10,2.0\n")
    assert "cannot tell" in short.failures[0].reason


def test_unbelievable_prices_and_splits_are_told() -> None:
    rows = "2025-12-03,1e-300,0\n2025-12-04,1e300,0\n2025-12-05,10,1e308\n2025-12-08,11,0\n"
    found = read("date,close,splits\n" + rows)
    assert closes(found) == [10.0, 11.0]
    assert len(found.failures) == 3
    days = [f"20{y:02d}-01-{d:02d}" for y in range(10) for d in range(1, 29)]
    many = "".join(f"{day},{1 if i % 2 else 4000},4000\n" for i, day in enumerate(days))
    found = read("date,close,splits\n" + many)
    assert all(1e-9 <= value <= 1e15 for value in closes(found))


def test_history_counts_from_its_day() -> None:
    found = parse_prices(
        b"date,close\n2025-12-05,10\n", source="p", now=NOW, name="SPY.csv", history=True
    )
    assert found.observations[0].first_seen_at == datetime(2025, 12, 5, 23, tzinfo=UTC)


CELLS = st.one_of(
    st.sampled_from(["", "1.5", "1,5", "-1", "0", "1e309", "2", "2025-12-05", "12/05/2025", "€3"]),
    st.floats().map(str),
    st.text(max_size=10),
)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300), st.lists(st.lists(CELLS, max_size=5), max_size=30))
def test_any_bytes_and_any_rows(data: bytes, rows: list[list[str]]) -> None:
    header = "date,close,dividends,splits,currency\n"
    table = header + "\n".join(",".join(cells) for cells in rows)
    candidates = (data, b"date,close\n" + data, b"PAR1" + data, table.encode("utf-8", "replace"))
    for candidate in candidates:
        found = parse_prices(candidate, source="p", now=NOW, name="SPY.csv")
        assert all(math.isfinite(o.value) and o.value > 0 for o in found.observations)
        days = [(o.series, o.date) for o in found.observations]
        assert days == sorted(set(days))
        assert len(found.failures) <= 21


def test_real_files(shared: Path) -> None:
    later = datetime(2026, 11, 1, tzinfo=UTC)
    for path in sorted((shared / "prices").rglob("*.csv")):
        found = parse_prices(path.read_bytes(), source="p", now=later, name=path.name)
        assert len(found.observations) > 3000
        assert not found.failures


@pytest.mark.parametrize("raw", [False, True])
def test_adjusting_here_agrees_with_yahoo(shared: Path, raw: bool) -> None:
    """Another provider's closes with Yahoo's dividends and split give Yahoo's returns."""
    folder = shared / "prices"
    yahoo = (folder / "sectors" / "XLY.csv").read_bytes()
    later = datetime(2026, 11, 1, tzinfo=UTC)
    theirs = closes_by_day(parse_prices(yahoo, source="p", now=later, name="XLY.csv"))
    export = (folder / "investing_export_XLY.csv").read_bytes()
    plain = closes_by_day(parse_prices(export, source="p", now=later, name="XLY.csv"))
    rows = ["date,close,dividends,stock splits"]
    for row in csv.DictReader(io.StringIO(yahoo.decode())):
        day = row["Date"][:10]
        times = 2 if raw and day < "2025-12-05" else 1
        dividend = float(row["Dividends"]) * times
        rows.append(f"{day},{plain[day] * times:.2f},{dividend},{row['Stock Splits']}")
    ours = closes_by_day(read("\n".join(rows), now=later))
    assert len(ours) == len(theirs) > 6800
    for before, after in pairwise(sorted(theirs)):
        move = math.log(ours[after] / ours[before]) - math.log(theirs[after] / theirs[before])
        assert abs(move) < 0.0013, after
    assert max(abs(ours[day] / theirs[day] - 1) for day in theirs) < 0.001


def closes_by_day(found: Collected) -> dict[str, float]:
    return {str(o.date): o.value for o in found.observations}
