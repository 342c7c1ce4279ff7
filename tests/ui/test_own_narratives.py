"""A narrative of the user's own on its way: commands, index, relations, exports, pages."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest
from dashboard import APP, words
from fake_scorer import FakeScorer, install
from planted import EXAMPLE, planted_head
from small_sources import NOW, quick_settings, write_sources
from streamlit.testing.v1 import AppTest

from moneygood import get_index, pipeline
from moneygood.errors import ModelError
from moneygood.narrative_files import head_of
from moneygood.nlp.own.head import save_head
from moneygood.nlp.version import scorer_version
from moneygood.settings import load_settings
from moneygood.store import Store
from moneygood.ui import cli, names
from moneygood.ui.exports import frame_of

OWN = "tariffs_once"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home with the worked example in its folder of narratives, not trained."""
    monkeypatch.setenv("MONEYGOOD_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    monkeypatch.delenv("MONEYGOOD_CONFIG", raising=False)
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "home" / "narratives"
    folder.mkdir(parents=True)
    shutil.copy(EXAMPLE, folder / "tariffs.toml")
    names._places.cache_clear()
    yield folder
    names._places.cache_clear()


@pytest.fixture
def moneygood(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    def run(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["moneygood", *map(str, words)])
        try:
            cli.main()
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database in which the weather carries the narrative."""
    folder = tmp_path_factory.mktemp("own")
    with pytest.MonkeyPatch.context() as patch:
        install(patch, FakeScorer(own={OWN: ("weather", "wheat")}))
        pipeline.run(
            folder / "a.db",
            quick_settings(),
            mode="sample",
            now=NOW,
            sources=write_sources(folder / "in"),
        )
    return folder / "a.db"


def plant(file: Path, base: str) -> Path:
    save_head(head_of(file), planted_head(file, base))
    return head_of(file)


def test_the_version_changes_with_a_head_and_only_with_one(home: Path) -> None:
    before = pipeline.current_version(load_settings())
    assert before == scorer_version()
    head = plant(home / "tariffs.toml", before)
    after = pipeline.current_version(load_settings())
    assert after == scorer_version(own=[head]) != before
    head.unlink()
    assert pipeline.current_version(load_settings()) == before
    plant(home / "tariffs.toml", "minilm.older")
    with pytest.raises(ModelError, match="narratives train tariffs_once"):
        pipeline.current_version(load_settings())


def test_it_has_index_share_and_relations(home: Path, filled: Path) -> None:
    with Store(filled, readonly=True) as store:
        index = frame_of(store, "index")
        evidence = frame_of(store, "evidence")
        relations = frame_of(store, "relations")
    assert {OWN, f"{OWN}.share"} <= set(index["series_id"])
    assert OWN in set(evidence["narrative"])
    carried = evidence.loc[evidence["narrative"] == OWN, "text"].str.lower()
    assert carried.str.contains("weather|wheat").all()
    assert OWN in set(relations["narrative"])
    assert len(get_index(OWN, database=filled)) > 10
    assert len(get_index(OWN, as_of="2025-01-10", database=filled)) > 10


def test_the_pages_offer_it_by_its_name(
    home: Path, filled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MONEYGOOD_DB", str(filled))
    app = AppTest.from_file(str(APP), default_timeout=20).run()
    assert "Tariffs, one time" in [metric.label for metric in app.metric]
    for page, key in (("narrative", "narrative"), ("yields", "with")):
        app.switch_page(f"views/{page}.py").run()
        assert "Tariffs, one time" in app.selectbox(key=key).options
        app.selectbox(key=key).select(OWN).run()
        assert not app.exception
        assert not app.error
    app.switch_page("views/narrative.py").run()
    assert "Do tariffs lift prices once, or do they feed inflation?" in words(app)


def test_without_its_file_it_keeps_its_place_under_its_id(home: Path) -> None:
    (home / "tariffs.toml").unlink()
    assert names.title(OWN) == "Tariffs once"
    assert names.title(f"{OWN}.share") == "Tariffs once, share of texts"
    assert names.colour(OWN) == names.colour(OWN) not in names.COLOUR.values()


@pytest.mark.parametrize(
    ("series", "is_one"),
    [
        (OWN, True),
        ("jevons", True),
        ("balance", False),
        ("retreat", False),
        ("y10", False),
        ("rung.denial", False),
        ("ai_capex.share", False),
        ("price:SPY", False),
        ("", False),
    ],
)
def test_narratives_are_told_from_other_series(series: str, is_one: bool) -> None:
    assert names.is_narrative(series) is is_one


def test_list_shows_the_built_in_ones_and_ones_own(moneygood: Run, home: Path) -> None:
    code, out, _ = moneygood("narratives", "list", "--json")
    rows = {row["id"]: row for row in json.loads(out)}
    assert code == 0
    assert [r["state"] for r in rows.values()] == ["built in"] * 4 + ["not trained"]
    assert rows[OWN]["path"] == str(home / "tariffs.toml")
    assert rows[OWN]["remedy"] == "Run `moneygood narratives train tariffs_once`"
    plant(home / "tariffs.toml", scorer_version())
    _, out, _ = moneygood("narratives", "list")
    assert out.splitlines()[-1].split() == [OWN, "trained", "Tariffs,", "one", "time"]


def test_new_then_check_says_what_is_missing(moneygood: Run, home: Path) -> None:
    code, out, _ = moneygood("narratives", "new", "soft_landing")
    assert code == 0
    assert out.splitlines()[0] == str(home / "soft_landing.toml")
    code, out, _ = moneygood("narratives", "check", "soft_landing", "--quick")
    assert code == 1
    assert "soft_landing.toml line" in out
    assert "exemplars: holds 1, too few. Write at least 5" in out
    code, out, _ = moneygood("narratives", "check", "--quick", "--json")
    assert code == 1
    assert [f["ok"] for f in json.loads(out)] == [False, True]
    assert moneygood("narratives", "check", OWN, "--quick") == (
        0, f"ok   {home / 'tariffs.toml'}\n", "",
    )  # fmt: skip
    assert moneygood("narratives", "new", "soft_landing")[0] == 1


def test_an_unknown_one_is_named_with_those_there_are(moneygood: Run) -> None:
    for command in ("check", "train"):
        code, out, err = moneygood("narratives", command, "rain")
        assert (code, out) == (1, "")
        assert "There is: tariffs_once" in err


def test_nothing_to_train_loads_no_model(moneygood: Run, home: Path) -> None:
    plant(home / "tariffs.toml", scorer_version())
    assert moneygood("narratives", "train")[1] == "nothing to train: all are up to date\n"


def test_scoring_says_that_an_edit_is_not_in_force(
    moneygood: Run, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch)
    plant(home / "tariffs.toml", scorer_version())
    text = (home / "tariffs.toml").read_text("utf-8")
    (home / "tariffs.toml").write_text(text.replace("Canada answered", "Mexico answered"), "utf-8")
    (tmp_path / "in.jsonl").write_text('{"text": "Rain."}\n', "utf-8")
    code, _, err = moneygood("score", "--in", "in.jsonl", "--out", "out.jsonl")
    assert code == 0
    assert "narrative tariffs_once: its file was changed since it was trained" in err


def test_evaluate_takes_labels_of_ones_own(
    moneygood: Run, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch, FakeScorer(own={OWN: ("weather",)}))
    rows = [
        {"text": "Weather is weather.", "labels": {OWN: "affirm"}},
        {"text": "Wheat.", "labels": {OWN: ""}},
        {"text": "The weather.", "labels": {}, "skip": [OWN]},
    ]
    (tmp_path / "own.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    code, _, err = moneygood("evaluate", "own.jsonl")
    assert code == 1
    assert "own.jsonl line 1: label 'tariffs_once' is unknown. Use a built-in narrative, or" in err
    plant(home / "tariffs.toml", scorer_version())
    code, out, _ = moneygood("evaluate", "own.jsonl", "--json")
    found = pd.DataFrame(json.loads(out)["narratives"]).set_index("narrative").loc[OWN]
    assert (found["sentences"], found["labelled"], found["found"]) == (2, 2, 1)
    rows = [{"text": "Weather.", "labels": {}}]
    (tmp_path / "none.jsonl").write_text(json.dumps(rows[0]), "utf-8")
    _, out, _ = moneygood("evaluate", "none.jsonl", "--json")
    assert OWN not in [r["narrative"] for r in json.loads(out)["narratives"]]
