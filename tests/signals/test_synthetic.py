"""The planted answers are where they are said to be."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from moneygood.errors import DataError
from moneygood.market_days import is_market_day
from moneygood.signals import synthetic


def innovations(x: pd.Series) -> pd.Series:
    return (x - 100) - synthetic.MEMORY * (x - 100).shift(1)


def test_series_stand_on_market_days() -> None:
    known = synthetic.unrelated(2_000, seed=1)
    days = pd.DatetimeIndex(known.x.index)
    assert len(known.x) == len(known.y) == 2_000
    assert all(is_market_day(day.date()) for day in days)
    assert days.is_unique
    assert days.equals(known.y.index)


@pytest.mark.parametrize("lag", [-4, 0, 5])
def test_the_planted_correlation_is_at_the_planted_lag(lag: int) -> None:
    known = synthetic.planted_lag(3_000, lag=lag, correlation=0.5, seed=1)
    news, moves = innovations(known.x), known.y.diff()
    found = {k: float(news.shift(k).corr(moves)) for k in range(-6, 7)}
    assert known.lag == lag == max(found, key=lambda k: found[k])
    assert found[lag] == pytest.approx(0.5, abs=0.05)


def test_the_relation_changes_at_the_planted_break() -> None:
    known = synthetic.planted_break(3_000, seed=1)
    assert known.break_date is not None
    news, moves = innovations(known.x), known.y.diff()
    first = known.x.index < pd.Timestamp(known.break_date)
    assert news[first].corr(moves[first]) == pytest.approx(0.6, abs=0.05)
    assert news[~first].corr(moves[~first]) == pytest.approx(-0.6, abs=0.05)
    assert first.sum() == 1_500


def test_the_level_shifts_at_the_planted_date() -> None:
    known = synthetic.planted_shift(3_000, size=3.0, seed=1)
    assert known.break_date is not None
    first = known.y.index < pd.Timestamp(known.break_date)
    step = known.y[~first].mean() - known.y[first].mean()
    assert step == pytest.approx(3 * synthetic.Y_STEP, rel=0.05)


def test_the_yield_drifts_between_the_planted_days() -> None:
    known = synthetic.planted_divergence(3_000, length=1_000, at=0.5, drift=0.6, seed=1)
    assert known.diverging is not None
    start, end = (pd.Timestamp(day) for day in known.diverging)
    moves = known.y.diff()
    assert moves[start:end].mean() == pytest.approx(0.6 * synthetic.Y_STEP, rel=0.15)
    assert len(moves[start:end]) == 1_000
    assert abs(moves[:start].iloc[:-1].mean()) < 0.06 * synthetic.Y_STEP


def test_the_seed_alone_decides() -> None:
    one, same, other = (synthetic.unrelated(50, seed=s) for s in (1, 1, 2))
    pd.testing.assert_series_equal(one.y, same.y)
    assert not np.allclose(one.y, other.y)


def test_impossible_plants_are_refused() -> None:
    with pytest.raises(DataError, match="10 days"):
        synthetic.unrelated(10, seed=1)
    with pytest.raises(DataError, match="correlation"):
        synthetic.planted_relation(50, correlation=1.5, seed=1)
    with pytest.raises(DataError, match="at=1"):
        synthetic.planted_break(50, at=1, seed=1)
