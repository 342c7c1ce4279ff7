"""Few-shot heads: a narrative planted by exemplars is found in sentences never seen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from moneygood.errors import ModelError
from moneygood.nlp.encoder import Encoder
from moneygood.nlp.evaluate import evaluate
from moneygood.nlp.examples import read_examples, written_examples
from moneygood.nlp.narratives import Definition
from moneygood.nlp.own.definition import Exemplar, OwnNarrative
from moneygood.nlp.own.features import layers_read
from moneygood.nlp.own.fit import Background, fit
from moneygood.nlp.own.head import Head, load_facts, load_head, save_head
from moneygood.nlp.scorer import Scorer
from moneygood.nlp.version import scorer_version
from moneygood.records import Sentence
from moneygood.teaching import warnings

HELD_OUT = Path(__file__).with_name("tariffs_held_out.jsonl")


@pytest.fixture(scope="module")
def with_tariffs(scorer: Scorer, head_file: Path) -> Scorer:
    return Scorer(scorer.encoder.device, own=[head_file])


def test_the_worked_example_is_found_in_sentences_never_seen(with_tariffs: Scorer) -> None:
    examples = read_examples(HELD_OUT, ["tariffs_once"])
    assert len(examples) >= 30
    result = evaluate(examples, with_tariffs.score([e.sentence for e in examples]))
    (found,) = [r for r in result.narratives if r.narrative == "tariffs_once"]
    assert found.precision is not None
    assert found.precision > 0.8
    assert found.recall is not None
    assert found.recall > 0.5
    assert found.stance_accuracy is not None
    assert found.stance_accuracy > 0.4


def test_what_is_on_other_things_is_not_called(with_tariffs: Scorer) -> None:
    unseen = [e.sentence for e in written_examples()[3::14] if "tariff" not in e.sentence.text]
    called = [s for s in with_tariffs.score(unseen) if s.judgements[-1].present]
    assert len(called) <= 0.02 * len(unseen)


def test_it_stands_beside_the_built_in_ones_and_changes_none(
    scorer: Scorer, with_tariffs: Scorer
) -> None:
    sentences = [
        Sentence("A tariff is a one-time price shift.", context="What of prices?"),
        Sentence("DeepSeek changes nothing for our capex."),
        Sentence(""),
    ]
    for before, after in zip(scorer.score(sentences), with_tariffs.score(sentences), strict=True):
        assert [j.narrative for j in after.judgements][-1] == "tariffs_once"
        for one, other in zip(before.judgements, after.judgements, strict=False):
            assert (one.narrative, one.present, one.stance) == (
                other.narrative, other.present, other.stance,
            )  # fmt: skip
    first = with_tariffs.score(sentences)[0]
    spans = [first.sentence.text[a:b] for a, b in first.judgements[-1].spans]
    assert spans == ["tariff", "one-time"]
    assert first.judgements[-1].present
    assert [m.narrative for m in first.mentions()][-1] == "tariffs_once"


def test_the_version_is_another_with_a_head_and_with_another_head(
    scorer: Scorer, with_tariffs: Scorer, head_file: Path, tmp_path: Path
) -> None:
    assert scorer.version == scorer_version() == scorer_version(own=())
    assert with_tariffs.version == scorer_version(own=[head_file]) != scorer.version
    other = tmp_path / "other.safetensors"
    other.write_bytes(head_file.read_bytes() + b" ")
    assert scorer_version(own=[other]) != with_tariffs.version
    both = [head_file, other]
    assert scorer_version(own=both) == scorer_version(own=reversed(both))


def test_a_head_made_with_other_weights_is_refused(
    scorer: Scorer, tariffs: Head, tmp_path: Path
) -> None:
    stale = tmp_path / "tariffs_once.safetensors"
    save_head(stale, replace(tariffs, facts=replace(tariffs.facts, base="minilm.older")))
    with pytest.raises(ModelError, match=r"other weights .*narratives train tariffs_once"):
        Scorer(scorer.encoder.device, own=[stale])


def test_the_same_seed_gives_the_same_head(
    tariffs: Head, encoder: Encoder, background: Background
) -> None:
    narrative = OwnNarrative(
        tariffs.facts.words,
        (),
        tuple(Exemplar(f"Tariffs lift prices only once, said speaker {i}.") for i in range(5)),
        tuple(Exemplar(f"Tariffs rose on day {i}.") for i in range(5)),
        Path("x.toml"),
    )
    one, other = (fit(narrative, encoder, background, base="b", seed=3) for _ in range(2))
    assert one.facts == other.facts
    assert all(np.array_equal(one.tensors[k], other.tensors[k]) for k in one.tensors)


def test_what_cannot_be_told_apart_is_said_to_be_poor(
    encoder: Encoder, background: Background
) -> None:
    texts = [e.sentence.text for e in written_examples()[1::90]][:24]
    narrative = OwnNarrative(
        Definition("nothing", "Nothing", "", "", ()),
        (),
        tuple(Exemplar(t) for t in texts[::2]),
        tuple(Exemplar(t) for t in texts[1::2]),
        Path("x.toml"),
    )
    report = fit(narrative, encoder, background, base="b", seed=3).facts.report
    assert report.f1 < 0.7
    assert any("found poorly" in w for w in warnings(report))


def test_a_head_is_read_as_it_was_written(tariffs: Head, head_file: Path) -> None:
    found = load_head(head_file)
    assert found.facts == tariffs.facts == load_facts(head_file)
    assert all(np.array_equal(found.tensors[k], tariffs.tensors[k]) for k in tariffs.tensors)


@pytest.mark.parametrize("keep", [0, 8, 100, -10])
def test_a_damaged_head_says_so(keep: int, head_file: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "tariffs_once.safetensors"
    damaged.write_bytes(head_file.read_bytes()[:keep])
    with pytest.raises(ModelError, match=r"is damaged .* narratives train tariffs_once"):
        load_head(damaged)


def test_a_missing_head_says_so(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="is missing"):
        load_head(tmp_path / "gone.safetensors")


def test_the_layers_read_are_inner_ones() -> None:
    assert layers_read(6) == (3, 5)
    assert layers_read(12) == (6, 11)
    assert layers_read(2) == (1,)
    assert layers_read(1) == (0,)


def test_the_background_is_encoded_once_and_again_where_the_copy_is_damaged(
    encoder: Encoder, tmp_path: Path
) -> None:
    examples = written_examples()[:6]
    first = Background.of(examples, encoder, tmp_path)
    (copy,) = tmp_path.glob("background-*.safetensors")
    assert np.allclose(Background.of(examples, encoder, tmp_path).layers, first.layers, atol=1e-3)
    copy.write_bytes(b"nothing")
    assert np.allclose(Background.of(examples, encoder, tmp_path).layers, first.layers, atol=1e-3)
    Background.of(examples[:5], encoder, tmp_path)
    assert [p.name for p in tmp_path.iterdir()] != [copy.name]
