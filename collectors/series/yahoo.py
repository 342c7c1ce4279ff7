"""Yahoo's prices through yfinance, an optional extra.

yfinance opens its own connections (curl_cffi, imitating a browser): none of our
address checks, robots, rates or time limits apply to them, and it keeps a cache
of its own in the user's cache folder. Yahoo's terms of use apply.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import date
from importlib import import_module
from typing import Any

from moneygood.collectors.failures import capped
from moneygood.collectors.series.adjust import Price
from moneygood.collectors.series.price_cells import currency_of
from moneygood.collectors.series.prices import Origin, settle_prices
from moneygood.collectors.series.services import first_day, only_since
from moneygood.collectors.sources import Source
from moneygood.collectors.visit import Visit
from moneygood.records import Collected, Failure, Observation, Skip

log = logging.getLogger(__name__)
_TIMEOUT = 20
_EXTRA = "pip install 'moneygood[yfinance]'"


def read_yfinance(source: Source, visit: Visit) -> Collected:
    """Adjusted closes of every ticker of the source; whatever yfinance raises is a Failure."""
    try:
        yfinance = import_module("yfinance")
    except ImportError:
        failure = Failure(
            source.name, source.subject, "the package yfinance is not installed", f"Run {_EXTRA}."
        )
        return Collected(source.name, failures=(failure,))
    found: list[Observation] = []
    failures: list[Failure] = []
    skips: list[Skip] = []
    for ticker in source.tickers:
        try:
            part = _one(yfinance, ticker, source, visit)
        except Exception as error:
            log.debug("yfinance failed for %s", ticker, exc_info=True)
            reason = f"yfinance failed ({type(error).__name__}: {str(error)[:120]})"
            remedy = "Ask less often; if it goes on, use Tiingo or files."
            failures.append(Failure(source.name, ticker, reason, remedy))
            continue
        found += part.observations
        failures += part.failures
        skips += part.skips
    collected = Collected(source.name, (), tuple(found), capped(failures), tuple(skips))
    return only_since(collected, visit)


def _one(yfinance: Any, ticker: str, source: Source, visit: Visit) -> Collected:
    # Yahoo writes share classes with a dash (BRK-B); foreign suffixes keep their dot.
    head, dot, tail = ticker.upper().partition(".")
    symbol = f"{head}-{tail}" if dot and tail in ("A", "B") else ticker.upper()
    asked = yfinance.Ticker(symbol)
    frame = asked.history(
        start=str(first_day(source, visit)),
        interval="1d",
        auto_adjust=True,
        actions=False,
        timeout=_TIMEOUT,
    )
    if frame is None or frame.empty:
        reason, remedy = "no prices came", "Check the ticker; Yahoo may be refusing requests."
        return Collected(source.name, failures=(Failure(source.name, ticker, reason, remedy),))
    said, factor = currency_of(str((asked.history_metadata or {}).get("currency") or ""))
    rows: Iterable[tuple[date, float]] = (
        (moment.date(), float(close)) for moment, close in frame["Close"].dropna().items()
    )
    origin = Origin(
        source.name, visit.now, ticker.upper(), source.history, source.currency, adjusted=True
    )
    prices = [
        Price(ticker.upper(), day, close * factor, str(day), said)
        for day, close in rows
        if 0 < close < float("inf")
    ]
    return settle_prices(prices, (), origin)
