"""Which files of a folder are new or changed, and finished being written."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

SETTLED = 2.0
"""Seconds after its last change at which a file counts as finished."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """Size in bytes and time of the last change, in nanoseconds since 1970."""

    size: int
    mtime_ns: int

    def __str__(self) -> str:
        return f"{self.size}-{self.mtime_ns}"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The readable files of a folder at one look, and what could not be looked at."""

    files: Mapping[Path, Stamp] = field(default_factory=dict)
    unreadable: Mapping[Path, str] = field(default_factory=dict)


def look(root: Path) -> Snapshot:
    """The plain files at or below ``root`` in sorted order; never raises.

    Hidden files and folders are left out, and so are links that lead outside:
    a dropped link must not have the rest of the disk read.
    """
    files: dict[Path, Stamp] = {}
    unreadable: dict[Path, str] = {}
    try:
        home = root.resolve()
        single = root.is_file()
    except (OSError, RuntimeError) as error:
        return Snapshot({}, {root: _reason(error)})
    for path in iter([root]) if single else _walk(root, unreadable):
        try:
            if not single and path.is_symlink() and not path.resolve().is_relative_to(home):
                continue
            seen = path.stat()
        except FileNotFoundError:
            continue
        except (OSError, RuntimeError) as error:
            unreadable[path] = _reason(error)
            continue
        # A pipe or device would never end.
        if stat.S_ISREG(seen.st_mode):
            files[path] = Stamp(seen.st_size, seen.st_mtime_ns)
    return Snapshot(files, unreadable)


def changes(before: Snapshot, now: Snapshot) -> tuple[Path, ...]:
    """Files that are new or other than before."""
    return tuple(path for path, stamp in now.files.items() if before.files.get(path) != stamp)


def settled(before: Snapshot, now: Snapshot, at: float) -> frozenset[Path]:
    """Files whose writing is over at ``at`` (seconds since 1970).

    Either two looks agree, or the last change is two seconds old. A clock that
    runs ahead of the disk's does not make a file wait for ever.
    """
    return frozenset(
        path
        for path, stamp in now.files.items()
        if before.files.get(path) == stamp or abs(at - stamp.mtime_ns / 1e9) >= SETTLED
    )


class Watch:
    """Says, look by look, which files below some folders are ready to be read.

    Each file is named once for each of its versions. What is there at the first
    look counts as new.
    """

    def __init__(self, folders: tuple[Path, ...]) -> None:
        self._folders = folders
        self._told: dict[Path, Stamp] = {}
        self._last = Snapshot()

    def poll(self, at: float | None = None) -> tuple[Path, ...]:
        """Files that became ready since the last poll; ``at`` is the time now."""
        looks = [look(folder) for folder in self._folders]
        now = Snapshot({path: stamp for one in looks for path, stamp in one.files.items()})
        ready = settled(self._last, now, time.time() if at is None else at)
        due = tuple(path for path in changes(Snapshot(self._told), now) if path in ready)
        self._told = {path: s for path, s in self._told.items() if path in now.files}
        self._told |= {path: now.files[path] for path in due}
        self._last = now
        return due


def _walk(root: Path, unreadable: dict[Path, str]) -> Iterator[Path]:
    def refused(error: OSError) -> None:
        unreadable[Path(error.filename or root)] = _reason(error)

    for folder, folders, files in os.walk(root, onerror=refused):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(folder, name) for name in sorted(files) if not name.startswith("."))


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
