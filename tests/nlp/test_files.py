"""File mode: rows in, rows out, whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fake_scorer import FakeScorer, as_scorer

from moneygood.errors import ScoreError
from moneygood.nlp.examples import written_examples
from moneygood.nlp.files import score_file
from moneygood.records import Narrative, Sentence, SentenceScore, SpansBy

TWO = "Nothing has changed. DeepSeek is cheap."


def write(path: Path, *rows: object) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def scored(folder: Path, *rows: object, fake: FakeScorer | None = None) -> list[dict[str, Any]]:
    source, out = write(folder / "in.jsonl", *rows), folder / "out.jsonl"
    number = score_file(as_scorer(fake or FakeScorer()), source, out)
    found = [json.loads(line) for line in out.read_text("ascii").splitlines()]
    assert number == len(found)
    assert sorted(p.name for p in folder.iterdir()) == ["in.jsonl", "out.jsonl"]
    return found


def test_a_row_has_the_agreed_fields(tmp_path: Path) -> None:
    text = "Nothing changes: DeepSeek is a cheap model."
    (row,) = scored(tmp_path, {"id": "a", "text": text, "labels": {"weather": 5}})
    assert list(row) == ["id", "text", "narratives", "rung", "scorer"]
    assert (row["id"], row["text"], row["scorer"]) == ("a", text, "fake.v1")
    assert list(row["narratives"]) == [str(n) for n in Narrative]
    for judged in row["narratives"].values():
        explained = ["spans_by", "nearest"] if judged["present"] else []
        assert list(judged) == ["p", "present", "stance", "stance_p", "spans", *explained]
        assert list(judged["stance_p"]) == ["affirm", "doubt", "neutral"]
        assert sum(judged["stance_p"].values()) == pytest.approx(1)
        assert judged["stance"] == max(judged["stance_p"], key=judged["stance_p"].get)
        assert isinstance(judged["present"], bool)
        assert 0 <= judged["p"] <= 1
    deepseek = row["narratives"]["deepseek"]
    assert deepseek["present"] is True
    assert [text[a:b] for a, b in deepseek["spans"]] == ["DeepSeek", "cheap model"]
    assert row["narratives"]["jevons"]["spans"] == []


def test_what_is_present_says_why(tmp_path: Path) -> None:
    near = next(e for e in written_examples() if e.stance("deepseek"))

    class Explaining(FakeScorer):
        def score(
            self, sentences: Sequence[Sentence], *, explain: bool = False
        ) -> list[SentenceScore]:
            assert explain
            (score,) = super().score(sentences)
            judgements = tuple(
                replace(j, spans_by=SpansBy.ATTRIBUTION, nearest=near.id, nearest_similarity=0.8125)
                if j.narrative == "deepseek"
                else j
                for j in score.judgements
            )
            return [replace(score, judgements=judgements)]

    text = "Nothing changes: DeepSeek is a cheap model."
    (row,) = scored(tmp_path, {"text": text}, fake=Explaining())
    deepseek, reassurance = (row["narratives"][n] for n in ("deepseek", "reassurance"))
    assert deepseek["spans_by"] == "attribution"
    assert deepseek["nearest"] == {
        "id": near.id,
        "text": near.sentence.text,
        "stance": near.stance("deepseek"),
        "similarity": 0.8125,
    }
    assert (reassurance["spans_by"], reassurance["nearest"]) == ("phrase", None)


def test_the_rung_is_a_word_or_null(tmp_path: Path) -> None:
    rows = scored(tmp_path, *({"text": f"All is fine, {i}."} for i in range(30)))
    stances = {row["narratives"]["reassurance"]["stance"] for row in rows}
    assert stances == {"affirm", "doubt", "neutral"}
    for row in rows:
        affirmed = row["narratives"]["reassurance"]["stance"] == "affirm"
        assert row["rung"] in (("denial", "containment", "money_good") if affirmed else (None,))


def test_text_is_one_sentence(tmp_path: Path) -> None:
    assert [row["text"] for row in scored(tmp_path, {"text": TWO})] == [TWO]


def test_a_body_is_split(tmp_path: Path) -> None:
    rows = scored(tmp_path, {"id": "n", "title": "Racks", "body": TWO})
    assert [(row["id"], row["text"]) for row in rows] == [
        ("n#0", "Racks"),
        ("n#1", "Nothing has changed."),
        ("n#2", "DeepSeek is cheap."),
    ]


def test_turns_are_split_and_say_who_spoke(tmp_path: Path) -> None:
    seen: list[Sentence] = []

    class Listening(FakeScorer):
        def score(
            self, sentences: Sequence[Sentence], *, explain: bool = False
        ) -> list[SentenceScore]:
            seen.extend(sentences)
            return super().score(sentences)

    turns = [
        {"speaker": "Ann", "role": "management", "section": "prepared", "text": TWO},
        {"speaker": "Bob", "role": "wizard", "text": "Really?"},
    ]
    rows = scored(tmp_path, {"id": "c", "title": "Call", "turns": turns}, fake=Listening())
    assert [row["id"] for row in rows] == ["c#0", "c#1", "c#2"]
    assert [(s.speaker, str(s.role), str(s.section), str(s.kind)) for s in seen] == [
        ("Ann", "management", "prepared", "transcript"),
        ("Ann", "management", "prepared", "transcript"),
        ("Bob", "unknown", "", "transcript"),
    ]


def test_rows_keep_their_order_beyond_one_block(tmp_path: Path) -> None:
    fake = FakeScorer()
    rows = scored(tmp_path, *({"id": i, "text": f"S {i}."} for i in range(1100)), fake=fake)
    assert [row["id"] for row in rows] == [str(i) for i in range(1100)]
    assert len(fake.calls) > 1


def test_a_row_without_an_id_takes_its_line(tmp_path: Path) -> None:
    rows = scored(tmp_path, {"text": "A."}, {"body": "It rained. It poured."})
    assert [row["id"] for row in rows] == ["1", "2#0", "2#1"]


def test_an_empty_file_gives_an_empty_file(tmp_path: Path) -> None:
    assert scored(tmp_path) == []


def test_half_a_character_is_written_as_ascii(tmp_path: Path) -> None:
    rows = scored(tmp_path, {"text": "DeepSeek \ud83d broke."}, {"body": "It rained \ud83d here."})
    assert [row["text"] for row in rows] == ["DeepSeek ? broke.", "It rained ?", "here."]
    assert rows[0]["narratives"]["deepseek"]["spans"] == [[0, 8]]


def test_the_output_may_take_the_inputs_place(tmp_path: Path) -> None:
    file = write(tmp_path / "in.jsonl", {"text": "A."})
    score_file(as_scorer(FakeScorer()), file, file)
    assert json.loads(file.read_text("utf-8"))["scorer"] == "fake.v1"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({}, 'has neither "text", "body" nor "turns"'),
        ({"body": ""}, 'has neither "text", "body" nor "turns"'),
        ({"body": 5}, 'has neither "text", "body" nor "turns"'),
        ({"turns": "We spend."}, 'has neither "text", "body" nor "turns"'),
        ({"turns": ["We spend."]}, 'has a turn without "text"'),
        ({"turns": [{"speaker": "Ann"}]}, 'has a turn without "text"'),
        ({"text": None}, 'has no "text"'),
        ({"text": ["A."]}, 'has no "text"'),
        ({"text": "A.", "kind": "poem"}, "kind 'poem' is unknown"),
        ({"body": "A.", "kind": "poem"}, "kind 'poem' is unknown"),
        ([1], "is not a JSON object"),
    ],
)
def test_a_bad_row_names_its_line_and_leaves_no_output(
    row: object, reason: str, tmp_path: Path
) -> None:
    source, out = write(tmp_path / "in.jsonl", {"text": "A."}, row), tmp_path / "out.jsonl"
    with pytest.raises(ScoreError, match=reason) as caught:
        score_file(as_scorer(FakeScorer()), source, out)
    assert caught.value.subject == f"{source} line 2"
    assert [p.name for p in tmp_path.iterdir()] == ["in.jsonl"]


def test_after_an_error_the_old_output_stands(tmp_path: Path) -> None:
    rows = [{"text": f"S {i}."} for i in range(600)]
    source, out = write(tmp_path / "in.jsonl", *rows, {}), tmp_path / "out.jsonl"
    out.write_text("before\n", "utf-8")
    with pytest.raises(ScoreError, match="line 601"):
        score_file(as_scorer(FakeScorer()), source, out)
    assert out.read_text("utf-8") == "before\n"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in.jsonl", "out.jsonl"]


def test_who_reads_the_old_output_never_sees_half_of_the_new(tmp_path: Path) -> None:
    source, out = write(tmp_path / "in.jsonl", {"text": "A."}), tmp_path / "out.jsonl"
    out.write_text("before\n", "utf-8")
    with out.open(encoding="utf-8") as reading:
        score_file(as_scorer(FakeScorer()), source, out)
        assert reading.read() == "before\n"


def test_files_that_cannot_be_read_or_written(tmp_path: Path) -> None:
    source = write(tmp_path / "in.jsonl", {"text": "A."})
    with pytest.raises(ScoreError, match=r"gone\.jsonl: cannot be read"):
        score_file(as_scorer(FakeScorer()), tmp_path / "gone.jsonl", tmp_path / "out.jsonl")
    with pytest.raises(ScoreError, match=r"out\.jsonl: cannot be written"):
        score_file(as_scorer(FakeScorer()), source, source / "out.jsonl")
