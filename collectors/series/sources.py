"""Yields, rates and prices as sources."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from moneygood.collectors.failures import capped
from moneygood.collectors.series.fred_api import read_fred_api
from moneygood.collectors.series.prices import parse_prices
from moneygood.collectors.series.services import only_since
from moneygood.collectors.series.tiingo import read_tiingo
from moneygood.collectors.series.yahoo import read_yfinance
from moneygood.collectors.series.yields import (
    parse_fred_csv,
    parse_treasury_csv,
    parse_treasury_xml,
)
from moneygood.collectors.sources import Source, SourceKind
from moneygood.collectors.visit import Visit, local_bytes, validators_of
from moneygood.errors import ParseError
from moneygood.records import Collected, Failure, Observation, Skip

__all__ = ["read_fred_api", "read_prices", "read_tiingo", "read_yfinance", "read_yields"]
_FORMS = frozenset({".csv", ".parquet", ".pq"})


def read_yields(source: Source, visit: Visit) -> Collected:
    """A Treasury curve (CSV, XML; ``series`` "real" for the real one) or one FRED series (CSV)."""
    answer = visit.open(source)
    if answer.status == 304:
        return Collected(source.name, unchanged=True)
    if source.kind is SourceKind.FRED:
        parse = parse_fred_csv
    else:
        xml = source.kind is SourceKind.TREASURY_XML
        parse = parse_treasury_xml if xml else parse_treasury_csv
    found = visit.parse(
        parse,
        answer.body,
        source=source.name,
        series=source.series,
        now=visit.now,
        history=source.history,
    )
    if not source.path and found.observations and not found.failures:
        kept = validators_of(visit.address(source), answer)
        found = dataclasses.replace(found, validators=kept)
    return only_since(found, visit)


def read_prices(source: Source, visit: Visit) -> Collected:
    """Closing prices of CSV or Parquet files of a folder, of one file, or of one address.

    Of two files with the same ticker the first by name counts.
    """
    ticker = source.tickers[0] if len(source.tickers) == 1 else ""
    if source.url:
        answer = visit.open(source)
        if answer.status == 304:
            return Collected(source.name, unchanged=True)
        found = _parsed(answer.body, source.url.partition("?")[0], ticker, source, visit)
        if found.observations and not (found.skips or found.failures):
            kept = validators_of(visit.address(source), answer)
            found = dataclasses.replace(found, validators=kept)
        return only_since(found, visit)
    path = Path(source.path)
    files = [path]
    if path.is_dir():
        files = sorted(file for file in path.iterdir() if file.suffix.lower() in _FORMS)
    if not files:
        remedy = "Put TICKER.csv files there."
        raise ParseError(str(path), "holds no .csv or .parquet file", remedy)
    taken: dict[str, str] = {}
    observations: list[Observation] = []
    failures: list[Failure] = []
    skips: list[Skip] = []
    for file in files:
        try:
            part = _parsed(local_bytes(file), file.name, ticker, source, visit)
        except ParseError as error:
            failures.append(Failure(source.name, file.name, error.reason, error.remedy))
            continue
        failures += part.failures
        skips += part.skips
        for series in dict.fromkeys(o.series for o in part.observations):
            if series in taken:
                reason = f"{series} was read from {taken[series]}: left out"
                remedy = "Keep one file for each ticker."
                failures.append(Failure(source.name, file.name, reason, remedy))
        observations += [o for o in part.observations if o.series not in taken]
        taken |= {o.series: file.name for o in part.observations if o.series not in taken}
    collected = Collected(source.name, (), tuple(observations), capped(failures), tuple(skips))
    return only_since(collected, visit)


def _parsed(body: bytes, name: str, ticker: str, source: Source, visit: Visit) -> Collected:
    return visit.parse(
        parse_prices,
        body,
        source=source.name,
        now=visit.now,
        name=name,
        ticker=ticker,
        history=source.history,
        currency=source.currency,
    )
