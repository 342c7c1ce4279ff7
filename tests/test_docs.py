"""The documents say what the program does: commands, settings, formats, links, examples."""

from __future__ import annotations

import ast
import dataclasses
import importlib
import json
import os
import re
import shlex
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import typer.main

from moneygood.collectors.calls.transcript import parse_call
from moneygood.collectors.files.folders import Import, import_file
from moneygood.collectors.series.prices import parse_prices
from moneygood.collectors.series.yields import (
    parse_fred_csv,
    parse_treasury_csv,
    parse_treasury_xml,
)
from moneygood.collectors.sources import Source, SourceKind, load_sources
from moneygood.nlp.evaluate import Evaluation, NarrativeResult
from moneygood.nlp.examples import read_examples
from moneygood.records import AlertState, Collected, Kind, Narrative, Role, Rung, Section, Stance
from moneygood.settings import DEFAULTS, Settings, load_settings
from moneygood.signals.expressions import METRICS, OPERATORS
from moneygood.signals.rules import load_rules
from moneygood.store import Store
from moneygood.tables import Base
from moneygood.ui.cli import app
from moneygood.ui.exports import SCHEMA_VERSION, TABLES, frame_of

ROOT = Path(__file__).parents[1]
NOW = datetime(2026, 1, 5, tzinfo=UTC)


def pages() -> Iterator[Path]:
    """Every Markdown page of the repository; hidden and built folders are passed over."""
    for folder, folders, files in os.walk(ROOT):
        folders[:] = sorted(f for f in folders if f[0] != "." and f not in ("build", "dist"))
        yield from (Path(folder, name) for name in sorted(files) if name.endswith(".md"))


PAGES = list(pages())
REFERENCE = (ROOT / "docs" / "reference.md").read_text("utf-8")
METHODS = (ROOT / "docs" / "methods.md").read_text("utf-8")
_FENCE = re.compile(r"^( *)```([^\n]*)\n(.*?)^\1```[ \t]*$", re.M | re.S)


def blocks(text: str) -> Iterator[tuple[str, str]]:
    """(what stands after the opening fence, content) of every fenced block."""
    for match in _FENCE.finditer(text):
        lines = match[3].split("\n")
        yield match[2].strip(), "\n".join(line.removeprefix(match[1]) for line in lines)


def prose(text: str) -> str:
    """A page without its fenced blocks."""
    return _FENCE.sub("", text)


def section(text: str, title: str) -> str:
    """What stands under a heading, down to the next of its level or above."""
    found = re.search(rf"^(#+) {re.escape(title)}$", text, re.M)
    assert found, f"no heading {title!r}"
    rest = text[found.end() :]
    end = re.search(rf"^#{{1,{len(found[1])}}} ", _hide_blocks(rest), re.M)
    return rest[: end.start()] if end else rest


def _hide_blocks(text: str) -> str:
    """The same length of text with fenced blocks blanked: a # in them is no heading."""
    return _FENCE.sub(lambda m: re.sub(r"[^\n]", " ", m[0]), text)


EXAMPLES = {
    info.partition("file=")[2]: content for info, content in blocks(REFERENCE) if "file=" in info
}


def example(name: str, folder: Path) -> Path:
    """The example of that file name, written to a folder."""
    path = folder / name
    path.write_text(EXAMPLES[name], "utf-8")
    return path


def commands() -> dict[str, Any]:
    """The program's commands by name, as Typer built them."""
    group: Any = typer.main.get_command(app)
    return dict(group.commands)


def flags(command: Any) -> set[str]:
    """Every spelling of every option of a command."""
    return {
        flag
        for p in command.params
        if p.param_type_name == "option"
        for flag in (*p.opts, *p.secondary_opts)
    }


# -- the reference is complete -------------------------------------------------------


def test_every_command_and_option_is_in_the_reference() -> None:
    for name, command in commands().items():
        text = section(REFERENCE, f"`moneygood {name}`")
        told = set(re.findall(r"--[a-z][a-z-]*", text)) - {"--help"}
        assert flags(command) <= told, f"{name}: options not in the reference"


def test_the_tables_of_options_name_no_other() -> None:
    for name, command in commands().items():
        rows = [r for r in section(REFERENCE, f"`moneygood {name}`").split("\n") if r[:4] == "| `-"]
        told = {flag for row in rows for flag in re.findall(r"--[a-z-]+", row.split("|")[1])}
        assert told == flags(command), name


def test_no_command_in_the_reference_is_made_up() -> None:
    told = set(re.findall(r"^### `moneygood (\w+)`$", REFERENCE, re.M))
    assert told == set(commands())


def settings_keys() -> dict[str, object]:
    """Every key with its shipped default; None where the default is computed."""
    keys: dict[str, object] = {"home": None, "sources": None}
    for name, value in tomllib.loads(DEFAULTS.read_text("utf-8")).items():
        if isinstance(value, dict) and value:
            keys |= {f"{name}.{key}": inner for key, inner in value.items()}
        else:
            keys[name] = value
    assert {key.partition(".")[0] for key in keys} == set(Settings.model_fields)
    return keys


def test_every_setting_has_its_default_and_variable() -> None:
    rows = {
        cells[1].strip(" `"): cells
        for line in section(REFERENCE, "Settings").split("\n")
        if len(cells := line.split("|")) == 6 and "MONEYGOOD_" in cells[3]
    }
    keys = settings_keys()
    assert set(rows) == set(keys)
    for key, value in keys.items():
        _, _, default, variable, reason, _ = rows[key]
        assert variable.strip(" `") == "MONEYGOOD_" + key.upper().replace(".", "__")
        assert reason.strip()
        if value is not None:
            assert json.loads(default.strip(" `")) == value, key


def test_every_source_kind_and_key_is_in_the_reference() -> None:
    text = section(REFERENCE, "Sources file")
    for word in [*SourceKind, *(f.name for f in dataclasses.fields(Source)), *Kind]:
        assert f"`{word}`" in text, word


def test_every_metric_label_and_operator_is_in_the_reference() -> None:
    text = section(REFERENCE, "Alert rules")
    for metric, labels in METRICS.items():
        wanted = ", ".join(f"`{label}`" for label in labels)
        assert f"| `{metric}` | {wanted} |" in text
    for operator in OPERATORS:
        assert f'"{operator}"' in text


def test_every_alert_state_is_in_both_pages() -> None:
    for state in AlertState:
        assert f"| `{state}` |" in section(REFERENCE, "Alert rules")
        assert f"| `{state}` |" in section(METHODS, "Alerts")


def test_every_table_is_in_the_reference() -> None:
    told = re.findall(r"^\| `(\w+)` \|", section(REFERENCE, "Database"), re.M)
    assert set(told) == {*Base.metadata.tables, "alembic_version"}


def test_every_role_section_stance_and_rung_is_in_the_reference() -> None:
    for word in (*Role, *Section, *Stance, *Rung, *Narrative):
        assert not word or f"`{word}`" in REFERENCE, word


def test_export_columns_are_those_written(tmp_path: Path) -> None:
    text = section(REFERENCE, "Exports")
    told = {
        cells[1].strip(" `"): re.findall(r"`(\w+)`", cells[3])
        for line in text.split("\n")
        if len(cells := line.split("|")) == 5
    }
    with Store(tmp_path / "empty.db") as store:
        for what in TABLES:
            assert list(frame_of(store, what).columns) == told[what], what
    assert json.loads(EXAMPLES["manifest.json"])["schema_version"] == SCHEMA_VERSION


# -- the examples of the reference can be read ---------------------------------------


def job(history: bool = True) -> Import:
    return Import(None, NOW, history=history)


def test_the_settings_example_is_valid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in settings_keys():
        monkeypatch.delenv("MONEYGOOD_" + name.upper().replace(".", "__"), raising=False)
    settings = load_settings(example("moneygood.toml", tmp_path))
    assert settings.index.window == 10
    assert settings.contact == "desk@example.com"


def test_the_sources_example_has_every_kind(tmp_path: Path) -> None:
    path = example("sources.toml", tmp_path)
    sources = load_sources(path)
    assert sorted(s.kind for s in sources) == sorted(SourceKind)
    written = {key for entry in tomllib.loads(path.read_text())["source"] for key in entry}
    assert written == {f.name for f in dataclasses.fields(Source)}


@pytest.mark.parametrize(
    ("name", "documents"),
    [
        ("2025-01-28-racks.txt", 1),
        ("paradox.md", 1),
        ("page.html", 1),
        ("news.jsonl", 2),
        ("dump.json", 1),
        ("news.csv", 1),
    ],
)
def test_the_text_examples_are_read(name: str, documents: int, tmp_path: Path) -> None:
    read = import_file(example(name, tmp_path), job())
    assert not read.failures
    assert len(read.documents) == documents
    for document in read.documents:
        assert document.published_at.date() in {
            datetime(2025, 1, 28).date(),  # noqa: DTZ001
            datetime(2025, 1, 29).date(),  # noqa: DTZ001
        }
        assert document.title
        assert document.text


@pytest.mark.parametrize("name", [name for name in EXAMPLES if name.startswith("call-")])
def test_every_call_layout_keeps_speakers(name: str) -> None:
    read = parse_call(EXAMPLES[name].encode(), source="calls", now=NOW, name=name, history=True)
    turns = read.documents[0].turns
    told = {(t.speaker, t.role, t.section) for t in turns if t.role is not Role.OPERATOR}
    assert told >= {
        ("Maria Reyes", Role.MANAGEMENT, Section.PREPARED),
        ("Tom Alder", Role.ANALYST, Section.QA),
    }
    assert read.documents[0].published_at == datetime(2025, 1, 29, 22, tzinfo=UTC)


def test_the_yield_and_price_examples_are_read() -> None:
    def data(name: str) -> bytes:
        return EXAMPLES[name].encode()

    def observed(read: Collected) -> dict[tuple[str, str], float]:
        assert not read.failures
        return {(o.series, str(o.date)): o.value for o in read.observations}

    for name in ("treasury.csv", "merged.csv"):
        curve = observed(parse_treasury_csv(data(name), source="x", now=NOW))
        assert curve["y10", "2025-01-27"] == 4.53
        assert curve["y30", "2025-01-28"] == 4.78
    fred = parse_fred_csv(data("fred.csv"), source="x", series="y10", now=NOW)
    assert observed(fred) == {("y10", "2025-01-27"): 4.53}
    xml = parse_treasury_xml(data("treasury.xml"), source="x", now=NOW)
    assert observed(xml) == {("y2", "2025-01-27"): 4.17, ("y10", "2025-01-27"): 4.53}
    for name, close in (("XLY.csv", 230.44), ("XLP.csv", 79.10)):
        prices = observed(parse_prices(data(name), source="x", now=NOW, name=name))
        assert prices[f"price:{name[:3]}", "2025-01-28"] == close


def test_the_rules_example_is_valid(tmp_path: Path) -> None:
    rules = load_rules(
        example("rules.yaml", tmp_path), narratives={*Narrative, "balance"}, series={"y10"}
    )
    assert [(r.hold, r.keep) for r in rules] == [(2, 3), (0, 0)]


def test_the_labelled_example_can_be_evaluated(tmp_path: Path) -> None:
    first, second = read_examples(example("labelled.jsonl", tmp_path))
    assert first.rung is Rung.DENIAL
    assert second.skip == {Narrative.REASSURANCE}
    text = section(REFERENCE, "Evaluate")
    for kind in (Evaluation, NarrativeResult):
        for field in dataclasses.fields(kind):
            assert f"`{field.name}`" in text, field.name


def test_the_scored_example_has_the_form_of_file_mode() -> None:
    row = json.loads(EXAMPLES["score-out.json"])
    given = json.loads(EXAMPLES["score-in.jsonl"].split("\n")[0])
    assert (row["id"], row["text"]) == (given["id"], given["text"])
    assert list(row["narratives"]) == list(Narrative)
    for judged in row["narratives"].values():
        explained = {"spans_by", "nearest"} if judged["present"] else set()
        assert set(judged) == {"p", "present", "spans", "stance", "stance_p"} | explained
        assert list(judged["stance_p"]) == list(Stance)
        assert judged["stance"] == max(judged["stance_p"], key=judged["stance_p"].get)
        assert sum(judged["stance_p"].values()) == pytest.approx(1, abs=1e-3)
        assert all(0 <= start < end <= len(row["text"]) for start, end in judged["spans"])


# -- every page ----------------------------------------------------------------------


def shell_lines(path: Path) -> list[list[str]]:
    """The words of every command line in a page's shell blocks."""
    return [
        shlex.split(part, comments=True)
        for info, content in blocks(path.read_text("utf-8"))
        if info in ("sh", "bash", "shell")
        for line in content.replace("\\\n", " ").split("\n")
        for part in line.split("&&")
    ]


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_commands_shown_exist(page: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.M))
    known = commands()
    for words in shell_lines(page):
        if not words:
            continue
        if words[0] == "make":
            assert {w for w in words[1:] if "=" not in w} <= targets, words
        if words[0].endswith("moneygood") and len(words) > 1 and words[1] != "--version":
            assert words[1] in known, words
            told = {w.partition("=")[0] for w in words[2:] if w.startswith("--")}
            assert told <= flags(known[words[1]]) | {"--help"}, words
    for code in re.findall(r"`(?:\.venv/bin/)?moneygood ([^`]*)`", prose(page.read_text("utf-8"))):
        first = code.split()[0]
        assert first in known or first in {"--version", "--help", "COMMAND"}, code
        told = set(re.findall(r"--[a-z-]+", code)) - {"--help", "--version"}
        assert not told or told <= flags(known[first]), code


def slugs(text: str) -> set[str]:
    """Anchors that GitHub gives to a page's headings."""
    heads = re.findall(r"^#+ (.+)$", prose(text), re.M)
    return {re.sub(r"[^\w\- ]", "", h.strip().lower()).replace(" ", "-") for h in heads}


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_relative_links_resolve(page: Path) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", prose(page.read_text("utf-8"))):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), f"{page.name}: {link}"
        if anchor:
            assert anchor in slugs(target.read_text("utf-8")), f"{page.name}: {link}"


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_python_shown_compiles_and_imports_what_exists(page: Path) -> None:
    for info, content in blocks(page.read_text("utf-8")):
        if info != "python":
            continue
        tree = ast.parse(content, page.name)
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    importlib.import_module(alias.name)
            if isinstance(node, ast.ImportFrom):
                module = importlib.import_module(node.module or "")
                for alias in node.names:
                    assert hasattr(module, alias.name), f"{page.name}: {alias.name}"


def test_no_page_names_a_path_of_somebodys_machine() -> None:
    for page in PAGES:
        text = page.read_text("utf-8")
        assert not re.search(r"(?<![\w.])/(?:home|root|Users|work|tmp)/", text), page.name
