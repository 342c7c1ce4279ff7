"""The shipped scorer on sentences nobody would argue about."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from moneygood.errors import ModelError
from moneygood.nlp.scorer import Scorer
from moneygood.nlp.version import scorer_version
from moneygood.pipeline import current_version
from moneygood.reading import make_scorer
from moneygood.records import (
    Document,
    Kind,
    Narrative,
    Role,
    Section,
    Sentence,
    SentenceScore,
    Stance,
    Turn,
)
from moneygood.settings import load_settings

NOON = datetime(2025, 1, 27, 17, 0, tzinfo=UTC)
CAPEX, DEEPSEEK, JEVONS = Narrative.AI_CAPEX, Narrative.DEEPSEEK, Narrative.JEVONS
CERTAIN: dict[str, set[Narrative]] = {
    "DeepSeek released a model that matches the best American ones at a tenth of the cost.": {
        DEEPSEEK
    },
    "Nvidia shares fell 17 percent on Monday as DeepSeek's cheap model shook investors.": {
        DEEPSEEK
    },
    "We will raise capital expenditures on AI data centers to 65 billion dollars this year.": {
        CAPEX
    },
    "Hyperscalers are spending record sums on GPUs and data centers for AI.": {CAPEX},
    "Jevons paradox: as AI gets cheaper and more efficient, its use will skyrocket.": {JEVONS},
}
UNRELATED = (
    "It will rain in the north tomorrow, with sunny spells in the south.",
    "The home team won the final by three goals to one.",
    "Wheat prices fell after a good harvest in Kansas.",
    "The ten-year Treasury yield rose three basis points to 4.53 percent.",
    "Good afternoon, and welcome to the call.",
    "The museum opens at nine o'clock and closes at six.",
    "She was born in Lyon and studied law in Paris.",
)
ODD = ("", " ", "...", "🙂🙂🙂", "日本語の文です。", "x" * 5000, "\x00\x07", "a\u200bb", "5")


def make(batch_size: int = 64, **changes: object) -> Scorer:
    shipped = load_settings().scoring
    changes |= {"device": "cpu", "threads": 1, "batch_size": batch_size}
    return make_scorer(shipped.model_copy(update=changes))


@pytest.fixture(scope="module")
def scorer() -> Scorer:
    return make()


def present(score: SentenceScore) -> set[str]:
    return {mention.narrative for mention in score.mentions()}


def sentences() -> list[Sentence]:
    return [Sentence(text, context=ODD[-1]) for text in (*CERTAIN, *UNRELATED, *ODD)]


@pytest.mark.parametrize("text", CERTAIN)
def test_what_is_plainly_there_is_found(text: str, scorer: Scorer) -> None:
    (score,) = scorer.score([Sentence(text)])
    assert present(score) >= {str(n) for n in CERTAIN[text]}


@pytest.mark.parametrize("text", UNRELATED)
def test_what_is_plainly_not_there_is_not(text: str, scorer: Scorer) -> None:
    (score,) = scorer.score([Sentence(text)])
    assert present(score) & {"ai_capex", "deepseek"} == set()


def test_most_of_what_has_nothing_to_do_with_it_carries_nothing(scorer: Scorer) -> None:
    silent = [s for s in scorer.score([Sentence(t) for t in UNRELATED]) if not present(s)]
    assert len(silent) > len(UNRELATED) / 2


def test_every_judgement_is_well_formed(scorer: Scorer) -> None:
    for sentence, score in zip(sentences(), scorer.score(sentences()), strict=True):
        assert score.sentence == sentence
        assert score.scorer == scorer.version
        assert [j.narrative for j in score.judgements] == [str(n) for n in Narrative]
        for judged in score.judgements:
            assert 0 <= judged.probability <= 1
            assert sum(judged.stance_p) == pytest.approx(1, abs=1e-3)
            assert judged.stance_p[list(Stance).index(judged.stance)] == max(judged.stance_p)
            for start, end in judged.spans:
                assert 0 <= start < end <= len(sentence.text)
        soothing = score.judgements[-1].present and score.judgements[-1].stance is Stance.AFFIRM
        assert (score.rung is not None) is soothing


def test_spans_mark_the_words_that_name_the_narrative(scorer: Scorer) -> None:
    text = "Everyone asks about DeepSeek now."
    (score,) = scorer.score([Sentence(text)])
    spans = {j.narrative: j.spans for j in score.judgements}
    assert "DeepSeek" in [text[a:b] for a, b in spans["deepseek"]]


def test_the_same_sentences_get_the_same_scores(scorer: Scorer) -> None:
    assert scorer.score(sentences()) == scorer.score(sentences())


def test_company_changes_no_decision(scorer: Scorer) -> None:
    together = scorer.score(sentences() * 3)
    alone = [scorer.score([sentence])[0] for sentence in sentences()]
    for one, other in zip(alone * 3, together, strict=True):
        for a, b in zip(one.judgements, other.judgements, strict=True):
            assert (a.present, a.stance, a.spans) == (b.present, b.stance, b.spans)
            assert a.probability == pytest.approx(b.probability, abs=2e-4)


def test_the_size_of_a_batch_changes_no_decision(scorer: Scorer) -> None:
    large, small = scorer.score(sentences()), make(batch_size=1).score(sentences())
    for a, b in zip(large, small, strict=True):
        assert present(a) == present(b)
        assert a.rung == b.rung


def test_nothing_in_nothing_out(scorer: Scorer) -> None:
    assert scorer.score([]) == []
    assert scorer.score_documents([]) == []


def test_documents_are_scored_as_their_sentences(scorer: Scorer) -> None:
    turns = (Turn("Ann", Role.MANAGEMENT, Section.QA, "DeepSeek changes nothing. We build."),)
    news = Document("w", Kind.NEWS, "Rain", NOON, NOON, body="It rained. It poured.")
    blank = Document("w", Kind.SPEECH, "", NOON, NOON, body=" ")
    call = Document("w", Kind.TRANSCRIPT, "Call", NOON, NOON, turns=turns)
    found = scorer.score_documents([news, blank, call])
    assert [[s.sentence.text for s in scores] for scores in found] == [
        ["Rain", "It rained.", "It poured."],
        [],
        ["DeepSeek changes nothing.", "We build."],
    ]
    assert "deepseek" in present(found[2][0])
    assert found[2][1].sentence.context == "DeepSeek changes nothing."


def test_the_version_is_known_without_loading_a_model(scorer: Scorer) -> None:
    assert scorer.version == scorer_version()


def test_an_encoder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="gone"):
        make(encoder=str(tmp_path / "gone"))


def test_the_shipped_settings_make_this_scorer(scorer: Scorer) -> None:
    assert current_version(load_settings()) == scorer.version
