"""Parsers run in child processes that can be stopped: too slow, too large or crashed."""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, ParamSpec, TypeVar

from moneygood.collectors.web.masking import masked
from moneygood.collectors.web.worker import READY, receive, send
from moneygood.errors import ParseError

P = ParamSpec("P")
T = TypeVar("T")
START_SECONDS = 60.0
_LOOK = 0.25
_LEAVE_OUT = "The source is left out of this run; import the part you need from a file."
_BOOT = """
import json, sys
path, seconds, megabytes = json.loads(sys.argv[1])
sys.path[:] = path
from moneygood.collectors.web.worker import main
main(seconds, megabytes)
"""


class Workers:
    """A pool of ``count`` child processes; any number of threads may call ``run``.

    seconds    wall time one call may take (waiting for a free child does not count)
    megabytes  memory one call may take on top of what a fresh child has

    Children start at the first use, end with the ``with`` block or with the parent,
    ignore Ctrl-C and inherit neither sockets nor open files.
    """

    def __init__(self, count: int = 2, *, seconds: float = 20.0, megabytes: int = 1_000) -> None:
        self.seconds = seconds
        self.megabytes = megabytes
        # The last child used comes first: what is not needed is never started.
        self._free: queue.LifoQueue[_Child | None] = queue.LifoQueue()
        self._all: set[_Child] = set()
        self._lock = threading.Lock()
        self._closed = False
        for _ in range(count):
            self._free.put(None)

    def run(self, function: Callable[P, T], /, *arguments: P.args, **named: P.kwargs) -> T:
        """Call ``function`` in a child; its own exception is raised here again.

        The function must be importable, its arguments and result picklable. Raises
        ParseError when the child had to be stopped or died.
        """
        if function.__module__ == "__main__":
            raise ValueError(f"{function.__qualname__} is in __main__: a child cannot import it")
        job = pickle.dumps((function, arguments, named), pickle.HIGHEST_PROTOCOL)
        child = self._free.get()
        try:
            if child is None or not child.alive:
                self._drop(child)
                child = self._start()
            kind, value = child.ask(job, self.seconds, self.megabytes)
        except BaseException:
            # Whatever happened in between: this child's pipes are no longer in step.
            self._drop(child)
            child = None
            raise
        finally:
            self._free.put(child)
        if kind == "done":
            result: T = value
            return result
        subject = _subject(function, named)
        if kind == "raised":
            raise value
        if kind == "memory":
            reason = f"needed more than {self.megabytes} MB of memory and was stopped"
        elif kind == "slow":
            reason = f"took longer than {self.seconds:g} s and was stopped"
        else:
            reason = f"crashed its parser ({value})"
        raise ParseError(subject, reason, _LEAVE_OUT)

    def __enter__(self) -> Workers:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End every child; calls still running raise ParseError."""
        with self._lock:
            self._closed = True
            children = list(self._all)
            self._all.clear()
        for child in children:
            child.end()

    def _start(self) -> _Child:
        with self._lock:
            if self._closed:
                raise RuntimeError("these workers are closed")
        child = _Child(self.seconds, self.megabytes)
        with self._lock:
            if not self._closed:
                self._all.add(child)
                return child
        child.end()
        raise RuntimeError("these workers are closed")

    def _drop(self, child: _Child | None) -> None:
        if child is not None:
            child.end()
            with self._lock:
                self._all.discard(child)


class _Child:
    """One process and its pipes; used by one thread at a time."""

    def __init__(self, seconds: float, megabytes: int) -> None:
        settings = json.dumps([[p for p in sys.path if isinstance(p, str)], seconds, megabytes])
        self._process = subprocess.Popen(
            [sys.executable, "-c", _BOOT, settings],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=_environment(),
            start_new_session=True,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._in, self._out = self._process.stdin, self._process.stdout
        watch = _Watch(self._process, START_SECONDS, 0)
        with watch:
            try:
                started = receive(self._out) == READY
            except (EOFError, OSError):
                started = False
        if not started:
            self.end()
            raise ParseError("parser process", "could not be started", "Please report this.")

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, job: bytes, seconds: float, megabytes: int) -> tuple[str, Any]:
        """("done", result), ("raised", error), ("memory" | "slow" | "died", what)."""
        watch = _Watch(self._process, seconds, megabytes)
        answer = b""
        # ValueError: closed meanwhile by ``close``.
        with watch, contextlib.suppress(EOFError, OSError, ValueError):
            send(self._in, job)
            answer = receive(self._out)
        if answer:
            kind, value = pickle.loads(answer)
            if kind == "memory" or watch.verdict:
                self.end()
            return kind, value
        if watch.verdict:
            self.end()
            return watch.verdict, None
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(1)
        code = self._process.poll()
        self.end()
        return "died", f"signal {-code}" if code and code < 0 else f"exit status {code}"

    def end(self) -> None:
        """Kill the process and close its pipes."""
        self._process.kill()
        for pipe in (self._in, self._out):
            with contextlib.suppress(OSError):
                pipe.close()
        self._process.wait()


class _Watch:
    """Kills a process that takes too long or, where the kernel does not, too much."""

    def __init__(self, process: subprocess.Popen[bytes], seconds: float, megabytes: int) -> None:
        self._process = process
        self._deadline = time.monotonic() + seconds
        self._kilobytes = 0 if sys.platform == "linux" else megabytes * 1_000
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self.verdict = ""

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _look(self) -> None:
        while not self.verdict:
            left = self._deadline - time.monotonic()
            if self._done.wait(min(left, _LOOK) if self._kilobytes else left):
                return
            if time.monotonic() >= self._deadline:
                self.verdict = "slow"
            elif self._kilobytes and resident(self._process.pid) > self._kilobytes:
                self.verdict = "memory"
        self._process.kill()


def resident(pid: int) -> int:
    """Memory of a process in kilobytes as ``ps`` tells; 0 when it is gone."""
    asked = subprocess.run(
        ["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return int(asked.stdout.split()[0]) if asked.stdout.split() else 0


def _environment() -> dict[str, str]:
    """The environment without API keys: a parser has no use for them."""
    secret = ("KEY", "TOKEN", "SECRET", "PASSWORD")
    return {k: v for k, v in os.environ.items() if not any(word in k.upper() for word in secret)}


def _subject(function: Callable[..., Any], named: dict[str, Any]) -> str:
    """What the call was about: an address or source among its arguments, else its name."""
    source = named.get("source")
    for value in (named.get("subject"), named.get("url"), getattr(source, "subject", source)):
        if value and isinstance(value, str):
            return masked(value)[:300]
    return function.__name__
