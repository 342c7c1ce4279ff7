"""The sentences written for training, by id, for the dashboard."""

from __future__ import annotations

import importlib.util
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True, slots=True)
class TrainingSentence:
    """A training sentence; ``stances`` are (narrative, stance) of what it is labelled with."""

    text: str
    stances: tuple[tuple[str, str], ...]

    def stance(self, narrative: str) -> str:
        """The stance labelled for a narrative; "" where there is none."""
        return dict(self.stances).get(narrative, "")


def training_sentence(key: str) -> TrainingSentence | None:
    """The sentence of an id; None where this version has none of that id."""
    return _sentences().get(key)


@cache
def _sentences() -> dict[str, TrainingSentence]:
    # The files are read as they are: importing their package would bring in torch.
    spec = importlib.util.find_spec("moneygood.nlp")
    assert spec is not None
    assert spec.submodule_search_locations
    folder = Path(spec.submodule_search_locations[0]) / "training"
    rows = (
        json.loads(line)
        for file in sorted(folder.glob("*.jsonl"))
        for line in file.read_text("utf-8").split("\n")
        if line.strip()
    )
    return {
        str(row["id"]): TrainingSentence(
            row["text"], tuple((name, stance or "") for name, stance in row["labels"].items())
        )
        for row in rows
    }
