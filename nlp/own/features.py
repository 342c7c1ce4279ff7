"""What a few-shot head reads: layers of the encoder, and phrase counts.

The last layer of the trained encoder keeps little but the built-in narratives, the first
know words alone. What a sentence claims, on any subject, stands in between: the middle
layer and the last but one are read, in the same pass, at no cost.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from moneygood.nlp.lexicon import Hit
from moneygood.nlp.weights_file import Array

_SCALE = 4.0
_CAP = 2.0
_COUNT_SCALE = 0.25


def layers_read(depth: int) -> tuple[int, ...]:
    """The layers a head reads of an encoder with so many: the middle one and the last but one."""
    return tuple(sorted({depth // 2, max(depth - 1, 0)}))


def vectors(layers: Array) -> Array:
    """Features (n, l * d) of layers (n, l, d)."""
    return np.asarray(layers.reshape(len(layers), -1) * _SCALE, dtype=np.float32)


def counts(hits: Sequence[Sequence[Hit]], narrative: str, groups: Sequence[str]) -> Array:
    """How often each group of a narrative was found, and last how many were: (n, groups + 1)."""
    out = np.zeros((len(hits), len(groups) + 1), np.float32)
    column = {group: i for i, group in enumerate(groups)}
    for i, found in enumerate(hits):
        for name, group, _span in found:
            if name == narrative and group in column:
                out[i, column[group]] += 1
    out[:, -1] = (out[:, :-1] > 0).sum(axis=1)
    out[:, :-1] = np.minimum(out[:, :-1], _CAP)
    return out * np.float32(_COUNT_SCALE)
