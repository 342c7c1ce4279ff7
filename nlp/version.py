"""The name of a scorer, known without loading it."""

from __future__ import annotations

import hashlib
from pathlib import Path

FOLDER = Path(__file__).parent
WEIGHTS = FOLDER / "weights" / "moneygood.safetensors"
NARRATIVES = FOLDER / "narratives.toml"
SPOKEN = FOLDER / "spoken.toml"


def scorer_version(weights: Path = WEIGHTS, encoder: Path | None = None) -> str:
    """The version a scorer made of these files has.

    Names the encoder and a digest of the weights, of the definitions and of the
    rules for speech recognition: any of them changed is another scorer.
    """
    digest = hashlib.sha256(weights.read_bytes())
    digest.update(NARRATIVES.read_bytes())
    digest.update(SPOKEN.read_bytes())
    name = encoder.name if encoder else "minilm"
    return f"{name}.{digest.hexdigest()[:10]}"
