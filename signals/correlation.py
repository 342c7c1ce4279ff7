"""How a narrative and a yield move together, with bands that respect time.

Levels of a persistent index and a yield correlate "significantly" by accident
most of the time, so the default works on changes and every band comes from
resampling blocks of pairs.
"""

from __future__ import annotations

import warnings
from typing import Literal

import numpy as np
import pandas as pd
from numpy.lib.stride_tricks import sliding_window_view

from moneygood.errors import DataError
from moneygood.signals.bootstrap import Chance, block_length, midranks, resampled_midranks
from moneygood.signals.coverage import Floats
from moneygood.signals.leadlag import lead_lag
from moneygood.signals.series import On, common, flat, need, steps

__all__ = ["LevelsWarning", "lead_lag", "rolling_correlation"]

Method = Literal["pearson", "spearman"]
MIN_WINDOW = 20


class LevelsWarning(UserWarning):
    """Correlation of levels was asked for."""


def rolling_correlation(
    x: pd.Series,
    y: pd.Series,
    *,
    window: int,
    on: On = "changes",
    method: Method = "pearson",
    level: float = 0.95,
    seed: int = 0,
    draws: int = 500,
) -> pd.DataFrame:
    """Correlation of ``x`` and ``y`` over each trailing ``window`` of common dates.

    ``x`` and ``y`` are float series on a DatetimeIndex. ``on="changes"`` takes
    first differences between consecutive dates that both have; ``window``
    counts those. One row per window, indexed by its last date: ``corr``, the
    band ``lo`` to ``hi`` holding ``level`` of the resamples, and ``n``
    observations. A window in which either series stands still has NaN.

    The band is the percentile interval of a stationary bootstrap on pairs, block
    length chosen in each window (Politis and White) for x, y and their product.
    A row uses data up to its date alone. Short windows flatter: of 60 changes
    without memory the 95% band holds the truth about 90 times in 100.

    Warns LevelsWarning for ``on="levels"``. Raises DataError for unusable
    series, fewer common dates than ``window`` needs, or an unknown option.
    """
    if window < MIN_WINDOW:
        raise DataError("window", f"{window} days give no band", f"Use {MIN_WINDOW} or more.")
    if method not in ("pearson", "spearman"):
        raise DataError("method", f"{method!r} is unknown", "Use 'pearson' or 'spearman'.")
    if not 0 < level < 1:
        raise DataError("level", f"{level} is no share", "Use 0.95, say.")
    frame = common({"x": x, "y": y})
    need(frame, window + (on == "changes"), "rolling correlation", "`window`")
    moved = steps(frame, on)
    if on == "levels":
        warnings.warn(
            LevelsWarning(
                "correlating levels misleads: an independent AR(0.95) index and random-walk "
                "yield look related in 64-72% of samples of 60-250 days (33-52% with Newey-West "
                "errors, 5-6% in changes); use on='changes'"
            ),
            stacklevel=2,
        )
    pairs = moved.to_numpy(np.float64)
    levels = frame.to_numpy(np.float64)[-len(pairs) :]
    chance = Chance.of(draws, window, np.random.default_rng(seed))
    tops = sliding_window_view(np.abs(levels), window, axis=0).max(axis=2)
    rows = [
        _one(cut.T, top, chance, method, level)
        for cut, top in zip(sliding_window_view(pairs, window, axis=0), tops, strict=True)
    ]
    table = pd.DataFrame(rows, columns=["corr", "lo", "hi"], index=moved.index[window - 1 :])
    table["n"] = window
    table.index.name = "date"
    return table


def _one(
    pairs: Floats, top: Floats, chance: Chance, method: Method, level: float
) -> tuple[float, float, float]:
    """Correlation of one window and its band."""
    x, y = pairs[:, 0], pairs[:, 1]
    if flat(x, top[0]) or flat(y, top[1]):
        return float("nan"), float("nan"), float("nan")
    if method == "spearman":
        x, y = midranks(x), midranks(y)
    x, y = (x - x.mean()) / x.std(), (y - y.mean()) / y.std()
    rows = chance.indices(block_length(np.column_stack([x, y, x * y])))
    if method == "spearman":
        drawn = _correlate(resampled_midranks(x, rows), resampled_midranks(y, rows))
    else:
        drawn = _correlate(x[rows], y[rows])
    tail = (1 - level) / 2
    drawn = drawn[np.isfinite(drawn)]
    lo, hi = np.quantile(drawn, [tail, 1 - tail]) if drawn.size else (np.nan, np.nan)
    return float(np.clip((x * y).mean(), -1, 1)), float(lo), float(hi)


def _correlate(x: Floats, y: Floats) -> Floats:
    """Pearson correlation of each row."""
    x, y = x - x.mean(axis=1, keepdims=True), y - y.mean(axis=1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        corr = np.einsum("ij,ij->i", x, y) / np.sqrt(
            np.einsum("ij,ij->i", x, x) * np.einsum("ij,ij->i", y, y)
        )
    return np.asarray(np.clip(corr, -1, 1))
