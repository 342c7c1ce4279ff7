"""Words with their shares of a decision, to the few stretches of text worth showing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from spacy.lang.en.stop_words import STOP_WORDS

from moneygood.nlp.weights_file import Array
from moneygood.records import Span

MOST_SPANS = 3
LONGEST_WORDS = 12
_ABOVE_MEAN = 1.0
_LEAST_OF_FIRST = 0.35
_WORD = re.compile(r"[$€£¥]?\w+(?:[-'’.,/&]\w+)*%?")
# What stands between two words of one stretch: no mark that ends a clause, but a comma.
_WITHIN = re.compile(r"[\s,'’\"“”$€£¥%&/-]{0,3}")
# They say nothing alone, and turn round the word they stand before.
_NEGATIONS = frozenset({"no", "not", "never", "without"})
_TELLING = frozenset({"none", "nothing", "nobody", "nowhere", "less", "more", "enough", "few"})
_EMPTY = (frozenset(STOP_WORDS) - _NEGATIONS - _TELLING) | {"let", "said", "told", "tells", "yes"}


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a text, and what each added to a logit (n,)."""

    spans: tuple[Span, ...]
    shares: Array

    def of(self, spans: Sequence[Span]) -> float:
        """The part of all that was added which these spans hold, 0 to 1."""
        gains = np.maximum(self.shares, 0)
        if not gains.sum():
            return 0.0
        inside = [any(a < end and b > start for start, end in spans) for a, b in self.spans]
        return float(gains[inside].sum() / gains.sum())


def words_of(text: str) -> tuple[Span, ...]:
    """Where the words of a text stand; "$40", "5%" and "build-out" are one word each."""
    return tuple(match.span() for match in _WORD.finditer(text))


def deal(words: Sequence[Span], parts: Sequence[tuple[Span, float]]) -> Array:
    """Amounts that stand at spans of a text, given to the words there (n,).

    A span over several words is shared evenly; one over none is dropped.
    """
    shares = np.zeros(len(words), dtype=np.float32)
    for (start, end), amount in parts:
        over = [i for i, (a, b) in enumerate(words) if a < end and b > start]
        for i in over:
            shares[i] += amount / len(over)
    return shares


def stretches(text: str, words: Words) -> tuple[Span, ...]:
    """At most three stretches of words that added the most, in order of weight.

    A stretch is the run whose shares exceed the mean share by the most
    (Kadane's largest sum), within a clause and of at most twelve words. Words
    that say nothing are cut off its ends; a negation takes the word it turns round.
    """
    gains = np.maximum(words.shares, 0)
    if not gains.sum():
        return ()
    excess = (words.shares / gains.sum() - _ABOVE_MEAN / len(gains)).tolist()
    runs = _clauses(text, words.spans)
    found: list[tuple[float, Span]] = []
    for _ in range(MOST_SPANS):
        best = max((_best(excess, run) for run in runs), default=(0.0, 0, 0))
        weight, first, last = best
        if weight <= 0 or (found and weight < _LEAST_OF_FIRST * found[0][0]):
            break
        for i in range(first, last + 1):
            excess[i] = -1.0
        while first <= last and _is_empty(text, words.spans[first]):
            first += 1
        while last >= first and _is_empty(text, words.spans[last]):
            last -= 1
        if first <= last and all(_negates(text, span) for span in words.spans[first : last + 1]):
            run = next(run for run in runs if first in run)
            follow = [i for i in run if i > last and not _is_empty(text, words.spans[i])]
            last = follow[0] if follow else first - 1
        if first <= last:
            found.append((weight, (words.spans[first][0], words.spans[last][1])))
    return tuple(span for _, span in found)


def _clauses(text: str, words: Sequence[Span]) -> list[range]:
    edges = [0]
    for i in range(1, len(words)):
        if not _WITHIN.fullmatch(text[words[i - 1][1] : words[i][0]]):
            edges.append(i)
    return [range(a, b) for a, b in zip(edges, [*edges[1:], len(words)], strict=True)]


def _best(excess: Sequence[float], run: range) -> tuple[float, int, int]:
    best = (0.0, 0, 0)
    for first in run:
        total = 0.0
        for last in range(first, min(first + LONGEST_WORDS, run.stop)):
            total += excess[last]
            if total > best[0]:
                best = (total, first, last)
    return best


def _negates(text: str, span: Span) -> bool:
    word = _plain(text, span)
    return word in _NEGATIONS or word.endswith("n't")


def _is_empty(text: str, span: Span) -> bool:
    word = _plain(text, span)
    return not word.endswith("n't") and word.partition("'")[0] in _EMPTY


def _plain(text: str, span: Span) -> str:
    return text[slice(*span)].lower().replace("’", "'")
