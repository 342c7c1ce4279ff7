"""What a few-shot head reads: layers of the encoder, made comparable, and phrase counts.

The last layer of the trained encoder keeps little but the built-in narratives.
What a sentence is about stands in its earlier layers, so four of them are
read, in the same pass, at no cost. Each is whitened by the background: a
direction in which all sentences differ counts for little (Mahalanobis).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from moneygood.nlp.lexicon import Hit
from moneygood.nlp.weights_file import Array

SHRINKAGE = 0.1
_CAP = 2.0
_COUNT_SCALE = 0.25


def layers_read(depth: int) -> tuple[int, ...]:
    """The layers a head reads of an encoder with so many: first, thirds, last."""
    return tuple(sorted({round(i * depth / 3) for i in range(4)}))


@dataclass(frozen=True, slots=True)
class Whitening:
    """Per layer the background's mean (l, d) and the map (l, d, d) to unit covariance."""

    mean: Array
    map: Array

    @classmethod
    def of(cls, background: Array) -> Whitening:
        """From the layers of background sentences (n, l, d); covariance shrunk to a ball."""
        layers, dimension = background.shape[1:]
        means, maps = [], []
        for layer in range(layers):
            x = background[:, layer].astype(np.float64)
            values, axes = np.linalg.eigh(np.cov(x.T))
            values = (1 - SHRINKAGE) * values + SHRINKAGE * values.mean()
            unit = axes / np.sqrt(np.maximum(values, 1e-12)) @ axes.T
            means.append(x.mean(axis=0))
            maps.append(unit / np.sqrt(dimension * layers))
        return cls(np.array(means, np.float32), np.array(maps, np.float32))

    def apply(self, layers: Array) -> Array:
        """Features (n, l * d) of layers (n, l, d)."""
        white = np.einsum("nld,lde->nle", layers - self.mean, self.map, optimize=True)
        return np.asarray(white.reshape(len(layers), -1), dtype=np.float32)

    def fold(self, weights: Array) -> tuple[Array, Array]:
        """Weights (k, l * d) on features as weights (k, l * d) and offsets (k) on raw layers."""
        per_layer = weights.reshape(len(weights), *self.mean.shape)
        raw = np.einsum("lde,kle->kld", self.map, per_layer, optimize=True)
        offset = -np.einsum("kld,ld->k", raw, self.mean)
        return raw.reshape(len(weights), -1).astype(np.float32), offset.astype(np.float32)


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
