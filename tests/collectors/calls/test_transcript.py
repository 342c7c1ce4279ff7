"""Calls in every layout found in the wild, on text written for these tests."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from time import process_time

import pytest
from call_texts import HEADER, LAYOUTS, PEOPLE, PREPARED, QUESTIONS, ROLES, SPEAKERS, call
from hypothesis import given, settings
from hypothesis import strategies as st

from moneygood.collectors.calls.layouts import read_layout
from moneygood.collectors.calls.transcript import (
    NO_SPEAKERS,
    _keep_blank_lines,
    looks_like_call,
    parse_call,
)
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


def test_a_call_as_json_in_a_text_file() -> None:
    turns = [{"speaker": name, "speech": text} for name, text in PREPARED]
    answers = [{"speaker": name, "speech": text} for name, text in QUESTIONS]
    people = [f"{name}--{title}" for name, title in PEOPLE]
    call = {"prepared_remarks": turns, "q_and_a": answers, "participants": people}
    document = read(json.dumps(call), "TRND_q4_2024.txt")
    assert [turn.speaker for turn in document.turns] == SPEAKERS
    assert [turn.role for turn in document.turns] == [wanted(name) for name in SPEAKERS]
    assert document.title == "TRND Q4 2024 Earnings Call"
    assert looks_like_call(json.dumps(call), "x.txt")
    assert not looks_like_call('{"a": 1}', "x.txt")


def test_a_services_notice_is_a_failure() -> None:
    data = b'{"Information": "Our standard limit is 25 requests a day."}'
    found = parse_call(data, source="calls", now=NOW, name="TRND_2024_Q4.json")
    assert not found.documents
    assert "25 requests a day" in found.failures[0].reason
    assert found.failures[0].remedy


def test_the_day_that_the_first_words_name() -> None:
    words = (
        "We are glad of you. " * 20
        + "All statements are as of today, January 30th, 2025. On May 2, 2024 we met."
    )
    assert read(words, "TRND_2024_Q4.txt").published_at == datetime(2025, 1, 30, 22, tzinfo=UTC)
    words = "We are glad of you. " * 20 + "We met on May 2, 2024."
    assert read(words, "TRND_2024_Q4.txt").published_at == NOW


LINES = st.sampled_from([
    *call("colon").split("\n"), *call("three lines").split("\n"), "--", "Ann Poe", "## X", "A:",
    ":", "....", "3", "", "[Operator Instructions]", "00:10 Ann Poe: hi", "Call participants:",
    "Disclaimer", "**Ann Poe**", "Q&A", "Ann Poe, CFO", "Advertisement", "“”", "''", "\t", "(", "Q",
])  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(LINES, st.text(max_size=30)), max_size=40))
def test_every_line_lands_in_one_place(lines: list[str]) -> None:
    """In a turn's words or speaker line, before the call, or among the page's furniture."""
    numbered = [f"{line} w{n}x" if line[:1].islower() else line for n, line in enumerate(lines)]
    text = _keep_blank_lines("\n".join(numbered))
    layout = read_layout(text)
    kept = " ".join(
        [
            *(f"{turn.speaker} {turn.role} {' '.join(turn.lines)}" for turn in layout.turns),
            *layout.preamble,
            *layout.furniture,
            *(f"{name} {role}" for name, role in layout.people.items()),
        ]
    )
    for word in re.findall(r"\bw\d+x\b", text):
        assert kept.count(word) == 1, word
    letters = Counter(c for c in text if c.isalpha())
    assert not letters - Counter(c for c in kept if c.isalpha())


@pytest.mark.parametrize(
    "text",
    [
        "word " * 400_000,
        "Ann Poe " * 250_000,
        "Ann: " * 400_000,
        "Ann -- Poe " * 180_000,
        "(" * 2_000_000,
        "question from " * 140_000,
        "Ann Poe\n" * 100_000,
        "Ann Poe: hi\n" * 100_000,
        "Prepared Remarks\n\n" * 50_000,
        "Ann Poe\n--\n" * 50_000,
        "Operator:\nAnn Poe:\n" * 50_000,
        "[" * 100_000,
    ],
    ids=lambda text: text[:14],
)
def test_long_input_takes_no_longer_than_its_length(text: str) -> None:
    started = process_time()
    parse_call(text.encode(), source="calls", now=NOW, name="a.txt")
    assert process_time() - started < 4


def test_real_answer_key(shared: Path) -> None:
    from bench.turns import as_page, read_key, score

    total, right = 0, Counter[str]()
    for path in sorted((shared / "transcripts" / "segmented").glob("*.txt"))[::4]:
        key = read_key(path)
        for form in ("json", "dashed", "colon", "tight"):
            data = as_page(key, form)
            found = parse_call(data, source="key", now=NOW, name=path.name)
            right += score(key, found.documents[0].turns)
            total += len(key.turns)
    assert right["both"] >= 0.98 * total
    assert right["text"] >= 0.98 * total
