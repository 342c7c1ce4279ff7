"""What is trained: the encoder with adapters and heads, its loss, and the mean of its weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from moneygood.nlp.encoder import Encoder, Tokens
from moneygood.nlp.heads import RUNGS, STANCES, VECTOR_SCALE
from moneygood.nlp.labels import NARRATIVES, Labels
from moneygood.nlp.weights_file import Array


@dataclass(frozen=True, slots=True)
class Recipe:
    """Settings of a training run.

    ``context_dropout`` is the share of sentences read without the one before them.
    ``average`` is the decay of the running mean of the weights, which is what is
    kept (Polyak averaging); it warms up with the steps.
    """

    rank: int = 16
    adapter_dropout: float = 0.1
    hidden: int = 192
    dropout: float = 0.3
    epochs: int = 4
    learning_rate: float = 1e-3
    precision: str = "float32"
    context_dropout: float = 0.1
    average: float = 0.998
    stance_weight: float = 1.2
    rung_weight: float = 0.8
    weight_decay: float = 0.01
    batch: int = 32
    held_out: float = 0.12
    seed: int = 20070807


class Network(torch.nn.Module):
    """The encoder with adapters, and one hidden layer with three heads on it."""

    def __init__(self, encoder: Encoder, side: int, recipe: Recipe) -> None:
        super().__init__()
        self.encoder = encoder
        k = len(NARRATIVES)
        self.model = encoder.model
        self.hidden = torch.nn.Linear(2 * encoder.dimension + side, recipe.hidden)
        self.dropout = torch.nn.Dropout(recipe.dropout)
        self.out = torch.nn.Linear(recipe.hidden, k + k * STANCES + RUNGS)
        self.to(encoder.device.name)

    def forward(self, tokens: Sequence[Tokens], side: torch.Tensor) -> torch.Tensor:
        """Logits (n, k + 3k + 3): presence, stance, rung."""
        one, other = self.encoder.forward(tokens)
        x = torch.cat([one * VECTOR_SCALE, other * VECTOR_SCALE, side], dim=1)
        hidden = torch.nn.functional.gelu(self.hidden(self.dropout(x)))
        return torch.as_tensor(self.out(self.dropout(hidden)))


@dataclass(frozen=True, slots=True)
class Balance:
    """Weights of stances (k, 3) and rungs (3): the rarer, the heavier, at most threefold."""

    stance: torch.Tensor
    rung: torch.Tensor

    @classmethod
    def of(cls, labels: Labels, device: str) -> Balance:
        """Weights from how often each is labelled: the root of the inverse share."""
        stances = [_root_weights(column, STANCES) for column in labels.stance.T]
        rungs = _root_weights(labels.rung, RUNGS)
        return cls(
            torch.tensor(np.array(stances), dtype=torch.float32, device=device),
            torch.tensor(rungs, dtype=torch.float32, device=device),
        )


def _root_weights(values: npt.NDArray[np.int64], kinds: int) -> Array:
    counts = np.bincount(values[values >= 0], minlength=kinds)
    even = counts.sum() / kinds
    weights = np.clip(np.sqrt(even / np.maximum(counts, 1)), 0.5, 3.0)
    return np.asarray(weights, dtype=np.float32)


def loss_of(z: torch.Tensor, labels: Labels, balance: Balance, recipe: Recipe) -> torch.Tensor:
    """Mean loss of a batch: presence, stance and rung where labelled, weighed by the recipe."""
    functional = torch.nn.functional
    k = len(NARRATIVES)

    def tensor(values: Any) -> torch.Tensor:
        return torch.from_numpy(values).to(z.device)

    presence = functional.binary_cross_entropy_with_logits(
        z[:, :k], tensor(labels.presence), reduction="none"
    )
    total = (presence * tensor(labels.mask * labels.weight[:, None])).sum()
    stances = z[:, k : k + k * STANCES].reshape(-1, k, STANCES)
    stance = sum(
        functional.cross_entropy(
            stances[:, j],
            tensor(labels.stance[:, j]),
            weight=balance.stance[j],
            ignore_index=-1,
            reduction="none",
        ).sum()
        for j in range(k)
    )
    rung = functional.cross_entropy(
        z[:, k + k * STANCES :],
        tensor(labels.rung),
        weight=balance.rung,
        ignore_index=-1,
        reduction="none",
    ).sum()
    return (total + recipe.stance_weight * stance + recipe.rung_weight * rung) / len(labels.weight)


class Average:
    """Running mean of parameters; ``take`` puts it in their place."""

    def __init__(self, parameters: Sequence[torch.nn.Parameter], decay: float) -> None:
        self.parameters, self.decay, self.steps = parameters, decay, 0
        self.means = [p.detach().clone() for p in parameters]

    @torch.no_grad()
    def add(self) -> None:
        """Count the parameters as they are now."""
        self.steps += 1
        decay = min(self.decay, (1 + self.steps) / (10 + self.steps))
        for mean, parameter in zip(self.means, self.parameters, strict=True):
            mean.lerp_(parameter, 1 - decay)

    @torch.no_grad()
    def take(self) -> None:
        """Set the parameters to their mean."""
        for mean, parameter in zip(self.means, self.parameters, strict=True):
            parameter.copy_(mean)
