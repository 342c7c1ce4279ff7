"""The dashboard's training sentences are those the scorer was trained on."""

from __future__ import annotations

import subprocess
import sys

from moneygood.nlp.examples import written_by_id
from moneygood.ui.training_sentences import training_sentence


def test_every_sentence_is_known_by_its_id_with_its_stances() -> None:
    for key, example in written_by_id().items():
        found = training_sentence(key)
        assert found is not None
        assert found.text == example.sentence.text
        for narrative, stance in example.labels:
            assert found.stance(narrative) == (stance or "")
        assert found.stance("tariffs") == ""


def test_an_id_of_another_version_is_none() -> None:
    assert training_sentence("no such id") is None


def test_looking_one_up_loads_no_model() -> None:
    code = (
        "import sys; from moneygood.ui.training_sentences import training_sentence as t;"
        "assert t('cb001'); print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert {"torch", "spacy", "transformers"} & set(done.stdout.split()) == set()
