"""One teacher for all tests of few-shot heads, on a part of the background."""

from __future__ import annotations

from pathlib import Path

import pytest

from moneygood.nlp.encoder import Encoder
from moneygood.nlp.examples import written_examples
from moneygood.nlp.own.definition import read_narrative
from moneygood.nlp.own.fit import Background, fit
from moneygood.nlp.own.head import Head, save_head
from moneygood.nlp.scorer import Scorer
from moneygood.nlp.version import scorer_version
from moneygood.reading import make_scorer
from moneygood.settings import load_settings

EXAMPLE = Path(__file__).parents[3] / "docs" / "narratives" / "tariffs_once.toml"
STEP = 7
"""Every so many background sentences are learned from; those between are not seen."""


@pytest.fixture(scope="session")
def scorer() -> Scorer:
    """The shipped scorer, without narratives of the user's own."""
    settings = load_settings().scoring
    return make_scorer(
        settings.model_copy(update={"device": "cpu", "threads": 1, "narratives": ()})
    )


@pytest.fixture(scope="session")
def encoder(scorer: Scorer) -> Encoder:
    """Its encoder."""
    return scorer.encoder


@pytest.fixture(scope="session")
def background(encoder: Encoder) -> Background:
    """A seventh of the project's training sentences."""
    return Background.of(written_examples()[::STEP], encoder, None)


@pytest.fixture(scope="session")
def tariffs(encoder: Encoder, background: Background) -> Head:
    """The head of the worked example in ``docs/narratives``."""
    return fit(read_narrative(EXAMPLE), encoder, background, base=scorer_version(), seed=7)


@pytest.fixture(scope="session")
def head_file(tariffs: Head, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its file."""
    path = tmp_path_factory.mktemp("own") / "tariffs_once.safetensors"
    save_head(path, tariffs)
    return path
