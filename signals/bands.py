"""Bands of shares: how far a reading could move with texts as few as these.

Every draw depends on the seed, a name and the counts alone, so a band of the
past stays the same to the last digit when later documents arrive.
"""

from __future__ import annotations

from collections.abc import Callable
from zlib import crc32

import numpy as np
from scipy.special import betaincinv

from moneygood.signals.coverage import Floats, Ints

PRIOR = 0.5  # Jeffreys


def share_draws(hits: Ints, of: Ints, *, usual: float, name: str, draws: int, seed: int) -> Floats:
    """Draws of a share from Beta(h + u, n - h + 1 - u).

    The prior weighs one text and stands at the source's ``usual`` share u: with
    many thin sources that seldom carry a narrative, Jeffreys' 1/2 would lift
    every draw. ``hits`` and ``of`` have one entry a day; the answer is days x
    ``draws``. ``name`` keeps sources independent of each other.
    """

    def one(random: np.random.Generator, row: tuple[int, ...]) -> Floats:
        hit, total = row
        return random.beta(hit + usual, total - hit + 1 - usual, draws)

    return _drawn(np.column_stack([hits, of]), one, name, seed)


def mean_draws(counts: Ints, scores: Floats, *, name: str, draws: int, seed: int) -> Floats:
    """Draws of the mean score under Dirichlet(counts + 1/2).

    ``counts`` is days x classes, ``scores`` what each class counts for; the
    answer is days x ``draws``.
    """

    def one(random: np.random.Generator, row: tuple[int, ...]) -> Floats:
        return random.dirichlet(np.array(row) + PRIOR, draws) @ scores

    return _drawn(counts, one, name, seed)


def share_band(hits: Ints, of: Ints, band: float) -> tuple[Floats, Floats]:
    """Equal-tailed Jeffreys interval of a share, exact; it holds the share itself."""
    tail = (1 - band) / 2
    lo = betaincinv(hits + PRIOR, of - hits + PRIOR, tail)
    hi = betaincinv(hits + PRIOR, of - hits + PRIOR, 1 - tail)
    return np.where(hits == 0, 0.0, lo), np.where(hits == of, 1.0, hi)


def quantile_band(drawn: Floats, value: Floats, band: float) -> tuple[Floats, Floats]:
    """Equal-tailed quantiles of each row, widened to hold ``value``.

    Widening matters at the edges only: with no hit at all the posterior lies
    wholly above the reading 0.
    """
    tail = (1 - band) / 2
    lo, hi = np.quantile(drawn, [tail, 1 - tail], axis=1)
    return np.minimum(lo, value), np.maximum(hi, value)


def _drawn(
    counts: Ints,
    one: Callable[[np.random.Generator, tuple[int, ...]], Floats],
    name: str,
    seed: int,
) -> Floats:
    rows, place = np.unique(counts, axis=0, return_inverse=True)
    key = crc32(name.encode("utf-8"))
    drawn = [one(np.random.default_rng([seed, key, *row]), tuple(row)) for row in rows.tolist()]
    return np.stack(drawn)[place.ravel()]
