"""Overlapping snapshots of real headlines, replayed: once, twice, killed in between."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from dumps import Rows, dump, sound

from moneygood.gather import import_files
from moneygood.store import Store

NOW = datetime(2025, 3, 3, 15, 0, tzinfo=UTC)
SHARED = Path(__file__).parents[2] / ".." / "shared" / "data" / "news" / "snapshots_feb2025"
# Written on purpose for each visit; the texts are what must not depend on it.
VISITS = {"visit", "skip", "failure"}


@pytest.fixture(scope="module")
def files() -> list[Path]:
    if not SHARED.is_dir():
        pytest.skip("needs the real data in ../shared/data, which is not part of the repository")
    return sorted(SHARED.glob("*.js"))


def replay(path: Path, files: list[Path]) -> None:
    with Store(path) as store:
        import_files(store, files, now=NOW, source="news")


def texts(path: Path) -> Rows:
    return {name: rows for name, rows in dump(path).items() if name not in VISITS}


@pytest.fixture(scope="module")
def once(files: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("once") / "a.db"
    replay(path, files)
    return path


def test_versions_are_known_from_the_snapshot_that_showed_them(once: Path) -> None:
    rows = dump(once)["document"]
    assert len(rows) > 1_000
    with Store(once, readonly=True) as store, store.begin() as connection:
        count = connection.exec_driver_sql(
            "SELECT count(*) FROM document a JOIN document b ON a.uid = b.uid"
            " AND b.version = a.version + 1 WHERE a.superseded_at != b.available_at"
            " OR a.available_at > b.available_at OR a.market_day != b.market_day"
        ).scalar()
        late = connection.exec_driver_sql(
            "SELECT count(*) FROM document WHERE available_at > '2025-02-24'"
        ).scalar()
    assert (count, late) == (0, 0)


@pytest.mark.slow
def test_twice_is_the_same_as_once(once: Path, files: list[Path], tmp_path: Path) -> None:
    before = texts(once)
    (tmp_path / "a.db").write_bytes(once.read_bytes())
    replay(tmp_path / "a.db", files)
    assert texts(tmp_path / "a.db") == before


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_killed_in_between_is_the_same_as_once(
    once: Path, files: list[Path], tmp_path: Path
) -> None:
    program = (
        "import sys; from pathlib import Path; from datetime import datetime, UTC\n"
        "from moneygood.gather import import_files; from moneygood.store import Store\n"
        "with Store(Path(sys.argv[1])) as store:\n"
        "    import_files(store, [Path(file) for file in sys.argv[2:]], source='news',\n"
        "                 now=datetime(2025, 3, 3, 15, tzinfo=UTC))\n"
    )
    path = tmp_path / "a.db"
    command = [sys.executable, "-c", program, str(path), *map(str, files)]
    chance = random.Random(7)
    kills = 0
    while kills < 8:
        process = subprocess.Popen(command)
        time.sleep(chance.uniform(0.8, 4.0))
        if process.poll() is not None:
            break
        process.send_signal(signal.SIGKILL)
        process.wait()
        kills += 1
    assert kills >= 3
    subprocess.run(command, check=True)
    assert sound(path)
    assert texts(path) == texts(once)
