"""A table beside transcripts that says when each call was held."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass, field
from pathlib import Path

from moneygood.collectors.dates import has_time, parse_date
from moneygood.collectors.text import decode

MAX_TABLE = 50_000_000
_TICKER = ("symbol", "ticker", "tickersymbol", "stock")
_YEAR = ("year", "fiscalyear", "fy")
_QUARTER = ("quarter", "fiscalquarter", "fq", "period", "fiscalperiod")
_FILE = ("file", "filename", "transcript", "transcriptfile")
_DATE = (
    "conferencedate", "calldate", "eventdate", "eventdatetime", "datetime", "publishedat",
    "published", "reportdate", "date",
)  # fmt: skip
_STEM = re.compile(
    r"(?P<t1>[A-Z.]{1,6})[_-](?:(?P<y1>20\d{2})[_-]?Q(?P<q1>[1-4])|Q(?P<q2>[1-4])[_-]?(?P<y2>20\d{2}))"
    r"|(?P<y3>20\d{2})[_-]?Q(?P<q3>[1-4])[_-](?P<t3>[A-Z]{1,5}(?:\.[A-Z])?)(?![A-Z])",
    re.I,
)
_PLAIN = re.compile(
    r"^(?P<day>20\d{2}-\d{2}-\d{2})(?:[ T](?P<time>\d{2}:\d{2})(?::\d{2}(?:\.\d+)?)?)?$"
)
_Key = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class Events:
    """When companies held their calls: dates with a time, New York time unless they say more."""

    dates: dict[_Key, str] = field(default_factory=dict)

    def when(self, ticker: str, year: int, quarter: int) -> str:
        """The date of a company's call on a fiscal quarter, or an empty string.

        A day without a time is given as 17:00, after most calls.
        """
        return self.dates.get((ticker.strip().upper(), year, quarter), "")


def read_events(data: bytes) -> Events:
    """The table's rows that name a ticker, a quarter and a usable date.

    A quarter stands as year and quarter, or in a file's name (``ABC_2025_Q1.txt``).
    Rows that disagree on a date say nothing: both are dropped. Never raises.
    """
    text, _ = decode(data[:MAX_TABLE])
    rows = csv.reader(io.StringIO(text.replace("\0", ""), newline=""))
    dates: dict[_Key, str] = {}
    try:
        names = [re.sub(r"[^a-z]", "", name.lower()) for name in next(rows, [])]
        places = [_place(names, known) for known in (_TICKER, _YEAR, _QUARTER, _FILE)]
        columns = [names.index(known) for known in _DATE if known in names]
        if not columns:
            return Events()
        for row in rows:
            key = _key(*(row[i].strip() if 0 <= i < len(row) else "" for i in places))
            when = _when([row[i].strip() for i in columns if i < len(row)])
            if key and when:
                agreed = dates.get(key, when)[:10] == when[:10]
                dates[key] = dates.get(key, when) if agreed else ""
    except csv.Error:
        pass
    return Events({key: when for key, when in dates.items() if when})


def find_events(folder: Path) -> Events | None:
    """The events of a table in the folder, else in its parent, else None.

    Only tables named for it are read: ``events`` or ``calls`` in the file's name.
    The folder's own name in the table's (``sp500_events.csv``) comes first.
    """
    for place in (folder, folder.parent):
        tables = [
            path
            for path in _csv_files(place)
            if re.search(r"events|calls|calendar|earnings", path.stem, re.I)
        ]
        for path in sorted(tables, key=lambda p: (folder.name not in p.stem, p.name)):
            try:
                with path.open("rb") as file:
                    events = read_events(file.read(MAX_TABLE))
            except OSError:
                continue
            if events.dates:
                return events
    return None


def _csv_files(folder: Path) -> list[Path]:
    try:
        return [path for path in folder.glob("*.csv") if path.is_file()]
    except OSError:
        return []


def _place(names: list[str], known: tuple[str, ...]) -> int:
    return next((names.index(name) for name in known if name in names), -1)


def _key(ticker: str, year: str, quarter: str, file: str) -> _Key | None:
    period = re.search(r"20\d{2}", year) or re.search(r"20\d{2}", quarter)
    part = re.search(r"(?:^|Q)([1-4])(?!\d)", quarter, re.I)
    if ticker and period and part:
        return ticker.upper(), int(period[0]), int(part[1])
    if match := _STEM.match(Path(file).name[:100]):
        return (
            (match["t1"] or match["t3"]).upper(),
            int(match["y1"] or match["y2"] or match["y3"]),
            int(match["q1"] or match["q2"] or match["q3"]),
        )
    return None


def _when(cells: list[str]) -> str:
    """The first date that names a time, else the first date, at 17:00; New York time."""
    days: list[str] = []
    for cell in cells:
        match = _PLAIN.match(cell)
        if match is None:
            if parse_date(cell) and has_time(cell):
                return cell
            if moment := parse_date(cell):
                days.append(f"{moment:%Y-%m-%d}")
        elif match["time"] and match["time"] != "00:00":
            return f"{match['day']} {match['time']} ET"
        elif parse_date(match["day"]):
            days.append(match["day"])
    # Midnight would let history know the call before it was held.
    return f"{days[0]} 17:00 ET" if days else ""
