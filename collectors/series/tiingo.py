"""Tiingo's daily prices with a key: adjusted closes of tickers."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import quote

from moneygood.collectors.answers import read_value
from moneygood.collectors.dates import as_day
from moneygood.collectors.failures import capped, failure_of
from moneygood.collectors.series.adjust import Price
from moneygood.collectors.series.price_cells import to_number
from moneygood.collectors.series.prices import Origin, settle_prices
from moneygood.collectors.series.readings import NO_FILE
from moneygood.collectors.series.services import (
    first_day,
    missing_key,
    only_since,
    refused,
    without_key,
)
from moneygood.collectors.sources import Source
from moneygood.collectors.visit import Visit, validators_of
from moneygood.errors import FetchError, ParseError
from moneygood.records import Collected, Failure, Observation, Skip, Validator

ADDRESS = "https://api.tiingo.com/tiingo/daily"
_KEY_PAGE = "https://www.tiingo.com/account/api/token"


def parse_tiingo(
    data: bytes,
    *,
    source: str,
    ticker: str,
    now: datetime,
    history: bool = False,
    currency: str = "",
) -> Collected:
    """Closes of one ticker: ``adjClose``, or ``close`` adjusted here where that is absent.

    The answer names no currency: it is ``currency`` or none.
    """
    name = ticker.upper()
    try:
        answer = read_value(data, name, NO_FILE)
    except ParseError as error:
        return Collected(source, failures=(failure_of(source, error),))
    rows = [row for row in answer if isinstance(row, dict)] if isinstance(answer, list) else []
    if not rows:
        detail = answer.get("detail") if isinstance(answer, dict) else None
        reason = " ".join(str(detail or "no prices in the answer").split())[:200]
        failure = Failure(source, name, reason, "Check the ticker, the key and its allowance.")
        return Collected(source, failures=(failure,))
    adjusted = any(row.get("adjClose") is not None for row in rows)
    origin = Origin(source, now, name, history, currency, adjusted)
    prices: list[Price] = []
    failures: list[Failure] = []
    for i, row in enumerate(rows, 1):
        day = as_day(str(row.get("date", ""))[:40])
        raw = row.get("adjClose" if adjusted else "close")
        value = _number(raw)
        if raw is None:
            continue
        if day is None or not value > 0:
            what = f"date {str(row.get('date'))[:30]!r} or price {str(raw)[:30]!r}"
            failures.append(origin.failed(f"row {i}", f"{what} is not usable"))
            continue
        prices.append(
            Price(
                name,
                day,
                value,
                f"row {i}",
                dividend=max(_number(row.get("divCash")), 0),
                split=max(_number(row.get("splitFactor")), 0),
            )
        )
    return settle_prices(prices, failures, origin)


def read_tiingo(source: Source, visit: Visit) -> Collected:
    """Closes of every ticker of the source; one that fails does not stop the others."""
    key = visit.keys.get("tiingo", "")
    if not key:
        return missing_key(source, "tiingo", _KEY_PAGE)
    found: list[Observation] = []
    failures: list[Failure] = []
    skips: list[Skip] = []
    validators: list[Validator] = []
    unchanged = 0
    for ticker in source.tickers:
        # Tiingo writes share classes with a dash: BRK-B.
        path = quote(ticker.lower().replace(".", "-"), safe="-")
        base = (source.url or ADDRESS).rstrip("/")
        url = f"{base}/{path}/prices?startDate={first_day(source, visit)}&format=json"
        try:
            answer = visit.get(
                url,
                validator=visit.validators.get(url),
                headers={"Authorization": f"Token {key}"},
            )
        except FetchError as error:
            failures.append(refused(source, ticker, error, key))
            continue
        if answer.status == 304:
            unchanged += 1
            continue
        part = visit.parse(
            parse_tiingo,
            answer.body,
            source=source.name,
            ticker=ticker,
            now=visit.now,
            history=source.history,
            currency=source.currency,
        )
        found += part.observations
        failures += without_key(part.failures, key)
        skips += part.skips
        if part.observations and not (part.skips or part.failures):
            validators += validators_of(url, answer)
    collected = Collected(
        source.name,
        (),
        tuple(found),
        capped(failures),
        tuple(skips),
        tuple(validators),
        unchanged=unchanged == len(source.tickers) > 0,
    )
    return only_since(collected, visit)


def _number(value: object) -> float:
    """The number of a JSON value, 0 for what is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return 0.0
    return to_number(str(value)[:60]) or 0.0
