"""Leads and lags: planted ones are found, absent ones are not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from moneygood.errors import DataError
from moneygood.signals.correlation import lead_lag
from moneygood.signals.synthetic import planted_lag, planted_relation, unrelated

LAGS = range(-5, 6)


def verdict(x: pd.Series, y: pd.Series, *, draws: int = 199, seed: int = 0) -> str:
    return str(lead_lag({"x": x}, {"y": y}, lags=LAGS, draws=draws, seed=seed)["verdict"].iloc[0])


@pytest.mark.parametrize(
    ("lag", "expected"), [(3, "leads"), (-3, "lags"), (0, "together"), (1, "leads")]
)
def test_a_planted_lag_is_found(lag: int, expected: str) -> None:
    known = planted_lag(300, lag=lag, seed=11)
    table = lead_lag({"balance": known.x}, {"y10": known.y}, lags=LAGS, draws=199)
    assert list(table.columns) == ["x", "y", "lag", "corr", "p", "p_family", "verdict", "n"]
    assert set(table["verdict"]) == {expected}
    best = table.iloc[int(table["corr"].abs().argmax())]
    assert best["lag"] == lag
    assert best["p"] == best["p_family"] == 1 / 200  # the smallest 199 draws can give


def test_each_cell_is_a_plain_correlation_of_shifted_changes() -> None:
    known = planted_relation(90, seed=4)
    table = lead_lag({"x": known.x}, {"y": known.y}, lags=[-2, 0, 5], draws=19).set_index("lag")
    dx, dy = known.x.diff().dropna(), known.y.diff().dropna()
    for lag in (-2, 0, 5):
        both = pd.concat([dx.shift(lag), dy], axis=1).dropna()
        expected = stats.pearsonr(both.iloc[:, 0], both.iloc[:, 1]).statistic
        assert table.loc[lag, "corr"] == pytest.approx(expected)
        assert table.loc[lag, "n"] == len(both)


def test_p_alone_is_near_the_textbook_one_without_memory() -> None:
    random = np.random.default_rng(3)
    days = pd.bdate_range("2024-01-02", periods=251)
    x, y = (pd.Series(np.cumsum(random.normal(size=251)), index=days) for _ in range(2))
    row = lead_lag({"x": x}, {"y": y}, lags=[0], draws=1999).iloc[0]
    expected = stats.pearsonr(x.diff().dropna(), y.diff().dropna()).pvalue
    assert row["p"] == pytest.approx(expected, abs=0.04)
    assert row["p_family"] == row["p"]  # a grid of one


def test_the_whole_grid_pays_for_being_searched() -> None:
    known = [unrelated(150, seed=s) for s in range(4)]
    xs = {f"x{i}": k.x for i, k in enumerate(known)}
    ys = {f"y{i}": k.y for i, k in enumerate(known)}
    table = lead_lag(xs, ys, lags=LAGS, draws=199)
    assert len(table) == 4 * 4 * len(LAGS)
    assert (table["p_family"] >= table["p"]).all()
    assert (table["p"] < 0.05).any()  # by accident, among 176
    assert set(table["verdict"]) == {"no evidence"}


def test_frames_and_mappings_are_the_same() -> None:
    known = planted_relation(120, seed=4)
    by_mapping = lead_lag({"a": known.x}, {"b": known.y}, lags=[0, 1], draws=49)
    by_frame = lead_lag(known.x.to_frame("a"), known.y.to_frame("b"), lags=[0, 1], draws=49)
    pd.testing.assert_frame_equal(by_mapping, by_frame)


def test_a_series_that_stands_still_gives_no_evidence_and_spoils_no_other() -> None:
    known = planted_relation(120, seed=4)
    still = pd.Series(4.0, index=known.x.index)
    table = lead_lag({"x": known.x}, {"y": known.y, "still": still}, lags=[0], draws=99)
    assert table["verdict"].tolist() == ["together", "no evidence"]
    assert np.isnan(table["corr"].iloc[1])
    assert np.isnan(table["p_family"].iloc[1])


def test_bad_requests_name_what_is_wrong() -> None:
    known = planted_relation(50, seed=4)
    with pytest.raises(DataError, match="50 overlapping days; 51 needed: lower the longest lag"):
        lead_lag({"x": known.x}, {"y": known.y}, lags=[0, 10])
    with pytest.raises(DataError, match="empty or repeats"):
        lead_lag({"x": known.x}, {"y": known.y}, lags=[1, 1])
    with pytest.raises(DataError, match="no series"):
        lead_lag({}, {"y": known.y}, lags=[0])
    with pytest.raises(DataError, match=r"narrative x: .*appears twice"):
        lead_lag({"x": pd.concat([known.x, known.x])}, {"y": known.y}, lags=[0])


def false_share(repetitions: int, days: int, draws: int) -> float:
    """How often an AR(.95) index and an independent random-walk yield get a verdict."""
    found = 0
    for seed in range(repetitions):
        known = unrelated(days, seed=1_000 + seed)
        found += verdict(known.x, known.y, draws=draws, seed=seed) != "no evidence"
    return found / repetitions


def test_no_relation_is_rarely_called_one() -> None:
    assert false_share(100, 120, 99) <= 0.11  # 5% promised; 99.5% of samples are below


@pytest.mark.slow
@pytest.mark.parametrize("days", [80, 250])
def test_no_relation_is_called_one_in_five_percent(days: int) -> None:
    assert 0.03 <= false_share(800, days, 199) <= 0.07
