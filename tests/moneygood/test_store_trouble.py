"""A database in trouble: each case names the file and the remedy, and no row is lost."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from dumps import dump, sound

from moneygood import reads
from moneygood.errors import StoreError
from moneygood.pipeline import database_mode, only_writer
from moneygood.records import Collected, Document, Kind
from moneygood.store import Store

NOON = datetime(2025, 1, 27, 17, 0, tzinfo=UTC)


def save(store: Store, start: int, count: int = 1, size: int = 10) -> int:
    documents = tuple(
        Document("wire", Kind.NEWS, f"T{i}", NOON, NOON, body=f"{i} " * size, guid=str(i))
        for i in range(start, start + count)
    )
    return store.save_collected(Collected("wire", documents), at=NOON, history=False).new


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database of three documents."""
    file = tmp_path / "home" / "a.db"
    with Store(file) as store:
        save(store, 0, 3)
    return file


@contextmanager
def trouble(path: Path, reason: str) -> Iterator[None]:
    with pytest.raises(StoreError, match=reason) as caught:
        yield
    assert caught.value.subject == str(path)
    assert len(caught.value.remedy) > 10


def test_reading_what_is_not_there_makes_no_file(tmp_path: Path) -> None:
    gone = tmp_path / "gone.db"
    with trouble(gone, "there is no database yet"):
        Store(gone, readonly=True)
    assert list(tmp_path.iterdir()) == []


def test_a_reader_cannot_write(path: Path) -> None:
    before = dump(path)
    with Store(path, readonly=True) as store, trouble(path, "is read-only"):
        save(store, 5)
    assert dump(path) == before


def test_a_folder_that_cannot_be_made(path: Path) -> None:
    under_a_file = path / "deeper" / "b.db"
    with trouble(under_a_file.parent, "cannot be created"):
        Store(under_a_file)


def test_a_folder_that_cannot_be_locked(path: Path) -> None:
    under_a_file = path / "deeper" / "b.db"
    with trouble(under_a_file.parent, "cannot be written"), only_writer(under_a_file):
        pass


def test_a_folder_in_the_place_of_the_file(tmp_path: Path) -> None:
    for readonly in (True, False):
        with trouble(tmp_path, "cannot be (opened|read)"):
            Store(tmp_path, readonly=readonly)


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


def test_a_database_locked_by_another_program(path: Path) -> None:
    with Store(path, busy_seconds=0.05) as store:
        with exclusive(path), trouble(path, "locked by another process"):
            save(store, 5)
        assert save(store, 5) == 1
    assert len(dump(path)["document"]) == 4


def test_a_writer_waits_for_a_short_lock(path: Path) -> None:
    import threading

    held = threading.Event()
    release = threading.Event()

    def hold() -> None:
        with exclusive(path):
            held.set()
            release.wait(5)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(5)
    threading.Timer(0.2, release.set).start()
    with Store(path, busy_seconds=5) as store:
        assert save(store, 5) == 1
    thread.join()


def test_one_moneygood_at_a_time(path: Path) -> None:
    with only_writer(path), trouble(path, "another moneygood is working on it"), only_writer(path):
        pass
    with only_writer(path):
        assert len(dump(path)["document"]) == 3


@pytest.mark.parametrize("content", [b"<html>not a database</html>" * 200, b"\x00" * 5000])
@pytest.mark.parametrize("readonly", [True, False])
def test_a_file_that_is_no_database(content: bytes, readonly: bool, tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    path.write_bytes(content)
    with trouble(path, "is not a Moneygood database"):
        Store(path, readonly=readonly)
    assert path.read_bytes() == content


def test_an_empty_file_is_made_a_database(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    path.touch()
    with trouble(path, "has schema none"):
        Store(path, readonly=True)
    with Store(path) as store:
        assert save(store, 0) == 1


def test_a_truncated_database(path: Path) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 3])
    with trouble(path, "is damaged"), Store(path, readonly=True) as store:
        list(reads.pending(store, "s.v1"))
        reads.documents(store, "s.v1")
    assert len(path.read_bytes()) == len(whole) // 3


def test_a_database_with_damaged_pages(path: Path) -> None:
    with Store(path) as store:
        save(store, 10, 40, size=500)
    sqlite3.connect(path).execute("PRAGMA wal_checkpoint(TRUNCATE)")
    data = bytearray(path.read_bytes())
    for start in range(8192, len(data), 4096):
        data[start : start + 64] = b"\xa5" * 64
    path.write_bytes(bytes(data))
    with trouble(path, "is damaged"), Store(path) as store:
        list(reads.pending(store, "s.v1"))


def test_a_full_disk_keeps_what_was_there_and_work_goes_on(path: Path) -> None:
    before = dump(path)
    with Store(path) as store:
        with store.engine.connect() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        with trouble(path, "disk is full"):
            save(store, 10, 50, size=2000)
    assert dump(path) == before
    assert sound(path)
    with Store(path) as store:
        assert save(store, 10, 50, size=2000) == 50


def test_a_database_of_a_newer_version(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    before = dump(path)
    for readonly in (True, False):
        with trouble(path, "has schema 9999, this version reads"):
            Store(path, readonly=readonly)
    assert dump(path) == before


def test_somebody_elses_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "photos.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE document (name TEXT)")
    before = dump(path)
    with trouble(path, "is not a Moneygood database"):
        Store(path)
    assert dump(path) == before


def test_a_database_that_was_never_run_says_so(path: Path) -> None:
    with Store(path, readonly=True) as store, trouble(path, "holds no complete run yet"):
        database_mode(store)


def test_a_copy_of_the_file_is_a_database(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    shutil.copy(path, copy)
    assert dump(copy) == dump(path)
