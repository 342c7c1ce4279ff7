"""Closes made fit for returns: splits and dividends taken out of the past."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise

RATIOS = (2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 10.0, 15.0, 20.0, 25.0, 30.0, 40.0, 50.0, 100.0)
"""Exact ratios of splits (and, upside down, of reverse splits)."""
_NEAR, _NEARER = 0.03, 0.02
_SMALL = 0.1
_GAP = timedelta(days=10)


@dataclass(frozen=True, slots=True)
class Price:
    """One close of one ticker as the file gives it.

    dividend  cash a share on this day (the ex-day), in the units of this day
    split     new shares for one old from this day on (2.0), or 0
    where     its place in the file, for messages
    """

    ticker: str
    day: date
    close: float
    where: str = ""
    currency: str = ""
    dividend: float = 0.0
    split: float = 0.0


@dataclass(frozen=True, slots=True)
class Adjusted:
    """Prices fit for returns, and what could not be settled."""

    prices: tuple[Price, ...]
    doubts: tuple[str, ...] = ()


def back_adjust(prices: Sequence[Price]) -> Adjusted:
    """Earlier closes divided by later splits and reduced by later dividends, where needed.

    ``prices`` are one ticker's, by day. Many files list splits and dividends
    beside closes that are adjusted already, so each is tested first. A split is
    still in the closes when the move that day is nearer to it than to no move.
    Dividends are still in when nearly all closes before the last ex-day are whole
    cents: adjusted ones are not. Then each earlier close is multiplied by
    1 - dividend / the close before, as the Center for Research in Security
    Prices and Yahoo do. A file rounded to cents after its adjustment would be
    adjusted twice: it should call its column "Adj Close".
    """
    splits = [_open_split(before, p) for before, p in _pairs(prices)]
    doubts: list[str] = []
    with_dividends, doubt = _dividends_open(prices)
    if doubt:
        doubts.append(doubt)
    factor = 1.0
    found: list[Price] = [prices[-1]] if prices else []
    for i in range(len(prices) - 2, -1, -1):
        after = prices[i + 1]
        split = splits[i]
        if with_dividends and after.dividend:
            share = after.dividend / (prices[i].close / split)
            if 0 < share < 0.5:
                factor *= 1 - share
            else:
                doubts.append(
                    f"the dividend of {after.dividend:g} on {after.day} is not believable"
                )
        factor /= split
        found.append(replace(prices[i], close=prices[i].close * factor))
    return Adjusted(tuple(reversed(found)), tuple(doubts))


def suspected_splits(prices: Sequence[Price]) -> Iterator[tuple[Price, str]]:
    """Days whose move is near an exact split ratio that nothing in the file explains.

    Within 3% of 2:1 and larger ratios, 2% of 3:2. A crash or a leap of that size is
    possible: the closes are not altered.
    """
    for before, after in _pairs(prices):
        if after.day - before.day > _GAP or after.split not in (0.0, 1.0):
            continue
        ratio = before.close / after.close
        for exact in RATIOS:
            if abs(ratio / exact - 1) < _NEAR:
                yield after, f"{exact:g}:1"
            elif abs(ratio * exact - 1) < _NEAR:
                yield after, f"1:{exact:g}"
        if abs(ratio / 1.5 - 1) < _NEARER:
            yield after, "3:2"


def _pairs(prices: Sequence[Price]) -> Iterator[tuple[Price, Price]]:
    return pairwise(prices)


def _open_split(before: Price, after: Price) -> float:
    """The split between two closes if they still show it, else 1."""
    if after.split <= 0 or abs(math.log(after.split)) < _SMALL:
        return 1.0
    move = math.log(after.close) - math.log(before.close)
    return after.split if abs(move + math.log(after.split)) < abs(move) else 1.0


def _dividends_open(prices: Sequence[Price]) -> tuple[bool, str]:
    """Whether dividends are still in the closes, and a doubt where that cannot be told."""
    last = max((i for i, p in enumerate(prices) if i and p.dividend > 0), default=0)
    if not last:
        return False, ""
    later = math.prod(p.split for p in prices[last:] if p.split > 0)
    whole = 0
    for i in range(last - 1, -1, -1):
        whole += _in_cents(prices[i].close) or _in_cents(prices[i].close * later)
        if prices[i].split > 0:
            later *= prices[i].split
    share = whole / last
    if last < 5 or 0.5 < share < 0.9:
        reason = f"cannot tell whether closes are adjusted for the dividend on {prices[last].day}"
        return False, reason
    return share >= 0.9, ""


def _in_cents(close: float) -> bool:
    # Cents, or the sixteenths of before 2001; float32 copies are off by 1e-7 of the price.
    slack = max(2e-4, close * 2e-7)
    return any(abs(close - round(close / step) * step) < slack for step in (0.01, 0.0625))
