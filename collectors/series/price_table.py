"""Price files as tables of texts: CSV, the wide form of yfinance, Parquet."""

from __future__ import annotations

from typing import Any

from moneygood.collectors.series.names import column_name
from moneygood.collectors.series.readings import Row, Table, read_table
from moneygood.records import Failure

MAX_CELLS = 20_000_000
"""Largest Parquet file read, in cells of the columns used."""
ADJUSTED = ("adj close", "adjclose", "adj. close", "adjusted close")
RAW = ("close", "close/last", "price", "closing price", "last price")
CLOSES = (*ADJUSTED, *RAW)
DATES = ("date", "datetime", "observation date")
TICKERS = ("ticker", "symbol")
DIVIDENDS = ("dividends", "dividend", "divcash")
SPLITS = ("stock splits", "splits", "splitfactor", "split factor", "split ratio")
CURRENCIES = ("currency",)
_USED = frozenset((*CLOSES, *DATES, *TICKERS, *DIVIDENDS, *SPLITS, *CURRENCIES))
_FORM = "Give it a header with date and close (or price) columns."


def is_parquet(data: bytes) -> bool:
    """Whether the bytes are a Parquet file."""
    return data[:4] == b"PAR1"


def is_wide_header(header: list[str]) -> bool:
    """Whether normalised names open the wide form: Price, Close, Close, ... over tickers."""
    return bool(header) and header[0] == "price" and not set(DATES) & set(header)


def price_table(data: bytes, source: str) -> Table | Failure:
    """Header (normalised names) and rows of a price file."""
    if is_parquet(data):
        return _parquet(data, source)
    table = read_table(data, source)
    if isinstance(table, Failure):
        return table
    header = tuple(column_name(cell) for cell in table.header)
    heads = [[column_name(cell) for cell in cells[:1]] for _, cells in table.rows[:2]]
    if header[0] in ("price", "") and heads in ([["ticker"], ["date"]], [[""], ["date"]]):
        return _long(header, table)
    return Table(header, table.rows, table.delimiter)


def column(table: Table, names: tuple[str, ...]) -> int | None:
    """Position of the first column with one of the names, the names in order of choice."""
    return next((table.header.index(name) for name in names if name in table.header), None)


def _long(header: tuple[str, ...], table: Table) -> Table:
    """One row per day and ticker of the wide form."""
    tickers = table.rows[0][1]
    fields = tuple(dict.fromkeys(header[1:]))
    where: dict[str, dict[str, int]] = {}
    for i, (field, ticker) in enumerate(zip(header, tickers, strict=False)):
        if i and ticker.strip():
            where.setdefault(ticker.strip(), {})[field] = i
    rows: list[Row] = []
    for line, cells in table.rows[2:]:
        for ticker, at in where.items():
            values = [cells[at[f]] if f in at and at[f] < len(cells) else "" for f in fields]
            rows.append((line, [cells[0], ticker, *values]))
    return Table(("date", "ticker", *fields), tuple(rows), table.delimiter)


def _parquet(data: bytes, source: str) -> Table | Failure:
    import pyarrow
    import pyarrow.parquet as parquet

    try:
        file = parquet.ParquetFile(pyarrow.BufferReader(data))
        named = {name: column_name(name) for name in file.schema_arrow.names}
        named = {name: plain for name, plain in named.items() if plain in _USED}
        if file.metadata.num_rows * max(len(named), 1) > MAX_CELLS:
            return Failure(source, "answer", "too many rows", "Split the file.")
        read = file.read(columns=list(named))
        columns = [[_text(value) for value in read.column(name).to_pylist()] for name in named]
    except (pyarrow.ArrowException, OSError, ValueError, OverflowError, KeyError) as error:
        reason = f"not a readable Parquet file ({str(error)[:120]})"
        return Failure(source, "answer", reason, "Write it again with pandas or pyarrow.")
    rows = tuple((i, list(cells)) for i, cells in enumerate(zip(*columns, strict=True), 1))
    if not rows:
        return Failure(source, "answer", "no rows", _FORM)
    # No comma is a decimal mark in what was a number; texts are rare here.
    return Table(tuple(named.values()), rows)


def _text(value: Any) -> str:
    return "" if value is None else str(value)
