"""The date forms found in feeds, pages and calls, as UTC datetimes.

A form without a zone is taken as UTC. Slashes are read the American way (month
first) unless the first number exceeds 12 or the file they stand in says
otherwise (``order_of``).

A date without a time of day, or at exactly midnight, says only on which day a
text came out. Midnight would let history know it on the evening before. It is
taken as 16:00 New York of that day: the last moment that still belongs to its
own market day, so an index of that day counts it, and nothing asked as of an
earlier hour sees it. Where it was seen earlier, the moment it was seen is kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from enum import StrEnum
from zoneinfo import ZoneInfo

from moneygood.market_days import CLOSE, NEW_YORK

EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)
AHEAD = timedelta(days=1)
NO_DATE = "no date in the source: taken as first seen"
NO_TIME = "no time in the source: taken as 16:00 New York"

_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
# Month names of neighbours, where three letters leave no doubt.
_MONTHS |= {
    "ene": 1, "gen": 1, "fev": 2, "abr": 4, "avr": 4, "mag": 5, "mai": 5, "giu": 6, "lug": 7,
    "ago": 8, "set": 9, "okt": 10, "ott": 10, "out": 10, "dez": 12, "dic": 12,
}  # fmt: skip
_FIXED = {
    "z": 0, "ut": 0, "utc": 0, "gmt": 0, "wet": 0, "bst": 60, "cet": 60, "cest": 120, "eet": 120,
    "eest": 180, "ist": 330, "hkt": 480, "sgt": 480, "jst": 540, "kst": 540, "aest": 600,
    "aedt": 660, "est": -300, "edt": -240, "cst": -360, "cdt": -300, "mst": -420, "mdt": -360,
    "pst": -480, "pdt": -420,
}  # fmt: skip
_PLACES = {
    "et": "America/New_York",
    "ct": "America/Chicago",
    "mt": "America/Denver",
    "pt": "America/Los_Angeles",
    "eastern": "America/New_York",
    "central": "America/Chicago",
    "mountain": "America/Denver",
    "pacific": "America/Los_Angeles",
}
_TIME = (
    r"(?:[\s,T]*(?:at\s+)?(?P<hour>\d{1,2})(?::(?P<minute>\d{2})(?::(?P<second>\d{2})"
    r"(?:[.,](?P<fraction>\d{1,9}))?)?)?\s*(?P<half>[ap]\.?\s?m\.?)?"
    r"[\s(]*(?P<zone>[+-]\d{2}:?\d{2}(?::?\d{2})?|[+-]\d{2}|[A-Za-z]{1,8})?)?"
)
_WEEKDAY = r"^\s*(?:[A-Za-z]{3,9}\.?,?\s+)?"
_MONTH = r"(?P<month>[A-Za-z]{3,9})\.?"
_PATTERNS = tuple(
    re.compile(pattern + _TIME, re.I)
    for pattern in (
        r"^\s*(?P<year>\d{4})-(?P<mon>\d{1,2})-(?P<day>\d{1,2})(?!\d)",
        r"^\s*(?P<year>\d{4})/(?P<mon>\d{1,2})/(?P<day>\d{1,2})(?!\d)",
        r"^\s*(?P<year>(?:19|20)\d{2})(?P<mon>\d{2})(?P<day>\d{2})(?!\d)",
        r"^\s*(?P<mon>\d{1,2})(?P<slash>[/.])(?P<day>\d{1,2})(?P=slash)(?P<year>\d{4}|\d{2})(?!\d)",
        _WEEKDAY + r"(?P<day>\d{1,2})[\s-]+" + _MONTH + r"[\s,-]+(?P<year>\d{4}|\d{2})(?!\d)",
        _WEEKDAY
        + _MONTH
        + r"\s+(?P<day>\d{1,2})(?:\s?(?:st|nd|rd|th))?\s*,?\s+(?P<year>\d{4})(?!\d)",
    )
)
_BY_LETTER = _PATTERNS[-2:]
_SLASHES = re.compile(r"\s*(\d{1,2})[/.](\d{1,2})[/.](\d{4}|\d{2})(?!\d)")
_CTIME = re.compile(
    r"^\s*[A-Za-z]{3}\s+(?P<month>[A-Za-z]{3})\s+(?P<day>\d{1,2})\s+(?P<time>\d{1,2}:\d{2}:\d{2})"
    r"\s*(?P<zone>[A-Za-z]{2,5})?\s+(?P<year>\d{4})\s*$"
)
_EPOCH = re.compile(r"^\s*(\d{9,10}|\d{13})(?:\.\d+)?\s*$")


class DateOrder(StrEnum):
    """How a file writes dates with slashes."""

    MDY = "mdy"
    DMY = "dmy"
    UNSURE = "unsure"


def order_of(samples: Iterable[str]) -> DateOrder:
    """How the dates of one file are to be read, from all of them together.

    A number over 12 decides. Where none does, the order in which the rows run
    one way in time does. Contradictions and single ambiguous dates are UNSURE.
    """
    pairs: list[tuple[int, int, int]] = []
    first_over = second_over = False
    for raw in samples:
        if not (match := _SLASHES.match(raw)):
            continue
        first, second, year = (int(group) for group in match.groups())
        first_over |= first > 12
        second_over |= second > 12
        pairs.append((_full(year), first, second))
    if first_over != second_over:
        return DateOrder.DMY if first_over else DateOrder.MDY
    if first_over:
        return DateOrder.UNSURE
    american = _one_way([(year, first, second) for year, first, second in pairs])
    european = _one_way([(year, second, first) for year, first, second in pairs])
    if american == european:
        return DateOrder.UNSURE
    return DateOrder.MDY if american else DateOrder.DMY


def _one_way(days: list[tuple[int, int, int]]) -> bool:
    return days in (sorted(days), sorted(days, reverse=True))


def _full(year: int) -> int:
    return year if year >= 100 else year + (2000 if year < 70 else 1900)


def parse_date(raw: str, order: DateOrder = DateOrder.MDY) -> datetime | None:
    """UTC datetime of one of the usual forms, or None. Never raises."""
    local = _local(raw, order)
    try:
        return local.astimezone(UTC) if local else None
    except (ValueError, OverflowError):
        return None


def _local(raw: str, order: DateOrder) -> datetime | None:
    """The moment as written, with the zone as written."""
    text = raw.strip()[:200]
    if not text:
        return None
    try:
        if epoch := _EPOCH.match(text):
            seconds = int(epoch.group(1)) / (1000 if len(epoch.group(1)) == 13 else 1)
            return datetime.fromtimestamp(seconds, UTC)
        if swapped := _CTIME.match(text):
            part = swapped.groupdict(default="")
            text = f"{part['day']} {part['month']} {part['year']} {part['time']} {part['zone']}"
        # The form of nearly every feed first.
        for pattern in _BY_LETTER if text[0].isalpha() else _PATTERNS:
            if match := pattern.match(text):
                return _moment(match.groupdict(), order)
    except (ValueError, OverflowError):
        pass
    return None


def has_time(raw: str) -> bool:
    """Whether a date string names a time of day."""
    return bool(re.search(r"\d{1,2}:\d{2}|\d\s*[ap]\.?m|T\d{2}|^\s*\d{9,}", raw, re.I))


def _moment(part: dict[str, str | None], order: DateOrder) -> datetime | None:
    named = part.get("month")
    if named is not None and (named := named[:3].lower()) not in _MONTHS:
        return None
    month = _MONTHS[named] if named else int(part["mon"] or 0)
    day, year = int(part["day"] or 0), int(part["year"] or 0)
    year = _full(year)
    slash = part.get("slash")
    # Dots are European: nobody writes the month first with them.
    if slash and (order is DateOrder.DMY or slash == ".") and day <= 12:
        month, day = day, month
    if month > 12 >= day:
        month, day = day, month
    hour, minute = int(part["hour"] or 0), int(part["minute"] or 0)
    if part["hour"] and not part["minute"] and not part["half"]:
        # "2025-01-29 5" says nothing certain about a time.
        hour = 0
    if half := part["half"]:
        hour = hour % 12 + (12 if half[0].lower() == "p" else 0)
    second = min(int(part["second"] or 0), 59)
    micro = int((part["fraction"] or "0").ljust(6, "0")[:6])
    extra = timedelta(days=1) if hour == 24 and minute == second == 0 else timedelta()
    local = datetime(year, month, day, 0 if extra else hour, minute, second, micro) + extra  # noqa: DTZ001
    return local.replace(tzinfo=_zone(part["zone"]))


def _zone(name: str | None) -> tzinfo:
    if not name:
        return UTC
    if name[0] in "+-":
        digits = name[1:].replace(":", "")
        minutes = int(digits[:2]) * 60 + int(digits[2:4] or 0)
        return timezone(timedelta(minutes=-minutes if name[0] == "-" else minutes))
    key = name.lower()
    if key in _PLACES:
        return ZoneInfo(_PLACES[key])
    return timezone(timedelta(minutes=_FIXED.get(key, 0)))


@dataclass(frozen=True, slots=True)
class Settled:
    """A publication time fit for storage, the string it came from, and remarks."""

    published_at: datetime
    raw: str
    notes: tuple[str, ...] = ()


def settle(raw: str, first_seen: datetime, parsed: datetime | None = None) -> Settled:
    """Publication time of ``raw`` held within 1995 and a day after ``first_seen``.

    Without a usable date the moment first seen stands in, and a note says so.
    ``parsed`` replaces the parse of ``raw`` where a caller knows better.
    """
    raw = " ".join(raw.split())[:200]
    notes: tuple[str, ...] = ()
    moment = parsed
    if moment is None and (local := _local(raw, DateOrder.MDY)):
        moment, notes = _settled(local, raw, first_seen)
    if moment is None:
        note = f"date not understood ({raw!r}): taken as first seen" if raw else NO_DATE
        return Settled(first_seen, raw, (note,))
    if not EARLIEST <= moment <= first_seen + AHEAD:
        note = f"date out of range ({moment.date()}): taken as first seen"
        return Settled(first_seen, raw, (note,))
    return Settled(moment, raw, notes)


def _settled(
    local: datetime, raw: str, first_seen: datetime
) -> tuple[datetime | None, tuple[str, ...]]:
    try:
        moment = local.astimezone(UTC)
        if local.time() != time() and has_time(raw):
            return moment, ()
        close = datetime.combine(local.date(), CLOSE, NEW_YORK).astimezone(UTC)
    except (ValueError, OverflowError):
        return None, ()
    if first_seen >= close:
        return close, (NO_TIME,)
    # Seen before that close: it was there already. A day far off stays for the range check.
    return (first_seen if moment <= first_seen + AHEAD else moment), (NO_TIME,)


def changed_at(raw: str, published: datetime, first_seen: datetime) -> datetime | None:
    """When the publisher says a text was last changed, if that is later than ``published``.

    A day without a time is taken as its close, as for ``settle``.
    """
    moment = parse_date(raw)
    if moment is None or moment > first_seen + AHEAD:
        return None
    if not has_time(raw):
        moment = min(datetime.combine(moment.date(), CLOSE, NEW_YORK).astimezone(UTC), first_seen)
    return moment if moment > published else None


def as_day(raw: str, order: DateOrder = DateOrder.MDY) -> date | None:
    """Calendar day of an ISO date, or one with slashes in ``order``.

    Time and zone are ignored.
    """
    match = re.match(r"\s*(?:(\d{4})-(\d{1,2})-(\d{1,2})|(\d{1,2})/(\d{1,2})/(\d{4}|\d{2}))", raw)
    if not match:
        return None
    iso_year, iso_month, iso_day, month, day, year = match.groups()
    try:
        if iso_year:
            return date(int(iso_year), int(iso_month), int(iso_day))
        if order is DateOrder.DMY:
            month, day = day, month
        return date(int(year) + (2000 if len(year) == 2 else 0), int(month), int(day))
    except ValueError:
        return None
