"""Versions of a text: what a later one changed, shown so that it can do nothing."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from dashboard import words
from fakes import HOSTILE_TITLE, HOSTILE_WORDS, SCORER
from streamlit.testing.v1 import AppTest

from moneygood import reads, revision_reads
from moneygood.records import Document, Kind
from moneygood.store import Store
from moneygood.ui.versions import (
    CONTEXT,
    MOST_SHOWN,
    Run,
    changed_runs,
    changes_markdown,
    times_words,
    version_words,
)


def _runs(old: str, new: str) -> list[tuple[str, str]]:
    return [(run.change, " ".join(run.words)) for run in changed_runs(old, new)]


def test_a_version_says_its_number_since_when_and_what_it_changed() -> None:
    moment = datetime(2025, 1, 29, 14, tzinfo=UTC)
    assert version_words(2, 3, moment, "title; text: 12 words added, 3 removed") == (
        "Version 2 of 3, from 29 January 2025, 09:00 New York."
        " Changed: title; text: 12 words added, 3 removed."
    )
    assert version_words(1, 3, moment, "") == (
        "Version 1 of 3, from 29 January 2025, 09:00 New York, the first."
    )


def test_published_changed_and_first_seen_are_told_apart() -> None:
    at = datetime(2025, 1, 29, 14, tzinfo=UTC)
    text = Document("wire", Kind.NEWS, "A note", at, at + timedelta(hours=3), body="Words.")
    assert times_words(text) == (
        "Published 29 January 2025, 09:00; this version seen 29 January 2025, 12:00 (New York)."
    )
    changed = replace(text, modified_at=at + timedelta(hours=2))
    assert "; changed by its publisher 29 January 2025, 11:00;" in times_words(changed)
    kept = replace(text, history=True)
    assert times_words(kept) == "Published 29 January 2025, 09:00; from an archive (New York)."
    assert times_words(replace(text, first_seen_at=at)) == (
        "Published 29 January 2025, 09:00 (New York)."
    )


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


def test_a_stop_that_moves_with_a_change_is_no_change_of_the_word_before() -> None:
    assert _runs("it fell two percent before noon. It rose", "it fell two percent. It rose") == [
        ("same", "it fell two percent."), ("removed", "before noon."), ("same", "It rose"),
    ]  # fmt: skip
    assert _runs("rates fell, then rose", "rates fell then rose") == [
        ("same", "rates"), ("removed", "fell,"), ("added", "fell"), ("same", "then rose"),
    ]  # fmt: skip
    assert _runs("is it a bubble?", "is it a bubble.")[1:] == [
        ("removed", "bubble?"), ("added", "bubble."),
    ]  # fmt: skip


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
        "3 of 3, from 14 Mar 2025, 09:00",
        "2 of 3, from 13 Mar 2025, 09:00",
        "1 of 3, from 12 Mar 2025, 09:00",
    ]
    assert "Version 3 of 3" in words(text_page)
    assert "Published 12 March 2025, 08:30; this version seen" in words(text_page)
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
    assert ":green-background[**\\[+ not\\]**] overdone" in words(text_page)
    assert "overdone :green-background[**\\[+ at all\\.\\]**]" in words(text_page)
    assert "The text stayed" not in words(text_page)


def test_the_texts_that_were_revised_are_found_by_their_latest_version(store: Store) -> None:
    (row,) = revision_reads.revised(store).to_dict("records")
    ids = [doc for doc, *_ in reads.versions(store, row["doc"])]
    assert (row["doc"], row["version"], row["source"]) == (ids[-1], 3, "slate-desk")
    assert row["title"].startswith("Desk note 0.0: corrected")
    assert "title; text:" in row["changed"]
    assert revision_reads.revised(store, limit=0).empty


def _changes_page() -> None:
    import os
    from datetime import date

    from moneygood.ui import text_view

    day = date.fromisoformat(os.environ["TEXT_DAY"])
    text_view.show(int(os.environ["TEXT_ID"]), -1, day, changes=True)


def test_a_revised_text_opens_on_what_changed(text_page: AppTest) -> None:
    opened = AppTest.from_function(_changes_page, default_timeout=20).run()
    assert not opened.exception
    assert "[+" in words(opened)
    opened.segmented_control[0].set_value("Text").run()
    assert "marked sentence" in words(opened)
    assert "you opened is bold" not in words(opened)
