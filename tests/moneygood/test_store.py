"""The store: what is written once, twice, and read back."""

from __future__ import annotations

import dataclasses
import sqlite3
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from dumps import dump, sound

from moneygood import migrations, reads, source_reads
from moneygood.migrations import HEAD, KNOWN
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
    Section,
    Sentence,
    SentenceScore,
    Skip,
    Stance,
    Turn,
)
from moneygood.store import Store
from moneygood.tables import Base

NOON = datetime(2025, 1, 27, 17, 0, tzinfo=UTC)
DAY = date(2025, 1, 27)


def document(number: int = 0, **changes: Any) -> Document:
    plain = Document(
        "wire", Kind.NEWS, f"Title {number}", NOON, NOON, body=f"Body {number}.", guid=f"g{number}"
    )
    return dataclasses.replace(plain, **changes)


def score(text: str = "DeepSeek!", position: int = 0) -> SentenceScore:
    judgement = Judgement("deepseek", 0.9, True, Stance.AFFIRM, (0.8, 0.1, 0.1), ((0, 8),))
    return SentenceScore(Sentence(text, position=position), (judgement,), None, "s.v1")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "a.db") as opened:
        yield opened


def save(store: Store, *documents: Document, source: str = "wire") -> int:
    return store.save_collected(Collected(source, tuple(documents)), at=NOON, history=False).new


def observe(store: Store, value: float, seen: datetime, day: date = DAY) -> int:
    observation = Observation("y10", day, value, seen, "ust")
    return store.save_collected(Collected("ust", (), (observation,)), at=seen, history=False).new


def test_a_fresh_database_is_at_head(store: Store) -> None:
    assert dump(store.path)["alembic_version"] == [(HEAD,)]


def test_every_migration_is_known() -> None:
    folder = Path(str(migrations.__file__)).parent
    found = [script.revision for script in ScriptDirectory(folder).walk_revisions()]
    assert tuple(reversed(found)) == KNOWN
    assert KNOWN[-1] == HEAD


def test_the_migrations_make_the_very_tables_the_code_declares(store: Store) -> None:
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


@pytest.mark.parametrize("name", ["a b.db", "a#b.db", "a?b.db", "100%.db", "%41.db", "ü é.db"])
def test_any_file_name_is_that_file(name: str, tmp_path: Path) -> None:
    path = tmp_path / "folder" / name
    with Store(path) as store:
        save(store, document())
    assert path.is_file()
    assert [p.name for p in path.parent.iterdir()] == [name]
    with Store(path, readonly=True) as again:
        assert reads.document(again, 1) == document()


def test_reopening_keeps_every_row(tmp_path: Path) -> None:
    with Store(tmp_path / "a.db") as store:
        save(store, document(), document(1))
    before = dump(tmp_path / "a.db")
    Store(tmp_path / "a.db").close()
    assert dump(tmp_path / "a.db") == before
    assert len(before["document"]) == 2


@pytest.mark.parametrize(
    ("first", "again", "new"),
    [
        ({"guid": "", "url": "https://a/1"}, {"guid": "x", "url": "https://a/1#top"}, 0),
        ({"guid": ""}, {"guid": "", "first_seen_at": NOON + timedelta(1)}, 0),
        ({"guid": ""}, {"guid": "", "body": "Body  0.\n"}, 0),
        ({"guid": "x"}, {"guid": "x", "body": "“Body 0”"}, 0),
        ({"guid": "x"}, {"guid": "y"}, 0),
        ({"guid": "x"}, {"guid": "y", "published_at": NOON - timedelta(9)}, 1),
        ({"guid": "x"}, {"guid": "x", "title": "Rain", "body": "Nothing in common at all."}, 1),
        ({"guid": "x"}, {"guid": "x", "source": "post"}, 1),
        ({"guid": ""}, {"guid": "", "body": "Other."}, 1),
    ],
)
def test_a_document_is_stored_once(
    first: dict[str, Any], again: dict[str, Any], new: int, store: Store
) -> None:
    assert save(store, document(**first)) == 1
    assert save(store, document(**again)) == new
    assert save(store, document(**first), document(**again)) == 0
    frame = source_reads.visit_days(store)
    assert (frame["new"][0], frame["revised"][0], frame["duplicate"][0]) == (1 + new, 0, 3 - new)
    assert frame["unchanged"].dtype.kind == "i"


def test_twice_in_one_visit_is_stored_once(store: Store) -> None:
    assert save(store, document(), document()) == 1


def test_many_documents_in_one_visit(store: Store) -> None:
    many = tuple(document(i) for i in range(1203))
    assert save(store, *many) == 1203
    assert save(store, *many) == 0


def test_a_document_comes_back_as_it_went_in(store: Store) -> None:
    turns = (Turn("Ann", Role.MANAGEMENT, Section.QA, "We said.\nTwice."),)
    full = document(
        body="", turns=turns, kind=Kind.TRANSCRIPT, tickers=("NVDA",), notes=("odd",),
        history=True, published_raw="Mon", url="https://a/1",
    )  # fmt: skip
    save(store, full)
    assert reads.document(store, 1) == full
    assert reads.document(store, 2) is None


def test_moments_come_back_in_utc(store: Store) -> None:
    tokyo = NOON.astimezone(timezone(timedelta(hours=9)))
    save(store, document(published_at=tokyo, first_seen_at=tokyo))
    found = reads.document(store, 1)
    assert found is not None
    assert (found.published_at, found.published_at.tzinfo) == (NOON, UTC)
    assert found.first_seen_at.tzinfo is UTC


def test_a_document_after_the_close_is_filed_under_the_next_day(store: Store) -> None:
    late = datetime(2025, 1, 24, 22, 0, tzinfo=UTC)
    save(store, document(published_at=late, first_seen_at=late))
    columns = "SELECT market_day FROM document"
    assert sqlite3.connect(store.path).execute(columns).fetchall() == [("2025-01-27",)]


def test_lone_surrogates_and_nul_are_stored(store: Store) -> None:
    bad = "half \ud83d of \x00 it"
    turns = (Turn(bad, Role.UNKNOWN, Section.NONE, bad),)
    save(store, document(title=bad, body=bad, guid=bad, url=bad, tickers=(bad,), notes=(bad,)))
    save(store, document(1, body="", turns=turns))
    assert store.save_scores("s.v1", [(1, [score(bad)], "")]) == 1
    for number in (1, 2):
        found = reads.document(store, number)
        assert found is not None
        assert "of \x00 it" in found.text
        repr(dataclasses.asdict(found)).encode("ascii", "backslashreplace")
        found.text.encode("utf-8")


def test_failures_of_files_with_undecodable_names_are_stored(store: Store) -> None:
    failure = Failure("desk", "/in/\udcff.txt", "bad \udcff", "rename \udcff")
    visit = Collected("desk", (document(),), (), (failure,), skips=(Skip("language de", 2),))
    assert store.save_collected(visit, at=NOON, history=False).new == 1
    (row,) = source_reads.failures(store).to_dict("records")
    assert (row["source"], row["at"]) == ("desk", NOON)
    assert row["subject"].startswith("/in/")
    (day,) = source_reads.visit_days(store).to_dict("records")
    assert (day["skipped"], day["failed"]) == (2, 1)
    assert source_reads.skips(store)["reason"].tolist() == ["language de"]


def test_an_observation_is_appended_only_when_it_changed(store: Store) -> None:
    seen = [NOON + timedelta(hours=i) for i in range(5)]
    new = [observe(store, v, t) for v, t in zip((4.5, 4.5, 4.6, 4.6, 4.5), seen, strict=True)]
    assert new == [1, 0, 1, 0, 1]
    values = sqlite3.connect(store.path).execute("SELECT value FROM observation ORDER BY id")
    assert values.fetchall() == [(4.5,), (4.6,), (4.5,)]


def test_an_observation_seen_twice_in_one_visit_is_one(store: Store) -> None:
    pair = (Observation("y10", DAY, 4.5, NOON), Observation("y10", DAY, 4.5, NOON))
    assert store.save_collected(Collected("ust", (), pair), at=NOON, history=False).new == 1


SIX_PM = datetime(2025, 1, 27, 23, 0, tzinfo=UTC)  # 18:00 in New York


@pytest.mark.parametrize(
    ("seen", "history", "available"),
    [
        (NOON, False, SIX_PM),
        (SIX_PM + timedelta(hours=1), False, SIX_PM + timedelta(hours=1)),
        (SIX_PM + timedelta(days=9), False, SIX_PM + timedelta(days=9)),
        (SIX_PM + timedelta(days=400), False, SIX_PM),
        (SIX_PM + timedelta(hours=1), True, SIX_PM),
    ],
)
def test_when_a_figure_could_be_known(
    seen: datetime, history: bool, available: datetime, store: Store
) -> None:
    one = Collected("ust", (), (Observation("y10", DAY, 4.5, seen),))
    store.save_collected(one, at=seen, history=history)
    assert list(reads.observations(store)["available_at"]) == [available]


def test_a_revision_is_known_from_when_it_was_seen(store: Store) -> None:
    late = SIX_PM + timedelta(days=400)
    observe(store, 4.5, SIX_PM)
    observe(store, 4.7, late)
    assert list(reads.observations(store, late - timedelta(seconds=1))["value"]) == [4.5]
    assert list(reads.observations(store, late)["value"]) == [4.7]


def test_scores_are_written_once_a_scorer(store: Store) -> None:
    save(store, document())
    block = [(1, [score(), score("And DeepSeek.", 1)], "")]
    assert store.save_scores("s.v1", block) == 2
    before = dump(store.path)
    assert store.save_scores("s.v1", block) == 0
    assert dump(store.path) == before
    other = [dataclasses.replace(s, scorer="s.v2") for s in block[0][1]]
    assert store.save_scores("s.v2", [(1, other, "")]) == 2
    assert len(dump(store.path)["mention"]) == 4


def test_a_document_that_was_skipped_says_why(store: Store) -> None:
    save(store, document())
    store.save_scores("s.v1", [(1, [], "longer than the limit")])
    assert dump(store.path)["scored"] == [(1, "s.v1", 0, "longer than the limit")]
    assert reads.count_pending(store, "s.v1") == 0
    assert reads.documents(store, "s.v1").empty


def test_half_a_block_is_never_kept(store: Store) -> None:
    save(store, document())
    with pytest.raises(Exception, match="FOREIGN KEY"):
        store.save_scores("s.v1", [(1, [score()], ""), (99, [score()], "")])
    assert dump(store.path)["scored"] == dump(store.path)["mention"] == []


def point(value: float, as_of: datetime) -> IndexPoint:
    return IndexPoint("ai_capex", DAY, value, 90.0, 110.0, 8, 3, as_of, "m.v1")


def test_an_index_value_is_a_new_vintage_only_when_it_changed(store: Store) -> None:
    later = NOON + timedelta(days=1)
    assert store.save_index([point(100.0, NOON)]) == 1
    assert store.save_index([point(100.0, later)]) == 0
    assert store.save_index([point(101.0, later)]) == 1
    assert list(reads.index_points(store, as_of=NOON)["value"]) == [100.0]
    assert list(reads.index_points(store)["value"]) == [101.0]


def test_an_index_value_that_is_no_number_is_no_zero(store: Store) -> None:
    store.save_index([point(float("nan"), NOON)])
    assert reads.index_points(store)["value"].isna().all()
    assert store.save_index([point(float("nan"), NOON + timedelta(days=1))]) == 0


def test_alerts_keep_the_last_evaluation_of_a_day(store: Store) -> None:
    first = Alert("r", (("b", "2"), ("a", "1")), AlertState.PENDING, DAY, 1.0, DAY, "s", ("e",))
    store.save_alerts([first])
    store.save_alerts([dataclasses.replace(first, state=AlertState.FIRING, value=float("inf"))])
    (row,) = reads.alerts(store).to_dict("records")
    assert (row["state"], row["labels"]) == ("firing", {"a": "1", "b": "2"})
    assert row["value"] != row["value"] or row["value"] is None
    assert row["evidence"] == ["e"]


def test_relations_are_replaced_whole(store: Store) -> None:
    row = {
        "narrative": "deepseek", "series": "y10", "date": DAY, "corr": 0.1, "lo": -0.1, "hi": 0.3,
        "n": 60, "z": None, "state": "aligned", "fit": 0.2, "as_of": NOON,
    }  # fmt: skip
    store.replace_relations([row, {**row, "series": "y2"}])
    store.replace_relations([row])
    assert list(reads.relations(store)["series"]) == ["y10"]
    store.replace_relations([])
    assert reads.relations(store).empty


def test_the_mode_is_the_last_one_saved(store: Store) -> None:
    assert reads.mode(store) is None
    store.save_mode("sample", NOON, "s.v1")
    store.save_mode("live", NOON + timedelta(days=1), "s.v2")
    assert reads.mode(store) == reads.Mode("live", NOON + timedelta(days=1), "s.v2")


def test_two_writers_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    Store(path).close()
    failed: list[Exception] = []

    def work(name: str) -> None:
        try:
            with Store(path) as store:
                for i in range(25):
                    save(store, document(i, source=name), document(0, source="both"), source=name)
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(name,)) for name in ("left", "right")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    rows = dump(path)
    assert len(rows["document"]) == 51
    assert sum(visit[4] for visit in rows["visit"]) == 51
    assert sound(path)


def test_a_reader_works_while_a_writer_is_busy(store: Store) -> None:
    save(store, document())
    with store.begin() as writing:
        writing.exec_driver_sql("UPDATE document SET title = 'half done'")
        with Store(store.path, readonly=True, busy_seconds=0.1) as reader:
            found = reads.document(reader, 1)
    assert found is not None
    assert found.title == "Title 0"
