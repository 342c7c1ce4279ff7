"""Reads: what was known at a moment, and nothing later."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from moneygood import reads, source_reads
from moneygood.records import (
    Alert,
    AlertState,
    Collected,
    Document,
    Failure,
    IndexPoint,
    Judgement,
    Kind,
    Observation,
    Role,
    Rung,
    Sentence,
    SentenceScore,
    SpansBy,
    Stance,
)
from moneygood.store import Store

NOON = datetime(2025, 1, 27, 17, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
S = "s.v1"


def document(number: int, at: datetime = NOON, **changes: object) -> Document:
    plain = Document("wire", Kind.NEWS, f"T{number}", at, at, body=f"B{number}.", guid=str(number))
    return dataclasses.replace(plain, **changes)  # type: ignore[arg-type]


def scores(p: float, scorer: str = S, narrative: str = "deepseek") -> list[SentenceScore]:
    judgement = Judgement(narrative, p, True, Stance.DOUBT, (0.1, 0.8, 0.1), ((0, 3), (4, 6)))
    sentence = Sentence("All is fine.", 2, "Before.", "Ann", Role.ANALYST)
    return [SentenceScore(sentence, (judgement,), Rung.DENIAL, scorer)]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "a.db") as opened:
        yield opened


def save(store: Store, *documents: Document) -> None:
    store.save_collected(Collected("wire", documents), at=NOON, history=False)


def test_pending_is_in_order_of_arrival_whatever_the_page(store: Store) -> None:
    save(store, *(document(i, NOON - i * HOUR) for i in range(11)))
    store.save_scores(S, [(4, [], ""), (5, [], "too long")])
    expected = [1, 2, 3, 6, 7, 8, 9, 10, 11]
    for page in (1, 2, 3, 9, 200):
        assert [key for key, _ in reads.pending(store, S, page=page)] == expected
    assert reads.count_pending(store, S) == 9
    assert reads.count_pending(store, "s.v2") == 11


def test_pending_may_be_scored_while_it_is_read(store: Store) -> None:
    save(store, *(document(i) for i in range(7)))
    seen = []
    for key, _ in reads.pending(store, S, page=2):
        seen.append(key)
        store.save_scores(S, [(key, [], "")])
    assert seen == [1, 2, 3, 4, 5, 6, 7]


def test_texts_and_mentions_of_later_are_hidden(store: Store) -> None:
    moments = [NOON, NOON + HOUR, NOON + 2 * HOUR]
    save(store, *(document(i, at) for i, at in enumerate(moments)))
    store.save_scores(S, [(i + 1, scores(0.9), "") for i in range(3)])
    for known, moment in enumerate(moments, 1):
        assert list(reads.documents(store, S, moment)["doc"]) == list(range(1, known + 1))
        assert list(reads.mentions(store, S, moment)["doc"]) == list(range(1, known + 1))
    assert reads.documents(store, S, NOON - HOUR).empty
    assert reads.mentions(store, S, NOON - HOUR).empty
    assert len(reads.documents(store, S)) == len(reads.mentions(store, S)) == 3


def test_a_text_seen_late_was_not_known_when_it_was_published(store: Store) -> None:
    save(store, document(1, first_seen_at=NOON + HOUR))
    store.save_scores(S, [(1, scores(0.9), "")])
    assert reads.documents(store, S, NOON).empty
    assert len(reads.documents(store, S, NOON + HOUR)) == 1


def test_only_the_asked_scorer_is_read(store: Store) -> None:
    save(store, document(1))
    store.save_scores(S, [(1, scores(0.9), "")])
    store.save_scores("s.v2", [(1, scores(0.8, "s.v2"), "")])
    assert list(reads.mentions(store, "s.v2")["probability"]) == [0.8]
    assert len(reads.evidence(store, "deepseek", date(2025, 1, 1), date(2025, 2, 1))) == 2
    assert reads.counts(store, S) == {"documents": 1, "sentences": 1, "deepseek": 1}


def test_a_mention_carries_what_the_signals_need(store: Store) -> None:
    late = datetime(2025, 1, 24, 22, 0, tzinfo=UTC)
    save(store, document(1, late))
    store.save_scores(S, [(1, scores(0.9), "")])
    (row,) = reads.mentions(store, S).to_dict("records")
    assert (row["narrative"], row["stance"], row["rung"], row["role"], row["position"]) == (
        "deepseek", "doubt", "", "analyst", 2,
    )  # fmt: skip
    assert row["day"].date() == date(2025, 1, 27)


def test_the_rung_is_kept_with_reassurance(store: Store) -> None:
    save(store, document(1))
    store.save_scores(S, [(1, scores(0.9, narrative="reassurance"), "")])
    assert list(reads.mentions(store, S)["rung"]) == ["denial"]


def test_a_text_without_a_cluster_is_its_own(store: Store) -> None:
    save(store, document(1), document(2), document(3))
    store.save_clusters({1: 1, 2: 1})
    store.save_scores(S, [(i, scores(0.9), "") for i in (1, 2, 3)])
    assert list(reads.documents(store, S)["cluster"]) == [1, 1, 3]
    assert [key for key, *_ in reads.unclustered(store)] == [3]
    assert [key for key, *_ in reads.clustered(store, NOON, NOON)] == [1]
    assert reads.clustered(store, NOON + HOUR, NOON + 2 * HOUR) == []


def observe(store: Store, value: float, seen: datetime, series: str = "y10") -> None:
    one = Observation(series, date(2025, 1, 24), value, seen)
    store.save_collected(Collected("ust", (), (one,)), at=seen, history=False)


def test_figures_and_revisions_of_later_are_hidden(store: Store) -> None:
    observe(store, 4.5, NOON)
    observe(store, 4.6, NOON + HOUR)
    observe(store, 4.1, NOON, "y2")
    assert reads.observations(store, NOON - HOUR).empty
    assert list(reads.observations(store, NOON, "y10")["value"]) == [4.5]
    assert list(reads.observations(store, NOON + HOUR, "y10")["value"]) == [4.6]
    assert list(reads.observations(store)["series"]) == ["y10", "y2"]


def test_the_vintage_of_an_index_is_the_one_known(store: Store) -> None:
    day = date(2025, 1, 24)
    points = [
        IndexPoint("deepseek", day, v, 90, 110, 5, 2, NOON + i * HOUR, "m")
        for i, v in enumerate((100.0, 104.0))
    ]
    store.save_index(points)
    assert list(reads.index_points(store, "deepseek", NOON)["value"]) == [100.0]
    assert list(reads.index_points(store, "deepseek")["value"]) == [104.0]
    assert reads.index_points(store, "jevons").empty


def test_evidence_is_strongest_first_and_of_the_period(store: Store) -> None:
    save(store, *(document(i, NOON + timedelta(days=i)) for i in range(3)))
    store.save_scores(S, [(i + 1, scores(p), "") for i, p in enumerate((0.7, 0.9, 0.8))])
    day = date(2025, 1, 27)
    frame = reads.evidence(store, "deepseek", day, day + timedelta(days=1), scorer=S)
    assert list(frame["doc"]) == [2, 1]
    row = frame.iloc[0]
    assert (row["text"], row["context"], row["speaker"]) == ("All is fine.", "Before.", "Ann")
    assert row["spans"] == [(0, 3), (4, 6)]
    assert len(reads.evidence(store, "deepseek", day, day + timedelta(days=9), limit=1)) == 1


def test_what_explains_a_mention_comes_back(store: Store) -> None:
    save(store, document(1))
    (score,) = scores(0.9)
    (judgement,) = score.judgements
    explained = dataclasses.replace(
        judgement, spans_by=SpansBy.ATTRIBUTION, nearest="t7", nearest_similarity=0.8125
    )
    store.save_scores(S, [(1, [dataclasses.replace(score, judgements=(explained,))], "")])
    day = date(2025, 1, 27)
    (row,) = reads.evidence(store, "deepseek", day, day, scorer=S).to_dict("records")
    assert (row["spans_by"], row["nearest"], row["nearest_similarity"]) == (
        "attribution",
        "t7",
        0.8125,
    )


def test_empty_tables_have_their_columns(store: Store) -> None:
    assert {"doc", "day", "cluster"} <= set(reads.documents(store, S).columns)
    assert {"narrative", "day"} <= set(reads.mentions(store, S).columns)
    assert {"series", "date", "value"} <= set(reads.observations(store).columns)
    assert {"series", "value"} <= set(reads.index_points(store).columns)
    assert {"corr", "date"} <= set(reads.relations(store).columns)
    assert {"labels", "day"} <= set(reads.alerts(store).columns)
    assert {"spans", "text"} <= set(
        reads.evidence(store, "x", date(2025, 1, 1), date(2025, 1, 2)).columns
    )
    assert {"subject", "remedy"} <= set(source_reads.failures(store).columns)
    assert source_reads.coverage(store).empty
    assert source_reads.source_health(store).empty


def test_failures_are_newest_first_and_limited(store: Store) -> None:
    for i in range(3):
        visit = Collected("wire", failures=(Failure("wire", f"row {i}", "bad", "mend"),))
        store.save_collected(visit, at=NOON + i * HOUR, history=False)
    assert list(source_reads.failures(store)["subject"]) == ["row 2", "row 1", "row 0"]
    assert list(source_reads.failures(store, limit=1)["subject"]) == ["row 2"]
    assert source_reads.visited_at(store, NOON) == {"wire"}
    assert source_reads.visited_at(store, NOON + 9 * HOUR) == frozenset()


def test_source_health_is_of_the_last_visit(store: Store) -> None:
    save(store, document(1), document(2))
    save(store, document(2), document(3))
    (row,) = source_reads.source_health(store).to_dict("records")
    assert (row["visits"], row["documents"], row["new"], row["duplicate"]) == (2, 3, 1, 1)
    assert list(source_reads.coverage(store)["documents"]) == [3]
    held = {document(i).uid: frozenset({document(i).content_hash}) for i in (1, 2, 3)}
    assert source_reads.held_versions(store, "wire") == held
    assert source_reads.held_versions(store, "post") == {}


def test_alerts_up_to_a_day(store: Store) -> None:
    days = [date(2025, 1, 27), date(2025, 1, 28)]
    store.save_alerts([Alert("r", (), AlertState.INACTIVE, None, 1.0, d) for d in days])
    assert [t.date() for t in reads.alerts(store)["day"]] == days[::-1]
    assert [t.date() for t in reads.alerts(store, days[0])["day"]] == days[:1]
