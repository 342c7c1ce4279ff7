"""Yield files to observations: Treasury CSV and XML, FRED CSV, merged CSV.

Values are percent. A blank, ``.`` or ``N/A`` is missing: it gives no
observation, never a zero, and nothing is carried forward.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from functools import cache
from typing import Any

from moneygood.collectors.dates import as_day
from moneygood.collectors.series.names import (
    FRED_SERIES,
    REAL,
    column_name,
    is_real_header,
    series_id,
    xml_series,
)
from moneygood.collectors.series.readings import (
    LIMIT,
    NO_FILE,
    ROW,
    Reading,
    read_table,
    to_collected,
)
from moneygood.collectors.sniff import sniff
from moneygood.collectors.text import decode
from moneygood.records import Collected, Failure

__all__ = ["LIMIT", "parse_fred_csv", "parse_treasury_csv", "parse_treasury_xml", "series_id"]
_DATE_NAMES = frozenset({"date", "observation date", "new date"})
_WRONG_CURVE = 'Correct the address, or series = "real" in the sources file.'


def parse_treasury_csv(
    data: bytes, *, source: str, now: datetime, history: bool = False, series: str = ""
) -> Collected:
    """Observations of the official par-curve CSV or of a merged one.

    Columns are matched by name in any order: ``10 Yr`` becomes ``y10``; ``y10``,
    ``real10`` and ``be10`` and FRED codes are known; others are ignored. Terms
    are those of the real curve with ``series`` "real" or under its own header.
    """
    table = read_table(data, source)
    if isinstance(table, Failure):
        return Collected(source, failures=(table,))
    real = series == REAL or is_real_header(table.header)
    names = [series_id(cell, real=real) for cell in table.header]
    if series == REAL and any(n.startswith("m") for n in map(series_id, table.header)):
        reason = "the columns are those of the nominal curve, the source says real"
        return Collected(source, failures=(Failure(source, "header", reason, _WRONG_CURVE),))
    if not any(names):
        reason = f"no yield column in the header {', '.join(table.header)[:80]!r}"
        return Collected(source, failures=(Failure(source, "header", reason, NO_FILE),))
    dated = next((i for i, c in enumerate(table.header) if column_name(c) in _DATE_NAMES), 0)
    failures: list[Failure] = []
    readings: list[Reading] = []
    skipped = 0
    for line, cells in table.rows:
        day = as_day(cells[dated]) if len(cells) > dated else None
        if day is None:
            reason = f"no date in {','.join(cells)[:60]!r}"
            failures.append(Failure(source, f"line {line}", reason, ROW))
            continue
        if len(cells) < len(table.header):
            reason = f"{len(cells)} of {len(table.header)} columns: cut off"
            failures.append(Failure(source, f"line {line}", reason, "Fetch the file again."))
            continue
        if _closed(day):
            skipped += 1
            continue
        readings += [
            (day, name, cell, f"line {line}")
            for name, cell in zip(names, cells, strict=False)
            if name
        ]
    return to_collected(
        readings,
        failures,
        source=source,
        now=now,
        history=history,
        skipped=skipped,
        comma=table.delimiter != ",",
    )


def parse_fred_csv(
    data: bytes, *, source: str, series: str, now: datetime, history: bool = False
) -> Collected:
    """Observations of a two-column FRED file, read by position.

    The first column was renamed in December 2024 and may be again. A header
    naming the code of another series of ours is refused.
    """
    table = read_table(data, source)
    if isinstance(table, Failure):
        return Collected(source, failures=(table,))
    code = table.header[1].strip().upper() if len(table.header) > 1 else ""
    if FRED_SERIES.get(code, series) != series:
        reason = f"the file holds {code}, which is {FRED_SERIES[code]}, the source says {series}"
        remedy = "Correct the address or the series."
        return Collected(source, failures=(Failure(source, "header", reason, remedy),))
    failures: list[Failure] = []
    readings: list[Reading] = []
    for line, cells in table.rows:
        day = as_day(cells[0])
        if day is None or len(cells) < 2:
            reason = f"no date and value in {','.join(cells)[:60]!r}"
            failures.append(Failure(source, f"line {line}", reason, ROW))
            continue
        readings.append((day, series, cells[1], f"line {line}"))
    comma = table.delimiter != ","
    return to_collected(readings, failures, source=source, now=now, history=history, comma=comma)


def parse_treasury_xml(
    data: bytes, *, source: str, now: datetime, history: bool = False, series: str = ""
) -> Collected:
    """Observations of the Treasury's Atom feed, present or retired form, nominal or real.

    The fields themselves say which curve they are of; ``series`` "real" makes a
    nominal feed a Failure. Copies wrapped in ``<pre>`` are unwrapped. Rows on
    weekends and federal holidays are phantoms of the feed and are counted as skipped.
    """
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import ParseError, fromstring

    body = _unwrap(data)
    if wrong := sniff(body, expected="Treasury XML"):
        return Collected(source, failures=(Failure(source, "answer", wrong, NO_FILE),))
    try:
        root = fromstring(body)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        reason = f"not well-formed XML ({error})"
        return Collected(source, failures=(Failure(source, "answer", reason, NO_FILE),))
    readings: list[Reading] = []
    failures: list[Failure] = []
    skipped = 0
    entries = [node for node in root.iter() if str(node.tag).endswith("}properties")]
    for number, properties in enumerate(entries, 1):
        fields = dict(_fields(properties))
        day = as_day(fields.get("NEW_DATE", ""))
        if day is None:
            reason = f"no date in {fields.get('NEW_DATE', '')[:60]!r}"
            failures.append(Failure(source, f"entry {number}", reason, ROW))
        elif _closed(day):
            skipped += 1
        else:
            readings += [
                (day, name, value, f"entry {number} ({day})")
                for key, value in fields.items()
                if (name := xml_series(key))
            ]
    if not entries:
        failures.append(Failure(source, "answer", "the feed has no entries", NO_FILE))
    elif readings and series == REAL and not any(r[1].startswith(REAL) for r in readings):
        reason = "the feed is that of the nominal curve, the source says real"
        return Collected(source, failures=(Failure(source, "answer", reason, _WRONG_CURVE),))
    return to_collected(
        readings, failures, source=source, now=now, history=history, skipped=skipped
    )


def _unwrap(data: bytes) -> bytes:
    head = data[:2000].lower()
    if b"<pre" not in head:
        return data.lstrip(b"\xef\xbb\xbf \t\r\n")
    start = data.find(b">", head.find(b"<pre")) + 1
    end = data.lower().rfind(b"</pre")
    inner = data[start : end if end > start else len(data)].strip()
    if inner.startswith(b"&lt;"):
        import html

        text, _ = decode(inner)
        inner = html.unescape(text).encode("utf-8", "replace")
    return inner


def _fields(properties: Any) -> Iterator[tuple[str, str]]:
    for child in properties:
        absent = any(k.endswith("}null") and v == "true" for k, v in child.attrib.items())
        yield str(child.tag).rpartition("}")[2], "" if absent else (child.text or "")


@cache
def _federal(year: int) -> frozenset[date]:
    import holidays

    # Not the days off in lieu: the Treasury published on 2021-12-31. The stock
    # exchange's calendar would not do: it has no Columbus Day, but Good Friday.
    return frozenset(holidays.country_holidays("US", years=year, observed=False).keys())


def _closed(day: date) -> bool:
    # Years that only errors have would each cost the calendar's making.
    return day.weekday() >= 5 or (1950 <= day.year <= 2100 and day in _federal(day.year))
