"""Documents and sentences to scores.

One scorer, whose version names the encoder, the heads, the definitions and the
rules for speech recognition: any of them changed is another scorer, and its
scores stand beside the old ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
from spacy.tokens import Doc

from moneygood.errors import ModelError
from moneygood.nlp.device import Device
from moneygood.nlp.encoder import Encoder
from moneygood.nlp.explain import Explainer, known_neighbours
from moneygood.nlp.heads import Heads, Verdicts, join, side_features
from moneygood.nlp.lexicon import Hit, Lexicon, merge_spans
from moneygood.nlp.narratives import Definition, load_definitions
from moneygood.nlp.own.features import layers_read
from moneygood.nlp.own.head import load_head
from moneygood.nlp.own.judge import THRESHOLD, Verdict, judge
from moneygood.nlp.own.patterns import Patterns
from moneygood.nlp.sentences import pipeline, split
from moneygood.nlp.spoken import normalise, written
from moneygood.nlp.version import NARRATIVES, WEIGHTS, scorer_version
from moneygood.nlp.weights_file import Array, load_weights
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


class Phrases:
    """What the lexicon finds, as counts for the heads and as spans."""

    def __init__(self, own: Sequence[tuple[Definition, Sequence[str]]] = ()) -> None:
        shipped = load_definitions()
        self.lexicon = Lexicon(pipeline().vocab, [*shipped, *(words for words, _ in own)])
        self.groups = tuple((d.id, g.name) for d in shipped for g in d.groups)
        self._column = {group: i for i, group in enumerate(self.groups)}
        self._patterns = [(words.id, Patterns(patterns)) for words, patterns in own if patterns]

    def __call__(self, sentences: Sequence[Sentence]) -> tuple[Array, list[list[Hit]]]:
        """Side features (n, f), and the phrases found in each sentence."""
        texts = sorted({t for s in sentences for t in (s.text, s.context)})
        row = {text: i for i, text in enumerate(texts)}
        found = [self._find(doc) for doc in pipeline().pipe(texts)]
        counts = np.zeros((len(texts), len(self._column)), dtype=np.float32)
        for i, hits in enumerate(found):
            for narrative, group, _span in hits:
                if (narrative, group) in self._column:
                    counts[i, self._column[narrative, group]] += 1
        own = [row[s.text] for s in sentences]
        before = [row[s.context] for s in sentences]
        side = side_features(counts[own], counts[before], [s.kind for s in sentences])
        return side, [found[i] for i in own]

    def _find(self, doc: Doc) -> list[Hit]:
        hits = self.lexicon.find(doc)
        for narrative, patterns in self._patterns:
            hits += [(narrative, "patterns", span) for span in patterns.find(doc.text)]
        return hits


class Scorer:
    """Scores sentences for every narrative the weights know, and those trained by the user.

    ``own`` are the files of the latter's heads (``moneygood.nlp.own``), made with these weights.
    """

    def __init__(
        self,
        device: Device,
        *,
        encoder: Path | None = None,
        weights: Path = WEIGHTS,
        own: Sequence[Path] = (),
    ) -> None:
        trained = load_weights(weights)
        self.encoder = Encoder(device, encoder, trained.part("adapter."))
        self.heads = Heads(trained)
        self.own = [load_head(path) for path in own]
        self.phrases = Phrases([(h.facts.words, h.facts.patterns) for h in self.own])
        self.narratives = trained.purpose.narratives
        if trained.purpose.dimension != self.encoder.dimension:
            raise ModelError(
                str(self.encoder.path),
                f"gives vectors of {self.encoder.dimension}, the weights want"
                f" {trained.purpose.dimension}",
                "Train weights for it: python -m moneygood.nlp.train --encoder DIR",
            )
        if trained.purpose.groups != self.phrases.groups:
            raise ModelError(
                str(NARRATIVES),
                "has other phrase groups than the weights were trained with",
                "Train them again: python -m moneygood.nlp.train",
            )
        base = scorer_version(weights, encoder)
        for path, head in zip(own, self.own, strict=True):
            if head.facts.base != base:
                raise ModelError(
                    str(path),
                    f"was trained with other weights ({head.facts.base}, now {base})",
                    f"Run `moneygood narratives train {head.id}`",
                )
        self._layers = layers_read(self.encoder.depth) if self.own else ()
        self.version = scorer_version(weights, encoder, own)
        self._files = (weights, encoder)

    @cached_property
    def explainer(self) -> Explainer:
        """What explains this scorer's scores."""
        near = known_neighbours(*self._files)
        return Explainer(self.encoder, self.heads, self.phrases, near)

    def score(self, sentences: Sequence[Sentence], *, explain: bool = False) -> list[SentenceScore]:
        """One score a sentence, in order; spans are those of the sentence as it came.

        ``explain`` says of every narrative present what carried it; it changes no figure.
        """
        if not sentences:
            return []
        read = [written(s) for s in sentences]
        side, hits = self.phrases(read)
        pairs = [(s.text, s.context) for s in read]
        vectors, contexts, layers = self.encoder.encode_layers(pairs, self._layers)
        verdicts = self.heads.judge(join(vectors, contexts, side))
        own = judge(self.own, layers, hits) if self.own else [[]] * len(read)
        scores = [
            self._score(sentence, verdicts, i, _in_original(sentence, hits[i]), own[i])
            for i, sentence in enumerate(sentences)
        ]
        return self.explainer.explain(scores) if explain else scores

    def score_documents(
        self, documents: Sequence[Document], *, explain: bool = False
    ) -> list[list[SentenceScore]]:
        """The scores of all sentences of each document, in order."""
        sentences = [split(document) for document in documents]
        scores = iter(self.score([s for part in sentences for s in part], explain=explain))
        return [[next(scores) for _ in part] for part in sentences]

    def _score(
        self,
        sentence: Sentence,
        verdicts: Verdicts,
        row: int,
        hits: Sequence[Hit],
        own: Sequence[Verdict],
    ) -> SentenceScore:
        judgements = []
        rung = None
        for j, narrative in enumerate(self.narratives):
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
        judgements += [_judgement(verdict, hits) for verdict in own]
        return SentenceScore(sentence, tuple(judgements), rung, self.version)


def _judgement(verdict: Verdict, hits: Sequence[Hit]) -> Judgement:
    narrative, probability, stances = verdict
    p = [round(float(v), _DIGITS) for v in stances]
    return Judgement(
        narrative=narrative,
        probability=round(probability, _DIGITS),
        present=probability >= THRESHOLD,
        stance=list(Stance)[int(np.argmax(stances))],
        stance_p=(p[0], p[1], p[2]),
        spans=_spans(narrative, hits),
    )


def _in_original(sentence: Sentence, hits: Sequence[Hit]) -> list[Hit]:
    spoken = normalise(sentence.text)
    return [(narrative, group, spoken.original(*span)) for narrative, group, span in hits]


def _spans(narrative: str, hits: Sequence[Hit]) -> tuple[Span, ...]:
    return merge_spans(
        [
            span
            for name, group, span in hits
            if name == narrative and (name, group) not in _SPAN_GROUPS_LEFT_OUT
        ]
    )
