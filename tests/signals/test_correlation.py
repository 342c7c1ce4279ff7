"""Rolling correlation: the figure against pandas and scipy, the band against its law."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from arch.bootstrap import StationaryBootstrap, optimal_block_length
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from moneygood.errors import DataError
from moneygood.signals.bootstrap import (
    Chance,
    block_length,
    midranks,
    resampled_midranks,
)
from moneygood.signals.correlation import LevelsWarning, rolling_correlation
from moneygood.signals.synthetic import planted_relation, unrelated


def series(values: list[float], start: str = "2025-01-02") -> pd.Series:
    return pd.Series(values, index=pd.bdate_range(start, periods=len(values)), dtype=float)


def test_agrees_with_pandas_rolling_correlation_of_changes() -> None:
    known = planted_relation(120, seed=2)
    table = rolling_correlation(known.x, known.y, window=60, draws=50)
    expected = known.x.diff().rolling(60).corr(known.y.diff()).dropna()
    assert table["corr"].tolist() == pytest.approx(expected.tolist())
    assert table.index.equals(expected.index)
    assert list(table.columns) == ["corr", "lo", "hi", "n"]
    assert set(table["n"]) == {60}


def test_spearman_agrees_with_scipy() -> None:
    known = planted_relation(62, seed=2)
    table = rolling_correlation(known.x, known.y.round(1), window=60, method="spearman", draws=50)
    x, y = known.x.diff().to_numpy()[-60:], known.y.round(1).diff().to_numpy()[-60:]
    assert table["corr"].iloc[-1] == pytest.approx(
        stats.spearmanr(x, y.round(9)).statistic, abs=0.02
    )


@given(st.integers(0, 10_000))
@settings(max_examples=15, deadline=None)
def test_ranks_inside_resamples_agree_with_scipy(seed: int) -> None:
    random = np.random.default_rng(seed)
    values = random.integers(0, 9, 30).astype(float)
    rows = Chance.of(20, 30, random).indices(3.0)
    assert midranks(values) == pytest.approx(stats.rankdata(values))
    assert resampled_midranks(values, rows) == pytest.approx(stats.rankdata(values[rows], axis=1))


def test_changes_are_between_dates_both_have() -> None:
    known = planted_relation(100, seed=5)
    thin = known.y.drop(known.y.index[[10, 11, 40]])
    table = rolling_correlation(known.x, thin, window=60, draws=50)
    both = pd.concat([known.x, thin], axis=1, join="inner").diff().iloc[1:]
    assert table["corr"].iloc[-1] == pytest.approx(both.iloc[-60:].corr().iloc[0, 1])


def test_missing_values_and_order_do_not_matter() -> None:
    known = planted_relation(100, seed=5)
    holed = known.y.copy()
    holed.iloc[[10, 11, 40]] = np.nan
    mixed = known.x.sample(frac=1, random_state=1)
    expected = rolling_correlation(known.x, holed.dropna(), window=60, draws=50)
    pd.testing.assert_frame_equal(rolling_correlation(mixed, holed, window=60, draws=50), expected)


# -- the band -----------------------------------------------------------------------


def test_resamples_follow_the_law_of_the_stationary_bootstrap() -> None:
    """Share of rows that continue their block, and of each row, as arch draws them."""
    n, draws, block = 60, 2_000, 4
    ours = Chance.of(draws, n, np.random.default_rng(1)).indices(block)
    reference = StationaryBootstrap(block, np.arange(n), seed=2)
    theirs = np.array([data[0][0] for data in reference.bootstrap(draws)])
    follows = [float(((np.diff(rows, axis=1) % n) == 1).mean()) for rows in (ours, theirs)]
    assert follows[0] == pytest.approx(1 - 1 / block + 1 / (block * n), abs=0.006)
    assert follows[0] == pytest.approx(follows[1], abs=0.01)
    assert np.bincount(ours.ravel(), minlength=n) / ours.size == pytest.approx(1 / n, rel=0.2)


def test_block_length_is_the_longest_automatic_one() -> None:
    known = unrelated(300, seed=4)
    columns = np.column_stack([known.x, known.y.diff().fillna(0), np.zeros(300)])
    expected = optimal_block_length(columns[:, :2])["stationary"].max()
    assert block_length(columns) == pytest.approx(expected)
    assert block_length(np.zeros((50, 2))) == 1.0


def test_the_band_is_near_the_textbook_one_for_white_noise() -> None:
    random = np.random.default_rng(0)
    x, y = (series(list(np.cumsum(random.normal(size=401)))) for _ in range(2))
    table = rolling_correlation(x, y, window=400, draws=2_000)
    z = np.arctanh(table["corr"].iloc[0])
    lo, hi = np.tanh(z - 1.96 / 397**0.5), np.tanh(z + 1.96 / 397**0.5)
    assert table["lo"].iloc[0] == pytest.approx(lo, abs=0.03)
    assert table["hi"].iloc[0] == pytest.approx(hi, abs=0.03)


def test_the_band_usually_holds_the_truth() -> None:
    held = 0
    for seed in range(60):
        known = planted_relation(121, correlation=0.5, seed=seed)
        row = rolling_correlation(known.x, known.y, window=120, draws=200, seed=seed).iloc[0]
        # Changes of an AR(.95) index are its innovations less 5% of the last level.
        held += row["lo"] <= 0.5 / (1 + 0.05**2 / (1 - 0.95**2)) ** 0.5 <= row["hi"]
    assert held >= 50


def test_no_look_ahead() -> None:
    known = planted_relation(130, seed=3)
    whole = rolling_correlation(known.x, known.y, window=40, draws=60, seed=7)
    y = known.y.copy()
    y.iloc[100:] *= 1e6
    cut = rolling_correlation(known.x.iloc[:100], y.iloc[:100], window=40, draws=60, seed=7)
    pd.testing.assert_frame_equal(whole.loc[: cut.index[-1]], cut)
    changed = rolling_correlation(known.x, y, window=40, draws=60, seed=7)
    pd.testing.assert_frame_equal(changed.loc[: cut.index[-1]], cut)


def test_the_seed_alone_decides_chance() -> None:
    known = planted_relation(70, seed=3)

    def band(seed: int) -> float:
        return float(rolling_correlation(known.x, known.y, window=60, seed=seed)["lo"].iloc[0])

    assert band(1) == band(1) != band(2)


def test_a_series_that_stands_still_has_no_correlation() -> None:
    still = series([4.1 + 0.1 * i for i in range(40)])  # changes equal up to rounding
    known = planted_relation(40, seed=1).x.set_axis(still.index)
    table = rolling_correlation(still, known, window=30)
    assert table[["corr", "lo", "hi"]].isna().all(axis=None)


# -- input --------------------------------------------------------------------------


def test_levels_come_with_a_warning_that_says_why() -> None:
    known = unrelated(70, seed=3)
    with pytest.warns(LevelsWarning, match="64-72%"):
        table = rolling_correlation(known.x, known.y, window=60, on="levels", draws=50)
    assert len(table) == 11
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        rolling_correlation(known.x, known.y, window=60, draws=50)


def test_too_few_days_say_how_to_get_more() -> None:
    x = series([float(i % 7) for i in range(31)], "2025-02-03")
    with pytest.raises(DataError) as caught:
        rolling_correlation(x, x, window=59)
    assert str(caught.value) == (
        "rolling correlation: 31 overlapping days; 60 needed: "
        "lower `window` or collect from 2024-12-18"
    )


def broken(change: str) -> pd.Series:
    x = series([float(i % 7) for i in range(40)])
    if change == "infinite":
        x.iloc[5] = np.inf
    if change == "appears twice":
        x = pd.concat([x, x.iloc[:1]])
    if change == "time zones differ":
        x = x.tz_localize("UTC")
    if change == "no dates":
        x = x.reset_index(drop=True)
    if change == "no number":
        x = x.astype(object)
        x.iloc[0] = "n/a"
    if change == "0 overlapping days":
        x = x.shift(freq="3650D")
    return x


@pytest.mark.parametrize(
    "reason",
    [
        "infinite",
        "appears twice",
        "time zones differ",
        "no dates",
        "no number",
        "0 overlapping days",
    ],
)
def test_unusable_series_are_refused(reason: str) -> None:
    with pytest.raises(DataError, match=reason):
        rolling_correlation(broken(reason), broken(""), window=20)


@pytest.mark.parametrize(
    "options", [{"window": 5}, {"method": "kendall"}, {"on": "ranks"}, {"level": 95}]
)
def test_unknown_options_are_refused(options: dict[str, object]) -> None:
    x = broken("")
    with pytest.raises(DataError):
        rolling_correlation(x, x, **{"window": 30, **options})  # type: ignore[arg-type]
