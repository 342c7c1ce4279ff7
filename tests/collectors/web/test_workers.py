"""Parsers in child processes that can be stopped."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import bad_parsers
import pytest

from moneygood.collectors.visit import Parse
from moneygood.collectors.web import workers as module
from moneygood.collectors.web.workers import Workers, resident
from moneygood.errors import ParseError


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    with Workers(2, seconds=5.0, megabytes=300) as found:
        yield found


def gone(pid: int, within: float) -> bool:
    """Whether a process ends within so many seconds."""
    end = time.monotonic() + within
    while time.monotonic() < end:
        try:
            os.kill(pid, 0)
            # A child that ended but was not waited for still has a number.
            stat = Path(f"/proc/{pid}/stat")
            if stat.exists() and stat.read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except ProcessLookupError:
            return True
        time.sleep(0.02)
    return False


def test_a_result(workers: Workers) -> None:
    parse: Parse = workers.run
    assert parse(bad_parsers.double, b"ab", source="wire") == b"abab"


def test_a_large_job_and_result(workers: Workers) -> None:
    assert len(workers.run(bad_parsers.double, b"x" * 5_000_000)) == 10_000_000


def test_an_exception_of_the_parser_is_raised_again(workers: Workers) -> None:
    with pytest.raises(ParseError) as caught:
        workers.run(bad_parsers.refuse, "wire")
    assert (caught.value.subject, caught.value.remedy) == ("wire", "Use another.")
    with pytest.raises(ValueError, match="invalid literal"):
        workers.run(int, "x")
    with pytest.raises(RuntimeError, match="Odd: ab"):
        workers.run(bad_parsers.odd)
    with pytest.raises(Exception, match="pickle"):
        workers.run(bad_parsers.unpicklable)
    assert workers.run(bad_parsers.double, b"a") == b"aa"


@pytest.mark.parametrize(
    ("function", "arguments", "says"),
    [
        (bad_parsers.segfault, (), "crashed its parser"),
        (bad_parsers.leave, (3,), "exit status 3"),
        (bad_parsers.leave, (0,), "exit status 0"),
        (bad_parsers.hog, (2_000,), "more than 300 MB"),
    ],
)
def test_a_child_that_dies_is_replaced(
    workers: Workers, function: Callable[..., Any], arguments: tuple[int, ...], says: str
) -> None:
    with pytest.raises(ParseError, match=says) as caught:
        workers.run(function, *arguments, source="wire")
    assert caught.value.subject == "wire"
    assert caught.value.remedy
    assert workers.run(bad_parsers.double, b"a") == b"aa"


def test_what_takes_too_long_is_stopped() -> None:
    with Workers(1, seconds=0.3) as workers:
        workers.run(len, b"")
        start = time.monotonic()
        with pytest.raises(ParseError, match=r"longer than 0\.3 s and was stopped"):
            workers.run(bad_parsers.spin, source="wire")
        assert time.monotonic() - start < 4
        with pytest.raises(ParseError) as caught:
            workers.run(bad_parsers.rest, 9, url="https://a.example/x?token=hush")
        assert caught.value.subject == "https://a.example/x?token=***"
        assert workers.run(bad_parsers.double, b"a") == b"aa"


def test_32_threads_share_two_children_and_time_in_the_queue_does_not_count() -> None:
    with Workers(2, seconds=0.4) as workers, ThreadPoolExecutor(32) as pool:
        # 64 x 0.03 s by two children: 1 s in all, far more than one call may take.
        assert list(pool.map(lambda _: workers.run(bad_parsers.rest, 0.03), range(64)))
        assert len(set(pool.map(lambda _: workers.run(bad_parsers.own_id), range(64)))) <= 2


def test_one_slow_call_leaves_the_other_child_at_work() -> None:
    with Workers(2, seconds=0.6) as workers, ThreadPoolExecutor(4) as pool:
        slow = pool.submit(workers.run, bad_parsers.spin)
        assert len([workers.run(bad_parsers.double, b"a") for _ in range(20)]) == 20
        with pytest.raises(ParseError, match="longer than"):
            slow.result()


def test_children_start_at_the_first_use_and_end_with_the_block() -> None:
    started: list[int] = []
    with Workers(2) as workers:
        assert not workers._all
        started.append(workers.run(bad_parsers.own_id))
        started.append(workers.run(bad_parsers.own_id))
        assert len(set(started)) == 1
    assert gone(started[0], 2)
    with pytest.raises(RuntimeError, match="closed"):
        workers.run(bad_parsers.own_id)


def test_closing_ends_calls_that_still_run() -> None:
    workers = Workers(1)
    workers.run(len, b"")
    timer = threading.Timer(0.2, workers.close)
    timer.start()
    with pytest.raises(ParseError, match="crashed"):
        workers.run(bad_parsers.spin)
    timer.join()


def test_a_child_inherits_neither_sockets_nor_keys_and_ignores_ctrl_c(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MONEYGOOD_API_KEY", "hush")
    with socket.create_server(("127.0.0.1", 0)), Workers(1) as workers:
        files, ignores, keys, has_pytest = workers.run(bad_parsers.surroundings)
        pid = workers.run(bad_parsers.own_id)
        os.kill(pid, signal.SIGINT)
        assert workers.run(bad_parsers.own_id) == pid
    assert len(files) <= 3  # two pipes and the folder that was listed
    assert ignores
    assert keys == []
    assert not has_pytest


def test_what_a_parser_prints_does_no_harm(
    workers: Workers, capfd: pytest.CaptureFixture[str]
) -> None:
    assert workers.run(bad_parsers.chatter) == "fine"
    assert workers.run(bad_parsers.double, b"a") == b"aa"


def test_a_function_of_the_main_module_is_refused(workers: Workers) -> None:
    def local() -> None: ...

    local.__module__ = "__main__"
    with pytest.raises(ValueError, match="a child cannot import"):
        workers.run(local)


MAIN = """
import os, sys
if __name__ != "__main__":
    raise SystemExit("__main__ was imported again")
import bad_parsers
from moneygood.collectors.web.workers import Workers
workers = Workers(1, seconds=0.2)
print(workers.run(bad_parsers.own_id), flush=True)
sys.stdin.readline()
workers.run(bad_parsers.spin) if "spin" in sys.argv else sys.stdin.readline()
"""


def program(*arguments: str) -> subprocess.Popen[str]:
    """A program read from the command line: it has no main module to import again."""
    support = str(Path(bad_parsers.__file__).parent)
    return subprocess.Popen(
        [sys.executable, "-c", MAIN, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": support},
    )


@pytest.mark.parametrize("arguments", [(), ("spin",)])
def test_children_end_with_a_parent_that_was_killed(arguments: tuple[str, ...]) -> None:
    with program(*arguments) as parent:
        assert parent.stdin
        assert parent.stdout
        child = int(parent.stdout.readline())
        parent.stdin.write("go\n")
        parent.stdin.flush()
        time.sleep(0.1)
        parent.kill()
    assert gone(child, 4)


def test_memory_is_watched_where_the_kernel_sets_no_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(module, "_LOOK", 0.02)
    monkeypatch.setattr(module, "resident", lambda pid: 2 * resident(pid) + 10**6)
    assert resident(os.getpid()) > 5_000
    with Workers(1, megabytes=500) as workers, pytest.raises(ParseError, match="more than 500 MB"):
        workers.run(bad_parsers.rest, 5)
