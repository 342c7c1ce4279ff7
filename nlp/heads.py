"""Vectors and phrase counts to judgements: the trained heads.

A small network of one hidden layer, several times over from different seeds
and averaged, with three heads: presence of each narrative, stance towards each,
rung. Trained by ``moneygood.nlp.train``; applied here with numpy alone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import erf, expit, softmax

from moneygood.errors import ModelError
from moneygood.nlp.version import HEADS
from moneygood.records import Kind

Array = npt.NDArray[np.float32]
SHIPPED = HEADS
KINDS = tuple(Kind)
STANCES = 3
RUNGS = 3
_VECTOR_SCALE = 6.0
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


def features(
    sentence: Array,
    context: Array,
    sentence_counts: Array,
    context_counts: Array,
    kinds: Sequence[str],
) -> Array:
    """The heads' input, one row a sentence.

    Vectors are (n, d); counts of phrase groups (n, g) are capped at 2; ``kinds``
    are document kinds. Scales put the parts on a like footing.
    """
    kind = np.array([[k == other for other in KINDS] for k in kinds], dtype=np.float32)
    return np.concatenate(
        [
            sentence * _VECTOR_SCALE,
            context * _VECTOR_SCALE,
            np.minimum(sentence_counts, _COUNT_CAP),
            np.minimum(context_counts, _COUNT_CAP) * _CONTEXT_COUNT_SCALE,
            kind.reshape(len(kinds), len(KINDS)) * _KIND_SCALE,
        ],
        axis=1,
        dtype=np.float32,
    )


@dataclass(frozen=True, slots=True)
class Heads:
    """Weights and what they were trained for."""

    narratives: tuple[str, ...]
    groups: tuple[tuple[str, str], ...]
    dimension: int
    members: tuple[tuple[Array, Array, Array, Array], ...]
    slope: Array
    offset: Array
    threshold: Array
    digest: str

    def judge(self, x: Array) -> Verdicts:
        """Judge the rows of ``features``."""
        k = len(self.narratives)
        logits = np.zeros((len(x), k), dtype=np.float32)
        stance = np.zeros((len(x), k, STANCES), dtype=np.float32)
        rung = np.zeros((len(x), RUNGS), dtype=np.float32)
        for w1, b1, w2, b2 in self.members:
            z = _gelu(x @ w1.T + b1) @ w2.T + b2
            logits += z[:, :k] / len(self.members)
            raw = z[:, k : k + k * STANCES].reshape(-1, k, STANCES)
            stance += softmax(raw, axis=-1) / len(self.members)
            rung += softmax(z[:, k + k * STANCES :], axis=-1) / len(self.members)
        presence = expit(logits * self.slope + self.offset).astype(np.float32)
        return Verdicts(presence, presence >= self.threshold, stance, rung)


def _gelu(x: Array) -> Array:
    return np.asarray(0.5 * x * (1.0 + erf(x / np.sqrt(2.0))), dtype=np.float32)


def load_heads(path: Path = SHIPPED) -> Heads:
    """The heads of a safetensors file. Raises ModelError if it is missing or altered."""
    from safetensors import SafetensorError, safe_open

    if not path.is_file():
        raise ModelError(str(path), "is missing", "Make it: python -m moneygood.nlp.train")
    try:
        with safe_open(path, framework="numpy") as file:
            meta = json.loads(file.metadata()["moneygood"])
            arrays = {key: file.get_tensor(key).astype(np.float32) for key in file.keys()}  # noqa: SIM118
    except (SafetensorError, KeyError, TypeError, ValueError) as error:
        raise ModelError(
            str(path), f"is damaged ({error})", "Restore it from the release, or train it again"
        ) from error
    return _heads(meta, arrays, hashlib.sha256(path.read_bytes()).hexdigest())


def _heads(meta: Mapping[str, Any], arrays: Mapping[str, Array], digest: str) -> Heads:
    members = tuple(
        (arrays[f"{i}.w1"], arrays[f"{i}.b1"], arrays[f"{i}.w2"], arrays[f"{i}.b2"])
        for i in range(meta["members"])
    )
    return Heads(
        narratives=tuple(meta["narratives"]),
        groups=tuple((n, g) for n, g in meta["groups"]),
        dimension=meta["dimension"],
        members=members,
        slope=arrays["slope"],
        offset=arrays["offset"],
        threshold=arrays["threshold"],
        digest=digest,
    )
