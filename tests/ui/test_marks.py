"""Collected text may be shown, never obeyed."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moneygood.records import Document, Kind, Role, Section, Turn
from moneygood.ui.marks import MarkedSentence, document_blocks, escape, mark, merged, safe_url

ACTIVE = re.compile(r"(?<!\\)[<>\[\]()*_`$:#&|~!]")


@given(st.text())
def test_no_character_keeps_a_meaning(text: str) -> None:
    assert not ACTIVE.search(escape(text))
    assert "\n" not in escape(text)


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "[click](javascript:alert(1))",
        "![x](http://tracker.example/p.png)",
        "# head\n> quote\n- item",
        "$x^2$ and `code` and :fire: and :material/home: and :red[x]",
        "](javascript:alert(1))",
    ],
)
def test_hostile_text_reads_as_it_was_written(text: str) -> None:
    shown = re.sub(r"\\(.)", r"\1", escape(text)).replace("\u2060", "")
    assert shown == " ".join(text.split())


@pytest.mark.parametrize(
    "text", [":fire:", "https://evil.example", "www.evil.example", "a@b.example"]
)
def test_what_streamlit_replaces_later_is_broken_up(text: str) -> None:
    assert "\u2060" in escape(text)


@given(
    st.text(max_size=60), st.lists(st.tuples(st.integers(-5, 70), st.integers(-5, 70)), max_size=5)
)
def test_marks_lose_no_word(text: str, spans: list[tuple[int, int]]) -> None:
    marked = mark(text, spans)
    bare = re.sub(r"(?<!\\):orange-background\[\*\*|(?<!\\)\*\*\]", "", marked)
    assert "".join(bare.split()).replace("\u2060", "") == "".join(escape(text).split()).replace(
        "\u2060", ""
    )


def test_a_mark_keeps_the_spaces_around_it() -> None:
    assert mark("to buy racks now", [(3, 6)]) == "to :orange-background[**buy**] racks now"
    assert mark("to buy racks", [(3, 7)]) == "to :orange-background[**buy**] racks"


def test_a_quiet_mark_is_not_bold() -> None:
    assert mark("to buy", [(3, 6)], strong=False) == "to :orange-background[buy]"


def test_spans_outside_or_overlapping_are_mended() -> None:
    assert merged([(4, 2), (0, 3), (2, 5), (90, 95)], "abcdefgh") == [(0, 5)]


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        " JavaScript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "//evil.com",
        "https://",
        "http://[bad",
        "https://wire.example/1",
        "",
    ],
)
def test_only_web_addresses_become_links(url: str) -> None:
    assert safe_url(url) == ""


def test_a_web_address_cannot_leave_its_link() -> None:
    assert safe_url("https://a.com/x y)[z](javascript:1)").startswith("https://a.com/x%20y")
    assert "[" not in safe_url("https://a.com/x[y]")


def _document(**parts: object) -> Document:
    moment = datetime(2025, 1, 2, tzinfo=UTC)
    return Document("wire", Kind.NEWS, "T", moment, moment, **parts)  # type: ignore[arg-type]


def test_a_text_shows_its_marked_sentence_in_place() -> None:
    found = document_blocks(
        _document(body="First one. We see\nno impact. Last."),
        [MarkedSentence("We see no impact.", "violet", "Reassurance affirms", strong=True)],
    )
    assert found == [
        (
            "",
            r"First one\. :violet-background[**We see no impact\.**]"
            r" :violet-badge[Reassurance affirms] Last\.",
        )
    ]


def test_a_call_is_headed_by_its_speakers() -> None:
    turn = Turn("Ada [CEO]", Role.MANAGEMENT, Section.QA, "Yes.")
    assert document_blocks(_document(turns=(turn,)), []) == [(r"Ada \[CEO\]", r"Yes\.")]
