"""A head without training: for tests of what is done with heads."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from moneygood.nlp.own.definition import read_narrative
from moneygood.nlp.own.head import Facts, Head, Report

EXAMPLE = Path(__file__).parents[2] / "docs" / "narratives" / "tariffs_once.toml"
BASE = "minilm.base"


def planted_head(file: Path, base: str = BASE) -> Head:
    """A head of a definition file that calls nothing."""
    narrative = read_narrative(file)
    report = Report(12, 11, 100, 0.9, 0.8, 0.85, 0.7, 0, 0.0, (), (), ())
    facts = Facts(narrative.words, narrative.patterns, base, narrative.digest, 1, (3, 5), report)
    size = 2 * 384
    groups = len(narrative.words.groups) + bool(narrative.patterns) + 1
    tensors = {
        "presence_w": np.zeros(size + groups, np.float32),
        "presence_b": np.array([-9.0], np.float32),
        "stance_w": np.zeros((3, size), np.float32),
        "stance_b": np.zeros(3, np.float32),
        "slope": np.ones(1, np.float32),
        "offset": np.zeros(1, np.float32),
    }
    return Head(facts, tensors)
