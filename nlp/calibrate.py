"""Scores to probabilities and decisions, on sentences kept from training."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from moneygood.errors import ModelError
from moneygood.nlp.labels import NARRATIVES, Labels
from moneygood.nlp.weights_file import Array

RARE = 25
FLOOR = 0.3
FLOOR_IF_RARE = 0.5


@dataclass(frozen=True, slots=True)
class Calibration:
    """Per narrative: probability = expit(slope * logit + offset); present from threshold."""

    slope: Array
    offset: Array
    threshold: Array


def calibrate(logits: Array, labels: Labels, real: npt.NDArray[np.bool_]) -> Calibration:
    """Platt scaling (1999) and the threshold of best F1.

    Measured on the ``real`` rows, whose mix is nearer to what will be read. A
    narrative with fewer than RARE of them is measured on all, and present only
    from 0.5: written text holds far more of it than what will be read.
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
        threshold.append(
            best_threshold(model.predict_proba(z)[:, 1], y, floor=FLOOR_IF_RARE if rare else FLOOR)
        )
    return Calibration(*(np.array(v, np.float32) for v in (slope, offset, threshold)))


def best_threshold(p: Array, y: Array, *, floor: float = FLOOR) -> float:
    """The threshold of best F1, averaged over its neighbourhood, from ``floor`` to 0.7."""
    grid = np.round(np.arange(floor - 0.04, 0.745, 0.02), 2)
    f1 = [2 * (y * (p >= t)).sum() / max((p >= t).sum() + y.sum(), 1) for t in grid]
    smooth = np.convolve(f1, np.ones(5) / 5, mode="valid")
    return float(grid[2 + int(np.argmax(smooth))])
