"""A run that is killed and started again ends with the rows of an undisturbed one."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from dumps import Rows, dump, sound
from killing import STAGES, Point, count_statements, start
from small_sources import write_sources

LIMIT = 60


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_sources(tmp_path_factory.mktemp("in"))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, sources: Path) -> tuple[Rows, dict[str, int]]:
    """The rows of an undisturbed run, and its statements by stage."""
    path = tmp_path_factory.mktemp("whole") / "a.db"
    counts = count_statements(path, sources)
    return dump(path), counts


def finish(path: Path, sources: Path) -> None:
    last = start(path, sources, None)
    last.join(LIMIT)
    assert last.exitcode == 0


def killed_in(stage: str, path: Path, sources: Path, counts: dict[str, int]) -> None:
    number = random.Random(f"7 {stage}").randint(1, counts[stage])
    process = start(path, sources, Point(stage, number))
    process.join(LIMIT)
    assert process.exitcode == -signal.SIGKILL
    assert sound(path)


def test_killed_in_every_stage_one_after_the_other(
    sources: Path, whole: tuple[Rows, dict[str, int]], tmp_path: Path
) -> None:
    rows, counts = whole
    path = tmp_path / "a.db"
    for stage in STAGES:
        killed_in(stage, path, sources, counts)
        assert dump(path) != rows
    finish(path, sources)
    assert dump(path) == rows


@pytest.mark.slow
@pytest.mark.parametrize("stage", STAGES)
def test_killed_in(
    stage: str, sources: Path, whole: tuple[Rows, dict[str, int]], tmp_path: Path
) -> None:
    rows, counts = whole
    path = tmp_path / "a.db"
    killed_in(stage, path, sources, counts)
    finish(path, sources)
    assert dump(path) == rows


def test_killed_again_and_again_from_outside(
    sources: Path, whole: tuple[Rows, dict[str, int]], tmp_path: Path
) -> None:
    path, chance, kills = tmp_path / "a.db", random.Random(11), 0
    for _ in range(3):
        process = start(path, sources, None, seconds=0.05)
        waited = time.monotonic() + 20
        while not path.exists() and time.monotonic() < waited:
            time.sleep(0.01)
        time.sleep(chance.uniform(0.05, 0.9))
        process.kill()
        process.join(LIMIT)
        kills += process.exitcode == -signal.SIGKILL
    assert kills >= 2
    finish(path, sources)
    assert sound(path)
    assert dump(path) == whole[0]


@pytest.mark.slow
def test_the_sample_with_the_real_scorer(tmp_path: Path) -> None:
    quick = {"INDEX__DRAWS": "50", "RELATION__DRAWS": "100", "SCORING__THREADS": "1"}
    home = {**os.environ, **{f"MONEYGOOD_{name}": value for name, value in quick.items()}}
    command = [sys.executable, "-m", "moneygood.ui.cli", "run", "--sample", "--no-dashboard"]

    def run(path: Path, seconds: float | None) -> int:
        with subprocess.Popen(
            [*command, "--db", str(path)], env=home, stderr=subprocess.DEVNULL
        ) as process:
            try:
                return process.wait(seconds)
            except subprocess.TimeoutExpired:
                process.kill()
                return process.wait()

    began = time.monotonic()
    assert run(tmp_path / "whole.db", None) == 0
    took, chance = time.monotonic() - began, random.Random(3)
    killed = [run(tmp_path / "a.db", took * chance.uniform(0.3, 0.8)) for _ in range(3)]
    assert -signal.SIGKILL in killed
    assert run(tmp_path / "a.db", None) == 0
    assert dump(tmp_path / "a.db") == dump(tmp_path / "whole.db")
