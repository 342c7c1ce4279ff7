"""Yield files."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moneygood.collectors.series.yields import (
    parse_fred_csv,
    parse_treasury_csv,
    parse_treasury_xml,
)
from moneygood.records import Collected

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def csv(text: str, *, history: bool = False) -> Collected:
    return parse_treasury_csv(text.encode(), source="ust", now=NOW, history=history)


def values(found: Collected) -> dict[tuple[str, str], float]:
    return {(o.series, str(o.date)): o.value for o in found.observations}


def test_official_columns_in_any_order() -> None:
    found = csv(
        '"10 Yr",Date,"1 Mo","1.5 Month","30 Yr"\n4.5,01/29/2025,4.3,4.3,\n4.6,2025-01-28,,,.\n'
    )
    assert values(found) == {
        ("y10", "2025-01-28"): 4.6,
        ("m1", "2025-01-29"): 4.3,
        ("m1_5", "2025-01-29"): 4.3,
        ("y10", "2025-01-29"): 4.5,
    }
    assert not found.failures
    assert found.observations[0].first_seen_at == NOW


def test_merged_form_and_history() -> None:
    found = csv("date,m3,y2,real10,be10\n2025-01-29,4.3,4.2,,2.4\n", history=True)
    assert values(found)["be10", "2025-01-29"] == 2.4
    assert found.observations[0].first_seen_at == datetime(2025, 1, 29, 23, tzinfo=UTC)


def test_bad_rows_are_named_and_the_rest_goes_on() -> None:
    rows = "01/27/2025,4.5\n01/28/2025,450\n01/29/2025,nan\n01/30/2025,inf\nsoon,4\n01/31/2025\n"
    found = csv("Date,10 Yr\n" + rows + "03/31/2026,4.4\n01/24/2025,4.6")
    assert len(found.observations) == 2
    assert [f.subject for f in found.failures] == [f"line {n}" for n in (6, 7, 3, 5, 8)]
    assert all(f.remedy for f in found.failures)


def test_phantom_rows_are_skipped_and_good_friday_kept() -> None:
    rows = "10/11/2010,2.4\n04/02/2021,1.7\n12/31/2021,1.5\n01/02/2021,1\n"
    found = csv("Date,10 Yr\n" + rows)
    assert {str(o.date) for o in found.observations} == {"2021-04-02", "2021-12-31"}
    assert found.skipped == 2


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b"<!doctype html><html>proof of work</html>", "bot check"),
        (b"<html><body>x</body></html>", "HTML page"),
        (b"Date,10 Yr\n", "no rows"),
        (b"a,b\n1,2\n", "no yield column"),
        (b'{"a": 1}', "JSON"),
    ],
)
def test_other_answers_are_failures(data: bytes, says: str) -> None:
    (failure,) = parse_treasury_csv(data, source="ust", now=NOW).failures
    assert says in failure.reason


def test_many_bad_rows_are_summed_up() -> None:
    found = csv("Date,10 Yr\n" + "soon,1\n" * 500)
    assert len(found.failures) == 21
    assert "480 more" in found.failures[-1].reason


def test_fred_old_and_new() -> None:
    old = parse_fred_csv(
        b"DATE,DGS10\n2025-01-20,.\n2025-01-21,4.57\n", source="f", series="y10", now=NOW
    )
    new = parse_fred_csv(
        b"observation_date,DGS10\n2025-01-20,\n2025-01-21,4.57\n",
        source="f",
        series="y10",
        now=NOW,
    )
    assert values(old) == values(new) == {("y10", "2025-01-21"): 4.57}


ENTRY = (
    '<entry><content type="application/xml"><m:properties>{}'
    '<d:BC_10YEAR m:type="Edm.Double">{}</d:BC_10YEAR>'
    '<d:BC_30YEAR m:type="Edm.Double" m:null="true" />'
    '<d:BC_30YEARDISPLAY m:type="Edm.Double">0</d:BC_30YEARDISPLAY>'
    "</m:properties></content></entry>"
)
FEED = (
    '<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom" '
    'xmlns:d="http://schemas.microsoft.com/ado/2007/08/dataservices" '
    'xmlns:m="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata">{}</feed>'
)


def xml(*entries: tuple[str, str]) -> str:
    stamp = '<d:NEW_DATE m:type="Edm.DateTime">{}T00:00:00</d:NEW_DATE>'
    return FEED.format("".join(ENTRY.format(stamp.format(day), value) for day, value in entries))


def test_xml_plain_and_wrapped() -> None:
    text = xml(("2007-01-03", "4.6700000762939453"), ("2010-10-11", "2.4"))
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    for body in (text, f"<html><pre>{text}</pre></html>", f"<pre>{escaped}</pre>", "\ufeff" + text):
        found = parse_treasury_xml(body.encode(), source="ust", now=NOW)
        assert values(found) == {("y10", "2007-01-03"): 4.67}
        assert found.skipped == 1
        assert not found.failures


def test_xml_that_is_none() -> None:
    bomb = '<!DOCTYPE r [<!ENTITY a "b">]><r>&a;</r>'
    for body in ("", "<html>x</html>", "<feed>", FEED.format(""), bomb, "\x00"):
        found = parse_treasury_xml(body.encode(), source="ust", now=NOW)
        assert len(found.failures) == 1


REAL = "Date,5 YR,7 YR,10 YR,20 YR,30 YR\n01/29/2025,1.9,2.0,2.1,2.3,2.4\n"


def test_the_real_curve_has_its_own_series() -> None:
    terms = {"real5": 1.9, "real7": 2.0, "real10": 2.1, "real20": 2.3, "real30": 2.4}
    said = parse_treasury_csv(
        REAL.replace("YR", "Yr").encode(), source="ust", now=NOW, series="real"
    )
    for found in (said, csv(REAL)):
        assert {o.series: o.value for o in found.observations} == terms
        assert {o.unit for o in found.observations} == {"percent"}
    assert "y10" in {o.series for o in csv(REAL.replace("YR", "Yr")).observations}
    field = '<d:TC_10YEAR m:type="Edm.Double">2.1</d:TC_10YEAR></m:properties>'
    text = xml(("2025-01-29", "4.6")).replace("</m:properties>", field)
    found = parse_treasury_xml(text.encode(), source="ust", now=NOW)
    assert {o.series: o.value for o in found.observations} == {"y10": 4.6, "real10": 2.1}


def test_a_nominal_curve_where_the_real_one_is_asked_for_is_refused() -> None:
    table = b"Date,1 Mo,10 Yr\n01/29/2025,4.3,4.5\n"
    feed = xml(("2025-01-29", "4.6")).encode()
    for found in (
        parse_treasury_csv(table, source="ust", now=NOW, series="real"),
        parse_treasury_xml(feed, source="ust", now=NOW, series="real"),
    ):
        (failure,) = found.failures
        assert "nominal" in failure.reason
        assert not found.observations


def test_odd_headers_and_foreign_separators() -> None:
    found = csv('\ufeff" Date ","10\u00a0Yr","1 1/2 Mo","50 Yr"\n01/29/2025,4.5,9,4.9\n')
    assert values(found) == {("y10", "2025-01-29"): 4.5, ("y50", "2025-01-29"): 4.9}
    assert values(csv("date;y2;y10\n2025-01-29;4,2;4,53\n")) == {
        ("y10", "2025-01-29"): 4.53,
        ("y2", "2025-01-29"): 4.2,
    }


def test_two_values_for_one_day_are_told() -> None:
    found = csv("Date,10 Yr\n01/29/2025,4.5\n01/29/2025,4.5\n01/29/2025,4.6\n")
    assert [o.value for o in found.observations] == [4.6]
    (failure,) = found.failures
    assert (failure.subject, "given twice" in failure.reason) == ("line 4", True)


FRACTIONS = "Date,1 Mo,2 Yr,5 Yr,10 Yr,30 Yr\n01/29/2025,0.0437,0.042,0.0433,0.0455,0.0478\n"


def test_fractions_of_one_are_put_in_percent_only_where_that_is_sure() -> None:
    found = csv(FRACTIONS)
    assert values(found)["y10", "2025-01-29"] == 4.55
    assert "multiplied by 100" in found.failures[0].reason
    # A whole curve below 0.3% has not been seen, but in 2020 short terms were there.
    low = csv(FRACTIONS.replace("2025", "2020"))
    assert values(low)["y10", "2020-01-29"] == 0.0455
    days = [f"2025-02-{d:02d},0.04{d:02d}" for d in range(1, 29)]
    single = parse_fred_csv(
        ("observation_date,DGS10\n" + "\n".join(days)).encode(), source="f", series="y10", now=NOW
    )
    assert single.observations[0].value == 0.0401
    assert "fractions of one" in single.failures[0].reason


def test_a_fred_file_of_another_series_is_refused() -> None:
    data = b"observation_date,DGS2\n2025-01-21,4.2\n"
    found = parse_fred_csv(data, source="f", series="y10", now=NOW)
    assert not found.observations
    assert "y2" in found.failures[0].reason


def test_holidays_stay_empty() -> None:
    found = csv("Date,10 Yr\n01/17/2025,4.61\n01/20/2025,\n01/21/2025,4.57\n01/22/2025,N/A\n")
    assert [str(o.date) for o in found.observations] == ["2025-01-17", "2025-01-21"]
    assert not found.failures


CELLS = st.one_of(
    st.sampled_from(["", ".", "4.5", "-0.2", "1e400", "0,5", "nan", "01/29/2025", "2025-01-29"]),
    st.text(max_size=12),
)
ROWS = st.lists(st.lists(CELLS, max_size=5), max_size=40)


def sound(found: Collected) -> None:
    assert all(math.isfinite(o.value) and o.first_seen_at <= NOW for o in found.observations)
    order = [(o.date, o.series) for o in found.observations]
    assert order == sorted(set(order))
    assert len(found.failures) <= 21
    assert all(f.reason and f.remedy for f in found.failures)


@settings(max_examples=120, deadline=None)
@given(st.binary(max_size=300), ROWS)
def test_any_bytes_and_any_rows(data: bytes, rows: list[list[str]]) -> None:
    table = "Date,10 Yr,1 Mo\n" + "\n".join(",".join(cells) for cells in rows)
    entries = "".join(
        ENTRY.format(f"<d:NEW_DATE>{escape(c[0])}</d:NEW_DATE>", escape(c[-1])) for c in rows if c
    )
    for candidate in (
        data,
        b"Date,10 Yr\n" + data,
        b"<feed>" + data,
        table.encode("utf-8", "replace"),
        FEED.format(entries).encode("utf-8", "replace"),
    ):
        sound(parse_treasury_csv(candidate, source="s", now=NOW))
        sound(parse_treasury_xml(candidate, source="s", now=NOW))
        sound(parse_fred_csv(candidate, source="s", series="y10", now=NOW))


@given(st.floats(-29, 29), st.dates(date(1996, 1, 2), date(2025, 12, 30)))
def test_values_survive(value: float, day: date) -> None:
    found = csv(f"Date,10 Yr\n{day:%m/%d/%Y},{value:.4f}\n")
    assert [o.value for o in found.observations] in ([round(value, 4)], [])
    assert not found.failures


def test_real_files_agree(shared: Path) -> None:
    folder = shared / "treasury"
    later = datetime(2026, 11, 20, tzinfo=UTC)
    read = [
        parse_treasury_xml(path.read_bytes(), source=path.name, now=later)
        for path in sorted((folder / "wire_xml").glob("*.xml"))
    ]
    tables = [*sorted((folder / "csv").glob("*.csv")), folder / "par_yields_1990_2026.csv"]
    read += [parse_treasury_csv(p.read_bytes(), source=p.name, now=later) for p in tables]
    read += [
        parse_fred_csv(path.read_bytes(), source=path.name, series="y10", now=later)
        for path in sorted((folder / "wire_fred").glob("*DGS10*.csv"))
    ]
    assert not [f for found in read for f in found.failures]
    known: dict[tuple[str, str], list[float]] = {}
    for found in read:
        for key, value in values(found).items():
            known.setdefault(key, []).append(value)
    shared_days = [copies for copies in known.values() if len(copies) > 1]
    pairs = sum(len(copies) * (len(copies) - 1) // 2 for copies in shared_days)
    assert pairs > 50_000
    assert not [copies for copies in shared_days if max(copies) - min(copies) > 0.005]


def test_a_file_with_blank_cells_alone_says_so() -> None:
    found = parse_fred_csv(
        b"observation_date,DGS10\n2025-01-28,\n", source="a", series="y10", now=NOW
    )
    assert (found.observations, found.failures) == ((), ())
    assert [(s.reason, s.count) for s in found.skips] == [("no value published yet", 1)]
