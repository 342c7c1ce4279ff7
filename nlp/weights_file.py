"""The trained weights: one safetensors file, read and written here.

Keys ``adapter.<map>.a|b``, ``head.w1|b1|w2|b2`` (float16) and the calibration
(float32); the metadata say what they were trained for.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from moneygood.errors import ModelError
from moneygood.nlp.version import WEIGHTS

Array = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Purpose:
    """What weights were trained for: narratives, phrase groups, vector dimension."""

    narratives: tuple[str, ...]
    groups: tuple[tuple[str, str], ...]
    dimension: int


@dataclass(frozen=True, slots=True)
class Weights:
    """All tensors of the file by key, and their purpose."""

    purpose: Purpose
    tensors: Mapping[str, Array]

    def part(self, prefix: str) -> dict[str, Array]:
        """The tensors under a prefix, without it."""
        return {
            key.removeprefix(prefix): value
            for key, value in self.tensors.items()
            if key.startswith(prefix)
        }


def load_weights(path: Path = WEIGHTS) -> Weights:
    """Read the file. Raises ModelError if it is missing or damaged."""
    from safetensors import SafetensorError, safe_open

    if not path.is_file():
        raise ModelError(str(path), "is missing", "Make it: python -m moneygood.nlp.train")
    try:
        with safe_open(path, framework="numpy") as file:
            meta = json.loads(file.metadata()["moneygood"])
            keys = list(file.keys())
            tensors = {key: file.get_tensor(key).astype(np.float32) for key in keys}
        purpose = Purpose(
            narratives=tuple(meta["narratives"]),
            groups=tuple((n, g) for n, g in meta["groups"]),
            dimension=int(meta["dimension"]),
        )
    except (SafetensorError, KeyError, TypeError, ValueError) as error:
        raise ModelError(
            str(path), f"is damaged ({error})", "Restore it from the release, or train it again"
        ) from error
    return Weights(purpose, tensors)


def save_weights(path: Path, weights: Weights) -> None:
    """Write the file; all but the calibration in half precision."""
    from safetensors.numpy import save_file

    tensors = {
        key: value.astype(np.float32 if "." not in key else np.float16)
        for key, value in weights.tensors.items()
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    meta = json.dumps(asdict(weights.purpose), sort_keys=True)
    save_file(tensors, path, metadata={"moneygood": meta})
    path.chmod(0o644)
