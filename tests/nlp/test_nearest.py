"""The nearest training sentence, and the file its vectors are kept in."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from moneygood.errors import ModelError
from moneygood.nlp.examples import Example, written_by_id
from moneygood.nlp.nearest import (
    Neighbours,
    load_neighbours,
    make_neighbours,
    neighbours_path,
    save_neighbours,
)
from moneygood.nlp.scorer import Scorer
from moneygood.nlp.version import WEIGHTS
from moneygood.nlp.weights_file import Array
from moneygood.records import Sentence, Stance

LARGEST = 1_500_000


def example(key: str, *narratives: str) -> Example:
    labels = tuple((name, Stance.AFFIRM) for name in narratives)
    return Example(key, Sentence(f"Text of {key}."), labels, None, frozenset(), False)


def unit(*values: float) -> Array:
    vector = np.array(values, np.float32)
    return np.asarray(vector / np.linalg.norm(vector), np.float32)


NEIGHBOURS = Neighbours(
    [example("a", "jevons"), example("b", "deepseek"), example("c", "jevons", "deepseek")],
    np.stack([unit(1, 0), unit(1, 1), unit(0, 1)]),
)


def test_the_nearest_of_the_same_narrative_is_named() -> None:
    found = NEIGHBOURS.nearest(unit(3, 2), "jevons")
    assert found is not None
    assert found.example.id == "a"
    assert found.similarity == pytest.approx(3 / 13**0.5)


def test_where_none_has_the_narrative_any_may_be() -> None:
    found = NEIGHBOURS.nearest(unit(3, 2), "tariffs")
    assert found is not None
    assert found.example.id == "b"


def test_a_sentence_without_words_has_no_neighbour() -> None:
    assert NEIGHBOURS.nearest(np.zeros(2, np.float32), "jevons") is None
    assert Neighbours([], np.zeros((0, 2), np.float32)).nearest(unit(1, 0), "jevons") is None


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    return Path(shutil.copy(WEIGHTS, tmp_path / "w.safetensors"))


def test_the_file_gives_back_the_vectors(weights: Path) -> None:
    known = [e for e in written_by_id().values() if e.labels][:40]
    rng = np.random.default_rng(2)
    vectors = np.stack([unit(*rng.normal(size=384)) for _ in known])
    path = save_neighbours(Neighbours(known, vectors), weights)
    assert path == neighbours_path(weights)
    again = load_neighbours(weights)
    assert again.examples == tuple(known)
    assert (again.vectors * vectors).sum(1) == pytest.approx(np.ones(len(known)), abs=1e-3)


def test_sentences_no_longer_in_the_training_files_are_left_out(weights: Path) -> None:
    known = [e for e in written_by_id().values() if e.labels][:2]
    vectors = np.stack([unit(1, 0), unit(0, 1), unit(1, 1)])
    save_neighbours(Neighbours([*known, example("gone", "jevons")], vectors), weights)
    assert load_neighbours(weights).examples == tuple(known)


def test_files_that_do_not_fit_are_named_with_the_remedy(weights: Path) -> None:
    with pytest.raises(ModelError, match="is missing") as caught:
        load_neighbours(weights)
    assert "moneygood.nlp.nearest" in str(caught.value.remedy)
    path = save_neighbours(NEIGHBOURS, weights)
    weights.write_bytes(weights.read_bytes() + b" ")
    with pytest.raises(ModelError, match="other weights"):
        load_neighbours(weights)
    path.write_bytes(path.read_bytes()[:60])
    with pytest.raises(ModelError, match="damaged"):
        load_neighbours(weights)


def test_another_encoder_wants_a_file_of_its_own(weights: Path) -> None:
    save_neighbours(NEIGHBOURS, weights)
    with pytest.raises(ModelError, match="other weights"):
        load_neighbours(weights, Path("finbert"))


def test_the_shipped_file_belongs_to_the_shipped_weights() -> None:
    assert len(load_neighbours()) > 1000
    assert neighbours_path().stat().st_size < LARGEST


def test_a_training_sentence_is_its_own_neighbour(scorer: Scorer) -> None:
    shipped = load_neighbours()
    chosen = [e for e in shipped.examples if e.has("jevons")][:12]
    for e, vector in zip(chosen, make_neighbours(scorer.encoder, chosen).vectors, strict=True):
        found = shipped.nearest(vector, "jevons")
        assert found is not None
        assert found.example.id == e.id
        assert found.similarity == pytest.approx(1, abs=0.01)
