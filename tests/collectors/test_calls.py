"""Calls in every layout found in the wild, on text written for these tests."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from call_texts import HEADER, LAYOUTS, PREPARED, ROLES, SPEAKERS, call
from hypothesis import given, settings
from hypothesis import strategies as st

from moneygood.collectors.calls import NO_SPEAKERS, looks_like_call, parse_call
from moneygood.records import Document, Role, Section

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def read(text: str, name: str = "") -> Document:
    (document,) = parse_call(text.encode(), source="calls", now=NOW, name=name).documents
    return document


def wanted(name: str) -> Role:
    if name == "Operator":
        return Role.OPERATOR
    return Role.ANALYST if "Analyst" in ROLES[name] else Role.MANAGEMENT


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("headings", [True, False])
def test_speakers_roles_and_sections(layout: str, headings: bool) -> None:
    document = read(call(layout, headings=headings))
    assert [turn.speaker for turn in document.turns] == SPEAKERS
    assert [turn.role for turn in document.turns] == [wanted(name) for name in SPEAKERS]
    sections = [turn.section for turn in document.turns]
    assert sections.index(Section.QA) == len(PREPARED)
    assert document.turns[2].text == PREPARED[2][1]
    assert document.title == "Tern Data (TRND) Q4 2024 Earnings Call"
    assert document.tickers == ("TRND",)
    assert document.published_at == datetime(2025, 1, 30, 22, tzinfo=UTC)


@pytest.mark.parametrize("layout", ["colon", "spaced colon", "bare"])
def test_roles_without_headings_or_participants(layout: str) -> None:
    document = read(call(layout, headings=False, people=False))
    assert [turn.speaker for turn in document.turns] == SPEAKERS
    assert [turn.role for turn in document.turns] == [wanted(name) for name in SPEAKERS]


def test_header_split_over_lines_with_contents() -> None:
    header = (
        "COMPANY: TRND_Q4_2024\nSOURCE: https://calls.example/trnd\n\nTern Data\n(\nTRND\n1.2%\n)\n"
        "Q4 2024 Earnings Call\nJan 30, 2025\n,\n5:00 p.m. ET\n"
        "Contents:\nPrepared Remarks\nQuestions and Answers\nCall Participants"
    )
    document = read(call("three lines", header=header), "TRND_Q4_2024.txt")
    assert document.title == "Tern Data (TRND) Q4 2024 Earnings Call"
    assert document.url == "https://calls.example/trnd"
    assert document.published_at == datetime(2025, 1, 30, 22, tzinfo=UTC)
    assert [turn.speaker for turn in document.turns] == SPEAKERS


def test_named_host_is_the_operator() -> None:
    text = call("colon", headings=False, people=False).replace("Operator:", "Kate:")
    text = text.replace(
        "Good afternoon", "I will be your conference operator today. Good afternoon"
    )
    document = read(text)
    assert {t.speaker for t in document.turns if t.role is Role.OPERATOR} == {"Kate"}


def test_words_before_a_colon_are_not_speakers() -> None:
    text = call("colon").replace("Margins held.", "So the question is: who pays?\nRevenue: up 9%.")
    document = read(text)
    assert [turn.speaker for turn in document.turns] == SPEAKERS
    assert "So the question is: who pays?" in document.turns[3].text


def test_running_text_has_a_body_and_a_name_from_the_file() -> None:
    document = read("Good afternoon and welcome to the call. Cheaper is more.", "TRND_2024_Q1.txt")
    assert document.body.startswith("Good afternoon")
    assert document.turns == ()
    assert document.title == "TRND Q1 2024 Earnings Call"
    assert document.tickers == ("TRND",)
    assert document.published_at == NOW
    assert set(document.notes) == {NO_SPEAKERS, "no date in the source: taken as first seen"}


def test_a_day_without_a_time_is_not_known_before_the_call() -> None:
    document = read(call("colon", header="Tern Data (TRND) Q4 2024 Earnings Call\n2025-01-30\n"))
    assert document.published_at == datetime(2025, 1, 30, 22, tzinfo=UTC)
    assert "no time" in document.notes[0]


def test_recognising_calls() -> None:
    assert looks_like_call(HEADER + "Operator: Welcome", "x.txt")
    assert looks_like_call("anything", "META_2024_Q1.txt")
    assert not looks_like_call("Shares fell after the earnings call on Monday.", "news.txt")


def test_empty_and_oversized_files_fail() -> None:
    for data, says in [(b" \n", "empty"), (b"x" * 5_000_001, "limit of 5 MB")]:
        (failure,) = parse_call(data, source="calls", now=NOW, name="a.txt").failures
        assert says in failure.reason
        assert failure.subject == "a.txt"


@settings(max_examples=80, deadline=None)
@given(st.lists(st.sampled_from([*call("colon").split("\n"), "--", "Ann Poe", "## X", "A:", ":"])))
def test_any_mix_of_lines_never_raises(lines: list[str]) -> None:
    found = parse_call("\n".join(lines).encode(), source="calls", now=NOW, name="a.txt")
    assert found.documents or found.failures


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_never_raise(data: bytes) -> None:
    found = parse_call(data, source="calls", now=NOW, name="a.txt")
    assert found.documents or found.failures


def test_sample_calls(sample: Path) -> None:
    for path in sorted((sample / "calls").glob("*.txt")):
        document = read(path.read_text(encoding="utf-8"), path.name)
        roles = {turn.role for turn in document.turns}
        assert roles == {Role.OPERATOR, Role.MANAGEMENT, Role.ANALYST}, path.name
        assert document.tickers
        assert not document.notes


def test_real_layouts(shared: Path) -> None:
    for path in sorted((shared / "transcripts" / "speaker_turns" / "manthanshah94").glob("*.txt")):
        document = read(path.read_text(encoding="utf-8"), path.name)
        roles = {turn.role for turn in document.turns}
        assert roles == {Role.OPERATOR, Role.MANAGEMENT, Role.ANALYST}, path.name
        assert len(document.turns) > 20
        assert not document.notes


def test_real_answer_key(shared: Path) -> None:
    import json

    right = total = 0
    for path in sorted((shared / "transcripts" / "segmented").glob("*.txt"))[:15]:
        key = json.loads(path.read_text(encoding="utf-8"))
        lines, expected = ["Prepared Remarks:"], []
        for part, heading in (("prepared_remarks", ""), ("q_and_a", "Questions & Answers:")):
            lines.append(heading)
            for turn in key[part]:
                if turn["speech"].strip():
                    lines.append(f"{turn['speaker']}: {turn['speech']}\n")
                    expected.append(turn["speaker"])
        lines += ["Call participants:", *key["participants"]]
        speakers = [turn.speaker for turn in read("\n".join(lines)).turns]
        total += 1
        right += speakers == expected
    assert right >= total - 1
