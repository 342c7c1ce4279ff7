"""Price files."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moneygood.collectors.prices import parse_prices, ticker_of

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


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_never_raise(data: bytes) -> None:
    for candidate in (data, b"date,close\n" + data):
        parse_prices(candidate, source="p", now=NOW, name="SPY.csv")


def test_real_files(shared: Path) -> None:
    for path in sorted((shared / "prices").rglob("*.csv"))[:4]:
        later = datetime(2026, 11, 1, tzinfo=UTC)
        found = parse_prices(path.read_bytes(), source="p", now=later, name=path.name)
        assert len(found.observations) > 3000
        assert not found.failures
