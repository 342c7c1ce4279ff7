"""Files of the user's own narratives: where they lie, and what readers call them.

What a file means, and whether it is right, is for ``moneygood.nlp.own``; the
dashboard needs names alone and must load no model.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

HEAD_SUFFIX = ".safetensors"


@dataclass(frozen=True, slots=True)
class Words:
    """What a reader is told of a narrative."""

    title: str
    question: str
    description: str


def narrative_files(places: Iterable[Path]) -> tuple[Path, ...]:
    """The definition files of folders (``*.toml``) and single files, each once.

    A folder that is not there holds none; a single file is listed even where it
    is missing, so that whoever reads it can say so.
    """
    found: dict[Path, None] = {}
    for place in places:
        folder = place.is_dir() or place.suffix != ".toml"
        found |= dict.fromkeys(sorted(place.glob("*.toml")) if folder else [place])
    return tuple(found)


def head_of(definition: Path) -> Path:
    """Where the trained head of a definition file lies: beside it."""
    return definition.with_suffix(HEAD_SUFFIX)


def words_of(places: Iterable[Path]) -> dict[str, Words]:
    """What readers call the narratives of these places, by id; unreadable files are passed over."""
    found: dict[str, Words] = {}
    for path in narrative_files(places):
        try:
            mark = path.stat().st_mtime_ns
        except OSError:
            continue
        name, words = _words(path, mark)
        if name:
            found.setdefault(name, words)
    return found


@lru_cache(maxsize=256)
def _words(path: Path, _changed: int) -> tuple[str, Words]:
    try:
        data = tomllib.loads(path.read_text("utf-8-sig"))
    except (OSError, ValueError):
        data = {}
    told = [data.get(key) for key in ("id", "name", "question", "description")]
    name, title, question, description = (t if isinstance(t, str) else "" for t in told)
    return name, Words(title, question or title, description)
