"""Price files to observations: the series is ``price:TICKER``, the value a close.

Forms: Yahoo (zoned dates, dividends), plain lower-case columns, and the
Investing.com export (BOM, American dates, quoted thousands, newest first).
An adjusted close is preferred, for returns across splits and dividends.
"""

from __future__ import annotations

import csv
import io
import math
import re
from datetime import UTC, datetime, time

from moneygood.collectors.dates import as_day
from moneygood.collectors.failures import capped
from moneygood.collectors.sniff import sniff
from moneygood.collectors.text import decode
from moneygood.market_days import NEW_YORK
from moneygood.records import Collected, Failure, Observation

_CLOSES = ("adj close", "adj_close", "adjclose", "close", "price", "close/last")
_NAME_TICKER = re.compile(r"(?:^|[_\W])([A-Z]{1,5}(?:\.[A-Z])?)(?=[_\W]*(?:$|\s))")
_MISSING = frozenset({"", ".", "-", "null", "nan", "n/a"})
_FORM = "Give it a header with date and close (or price) columns."
_ROW = "Correct the row or drop it."


def parse_prices(
    data: bytes,
    *,
    source: str,
    now: datetime,
    name: str = "",
    ticker: str = "",
    history: bool = False,
) -> Collected:
    """Closing prices of a CSV file, in the currency of the file.

    The ticker comes from a ``ticker`` column, else from ``ticker``, else from
    the file ``name``. Rows that cannot be read are Failures naming the line.
    With ``history``, a price counts as first seen at 18:00 New York that day.
    """

    def failed(subject: str, reason: str, remedy: str) -> Failure:
        return Failure(source, f"{name}: {subject}" if name else subject, reason, remedy)

    if wrong := sniff(data, expected="CSV"):
        return Collected(source, failures=(failed("answer", wrong, _FORM),))
    text, _ = decode(data)
    reader = csv.reader(io.StringIO(text.replace("\0", ""), newline=""))
    found: dict[tuple[str, str], Observation] = {}
    failures: list[Failure] = []
    try:
        header = [cell.strip().lower() for cell in next(reader, [])]
        dated = next((header.index(n) for n in ("date", "datetime") if n in header), None)
        closed = next((header.index(n) for n in _CLOSES if n in header), None)
        if dated is None or closed is None:
            reason = f"no date and close columns in {', '.join(header)[:80]!r}"
            return Collected(source, failures=(failed("header", reason, _FORM),))
        named = next((header.index(n) for n in ("ticker", "symbol") if n in header), None)
        fallback = ticker or ticker_of(name)
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            line = f"line {reader.line_num}"
            if len(cells) <= max(dated, closed):
                failures.append(failed(line, "too few columns: cut off", _ROW))
                continue
            own = cells[named].strip() if named is not None and len(cells) > named else ""
            symbol = (own or fallback).upper()
            if not symbol:
                failures.append(
                    failed(line, "no ticker", "Name the file TICKER.csv or add a ticker column.")
                )
                break
            raw = cells[closed].strip()
            if raw.lower() in _MISSING:
                continue
            day, value = as_day(cells[dated]), _price(raw)
            if day is None or value is None or day > now.astimezone(NEW_YORK).date():
                reason = f"date {cells[dated][:30]!r} or price {raw[:30]!r} is not usable"
                failures.append(failed(line, reason, _ROW))
                continue
            seen = datetime.combine(day, time(18, 0), NEW_YORK).astimezone(UTC) if history else now
            series = f"price:{symbol}"
            found[series, str(day)] = Observation(series, day, value, min(seen, now), source)
    except csv.Error as error:
        failures.append(failed(f"line {reader.line_num}", f"not CSV ({error})", _FORM))
    if not found and not failures:
        failures.append(failed("answer", "no rows below the header", _FORM))
    ordered = sorted(found.values(), key=lambda o: (o.series, o.date))
    return Collected(source, (), tuple(ordered), capped(failures))


def ticker_of(name: str) -> str:
    """Ticker in a file name: the last run of capitals (``export_XLY.csv`` → XLY)."""
    stem = name.rpartition("/")[2].rsplit(".", 1)[0]
    runs = _NAME_TICKER.findall(stem)
    if runs:
        return str(runs[-1])
    return stem.upper() if re.fullmatch(r"[A-Za-z]{1,5}", stem) else ""


def _price(raw: str) -> float | None:
    try:
        value = float(raw.replace(",", "").lstrip("$"))
    except ValueError:
        return None
    return value if math.isfinite(value) and value > 0 else None
