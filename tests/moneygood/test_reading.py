"""The scoring stage: blocks, refusals, and texts that break a scorer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from dumps import dump
from fake_scorer import VERSION, FakeScorer, install
from small_sources import quick_settings

from moneygood import reads
from moneygood.reading import Read, score_pending
from moneygood.records import Collected, Document, Kind, Sentence, SentenceScore
from moneygood.store import Store

NOON = datetime(2025, 1, 27, 17, 0, tzinfo=UTC)
SETTINGS = quick_settings().scoring


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "a.db")


def fill(store: Store, *bodies: str) -> None:
    documents = tuple(
        Document("wire", Kind.NEWS, "", NOON, NOON, body=body, guid=str(i))
        for i, body in enumerate(bodies)
    )
    store.save_collected(Collected("wire", documents), at=NOON, history=False)


def test_blocks_end_when_they_are_full(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = install(monkeypatch)
    # Blocks of 4000 characters: three of 1500, then one of 4000, then the rest.
    fill(store, "x" * 1500, "u" * 1500, "v" * 1500, "y" * 4000, "z" * 10)
    done = score_pending(store, SETTINGS, version=VERSION)
    assert len(fake.calls) == 3
    assert done == Read(VERSION, documents=5, sentences=sum(fake.calls))


def test_nothing_pending_loads_no_model(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def load(_settings: object) -> None:
        raise AssertionError("a model was loaded")

    monkeypatch.setattr("moneygood.reading.make_scorer", load)
    assert score_pending(store, SETTINGS, version=VERSION) == Read(VERSION)


def test_a_text_longer_than_the_limit_is_refused_with_a_reason(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch)
    fill(store, "DeepSeek. " * 200, "DeepSeek again.")
    small = SETTINGS.model_copy(update={"max_characters": 1000})
    done = score_pending(store, small, version=VERSION)
    assert (done.documents, done.skipped, done.mentions) == (2, 1, 1)
    refused = [row for row in dump(store.path)["scored"] if row[3]]
    assert [(row[0], row[2]) for row in refused] == [(1, 0)]
    assert "raise scoring.max_characters" in refused[0][3]


class Delicate(FakeScorer):
    """Fails on a text that says so, as a model may run out of memory."""

    def score(self, sentences: Sequence[Sentence], *, explain: bool = False) -> list[SentenceScore]:
        if any("poison" in s.text for s in sentences):
            raise RuntimeError("out of memory")
        return super().score(sentences)


def test_one_text_that_cannot_be_scored_costs_no_other(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch, Delicate())
    fill(store, "DeepSeek one.", "A poison pill.", "DeepSeek two.")
    done = score_pending(store, SETTINGS, version=VERSION)
    assert (done.documents, done.skipped, done.mentions) == (3, 1, 2)
    reasons = {row[0]: row[3] for row in dump(store.path)["scored"]}
    assert reasons == {1: "", 2: "could not be scored (RuntimeError: out of memory)", 3: ""}
    assert reads.count_pending(store, VERSION) == 0


def test_a_text_with_half_a_character_is_scored(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch)
    fill(store, "DeepSeek \ud83d broke.")
    assert score_pending(store, SETTINGS, version=VERSION).mentions == 1
