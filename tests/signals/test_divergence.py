"""Divergence: planted ones are found, silence where there is no relation."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from moneygood.errors import DataError
from moneygood.signals.divergence import divergence, expanding_fits
from moneygood.signals.synthetic import planted_divergence, planted_relation, unrelated


def test_each_fit_is_statsmodels_newey_west_on_earlier_changes() -> None:
    known = planted_relation(260, correlation=0.2, seed=3)
    fits = expanding_fits(known.x, known.y)
    dx, dy = known.x.diff().iloc[1:], known.y.diff().iloc[1:]
    for n in (20, 47, 120, 250):
        lags = int(4 * (n / 100) ** (2 / 9))
        expected = sm.OLS(dy.iloc[:n].to_numpy(), sm.add_constant(dx.iloc[:n].to_numpy())).fit(
            cov_type="HAC", cov_kwds={"maxlags": lags, "use_correction": True}, use_t=True
        )
        row = fits.iloc[n]
        assert row[["intercept", "slope"]].tolist() == pytest.approx(expected.params.tolist())
        assert row["r2"] == pytest.approx(expected.rsquared)
        assert row["p"] == pytest.approx(expected.pvalues[1])
        assert row["n"] == n
    assert fits["slope"].iloc[:20].isna().all()


def test_z_is_the_sum_of_forecast_errors_over_their_usual_size() -> None:
    known = planted_relation(150, seed=3)
    table = divergence(known.x, known.y, window=30)
    fits = expanding_fits(known.x, known.y)
    dx, dy = known.x.diff().iloc[1:], known.y.diff().iloc[1:]
    errors = (dy - fits["intercept"] - fits["slope"] * dx).iloc[20:]
    at = 100
    past, now = errors.iloc[:at], errors.iloc[at - 29 : at + 1].sum() / 30**0.5
    sums = past.rolling(5).sum().dropna() / 5**0.5
    sigma = max(1.4826 * (v - v.median()).abs().median() for v in (past, sums))
    assert table["z"].loc[errors.index[at]] == pytest.approx(now / sigma)


@pytest.mark.parametrize("drift", [0.6, -0.6])
def test_a_planted_divergence_is_found(drift: float) -> None:
    found = late = 0
    for seed in range(5):
        known = planted_divergence(500, drift=drift, seed=seed)
        assert known.diverging is not None
        table = divergence(known.x, known.y)
        last = table.loc[pd.Timestamp(known.diverging[1])]
        found += last["state"] == "diverging" and np.sign(last["z"]) == np.sign(drift)
        before = table.loc[: pd.Timestamp(known.diverging[0])].iloc[60:-1]
        late += (before["state"] == "diverging").mean() < 0.2
    assert found >= 4  # noise alone can undo one in a while
    assert late >= 4


def test_a_relation_that_holds_is_aligned() -> None:
    known = planted_relation(400, correlation=0.6, seed=2)
    table = divergence(known.x, known.y)
    assert (table["state"] == "no data").sum() == 40
    assert (table["state"] == "aligned").sum() > 0.8 * 359
    assert table["fit"].iloc[-1] == pytest.approx(0.36, abs=0.1)
    assert list(table.columns) == ["z", "state", "fit"]


def test_without_a_relation_it_is_silent() -> None:
    silent = []
    for seed in range(20):
        known = unrelated(300, seed=seed)
        table = divergence(known.x, known.y).iloc[40:]
        assert table.loc[table["state"] == "unrelated", "z"].isna().all()
        silent.append((table["state"] == "unrelated").mean())
    assert np.mean(silent) > 0.85


def test_no_look_ahead() -> None:
    known = planted_relation(220, seed=6)
    whole = divergence(known.x, known.y)
    for cut in (60, 140, 219):
        part = divergence(known.x.iloc[:cut], known.y.iloc[:cut])
        pd.testing.assert_frame_equal(whole.loc[: part.index[-1]], part)
    y = known.y.copy()
    y.iloc[150:] += 1e6
    changed = divergence(known.x, y)
    pd.testing.assert_frame_equal(changed.iloc[:149], whole.iloc[:149])


def test_a_series_that_stands_still_has_no_data() -> None:
    known = planted_relation(100, seed=6)
    still = pd.Series(4.0, index=known.x.index)
    for table in (divergence(known.x, still), divergence(still, known.y)):
        assert set(table["state"]) == {"no data"}
        assert table["fit"].isna().all()


def test_bad_input_names_what_is_wrong() -> None:
    known = planted_relation(41, seed=6)
    with pytest.raises(DataError, match="41 overlapping days; 42 needed: collect from 2020-12-31"):
        divergence(known.x, known.y)
    with pytest.raises(DataError, match="window: 1 days"):
        divergence(known.x, known.y, window=1)
