"""Cells of a price file, read by what the column as a whole shows.

One cell cannot tell "1,234" (thousands) from "1,234" (a decimal comma), nor
03/04 (March) from 03/04 (April); a column mostly can.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from datetime import date

from moneygood.collectors.dates import as_day, parse_date

MISSING = frozenset({"", ".", "-", "null", "nan", "n/a", "na", "none", "#n/a", "nat"})
_SYMBOLS = {"€": "EUR", "£": "GBP", "$": "", "¥": ""}
_MONEY = re.compile(
    r"^(?P<before>[A-Za-z]{3}\s|[$€£¥])?\s*(?P<number>[-+]?[\d.,]+(?:[eE][-+]?\d{1,3})?)\s*"
    r"(?P<after>[A-Za-z]{3}|[$€£¥])?$"
)
_DOT = re.compile(r"^[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d*)?(?:[eE][-+]?\d{1,3})?$")
_COMMA = re.compile(r"^[-+]?(?:\d{1,3}(?:\.\d{3})+|\d+)?(?:,\d*)?(?:[eE][-+]?\d{1,3})?$")
_THOUSANDS = re.compile(r"(?<=\d)['’\s](?=\d{3})")
_SLASHES = re.compile(r"^\s*(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})\b")
_DOTS = re.compile(r"^\s*(\d{1,2})\.(\d{1,2})\.(\d{4}|\d{2})\b")
MINOR = {"GBP": ("GBp", "GBX", "GBx"), "ZAR": ("ZAc", "ZAC"), "ILS": ("ILA",)}
"""Currencies whose hundredth part prices are quoted in, and what that is called."""


def money(raw: str) -> tuple[str, str]:
    """The number of a cell as written, and its currency (ISO 4217) where it says one.

    A dollar or yen sign says none: more than one currency uses it.
    """
    text = _THOUSANDS.sub("", raw.strip().replace("\u2212", "-").replace("\xa0", " "))
    match = _MONEY.match(text)
    if not match:
        return text, ""
    word = (match["before"] or match["after"] or "").strip()
    return match["number"], _SYMBOLS.get(word, word.upper())


def comma_decimals(cells: Iterable[str], *, delimiter: str = ",") -> bool:
    """Whether the numbers of a column are written with a decimal comma.

    A cell votes where it is clear: two kinds of mark, a mark twice, or not three
    digits after it. Without a vote commas are thousands, except in a file whose
    cells are split otherwise than by commas.
    """
    votes = 0
    commas = False
    for cell in cells:
        text = cell.partition("e")[0]
        comma, dot = text.count(","), text.count(".")
        commas = commas or bool(comma)
        if comma and dot:
            votes += 1 if text.rfind(",") > text.rfind(".") else -1
        elif comma + dot > 1:
            votes += 1 if dot else -1
        elif comma + dot == 1 and len(text) - 1 - max(text.find(","), text.find(".")) != 3:
            votes += 1 if comma else -1
    return votes > 0 or (votes == 0 and commas and delimiter != ",")


def to_number(text: str, *, comma: bool = False) -> float | None:
    """A finite number in the style of its column, or None."""
    if not (_COMMA if comma else _DOT).match(text):
        return None
    plain = text.replace(".", "").replace(",", ".") if comma else text.replace(",", "")
    try:
        value = float(plain)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def day_reader(cells: Iterable[str]) -> Callable[[str], date | None]:
    """How the days of a column are read: ISO, American, day first, or month by name.

    Slashes are month first unless a first number above 12, and no second one, shows
    otherwise. Dots are day first.
    """
    first = second = 0
    for cell in cells:
        if match := _SLASHES.match(cell):
            first, second = max(first, int(match[1])), max(second, int(match[2]))
    day_first = first > 12 >= second

    def read(raw: str) -> date | None:
        match = _DOTS.match(raw) or (_SLASHES.match(raw) if day_first else None)
        if match:
            day, month, year = (int(part) for part in match.groups())
            try:
                return date(year + (2000 if year < 100 else 0), month, day)
            except ValueError:
                return None
        if day_found := as_day(raw):
            return day_found
        moment = parse_date(raw[:60]) if re.search("[A-Za-z]{3}", raw) else None
        return moment.date() if moment else None

    return read


def currency_of(word: str) -> tuple[str, float]:
    """ISO 4217 code of a currency word, and what prices in it are multiplied by."""
    word = word.strip()
    for major, minors in MINOR.items():
        if word in minors:
            return major, 0.01
    return (word.upper(), 1.0) if re.fullmatch("[A-Za-z]{3}", word) else ("", 1.0)
