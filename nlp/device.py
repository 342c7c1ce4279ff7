"""CPU or GPU: decided here and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from moneygood.errors import ModelError


@dataclass(frozen=True, slots=True)
class Device:
    """Where the encoder runs: a torch device name and the sentences of one pass."""

    name: str
    batch_size: int

    @property
    def is_gpu(self) -> bool:
        """Whether it is a CUDA card."""
        return self.name.startswith("cuda")


def choose_device(wanted: str = "auto", *, batch_size: int = 64, threads: int = 0) -> Device:
    """The device to score on; sets torch's CPU threads once.

    ``auto`` takes CUDA where torch sees a card. A GPU pass holds eight times
    the sentences of a CPU pass. Raises ModelError when CUDA is asked for and
    absent.
    """
    if threads:
        torch.set_num_threads(threads)
    present = torch.cuda.is_available()
    if wanted == "cpu" or (wanted == "auto" and not present):
        return Device("cpu", batch_size)
    if not present:
        raise ModelError(
            f"device {wanted!r}",
            "torch sees no CUDA card",
            "Set MONEYGOOD_SCORING__DEVICE=cpu, or install a CUDA build of torch",
        )
    return Device("cuda" if wanted == "auto" else wanted, batch_size * 8)
