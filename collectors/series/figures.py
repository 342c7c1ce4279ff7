"""Figures among imported files: which reader a CSV, Parquet or XML file wants."""

from __future__ import annotations

import csv
import re
from datetime import datetime

from moneygood.collectors.series.names import FRED_SERIES, column_name, is_rate, series_id
from moneygood.collectors.series.prices import CLOSES, is_parquet, is_wide_header, parse_prices
from moneygood.collectors.series.yields import (
    parse_fred_csv,
    parse_treasury_csv,
    parse_treasury_xml,
)
from moneygood.collectors.text import decode
from moneygood.records import Collected

__all__ = ["FRED_SERIES", "read_figures"]
_DATES = frozenset({"date", "observation date", "datetime"})


def read_figures(
    data: bytes, *, source: str, name: str, now: datetime, history: bool
) -> Collected | None:
    """Observations of a file of yields or prices; None where it is neither.

    The header tells: par-curve columns, a FRED series (in the header or the
    file's name), or a close or price beside a date.
    """
    if is_parquet(data):
        return parse_prices(data, source=source, now=now, name=name, history=history)
    if b"BC_10YEAR" in data or b"TC_10YEAR" in data:
        return parse_treasury_xml(data, source=source, now=now, history=history)
    cells = _header(data)
    header = [column_name(cell) for cell in cells]
    if is_wide_header(header):
        return parse_prices(data, source=source, now=now, name=name, history=history)
    if not _DATES & set(header):
        return None
    fred = _fred(header, name)
    if len(header) == 2 and fred and not is_rate(header[1].replace(" ", "_")):
        return parse_fred_csv(data, source=source, series=fred, now=now, history=history)
    # A lone column called policy may hold words: the ids must be surer than that.
    if {series_id(cell) for cell in cells} - {"", "policy"} or header[1:] == ["policy"]:
        return parse_treasury_csv(data, source=source, now=now, history=history)
    if set(CLOSES) & set(header):
        return parse_prices(data, source=source, now=now, name=name, history=history)
    return None


def _header(data: bytes) -> list[str]:
    text, _ = decode(data[:4000])
    first = text.lstrip("\ufeff \t\r\n").splitlines()[:1]
    delimiter = max(",;\t", key=first[0].count) if first else ","
    return next(csv.reader(first, delimiter=delimiter), [])


def _fred(header: list[str], name: str) -> str | None:
    """Our series id for a FRED file, if it is one we know."""
    codes = [cell.upper() for cell in header[1:]] + re.split(r"[^A-Z0-9]+", name.upper())
    return next((FRED_SERIES[code] for code in codes if code in FRED_SERIES), None)
