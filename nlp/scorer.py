"""Documents and sentences to scores.

One scorer, whose version names the encoder, the heads and the definitions: any
of them changed is another scorer, and its scores stand beside the old ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from moneygood.errors import ModelError
from moneygood.nlp import narratives as definitions_file
from moneygood.nlp.encoder import Encoder, Vectors
from moneygood.nlp.heads import SHIPPED, Array, Heads, Verdicts, features, load_heads
from moneygood.nlp.lexicon import Hit, Lexicon, merge_spans
from moneygood.nlp.narratives import load_definitions
from moneygood.nlp.sentences import pipeline, split
from moneygood.nlp.version import scorer_version
from moneygood.records import (
    Document,
    Judgement,
    Narrative,
    Rung,
    Sentence,
    SentenceScore,
    Span,
    Stance,
)

_DIGITS = 4
_SPAN_GROUPS_LEFT_OUT = frozenset({("reassurance", "worry"), ("jevons", "more_use")})


class FeatureMaker:
    """Sentences to the heads' input: vectors by the encoder, counts by the lexicon."""

    def __init__(self, encoder: Encoder) -> None:
        self.encoder = encoder
        self.lexicon = Lexicon(pipeline().vocab, load_definitions())
        self._group_index = {group: i for i, group in enumerate(self.lexicon.groups)}

    def __call__(self, sentences: Sequence[Sentence]) -> tuple[Array, list[list[Hit]]]:
        """Feature rows, and the phrases found in each sentence."""
        texts = sorted({t for s in sentences for t in (s.text, s.context) if t})
        row = {text: i for i, text in enumerate(texts)}
        vectors = self.encoder.encode(texts)
        found = [self.lexicon.find(doc) for doc in pipeline().pipe(texts)]
        counts = np.zeros((len(texts) + 1, len(self._group_index)), dtype=np.float32)
        for i, hits in enumerate(found):
            for narrative, group, _span in hits:
                counts[i, self._group_index[narrative, group]] += 1
        blank = np.zeros((1, self.encoder.dimension), dtype=np.float32)
        padded: Vectors = np.concatenate([vectors, blank])
        own = [row.get(s.text, len(texts)) for s in sentences]
        before = [row.get(s.context, len(texts)) for s in sentences]
        x = features(
            padded[own], padded[before], counts[own], counts[before], [s.kind for s in sentences]
        )
        return x, [found[i] if i < len(texts) else [] for i in own]


class Scorer:
    """Scores sentences for every narrative the heads know."""

    def __init__(self, encoder: Encoder, heads_path: Path = SHIPPED) -> None:
        self.heads: Heads = load_heads(heads_path)
        self.features = FeatureMaker(encoder)
        if self.heads.dimension != encoder.dimension:
            raise ModelError(
                str(encoder.path),
                f"gives vectors of {encoder.dimension}, the heads want {self.heads.dimension}",
                "Train heads for it: python -m moneygood.nlp.train --encoder DIR",
            )
        if self.heads.groups != self.features.lexicon.groups:
            raise ModelError(
                str(definitions_file.SHIPPED),
                "has other phrase groups than the heads were trained with",
                "Train them again: python -m moneygood.nlp.train",
            )
        shipped = heads_path == SHIPPED and encoder.is_shipped
        self.version = scorer_version(heads_path, None if shipped else encoder.path)

    def score(self, sentences: Sequence[Sentence]) -> list[SentenceScore]:
        """One score a sentence, in order."""
        if not sentences:
            return []
        x, hits = self.features(sentences)
        verdicts = self.heads.judge(x)
        return [self._score(sentence, verdicts, i, hits[i]) for i, sentence in enumerate(sentences)]

    def score_documents(self, documents: Sequence[Document]) -> list[list[SentenceScore]]:
        """The scores of all sentences of each document, in order."""
        sentences = [split(document) for document in documents]
        scores = iter(self.score([s for part in sentences for s in part]))
        return [[next(scores) for _ in part] for part in sentences]

    def _score(
        self, sentence: Sentence, verdicts: Verdicts, row: int, hits: Sequence[Hit]
    ) -> SentenceScore:
        judgements = []
        rung = None
        for j, narrative in enumerate(self.heads.narratives):
            p = [round(float(v), _DIGITS) for v in verdicts.stance[row, j]]
            stance = list(Stance)[int(np.argmax(verdicts.stance[row, j]))]
            present = bool(verdicts.present[row, j])
            if present and narrative == Narrative.REASSURANCE and stance == Stance.AFFIRM:
                rung = list(Rung)[int(np.argmax(verdicts.rung[row]))]
            judgements.append(
                Judgement(
                    narrative=narrative,
                    probability=round(float(verdicts.presence[row, j]), _DIGITS),
                    present=present,
                    stance=stance,
                    stance_p=(p[0], p[1], p[2]),
                    spans=_spans(narrative, hits),
                )
            )
        return SentenceScore(sentence, tuple(judgements), rung, self.version)


def _spans(narrative: str, hits: Sequence[Hit]) -> tuple[Span, ...]:
    return merge_spans(
        [
            span
            for name, group, span in hits
            if name == narrative and (name, group) not in _SPAN_GROUPS_LEFT_OUT
        ]
    )
