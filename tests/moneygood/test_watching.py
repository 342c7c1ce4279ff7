"""Round after round: files dropped in a folder are read, a failed round is not the last."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fake_scorer import install
from small_sources import quick_settings

from moneygood import reads
from moneygood.store import Store
from moneygood.watching import watch

START = datetime(2025, 3, 3, 15, 0, tzinfo=UTC)


class Clock:
    """Each look at it is a minute later."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        self.now += timedelta(minutes=1)
        return self.now


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    install(monkeypatch)
    (tmp_path / "notes").mkdir()
    entry = '[[source]]\nname = "notes"\nkind = "folder"\npath = "notes"\n'
    (tmp_path / "sources.toml").write_text(entry, "utf-8")
    return tmp_path


def note(desk: Path, name: str, text: str) -> None:
    path = desk / "notes" / name
    path.write_text(text, "utf-8")
    os.utime(path, (1_700_000_000, 1_700_000_000))


def go(desk: Path, rounds: int, said: list[str]) -> None:
    watch(
        desk / "a.db", quick_settings(), sources=desk / "sources.toml",
        every=timedelta(minutes=5), rounds=rounds, clock=Clock(), say=said.append, look=0.01,
    )  # fmt: skip


def test_a_note_dropped_in_between_two_rounds_is_read(desk: Path) -> None:
    note(desk, "a.txt", "Halden spends\nThe halls will be built this year, it said.")
    said: list[str] = []

    def say(line: str) -> None:
        said.append(line)
        note(desk, f"b{len(said)}.txt", f"Quarrel waits\nNo order was cut in round {len(said)}.")

    watch(
        desk / "a.db", quick_settings(), sources=desk / "sources.toml",
        every=timedelta(days=1), rounds=2, clock=Clock(), say=say, look=0.01,
    )  # fmt: skip
    # The second round came at once, for the note, and not a day later.
    assert [line.split(" ", 2)[2][:5] for line in said] == ["1 new", "1 new"]
    with Store(desk / "a.db", readonly=True) as store:
        titles = [d.title for _, d in reads.pending(store, "nobody")]
    assert titles == ["Halden spends", "Quarrel waits"]


def test_a_failed_round_is_said_and_the_next_one_comes(desk: Path) -> None:
    note(desk, "a.txt", "Halden spends\nThe halls will be built this year, it said.")
    (desk / "a.db").write_bytes(b"no database" * 100)
    said: list[str] = []
    go(desk, 2, said)
    assert len(said) == 2
    assert all("failed" in line and "a.db" in line for line in said)


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_sigterm_ends_after_the_round(desk: Path) -> None:
    program = (
        "import sys; sys.path[:0] = [{!r}]\n"
        "import pytest, fake_scorer, small_sources\n"
        "from datetime import *; from pathlib import Path\n"
        "from moneygood.watching import watch\n"
        "with pytest.MonkeyPatch.context() as patch:\n"
        "    fake_scorer.install(patch)\n"
        "    watch(Path({!r}), small_sources.quick_settings(), sources=Path({!r}),\n"
        "          every=timedelta(hours=1), clock=lambda: datetime.now(UTC),\n"
        "          say=lambda line: print(line, flush=True), look=0.05)\n"
        "print('ended', flush=True)\n"
    ).format(
        str(Path(__file__).parents[1] / "support"), str(desk / "a.db"), str(desk / "sources.toml")
    )
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    first = process.stdout.readline()
    time.sleep(0.2)
    process.send_signal(signal.SIGTERM)
    rest, _ = process.communicate(timeout=30)
    assert "0 new" in first
    assert rest.strip() == "ended"
    assert process.returncode == 0
