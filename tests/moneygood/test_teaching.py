"""From a definition file to a head that is scored, by the settings alone."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from planted import EXAMPLE

from moneygood import pipeline
from moneygood.nlp import examples
from moneygood.nlp.files import score_file
from moneygood.nlp.own.definition import read_narrative
from moneygood.nlp.own.head import Report
from moneygood.reading import make_scorer
from moneygood.settings import load_settings
from moneygood.teaching import Teacher, warnings


@pytest.fixture
def _few_known() -> Iterator[None]:
    # Training sentences by id are read once a process: here from a part of them.
    examples.written_by_id.cache_clear()
    yield
    examples.written_by_id.cache_clear()


@pytest.mark.usefixtures("_few_known")
def test_what_is_taught_is_scored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MONEYGOOD_HOME", str(tmp_path))
    monkeypatch.setenv("MONEYGOOD_SCORING__DEVICE", "cpu")
    monkeypatch.setenv("MONEYGOOD_SCORING__THREADS", "1")
    few = examples.written_examples()[::20]
    monkeypatch.setattr(examples, "written_examples", lambda: few)
    (tmp_path / "narratives").mkdir()
    file = Path(shutil.copy(EXAMPLE, tmp_path / "narratives" / "tariffs.toml"))
    settings = load_settings()
    taught = Teacher(settings).teach(read_narrative(file))
    assert (taught.id, taught.head) == ("tariffs_once", file.with_suffix(".safetensors"))
    assert taught.report.background == len(few)
    scorer = make_scorer(settings.scoring)
    assert scorer.version == pipeline.current_version(settings)
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text('{"text": "Tariffs raise the price level once."}\n{"text": ""}\n', "utf-8")
    score_file(scorer, source, out)
    rows = [json.loads(line)["narratives"]["tariffs_once"] for line in out.open(encoding="utf-8")]
    assert [row["present"] for row in rows] == [True, False]
    assert sum(rows[0]["stance_p"].values()) == pytest.approx(1, abs=1e-3)


GOOD = Report(12, 12, 2000, 1.0, 0.9, 0.95, 0.8, 0, 0.0, (), (), ())


def test_a_good_report_has_no_warning() -> None:
    assert warnings(GOOD) == []


@pytest.mark.parametrize(
    ("report", "said"),
    [
        (Report(12, 12, 2000, 0.5, 0.5, 0.5, 0.8, 0, 0.0, (), (), ()), "found poorly (F1 0.50)"),
        (Report(12, 12, 2000, 1.0, 0.9, 0.95, 0.5, 0, 0.0, (), (), ()), "stance is told poorly"),
        (
            Report(12, 12, 2000, 0.9, 1.0, 0.95, 0.8, 0, 0.0, (), ("It rained.",), ()),
            "1 counter-exemplar is taken for it, the first: 'It rained.'",
        ),
        (
            Report(12, 12, 2000, 1.0, 0.9, 0.95, 0.8, 0, 0.0, ("Rain soon.",), (), ()),
            "1 exemplar is missed, the first: 'Rain soon.'",
        ),
        (
            Report(12, 12, 2000, 1.0, 0.9, 0.95, 0.8, 3, 0.0015, (), (), ("Rain.", "Hail.")),
            "3 of 2000 sentences on other things are called, the first: 'Rain.'",
        ),
    ],
)
def test_what_is_weak_is_told_with_what_may_help(report: Report, said: str) -> None:
    (one,) = warnings(report)
    assert said in one
