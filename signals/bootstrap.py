"""Stationary bootstrap (Politis and Romano 1994), vectorised.

Blocks start anywhere, have a geometric length and wrap around the end: the law
of ``arch.bootstrap.StationaryBootstrap``. Block lengths are Politis and White's
(2004, corrected 2009) as ``arch`` computes them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from moneygood.signals.coverage import Floats, Ints


@dataclass(frozen=True, slots=True, eq=False)
class Chance:
    """Uniform numbers that pick block starts and lengths: draws x n each.

    The same chance serves every window, so a window's band depends on its own
    data and the seed alone.
    """

    start: Floats
    stay: Floats

    @classmethod
    def of(cls, draws: int, n: int, random: np.random.Generator) -> Chance:
        """Numbers for ``draws`` resamples of ``n`` rows."""
        return cls(random.random((draws, n)), random.random((draws, n)))

    def indices(self, block: float) -> NDArray[np.intp]:
        """Row numbers of each resample, for a mean block length of ``block`` rows."""
        n = self.start.shape[1]
        fresh = self.stay < 1 / max(block, 1.0)
        fresh[:, 0] = True
        place = np.arange(n)
        begun = np.maximum.accumulate(np.where(fresh, place, 0), axis=1)
        first = np.take_along_axis((self.start * n).astype(np.intp), begun, axis=1)
        return np.asarray((first + place - begun) % n)


def block_length(columns: Floats) -> float:
    """The longest of the columns' automatic block lengths, at least 1 row.

    ``columns`` is rows x series; a series that never changes has length 1.
    """
    from arch.bootstrap import optimal_block_length

    varying = columns[:, np.ptp(columns, axis=0) > 0]
    if not varying.shape[1]:
        return 1.0
    with np.errstate(all="ignore"):
        lengths = optimal_block_length(varying)["stationary"].to_numpy(np.float64)
    lengths = lengths[np.isfinite(lengths)]
    return float(max(lengths.max(initial=1.0), 1.0))


def midranks(values: Floats) -> Floats:
    """Ranks from 1, ties sharing their mean rank."""
    _, code, counts = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray(_mid(counts[None, :])[0, code])


def resampled_midranks(values: Floats, rows: NDArray[np.intp]) -> Floats:
    """Ranks inside each resample of ``values``: draws x n.

    Counting how often each distinct value was drawn replaces a sort per draw.
    """
    distinct, code = np.unique(values, return_inverse=True)
    drawn = code[rows]
    lane = np.arange(len(rows))[:, None] * distinct.size
    counts = np.bincount((drawn + lane).ravel(), minlength=len(rows) * distinct.size)
    mid = _mid(counts.reshape(len(rows), distinct.size))
    return np.take_along_axis(mid, drawn, axis=1)


def _mid(counts: Ints) -> Floats:
    return np.cumsum(counts, axis=1) - (counts - 1) / 2
