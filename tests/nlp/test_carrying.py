"""Shares of words to stretches worth reading."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moneygood.nlp.carrying import (
    LONGEST_WORDS,
    MOST_SPANS,
    Words,
    deal,
    stretches,
    words_of,
)


def shown(text: str, **shares: float) -> list[str]:
    """The stretches of a text in which the named words hold these shares."""
    words = words_of(text)
    values = np.array([shares.get(text[a:b].lower(), 0.0) for a, b in words], dtype=np.float32)
    return [text[a:b] for a, b in stretches(text, Words(words, values))]


def test_words_are_whole() -> None:
    text = "They'd spend $40bn, or 5.5%, on AI's build-out (U.S. only)."
    assert [text[a:b] for a, b in words_of(text)] == [
        "They'd", "spend", "$40bn", "or", "5.5%", "on", "AI's", "build-out", "U.S", "only",
    ]  # fmt: skip


def test_the_run_that_holds_the_most_is_shown_and_its_ends_say_something() -> None:
    text = "On Monday the board of the group spoke about the capex for the halls."
    assert shown(text, the=0.3, capex=2, halls=2) == ["capex for the halls"]


def test_a_second_stretch_must_weigh_enough() -> None:
    text = "Losses were small and dull days went by in Oslo until May and were contained."
    assert shown(text, small=2, contained=1.8) == ["small", "contained"]
    assert shown(text, small=2, contained=0.4) == ["small"]


def test_a_clause_ends_a_stretch() -> None:
    assert shown("It is limited; worry remains here.", limited=2, worry=1.9) == ["limited", "worry"]


def test_stop_words_are_never_shown_alone() -> None:
    assert shown("It is of the same.", of=3) == []


def test_a_negation_takes_the_word_it_turns_round() -> None:
    text = "A handful of dropped sites did not really amount to a change."
    assert shown(text, **{"not": 3}) == ["not really amount to a change"]
    assert shown("We say: we will not.", **{"not": 3}) == []


def test_no_word_that_added_shows_nothing() -> None:
    assert shown("Rain fell in Oslo.", rain=-1) == []
    assert stretches("", Words((), np.zeros(0, np.float32))) == ()


def test_amounts_go_to_the_words_that_stand_there() -> None:
    words = words_of("Deep Seek did it.")
    assert deal(words, [((0, 9), 2.0), ((10, 13), 0.5), ((16, 17), 9.0)]) == pytest.approx(
        [1, 1, 0.5, 0]
    )


def test_the_part_that_spans_hold() -> None:
    words = Words(((0, 2), (3, 5), (6, 8)), np.array([3, -2, 1], np.float32))
    assert words.of([(0, 2)]) == pytest.approx(0.75)
    assert words.of([(1, 7)]) == pytest.approx(1)
    assert words.of([]) == 0


@given(st.text(max_size=200), st.integers(0, 10_000))
def test_stretches_are_few_whole_words_apart(text: str, seed: int) -> None:
    words = words_of(text)
    rng = np.random.default_rng(seed)
    found = sorted(stretches(text, Words(words, rng.normal(size=len(words)).astype(np.float32))))
    starts, ends = {a for a, _ in words}, {b for _, b in words}
    assert len(found) <= MOST_SPANS
    for start, end in found:
        assert start in starts
        assert end in ends
        assert sum(start <= a < end for a, _ in words) <= 2 * LONGEST_WORDS
    assert all(one[1] <= other[0] for one, other in pairwise(found))
