"""What the training minimises, and which weights it keeps."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from moneygood.nlp.labels import NARRATIVES, Labels
from moneygood.nlp.network import Average, Balance, Recipe, loss_of

K = len(NARRATIVES)


def labels(stances: list[int], rungs: list[int]) -> Labels:
    """Rows where the first narrative is present with a stance."""
    n = len(stances)
    presence = np.zeros((n, K), np.float32)
    presence[:, 0] = 1
    stance = np.full((n, K), -1, np.int64)
    stance[:, 0] = stances
    ones = np.ones((n, K), np.float32)
    return Labels(presence, ones, stance, np.array(rungs, np.int64), np.ones(n, np.float32))


def test_rare_stances_and_rungs_weigh_more_and_at_most_threefold() -> None:
    balance = Balance.of(labels([0] * 97 + [1, 2, 2], [-1] * 90 + [0] * 9 + [1]), "cpu")
    affirm, doubt, neutral = balance.stance[0].tolist()
    assert affirm == pytest.approx((100 / 3 / 97) ** 0.5)
    assert neutral == 3.0
    assert doubt == 3.0
    assert balance.rung.tolist() == pytest.approx(
        [(10 / 3 / 9) ** 0.5, (10 / 3) ** 0.5, 1.8257], abs=1e-3
    )


def test_a_right_answer_costs_less_than_a_wrong_one() -> None:
    seen = labels([1, 0], [2, -1])
    balance = Balance.of(seen, "cpu")

    def cost(stance: int, rung: int) -> float:
        z = torch.full((2, K + 3 * K + 3), -4.0)
        z[:, 0] = 4.0
        z[0, K + stance] = 4.0
        z[1, K] = 4.0
        z[0, 4 * K + rung] = 4.0
        return float(loss_of(z, seen, balance, Recipe()))

    assert cost(1, 2) < cost(1, 0)
    assert cost(1, 2) < cost(0, 2)


def test_what_is_unlabelled_costs_nothing() -> None:
    seen = labels([-1], [-1])
    z = torch.zeros((1, 4 * K + 3), requires_grad=True)
    loss = loss_of(z, seen, Balance.of(labels([0, 1, 2], [0, 1, 2]), "cpu"), Recipe())
    (slope,) = torch.autograd.grad(loss, z)
    assert slope[:, :K].abs().min() > 0
    assert slope[:, K:].abs().max() == 0


def test_the_mean_of_the_weights_is_kept() -> None:
    parameter = torch.nn.Parameter(torch.zeros(1))
    mean = Average([parameter], 0.5)
    for value in (1.0, 1.0, 1.0):
        parameter.data.fill_(value)
        mean.add()
    mean.take()
    # Decay warms up: 2/11, 3/12, 4/13 of the old mean are kept.
    assert parameter.item() == pytest.approx(1 - (2 / 11) * (3 / 12) * (4 / 13))
