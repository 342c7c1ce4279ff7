"""File mode: JSON Lines in, JSON Lines out, no database.

A row is one sentence (``text``, in the annotation guide's format, not split
again) or a whole document (``body``, or ``turns: [{speaker, role, text}]``).
Out comes one row a sentence; every narrative is listed for every sentence.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from moneygood.errors import ScoreError
from moneygood.nlp.examples import read_json_lines, sentence_of, written_by_id
from moneygood.nlp.scorer import Scorer
from moneygood.nlp.sentences import split
from moneygood.records import (
    Document,
    Judgement,
    Kind,
    Role,
    Section,
    Sentence,
    SentenceScore,
    Turn,
)

_BLOCK = 512
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def score_file(scorer: Scorer, source: Path, out: Path) -> int:
    """Score every row of ``source`` into ``out``; returns the number of rows written.

    The output appears whole or not at all. Raises ScoreError naming the line.
    """
    partial = out.with_name(out.name + ".partial")
    written = 0
    try:
        with partial.open("w", encoding="utf-8") as file:
            for block in _blocks(read_sentences(source)):
                written += _write(file, block, scorer)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(out)
    except OSError as error:
        raise ScoreError(str(out), f"cannot be written ({error.strerror})") from error
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
    return written


def read_sentences(source: Path) -> Iterator[tuple[str, Sentence]]:
    """(id, sentence) of every row; documents are split. Raises ScoreError naming the line."""
    for number, row in read_json_lines(source):
        subject = f"{source} line {number}"
        key = str(row.get("id", number))
        if "text" in row:
            yield key, sentence_of(subject, row)
        else:
            for sentence in split(_document(subject, row)):
                yield f"{key}#{sentence.position}", sentence


def _document(subject: str, row: dict[str, Any]) -> Document:
    kind = str(row.get("kind") or (Kind.TRANSCRIPT if "turns" in row else Kind.NEWS))
    if kind not in list(Kind):
        raise ScoreError(subject, f"kind {kind!r} is unknown", f"Use one of {', '.join(Kind)}")
    body, turns = row.get("body", ""), row.get("turns", [])
    if not isinstance(body, str) or not isinstance(turns, list) or not (body or turns):
        raise ScoreError(subject, 'has neither "text", "body" nor "turns"')
    return Document(
        source=str(row.get("source", "")),
        kind=Kind(kind),
        title=str(row.get("title") or ""),
        published_at=_EPOCH,
        first_seen_at=_EPOCH,
        body=body,
        turns=tuple(_turn(subject, turn) for turn in turns),
    )


def _turn(subject: str, turn: Any) -> Turn:
    if not isinstance(turn, dict) or not isinstance(turn.get("text"), str):
        raise ScoreError(subject, 'has a turn without "text"')
    role, section = str(turn.get("role", "")), str(turn.get("section", ""))
    return Turn(
        speaker=str(turn.get("speaker", "")),
        role=Role(role) if role in list(Role) else Role.UNKNOWN,
        section=Section(section) if section in list(Section) else Section.NONE,
        text=turn["text"],
    )


def _blocks(items: Iterable[tuple[str, Sentence]]) -> Iterator[list[tuple[str, Sentence]]]:
    block: list[tuple[str, Sentence]] = []
    for item in items:
        block.append(item)
        if len(block) == _BLOCK:
            yield block
            block = []
    if block:
        yield block


def _write(file: TextIO, block: list[tuple[str, Sentence]], scorer: Scorer) -> int:
    scores = scorer.score([sentence for _, sentence in block], explain=True)
    for (key, _), score in zip(block, scores, strict=True):
        file.write(json.dumps(row_of(key, score), ensure_ascii=True) + "\n")
    return len(block)


def row_of(key: str, score: SentenceScore) -> dict[str, Any]:
    """The output row of one sentence (format: design section 3)."""
    return {
        "id": key,
        "text": score.sentence.text,
        "narratives": {
            j.narrative: {
                "p": j.probability,
                "present": j.present,
                "stance": str(j.stance),
                "stance_p": dict(zip(("affirm", "doubt", "neutral"), j.stance_p, strict=True)),
                "spans": [list(span) for span in j.spans],
                **(_explanation(j) if j.present else {}),
            }
            for j in score.judgements
        },
        "rung": str(score.rung) if score.rung else None,
        "scorer": score.scorer,
    }


def _explanation(judgement: Judgement) -> dict[str, Any]:
    near = written_by_id().get(judgement.nearest)
    nearest = near and {
        "id": near.id,
        "text": near.sentence.text,
        "stance": near.stance(judgement.narrative),
        "similarity": judgement.nearest_similarity,
    }
    return {"spans_by": str(judgement.spans_by), "nearest": nearest}
