"""A presence logit is dealt out whole, and as automatic differentiation would deal it."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from moneygood.nlp.attribution import Reading, contributions, read_tokens
from moneygood.nlp.heads import VECTOR_SCALE
from moneygood.nlp.scorer import Scorer
from moneygood.nlp.weights_file import Array

D, COUNTS, KINDS, HIDDEN, OUT = 6, 4, 3, 9, 5
PAIRS = [
    ("Halls are built in Oslo.", "It rained."),
    ("They will be fine.", ""),
    ("", "Nothing was said."),
]


def random_head(seed: int) -> tuple[dict[str, Array], Reading, Array]:
    chance = np.random.default_rng(seed)
    tokens = chance.normal(size=(7, D)).astype(np.float32)
    mean = tokens.mean(0)
    context = chance.normal(size=D).astype(np.float32)
    head = {
        "w1": chance.normal(size=(HIDDEN, 2 * D + 2 * COUNTS + KINDS)).astype(np.float32) * 0.2,
        "b1": chance.normal(size=HIDDEN).astype(np.float32),
        "w2": chance.normal(size=(OUT, HIDDEN)).astype(np.float32),
        "b2": chance.normal(size=OUT).astype(np.float32),
    }
    side = chance.integers(0, 3, 2 * COUNTS + KINDS).astype(np.float32)
    spans = tuple((i, i + 1) for i in range(len(tokens)))
    return head, Reading(tokens, spans, mean / np.linalg.norm(mean), context), side


def logit(
    head: dict[str, Array], vector: torch.Tensor, context: Array, side: torch.Tensor, narrative: int
) -> torch.Tensor:
    """The heads in torch."""
    w = {key: torch.from_numpy(value) for key, value in head.items()}
    scaled = [vector * VECTOR_SCALE, torch.from_numpy(context) * VECTOR_SCALE, side]
    hidden = torch.nn.functional.gelu(w["w1"] @ torch.cat(scaled) + w["b1"])
    return (w["w2"] @ hidden + w["b2"])[narrative]


@pytest.mark.parametrize("seed", range(4))
def test_the_parts_are_those_of_automatic_differentiation(seed: int) -> None:
    head, reading, side = random_head(seed)
    found = contributions(head, reading, side, COUNTS, narrative=2)
    vector, counts = torch.from_numpy(reading.vector), torch.from_numpy(side[:COUNTS])
    rest = torch.from_numpy(side[COUNTS:])
    slopes, count_slopes = torch.zeros(D), torch.zeros(COUNTS)
    steps = 12
    for i in range(steps):
        along = (i + 0.5) / steps
        v = (vector * along).requires_grad_()
        c = (counts * along).requires_grad_()
        z = logit(head, v, reading.context, torch.cat([c, rest]), 2)
        dv, dc = torch.autograd.grad(z, (v, c))
        slopes, count_slopes = slopes + dv / steps, count_slopes + dc / steps
    length = float(np.linalg.norm(reading.tokens.mean(0))) * len(reading.tokens)
    assert found.tokens == pytest.approx(reading.tokens @ slopes.numpy() / length, abs=1e-4)
    assert found.counts == pytest.approx(side[:COUNTS] * count_slopes.numpy(), abs=1e-4)


@pytest.mark.parametrize("seed", range(4))
def test_the_parts_add_up_to_what_the_sentence_added(seed: int) -> None:
    head, reading, side = random_head(seed)
    found = contributions(head, reading, side, COUNTS, narrative=1)
    full = logit(head, torch.from_numpy(reading.vector), reading.context, torch.from_numpy(side), 1)
    without = torch.from_numpy(np.concatenate([np.zeros(COUNTS, np.float32), side[COUNTS:]]))
    empty = logit(head, torch.zeros(D), reading.context, without, 1)
    dealt = float(found.tokens.sum() + found.counts.sum())
    assert dealt == pytest.approx(float(full - empty), abs=0.02)


def test_the_heads_in_torch_are_the_heads_in_numpy(scorer: Scorer) -> None:
    weights = scorer.heads.weights
    chance = np.random.default_rng(5)
    vector, context = chance.normal(size=(2, weights.purpose.dimension)).astype(np.float32) * 0.05
    side = np.zeros(weights.part("head.")["w1"].shape[1] - 2 * len(vector), np.float32)
    x = np.concatenate([vector * VECTOR_SCALE, context * VECTOR_SCALE, side])[None]
    verdict = scorer.heads.judge(x)
    for j in range(len(weights.purpose.narratives)):
        z = logit(
            weights.part("head."), torch.from_numpy(vector), context, torch.from_numpy(side), j
        )
        slope, offset = (float(weights.tensors[key][j]) for key in ("slope", "offset"))
        assert torch.sigmoid(z * slope + offset).item() == pytest.approx(
            verdict.presence[0, j], abs=1e-4
        )


def test_tokens_are_read_as_the_scorer_reads_them(scorer: Scorer) -> None:
    vectors, contexts = scorer.encoder.encode(PAIRS)
    readings = dict(read_tokens(scorer.encoder, PAIRS))
    assert sorted(readings) == [0, 1, 2]
    for i, (text, _) in enumerate(PAIRS):
        assert readings[i].vector == pytest.approx(vectors[i], abs=1e-4)
        assert readings[i].context == pytest.approx(contexts[i], abs=1e-4)
        read = "".join(text[a:b] for a, b in readings[i].spans)
        assert read == text.replace(" ", "")
