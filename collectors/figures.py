"""Figures among imported files: which reader a CSV or XML file wants."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from datetime import datetime

from moneygood.collectors.text import decode
from moneygood.collectors.yields import parse_fred_csv, parse_treasury_csv, parse_treasury_xml
from moneygood.records import Collected

FRED_SERIES: Mapping[str, str] = {
    "DGS1MO": "m1",
    "DGS3MO": "m3",
    "DGS6MO": "m6",
    "DGS1": "y1",
    "DGS2": "y2",
    "DGS3": "y3",
    "DGS5": "y5",
    "DGS7": "y7",
    "DGS10": "y10",
    "DGS20": "y20",
    "DGS30": "y30",
    "DFII10": "real10",
    "T10YIE": "be10",
}
_CURVE = re.compile(r"^(?:\d+(?:\.\d+)? (?:mo|month|yr)|[my]\d+|real10|be10)$")
_DATES = frozenset({"date", "observation_date"})
_CLOSES = frozenset({"close", "adj close", "price"})


def read_figures(
    data: bytes, *, source: str, name: str, now: datetime, history: bool
) -> Collected | None:
    """Observations of a file of yields or prices; None where it is neither.

    The header tells: par-curve columns, a FRED series (in the header or the
    file's name), or a close or price beside a date.
    """
    if b"BC_10YEAR" in data:
        return parse_treasury_xml(data, source=source, now=now, history=history)
    header = _header(data)
    if not _DATES & set(header):
        return None
    if any(_CURVE.match(cell) for cell in header):
        return parse_treasury_csv(data, source=source, now=now, history=history)
    fred = _fred(header, name)
    if len(header) == 2 and fred:
        return parse_fred_csv(data, source=source, series=fred, now=now, history=history)
    if _CLOSES & set(header):
        from moneygood.collectors.prices import parse_prices

        return parse_prices(data, source=source, now=now, name=name, history=history)
    return None


def _header(data: bytes) -> list[str]:
    text, _ = decode(data[:4000])
    first = text.lstrip().splitlines()[:1]
    cells = next(csv.reader(first), []) if first else []
    return [cell.strip().lower() for cell in cells]


def _fred(header: list[str], name: str) -> str | None:
    """Our series id for a FRED file, if it is one we know."""
    words = {cell.upper() for cell in header} | set(re.split(r"[^A-Z0-9]+", name.upper()))
    return next((ours for theirs, ours in FRED_SERIES.items() if theirs in words), None)
