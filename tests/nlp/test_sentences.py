"""Sentences: where they begin and end, and that nothing is lost between them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moneygood.nlp.sentences import LONGEST, split, split_text
from moneygood.records import Document, Kind, Role, Section, Turn

NOON = datetime(2025, 1, 27, 17, 0, tzinfo=UTC)


def texts(text: str) -> list[str]:
    return [text[start:end] for start, end in split_text(text)]


def document(kind: Kind = Kind.NEWS, **fields: object) -> Document:
    return Document("wire", kind, published_at=NOON, first_seen_at=NOON, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "sentences",
    [
        ["Capex rose to $80 bn. of which half is AI.", "It will rise again."],
        ["It cost $5 bn.", "Nobody minded."],
        ["Spending of approx. 40 percent is planned.", "Then it stops."],
        ["Halden Inc. said it would.", "Mr. Smith agreed with Dr. Jones."],
        ["The U.S. economy grew 2.5 percent.", "Rates in the U.K. fell."],
        ["Revenue vs. cost is fine.", "Gov. Smith agreed."],
        ["No. 3 in the market.", "No.", "That is wrong."],
        ["10-yr at 4.5%.", "2-yr at 4.1%."],
        ["Is it over?", "Yes!", "Really?!", "Good."],
        ['"Nothing has changed."', "He paused.", '"We are fine," she said.'],
        ["“Nothing has changed.”", "He paused.", "(It is contained.)", "Done."],
        ["He said: 'All is well.'", "They left."],
        ["e.g. this one.", "i.e. that."],
        ["日本語。Это предложение.", "عربي."],
        ["a"],
    ],
)
def test_one_after_the_other(sentences: list[str]) -> None:
    assert texts(" ".join(sentences)) == sentences


def test_lists_and_headlines_end_with_their_line() -> None:
    assert texts("Plans:\n- More racks\n• Less cash\nThe end.") == [
        "Plans:", "- More racks", "• Less cash", "The end.",
    ]  # fmt: skip
    assert texts("RACKS, RACKS, RACKS\n\nThe body begins. It ends.") == [
        "RACKS, RACKS, RACKS", "The body begins.", "It ends.",
    ]  # fmt: skip


def test_a_wrapped_line_goes_on() -> None:
    assert texts("we will spend\nmore than before.") == ["we will spend\nmore than before."]


@pytest.mark.parametrize(
    "text", ["", "   \n\t ", "...", "🙂 🙂", "\x00\x07", "\u200b\u200b", "— – -", "\n" * 200_000]
)
def test_without_words_there_is_no_sentence(text: str) -> None:
    assert split_text(text) == []


@pytest.mark.parametrize("odd", ["\u200b", "\x00", "\x07", "🙂", "\u202e", "\ufeff", "е"])
def test_odd_characters_are_kept_where_they_are(odd: str) -> None:
    text = f"Deep{odd}Seek is cheap. All is {odd} fine."
    assert "".join(texts(text)).replace(" ", "") == text.replace(" ", "")


def test_200000_characters_without_a_stop_are_cut_at_words() -> None:
    text = "and so we spend more " * 10_000
    parts = texts(text)
    assert max(map(len, parts)) <= LONGEST
    assert " ".join(parts).split() == text.split()


def test_200000_characters_without_a_blank() -> None:
    parts = texts("x" * 200_000)
    assert max(map(len, parts)) <= LONGEST
    assert "".join(parts) == "x" * 200_000


def test_a_long_text_splits_as_its_parts_do() -> None:
    assert texts("The racks are full. It rained. " * 8_000) == [
        "The racks are full.", "It rained.",
    ] * 8_000  # fmt: skip


ALPHABET = st.sampled_from(
    [*"aB3.!?\"'()-–•*\n\r\t $%,:;“”’\u200b\x00🙂é日", ". ", "bn. ", "\n\n", "Inc. ", " x" * 700]
)
ANY = st.lists(ALPHABET, max_size=60).map("".join) | st.text(
    st.characters(exclude_categories=["Cs"]), max_size=200
)


@settings(max_examples=150, deadline=None)
@given(ANY)
def test_offsets_are_in_order_and_no_word_is_lost(text: str) -> None:
    spans = split_text(text)
    bounds = [offset for span in spans for offset in span]
    assert bounds == sorted(bounds)
    assert all(0 <= start < end <= len(text) for start, end in spans)
    covered = "".join(text[start:end] for start, end in spans)
    assert [c for c in covered if c.isalnum()] == [c for c in text if c.isalnum()]
    for part in texts(text):
        assert any(c.isalnum() for c in part)
        assert len(part) <= LONGEST


@settings(max_examples=60, deadline=None)
@given(st.lists(ANY, max_size=3), st.text("ab. ", max_size=20))
def test_a_sentence_is_its_place_in_its_turn(turns: list[str], title: str) -> None:
    call = document(
        Kind.TRANSCRIPT,
        title=title,
        turns=tuple(Turn(str(i), Role.ANALYST, Section.QA, t) for i, t in enumerate(turns)),
    )
    found = split(call)
    assert [s.position for s in found] == list(range(len(found)))
    assert [s.context for s in found] == ["", *(s.text for s in found)][: len(found)]
    for sentence in found:
        assert turns[int(sentence.speaker)][sentence.start : sentence.end] == sentence.text


def test_turns_keep_speaker_role_and_section() -> None:
    turns = (
        Turn("Ann", Role.MANAGEMENT, Section.PREPARED, "We spend. We build."),
        Turn("Bob", Role.ANALYST, Section.QA, "Too much?"),
    )
    found = split(document(Kind.TRANSCRIPT, title="Call", turns=turns))
    assert [(s.text, s.context, s.speaker, s.role, s.section) for s in found] == [
        ("We spend.", "", "Ann", Role.MANAGEMENT, Section.PREPARED),
        ("We build.", "We spend.", "Ann", Role.MANAGEMENT, Section.PREPARED),
        ("Too much?", "We build.", "Bob", Role.ANALYST, Section.QA),
    ]
    assert {(s.title, s.kind) for s in found} == {("Call", Kind.TRANSCRIPT)}


@pytest.mark.parametrize(
    ("kind", "role"),
    [
        (Kind.NEWS, Role.JOURNALIST),
        (Kind.FILING, Role.JOURNALIST),
        (Kind.SPEECH, Role.OFFICIAL),
        (Kind.TRANSCRIPT, Role.UNKNOWN),
    ],
)
def test_who_speaks_running_text(kind: Kind, role: Role) -> None:
    found = split(document(kind, title="", body="We spend. We build."))
    assert {(s.role, s.section) for s in found} == {(role, Section.NONE)}


def test_a_news_title_is_the_first_sentence_unless_the_body_has_it() -> None:
    def said(body: str, kind: Kind = Kind.NEWS) -> list[str]:
        return [s.text for s in split(document(kind, title="Racks rise", body=body))]

    assert said("It rained.") == ["Racks rise", "It rained."]
    assert said("") == ["Racks rise"]
    assert said("\nRacks rise\n\nIt rained.") == ["Racks rise", "It rained."]
    assert said("It rained.", Kind.SPEECH) == ["It rained."]


def test_two_blanks_after_a_stop_end_a_sentence_too() -> None:
    text = "Orders doubled in the quarter.  The delay costs us days.   Then it ends."
    assert [text[a:b] for a, b in split_text(text)] == [
        "Orders doubled in the quarter.", "The delay costs us days.", "Then it ends.",
    ]  # fmt: skip
