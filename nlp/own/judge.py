"""Layers and hits to judgements of the user's own narratives."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.special import expit, softmax

from moneygood.nlp.lexicon import Hit
from moneygood.nlp.own.features import counts, vectors
from moneygood.nlp.own.head import Head
from moneygood.nlp.weights_file import Array

THRESHOLD = 0.5
Verdict = tuple[str, float, Array]


def judge(
    heads: Sequence[Head], layers: Array, hits: Sequence[Sequence[Hit]]
) -> list[list[Verdict]]:
    """For each sentence and head (narrative, probability, stance probabilities (3)).

    ``layers`` (n, l, d) are the sentences' vectors in the layers the heads read. A narrative is
    present from THRESHOLD, which its calibration puts where it was chosen to be.
    """
    flat = vectors(layers)
    columns = []
    for head in heads:
        t = head.tensors
        x = np.concatenate([flat, counts(hits, head.id, head.groups)], axis=1)
        p = expit((x @ t["presence_w"] + t["presence_b"]) * t["slope"] + t["offset"])
        stance = softmax(flat @ t["stance_w"].T + t["stance_b"], axis=1)
        columns.append((head.id, p, stance))
    return [[(name, float(p[i]), s[i]) for name, p, s in columns] for i in range(len(flat))]
