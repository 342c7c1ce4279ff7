"""Labelled real sentences found again in the texts they came from."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

import pytest

from moneygood.nlp.examples import read_examples, read_json_lines
from moneygood.nlp.rebuild import LABELS, fingerprint, rebuild
from moneygood.records import Kind, Narrative, Rung, Stance

FIRST = "Orders for racks doubled in the quarter."
SECOND = "The delay costs us a few days, nothing more."


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    rows = [
        {"id": "1", "file": "note.md", "sha1": fingerprint(SECOND), "kind": "news",
         "labels": {"reassurance": "affirm"}, "rung": "containment"},
        {"id": "2", "file": "calls.tar.gz/a/call.txt", "sha1": fingerprint(FIRST),
         "kind": "transcript", "labels": {"ai_capex": "affirm"}},
        {"id": "3", "file": "gone.txt", "sha1": fingerprint("Never there."), "kind": "news",
         "labels": {}},
        {"id": "4", "file": "note.md", "sha1": fingerprint("Words that changed."), "kind": "news",
         "labels": {}},
    ]  # fmt: skip
    path = tmp_path / "labels.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_sentences_come_back_with_context_and_labels(tmp_path: Path, labels: Path) -> None:
    text = f"---\ntitle: A note\n---\n## Racks\n\n{FIRST} **The [delay](https://a.example)** "
    (tmp_path / "note.md").write_text(text + SECOND.removeprefix("The delay "))
    with tarfile.open(tmp_path / "calls.tar.gz", "w:gz") as tar:
        info = tarfile.TarInfo("a/call.txt")
        data = f"Good morning. {FIRST} Thank you.".encode()
        info.size = len(data)
        tar.addfile(info, io.BytesIO(data))
    found = list(rebuild(tmp_path, labels))
    out = tmp_path / "out.jsonl"
    out.write_text("".join(json.dumps(row) + "\n" for row in found))
    note, call = sorted(read_examples(out), key=lambda e: e.id)
    assert (note.stance(Narrative.REASSURANCE), note.rung) == (Stance.AFFIRM, Rung.CONTAINMENT)
    assert note.sentence.text.split() == SECOND.split()
    assert note.sentence.context.endswith(FIRST)
    assert (call.sentence.text, call.sentence.kind) == (FIRST, Kind.TRANSCRIPT)
    assert call.sentence.context == "Good morning."


def test_the_shipped_labels_hold_no_text() -> None:
    rows = [row for _, row in read_json_lines(LABELS)]
    assert len(rows) > 1000
    assert len({(row["file"], row["sha1"]) for row in rows}) == len(rows)
    for row in rows:
        assert not row.keys() & {"text", "context"}
        assert set(row["labels"]) <= set(Narrative)
        assert ("rung" in row) == (row["labels"].get("reassurance") == "affirm")
        assert row["title"] == "" or row["title"].endswith("earnings call")
