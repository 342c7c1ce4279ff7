"""Records: identity, availability and what they refuse."""

from __future__ import annotations

import dataclasses
import hashlib
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moneygood.records import (
    Document,
    Failure,
    Judgement,
    Kind,
    Role,
    Rung,
    Section,
    Sentence,
    SentenceScore,
    Stance,
    Turn,
    content_hash,
    utc,
)

MORNING = datetime(2025, 1, 27, 14, 0, tzinfo=UTC)
EVENING = MORNING + timedelta(hours=9)
BASE = Document("wire", Kind.NEWS, "Racks", MORNING, EVENING, body="A body.")


def same_identity(a: Document, b: Document) -> bool:
    return a.uid == b.uid


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        ({"guid": "g1", "url": "https://other", "title": "Edited", "body": "Edited."}, True),
        ({"guid": "g2"}, False),
        ({"guid": "g1", "source": "post"}, False),
        ({"guid": ""}, False),
    ],
)
def test_a_guid_identifies_within_its_source(changes: dict[str, str], same: bool) -> None:
    document = dataclasses.replace(BASE, guid="g1", url="https://wire/1")
    assert same_identity(document, dataclasses.replace(document, **changes)) is same  # type: ignore[arg-type]


def test_without_a_guid_the_address_identifies() -> None:
    document = dataclasses.replace(BASE, url="https://wire/1")
    assert same_identity(document, dataclasses.replace(document, body="Corrected."))
    assert not same_identity(document, dataclasses.replace(document, url="https://wire/2"))


def test_without_either_the_words_identify() -> None:
    assert same_identity(BASE, dataclasses.replace(BASE, published_at=EVENING))
    assert not same_identity(BASE, dataclasses.replace(BASE, body="Another body."))


def test_the_identity_is_part_of_the_stored_format() -> None:
    document = dataclasses.replace(BASE, guid="g1")
    assert document.uid == hashlib.sha256(b"wire\ng1").hexdigest()[:24]


def test_the_content_hash_is_of_the_words_with_single_blanks() -> None:
    assert content_hash("A  title", "x\n\n y\t z ") == hashlib.sha256(b"A title x y z").hexdigest()


@given(st.lists(st.text("abc", min_size=1), min_size=1), st.sampled_from([" ", "\n", "\t \r\n"]))
def test_white_space_does_not_change_the_content_hash(words: list[str], blank: str) -> None:
    assert content_hash("t", blank.join(words)) == content_hash("t", " ".join(words))


@pytest.mark.parametrize("text", ["a b c", "abc", "A bc", "a bc."])
def test_anything_else_does(text: str) -> None:
    assert content_hash("t", text) != content_hash("t", "a bc")


def test_lone_surrogates_have_an_identity_too() -> None:
    assert len(dataclasses.replace(BASE, body="\ud83d").uid) == 24


def test_live_is_available_when_seen() -> None:
    assert BASE.available_at == EVENING


def test_live_is_not_available_before_it_is_published() -> None:
    early = dataclasses.replace(BASE, published_at=EVENING, first_seen_at=MORNING)
    assert early.available_at == EVENING


def test_history_is_available_when_published() -> None:
    years_later = datetime(2031, 1, 1, tzinfo=UTC)
    assert (
        dataclasses.replace(BASE, history=True, first_seen_at=years_later).available_at == MORNING
    )


@pytest.mark.parametrize("name", ["published_at", "first_seen_at"])
def test_a_moment_without_time_zone_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=f"{name} of 'Racks' has no time zone"):
        dataclasses.replace(BASE, **{name: datetime(2025, 1, 27)})  # type: ignore[arg-type]  # noqa: DTZ001


def test_the_text_of_a_call_is_its_turns() -> None:
    turns = tuple(Turn("A", Role.MANAGEMENT, Section.QA, t) for t in ("One.", "Two."))
    assert dataclasses.replace(BASE, body="", turns=turns).text == "One.\n\nTwo."


def test_records_are_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        BASE.title = "x"  # type: ignore[misc]


def test_the_ladder_of_retreat_climbs() -> None:
    assert [Rung.DENIAL.height, Rung.CONTAINMENT.height, Rung.MONEY_GOOD.height] == [0, 1, 2]


def test_mentions_are_the_narratives_present_and_the_rung_is_reassurances() -> None:
    judgements = tuple(
        Judgement(name, 0.9, present, Stance.AFFIRM, (1.0, 0.0, 0.0), ((0, 2),))
        for name, present in (("ai_capex", True), ("deepseek", False), ("reassurance", True))
    )
    score = SentenceScore(Sentence("All fine."), judgements, Rung.DENIAL, "s.v1")
    assert [(m.narrative, m.rung) for m in score.mentions()] == [
        ("ai_capex", None),
        ("reassurance", Rung.DENIAL),
    ]


def test_a_failure_reads_as_one_line() -> None:
    failure = Failure("wire", "https://wire/rss", "answered 503", "Try later.")
    assert str(failure) == "wire: https://wire/rss: answered 503. Try later."
    assert str(Failure("wire", "x", "broken")) == "wire: x: broken."


def test_utc_converts_and_takes_naive_as_utc() -> None:
    tokyo = datetime(2025, 1, 27, 23, 0, tzinfo=timezone(timedelta(hours=9)))
    assert utc(tokyo) == MORNING
    assert utc(tokyo).tzinfo is UTC
    assert utc(datetime(2025, 1, 27, 14, 0)) == MORNING  # noqa: DTZ001
