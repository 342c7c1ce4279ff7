"""Versions of a text: what a later one changed, shown so that it can do nothing."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from dashboard import words
from fakes import HOSTILE_TITLE, HOSTILE_WORDS, SCORER
from streamlit.testing.v1 import AppTest

from moneygood import reads
from moneygood.store import Store
from moneygood.ui.versions import (
    CONTEXT,
    MOST_SHOWN,
    Run,
    changed_runs,
    changes_markdown,
    version_words,
)


def _runs(old: str, new: str) -> list[tuple[str, str]]:
    return [(run.change, " ".join(run.words)) for run in changed_runs(old, new)]


def test_a_version_says_its_number_since_when_and_what_it_changed() -> None:
    moment = datetime(2025, 1, 29, 14, tzinfo=UTC)
    assert version_words(2, 3, moment, "title; text: 12 words added, 3 removed") == (
        "Version 2 of 3, since 2025-01-29 14:00 UTC: title; text: 12 words added, 3 removed"
    )
    assert version_words(1, 3, moment, "") == "Version 1 of 3, since 2025-01-29 14:00 UTC"


def test_words_added_removed_and_replaced() -> None:
    assert _runs("spending will rise", "spending will not rise") == [
        ("same", "spending will"), ("added", "not"), ("same", "rise"),
    ]  # fmt: skip
    assert _runs("spending will surely rise", "spending will rise") == [
        ("same", "spending will"), ("removed", "surely"), ("same", "rise"),
    ]  # fmt: skip
    assert _runs("by 40 billion", "by 60 billion") == [
        ("same", "by"), ("removed", "40"), ("added", "60"), ("same", "billion"),
    ]  # fmt: skip
    assert _runs("", "all new") == [("added", "all new")]


@pytest.mark.parametrize("text", ["", "the same words", "the  same\nwords "])
def test_white_space_alone_is_no_change(text: str) -> None:
    assert changed_runs(" ".join(text.split()), text) == []


def test_added_and_kept_words_make_the_new_text_where_nothing_is_cut() -> None:
    old = "one two three four five six seven eight nine ten"
    new = "one three four FOUR five six eight nine ten eleven"
    runs = changed_runs(old, new)
    for gone, text in (("removed", new), ("added", old)):
        kept = [w for run in runs if run.change not in {gone, "cut"} for w in run.words]
        assert kept == text.split()


def test_words_far_from_a_change_are_cut_out() -> None:
    old = [f"w{i}" for i in range(200)]
    new = [*old[:100], "changed", *old[101:]]
    runs = changed_runs(" ".join(old), " ".join(new))
    assert [run.change for run in runs] == ["cut", "same", "removed", "added", "same", "cut"]
    assert runs[1].words == tuple(old[100 - CONTEXT : 100])
    assert runs[4].words == tuple(old[101 : 101 + CONTEXT])


def test_a_long_rewrite_is_bounded_in_time_and_size() -> None:
    old = " ".join(f"a{i % 97} b{i % 89}" for i in range(30_000))
    new = " ".join(f"b{i % 83} a{i % 101} c" for i in range(30_000))
    begun = time.monotonic()
    runs = changed_runs(old, new)
    assert time.monotonic() - begun < 5
    assert runs[-1].change == "cut"
    assert sum(len(run.words) for run in runs) < MOST_SHOWN + 4_100


def test_changes_carry_marks_of_text_and_hostile_words_do_nothing() -> None:
    said = changes_markdown([Run("removed", ("old",)), Run("added", ("new",)), Run("cut")])
    assert said == ":red-background[~~\\[− old\\]~~] :green-background[**\\[+ new\\]**] :gray[…]"
    hostile = changes_markdown([Run("added", (*HOSTILE_WORDS.split(), *HOSTILE_TITLE.split()))])
    assert "<img" not in hostile.replace("\\<img", "")
    assert "](" not in hostile.replace("\\]\\(", "")
    assert ":fire:" not in hostile


def _page() -> None:
    import os
    from datetime import date

    from moneygood.ui import text_view

    day = date.fromisoformat(os.environ["TEXT_DAY"])
    text_view.show(int(os.environ["TEXT_ID"]), 0, day)


@pytest.fixture
def text_page(store: Store, database: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The view of the text that has three versions, opened in its last."""
    rows = reads.documents(store, SCORER)
    found = [
        (int(doc), day.date())
        for doc, day in zip(rows["doc"], rows["day"], strict=True)
        if len(reads.versions(store, int(doc))) > 1
    ]
    assert len(found) == 1
    monkeypatch.setenv("MONEYGOOD_DB", str(database))
    monkeypatch.setenv("TEXT_ID", str(found[0][0]))
    monkeypatch.setenv("TEXT_DAY", found[0][1].isoformat())
    return AppTest.from_function(_page, default_timeout=20).run()


def test_a_text_opens_in_its_latest_version_and_others_can_be_chosen(text_page: AppTest) -> None:
    assert not text_page.exception
    assert text_page.selectbox[0].options == [
        "3 of 3, since 2025-03-14 13:00 UTC",
        "2 of 3, since 2025-03-13 13:00 UTC",
        "1 of 3, since 2025-03-12 13:00 UTC",
    ]
    assert "Version 3 of 3" in words(text_page)
    assert "words added" in words(text_page)
    text_page.selectbox[0].set_value(0).run()
    assert not text_page.exception
    assert "Version 1 of 3" in words(text_page)
    assert "is overdone" in words(text_page)
    assert "not overdone" not in words(text_page)


def test_what_a_version_changed_is_shown_against_the_one_before(text_page: AppTest) -> None:
    text_page.segmented_control[0].set_value("What it changed").run()
    assert not text_page.exception
    said = words(text_page)
    assert "[+" in said
    assert HOSTILE_WORDS not in said
    assert "<img" not in said.replace("\\<img", "")
    assert "](javascript" not in said
    text_page.selectbox[0].set_value(1).run()
    assert ":green-background[**\\[+ not overdone at all\\.\\]**]" in words(text_page)
    assert "The text stayed" not in words(text_page)
