"""Series ids: what columns, feed fields and FRED codes are called here.

``m1`` to ``m6`` and ``y1`` to ``y30`` are nominal Treasury par yields (``m1_5``
is one and a half months), ``real5`` to ``real30`` the real curve, ``be5`` and
``be10`` breakeven inflation, ``policy`` the policy rate: all in percent.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

FRED_SERIES: Mapping[str, str] = {
    "DGS1MO": "m1", "DGS3MO": "m3", "DGS6MO": "m6", "DGS1": "y1", "DGS2": "y2", "DGS3": "y3",
    "DGS5": "y5", "DGS7": "y7", "DGS10": "y10", "DGS20": "y20", "DGS30": "y30",
    "DFII5": "real5", "DFII7": "real7", "DFII10": "real10", "DFII20": "real20",
    "DFII30": "real30", "T5YIE": "be5", "T10YIE": "be10", "DFF": "policy", "DFEDTARU": "policy",
}  # fmt: skip
"""FRED codes we know. Take one policy rate: the two differ, both are ``policy``."""
REAL = "real"
"""A source's ``series`` for the real par curve."""
_REAL_TERMS = frozenset({"5 YR", "7 YR", "10 YR", "20 YR", "30 YR"})
_RATE = re.compile(r"^(?:[my]\d{1,2}(?:_\d)?|real\d{1,2}|be\d{1,2}|policy)$")
_TERM = re.compile(r"^(\d{1,2})(?:\.(\d))?\s*-?\s*(mo|mos|month|months|yr|yrs|year|years|m|y)\.?$")
_XML_FIELD = re.compile(r"^([BT])C_(\d{1,2})(?:_(\d))?(MONTH|YEAR)$")


def is_rate(series: str) -> bool:
    """Whether a series of ours is a yield or rate in percent."""
    return bool(_RATE.match(series))


def column_name(cell: str) -> str:
    """A header cell without quotes, stars and surplus blanks, in lower case."""
    return " ".join(cell.replace("\ufeff", "").replace("_", " ").split()).strip("\"'* ").lower()


def series_id(column: str, *, real: bool = False) -> str:
    """Our id for a column name (``10 Yr`` gives ``y10``), or an empty string.

    Ids of ours and FRED codes are taken as they are. ``real``: terms are of the
    real curve (``real10``).
    """
    name = column_name(column)
    ours = name.replace(" ", "_")
    if _RATE.match(ours):
        return ours
    if match := _TERM.match(name):
        return _term(match.group(1), match.group(2), match.group(3)[0], real=real)
    return FRED_SERIES.get(name.upper(), "")


def xml_series(field: str) -> str:
    """Our id for a field of the Treasury's feed: ``BC_`` is nominal, ``TC_`` real."""
    match = _XML_FIELD.match(field)
    if not match:
        return ""
    curve, whole, part, unit = match.groups()
    return _term(whole, part, unit[0].lower(), real=curve == "T")


def is_real_header(header: Sequence[str]) -> bool:
    """Whether a header is that of the Treasury's real curve.

    Its file has exactly five terms and writes YR in capitals, unlike the nominal one.
    """
    terms = [" ".join(cell.replace("\ufeff", "").split()).strip('"') for cell in header]
    return {cell for cell in terms if series_id(cell)} == _REAL_TERMS


def _term(whole: str, part: str | None, unit: str, *, real: bool) -> str:
    number = f"{int(whole)}_{part}" if part and part != "0" else str(int(whole))
    if not int(whole):
        return ""
    if real:
        return f"real{number}" if unit == "y" and "_" not in number else ""
    return f"{unit}{number}"
