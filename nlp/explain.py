"""Why a sentence was called: the words that carried it, and what it reads like.

Explains what a scorer has decided, and changes no probability or decision. The
phrases of a narrative are shown where they carried the decision; where the model
decided without them, the words that moved it (``moneygood.nlp.attribution``).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from moneygood.errors import ModelError
from moneygood.nlp.attribution import Reading, contributions, read_tokens
from moneygood.nlp.carrying import Words, deal, stretches, words_of
from moneygood.nlp.encoder import Encoder
from moneygood.nlp.heads import Heads
from moneygood.nlp.lexicon import Hit, merge_spans
from moneygood.nlp.nearest import Neighbours, load_neighbours
from moneygood.nlp.spoken import Spoken, normalise, written
from moneygood.nlp.weights_file import Array
from moneygood.records import Judgement, Sentence, SentenceScore, Span, SpansBy

PHRASES_CARRY = 0.25
log = logging.getLogger(__name__)


class FindsPhrases(Protocol):
    """What gives side features (n, f) and the phrases found in each sentence."""

    def __call__(self, sentences: Sequence[Sentence]) -> tuple[Array, list[list[Hit]]]:
        """Side features and phrases."""


class Explainer:
    """Explains the scores of one scorer.

    ``neighbours`` None: no training sentence is named.
    """

    def __init__(
        self, encoder: Encoder, heads: Heads, phrases: FindsPhrases, neighbours: Neighbours | None
    ) -> None:
        self._encoder = encoder
        self._phrases = phrases
        self._neighbours = neighbours
        self._head = heads.weights.part("head.")
        self._groups = heads.weights.purpose.groups
        self._column = {name: j for j, name in enumerate(heads.weights.purpose.narratives)}

    def explain(self, scores: Sequence[SentenceScore]) -> list[SentenceScore]:
        """The same scores, with spans, and the nearest training sentence, of what is present.

        A narrative of the user's own has another head: it keeps its phrases.
        """
        out = list(scores)
        rows = [i for i, score in enumerate(out) if any(j.present for j in score.judgements)]
        if not rows:
            return out
        read = [written(out[i].sentence) for i in rows]
        side, hits = self._phrases(read)
        for k, reading in read_tokens(self._encoder, [(s.text, s.context) for s in read]):
            score = out[rows[k]]
            spoken = normalise(score.sentence.text)
            judgements = tuple(
                self._explained(j, spoken, reading, side[k], hits[k])
                if j.present and j.narrative in self._column
                else j
                for j in score.judgements
            )
            out[rows[k]] = replace(score, judgements=judgements)
        return out

    def words(
        self, text: str, reading: Reading, side: Array, hits: Sequence[Hit], narrative: str
    ) -> Words:
        """The words of a normalised sentence, and what each added to a narrative's logit."""
        words = words_of(text)
        dealt = contributions(self._head, reading, side, len(self._groups), self._column[narrative])
        parts = [(s, float(v)) for s, v in zip(reading.spans, dealt.tokens, strict=True)]
        for group, amount in zip(self._groups, dealt.counts, strict=True):
            found = [span for name, part, span in hits if (name, part) == group]
            parts += [(span, float(amount) / len(found)) for span in found]
        return Words(words, deal(words, parts))

    def _explained(
        self,
        judgement: Judgement,
        spoken: Spoken,
        reading: Reading,
        side: Array,
        hits: Sequence[Hit],
    ) -> Judgement:
        narrative = judgement.narrative
        words = self.words(spoken.text, reading, side, hits, narrative)
        stood = Words(tuple(spoken.original(*span) for span in words.spans), words.shares)
        spans, by = judgement.spans, SpansBy.PHRASE
        if not spans or stood.of(spans) < PHRASES_CARRY:
            moved = _in_original(spoken, stretches(spoken.text, words))
            if moved or not spans:
                spans, by = moved, SpansBy.ATTRIBUTION
        near = self._neighbours.nearest(reading.vector, narrative) if self._neighbours else None
        return replace(
            judgement,
            spans=spans,
            spans_by=by,
            nearest=near.example.id if near else "",
            nearest_similarity=round(near.similarity, 4) if near else 0.0,
        )


def _in_original(spoken: Spoken, spans: Sequence[Span]) -> tuple[Span, ...]:
    return merge_spans([spoken.original(*span) for span in spans])


def known_neighbours(weights: Path, encoder: Path | None) -> Neighbours | None:
    """The training sentences' vectors, or None, with the reason as a warning."""
    try:
        return load_neighbours(weights, encoder)
    except ModelError as error:
        log.warning("no nearest training sentence is named: %s", error)
        return None
