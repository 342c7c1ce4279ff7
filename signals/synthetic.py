"""Series with planted answers, to try every statistic on something known.

``x`` plays a narrative index (persistent, around 100), ``y`` a yield in percent
(a random walk around 4). Both stand on the market days from ``START``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import pandas as pd

from moneygood.errors import DataError
from moneygood.market_days import market_days
from moneygood.signals.coverage import Floats

START = date(2021, 1, 4)
MEMORY = 0.95
X_STEP = 5.0  # index points, one standard deviation of an innovation
Y_STEP = 0.06  # percentage points, one standard deviation of a daily change


@dataclass(frozen=True, slots=True, eq=False)
class Planted:
    """Two series and what was planted in them.

    ``correlation`` is that of innovations of ``x`` with changes of ``y`` (before
    ``break_date``, where there is one); ``lag`` the market days by which ``x``
    leads; ``break_date`` the first day of the new regime; ``diverging`` the
    first and last day on which ``y`` drifts away.
    """

    x: pd.Series
    y: pd.Series
    correlation: float = 0.0
    lag: int = 0
    break_date: date | None = None
    diverging: tuple[date, date] | None = None


def unrelated(days: int, *, seed: int) -> Planted:
    """An AR(0.95) index and a random-walk yield that never heard of it."""
    return planted_relation(days, correlation=0.0, seed=seed)


def planted_relation(days: int, *, correlation: float = 0.5, seed: int) -> Planted:
    """Changes of ``y`` answer the index's innovation of the same day."""
    return planted_lag(days, lag=0, correlation=correlation, seed=seed)


def planted_lag(days: int, *, lag: int = 5, correlation: float = 0.5, seed: int) -> Planted:
    """Changes of ``y`` answer the innovation ``lag`` market days before.

    A negative ``lag`` lets the yield lead. Raises DataError for fewer than 20
    ``days`` beside the lag, or a correlation outside -1 to 1.
    """
    news, noise = _chance(days, abs(lag), correlation, seed)
    heard = news[max(-lag, 0) :][:days] if lag < 0 else news[:days]
    own = news[:days] if lag < 0 else news[lag:][:days]
    moves = correlation * heard + np.sqrt(1 - correlation**2) * noise
    return _planted(own, moves, correlation, lag)


def planted_break(
    days: int, *, at: float = 0.5, before: float = 0.6, after: float = -0.6, seed: int
) -> Planted:
    """The relation changes from ``before`` to ``after`` at the share ``at`` of the days."""
    _check_share(at)
    news, noise = _chance(days, 0, max(before, after, key=abs), seed)
    first = int(days * at)
    strength = np.where(np.arange(days) < first, before, after)
    planted = _planted(news, strength * news + np.sqrt(1 - strength**2) * noise, before, 0)
    return replace(planted, break_date=_day(planted, first))


def planted_shift(days: int, *, at: float = 0.5, size: float = 3.0, seed: int) -> Planted:
    """``y`` is noise about 4 whose mean rises by ``size`` of its own deviations."""
    _check_share(at)
    news, noise = _chance(days, 0, 0.0, seed)
    first = int(days * at)
    level = 4 + Y_STEP * (noise + size * (np.arange(days) >= first))
    planted = _planted(news, noise, 0.0, 0)
    shifted = pd.Series(level, index=planted.y.index, name="y")
    return replace(planted, y=shifted, break_date=_day(planted, first))


def planted_divergence(
    days: int,
    *,
    at: float = 0.7,
    length: int = 60,
    drift: float = 0.6,
    correlation: float = 0.6,
    seed: int,
) -> Planted:
    """``y`` follows the index, then drifts by ``drift`` of its daily deviation for ``length`` days.

    A negative ``drift`` takes the yield below what the narrative foretells.
    """
    _check_share(at)
    news, noise = _chance(days, 0, correlation, seed)
    first, last = int(days * at), min(int(days * at) + length, days) - 1
    place = np.arange(days)
    away = drift * ((place >= first) & (place <= last))
    moves = correlation * news + np.sqrt(1 - correlation**2) * noise + away
    planted = _planted(news, moves, correlation, 0)
    return replace(planted, diverging=(_day(planted, first), _day(planted, last)))


def _chance(days: int, extra: int, correlation: float, seed: int) -> tuple[Floats, Floats]:
    """Standard normal news (``extra`` more of them) and noise."""
    if days < 20:
        raise DataError("synthetic series", f"{days} days hold no answer", "Use 20 or more.")
    if not -1 <= correlation <= 1:
        raise DataError("synthetic series", f"correlation {correlation} lies outside -1 to 1")
    random = np.random.default_rng(seed)
    return random.standard_normal(days + extra), random.standard_normal(days)


def _check_share(at: float) -> None:
    if not 0 < at < 1:
        raise DataError("synthetic series", f"at={at} is no share of the days", "Use 0.5, say.")


def _planted(news: Floats, moves: Floats, correlation: float, lag: int) -> Planted:
    level = np.empty(len(news))
    last = 0.0
    for i, step in enumerate(news):
        last = MEMORY * last + X_STEP * step
        level[i] = 100 + last
    days = _market_days(len(news))
    return Planted(
        pd.Series(level, index=days, name="x"),
        pd.Series(4 + Y_STEP * np.cumsum(moves), index=days, name="y"),
        correlation,
        lag,
    )


def _market_days(count: int) -> pd.DatetimeIndex:
    days = market_days(START, START + timedelta(days=count * 7 // 5 + count // 15 + 14))
    return pd.DatetimeIndex(pd.to_datetime(days[:count]), name="date")


def _day(planted: Planted, place: int) -> date:
    return pd.DatetimeIndex(planted.x.index)[place].date()
