"""Narrative definitions and the phrases that mark them."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moneygood.errors import ModelError
from moneygood.nlp.lexicon import Lexicon, merge_spans
from moneygood.nlp.narratives import Definition, PhraseGroup, load_definitions
from moneygood.nlp.sentences import pipeline
from moneygood.records import Narrative

GOOD = 'title = "A"\nquestion = "B?"\ndescription = "C"\n'


def test_the_shipped_narratives_are_the_four() -> None:
    found = load_definitions()
    assert [d.id for d in found] == [str(n) for n in Narrative]
    for definition in found:
        assert definition.question.endswith("?")
        assert all(group.phrases for group in definition.groups)


@pytest.mark.parametrize(
    ("text", "where", "reason"),
    [
        ("", "", "defines no narrative"),
        ("x = ", "", "is not valid TOML"),
        ("rain = 5", "[rain]", "is not a table"),
        ('[rain]\nquestion = "B?"\ndescription = "C"', "[rain]", "has no title"),
        ('[rain]\ntitle = " "\nquestion = "B?"\ndescription = "C"', "[rain]", "has no title"),
        ('[rain]\ntitle = "A"\ndescription = "C"', "[rain]", "has no question"),
        ('[rain]\ntitle = "A"\nquestion = "B?"\ndescription = 7', "[rain]", "has no description"),
        (f"[rain]\n{GOOD}", "[rain]", "has no phrases"),
        (f"[rain]\n{GOOD}[rain.phrases]", "[rain]", "has no phrases"),
        (f'[rain]\n{GOOD}phrases = ["wet"]', "[rain]", "has no phrases"),
        (f'[rain]\n{GOOD}[rain.phrases]\nwet = "rain"', "[rain] phrases.wet", "is not a list"),
        (f"[rain]\n{GOOD}[rain.phrases]\nwet = [1]", "[rain] phrases.wet", "is not a list"),
        (f'[rain]\n{GOOD}[rain.phrases]\nwet = ["a", " "]', "[rain] phrases.wet", "non-empty"),
        (f"[rain]\n{GOOD}[rain.phrases]\nwet = []", "[rain] phrases.wet", "is not a list"),
    ],
)
def test_a_mistake_names_file_narrative_and_field(
    text: str, where: str, reason: str, tmp_path: Path
) -> None:
    file = tmp_path / "narratives.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(ModelError) as caught:
        load_definitions(file)
    assert caught.value.subject == (f"{file}: {where}" if where else str(file))
    assert reason in caught.value.reason


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"gone\.toml: cannot be read"):
        load_definitions(tmp_path / "gone.toml")
    (tmp_path / "latin.toml").write_bytes('[r]\ntitle = "ü"'.encode("latin-1"))
    with pytest.raises(ModelError, match=r"latin\.toml: is not valid TOML"):
        load_definitions(tmp_path / "latin.toml")


PHRASES = ("money - good", "rain*|snow", "contained", "data center*|centre*", "a b")
LEXICON = Lexicon(
    pipeline().vocab,
    [
        Definition("wet", "", "", "", (PhraseGroup("one", PHRASES),)),
        Definition("dry", "", "", "", (PhraseGroup("two", ("contained",)),)),
    ],
)


def found(text: str) -> list[tuple[str, str]]:
    hits = LEXICON.find(pipeline()(text))
    return [(narrative, text[start:end]) for narrative, _, (start, end) in hits]


@pytest.mark.parametrize(
    ("text", "phrases"),
    [
        ("It is RAINING.", ["RAINING"]),
        ("Rain, Snow and rains", ["Rain", "Snow", "rains"]),
        ("The money-good tranche; the Money-Good one.", ["money-good", "Money-Good"]),
        ("two Data  Centers", []),
        ("two Data Centers, one data centre", ["Data Centers", "data centre"]),
        ("a b a b", ["a b", "a b"]),
        ("terrain, brains and snowy rain", ["rain"]),
        ("", []),
    ],
)
def test_phrases_are_found_in_any_case_where_they_stand(text: str, phrases: list[str]) -> None:
    assert found(text) == [("wet", phrase) for phrase in phrases]


def test_one_phrase_may_mark_two_narratives() -> None:
    assert found("Contained?") == [("dry", "Contained"), ("wet", "Contained")]
    assert LEXICON.groups == (("wet", "one"), ("dry", "two"))


@given(st.text("a b.é🙂-", max_size=20), st.text("a b.é🙂-", max_size=20))
def test_offsets_hold_among_any_characters(before: str, after: str) -> None:
    text = f"{before} contained {after}"
    start = len(before) + 1
    spans = [span for name, _, span in LEXICON.find(pipeline()(text)) if name == "dry"]
    assert (start, start + len("contained")) in spans


SPANS = st.lists(st.tuples(st.integers(0, 30), st.integers(1, 9)).map(lambda t: (t[0], sum(t))))


@given(SPANS)
def test_merged_spans_cover_the_same_characters_and_never_touch(
    spans: list[tuple[int, int]],
) -> None:
    merged = merge_spans(spans)
    assert {i for a, b in merged for i in range(a, b)} == {i for a, b in spans for i in range(a, b)}
    assert all(left[1] < right[0] for left, right in pairwise(merged))
    assert merge_spans(merged) == merged == merge_spans(spans[::-1])
