"""Reads: what a figure rests on, freshness, and no model library in the process."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from fakes import SCORER, build_store

from moneygood.store import Store
from moneygood.ui import queries
from moneygood.ui.names import NARRATIVES, definition, title
from moneygood.ui.serve import dashboard_command, dashboard_environment

START, END = date(2024, 10, 1), date(2025, 3, 25)
DRIVE = """
import sys
from streamlit.testing.v1 import AppTest
app = AppTest.from_file(sys.argv[1], default_timeout=60).run()
for page in ("narrative", "yields", "alerts", "sources", "today"):
    app.switch_page(f"views/{page}.py").run()
    assert not app.exception, app.exception
heavy = ("torch", "transformers", "spacy", "moneygood.nlp", "moneygood.collectors")
print(*(name for name in heavy if name in sys.modules))
"""


@pytest.fixture(autouse=True)
def _chosen(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MONEYGOOD_DB", str(database))


@pytest.mark.parametrize("series", [*NARRATIVES, "balance", "retreat", "all"])
def test_evidence_comes_with_stance_probabilities(series: str) -> None:
    rows = queries.evidence(series, START, END)
    assert len(rows)
    assert (rows[["affirm", "doubt", "neutral"]].sum(axis=1) - 1).abs().max() < 1e-9
    assert rows["strength"].is_monotonic_decreasing
    if series in NARRATIVES:
        assert set(rows["narrative"]) == {series}
    if series == "retreat":
        assert (rows["rung"] != "").all()


def test_no_evidence_is_an_empty_frame() -> None:
    assert queries.evidence("all", date(2020, 1, 1), date(2020, 1, 2)).empty


def test_a_write_is_seen_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = build_store(tmp_path / "moving.db", days=12)
    monkeypatch.setenv("MONEYGOOD_DB", str(path))
    before = queries.status()
    later = datetime(2026, 1, 5, 12, tzinfo=UTC)
    with Store(path) as store:
        store.save_mode("live", later, SCORER)
    after = queries.status()
    assert before.mode is not None
    assert before.mode.mode == "sample"
    assert after.mode is not None
    assert after.mode.as_of == later


def test_reading_writes_nothing(database: Path) -> None:
    content = database.read_bytes()
    queries.index_points()
    queries.failures()
    assert database.read_bytes() == content


def test_names_come_from_the_definitions() -> None:
    assert [title(n) for n in NARRATIVES] == ["AI capex", "DeepSeek", "Jevons", "Reassurance"]
    assert all(definition(n, "question").endswith("?") for n in NARRATIVES)
    assert title("y10") == "10-year"
    assert title("price:SPY") == "SPY price"


def test_the_rule_file_of_the_settings_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = queries.rules_file()
    assert shipped is not None
    assert "groups:" in shipped[1]
    monkeypatch.setenv("MONEYGOOD_RULES", str(tmp_path / "none.yaml"))
    assert queries.rules_file() is None


def test_the_server_is_told_everything_it_needs(tmp_path: Path) -> None:
    command = dashboard_command(tmp_path / "x.db", port=8777, address="127.0.0.1")
    assert command[1:4] == ["-m", "streamlit", "run"]
    assert Path(command[4]).is_file()
    assert command[command.index("--server.port") + 1] == "8777"
    assert command[command.index("--server.address") + 1] == "127.0.0.1"
    assert command[-2:] == ["--db", str(tmp_path / "x.db")]
    found = dashboard_environment(tmp_path / "x.db", rules=tmp_path / "r.yaml", base={})
    assert found["MONEYGOOD_DB"] == str(tmp_path / "x.db")
    assert found["MONEYGOOD_RULES"] == str(tmp_path / "r.yaml")


def test_no_page_loads_a_model_library(database: Path) -> None:
    app = Path(queries.__file__).with_name("app.py")
    done = subprocess.run(
        [sys.executable, "-c", DRIVE, str(app)],
        env=dashboard_environment(database),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == ""
