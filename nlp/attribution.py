"""Which words of a sentence carried a judgement.

A sentence's vector is the mean of its tokens' vectors, scaled to length 1, and
the heads read that and the phrase counts. So a presence logit can be dealt out
by integrated gradients (Sundararajan, Taly and Yan 2017) of the heads alone,
along the line from no sentence (zeros) to the sentence. The shares add up, and
the encoder need not be run backwards.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from scipy.special import erf

from moneygood.nlp.encoder import Encoder
from moneygood.nlp.heads import VECTOR_SCALE
from moneygood.nlp.weights_file import Array
from moneygood.records import Span

_STEPS = 12


@dataclass(frozen=True, slots=True)
class Reading:
    """A sentence as the encoder read it.

    ``tokens`` (n, d) are the vectors of its tokens, ``spans`` where each stands in
    its text; ``vector`` and ``context`` (d,) are those the heads read.
    """

    tokens: Array
    spans: tuple[Span, ...]
    vector: Array
    context: Array


@dataclass(frozen=True, slots=True)
class Contributions:
    """A presence logit, dealt out: to each token (n,), and to each count of phrases (g,)."""

    tokens: Array
    counts: Array


@torch.inference_mode()
def read_tokens(
    encoder: Encoder, pairs: Sequence[tuple[str, str]]
) -> Iterator[tuple[int, Reading]]:
    """(row, reading) of (sentence, context) pairs, in order of length.

    An encoder whose tokenizer keeps no offsets gives readings without tokens.
    """
    tokens = encoder.tokens(pairs)
    spans = _offsets(encoder, [sentence for sentence, _ in pairs])
    order = sorted(range(len(pairs)), key=lambda i: (len(tokens[i].ids), tokens[i].ids))
    for start in range(0, len(order), encoder.device.batch_size):
        rows = order[start : start + encoder.device.batch_size]
        hidden, part = encoder.hidden([tokens[i] for i in rows])
        for i, h, p in zip(rows, hidden.float().cpu().numpy(), part.cpu().numpy(), strict=True):
            own = h[p == 1]
            known = spans[i][: len(own)]
            read = own if len(known) == len(own) else own[:0]
            yield i, Reading(read, tuple(known[: len(read)]), _unit(own), _unit(h[p == 0]))


def _offsets(encoder: Encoder, texts: list[str]) -> list[list[Span]]:
    if not texts or not encoder.tokenizer.is_fast:
        return [[] for _ in texts]
    found: list[list[Span]] = encoder.tokenizer(
        texts, add_special_tokens=False, return_offsets_mapping=True, verbose=False
    )["offset_mapping"]
    return found


def _unit(tokens: Array) -> Array:
    if not len(tokens):
        return np.zeros(tokens.shape[1], dtype=np.float32)
    mean = tokens.mean(0)
    return np.asarray(mean / max(float(np.linalg.norm(mean)), 1e-12), dtype=np.float32)


def contributions(
    head: dict[str, Array], reading: Reading, side: Array, counts: int, narrative: int
) -> Contributions:
    """What each token and each of the first ``counts`` side features added to a presence logit.

    ``head`` are the heads' weights, ``side`` (f,) the side features of the sentence.
    All contributions together are the logit less the logit with neither the
    sentence's vector nor its phrases, up to the error of the sum over steps.
    """
    d = len(reading.vector)
    w1, out = head["w1"], head["w2"][narrative]
    own, own_counts = w1[:, :d] * VECTOR_SCALE, w1[:, 2 * d : 2 * d + counts]
    moved = own @ reading.vector + own_counts @ side[:counts]
    still = w1[:, d : 2 * d] @ (reading.context * VECTOR_SCALE) + head["b1"]
    still = still + w1[:, 2 * d + counts :] @ side[counts:]
    along = ((np.arange(_STEPS) + 0.5) / _STEPS).astype(np.float32)
    slope = _gelu_slope(still + along[:, None] * moved).mean(0) * out
    mean = reading.tokens.mean(0) if len(reading.tokens) else reading.vector
    length = max(float(np.linalg.norm(mean)) * len(reading.tokens), 1e-12)
    return Contributions(
        np.asarray(reading.tokens @ (slope @ own) / length, dtype=np.float32),
        np.asarray((slope @ own_counts) * side[:counts], dtype=np.float32),
    )


def _gelu_slope(x: Array) -> Array:
    normal = 0.5 * (1.0 + erf(x / np.sqrt(2.0)))
    return np.asarray(normal + x * np.exp(-0.5 * x * x) / np.sqrt(2.0 * np.pi), dtype=np.float32)
