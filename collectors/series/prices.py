"""Prices to observations: the series is ``price:TICKER``, the value a close fit for returns.

Forms: Yahoo (zoned dates, dividends, splits; also the wide form of yfinance),
plain lower-case columns, the Investing.com export (BOM, American dates, quoted
thousands, newest first), European decimals; CSV and Parquet. An adjusted close
is taken where there is one. Else splits and dividends listed in the file are
taken out of earlier closes; where none are listed and a day's move is near an
exact split ratio, that is told and nothing altered. Volume is ignored.

After each dividend a provider changes all past adjusted closes. Stored as they
come, each visit would be a new vintage of the whole history; ``chain.linked``
puts them on the level of what is stored first.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from moneygood.collectors.failures import capped
from moneygood.collectors.series.adjust import Price, back_adjust, suspected_splits
from moneygood.collectors.series.price_cells import (
    MISSING,
    comma_decimals,
    currency_of,
    day_reader,
    money,
    to_number,
)
from moneygood.collectors.series.price_table import (
    ADJUSTED,
    CLOSES,
    CURRENCIES,
    DATES,
    DIVIDENDS,
    RAW,
    SPLITS,
    TICKERS,
    column,
    is_parquet,
    is_wide_header,
    price_table,
)
from moneygood.collectors.series.readings import Row, Table, published
from moneygood.market_days import CLOSE, NEW_YORK
from moneygood.records import Collected, Failure, Observation, Skip

__all__ = ["CLOSES", "is_parquet", "is_wide_header", "parse_prices", "settle_prices", "ticker_of"]
_NAME_TICKER = re.compile(r"(?:^|[_\W])([A-Z]{1,5}(?:\.[A-Z])?)(?=[_\W]*(?:$|\s))")
_FORM = "Give it a header with date and close (or price) columns."
_ROW = "Correct the row or drop it."
# Funds with many reverse splits have adjusted closes of billions long ago.
_LEAST, _MOST = 1e-9, 1e15
_LARGEST_SPLIT = 5000.0
NOT_CLOSED = "a day whose close is not out yet"


@dataclass(frozen=True, slots=True)
class Origin:
    """Whose prices these are and how they count.

    currency  what the sources file says the prices are in (ISO 4217), or empty
    adjusted  the closes are fit for returns already
    """

    source: str
    now: datetime
    name: str = ""
    history: bool = False
    currency: str = ""
    adjusted: bool = False

    def failed(self, subject: str, reason: str, remedy: str = _ROW) -> Failure:
        """A Failure naming the file."""
        named = f"{self.name}: {subject}" if self.name else subject
        return Failure(self.source, named, reason, remedy)


def parse_prices(
    data: bytes,
    *,
    source: str,
    now: datetime,
    name: str = "",
    ticker: str = "",
    history: bool = False,
    currency: str = "",
) -> Collected:
    """Closes of a CSV or Parquet file, in the currency of the file.

    The ticker comes from a ``ticker`` column, else from ``ticker``, else from
    the file ``name``. Rows that cannot be read are Failures naming the line.
    With ``history``, a price counts as first seen at 18:00 New York that day.
    """
    table = price_table(data, source)
    origin = Origin(source, now, name, history, currency)
    if isinstance(table, Failure):
        failure = origin.failed(table.subject, table.reason, table.remedy)
        return Collected(source, failures=(failure,))
    dated = column(table, DATES)
    closed, adjusted = _closes(table)
    if dated is None or closed is None:
        reason = f"no date and close columns in {', '.join(table.header)[:80]!r}"
        return Collected(source, failures=(origin.failed("header", reason, _FORM),))
    if column(table, TICKERS) is None and not (ticker or ticker_of(name)):
        remedy = "Name the file TICKER.csv or add a ticker column."
        return Collected(source, failures=(origin.failed("header", "no ticker", remedy),))
    origin = Origin(source, now, name, history, currency, adjusted)
    failures: list[Failure] = []
    prices = _prices(table, dated, closed, ticker or ticker_of(name), origin, failures)
    return settle_prices(prices, failures, origin)


def settle_prices(
    prices: Iterable[Price], failures: Sequence[Failure], origin: Origin
) -> Collected:
    """Observations of prices in any order, by series and day.

    Days in the future are Failures; a day before its close (16:00 New York) is
    skipped; of two prices for one day the later row counts, and the other is
    told; prices in another currency than most of the ticker's are left out.
    """
    problems = list(failures)
    local = origin.now.astimezone(NEW_YORK)
    by_ticker: dict[str, list[Price]] = {}
    early = 0
    for given in prices:
        price = _with_believable_split(given, origin, problems)
        if not _LEAST <= price.close <= _MOST:
            problems.append(
                origin.failed(price.where, f"{price.close:g} is not a believable price")
            )
        elif price.day > local.date():
            problems.append(origin.failed(price.where, f"{price.day} lies in the future"))
        elif price.day == local.date() and local.time() < CLOSE:
            early += 1
        else:
            by_ticker.setdefault(price.ticker, []).append(price)
    found: list[Observation] = []
    for ticker, own in sorted(by_ticker.items()):
        currency, kept = _one_currency(own, origin, problems)
        ordered = _one_a_day(kept, origin, problems)
        if not origin.adjusted:
            remedy = "Give adjusted closes, or a column of splits."
            for price, ratio in suspected_splits(ordered):
                reason = f"looks like an unadjusted split ({ratio}) on {price.day}"
                problems.append(origin.failed(ticker, reason, remedy))
            result = back_adjust(ordered)
            ordered = list(result.prices)
            problems += [origin.failed(ticker, d, "Give adjusted closes.") for d in result.doubts]
            if lost := [p.day for p in ordered if not _LEAST <= p.close <= _MOST]:
                reason = f"splits of the file leave no usable price on {len(lost)} days"
                problems.append(origin.failed(ticker, reason, "Correct the splits."))
                ordered = [p for p in ordered if _LEAST <= p.close <= _MOST]
        found += [
            Observation(
                f"price:{ticker}",
                price.day,
                # Seven digits: beyond them are the float32 errors of the provider.
                float(f"{price.close:.7g}"),
                min(published(price.day) if origin.history else origin.now, origin.now),
                origin.source,
                unit="price",
                currency=currency,
            )
            for price in ordered
        ]
    if not found and not problems and not early:
        problems.append(origin.failed("answer", "no prices below the header", _FORM))
    skips = (Skip(NOT_CLOSED, early),) if early else ()
    return Collected(origin.source, (), tuple(found), capped(problems), skips)


def ticker_of(name: str) -> str:
    """Ticker in a file name: the last run of capitals (``export_XLY.csv`` gives XLY)."""
    stem = name.rpartition("/")[2].rsplit(".", 1)[0]
    runs = _NAME_TICKER.findall(stem)
    if runs:
        return str(runs[-1])
    return stem.upper() if re.fullmatch(r"[A-Za-z]{1,5}", stem) else ""


def _closes(table: Table) -> tuple[int | None, bool]:
    """The column to read closes from, and whether it is an adjusted one with values."""
    adjusted = column(table, ADJUSTED)
    if adjusted is not None and any(
        _cell(row, adjusted).lower() not in MISSING for row in table.rows
    ):
        return adjusted, True
    return column(table, RAW), False


def _cell(row: Row, at: int | None) -> str:
    cells = row[1]
    return cells[at].strip() if at is not None and at < len(cells) else ""


def _prices(
    table: Table, dated: int, closed: int, ticker: str, origin: Origin, failures: list[Failure]
) -> list[Price]:
    """Prices of the rows; what cannot be read is added to ``failures``."""
    named, said = column(table, TICKERS), column(table, CURRENCIES)
    paid, divided = column(table, DIVIDENDS), column(table, SPLITS)
    amounts = [money(_cell(row, closed)) for row in table.rows]
    comma = comma_decimals((text for text, _ in amounts), delimiter=table.delimiter)
    read_day = day_reader(_cell(row, dated) for row in table.rows)
    prices: list[Price] = []
    for row, (text, sign) in zip(table.rows, amounts, strict=True):
        where = f"line {row[0]}"
        if len(row[1]) <= max(dated, closed):
            failures.append(origin.failed(where, "too few columns: cut off"))
            continue
        if text.lower() in MISSING:
            continue
        own = (_cell(row, named) or ticker).upper()[:20]
        day, value = read_day(_cell(row, dated)), to_number(text, comma=comma)
        if day is None or value is None or not value > 0 or not own:
            what = f"date {_cell(row, dated)[:30]!r} or price {_cell(row, closed)[:30]!r}"
            reason = f"{what} is not usable" if own else "no ticker"
            failures.append(origin.failed(where, reason))
            continue
        currency, factor = currency_of(_cell(row, said) or sign)
        dividend = to_number(_cell(row, paid) or "0", comma=comma) or 0.0
        split = to_number(_cell(row, divided) or "0", comma=comma) or 0.0
        prices.append(
            Price(
                own, day, value * factor, where, currency, max(dividend, 0) * factor, max(split, 0)
            )
        )
    return prices


def _with_believable_split(price: Price, origin: Origin, failures: list[Failure]) -> Price:
    if not price.split or 1 / _LARGEST_SPLIT <= price.split <= _LARGEST_SPLIT:
        return price
    failures.append(origin.failed(price.where, f"a split of {price.split:g} is not believable"))
    return replace(price, split=0.0)


def _one_currency(
    prices: Sequence[Price], origin: Origin, failures: list[Failure]
) -> tuple[str, list[Price]]:
    """The currency of a ticker's prices and those in it.

    What the sources file states counts before what most rows say; rows that say
    nothing are taken to be in it.
    """
    stated, _ = currency_of(origin.currency)
    said = Counter(price.currency for price in prices if price.currency)
    if not said:
        return stated, list(prices)
    currency = stated or said.most_common(1)[0][0]
    kept = []
    for price in prices:
        if price.currency in ("", currency):
            kept.append(price)
            continue
        reason = f"{price.ticker} in {price.currency}, not {currency}: left out"
        failures.append(origin.failed(price.where, reason, "Keep one currency for each ticker."))
    return currency, kept


def _one_a_day(prices: Sequence[Price], origin: Origin, failures: list[Failure]) -> list[Price]:
    days: dict[date, Price] = {}
    for price in prices:
        before = days.get(price.day, price)
        if before.close != price.close:
            values = f"{before.close:g} and {price.close:g}"
            reason = f"{price.ticker} on {price.day} is given twice, {values}: the later row counts"
            failures.append(origin.failed(price.where, reason))
        days[price.day] = price
    return [days[day] for day in sorted(days)]
