"""Who moves first: correlations over a grid of leads and lags, corrected for the grid.

A grid of narratives, yields and lags always holds some large correlation. The
p-value of the family asks how often the *largest* of the whole grid would be
this large if narratives and yields had nothing to do with each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from moneygood.errors import DataError
from moneygood.signals.bootstrap import Chance, block_length
from moneygood.signals.coverage import Floats
from moneygood.signals.series import common, flat, need, steps

MIN_CHANGES = 40
LEVEL = 0.05
_CHUNK = 50

Panel = Mapping[str, pd.Series] | pd.DataFrame


def lead_lag(
    xs: Panel, ys: Panel, *, lags: Iterable[int], seed: int = 0, draws: int = 499
) -> pd.DataFrame:
    """Correlation of changes of every narrative in ``xs`` and yield in ``ys`` at every lag.

    Lags count dates that all series have; a positive lag sets the narrative's
    change that many dates *before* the yield's: the narrative leads. Null: the
    narratives and the yields are unrelated, each with its own memory and its own
    ties among its members. Null distribution: ``xs`` and ``ys`` resampled apart
    by stationary bootstraps (automatic block length), each as a whole.

    One row per (x, y, lag): ``corr``; ``p``, two-sided, of that cell alone;
    ``p_family``, against the largest studentised cell of the whole grid;
    ``verdict`` of the pair, from its strongest lag: ``leads``, ``lags`` or
    ``together`` where that one's ``p_family`` is at most 0.05, else ``no
    evidence``; ``n`` pairs of changes. A series that stands still has NaN.

    Raises DataError for unusable series, no or repeated lags, and fewer than 40
    changes beside the longest lag.
    """
    grid = sorted(lags)
    if not grid or len(set(grid)) < len(grid):
        raise DataError("lags", f"{grid} is empty or repeats one", "Use range(-10, 11), say.")
    if not len(xs.keys()) or not len(ys.keys()):
        raise DataError("lead and lag", "no series to relate", "Give at least one x and one y.")
    named = {f"narrative {k}": v for k, v in xs.items()}
    named |= {f"yield {k}": v for k, v in ys.items()}
    frame = common(named)
    reach = max(abs(lag) for lag in grid)
    need(frame, MIN_CHANGES + reach + 1, "lead and lag", "the longest lag" if reach else "")
    moved = _standing_still_out(steps(frame, "changes").to_numpy(np.float64), frame)
    x, y = moved[:, : len(xs.keys())], moved[:, len(xs.keys()) :]
    corr = _grid(x[None], y[None], grid)[0]
    n = len(moved) - np.abs(np.array(grid))
    p, p_family = _p_values(x, y, grid, corr, n, np.random.default_rng(seed), draws)
    rows = []
    for i, x_name in enumerate(xs.keys()):
        for j, y_name in enumerate(ys.keys()):
            verdict = _verdict(grid, np.abs(corr[:, i, j]) * np.sqrt(n), p_family[:, i, j])
            rows += [
                (x_name, y_name, lag, corr[k, i, j], p[k, i, j], p_family[k, i, j], verdict, n[k])
                for k, lag in enumerate(grid)
            ]
    return pd.DataFrame(rows, columns=["x", "y", "lag", "corr", "p", "p_family", "verdict", "n"])


def _standing_still_out(moved: Floats, frame: pd.DataFrame) -> Floats:
    """Changes, with NaN throughout for a series that never moves."""
    tops = frame.abs().max().to_numpy(np.float64)
    still = [flat(column, top) for column, top in zip(moved.T, tops, strict=True)]
    return np.where(still, np.nan, moved)


def _p_values(
    x: Floats,
    y: Floats,
    grid: list[int],
    corr: Floats,
    n: Floats,
    random: np.random.Generator,
    draws: int,
) -> tuple[Floats, Floats]:
    """Two-sided p of each cell alone and against the largest of the grid."""
    moving = np.column_stack([x, y])
    block = block_length(moving[:, np.isfinite(moving).all(axis=0)])
    root = np.sqrt(n)[:, None, None]
    seen = np.abs(corr) * root
    cell, family = np.ones(corr.shape), np.ones(corr.shape)
    for done in range(0, draws, _CHUNK):
        size = min(_CHUNK, draws - done)
        x_rows = Chance.of(size, len(x), random).indices(block)
        y_rows = Chance.of(size, len(y), random).indices(block)
        drawn = np.abs(_grid(x[x_rows], y[y_rows], grid)) * root
        cell += (drawn >= seen).sum(axis=0)
        largest = np.where(np.isnan(drawn), 0.0, drawn).max(axis=(1, 2, 3))
        family += (largest[:, None, None, None] >= seen).sum(axis=0)
    lost = np.isnan(corr)
    scale = draws + 1
    return np.where(lost, np.nan, cell / scale), np.where(lost, np.nan, family / scale)


def _grid(x: Floats, y: Floats, lags: list[int]) -> Floats:
    """Correlations draws x lags x narratives x yields of draws x time x series."""
    time = x.shape[1]
    cells = []
    for lag in lags:
        early = slice(max(-lag, 0), time - max(lag, 0))
        late = slice(max(lag, 0), time - max(-lag, 0))
        cells.append(np.swapaxes(_unit(x[:, early]), 1, 2) @ _unit(y[:, late]))
    return np.stack(cells, axis=1)


def _unit(block: Floats) -> Floats:
    """Each series of each draw centred, with length 1."""
    centred = block - block.mean(axis=1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(centred / np.sqrt((centred**2).sum(axis=1, keepdims=True)))


def _verdict(lags: list[int], strength: Floats, p_family: Floats) -> str:
    """What the strongest lag of one pair says."""
    if np.isnan(strength).all():
        return "no evidence"
    best = int(np.nanargmax(strength))
    if not p_family[best] <= LEVEL:
        return "no evidence"
    return "together" if lags[best] == 0 else "leads" if lags[best] > 0 else "lags"
