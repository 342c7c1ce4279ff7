"""Phrases found in a text by spaCy's PhraseMatcher.

Finds where a narrative's words stand; whether the narrative is there is the
heads' judgement. Wildcards are spelled out into the endings English words take:
a Matcher with regular expressions took thirty times as long.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

from spacy.matcher import PhraseMatcher
from spacy.tokens import Doc
from spacy.vocab import Vocab

from moneygood.nlp.narratives import Definition
from moneygood.records import Span

Hit = tuple[str, str, Span]
_ENDINGS = (
    "",
    "s",
    "es",
    "e",
    "d",
    "ed",
    "ing",
    "er",
    "ers",
    "ly",
    "al",
    "y",
    "ies",
    "'s",
    "t",
    "tly",
    "cy",
    "cies",
    "ty",
    "ty's",
    "ity",
    "ities",
    "ility",
    "ion",
    "ions",
    "ation",
    "ment",
    "ments",
    "able",
    "ful",
    "ness",
    "ized",
    "ised",
    "ling",
    "led",
    "n",
    "ship",
)


class Lexicon:
    """Compiled phrases of a set of narratives, over one spaCy vocabulary."""

    def __init__(self, vocab: Vocab, definitions: Sequence[Definition]) -> None:
        self._matcher = PhraseMatcher(vocab, attr="LOWER")
        self._keys: dict[int, tuple[str, str]] = {}
        for definition in definitions:
            for group in definition.groups:
                key = f"{definition.id}/{group.name}"
                self._matcher.add(
                    key,
                    [
                        Doc(vocab, words=words)
                        for phrase in group.phrases
                        for words in _words(phrase)
                    ],
                )
                self._keys[vocab.strings[key]] = (definition.id, group.name)
        self.groups: tuple[tuple[str, str], ...] = tuple(
            (d.id, g.name) for d in definitions for g in d.groups
        )

    def find(self, doc: Doc) -> list[Hit]:
        """(narrative, group, character span in the doc) of every phrase, in order."""
        hits = []
        for key, start, end in self._matcher(doc):
            narrative, group = self._keys[key]
            span = doc[start:end]
            hits.append((narrative, group, (span.start_char, span.end_char)))
        return sorted(hits, key=lambda hit: (hit[2], hit[0], hit[1]))


def merge_spans(spans: Sequence[Span]) -> tuple[Span, ...]:
    """Overlapping and touching spans joined, in order."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def _words(phrase: str) -> Iterator[list[str]]:
    """Every sequence of words a phrase stands for."""
    return map(list, product(*(list(_forms(word)) for word in phrase.lower().split())))


def _forms(word: str) -> Iterator[str]:
    for choice in filter(None, word.split("|")):
        if choice.endswith("*"):
            yield from (choice[:-1] + ending for ending in _ENDINGS)
        else:
            yield choice
