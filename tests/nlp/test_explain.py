"""Why a sentence was called: planted words are found, and nothing else is changed.

``marked_sentences.txt`` holds sentences whose carrying words were marked by hand
before any method was tried.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from spacy.lang.en.stop_words import STOP_WORDS

from moneygood.nlp.attribution import read_tokens
from moneygood.nlp.carrying import stretches, words_of
from moneygood.nlp.examples import written_by_id
from moneygood.nlp.explain import Explainer, known_neighbours
from moneygood.nlp.scorer import Scorer
from moneygood.nlp.spoken import written
from moneygood.nlp.version import WEIGHTS
from moneygood.records import Judgement, Sentence, SentenceScore, Span, SpansBy

MARKED = Path(__file__).with_name("marked_sentences.txt")
ODD = (
    "",
    "...",
    "🙂 DeepSeek 🙂",
    "日本語の文です。DeepSeek",
    "DeepSeek " * 400,
    "\x00DeepSeek\u200b",
    "ＤｅｅｐＳｅｅｋ is DEEPSEEK!!!",
)


@dataclass(frozen=True, slots=True)
class Case:
    """A sentence and the words that carry a narrative in it."""

    narrative: str
    sentence: Sentence
    carrying: tuple[Span, ...]


def cases() -> Iterator[Case]:
    for line in MARKED.read_text("utf-8").splitlines():
        if line.startswith("#"):
            continue
        narrative, context, marked = line.split("|")
        text, spans = "", []
        for part in re.split(r"(\[[^\]]*\])", marked):
            inside = part.strip("[]")
            if part.startswith("["):
                spans.append((len(text), len(text) + len(inside)))
            text += inside
        yield Case(narrative, Sentence(text, context=context), tuple(spans))


CASES = tuple(cases())


@pytest.fixture(scope="module")
def explained(scorer: Scorer) -> list[SentenceScore]:
    return scorer.score([case.sentence for case in CASES], explain=True)


def judgement(score: SentenceScore, narrative: str) -> Judgement:
    return next(j for j in score.judgements if j.narrative == narrative)


def content(text: str, spans: Sequence[Span]) -> set[Span]:
    """The words of a text inside spans, but for stop words."""
    return {
        (a, b)
        for a, b in words_of(text)
        if text[a:b].lower() not in STOP_WORDS
        and any(a < end and b > start for start, end in spans)
    }


def agreement(case: Case, spans: Sequence[Span]) -> tuple[float, float]:
    """Precision and recall of the words shown."""
    text = case.sentence.text
    found, truth = content(text, spans), content(text, case.carrying)
    return len(found & truth) / max(len(found), 1), len(found & truth) / max(len(truth), 1)


def without(sentence: Sentence, spans: Sequence[Span]) -> Sentence:
    text = sentence.text
    for start, end in sorted(spans, reverse=True):
        text = f"{text[:start].rstrip()} {text[end:].lstrip()}"
    return replace(sentence, text=text.strip())


def test_there_are_enough_marked_sentences() -> None:
    assert len(CASES) >= 60
    assert all(case.carrying for case in CASES)


def test_attribution_alone_finds_the_planted_words(scorer: Scorer) -> None:
    read = [written(case.sentence) for case in CASES]
    side, hits = scorer.phrases(read)
    figures = []
    for i, reading in read_tokens(scorer.encoder, [(s.text, s.context) for s in read]):
        case, text = CASES[i], read[i].text
        words = scorer.explainer.words(text, reading, side[i], hits[i], case.narrative)
        found = stretches(text, words)
        first = content(text, found[:1])
        right = len(first & content(text, case.carrying)) >= len(first) / 2 > 0
        figures.append((*agreement(case, found), right))
    precision, recall, first = np.mean(figures, axis=0)
    print(f"attribution: precision {precision:.2f}, recall {recall:.2f}, first {first:.2f}")
    assert precision > 0.8
    assert recall > 0.65
    assert first > 0.9


def test_the_words_shown_are_the_planted_ones(explained: list[SentenceScore]) -> None:
    shown = [(c, judgement(s, c.narrative)) for c, s in zip(CASES, explained, strict=True)]
    figures = [agreement(case, j.spans) for case, j in shown if j.present]
    precision, recall = np.mean(figures, axis=0)
    print(f"{len(figures)} present: precision {precision:.2f}, recall {recall:.2f}")
    assert len(figures) > 40
    assert precision > 0.85
    assert recall > 0.6
    assert {str(j.spans_by) for _, j in shown if j.present} == {"phrase", "attribution"}


def test_deleting_what_is_shown_takes_more_than_deleting_as_much_elsewhere(
    scorer: Scorer, explained: list[SentenceScore]
) -> None:
    chance = random.Random(7)
    present = [
        (case, j)
        for case, score in zip(CASES, explained, strict=True)
        if (j := judgement(score, case.narrative)).present and j.spans
    ]
    cut, other = [], []
    for case, j in present:
        words = words_of(case.sentence.text)
        elsewhere = []
        for start, end in j.spans:
            size = sum(a < end and b > start for a, b in words)
            first = chance.randrange(len(words) - size + 1)
            elsewhere.append((words[first][0], words[first + size - 1][1]))
        cut.append(without(case.sentence, j.spans))
        other.append(without(case.sentence, elsewhere))

    def fall(sentences: list[Sentence]) -> float:
        scores = scorer.score(sentences)
        after = [judgement(s, c.narrative) for s, (c, _) in zip(scores, present, strict=True)]
        pairs = zip(present, after, strict=True)
        return float(np.mean([j.probability - a.probability for (_, j), a in pairs]))

    shown, random_words = fall(cut), fall(other)
    print(f"probability falls by {shown:.2f}, by {random_words:.2f} for words at random")
    assert shown > random_words + 0.25


def test_explaining_changes_no_figure_and_no_decision(
    scorer: Scorer, explained: list[SentenceScore]
) -> None:
    plain = scorer.score([case.sentence for case in CASES])
    for one, other in zip(plain, explained, strict=True):
        assert (one.sentence, one.rung, one.scorer) == (other.sentence, other.rung, other.scorer)
        for a, b in zip(one.judgements, other.judgements, strict=True):
            same = replace(
                b, spans=a.spans, spans_by=SpansBy.PHRASE, nearest="", nearest_similarity=0.0
            )
            assert same == a
            if not b.present:
                assert b == a


def test_a_neighbour_is_a_training_sentence_of_the_narrative(
    explained: list[SentenceScore],
) -> None:
    present = [j for score in explained for j in score.judgements if j.present]
    for j in present:
        assert written_by_id()[j.nearest].has(j.narrative)
        assert 0 < j.nearest_similarity <= 1


def test_phrases_are_kept_where_they_carry_it(scorer: Scorer) -> None:
    (score,) = scorer.score([Sentence("Everyone asks about DeepSeek now.")], explain=True)
    found = judgement(score, "deepseek")
    assert found.spans_by == SpansBy.PHRASE
    assert [score.sentence.text[a:b] for a, b in found.spans] == ["DeepSeek"]


def test_spans_are_those_of_the_sentence_as_it_came(scorer: Scorer) -> None:
    said = "so uh deep seek costs us about ninety billion dollars less, savings per query are eaten"
    texts = (*ODD, said, *(case.sentence.text.upper() for case in CASES[:20]))
    for score in scorer.score([Sentence(t) for t in texts], explain=True):
        text = score.sentence.text
        for j in score.judgements:
            assert all(0 <= start < end <= len(text) for start, end in j.spans)
            assert list(j.spans) == sorted(j.spans)
            for start, end in j.spans:
                assert text[start:end].strip() == text[start:end]


def test_without_vectors_the_words_are_explained_and_the_reason_given(
    scorer: Scorer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    weights = tmp_path / "w.safetensors"
    weights.write_bytes(WEIGHTS.read_bytes())
    assert known_neighbours(weights, None) is None
    assert "is missing" in caplog.text
    assert "moneygood.nlp.nearest" in caplog.text
    explainer = Explainer(scorer.encoder, scorer.heads, scorer.phrases, None)
    (score,) = explainer.explain(scorer.score([CASES[0].sentence]))
    found = judgement(score, CASES[0].narrative)
    assert found.spans
    assert (found.nearest, found.nearest_similarity) == ("", 0.0)
