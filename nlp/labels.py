"""Labelled examples as arrays, and how they are divided for training."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from moneygood.nlp.examples import Example
from moneygood.nlp.weights_file import Array
from moneygood.records import Narrative, Rung, Stance

NARRATIVES = tuple(str(n) for n in Narrative)
HARD_WEIGHT = 0.6


@dataclass(frozen=True, slots=True)
class Labels:
    """Presence (n, k) with a mask, stance (n, k) and rung (n) with -1 unknown, weight (n)."""

    presence: Array
    mask: Array
    stance: npt.NDArray[np.int64]
    rung: npt.NDArray[np.int64]
    weight: Array

    def take(self, rows: Sequence[int]) -> Labels:
        """The labels of some rows."""
        i = np.asarray(rows, dtype=np.int64)
        return Labels(self.presence[i], self.mask[i], self.stance[i], self.rung[i], self.weight[i])


def labels_of(examples: Sequence[Example]) -> Labels:
    """Labels of the examples as arrays."""
    n, k = len(examples), len(NARRATIVES)
    presence = np.zeros((n, k), np.float32)
    mask = np.ones((n, k), np.float32)
    stance = np.full((n, k), -1, np.int64)
    rung = np.full(n, -1, np.int64)
    for i, example in enumerate(examples):
        for j, name in enumerate(NARRATIVES):
            presence[i, j] = example.has(name)
            mask[i, j] = name not in example.skip
            found = example.stance(name)
            stance[i, j] = list(Stance).index(found) if found else -1
        rung[i] = list(Rung).index(example.rung) if example.rung else -1
    weight = np.array([HARD_WEIGHT if e.hard else 1.0 for e in examples], np.float32)
    return Labels(presence, mask, stance, rung, weight)


def is_held_out(example: Example, share: float) -> bool:
    """Whether an example is kept from training, to calibrate on.

    Decided by a digest of its document's title (its own text where there is
    none), so that sentences of one document stay together.
    """
    key = example.sentence.title or example.sentence.text
    digest = hashlib.sha256(key.encode("utf-8", "replace")).digest()
    return int.from_bytes(digest[:4], "big") < share * 2**32
