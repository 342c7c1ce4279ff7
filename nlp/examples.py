"""Labelled sentences in the annotation guide's format (JSON Lines).

Raises ScoreError naming file, line and field. Used for training, for
evaluation and as the input of file mode.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from moneygood.errors import ScoreError
from moneygood.records import Kind, Narrative, Role, Rung, Sentence, Stance

_LABELS = "Use a built-in narrative, or one of your own once it is trained"
WRITTEN = Path(__file__).parent / "training"


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence and its labels.

    ``labels`` maps narratives present to their stance, None where annotators
    disagreed on it; ``skip`` holds narratives whose presence they disagreed on.
    """

    id: str
    sentence: Sentence
    labels: tuple[tuple[str, Stance | None], ...]
    rung: Rung | None
    skip: frozenset[str]
    hard: bool

    def stance(self, narrative: str) -> Stance | None:
        """The stance labelled for a narrative, if any."""
        return dict(self.labels).get(narrative)

    def has(self, narrative: str) -> bool:
        """Whether the narrative is labelled present."""
        return any(name == narrative for name, _ in self.labels)


def read_json_lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """(line number, object) of every line that is not blank."""
    try:
        with path.open(encoding="utf-8-sig") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield number, _object(path, number, line)
    except OSError as error:
        raise ScoreError(str(path), f"cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise ScoreError(str(path), f"is not UTF-8 ({error.reason})", "Convert it first") from error


def _object(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        value = json.loads(line)
        if "\\ud" in line.lower():
            # Half a character (a lone surrogate) breaks spaCy and UTF-8: it becomes "?".
            whole = json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")
            value = json.loads(whole)
    except (ValueError, RecursionError) as error:
        reason = getattr(error, "msg", "nested too deeply, or a figure too long")
        raise ScoreError(f"{path} line {number}", f"is not JSON ({reason})") from error
    if not isinstance(value, dict):
        raise ScoreError(f"{path} line {number}", "is not a JSON object")
    return value


def sentence_of(subject: str, row: dict[str, Any]) -> Sentence:
    """The sentence of a row in the guide's format; labels are not looked at."""
    text = row.get("text")
    if not isinstance(text, str):
        raise ScoreError(subject, 'has no "text"', 'Give "text", or "body", or "turns"')
    kind = str(row.get("kind") or Kind.NEWS)
    if kind not in list(Kind):
        raise ScoreError(subject, f"kind {kind!r} is unknown", f"Use one of {', '.join(Kind)}")
    return Sentence(
        text=text,
        context=str(row.get("context") or ""),
        speaker=str(row.get("speaker") or ""),
        role=Role.UNKNOWN,
        end=len(text),
        title=str(row.get("title") or ""),
        kind=Kind(kind),
    )


def read_examples(path: Path, own: Collection[str] = ()) -> list[Example]:
    """All labelled sentences of a file; ``own`` are narratives allowed beside the built-in ones."""
    known = frozenset({*Narrative, *own})
    return [_example(f"{path} line {number}", row, known) for number, row in read_json_lines(path)]


def _example(subject: str, row: dict[str, Any], known: frozenset[str]) -> Example:
    labels = row.get("labels")
    if not isinstance(labels, dict):
        raise ScoreError(subject, 'has no "labels"', "Give {} where no narrative is present")
    pairs = []
    for name, stance in labels.items():
        if name not in known:
            raise ScoreError(subject, f"label {name!r} is unknown", _LABELS)
        if stance and stance not in list(Stance):
            raise ScoreError(subject, f"stance {stance!r} of {name} is unknown")
        pairs.append((str(name), Stance(stance) if stance else None))
    rung = row.get("rung")
    if rung and rung not in list(Rung):
        raise ScoreError(subject, f"rung {rung!r} is unknown")
    if rung and labels.get(Narrative.REASSURANCE) not in (Stance.AFFIRM, ""):
        raise ScoreError(subject, "has a rung without affirmed reassurance")
    return Example(
        id=str(row.get("id", "")),
        sentence=sentence_of(subject, row),
        labels=tuple(pairs),
        rung=Rung(rung) if rung else None,
        skip=_skip(subject, row.get("skip") or [], known),
        hard=bool(row.get("hard")),
    )


def _skip(subject: str, skip: Any, known: frozenset[str]) -> frozenset[str]:
    if not isinstance(skip, list) or not all(
        isinstance(name, str) and name in known for name in skip
    ):
        raise ScoreError(subject, f"skip {skip!r} is no list of narratives")
    return frozenset(skip)


def written_examples() -> list[Example]:
    """Every training sentence written for the project."""
    return [e for path in sorted(WRITTEN.glob("*.jsonl")) for e in read_examples(path)]


@cache
def written_by_id() -> dict[str, Example]:
    """The same by their ids."""
    return {example.id: example for example in written_examples()}
