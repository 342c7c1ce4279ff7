"""Yield files."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moneygood.collectors.yields import parse_fred_csv, parse_treasury_csv, parse_treasury_xml
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


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_never_raise(data: bytes) -> None:
    for candidate in (data, b"Date,10 Yr\n" + data, b"<feed>" + data):
        parse_treasury_csv(candidate, source="s", now=NOW)
        parse_treasury_xml(candidate, source="s", now=NOW)
        parse_fred_csv(candidate, source="s", series="y10", now=NOW)


@given(st.floats(-29, 29), st.dates(date(1996, 1, 2), date(2025, 12, 30)))
def test_values_survive(value: float, day: date) -> None:
    found = csv(f"Date,10 Yr\n{day:%m/%d/%Y},{value:.4f}\n")
    assert [o.value for o in found.observations] in ([round(value, 4)], [])
    assert not found.failures


def test_real_files_agree(shared: Path) -> None:
    folder = shared / "treasury"
    now_xml = (folder / "wire_xml" / "new_home.treasury.gov_2021.xml").read_bytes()
    from_xml = values(parse_treasury_xml(now_xml, source="x", now=NOW))
    table = (folder / "csv" / "2021-daily-treasury-rates.csv").read_bytes()
    assert from_xml == values(parse_treasury_csv(table, source="c", now=NOW))
    old = (folder / "wire_xml" / "old_data.treasury.gov_2007.xml").read_bytes()
    new = (folder / "wire_xml" / "new_home.treasury.gov_2007.xml").read_bytes()
    assert values(parse_treasury_xml(old, source="x", now=NOW)) == values(
        parse_treasury_xml(new, source="x", now=NOW)
    )
