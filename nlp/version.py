"""The name of a scorer, known without loading it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

FOLDER = Path(__file__).parent
WEIGHTS = FOLDER / "weights" / "moneygood.safetensors"
SIEVE = FOLDER / "weights" / "moneygood.sieve.safetensors"
NARRATIVES = FOLDER / "narratives.toml"
SPOKEN = FOLDER / "spoken.toml"


def scorer_version(
    weights: Path = WEIGHTS,
    encoder: Path | None = None,
    own: Iterable[Path] = (),
    sieve: Path | None = None,
) -> str:
    """The version a scorer made of these files has.

    Names the encoder and a digest of the weights, of the definitions, of the
    rules for speech recognition, of the trained heads of the user's own narratives
    and of the sieve, where one is used: any of them changed is another scorer.
    """
    digest = hashlib.sha256(weights.read_bytes())
    digest.update(NARRATIVES.read_bytes())
    digest.update(SPOKEN.read_bytes())
    for head in sorted(hashlib.sha256(path.read_bytes()).digest() for path in own):
        digest.update(head)
    if sieve is not None:
        digest.update(sieve.read_bytes())
    name = encoder.name if encoder else "minilm"
    return f"{name}.{digest.hexdigest()[:10]}"
