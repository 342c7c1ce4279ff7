"""The sentence written for training that a sentence reads most like.

Vectors of the training sentences that carry a narrative are made once for each
set of weights and kept beside them: ``python -m moneygood.nlp.nearest``.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from moneygood.errors import ModelError
from moneygood.nlp.device import Device, choose_device
from moneygood.nlp.encoder import Encoder
from moneygood.nlp.examples import Example, written_by_id, written_examples
from moneygood.nlp.spoken import written
from moneygood.nlp.version import WEIGHTS
from moneygood.nlp.weights_file import Array, load_weights

_REMEDY = "Make it: python -m moneygood.nlp.nearest"
_STEPS = 127


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A training sentence and the cosine of its vector with another, -1 to 1."""

    example: Example
    similarity: float


class Neighbours:
    """Training sentences with their vectors (n, d), row by row."""

    def __init__(self, examples: Sequence[Example], vectors: Array) -> None:
        self.examples = tuple(examples)
        self.vectors = vectors
        self._rows: dict[str, npt.NDArray[np.intp]] = {
            name: np.array([i for i, e in enumerate(examples) if e.has(name)])
            for name in {name for e in examples for name, _ in e.labels}
        }

    def __len__(self) -> int:
        return len(self.examples)

    def nearest(self, vector: Array, narrative: str) -> Neighbour | None:
        """The sentence nearest to a vector (d,) of length 1 by cosine.

        One labelled with the narrative; any, where none is.
        """
        rows = self._rows.get(narrative, np.arange(len(self.examples)))
        if not len(rows) or not vector.any():
            return None
        near = self.vectors[rows] @ vector
        best = int(np.argmax(near))
        similarity = float(np.clip(near[best], -1.0, 1.0))
        return Neighbour(self.examples[int(rows[best])], similarity)


def neighbours_path(weights: Path = WEIGHTS) -> Path:
    """Where the vectors that belong to a weights file are kept."""
    return weights.with_name(f"{weights.stem}.nearest.safetensors")


def make_neighbours(encoder: Encoder, examples: Sequence[Example]) -> Neighbours:
    """Vectors of the examples that carry a narrative, each read with its context."""
    chosen = [e for e in examples if e.labels]
    read = [written(e.sentence) for e in chosen]
    vectors, _ = encoder.encode([(s.text, s.context) for s in read])
    return Neighbours(chosen, vectors)


def save_neighbours(neighbours: Neighbours, weights: Path, encoder: Path | None = None) -> Path:
    """Write the vectors beside the weights they were made with; returns the file."""
    from safetensors.numpy import save_file

    vectors = neighbours.vectors
    scale = np.abs(vectors).max(axis=1, initial=1e-12).astype(np.float32) / _STEPS
    meta = {
        "made_with": _made_with(weights, encoder),
        "ids": [e.id for e in neighbours.examples],
    }
    path = neighbours_path(weights)
    save_file(
        {"vectors": np.rint(vectors / scale[:, None]).astype(np.int8), "scale": scale},
        path,
        metadata={"moneygood": json.dumps(meta)},
    )
    path.chmod(0o644)
    return path


def load_neighbours(weights: Path = WEIGHTS, encoder: Path | None = None) -> Neighbours:
    """Read the vectors kept beside a weights file.

    Sentences that have left the training files since are left out. Raises
    ModelError if the file is missing, damaged, or made with other weights.
    """
    from safetensors import SafetensorError, safe_open

    path = neighbours_path(weights)
    if not path.is_file():
        raise ModelError(str(path), "is missing", _REMEDY)
    try:
        with safe_open(path, framework="numpy") as file:
            meta = json.loads(file.metadata()["moneygood"])
            vectors = file.get_tensor("vectors").astype(np.float32)
            vectors *= file.get_tensor("scale")[:, None]
        made_with, ids = str(meta["made_with"]), list(meta["ids"])
        if len(ids) != len(vectors):
            raise ValueError(f"{len(ids)} names for {len(vectors)} vectors")
    except (SafetensorError, KeyError, TypeError, ValueError) as error:
        raise ModelError(str(path), f"is damaged ({error})", _REMEDY) from error
    if made_with != _made_with(weights, encoder):
        raise ModelError(str(path), "was made with other weights", _REMEDY)
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    known = written_by_id()
    rows = [i for i, key in enumerate(ids) if key in known]
    return Neighbours([known[ids[i]] for i in rows], vectors[rows])


def _made_with(weights: Path, encoder: Path | None) -> str:
    name = encoder.name if encoder else "minilm"
    return f"{name}.{hashlib.sha256(weights.read_bytes()).hexdigest()}"


def write_neighbours(device: Device, weights: Path = WEIGHTS, encoder: Path | None = None) -> Path:
    """Read the training sentences with these weights and keep their vectors."""
    reader = Encoder(device, encoder, load_weights(weights).part("adapter."))
    return save_neighbours(make_neighbours(reader, written_examples()), weights, encoder)


def main() -> None:
    """Command line: see the module's first lines."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--weights", type=Path, default=WEIGHTS)
    parser.add_argument("--encoder", type=Path, help="directory of another encoder")
    parser.add_argument("--device", default="auto")
    arguments = parser.parse_args()
    device = choose_device(arguments.device)
    path = write_neighbours(device, arguments.weights, arguments.encoder)
    print(f"{path}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
