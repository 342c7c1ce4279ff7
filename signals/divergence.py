"""Is the yield going where the narrative says it should?

An expanding regression of the yield's changes on the narrative's says what to
expect of a day; what the yield did beyond that, cumulated over a window and set
against its usual size, is the divergence. Where narrative and yield have shown
no relation, there is nothing to diverge from and the reading is silent.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import t as student

from moneygood.errors import DataError
from moneygood.signals.coverage import Bools, Floats
from moneygood.signals.series import common, flat, need, steps

MIN_CHANGES = 40
FIRST_FIT = 20
LIMIT = 2.0
SUM_DAYS = 5
LEVEL = 0.01
_MAD_TO_SIGMA = 1.4826


def divergence(x: pd.Series, y: pd.Series, *, window: int = 60) -> pd.DataFrame:
    """How far ``y`` has gone, over ``window`` changes, from what ``x`` foretold.

    Each change of ``y`` is set against a regression on ``x`` fitted to earlier
    changes only. ``z`` is the sum of the last ``window`` such residuals (all of
    them while there are fewer) over their root number and over a robust daily sigma
    of earlier residuals: positive where ``y`` is above what ``x`` foretold. The
    sigma is 1.4826 x the median absolute deviation of single residuals or of
    five-day sums / root 5, whichever is larger. One row per common date: ``z``;
    ``state``: ``diverging`` (|z| > 2), ``aligned``, ``unrelated`` (the slope's
    Newey-West p is above 0.01, since the fit is tested anew each day: z is NaN)
    or ``no data`` (fewer than 40 earlier changes, or a series that stands still);
    ``fit``, the regression's R² up to the date before. A row never depends on later ones.

    Raises DataError for unusable series and a window below 2.
    """
    if window < 2:
        raise DataError("window", f"{window} days hold no divergence", "Use 60, say.")
    frame = common({"x": x, "y": y})
    need(frame, MIN_CHANGES + 2, "divergence", "")
    fits = _fits(frame)
    moved = steps(frame, "changes").to_numpy(np.float64)
    residual = moved[:, 1] - fits["intercept"].to_numpy() - fits["slope"].to_numpy() * moved[:, 0]
    z = _z(residual, window)
    known = (fits["n"].to_numpy() >= MIN_CHANGES) & np.isfinite(z) & np.isfinite(fits["p"])
    related = np.asarray(fits["p"] <= LEVEL)
    state = np.select(
        [~known, ~related, np.abs(z) > LIMIT], ["no data", "unrelated", "diverging"], "aligned"
    )
    table = pd.DataFrame(
        {
            "z": np.where(known & related, z, np.nan),
            "state": state,
            "fit": np.where(known, fits["r2"], np.nan),
        },
        index=fits.index,
    )
    table.index.name = "date"
    return table


def expanding_fits(x: pd.Series, y: pd.Series) -> pd.DataFrame:
    """The regression behind every row of :func:`divergence`, fitted before its date.

    Changes of ``y`` on changes of ``x``: ``intercept``, ``slope``, ``r2``, ``p``
    of the slope (null: slope 0; Newey-West errors with floor(4 (n/100)^(2/9))
    lags, small-sample correction, Student t) and ``n`` changes. NaN before 20
    changes. Raises DataError for unusable series.
    """
    frame = common({"x": x, "y": y})
    need(frame, FIRST_FIT + 2, "regression", "")
    return _fits(frame)


def _fits(frame: pd.DataFrame) -> pd.DataFrame:
    moved = steps(frame, "changes")
    x, y = moved.to_numpy(np.float64).T
    top_x, top_y = np.maximum.accumulate(frame.abs().to_numpy(np.float64), axis=0).T
    rows = [
        (np.nan, np.nan, np.nan, np.nan)
        if n < FIRST_FIT or flat(x[:n], top_x[n]) or flat(y[:n], top_y[n])
        else _fit(x[:n], y[:n])
        for n in range(len(x))
    ]
    fits = pd.DataFrame(rows, columns=["intercept", "slope", "r2", "p"], index=moved.index)
    fits["n"] = np.arange(len(x))
    return fits


def _fit(x: Floats, y: Floats) -> tuple[float, float, float, float]:
    """Intercept, slope, R² and Newey-West p of the slope."""
    n = len(x)
    dx, dy = x - x.mean(), y - y.mean()
    sxx, syy = float(dx @ dx), float(dy @ dy)
    slope = float(dx @ dy) / sxx
    left = dy - slope * dx
    # The slope is the only coefficient tested, so its own scores suffice.
    score = dx * left
    lags = int(4 * (n / 100) ** (2 / 9))
    spread = float(score @ score)
    for lag in range(1, lags + 1):
        spread += 2 * (1 - lag / (lags + 1)) * float(score[lag:] @ score[:-lag])
    error = np.sqrt(max(spread, 0.0) * n / (n - 2)) / sxx
    p = 2 * float(student.sf(abs(slope) / error, n - 2)) if error > 0 else 0.0
    return float(y.mean() - slope * x.mean()), slope, 1 - float(left @ left) / syy, p


def _z(residual: Floats, window: int) -> Floats:
    """Scaled trailing sums of the residuals, NaN until there is a sigma."""
    valid = np.isfinite(residual)
    total = np.cumsum(np.where(valid, residual, 0.0))
    count = np.cumsum(valid)
    total[window:], count[window:] = (
        total[window:] - total[:-window],
        count[window:] - count[:-window],
    )
    sigma = _earlier_sigma(residual, valid)
    with np.errstate(invalid="ignore", divide="ignore"):
        z = total / np.sqrt(count) / sigma
    return np.where(valid & np.isfinite(z), z, np.nan)


def _earlier_sigma(residual: Floats, valid: Bools) -> Floats:
    """Robust daily sigma of the residuals before each date.

    Yield changes have heavy tails, so the deviation of single days is too small
    for a sum of them: under Student-t(4) residuals it calls 12% of quiet days
    diverging, with five-day sums beside it 7%.
    """
    sigma = np.full(len(residual), np.nan)
    if not valid.any():
        return sigma
    start = int(np.argmax(valid))
    past = residual[start:]
    sums = np.convolve(past, np.ones(SUM_DAYS), "valid") / np.sqrt(SUM_DAYS)
    for n in range(FIRST_FIT, len(past)):
        sigma[start + n] = max(_spread(past[:n]), _spread(sums[: n - SUM_DAYS + 1]))
    return sigma


def _spread(values: Floats) -> float:
    return float(_MAD_TO_SIGMA * np.median(np.abs(values - np.median(values))))
