"""Broken sources beside a good one: the good is stored, the broken is explained."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from dumps import dump
from small_sources import rss
from sqlalchemy import select

from moneygood import reads, source_reads
from moneygood.gather import (
    Gathered,
    chosen_sources,
    cluster_documents,
    collect_sources,
    import_files,
)
from moneygood.records import Collected, Document, Kind
from moneygood.store import Store
from moneygood.tables import DocumentRow, table

NOW = datetime(2025, 3, 3, 15, 0, tzinfo=UTC)
DATE = "Mon, 27 Jan 2025 09:30:00 -0500"
GOOD = rss([(f"g{i}", f"Title {i}", DATE, f"Text number {i}, long enough.") for i in range(5)])
EMPTY_YIELDS = "Date,10 Yr\n01/27/2025,.\n01/28/2025,\n01/29/2025,4.53\n01/30/2025,N/A\n"


def feed(folder: Path, name: str, content: bytes) -> str:
    (folder / f"{name}.xml").write_bytes(content)
    return f'[[source]]\nname = "{name}"\nkind = "feed"\npath = "{name}.xml"\n'


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "a.db")


def collect(store: Store, tmp_path: Path, *entries: str, now: datetime = NOW) -> Gathered:
    file = tmp_path / "sources.toml"
    file.write_text("\n".join(entries), "utf-8")
    return collect_sources(store, chosen_sources(file), now=now)


def titles(store: Store) -> list[str]:
    return [document.title for _, document in reads.pending(store, "s.v1")]


BROKEN = {
    "html": (
        b"<!DOCTYPE html><html><body>Just a moment...</body></html>",
        "came instead of a feed",
    ),
    "empty": (b"", "the answer is empty"),
    "json": (b'{"error": "quota"}', "JSON came instead"),
    "truncated": (GOOD.encode()[:150], "cut off"),
    "words": (b"These are words.", "not a feed"),
    "binary": (bytes(range(256)) * 20, "not a feed"),
    "packed": (b"\x1f\x8b\x08\x00 cut", "binary file"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_feed_beside_a_good_one(name: str, store: Store, tmp_path: Path) -> None:
    content, reason = BROKEN[name]
    done = collect(
        store,
        tmp_path,
        feed(tmp_path, name, content),
        feed(tmp_path, "good", GOOD.encode()),
    )
    assert (done.sources, done.new, done.failed) == (2, 5, 1)
    assert titles(store) == [f"Title {i}" for i in range(5)]
    (failure,) = source_reads.failures(store).to_dict("records")
    assert (failure["source"], failure["at"]) == (name, NOW)
    assert failure["subject"].endswith(f"{name}.xml")
    assert reason in failure["reason"]
    assert failure["remedy"]


def test_a_dead_feed_and_a_missing_file(store: Store, tmp_path: Path) -> None:
    # Nothing listens on port 9 of the loopback address.
    dead = '[[source]]\nname = "dead"\nkind = "feed"\nurl = "http://127.0.0.1:9/rss"\n'
    gone = '[[source]]\nname = "gone"\nkind = "folder"\npath = "gone"\n'
    done = collect(store, tmp_path, dead, gone, feed(tmp_path, "good", GOOD.encode()))
    assert (done.new, done.failed) == (5, 2)
    found = {f["source"]: f for f in source_reads.failures(store).to_dict("records")}
    assert found["dead"]["subject"] == "http://127.0.0.1:9/rss"
    assert found["gone"]["subject"].endswith("gone")
    assert all(f["reason"] and f["remedy"] for f in found.values())


def test_a_cut_feed_gives_its_whole_entries(store: Store, tmp_path: Path) -> None:
    cut = GOOD[: GOOD.index("Text number 3")].encode()
    done = collect(store, tmp_path, feed(tmp_path, "cut", cut))
    assert titles(store) == ["Title 0", "Title 1", "Title 2"]
    assert done.failed == 1
    assert "3 complete entries" in source_reads.failures(store)["reason"].iloc[0]


def test_an_encoding_that_is_not_the_declared_one(store: Store, tmp_path: Path) -> None:
    text = rss([("a", "Café racks", DATE, "Nothing changes for buyers, says Zoë Müller.")])
    latin = text.replace('"1.0"', '"1.0" encoding="utf-8"').encode("latin-1")
    collect(store, tmp_path, feed(tmp_path, "latin", latin), feed(tmp_path, "good", GOOD.encode()))
    assert len(titles(store)) == 6
    assert titles(store)[0] == "Café racks"


def test_missing_and_impossible_dates(store: Store, tmp_path: Path) -> None:
    odd = rss(
        [
            ("a", "Undated", "", "Some text."),
            ("b", "From 2999", "Mon, 27 Jan 2999 09:30:00 GMT", "Some other text."),
            ("c", "Nonsense", "the day after", "And a third."),
        ]
    )
    collect(store, tmp_path, feed(tmp_path, "odd", odd.encode()))
    found = [d for _, d in reads.pending(store, "s.v1")]
    assert [d.title for d in found] == ["Undated", "From 2999", "Nonsense"]
    assert all(d.published_at <= NOW == d.first_seen_at for d in found)
    assert all(d.available_at == NOW and d.notes for d in found)
    assert found[1].published_raw.startswith("Mon, 27 Jan 2999")


def test_figures_that_are_blank_are_missing_and_never_zero(store: Store, tmp_path: Path) -> None:
    (tmp_path / "y.csv").write_text(EMPTY_YIELDS, "utf-8")
    entry = '[[source]]\nname = "ust"\nkind = "treasury_csv"\npath = "y.csv"\nhistory = true\n'
    collect(store, tmp_path, entry)
    frame = reads.observations(store)
    assert [(str(d)[:10], v) for d, v in zip(frame["date"], frame["value"], strict=True)] == [
        ("2025-01-29", 4.53)
    ]


def test_a_document_of_6_mb_is_refused_and_its_neighbour_read(store: Store, tmp_path: Path) -> None:
    pages = tmp_path / "pages"
    pages.mkdir()
    (pages / "a-long.txt").write_text("Nothing changed today. " * 300_000, "utf-8")
    (pages / "b-short.txt").write_text("DeepSeek changes nothing, they say.", "utf-8")
    done = collect(store, tmp_path, '[[source]]\nname = "p"\nkind = "folder"\npath = "pages"\n')
    assert (done.new, done.failed) == (1, 1)
    (failure,) = source_reads.failures(store).to_dict("records")
    assert failure["subject"].endswith("a-long.txt")
    assert "5 MB" in failure["reason"]
    assert failure["remedy"]


def test_a_file_with_an_undecodable_name_stops_nothing(store: Store, tmp_path: Path) -> None:
    pages = tmp_path / "pages"
    pages.mkdir()
    (pages / "\udcff.txt").touch()
    (pages / "z.txt").write_text("DeepSeek changes nothing, they say.", "utf-8")
    done = collect(store, tmp_path, '[[source]]\nname = "p"\nkind = "folder"\npath = "pages"\n')
    assert (done.new, done.failed) == (1, 1)
    assert len(source_reads.failures(store)) == 1


def test_a_duplicate_counts_as_seen_and_not_as_new(store: Store, tmp_path: Path) -> None:
    entry = feed(tmp_path, "good", GOOD.encode())
    assert collect(store, tmp_path, entry) == Gathered(1, new=5, seen=5)
    assert collect(store, tmp_path, entry, now=NOW + timedelta(hours=1)) == Gathered(1, seen=5)
    health = source_reads.source_health(store).to_dict("records")[0]
    assert (health["visits"], health["documents"], health["duplicate"]) == (2, 5, 5)


def test_a_source_is_visited_once_at_one_moment(store: Store, tmp_path: Path) -> None:
    entry = feed(tmp_path, "good", GOOD.encode())
    collect(store, tmp_path, entry)
    before = dump(store.path)
    assert collect(store, tmp_path, entry) == Gathered()
    assert dump(store.path) == before


def test_only_the_sources_asked_for(store: Store, tmp_path: Path) -> None:
    entries = [feed(tmp_path, name, GOOD.encode()) for name in ("one", "two")]
    (tmp_path / "s.toml").write_text("\n".join(entries), "utf-8")
    done = collect_sources(store, chosen_sources(tmp_path / "s.toml", ["two"]), now=NOW)
    assert done.sources == 1
    assert list(source_reads.source_health(store)["source"]) == ["two"]


def test_imports_are_history(store: Store, tmp_path: Path) -> None:
    text = "---\ntitle: Contained\ndate: 2007-05-17\n---\nLosses will be contained.\n"
    (tmp_path / "speech.md").write_text(text, "utf-8")
    done = import_files(store, [tmp_path / "speech.md"], now=NOW, source="archive")
    ((_, document),) = list(reads.pending(store, "s.v1"))
    assert (done.new, document.source, document.history) == (1, "archive", True)
    assert document.available_at == document.published_at
    assert document.published_at.date().isoformat() == "2007-05-17"


STORY = (
    "Halden Cloud said on Monday that it would spend forty billion dollars on data centers, "
    "chips and power this year, and that the arrival of a cheap Chinese model changes nothing "
    "in its plans. The shares fell by four percent before the close of trading in New York."
)


def near(number: int, text: str, source: str, hours: int = 0) -> Document:
    moment = NOW - timedelta(hours=hours)
    return Document(source, Kind.NEWS, "Halden spends", moment, moment, body=text, guid=str(number))


_doc = table(DocumentRow)


def clusters(store: Store) -> list[int]:
    with store.begin() as connection:
        return list(connection.scalars(select(_doc.c.cluster).order_by(_doc.c.id)))


def test_copies_of_a_story_are_one_cluster(store: Store) -> None:
    other = "Wheat fell and rates rose as the frost left the plains of Kansas. " * 4
    texts = [(STORY, "wire"), (other, "wire"), (STORY + " (Reuters)", "post")]
    documents = tuple(near(i, text, source) for i, (text, source) in enumerate(texts))
    store.save_collected(Collected("x", documents), at=NOW, history=False)
    assert cluster_documents(store) == 3
    assert clusters(store) == [1, 2, 1]
    assert cluster_documents(store) == 0


def test_a_copy_that_comes_later_joins_the_first(store: Store) -> None:
    for i, (source, hours) in enumerate((("wire", 60), ("post", 10), ("notes", 24 * 60))):
        visit = Collected(source, (near(i, STORY, source, hours),))
        store.save_collected(visit, at=NOW, history=False)
        assert cluster_documents(store) == 1
    # The third is two months older than the first: news again, not a copy.
    assert clusters(store) == [1, 1, 3]


def test_reach_and_novelty_are_apart(store: Store) -> None:
    texts = [(STORY, "wire"), (STORY + " (Reuters)", "post")]
    documents = tuple(near(i, text, source) for i, (text, source) in enumerate(texts))
    store.save_collected(Collected("x", documents), at=NOW, history=False)
    cluster_documents(store)
    rows = {r["source"]: r for r in source_reads.coverage(store).to_dict("records")}
    assert (rows["wire"]["documents"], rows["wire"]["novel"]) == (1, 1)
    assert (rows["post"]["documents"], rows["post"]["novel"]) == (1, 0)
