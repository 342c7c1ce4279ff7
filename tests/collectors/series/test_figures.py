"""Which reader an imported file of figures gets."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from moneygood.collectors.series.figures import FRED_SERIES, read_figures

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "name", "series"),
    [
        ("Date,1 Mo,10 Yr\n01/29/2025,4.3,4.5\n", "a.csv", {"m1", "y10"}),
        ("Date,5 YR,7 YR,10 YR,20 YR,30 YR\n01/29/2025,1,2,2,2,2\n", "a.csv",
         {"real5", "real7", "real10", "real20", "real30"}),
        ("observation_date,T10YIE\n2025-01-29,2.4\n", "a.csv", {"be10"}),
        ("observation_date,DGS2,DGS10\n2025-01-29,4.2,4.5\n", "a.csv", {"y2", "y10"}),
        ("date,value\n2025-01-29,4.33\n", "fred_DFF.csv", {"policy"}),
        ("date;y10;be5\n2025-01-29;4,5;2,4\n", "a.csv", {"y10", "be5"}),
        ("date,close\n2025-01-29,4.5\n", "SPY.csv", {"price:SPY"}),
        ("Price,Close\nTicker,SPY\nDate,\n2025-01-29,4.5\n", "x.csv", {"price:SPY"}),
    ],
)  # fmt: skip
def test_the_header_or_the_name_tells(text: str, name: str, series: set[str]) -> None:
    found = read_figures(text.encode(), source="s", name=name, now=NOW, history=False)
    assert found is not None
    assert {o.series for o in found.observations} == series
    assert not found.failures


@pytest.mark.parametrize("header", ["date,title,text", "date,policy,text", "a,b", ""])
def test_other_tables_are_none(header: str) -> None:
    data = f"{header}\n2025-01-29,x,y\n".encode()
    assert read_figures(data, source="s", name="a.csv", now=NOW, history=False) is None


def test_the_shipped_series() -> None:
    assert set(FRED_SERIES.values()) >= {"y10", "real5", "real30", "be5", "be10", "policy"}
