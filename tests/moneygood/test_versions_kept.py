"""A text that comes again with other words: both versions are kept, each at its time."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from moneygood import reads, source_reads
from moneygood.document_rows import Saved
from moneygood.records import (
    Collected,
    Document,
    Judgement,
    Kind,
    Sentence,
    SentenceScore,
    Stance,
)
from moneygood.store import Store

NOON = datetime(2025, 1, 27, 17, 0, tzinfo=UTC)
LATER = NOON + timedelta(days=2)
FLASH = Document(
    source="wire", kind=Kind.NEWS, title="Halls to be built", published_at=NOON,
    first_seen_at=NOON, body="The halls will be built this year.", guid="g1",
)  # fmt: skip
FULL = dataclasses.replace(
    FLASH, first_seen_at=LATER, body="The halls will be built next year, at twice the cost."
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "a.db") as opened:
        yield opened


def save(store: Store, *documents: Document, at: datetime = NOON) -> Saved:
    return store.save_collected(Collected("wire", documents), at=at, history=False)


def read_by_scorer(store: Store) -> None:
    for key, document in list(reads.pending(store, "s.v1")):
        judgement = Judgement("ai_capex", 0.9, True, Stance.AFFIRM, (0.8, 0.1, 0.1))
        scored = SentenceScore(Sentence(document.body), (judgement,), None, "s.v1")
        store.save_scores("s.v1", [(key, [scored], "")])
    store.save_clusters({row[0]: row[0] for row in reads.unclustered(store)})


def test_a_changed_text_is_a_further_version(store: Store) -> None:
    assert save(store, FLASH) == Saved(new=1)
    assert save(store, FULL, at=LATER) == Saved(revised=1)
    assert save(store, FLASH, FULL, at=LATER) == Saved(duplicate=2)
    first, second = reads.versions(store, 1)
    assert (first[1], second[1]) == (NOON, LATER)
    assert second[2] == "text: 5 words added, 1 removed"
    assert (first[3].body, second[3].body) == (FLASH.body, FULL.body)


def test_each_moment_sees_the_version_that_stood(store: Store) -> None:
    save(store, FLASH)
    save(store, FULL, at=LATER)
    read_by_scorer(store)
    early = reads.documents(store, "s.v1", NOON + timedelta(hours=1))
    late = reads.documents(store, "s.v1", LATER)
    assert (list(early["doc"]), list(late["doc"])) == ([1], [2])
    # The correction is filed where the story was, and is as novel as it was.
    assert list(early["day"]) == list(late["day"])
    assert list(late["cluster"]) == [2]
    assert list(reads.mentions(store, "s.v1", NOON + timedelta(hours=1))["doc"]) == [1]
    assert list(reads.mentions(store, "s.v1")["doc"]) == [2]


def test_three_versions_in_one_visit(store: Store) -> None:
    third = dataclasses.replace(FULL, title="Halls to be built late")
    assert save(store, FLASH, FULL, third) == Saved(new=1, revised=2)
    assert [v[2] for v in reads.versions(store, 3)] == [
        "",
        "text: 5 words added, 1 removed",
        "title",
    ]


def test_a_page_fetched_once_is_known_by_what_its_feed_said(store: Store) -> None:
    entry = FLASH.content_hash
    page = dataclasses.replace(FULL, entry_hash=entry)
    save(store, page)
    assert source_reads.held_versions(store, "wire")[FLASH.uid] >= {entry, FULL.content_hash}
    # The feed still gives its summary; the page is not lost to it.
    assert save(store, dataclasses.replace(FLASH, entry_hash=entry)) == Saved(duplicate=1)


def test_another_story_under_an_old_guid_is_a_new_text(store: Store) -> None:
    other = dataclasses.replace(FLASH, title="Rain tomorrow", body="Umbrellas advised in Perth.")
    assert save(store, FLASH, other) == Saved(new=2)
    assert save(store, other, FLASH) == Saved(duplicate=2)
    assert "used before" in dict(reads.pending(store, "s"))[2].notes[0]


def test_a_flash_filled_in_is_one_story(store: Store) -> None:
    long = " ".join(f"Sentence {i} tells more of the site and its power." for i in range(60))
    filled = dataclasses.replace(FLASH, title="What we know", body=f"{FLASH.body} {long}")
    assert save(store, FLASH, filled) == Saved(new=1, revised=1)


def test_an_imported_correction_is_not_known_before_it_was_made(store: Store) -> None:
    old = dataclasses.replace(FLASH, history=True)
    save(store, old)
    corrected = dataclasses.replace(FULL, history=True, modified_at=NOON + timedelta(days=1))
    save(store, corrected)
    assert reads.versions(store, 1)[1][1] == NOON + timedelta(days=1)


def test_what_a_server_gave_is_kept_with_the_texts(store: Store) -> None:
    from moneygood.records import Validator

    given = Validator("https://w.example/rss", 'W/"1"', "Mon, 27 Jan 2025 09:00:00 GMT")
    store.save_collected(Collected("wire", validators=(given,)), at=NOON, history=False)
    assert source_reads.validators(store, "wire") == {given.url: given}
    newer = dataclasses.replace(given, etag='W/"2"')
    store.save_collected(Collected("wire", validators=(newer,)), at=LATER, history=False)
    assert source_reads.validators(store, "wire") == {given.url: newer}
    assert source_reads.validators(store, "post") == {}
