"""Narrative definitions, read from ``narratives.toml``.

Each narrative has a title, the question it answers, a description and groups
of phrases. Raises ModelError naming the file, narrative and phrase at fault.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from moneygood.errors import ModelError
from moneygood.nlp.version import NARRATIVES

SHIPPED = NARRATIVES


@dataclass(frozen=True, slots=True)
class PhraseGroup:
    """Phrases that play one part in a narrative."""

    name: str
    phrases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Definition:
    """One narrative."""

    id: str
    title: str
    question: str
    description: str
    groups: tuple[PhraseGroup, ...]


@cache
def load_definitions(path: Path = SHIPPED) -> tuple[Definition, ...]:
    """The narratives of a file, in its order."""
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ModelError(str(path), f"cannot be read ({error.strerror})") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ModelError(str(path), f"is not valid TOML: {error}") from error
    if not data:
        raise ModelError(str(path), "defines no narrative", "Add a table such as [ai_capex]")
    return tuple(_definition(path, key, value) for key, value in data.items())


def _definition(path: Path, key: str, value: object) -> Definition:
    subject = f"{path}: [{key}]"
    if not isinstance(value, dict):
        raise ModelError(subject, "is not a table of title, question, description and phrases")
    for field in ("title", "question", "description"):
        if not isinstance(value.get(field), str) or not value[field].strip():
            raise ModelError(subject, f"has no {field}", f'Add {field} = "…"')
    phrases = value.get("phrases")
    if not isinstance(phrases, dict) or not phrases:
        raise ModelError(subject, "has no phrases", f"Add [{key}.phrases] with lists of phrases")
    groups = []
    for name, items in phrases.items():
        listed = isinstance(items, list) and items
        if not listed or not all(isinstance(i, str) and i.strip() for i in items):
            raise ModelError(f"{subject} phrases.{name}", "is not a list of non-empty phrases")
        groups.append(PhraseGroup(name, tuple(items)))
    return Definition(key, value["title"], value["question"], value["description"], tuple(groups))
