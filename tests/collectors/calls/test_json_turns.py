"""Calls as JSON, in the shapes of services and archives."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moneygood.collectors.calls.json_turns import is_turn_list, read_json_call
from moneygood.records import Role, Section, Turn

WORDS = [
    ("Operator", "", "Good day. I hand over to Ann Poe."),
    ("Ann Poe", "Chief Financial Officer", "Revenue rose.\nMargins held."),
    ("Operator", "", "The first question comes from Bo Lim with Quay Bank. Please go ahead."),
    ("Bo Lim", "", "Who pays?"),
    ("Ann Poe", "Chief Financial Officer", "Customers do."),
]
ROLES = [Role.OPERATOR, Role.MANAGEMENT, Role.OPERATOR, Role.ANALYST, Role.MANAGEMENT]
SECTIONS = [Section.PREPARED] * 2 + [Section.QA] * 3


def turns(value: object) -> tuple[Turn, ...]:
    call = read_json_call(value)
    assert call is not None
    return call.turns


SHAPES: dict[str, object] = {
    "turns": {"turns": [{"speaker": n, "text": t} for n, _, t in WORDS]},
    "service": {
        "symbol": "ABC",
        "quarter": "2024Q4",
        "transcript": [
            {"speaker": n, "title": a, "content": t, "sentiment": "0.1"} for n, a, t in WORDS
        ],
    },
    "words in a list": {
        "transcript": [{"name": n, "speech": t.split("\n")} for n, _, t in WORDS],
        "participants": ["Ann Poe--Chief Financial Officer", "Bo Lim--Quay Bank -- Analyst"],
    },
    "speakers": {"speakers": [{"name": n, "role": a, "text": t} for n, a, t in WORDS]},
    "a speaker is a thing": {
        "transcript_split": [{"speaker": {"name": n, "title": a}, "text": t} for n, a, t in WORDS]
    },
    "two parts": {
        "prepared_remarks": [{"speaker": n, "speech": t} for n, _, t in WORDS[:2]],
        "q_and_a": [{"speaker": n, "speech": t} for n, _, t in WORDS[2:]],
    },
    "nested": {"transcript": {"turns": [{"speaker": n, "text": t} for n, _, t in WORDS]}},
    "name and title as one": {
        "turns": [{"speaker": f"{n}, {a}" if a else n, "text": t} for n, a, t in WORDS]
    },
    "a list alone": [{"speaker": n, "text": t} for n, _, t in WORDS],
    "one text": {
        "symbol": "ABC",
        "quarter": 4,
        "content": "\n".join(f"{n}: {t}" for n, _, t in WORDS),
    },
}


@pytest.mark.parametrize("shape", SHAPES)
def test_shapes(shape: str) -> None:
    found = turns(SHAPES[shape])
    assert [turn.speaker for turn in found] == [name for name, _, _ in WORDS]
    assert [turn.text for turn in found] == [text for _, _, text in WORDS]
    assert [turn.role for turn in found] == ROLES
    assert [turn.section for turn in found] == SECTIONS


def test_what_the_source_states_holds() -> None:
    stated = [
        {"speaker": "Ann Poe", "role": "analyst", "section": "qa", "text": "So it is."},
        {"speaker": "Operator", "role": "management", "section": "prepared", "text": "Next."},
    ]
    found = turns({"turns": stated})
    assert [turn.role for turn in found] == [Role.ANALYST, Role.MANAGEMENT]
    assert [turn.section for turn in found] == [Section.QA, Section.PREPARED]


def test_talk_that_is_no_call_has_no_parts() -> None:
    talk = [{"speaker": "Ann Poe", "role": "official", "text": "Rates stay."}, {"text": "Why?"}]
    found = turns({"turns": talk})
    assert [turn.role for turn in found] == [Role.OFFICIAL, Role.UNKNOWN]
    assert {turn.section for turn in found} == {Section.NONE}


def test_title_ticker_and_day() -> None:
    call = read_json_call({**dict(SHAPES["service"]), "date": "2025-01-30"})  # type: ignore[call-overload]
    assert call is not None
    assert (call.title, call.ticker) == ("ABC Q4 2024 Earnings Call", "ABC")
    assert call.published == "2025-01-30"


@pytest.mark.parametrize("key", ["Note", "Information", "Error Message"])
def test_a_services_notice_is_an_error(key: str) -> None:
    call = read_json_call({key: "Thank you for using the service. The limit is 25 a day."})
    assert call is not None
    assert "25 a day" in call.error
    assert call.turns == ()


def test_a_note_beside_a_text_is_no_error() -> None:
    assert read_json_call({"title": "A", "text": "B", "note": "c"}) is None


@pytest.mark.parametrize("value", [None, 1, "text", [], {}, [1], {"a": []}, {"turns": []}])
def test_other_json_is_no_call(value: object) -> None:
    assert read_json_call(value) is None


def test_speeches_in_a_list_are_texts_of_their_own() -> None:
    speeches = [{"speaker": "Ann Poe", "text": "Rates stay.", "date": "2008-01-01"}] * 2
    assert not is_turn_list(speeches)
    assert read_json_call(speeches) is None


@pytest.mark.parametrize("value", ["Ann: hi", {"a": 1}, [1], [["Ann", "hi"]]])
def test_turns_of_another_form_are_refused(value: object) -> None:
    with pytest.raises(ValueError, match="not a list of"):
        read_json_call({"turns": value})


KEYS = st.sampled_from([
    "turns", "transcript", "speakers", "speaker", "name", "text", "speech", "content", "role",
    "section", "title", "q_and_a", "prepared_remarks", "participants", "note", "date", "quarter",
])  # fmt: skip
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20)),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=5)),
    max_leaves=20,
)


@settings(max_examples=300, deadline=None)
@given(JSON)
def test_any_json_gives_a_call_or_none(value: object) -> None:
    call = None
    with contextlib.suppress(ValueError):
        call = read_json_call(value)
    assert call is None or all(turn.text for turn in call.turns)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["Operator", "Ann Poe", ""]), st.text(max_size=40))))
def test_every_word_is_kept(said: list[tuple[str, str]]) -> None:
    value = json.loads(
        json.dumps([{"speaker": n, "text": f"w{i}x {t}"} for i, (n, t) in enumerate(said)])
    )
    call = read_json_call({"turns": value})
    found = "" if call is None else "\n".join(turn.text for turn in call.turns)
    assert all(f"w{i}x" in found for i in range(len(said)))
