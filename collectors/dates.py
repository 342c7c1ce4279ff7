"""The date forms found in feeds, pages and calls, as UTC datetimes.

A form without a zone is taken as UTC; one without a time as 00:00. Slashes are
read the American way (month first) unless the first number exceeds 12.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)
AHEAD = timedelta(days=1)
NO_DATE = "no date in the source: taken as first seen"
NO_TIME = "no time in the source: taken as 00:00 UTC"

_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
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
        r"^\s*(?P<mon>\d{1,2})/(?P<day>\d{1,2})/(?P<year>\d{4}|\d{2})(?!\d)",
        _WEEKDAY + r"(?P<day>\d{1,2})[\s-]+" + _MONTH + r"[\s,-]+(?P<year>\d{4}|\d{2})(?!\d)",
        _WEEKDAY
        + _MONTH
        + r"\s+(?P<day>\d{1,2})(?:\s?(?:st|nd|rd|th))?\s*,?\s+(?P<year>\d{4})(?!\d)",
    )
)
_CTIME = re.compile(
    r"^\s*[A-Za-z]{3}\s+(?P<month>[A-Za-z]{3})\s+(?P<day>\d{1,2})\s+(?P<time>\d{1,2}:\d{2}:\d{2})"
    r"\s*(?P<zone>[A-Za-z]{2,5})?\s+(?P<year>\d{4})\s*$"
)
_EPOCH = re.compile(r"^\s*(\d{9,10}|\d{13})(?:\.\d+)?\s*$")


def parse_date(raw: str) -> datetime | None:
    """UTC datetime of one of the usual forms, or None. Never raises."""
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
        for pattern in _PATTERNS:
            if match := pattern.match(text):
                return _moment(match.groupdict())
    except (ValueError, OverflowError):
        pass
    return None


def has_time(raw: str) -> bool:
    """Whether a date string names a time of day."""
    return bool(re.search(r"\d{1,2}:\d{2}|\d\s*[ap]\.?m|T\d{2}|^\s*\d{9,}", raw, re.I))


def _moment(part: dict[str, str | None]) -> datetime | None:
    named = part.get("month")
    if named is not None and (named := named[:3].lower()) not in _MONTHS:
        return None
    month = _MONTHS[named] if named else int(part["mon"] or 0)
    day, year = int(part["day"] or 0), int(part["year"] or 0)
    if year < 100:
        year += 2000 if year < 70 else 1900
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
    return local.replace(tzinfo=_zone(part["zone"])).astimezone(UTC)


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
    moment = parsed or parse_date(raw)
    if moment is None:
        note = f"date not understood ({raw!r}): taken as first seen" if raw else NO_DATE
        return Settled(first_seen, raw, (note,))
    if not EARLIEST <= moment <= first_seen + AHEAD:
        note = f"date out of range ({moment.date()}): taken as first seen"
        return Settled(first_seen, raw, (note,))
    notes = () if parsed or has_time(raw) else (NO_TIME,)
    return Settled(moment, raw, notes)


def as_day(raw: str) -> date | None:
    """Calendar day of an ISO or American date string; time and zone are ignored."""
    match = re.match(r"\s*(?:(\d{4})-(\d{1,2})-(\d{1,2})|(\d{1,2})/(\d{1,2})/(\d{4}|\d{2}))", raw)
    if not match:
        return None
    iso_year, iso_month, iso_day, month, day, year = match.groups()
    try:
        if iso_year:
            return date(int(iso_year), int(iso_month), int(iso_day))
        return date(int(year) + (2000 if len(year) == 2 else 0), int(month), int(day))
    except ValueError:
        return None
