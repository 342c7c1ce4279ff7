"""What is declared is what is there: packages, data files, layers, light imports."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
SETUPTOOLS = PROJECT["tool"]["setuptools"]
FOLDERS: dict[str, str] = {"moneygood": "moneygood", **SETUPTOOLS["package-dir"]}
HEAVY = {
    "torch", "spacy", "transformers", "streamlit", "sklearn", "statsmodels", "plotly",
    "trafilatura", "feedparser",
}  # fmt: skip


def folder_of(package: str) -> Path:
    head = max((p for p in FOLDERS if f"{package}.".startswith(f"{p}.")), key=len)
    return ROOT / FOLDERS[head] / package[len(head) :].lstrip(".").replace(".", "/")


def test_every_package_is_declared() -> None:
    found = set()
    for name, folder in FOLDERS.items():
        for init in (ROOT / folder).rglob("__init__.py"):
            if any(p.is_symlink() for p in init.parents if ROOT in p.parents):
                continue
            found.add(".".join((name, *init.parent.relative_to(ROOT / folder).parts)))
    assert sorted(found) == sorted(SETUPTOOLS["packages"])


def test_every_package_is_imported_from_its_folder() -> None:
    for name in SETUPTOOLS["packages"]:
        file = import_module(name).__file__
        assert file is not None
        assert Path(file).resolve() == (folder_of(name) / "__init__.py").resolve()


@pytest.mark.parametrize("package", SETUPTOOLS["packages"])
def test_every_file_beside_the_code_is_packed(package: str) -> None:
    folder = folder_of(package)
    globs = SETUPTOOLS["package-data"]
    packed = {f for glob in (*globs["*"], *globs.get(package, ())) for f in folder.glob(glob)}
    inner = {folder_of(p) for p in SETUPTOOLS["packages"] if p != package}
    for file in folder.rglob("*"):
        hidden = "__pycache__" in file.parts or any(p.is_symlink() for p in file.parents)
        apart = any(i in file.parents for i in inner if folder in i.parents)
        if file.is_file() and file.suffix not in (".py", ".pyc") and not hidden and not apart:
            assert file in packed, file


@pytest.mark.parametrize(
    ("package", "glob"),
    [(p, g) for p, globs in SETUPTOOLS["package-data"].items() if p != "*" for g in globs],
)
def test_every_pattern_finds_something(package: str, glob: str) -> None:
    assert list(folder_of(package).glob(glob))


def test_the_version_is_declared_once() -> None:
    assert import_module("moneygood").__version__ == PROJECT["project"]["version"]


def test_the_command_is_there() -> None:
    module, name = PROJECT["project"]["scripts"]["moneygood"].split(":")
    assert callable(getattr(import_module(module), name))


@pytest.mark.parametrize(
    "module",
    [
        "moneygood",
        "moneygood.ui.cli, moneygood.reads, moneygood.pipeline, moneygood.nlp.version",
    ],
)
def test_importing_is_light(module: str) -> None:
    code = f"import sys, {module}; print(*{{m.partition('.')[0] for m in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "moneygood" in loaded
    assert loaded & HEAVY == set()


def test_the_layers_hold() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(PROJECT['tool']['importlinter']['contracts'])} kept, 0 broken" in done.stdout
