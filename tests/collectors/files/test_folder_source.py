"""A folder as a source."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn

import pytest
from note_files import pdf

from moneygood.collectors.files import folder_source, watch
from moneygood.collectors.files.folder_source import read_folder
from moneygood.collectors.sources import Source, SourceKind
from moneygood.collectors.visit import Visit
from moneygood.errors import ParseError
from moneygood.records import Collected, Kind

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
TEXT = "Yields fell while the plan for new data halls was raised again."


def no_get(*_: Any, **__: Any) -> NoReturn:
    raise AssertionError("a folder needs no network")


def put(path: Path, text: str | bytes, age: float = 60) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    moment = time.time() - age
    os.utime(path, (moment, moment))
    return path


def visited(folder: Path, last: Collected | None = None, **options: Any) -> Collected:
    since = options.pop("since", None)
    parse = options.pop("parse", None)
    source = Source("desk", SourceKind.FOLDER, path=str(folder), **options)
    kept = {v.url: v for v in last.validators} if last else {}
    visit = Visit(NOW, no_get, validators=kept, since=since)
    return read_folder(source, replace(visit, parse=parse) if parse else visit)


def test_a_second_visit_reads_nothing(tmp_path: Path) -> None:
    put(tmp_path / "a.txt", TEXT)
    put(tmp_path / "sub" / "b.pdf", pdf([["Halls", TEXT]]))
    first = visited(tmp_path)
    assert len(first.documents) == len(first.validators) == 2
    again = visited(tmp_path, first)
    assert again.unchanged
    assert (again.documents, again.validators, again.failures) == ((), (), ())


def test_an_edited_note_is_a_version_of_the_same_document(tmp_path: Path) -> None:
    put(tmp_path / "sub" / "a.txt", TEXT)
    first = visited(tmp_path)
    put(tmp_path / "sub" / "a.txt", f"{TEXT} Then they rose.", age=30)
    second = visited(tmp_path, first)
    assert not second.unchanged
    assert first.documents[0].guid == "sub/a.txt"
    assert first.documents[0].uid == second.documents[0].uid
    assert first.documents[0].content_hash != second.documents[0].content_hash


def test_a_file_that_failed_is_tried_again(tmp_path: Path) -> None:
    put(tmp_path / "a.pdf", b"%PDF-")
    put(tmp_path / "b.txt", TEXT)
    first = visited(tmp_path)
    again = visited(tmp_path, first)
    assert [Path(f.subject).name for f in again.failures] == ["a.pdf"]
    assert not again.documents


def test_other_options_read_the_files_anew(tmp_path: Path) -> None:
    put(tmp_path / "a.txt", TEXT)
    first = visited(tmp_path)
    assert visited(tmp_path, first, text_kind=Kind.SPEECH).documents[0].kind is Kind.SPEECH


def test_older_texts_are_counted_and_can_be_had_later(tmp_path: Path) -> None:
    put(tmp_path / "2025-01-27 a.txt", TEXT)
    first = visited(tmp_path, since=datetime(2026, 1, 1, tzinfo=UTC))
    assert not first.documents
    assert [(s.reason, s.count) for s in first.skips] == [("older than 2026-01-01", 1)]
    assert len(visited(tmp_path, first).documents) == 1


def test_a_file_being_written_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    note = put(tmp_path / "a.txt", TEXT, age=0)
    real: Callable[[Path], object] = watch.look
    monkeypatch.setattr(folder_source, "_PAUSE", 0)
    assert len(visited(tmp_path).documents) == 1

    def growing(root: Path) -> object:
        note.write_text(note.read_text() + " More.")
        return real(root)

    monkeypatch.setattr(folder_source, "look", growing)
    found = visited(tmp_path)
    assert not found.documents
    assert not found.validators
    assert [s.reason for s in found.skips] == ["still being written"]


def test_every_file_goes_through_the_worker(tmp_path: Path) -> None:
    put(tmp_path / "a.txt", TEXT)
    put(tmp_path / "b.jsonl", "{}")

    def slow(*_: Any, **__: Any) -> NoReturn:
        raise ParseError("parser", "took longer than 20 s", "Drop the file.")

    found = visited(tmp_path, parse=slow)
    assert [f.reason for f in found.failures] == ["took longer than 20 s"] * 2
    assert Path(found.failures[0].subject).name == "a.txt"


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ParseError, match="no such file or folder"):
        visited(tmp_path / "none")
    assert not visited(tmp_path).failures


def test_many_files_cost_a_look_each(tmp_path: Path) -> None:
    for number in range(300):
        put(tmp_path / f"{number}.txt", f"{TEXT} {number}")
    first = visited(tmp_path)
    started = time.monotonic()
    assert visited(tmp_path, first).unchanged
    assert time.monotonic() - started < 1
