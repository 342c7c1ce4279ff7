"""Each page layout found in the wild: a page in its form, with invented companies and words."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from moneygood.collectors.calls.transcript import parse_call
from moneygood.records import Document, Role, Section

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
PAGES = Path(__file__).parent / "pages"
HELD = datetime(2025, 1, 30, 22, tzinfo=UTC)

MARA, JON, TOMAS, LEE = "Mara Lind", "Jon K. Aster", "Tomas de Wit", "Lee O'Dell"
OPERATOR, MANAGEMENT, ANALYST = Role.OPERATOR, Role.MANAGEMENT, Role.ANALYST
OPENING = [("Operator", OPERATOR), (MARA, MANAGEMENT), (JON, MANAGEMENT)]
ASKED = [("Operator", OPERATOR), (TOMAS, ANALYST), (JON, MANAGEMENT)]
SECOND = [("Operator", OPERATOR), (LEE, ANALYST), (JON, MANAGEMENT)]
END = [("Operator", OPERATOR)]


def renamed(turns: list[tuple[str, Role]], old: str, new: str) -> list[tuple[str, Role]]:
    return [(new if name == old else name, role) for name, role in turns]


# page -> its name, speakers with roles, and how many turns are prepared remarks
EXPECTED: dict[str, tuple[str, list[tuple[str, Role]], int]] = {
    "magazine_three_lines.txt": ("TRND_Q4_2024.txt", OPENING + ASKED + END, 3),
    "finder_spaced_colon.txt": (
        "TRND_Q4_2024.txt",
        renamed(
            OPENING + ASKED + [(TOMAS, ANALYST), (JON, MANAGEMENT)] + END,
            TOMAS,
            "Tomas A. van der Wit",
        ),
        3,
    ),
    "finder_named_host.txt": (
        "TRND_Q4_2024.txt",
        renamed(OPENING[1:] + ASKED + SECOND + END, "Operator", "Katie"),
        2,
    ),
    "bank_print.txt": (
        "TRND_Q4_2024.txt",
        [OPENING[0], OPENING[2], *ASKED, (TOMAS, ANALYST), (JON, MANAGEMENT), *END],
        2,
    ),
    "article_with_advertisements.md": (
        "2024Q4_TRND.md",
        renamed(OPENING + ASKED + END, "Operator", "Tia"),
        3,
    ),
    "letter_colon.md": ("2024Q4_TRND.md", OPENING + ASKED + END, 3),
    "company_colon_with_titles.md": ("2024Q4_TRND.md", OPENING + ASKED + END, 3),
    "listed_names_over_titles.md": ("2024Q4_TRND.md", OPENING + ASKED + SECOND, 3),
    "bare_names.txt": ("someone_TRND_Q4_2024.txt", OPENING + ASKED + END, 3),
    "headings_then_heaps.md": (
        "TRND-Q4-2024-Call.md",
        OPENING[1:] + ASKED + SECOND + [(MARA, MANAGEMENT), *END],
        2,
    ),
    "print_with_hanging_names.txt": ("TRND-Q4-2024-Call.txt", OPENING[1:] + ASKED + END, 2),
    "time_marks.txt": ("TRND_Q4_2024.txt", OPENING + ASKED + END, 3),
}
FURNITURE = (
    "3rd party", "Advert", "....", "Disclaimer", "generated with", "bargain", "Claim", "Affiliate",
    "rights reserved", "Example Avenue", "Read more", "View all", "Duration", "00:01", "12:09",
    "Search", "Takeaways", "alerts", "Email", "Subscribe", "Division", "--",
)  # fmt: skip


def page(name: str) -> Document:
    file = EXPECTED[name][0]
    data = (PAGES / name).read_bytes()
    (document,) = parse_call(data, source="calls", now=NOW, name=file).documents
    return document


def test_every_page_is_expected() -> None:
    assert {path.name for path in PAGES.iterdir()} == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_speakers_and_roles(name: str) -> None:
    assert [(turn.speaker, turn.role) for turn in page(name).turns] == EXPECTED[name][1]


@pytest.mark.parametrize("name", EXPECTED)
def test_the_questions_begin_where_they_are_opened(name: str) -> None:
    sections = [turn.section for turn in page(name).turns]
    prepared = EXPECTED[name][2]
    assert sections == [Section.PREPARED] * prepared + [Section.QA] * (len(sections) - prepared)


@pytest.mark.parametrize("name", EXPECTED)
def test_words_are_whole_and_nothing_of_the_page_is_among_them(name: str) -> None:
    document = page(name)
    jon = next(turn for turn in document.turns if turn.speaker == JON)
    assert "We built two halls" in jon.text
    questions = [turn.text for turn in document.turns if turn.role is ANALYST]
    assert any("Who fills the halls?" in text for text in questions)
    assert not [mark for mark in FURNITURE if mark in document.text]


@pytest.mark.parametrize("name", EXPECTED)
def test_title_and_day(name: str) -> None:
    document = page(name)
    assert "Tern Data" in document.title or "TRND" in document.title
    raw = document.published_raw
    dateless = ("article_with_advertisements.md", "company_colon_with_titles.md")
    if name in dateless or name == "finder_named_host.txt":
        assert not raw
    else:
        assert document.published_at == HELD


def test_lines_broken_for_print_are_joined() -> None:
    text = page("bank_print.txt").turns[1].text
    assert "we expect them to hold for as long" in text
    assert "\n" not in text
    text = page("print_with_hanging_names.txt").turns[1].text
    assert text.count("\n") == 1
    assert text.endswith("We are glad to have them in-house.")


def test_words_over_a_page_break_stay_with_their_speaker() -> None:
    text = page("headings_then_heaps.md").turns[4].text
    assert text == "Tomas, thanks for the question. Customers do, and they ask for more."


@pytest.mark.parametrize("folder", ["manthanshah94", "mhhung666", "misc", "raja2502"])
def test_real_pages(folder: str, shared: Path) -> None:
    files = [
        path
        for path in sorted((shared / "transcripts" / "speaker_turns" / folder).iterdir())
        if path.suffix != ".pdf"
    ]
    named = turns = split = asked = 0
    for path in files:
        data = path.read_bytes()
        (document,) = parse_call(data, source="calls", now=NOW, name=path.name).documents
        turns += len(document.turns)
        named += sum(bool(turn.speaker) for turn in document.turns)
        split += len({turn.section for turn in document.turns}) == 2
        asked += any(turn.role is ANALYST for turn in document.turns)
        assert document.title
    assert named == turns > 20
    # Three articles name nobody in the questions (the words themselves are run together).
    assert split >= len(files) - 1
    assert asked >= len(files) - (3 if folder == "mhhung666" else 0)
