"""The FRED API with a key: observations, and ALFRED's record of their revisions."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from pathlib import Path
from urllib.parse import urlencode

from moneygood.collectors.answers import read_value
from moneygood.collectors.dates import as_day
from moneygood.collectors.failures import capped, failure_of
from moneygood.collectors.series.names import FRED_SERIES, is_rate
from moneygood.collectors.series.readings import (
    LIMIT,
    MISSING,
    NO_FILE,
    ROW,
    Reading,
    number,
    published,
    to_collected,
)
from moneygood.collectors.series.services import missing_key, only_since, refused, without_key
from moneygood.collectors.sources import Source
from moneygood.collectors.visit import Visit, local_bytes
from moneygood.errors import FetchError, ParseError
from moneygood.market_days import NEW_YORK
from moneygood.records import Collected, Failure, Observation, Validator

ADDRESS = "https://api.stlouisfed.org/fred/series/observations"
PAGE = 100_000
"""Most rows the service gives at once."""
_MOST_PAGES = 50
_KEY_PAGE = "https://fred.stlouisfed.org/docs/api/api_key.html"
_FIRST = date(1776, 7, 4)
_LAST = date(9999, 12, 31)
_SPAN = 5


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of one answer.

    rows   how many it held, usable or not
    total  how many there are for this question
    """

    collected: Collected
    rows: int = 0
    total: int = 0


def parse_fred_api(
    data: bytes, *, source: str, series: str, now: datetime, history: bool = False
) -> Page:
    """Observations of one JSON answer.

    Values are texts; ``.`` is missing. With ``history`` and an answer over a range
    of real time, each (date, realtime_start) is an observation of its own, first
    seen at 18:00 New York on realtime_start and never before its own day.
    """
    try:
        answer = read_value(data, "answer", NO_FILE)
    except ParseError as error:
        return Page(Collected(source, failures=(failure_of(source, error),)))
    rows = answer.get("observations") if isinstance(answer, dict) else None
    if not isinstance(answer, dict) or not isinstance(rows, list):
        message = answer.get("error_message") if isinstance(answer, dict) else None
        reason = " ".join(str(message or "no observations in the answer").split())[:200]
        remedy = "Check the code of the series and the key."
        return Page(Collected(source, failures=(Failure(source, "answer", reason, remedy),)))
    total = answer.get("count")
    vintages = history and answer.get("realtime_start") != answer.get("realtime_end")
    failures: list[Failure] = []
    readings: list[Reading] = []
    starts: list[date] = []
    for i, row in enumerate(rows, 1):
        cells = row if isinstance(row, dict) else {}
        day = as_day(str(cells.get("date", ""))[:40])
        start = as_day(str(cells.get("realtime_start", ""))[:40])
        if day is None or (vintages and start is None):
            failures.append(Failure(source, f"row {i}", f"no date in {str(row)[:60]!r}", ROW))
            continue
        readings.append((day, series, str(cells.get("value", ""))[:60], f"row {i} ({day})"))
        starts.append(start or day)
    if vintages:
        collected = _vintages(readings, starts, failures, source, now)
    else:
        collected = to_collected(readings, failures, source=source, now=now, history=history)
    return Page(collected, len(rows), total if isinstance(total, int) else len(rows))


def read_fred_api(source: Source, visit: Visit) -> Collected:
    """One series by its ``code``; with ``history`` every vintage ALFRED has of it.

    The key (``keys.fred``) is only in the address that is asked, never in what
    is reported or kept. Pages that came stand, whatever happens to later ones.
    """
    series = source.series or FRED_SERIES.get(source.code.upper(), "")
    if not series:
        remedy = 'Add series = "y10" or the like.'
        failure = Failure(source.name, source.code, "is no code with a series of ours", remedy)
        return Collected(source.name, failures=(failure,))
    if source.path:
        page = visit.parse(
            parse_fred_api,
            local_bytes(Path(source.path)),
            source=source.name,
            series=series,
            now=visit.now,
            history=source.history,
        )
        return only_since(page.collected, visit)
    key = visit.keys.get("fred", "")
    if not key:
        return missing_key(source, "fred", _KEY_PAGE)
    found: list[Observation] = []
    failures: list[Failure] = []
    validators: list[Validator] = []
    for window in _windows(source, visit):
        public = f"{source.url or ADDRESS}?{urlencode(window)}"
        seen = 0
        for _ in range(_MOST_PAGES):
            url = f"{public}&offset={seen}" if seen else public
            kept = None if seen or source.history else visit.validators.get(url)
            try:
                answer = visit.get(f"{url}&{urlencode({'api_key': key})}", validator=kept)
            except FetchError as error:
                failures.append(refused(source, source.code, error, key))
                break
            if answer.status == 304:
                return Collected(source.name, unchanged=True)
            page = visit.parse(
                parse_fred_api,
                answer.body,
                source=source.name,
                series=series,
                now=visit.now,
                history=source.history,
            )
            if (answer.etag or answer.last_modified) and not (seen or source.history):
                validators.append(Validator(url, answer.etag, answer.last_modified))
            if page.collected.observations and not found:
                # ALFRED knows a series from some day on, and refuses times before it.
                failures = [f for f in failures if "answered 400" not in f.reason]
            found += page.collected.observations
            failures += without_key(page.collected.failures, key)
            seen += page.rows
            if not page.rows or seen >= page.total:
                break
    complete = not failures and len(validators) == 1
    collected = Collected(
        source.name,
        (),
        _first_said(found),
        capped(_once(failures)),
        validators=tuple(validators) if complete else (),
    )
    return only_since(collected, visit)


def _windows(source: Source, visit: Visit) -> Iterator[dict[str, str]]:
    """Questions to ask: the present alone, or all of real time in parts.

    The service refuses more than 2,000 vintages at once; five years of days are 1,300.
    """
    asked = {"series_id": source.code, "file_type": "json", "limit": str(PAGE)}
    if visit.since:
        asked["observation_start"] = str(visit.since.date())
    if not source.history:
        yield asked
        return
    start = _FIRST
    for year in range(2000, visit.now.year + 1, _SPAN):
        end = date(year - 1, 12, 31)
        yield {**asked, "realtime_start": str(start), "realtime_end": str(end)}
        start = date(year, 1, 1)
    yield {**asked, "realtime_start": str(start), "realtime_end": str(_LAST)}


def _vintages(
    readings: list[Reading],
    starts: list[date],
    failures: list[Failure],
    source: str,
    now: datetime,
) -> Collected:
    today = now.astimezone(NEW_YORK).date()
    found: list[Observation] = []
    for (day, series, raw, where), start in zip(readings, starts, strict=True):
        if raw.strip().lower() in MISSING:
            continue
        value = number(raw)
        if value is None or not abs(value) <= (LIMIT if is_rate(series) else math.inf):
            reason = f"{series} = {raw.strip()[:40]!r} is not a believable value"
            failures.append(Failure(source, where, reason, ROW))
        elif max(day, start) > today:
            reason = f"{max(day, start)} lies in the future"
            failures.append(Failure(source, where, reason, ROW))
        else:
            seen = min(published(max(day, start)), now)
            unit = "percent" if is_rate(series) else "index"
            found.append(Observation(series, day, value, seen, source, unit, vintage=True))
    return Collected(source, (), _first_said(found), capped(failures))


def _first_said(found: list[Observation]) -> tuple[Observation, ...]:
    """By day and vintage, a value that only repeats the one before it left out.

    The service cuts the ranges of real time at the edges of the question, so the
    same value comes again in the next part.
    """
    kept: list[Observation] = []
    ordered = sorted(found, key=lambda o: (o.date, o.series, o.first_seen_at))
    for _, group in groupby(ordered, key=lambda o: (o.date, o.series)):
        before: Observation | None = None
        for observation in group:
            if before is None or observation.value != before.value:
                kept.append(observation)
            before = observation
    return tuple(kept)


def _once(failures: list[Failure]) -> list[Failure]:
    return list(dict.fromkeys(failures))
