"""Yield files to observations: Treasury CSV and XML, FRED CSV, merged CSV.

Values are percent. A blank, ``.`` or ``N/A`` is missing: it gives no
observation, never a zero, and nothing is carried forward.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time
from functools import cache
from typing import Any

from moneygood.collectors.dates import as_day
from moneygood.collectors.failures import capped
from moneygood.collectors.sniff import sniff
from moneygood.collectors.text import decode
from moneygood.market_days import NEW_YORK
from moneygood.records import Collected, Failure, Observation

LIMIT = 30.0
"""Largest believable yield, in percent, either sign."""
_PUBLISHED = time(18, 0)
_MISSING = frozenset({"", ".", "n/a", "na", "nan", "null", "none", "-"})
_TERM = re.compile(r"^(\d{1,2})\s*(mo|month|months|yr|year|years|m|y)\.?$")
_KNOWN = frozenset({
    "m1", "m2", "m3", "m4", "m6", "y1", "y2", "y3", "y5", "y7", "y10", "y20", "y30", "real10",
    "be10",
})  # fmt: skip
_XML_FIELD = re.compile(r"^BC_(\d{1,2})(MONTH|YEAR)$")
_NO_FILE = "Check the address; the publisher may have moved the file."
_ROW = "Correct the row or drop it."

Reading = tuple[date, str, str, str]
"""Day, series, raw value and where it stands in the file."""


def parse_treasury_csv(
    data: bytes, *, source: str, now: datetime, history: bool = False
) -> Collected:
    """Observations of the official par-curve CSV or of a merged one.

    Columns are matched by name in any order: ``10 Yr`` becomes ``y10``; ``y10``,
    ``real10`` and ``be10`` are taken as they are; others are ignored.
    """
    rows, failures = _table(data, source)
    if not rows:
        return Collected(source, failures=tuple(failures))
    _, header = rows[0]
    names = [series_id(cell) for cell in header]
    if not any(names):
        reason = f"no yield column in the header {', '.join(header)[:80]!r}"
        failures.append(Failure(source, "header", reason, _NO_FILE))
        return Collected(source, failures=tuple(failures))
    dated = next((i for i, cell in enumerate(header) if cell.strip().lower() in _DATE_NAMES), 0)
    readings: list[Reading] = []
    skipped = 0
    for line, cells in rows[1:]:
        day = as_day(cells[dated]) if len(cells) > dated else None
        if day is None:
            reason = f"no date in {','.join(cells)[:60]!r}"
            failures.append(Failure(source, f"line {line}", reason, _ROW))
            continue
        if len(cells) < len(header):
            reason = f"{len(cells)} of {len(header)} columns: cut off"
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
    return _collected(readings, failures, source, now, history, LIMIT, skipped)


_DATE_NAMES = frozenset({"date", "observation_date", "new_date"})


def parse_fred_csv(
    data: bytes, *, source: str, series: str, now: datetime, history: bool = False
) -> Collected:
    """Observations of a two-column FRED file, read by position.

    The first column was renamed in December 2024 and may be again. Yields are
    held to a believable range; other series only to finite numbers.
    """
    rows, failures = _table(data, source)
    readings: list[Reading] = []
    for line, cells in rows[1:]:
        day = as_day(cells[0])
        if day is None or len(cells) < 2:
            reason = f"no date and value in {','.join(cells)[:60]!r}"
            failures.append(Failure(source, f"line {line}", reason, _ROW))
            continue
        readings.append((day, series, cells[1], f"line {line}"))
    limit = LIMIT if series in _KNOWN else math.inf
    return _collected(readings, failures, source, now, history, limit)


def parse_treasury_xml(
    data: bytes, *, source: str, now: datetime, history: bool = False
) -> Collected:
    """Observations of the Treasury's Atom feed, present or retired form.

    Copies wrapped in ``<pre>`` are unwrapped. Rows on weekends and federal
    holidays are phantoms of the feed and are counted as skipped.
    """
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import ParseError, fromstring

    body = _unwrap(data)
    if wrong := sniff(body, expected="Treasury XML"):
        return Collected(source, failures=(Failure(source, "answer", wrong, _NO_FILE),))
    try:
        root = fromstring(body)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        reason = f"not well-formed XML ({error})"
        return Collected(source, failures=(Failure(source, "answer", reason, _NO_FILE),))
    readings: list[Reading] = []
    failures: list[Failure] = []
    skipped = 0
    entries = [node for node in root.iter() if str(node.tag).endswith("}properties")]
    for number, properties in enumerate(entries, 1):
        fields = dict(_fields(properties))
        day = as_day(fields.get("NEW_DATE", ""))
        if day is None:
            reason = f"no date in {fields.get('NEW_DATE', '')!r}"
            failures.append(Failure(source, f"entry {number}", reason, _ROW))
        elif _closed(day):
            skipped += 1
        else:
            readings += [
                (day, name, value, f"entry {number} ({day})")
                for key, value in fields.items()
                if (name := _xml_series(key))
            ]
    if not entries:
        failures.append(Failure(source, "answer", "the feed has no entries", _NO_FILE))
    return _collected(readings, failures, source, now, history, LIMIT, skipped)


def series_id(column: str) -> str:
    """Our id for a column name (``10 Yr`` → ``y10``), or an empty string."""
    name = column.strip().strip('"').lower()
    if name in _KNOWN:
        return name
    match = _TERM.match(name)
    found = f"{match.group(2)[0]}{int(match.group(1))}" if match else ""
    return found if found in _KNOWN else ""


def _xml_series(field: str) -> str:
    match = _XML_FIELD.match(field)
    found = f"{match.group(2)[0].lower()}{match.group(1)}" if match else ""
    return found if found in _KNOWN else ""


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


def _table(data: bytes, source: str) -> tuple[list[tuple[int, list[str]]], list[Failure]]:
    if wrong := sniff(data, expected="CSV"):
        return [], [Failure(source, "answer", wrong, _NO_FILE)]
    text, _ = decode(data)
    rows: list[tuple[int, list[str]]] = []
    reader = csv.reader(io.StringIO(text.replace("\0", ""), newline=""))
    try:
        rows = [(reader.line_num, cells) for cells in reader if any(c.strip() for c in cells)]
    except csv.Error as error:
        reason = f"not CSV ({error})"
        return [], [Failure(source, f"line {reader.line_num}", reason, _NO_FILE)]
    if len(rows) < 2:
        return [], [Failure(source, "answer", "no rows below the header", _NO_FILE)]
    return rows, []


def _collected(
    readings: Iterable[Reading],
    failures: list[Failure],
    source: str,
    now: datetime,
    history: bool,
    limit: float,
    skipped: int = 0,
) -> Collected:
    found: dict[tuple[str, date], Observation] = {}
    for day, series, raw, where in readings:
        if raw.strip().lower() in _MISSING:
            continue
        value = _number(raw)
        if value is None or not abs(value) <= limit:
            reason = f"{series} = {raw.strip()[:40]!r} is not a believable value"
            failures.append(Failure(source, where, reason, _ROW))
            continue
        if day > now.astimezone(NEW_YORK).date():
            failures.append(Failure(source, where, f"{day} lies in the future", _ROW))
            continue
        seen = _publication(day) if history else now
        found[series, day] = Observation(series, day, value, min(seen, now), source)
    ordered = sorted(found.values(), key=lambda o: (o.date, o.series))
    return Collected(source, (), tuple(ordered), capped(failures), skipped)


def _number(raw: str) -> float | None:
    try:
        value = float(raw.strip().rstrip("%"))
    except ValueError:
        return None
    # The retired feed carries float32 noise: 4.8499999046325684 is 4.85.
    return round(value, 6) if math.isfinite(value) else None


@cache
def _federal(year: int) -> frozenset[date]:
    import holidays

    # Not the days off in lieu: the Treasury published on 2021-12-31. The stock
    # exchange's calendar would not do: it has no Columbus Day, but Good Friday.
    return frozenset(holidays.country_holidays("US", years=year, observed=False).keys())


def _closed(day: date) -> bool:
    return day.weekday() >= 5 or day in _federal(day.year)


def _publication(day: date) -> datetime:
    return datetime.combine(day, _PUBLISHED, NEW_YORK).astimezone(UTC)
