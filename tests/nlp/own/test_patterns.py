"""Users' regular expressions: linear in the text, offsets those of the text."""

from __future__ import annotations

import time

import pytest

from moneygood.nlp.own.patterns import PatternError, Patterns, compile_pattern


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|a)*b$", "(a|aa)+$", "(.*a){12}b"])
def test_a_hostile_pattern_ends_at_once(pattern: str) -> None:
    try:
        patterns = Patterns([pattern])
    except PatternError:
        return
    start = time.process_time()
    patterns.find("a" * 100_000 + "!")
    assert time.process_time() - start < 2.0


def test_spans_are_of_characters_in_any_case() -> None:
    text = "ü “Price-Level” 🙂 price level"
    spans = Patterns([r"price[- ]level"]).find(text)
    assert [text[a:b] for a, b in spans] == ["Price-Level", "price level"]


def test_half_a_character_moves_no_offset() -> None:
    assert Patterns(["rain"]).find("\ud800 rain") == [(2, 6)]


@pytest.mark.parametrize(
    ("pattern", "position", "reason"),
    [
        ("rain(", 1, "missing )"),
        ("wet|[z-a]", 6, "z-a"),
        (r"(a)\1", 4, "invalid escape"),
        ("a(?=b)", 2, "invalid perl operator"),
        ("a{2000}", 2, "repetition size"),
        ("((a{90}){90}){90}", 4, "repetition size"),
        ("()", 1, "nothing"),
        ("a" * 501, 501, "longer"),
    ],
)
def test_a_bad_pattern_says_where(pattern: str, position: int, reason: str) -> None:
    with pytest.raises(PatternError, match=f"at character {position}$") as caught:
        compile_pattern(pattern)
    assert reason in caught.value.reason
