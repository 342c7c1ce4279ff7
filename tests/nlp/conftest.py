"""What holds for every test of the NLP stage."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

from moneygood.nlp.scorer import Scorer
from moneygood.reading import make_scorer
from moneygood.settings import load_settings


@pytest.fixture(scope="package", autouse=True)
def _one_thread() -> Iterator[None]:
    # On a busy machine torch's threads wait for each other: sixty times slower.
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="package")
def scorer() -> Scorer:
    """The shipped scorer on one thread of the CPU."""
    shipped = load_settings().scoring
    changes = {"device": "cpu", "threads": 1, "batch_size": 64}
    return make_scorer(shipped.model_copy(update=changes))
