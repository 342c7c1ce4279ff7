"""Scores to probabilities and decisions, on sentences kept from training."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from moneygood.errors import ModelError
from moneygood.nlp.labels import NARRATIVES, Labels
from moneygood.nlp.weights_file import Array

RARE = 25


@dataclass(frozen=True, slots=True)
class Calibration:
    """Per narrative: probability = expit(slope * logit + offset); present from threshold."""

    slope: Array
    offset: Array
    threshold: Array


def calibrate(logits: Array, labels: Labels, real: npt.NDArray[np.bool_]) -> Calibration:
    """Platt scaling (1999) and the threshold of best F1.

    Measured on the ``real`` rows, whose mix is nearer to what will be read,
    unless a narrative has fewer than RARE of them.
    """
    from sklearn.linear_model import LogisticRegression

    slope, offset, threshold = [], [], []
    for j in range(len(NARRATIVES)):
        rare = labels.presence[real, j].sum() < RARE
        use = (real | rare) & (labels.mask[:, j] > 0)
        z, y = logits[use, j : j + 1], labels.presence[use, j]
        if len(set(y.tolist())) < 2:
            raise ModelError(
                f"calibration of {NARRATIVES[j]}",
                "the sentences kept from training hold no example, or nothing else",
                "Train on more sentences",
            )
        model = LogisticRegression(C=1.0).fit(z, y)
        slope.append(model.coef_[0, 0])
        offset.append(model.intercept_[0])
        threshold.append(best_threshold(model.predict_proba(z)[:, 1], y))
    return Calibration(*(np.array(v, np.float32) for v in (slope, offset, threshold)))


def best_threshold(p: Array, y: Array) -> float:
    """The threshold in [0.24, 0.76] whose neighbourhood has the best mean F1."""
    grid = np.arange(0.20, 0.805, 0.02)
    f1 = [2 * (y * (p >= t)).sum() / max((p >= t).sum() + y.sum(), 1) for t in grid]
    smooth = np.convolve(f1, np.ones(5) / 5, mode="valid")
    return round(float(grid[2 + int(np.argmax(smooth))]), 2)
