"""Vectors and phrase counts to judgements: the trained heads.

One hidden layer with three heads: presence of each narrative, stance towards
each, rung. Trained by ``moneygood.nlp.train``; applied here with numpy alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import erf, expit, softmax

from moneygood.nlp.weights_file import Array, Weights
from moneygood.records import Kind

KINDS = tuple(Kind)
STANCES = 3
RUNGS = 3
VECTOR_SCALE = 6.0
_COUNT_CAP = 2.0
_CONTEXT_COUNT_SCALE = 0.7
_KIND_SCALE = 0.5


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Judgements of n sentences over k narratives.

    ``presence`` (n, k) calibrated probabilities; ``present`` (n, k) decisions;
    ``stance`` (n, k, 3) and ``rung`` (n, 3) probabilities that sum to 1.
    """

    presence: Array
    present: npt.NDArray[np.bool_]
    stance: Array
    rung: Array


def side_features(sentence_counts: Array, context_counts: Array, kinds: Sequence[str]) -> Array:
    """The heads' input beside the vectors: phrase counts (n, g) twice, and the kind.

    Counts are capped at 2; scales put the parts on a like footing.
    """
    kind = np.array([[k == other for other in KINDS] for k in kinds], dtype=np.float32)
    return np.concatenate(
        [
            np.minimum(sentence_counts, _COUNT_CAP),
            np.minimum(context_counts, _COUNT_CAP) * _CONTEXT_COUNT_SCALE,
            kind.reshape(len(kinds), len(KINDS)) * _KIND_SCALE,
        ],
        axis=1,
        dtype=np.float32,
    )


def join(sentence: Array, context: Array, side: Array) -> Array:
    """One input row a sentence: its vector, its context's, the side features."""
    return np.concatenate(
        [sentence * VECTOR_SCALE, context * VECTOR_SCALE, side], axis=1, dtype=np.float32
    )


@dataclass(frozen=True, slots=True)
class Heads:
    """The trained heads, applied to rows of ``join``."""

    weights: Weights

    def judge(self, x: Array) -> Verdicts:
        """Judge each row; the decision is the calibrated probability over its threshold."""
        k = len(self.weights.purpose.narratives)
        head = self.weights.part("head.")
        z = _gelu(x @ head["w1"].T + head["b1"]) @ head["w2"].T + head["b2"]
        stance = softmax(z[:, k : k + k * STANCES].reshape(-1, k, STANCES), axis=-1)
        rung = softmax(z[:, k + k * STANCES :], axis=-1)
        t = self.weights.tensors
        presence = expit(z[:, :k] * t["slope"] + t["offset"]).astype(np.float32)
        return Verdicts(presence, presence >= t["threshold"], stance, rung)


def _gelu(x: Array) -> Array:
    return np.asarray(0.5 * x * (1.0 + erf(x / np.sqrt(2.0))), dtype=np.float32)
