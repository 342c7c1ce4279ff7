"""Readings of a file (day, series, raw cell) to observations, checked as a whole."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from moneygood.collectors.failures import capped
from moneygood.collectors.series.names import is_rate
from moneygood.collectors.sniff import sniff
from moneygood.collectors.text import decode
from moneygood.market_days import NEW_YORK
from moneygood.records import Collected, Failure, Observation, Skip

LIMIT = 30.0
"""Largest believable yield, in percent, either sign."""
MISSING = frozenset({"", ".", "n/a", "na", "nan", "null", "none", "-", "#n/a"})
NO_FILE = "Check the address; the publisher may have moved the file."
ROW = "Correct the row or drop it."
_PUBLISHED = time(18, 0)
_NEAR_ZERO = frozenset({*range(2008, 2017), 2020, 2021, 2022})
_IN_PERCENT = "Give yields in percent (4.25, not 0.0425)."

Reading = tuple[date, str, str, str]
"""Day, series, raw value and where it stands in the file."""
Row = tuple[int, list[str]]
"""Line number and cells."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of a CSV file below its header, and the character between cells."""

    header: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    delimiter: str = ","


def published(day: date) -> datetime:
    """18:00 New York on the day, in UTC: when its figures count as out."""
    return datetime.combine(day, _PUBLISHED, NEW_YORK).astimezone(UTC)


def read_table(data: bytes, source: str) -> Table | Failure:
    """A CSV file, split at commas, semicolons or tabs; empty rows are dropped."""
    if wrong := sniff(data, expected="CSV"):
        return Failure(source, "answer", wrong, NO_FILE)
    text, _ = decode(data)
    text = text.replace("\0", "").lstrip("\ufeff \t\r\n")
    first = text[:4000].partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        rows = [(reader.line_num, cells) for cells in reader if any(c.strip() for c in cells)]
    except csv.Error as error:
        return Failure(source, f"line {reader.line_num}", f"not CSV ({error})", NO_FILE)
    if len(rows) < 2:
        return Failure(source, "answer", "no rows below the header", NO_FILE)
    return Table(tuple(rows[0][1]), tuple(rows[1:]), delimiter)


def to_collected(
    readings: Iterable[Reading],
    failures: Sequence[Failure],
    *,
    source: str,
    now: datetime,
    history: bool,
    skipped: int = 0,
    comma: bool = False,
) -> Collected:
    """Observations of the readings, ordered by day and series.

    A missing cell gives none: never a zero, and nothing is carried forward. Of
    two values for one day the later row counts, and the other is told. Rates are
    held to ``LIMIT``; other series only to finite numbers. A file without any value
    says so: as a Skip where its cells are blank, else as a Failure. ``comma``: decimals
    are written with a comma. A file in fractions of one is put in percent where
    that is certain, and told where it may be.
    """
    problems = list(failures)
    today = now.astimezone(NEW_YORK).date()
    values: dict[tuple[date, str], float] = {}
    missing = 0
    for day, series, raw, where in readings:
        if raw.strip().lower() in MISSING:
            missing += 1
            continue
        value = number(raw, comma=comma)
        if value is None or not abs(value) <= (LIMIT if is_rate(series) else math.inf):
            reason = f"{series} = {raw.strip()[:40]!r} is not a believable value"
            problems.append(Failure(source, where, reason, ROW))
            continue
        if day > today:
            problems.append(Failure(source, where, f"{day} lies in the future", ROW))
            continue
        before = values.get((day, series), value)
        if before != value:
            reason = f"{series} on {day} is given twice, {before:g} and {value:g}: the later counts"
            problems.append(Failure(source, where, reason, ROW))
        values[day, series] = value
    factor, doubt = _scale(values)
    if doubt:
        problems.append(Failure(source, "scale", doubt, _IN_PERCENT))
    found = tuple(
        Observation(
            series,
            day,
            round(value * factor, 6),
            min(published(day) if history else now, now),
            source,
            unit="percent" if is_rate(series) else "index",
        )
        for (day, series), value in sorted(values.items())
    )
    skips = [Skip("a day without trading", skipped)] if skipped else []
    if missing and not values:
        skips.append(Skip("no value published yet", missing))
    elif not (values or skips or problems):
        problems.append(Failure(source, "answer", "holds no figures", NO_FILE))
    return Collected(source, (), found, capped(problems), tuple(skips))


def number(raw: str, *, comma: bool = False) -> float | None:
    """A finite number, without a percent sign, or None."""
    text = raw.strip().rstrip("%").replace("\u2212", "-")
    try:
        value = float(text.replace(".", "").replace(",", ".") if comma and "," in text else text)
    except ValueError:
        return None
    # The retired feed carries float32 noise: 4.8499999046325684 is 4.85.
    return round(value, 6) if math.isfinite(value) else None


def _scale(values: dict[tuple[date, str], float]) -> tuple[float, str]:
    """100 where the file is surely in fractions of one, and what to say of it.

    Sure: every value of a nominal curve of five or more terms, ten years among
    them, is below 0.3 while policy rates were not near zero: such a curve never
    was. A single series, or real yields, may well have been that low.
    """
    tested = {key: value for key, value in values.items() if key[0].year not in _NEAR_ZERO}
    if not tested:
        return 1.0, ""
    series = {name for _, name in tested}
    highest = max(abs(value) for value in tested.values())
    everywhere = max(abs(value) for value in values.values())
    nominal = {name for name in series if name[0] in "my" and name != "policy"}
    long = nominal & {"y10", "y20", "y30"}
    days = {day for day, _ in tested}
    if series == nominal and len(series) >= 5 and long and everywhere < 0.3 and highest > 0:
        return 100.0, "the yields are in fractions of one: they were multiplied by 100"
    low = 0.3 if series <= (nominal | {"policy"}) else 0.1
    if all(map(is_rate, series)) and len(days) >= 20 and highest < low:
        return 1.0, f"no value exceeds {highest:g}: if these are fractions of one, they are wrong"
    return 1.0, ""
