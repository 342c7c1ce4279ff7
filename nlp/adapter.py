"""Small trained changes to an encoder's weights (LoRA, Hu et al. 2021).

Beside each linear map W of the encoder's layers stand two thin matrices; the
map becomes W + 2 B A. They are trained alone, weigh a megabyte, and are added
into W when the encoder is loaded, so that reading costs nothing more.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import torch

from moneygood.errors import ModelError

SCALE = 2.0


class Adapted(torch.nn.Module):
    """A frozen linear map and its trained change."""

    def __init__(self, linear: torch.nn.Linear, rank: int, dropout: float) -> None:
        super().__init__()
        self.linear = linear
        start = torch.randn(rank, linear.in_features) / math.sqrt(linear.in_features)
        self.a = torch.nn.Parameter(start)
        self.b = torch.nn.Parameter(torch.zeros(linear.out_features, rank))
        self.dropout = torch.nn.Dropout(dropout)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """W x + 2 B A x."""
        functional = torch.nn.functional
        change = functional.linear(functional.linear(self.dropout(x), self.a), self.b)
        return torch.as_tensor(self.linear(x) + SCALE * change)


def linear_maps(model: torch.nn.Module) -> Iterator[tuple[str, torch.nn.Linear]]:
    """The linear maps inside the layers of an encoder, by name."""
    for name, module in model.named_modules():
        if isinstance(module, torch.nn.Linear) and "layer" in name:
            yield name, module


def add_adapters(model: torch.nn.Module, *, rank: int, dropout: float) -> dict[str, Adapted]:
    """Freeze the model and put an adapter beside each linear map; returns them by name."""
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    adapters = {name: Adapted(linear, rank, dropout) for name, linear in list(linear_maps(model))}
    for name, adapter in adapters.items():
        parent, _, child = name.rpartition(".")
        setattr(model.get_submodule(parent), child, adapter)
    return adapters


def merge(model: torch.nn.Module, tensors: Mapping[str, torch.Tensor]) -> None:
    """Add trained changes (``<name>.a``, ``<name>.b``) into a freshly loaded model.

    Raises ModelError when they were trained for another encoder.
    """
    maps = dict(linear_maps(model))
    names = {key.rpartition(".")[0] for key in tensors}
    for name in sorted(names):
        linear = maps.get(name)
        a, b = tensors[f"{name}.a"], tensors[f"{name}.b"]
        if linear is None or linear.weight.shape != (b.shape[0], a.shape[1]):
            raise ModelError(
                f"adapter {name}",
                "was trained for another encoder",
                "Train it again: python -m moneygood.nlp.train --encoder DIR",
            )
        with torch.no_grad():
            linear.weight += SCALE * (b.float() @ a.float())
