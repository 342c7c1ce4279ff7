"""The command line: what it prints where, and what it exits with."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import typer.main
from dumps import dump
from fake_scorer import VERSION, FakeScorer, install
from fakes import build_empty, build_store
from small_sources import DAYS, NOW, write_sources

from moneygood.records import Narrative
from moneygood.store import Store
from moneygood.ui import cli, cli_sources, serve
from moneygood.ui.console import Console, plain, source_lines

COMMANDS = sorted(typer.main.get_command(cli.app).commands)  # type: ignore[attr-defined]
QUICK = {
    "MONEYGOOD_INDEX__DRAWS": "50",
    "MONEYGOOD_INDEX__MIN_DOCUMENTS": "2",
    "MONEYGOOD_INDEX__BASE_DAYS": "30",
    "MONEYGOOD_RELATION__DRAWS": "100",
    "MONEYGOOD_RELATION__WINDOW": "20",
    "MONEYGOOD_RELATION__YIELDS": '["y10"]',
    "MONEYGOOD_SCORING__DEVICE": "cpu",
    "MONEYGOOD_SCORING__THREADS": "1",
}


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def value(self) -> Any:
        """Standard output, which is JSON and nothing else."""

        def refuse(word: str) -> None:
            raise AssertionError(f"{word} is not JSON")

        return json.loads(self.out, parse_constant=refuse)


Run = Callable[..., Ended]


@pytest.fixture
def moneygood(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    """Call the entry point as a shell does, in a home of its own and with the fake scorer."""
    for name in [n for n in os.environ if n.startswith("MONEYGOOD_")]:
        monkeypatch.delenv(name)
    for name, text in {**QUICK, "MONEYGOOD_HOME": str(tmp_path / "home")}.items():
        monkeypatch.setenv(name, text)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    monkeypatch.chdir(tmp_path)
    for module in (cli, cli_sources):
        monkeypatch.setattr(module, "utc_now", lambda: NOW)
    install(monkeypatch)

    def run(*words: object) -> Ended:
        monkeypatch.setattr(sys, "argv", ["moneygood", *map(str, words)])
        try:
            cli.main()
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
        captured = capsys.readouterr()
        return Ended(code, captured.out, captured.err)

    return run


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_store(tmp_path_factory.mktemp("cli") / "filled.db")


def test_the_commands() -> None:
    agreed = "run collect import score evaluate index relate alerts export dashboard doctor sources"
    assert set(COMMANDS) >= set(agreed.split())


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_and_option_has_help(command: str, moneygood: Run) -> None:
    ended = moneygood(command, "--help")
    assert ended.code == 0
    click = typer.main.get_command(cli.app).commands[command]  # type: ignore[attr-defined]
    assert len(click.help or "") > 20
    assert all(getattr(p, "help", "") for p in click.params if p.name != "help")


def test_the_version(moneygood: Run) -> None:
    ended = moneygood("--version")
    assert (ended.code, ended.err) == (0, "")
    assert re.fullmatch(r"moneygood \d+\.\d+\.\d+\n", ended.out)


@pytest.mark.parametrize(
    "words",
    [
        ["nonsense"],
        ["run"],
        ["run", "--sample", "--live"],
        ["run", "--sample", "--sources", "mine.toml"],
        ["run", "--sample", "--port", "high"],
        ["score", "--in", "a.jsonl"],
        ["score", "--out", "a.jsonl"],
        ["evaluate"],
        ["index", "--as-of", "yesterday"],
        ["index", "--wide"],
        ["export", "index"],
        ["export", "index", "out.xlsx"],
        ["export", "index", "out.csv", "--as-of", "yesterday"],
        ["import"],
    ],
)
def test_wrong_usage_exits_2(words: list[str], moneygood: Run, tmp_path: Path) -> None:
    ended = moneygood(*words)
    assert (ended.code, ended.out) == (2, "")
    assert "Traceback" not in ended.err
    assert ended.err
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize(
    ("words", "subject"),
    [
        (["index", "--db", "x/y.db", "--as-of", "2025-01-01"], "x"),
        (["index"], "sample.db"),
        (["relate", "--db", "gone.db"], "gone.db"),
        (["score", "--in", "gone.jsonl", "--out", "out.jsonl"], "gone.jsonl"),
        (["evaluate", "gone.jsonl"], "gone.jsonl"),
        (["evaluate", "x"], "x"),
        (["import", "gone"], "gone"),
        (["alerts", "--check", "--rules", "gone.yaml"], "gone.yaml"),
        (["alerts"], "sample.db"),
        (["sources", "--db", "gone.db"], "gone.db"),
        (["sources", "export", "gone/mine.opml"], "gone/mine.opml"),
        (["sources", "import", "gone.opml", "mine.toml"], "gone.opml"),
        (["export", "index", "out.csv", "--db", "gone.db"], "gone.db"),
        (["run", "--live", "--sources", "gone.toml"], "gone.toml"),
        (["collect", "--sources", "gone.toml"], "gone.toml"),
    ],
)
def test_a_failure_is_one_line_on_stderr_and_exits_1(
    words: list[str], subject: str, moneygood: Run, tmp_path: Path
) -> None:
    (tmp_path / "x").touch()
    ended = moneygood(*words)
    assert (ended.code, ended.out) == (1, "")
    assert re.fullmatch(rf"moneygood: .*{re.escape(subject)}.*: .+\n", ended.err)
    assert not (tmp_path / "out.jsonl").exists()
    if words[0] not in ("run", "collect"):
        assert not list(tmp_path.rglob("*.db"))


def test_a_wrong_setting_is_named(moneygood: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MONEYGOOD_INDEX__WINDOW", "0")
    ended = moneygood("index")
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith("moneygood: MONEYGOOD_INDEX__WINDOW: ")
    assert ended.err.count("\n") == 1


def write(path: Path, *rows: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


LABELLED = [
    {"text": "Nothing has changed.", "labels": {"reassurance": "affirm"}, "rung": "denial"},
    {"text": "DeepSeek is cheap.", "labels": {"deepseek": "affirm"}},
    {"text": "It rained.", "labels": {}},
]


def test_score_a_file(moneygood: Run, tmp_path: Path) -> None:
    source = write(tmp_path / "in.jsonl", *LABELLED)
    ended = moneygood("score", "--in", source, "--out", "out.jsonl", "--json")
    assert (ended.code, ended.value) == (0, {"rows": 3, "out": "out.jsonl"})
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [row["text"] for row in rows] == [row["text"] for row in LABELLED]
    assert not (tmp_path / "home").exists()
    assert moneygood("score", "--in", source, "--out", "out.jsonl").out == (
        "3 sentences: out.jsonl\n"
    )


def test_evaluate_a_file(moneygood: Run, tmp_path: Path) -> None:
    source = write(tmp_path / "in.jsonl", *LABELLED)
    ended = moneygood("evaluate", source, "--json")
    assert ended.code == 0
    assert (ended.value["sentences"], ended.value["scorer"]) == (3, VERSION)
    by_name = {r["narrative"]: r for r in ended.value["narratives"]}
    assert list(by_name) == [str(n) for n in Narrative]
    assert by_name["deepseek"]["f1"] == 1.0
    assert by_name["jevons"]["f1"] is None
    lines = moneygood("evaluate", source).out
    assert "3 sentences, scorer fake.v1" in lines
    assert all(str(n) in lines for n in Narrative)


def test_evaluate_without_sentences(moneygood: Run, tmp_path: Path) -> None:
    ended = moneygood("evaluate", write(tmp_path / "in.jsonl"))
    assert (ended.code, ended.err) == (
        1,
        f"moneygood: {tmp_path / 'in.jsonl'}: holds no sentences\n",
    )


def test_a_run_and_every_command_after_it(
    moneygood: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources = write_sources(tmp_path / "in")
    ended = moneygood("run", "--sources", sources, "--json")
    path = tmp_path / "home" / "moneygood.db"
    assert ended.code == 0
    assert ended.value["gathered"]["sources"] == 5
    assert ended.value["read"]["scorer"] == VERSION
    assert "collect 0 of 5" in ended.err
    rows = dump(path)

    lines = moneygood("run", "--sources", sources, "--no-dashboard")
    assert lines.code == 0
    assert lines.out.splitlines()[-1] == f"database   {path}"
    assert dump(path) == rows

    for command in ("index", "relate"):
        measured = moneygood(command, "--json")
        assert measured.code == 0
        assert {"series", "state", "reason", "points"} == set(measured.value[0])
        assert dump(path) == rows

    alerts = moneygood("alerts", "--json").value
    assert len({a["rule"] for a in alerts}) == len(alerts) == 3
    health = moneygood("sources", "--json").value
    assert {s["source"] for s in health["sources"]} == {"wire", "post", "notes", "pages", "ust"}
    assert {type(s["documents"]) for s in health["sources"]} == {int}
    assert len(health["failures"]) == 1
    for what in ("index", "evidence", "yields", "relations"):
        done = moneygood("export", what, f"{what}.csv", "--json")
        assert (done.code, done.value) == (0, {"out": f"{what}.csv"})
        assert len(pd.read_csv(tmp_path / f"{what}.csv")) > 10
    assert moneygood("score", "--db", path, "--json").value["documents"] == 0

    copy = tmp_path / "copy.db"
    copy.write_bytes(path.read_bytes())
    for command in ("index", "relate"):
        assert moneygood(command, "--db", copy).code == 0
    assert dump(copy) == rows


def test_collect_import_score_and_index_one_by_one(moneygood: Run, tmp_path: Path) -> None:
    sources = write_sources(tmp_path / "in")
    done = moneygood("collect", "--sources", sources, "--source", "wire", "--json")
    assert (done.code, done.value["new"], done.value["sources"]) == (0, len(DAYS), 1)
    assert (
        moneygood("collect", "--sources", sources, "--source", "wire", "--json").value["new"] == 0
    )
    done = moneygood("import", tmp_path / "in" / "pages", "--source", "desk", "--json")
    assert (done.value["new"], done.value["failed"]) == (4, 1)
    done = moneygood("score", "--json")
    assert (done.code, done.value["documents"]) == (0, len(DAYS) + 4)
    done = moneygood("index", "--json")
    assert done.code == 0
    assert sum(m["points"] for m in done.value) > 0


def test_as_of_reaches_the_figures(moneygood: Run, tmp_path: Path) -> None:
    moneygood("run", "--sources", write_sources(tmp_path / "in"), "--json")
    rows = dump(tmp_path / "home" / "moneygood.db")
    full = sum(m["points"] for m in moneygood("index", "--json").value)
    early = moneygood("index", "--as-of", "2024-11-15T22:00", "--json").value
    assert 0 < sum(m["points"] for m in early) < full
    assert dump(tmp_path / "home" / "moneygood.db") == rows


@pytest.mark.parametrize("command", ["alerts", "sources"])
def test_tables_for_people_and_programs(command: str, moneygood: Run, filled: Path) -> None:
    lines = moneygood(command, "--db", filled)
    assert (lines.code, lines.err) == (0, "")
    assert len(lines.out.splitlines()) > 1
    assert "NaT" not in lines.out
    value = moneygood(command, "--db", filled, "--json").value
    assert value


@pytest.mark.parametrize("command", ["alerts", "sources"])
def test_tables_of_an_empty_database(command: str, moneygood: Run, tmp_path: Path) -> None:
    empty = build_empty(tmp_path / "empty.db")
    lines = moneygood(command, "--db", empty)
    assert lines.code == 0
    assert "moneygood run" in lines.out
    nothing = {"alerts": [], "sources": {"sources": [], "failures": [], "skipped": []}}
    assert moneygood(command, "--db", empty, "--json").value == nothing[command]


def test_the_shipped_rules_are_checked(moneygood: Run, tmp_path: Path) -> None:
    value = moneygood("alerts", "--check", "--json").value
    assert len(value["rules"]) == 3
    bad = tmp_path / "bad.yaml"
    bad.write_text("groups: [{name: g, rules: [{alert: A, expr: nonsense}]}]", "utf-8")
    ended = moneygood("alerts", "--check", "--rules", bad)
    assert ended.code == 1
    assert str(bad) in ended.err


def test_the_dashboard_is_started_on_the_database(
    moneygood: Run, filled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[str]] = []

    def command(db: Path, *, port: int) -> list[str]:
        asked.append([str(db), str(port)])
        return [sys.executable, "-c", "raise SystemExit(3 if '8503' in '" + str(port) + "' else 0)"]

    monkeypatch.setattr(serve, "dashboard_command", command)
    assert moneygood("dashboard", "--db", filled, "--port", "8502").code == 0
    failed = moneygood("dashboard", "--db", filled, "--port", "8503")
    assert failed.code == 1
    assert "another: --port" in failed.err
    assert asked == [[str(filled), "8502"], [str(filled), "8503"]]


def test_the_doctor(moneygood: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = moneygood("doctor", "--json")
    assert ended.code == 0
    checks = {check["subject"]: check for check in ended.value}
    assert set(checks) >= {
        "settings", "device", "narratives", "alert rules", "sources", "sample database",
        "live database",
    }  # fmt: skip
    assert all(check["ok"] for check in checks.values())
    assert "run --sample" in checks["sample database"]["finding"]
    assert not (tmp_path / "home").exists()

    home = tmp_path / "home"
    build_store(home / "sample.db")
    (home / "moneygood.db").write_bytes(b"no database" * 1000)
    monkeypatch.setenv("MONEYGOOD_ALERTS__RULES", "gone.yaml")
    ended = moneygood("doctor", "--json")
    assert ended.code == 1
    failed = {check["subject"] for check in ended.value if not check["ok"]}
    assert failed == {"alert rules", "live database"}
    lines = moneygood("doctor").out.splitlines()
    assert sum(line.startswith("FAIL ") for line in lines) == 2


def test_the_doctor_migrates_only_when_told(moneygood: Run, tmp_path: Path) -> None:
    path = build_store(tmp_path / "home" / "sample.db")
    with Store(path) as store, store.begin() as connection:
        connection.exec_driver_sql("DELETE FROM alembic_version")
    before = dump(path)
    assert moneygood("doctor").code == 1
    assert dump(path) == before


def test_an_interrupt_in_the_midst_of_scoring_can_be_resumed(
    moneygood: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Interrupted(FakeScorer):
        def score(self, sentences: Any, *, explain: bool = False) -> Any:
            if len(self.calls) == 2:
                raise KeyboardInterrupt
            return super().score(sentences)

    sources = write_sources(tmp_path / "in")
    monkeypatch.setenv("MONEYGOOD_SCORING__BLOCK_CHARACTERS", "4000")
    words = ("run", "--sources", sources, "--json", "--db")
    install(monkeypatch, Interrupted())
    ended = moneygood(*words, "a.db")
    assert ended.code not in (0, 2)
    assert ended.out == ""
    assert "Traceback" not in ended.err
    install(monkeypatch)
    assert moneygood(*words, "a.db").code == moneygood(*words, "b.db").code == 0
    assert dump(tmp_path / "a.db") == dump(tmp_path / "b.db")


def test_the_installed_command(tmp_path: Path) -> None:
    command = Path(sys.executable).with_name("moneygood")
    done = subprocess.run(
        [command, "alerts", "--json"], capture_output=True, text=True, check=False,
        env={**os.environ, "MONEYGOOD_HOME": str(tmp_path)},
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch(r"moneygood: .*sample\.db: there is no database yet.*\n", done.stderr)


def test_any_value_becomes_json() -> None:
    value = {
        1: (float("nan"), float("inf"), -0.5, np.float64("nan")),
        "day": date(2025, 1, 27),
        "at": datetime(2025, 1, 27, 17, tzinfo=UTC),
        "not": [pd.NaT, None, True],
        "path": Path("a"),
        "who": Narrative.JEVONS,
    }
    assert plain(value) == {
        "1": [None, None, -0.5, None],
        "day": "2025-01-27",
        "at": "2025-01-27T17:00:00+00:00",
        "not": [None, None, True],
        "path": "a",
        "who": "jevons",
    }


def test_plain_progress_is_short(capsys: pytest.CaptureFixture[str]) -> None:
    with Console(as_json=True).progress() as report:
        for i in range(1001):
            report("score", i, 1000)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines()[::10] == ["score 0 of 1000", "score 1000 of 1000"]


def test_a_source_is_a_line_and_so_is_a_failure() -> None:
    assert source_lines(pd.DataFrame(), pd.DataFrame(), {})[0].startswith("no source was visited")
