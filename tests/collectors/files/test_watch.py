"""Watching a folder."""

from __future__ import annotations

import os
from pathlib import Path

from moneygood.collectors.files.watch import Snapshot, Stamp, Watch, changes, look, settled

A, B, C = Path("a"), Path("b"), Path("c")


def test_new_and_changed_files_are_changes() -> None:
    before = Snapshot({A: Stamp(1, 10), B: Stamp(1, 10)})
    now = Snapshot({A: Stamp(1, 10), B: Stamp(1, 11), C: Stamp(1, 10)})
    assert changes(before, now) == (B, C)
    assert changes(now, now) == ()
    assert changes(now, Snapshot()) == ()


def test_a_file_is_settled_after_two_like_looks_or_two_seconds() -> None:
    second = 1_000_000_000
    before = Snapshot({A: Stamp(1, 99 * second), B: Stamp(1, 99 * second)})
    now = Snapshot({A: Stamp(1, 99 * second), B: Stamp(2, 99 * second), C: Stamp(1, 97 * second)})
    assert settled(before, now, at=100.0) == {A, C}
    ahead = Snapshot({A: Stamp(1, 900 * second)})
    assert settled(Snapshot(), ahead, at=100.0) == {A}


def test_each_version_is_told_once(tmp_path: Path) -> None:
    note = tmp_path / "note.txt"
    watch = Watch((tmp_path,))
    assert watch.poll() == ()
    note.write_text("half")
    written = note.stat().st_mtime
    assert watch.poll(at=written + 0.1) == ()
    note.write_text("half and whole")
    written = note.stat().st_mtime
    assert watch.poll(at=written + 0.1) == ()
    assert watch.poll(at=written + 0.2) == (note,)
    assert watch.poll(at=written + 9) == ()
    os.utime(note, (written + 50, written + 50))
    assert watch.poll(at=written + 60) == (note,)
    note.unlink()
    assert watch.poll() == ()
    note.write_text("back")
    assert watch.poll(at=note.stat().st_mtime + 5) == (note,)


def test_only_plain_files_inside_the_folder_are_seen(tmp_path: Path) -> None:
    home, away = tmp_path / "home", tmp_path / "away"
    for folder in (home / "sub", away, home / ".git"):
        folder.mkdir(parents=True)
    for path in (home / "b.txt", home / "sub" / "a.txt", away / "x.txt", home / ".git" / "c.txt"):
        path.write_text("text")
    (home / ".hidden.txt").write_text("text")
    (home / "out.txt").symlink_to(away / "x.txt")
    (home / "outside").symlink_to(away)
    (home / "loop").symlink_to(home)
    (home / "self.txt").symlink_to(home / "self.txt")
    (home / "inside.txt").symlink_to(home / "b.txt")
    os.mkfifo(home / "pipe.txt")
    seen = look(home)
    assert [path.relative_to(home).as_posix() for path in seen.files] == [
        "b.txt", "inside.txt", "sub/a.txt",
    ]  # fmt: skip
    assert [path.name for path in seen.unreadable] == ["self.txt"]


def test_a_missing_folder_is_empty_or_named(tmp_path: Path) -> None:
    assert look(tmp_path / "none").files == {}
    assert Watch((tmp_path / "none",)).poll() == ()
