"""Labelled sentences: the format, its mistakes, and the ones written for training."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moneygood.errors import ScoreError
from moneygood.nlp.examples import WRITTEN, read_examples, read_json_lines, written_examples
from moneygood.records import Kind, Narrative, Rung, Stance

LABELLED = Path(__file__).parents[3] / "shared" / "data" / "labelled"
ROW: dict[str, Any] = {
    "id": "a1",
    "text": "All is fine.",
    "context": "Is it?",
    "title": "Call",
    "kind": "transcript",
    "source": "x",
    "published_at": "2025-01-27",
    "speaker": "Ann",
    "labels": {"reassurance": "affirm", "ai_capex": "neutral"},
    "rung": "containment",
}


def write(folder: Path, *rows: dict[str, Any]) -> Path:
    file = folder / "rows.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return file


def test_a_row_is_read(tmp_path: Path) -> None:
    (example,) = read_examples(write(tmp_path, ROW))
    sentence = example.sentence
    assert (example.id, example.rung) == ("a1", Rung.CONTAINMENT)
    assert (sentence.text, sentence.context, sentence.title) == ("All is fine.", "Is it?", "Call")
    assert (sentence.kind, sentence.speaker) == (Kind.TRANSCRIPT, "Ann")
    assert example.stance("reassurance") is Stance.AFFIRM
    assert example.has("ai_capex")
    assert not example.has("jevons")
    assert example.stance("jevons") is None


def test_metadata_may_be_missing_or_empty(tmp_path: Path) -> None:
    bare: dict[str, Any] = {"text": "A.", "labels": {}}
    first, second = read_examples(write(tmp_path, bare, {**bare, "kind": "", "rung": None}))
    assert first.sentence.kind == second.sentence.kind == Kind.NEWS
    assert (first.id, first.rung, second.rung) == ("", None, None)


def test_disagreement_is_kept(tmp_path: Path) -> None:
    row = {**ROW, "labels": {"jevons": ""}, "rung": None, "skip": ["deepseek"]}
    (example,) = read_examples(write(tmp_path, row))
    assert example.has("jevons")
    assert example.stance("jevons") is None
    assert example.skip == {"deepseek"}


def test_blank_lines_and_a_byte_order_mark_are_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    line = json.dumps(ROW).encode()
    file.write_bytes(b"\xef\xbb\xbf" + line + b"\r\n\r\n  \n" + line)
    assert [number for number, _ in read_json_lines(file)] == [1, 4]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"text": None}, 'has no "text"'),
        ({"text": 5}, 'has no "text"'),
        ({"labels": None}, 'has no "labels"'),
        ({"labels": ["ai_capex"]}, 'has no "labels"'),
        ({"labels": {"weather": "affirm"}}, "label 'weather' is unknown"),
        ({"labels": {"jevons": "maybe"}}, "stance 'maybe' of jevons is unknown"),
        ({"labels": {"jevons": True}}, "stance True of jevons is unknown"),
        ({"labels": {"jevons": ["affirm"]}}, r"stance \['affirm'\] of jevons is unknown"),
        ({"rung": "top"}, "rung 'top' is unknown"),
        ({"rung": 3}, "rung 3 is unknown"),
        ({"labels": {}}, "has a rung without affirmed reassurance"),
        ({"labels": {"reassurance": "doubt"}}, "has a rung without affirmed reassurance"),
        ({"kind": "poem"}, "kind 'poem' is unknown"),
        ({"skip": 5}, "skip 5 is no list of narratives"),
        ({"skip": "ai_capex"}, "skip 'ai_capex' is no list of narratives"),
        ({"skip": ["weather"]}, r"skip \['weather'\] is no list of narratives"),
    ],
)
def test_a_malformed_row_names_file_line_and_field(
    change: dict[str, Any], reason: str, tmp_path: Path
) -> None:
    file = write(tmp_path, ROW, {**ROW, **change})
    with pytest.raises(ScoreError, match=reason) as caught:
        read_examples(file)
    assert caught.value.subject == f"{file} line 2"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "is not JSON"),
        ("all is fine", "is not JSON"),
        ("[1]", "is not a JSON object"),
        ('"text"', "is not a JSON object"),
        ("[" * 100_000, "is not JSON"),
        ('{"text": ' + "9" * 5000 + "}", "is not JSON"),
    ],
)
def test_a_line_that_is_no_row(line: str, reason: str, tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text(json.dumps(ROW) + "\n" + line + "\n", "utf-8")
    with pytest.raises(ScoreError, match=reason) as caught:
        read_examples(file)
    assert caught.value.subject == f"{file} line 2"


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ScoreError, match=r"gone\.jsonl: cannot be read"):
        read_examples(tmp_path / "gone.jsonl")
    (tmp_path / "latin.jsonl").write_bytes('{"text": "ü"}'.encode("latin-1"))
    with pytest.raises(ScoreError, match=r"latin\.jsonl: is not UTF-8"):
        read_examples(tmp_path / "latin.jsonl")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
FIELDS = st.sampled_from(["text", "labels", "rung", "skip", "kind", "id", "hard", "context"])


@given(st.dictionaries(FIELDS, JSON))
def test_any_row_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, row: dict[str, Any]
) -> None:
    file = write(tmp_path_factory.mktemp("any"), {**ROW, **row})
    try:
        (example,) = read_examples(file)
    except ScoreError as error:
        assert error.subject == f"{file} line 1"  # noqa: PT017
    else:
        assert isinstance(example.sentence.text, str)
        assert set(dict(example.labels)) <= {str(n) for n in Narrative}


def rows_written() -> list[dict[str, Any]]:
    files = sorted(WRITTEN.glob("*.jsonl"))
    return [json.loads(line) for file in files for line in file.read_text("utf-8").splitlines()]


def test_the_written_sentences_are_read_and_many() -> None:
    examples = written_examples()
    assert len(examples) >= 800
    assert len(examples) == len(rows_written())


def test_the_written_sentences_have_ids_and_words_of_their_own() -> None:
    examples = written_examples()
    assert [i for i, n in Counter(e.id for e in examples).items() if n > 1 or not i] == []
    pairs = Counter((e.sentence.context, " ".join(e.sentence.text.split())) for e in examples)
    assert [pair for pair, n in pairs.items() if n > 1] == []


def test_the_written_rows_have_the_guides_fields() -> None:
    fields = set(ROW) - {"rung"}
    for row in rows_written():
        assert fields <= set(row) <= {*ROW, "hard"}, row["id"]
        affirmed = row["labels"].get("reassurance") == "affirm"
        assert ("rung" in row) is affirmed, row["id"]


def test_every_narrative_stance_and_rung_is_written_about() -> None:
    examples = written_examples()
    pairs = Counter(pair for e in examples for pair in e.labels)
    assert set(pairs) == {(str(n), s) for n in Narrative for s in Stance}
    assert {e.rung for e in examples} == {None, *Rung}
    assert any(not e.labels for e in examples)


def test_no_sentence_that_is_measured_on_is_trained_on() -> None:
    file = LABELLED / "dev.jsonl"
    if not file.is_file():
        pytest.skip("needs the labelled sentences in ../shared")
    written = {" ".join(e.sentence.text.lower().split()) for e in written_examples()}
    measured = {" ".join(e.sentence.text.lower().split()) for e in read_examples(file)}
    assert len(measured) > 100
    assert written & measured == set()
