"""A scorer without models: words decide, and the same words decide the same way."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, cast

import pytest

from moneygood import pipeline, reading
from moneygood.nlp.sentences import split
from moneygood.records import (
    Document,
    Judgement,
    Narrative,
    Rung,
    Sentence,
    SentenceScore,
    Stance,
)

if TYPE_CHECKING:
    from moneygood.nlp.scorer import Scorer

VERSION = "fake.v1"
WORDS = {
    Narrative.AI_CAPEX: ("capex", "data cent", "compute", "racks", "spending"),
    Narrative.DEEPSEEK: ("deepseek", "cheap model", "lab"),
    Narrative.JEVONS: ("jevons", "cheaper", "paradox"),
    Narrative.REASSURANCE: ("nothing", "contained", "money-good", "fine", "manageable"),
}


class FakeScorer:
    """Finds narratives by keyword; ``seconds`` is slept before every call.

    ``own`` are keywords of narratives beside the built-in ones.
    """

    def __init__(
        self,
        seconds: float = 0.0,
        version: str = VERSION,
        own: Mapping[str, tuple[str, ...]] | None = None,
    ) -> None:
        self.words: dict[str, tuple[str, ...]] = {str(n): w for n, w in WORDS.items()}
        self.words |= own or {}
        self.seconds = seconds
        self.version = version
        self.calls: list[int] = []

    def score(self, sentences: Sequence[Sentence], *, explain: bool = False) -> list[SentenceScore]:
        self.calls.append(len(sentences))
        time.sleep(self.seconds)
        return [_score(sentence, self.version, self.words) for sentence in sentences]

    def score_documents(
        self, documents: Sequence[Document], *, explain: bool = False
    ) -> list[list[SentenceScore]]:
        parts = [split(document) for document in documents]
        scores = iter(self.score([s for part in parts for s in part]))
        return [[next(scores) for _ in part] for part in parts]


def as_scorer(fake: FakeScorer) -> Scorer:
    """The fake, typed as what the product's functions take."""
    return cast("Scorer", fake)


def install(monkeypatch: pytest.MonkeyPatch, fake: FakeScorer | None = None) -> FakeScorer:
    """Let the pipeline and the commands score with the fake; returns it."""
    scorer = fake or FakeScorer()
    monkeypatch.setattr(reading, "make_scorer", lambda _settings: as_scorer(scorer))
    monkeypatch.setattr(pipeline, "current_version", lambda _settings: scorer.version)
    return scorer


def _score(
    sentence: Sentence, version: str, words_of: Mapping[str, tuple[str, ...]]
) -> SentenceScore:
    text = sentence.text.lower()
    digest = hashlib.sha256(sentence.text.encode()).digest()
    judgements = []
    for i, (narrative, words) in enumerate(words_of.items()):
        starts = [(text.find(w), len(w)) for w in words if w in text]
        spans = tuple(sorted((a, a + n) for a, n in starts if a + n <= len(sentence.text)))
        order = digest[i] % 3
        p = [0.1, 0.1, 0.1]
        p[order] = 0.8
        stance = list(Stance)[order]
        judgements.append(
            Judgement(
                narrative=str(narrative),
                probability=round((0.6 if starts else 0.1) + digest[i] / 1024, 4),
                present=bool(starts),
                stance=stance,
                stance_p=(p[0], p[1], p[2]),
                spans=spans,
            )
        )
    last = judgements[len(WORDS) - 1]
    soothes = last.present and last.stance is Stance.AFFIRM
    rung = list(Rung)[digest[9] % 3] if soothes else None
    return SentenceScore(sentence, tuple(judgements), rung, version)
