"""The child process of ``Workers``: runs one parser after the other until told to stop.

Started by command line, so it never imports the caller's ``__main__``. Nothing of
moneygood is imported before ``sys.path`` is the caller's.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import pickle
import signal
import struct
import sys
from collections.abc import Iterator
from typing import IO, Any

LENGTH = struct.Struct("!Q")
READY = b"ready"
PRELOAD = ("feedparser", "moneygood.records", "moneygood.errors")
_GRACE = 2.0


def main(seconds: float, megabytes: int) -> None:
    """Serve jobs read from standard input, results to standard output."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    requests, answers = _pipes()
    for name in PRELOAD:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    _limit_memory(megabytes)
    send(answers, READY)
    while True:
        try:
            job = receive(requests)
        except EOFError:
            return
        with _alarm(seconds + _GRACE):
            answer = _answer(job)
        try:
            send(answers, answer)
        except BrokenPipeError:
            return


def send(pipe: IO[bytes], message: bytes) -> None:
    """Write one message with its length before it."""
    pipe.write(LENGTH.pack(len(message)))
    pipe.write(message)
    pipe.flush()


def receive(pipe: IO[bytes]) -> bytes:
    """Read one message. Raises EOFError when the other side is gone."""
    (length,) = LENGTH.unpack(_exactly(pipe, LENGTH.size))
    return _exactly(pipe, length)


def _exactly(pipe: IO[bytes], size: int) -> bytes:
    data = pipe.read(size)
    if len(data) < size:
        raise EOFError
    return data


def _answer(job: bytes) -> bytes:
    outcome: tuple[str, Any]
    try:
        function, arguments, named = pickle.loads(job)
        outcome = ("done", function(*arguments, **named))
        return pickle.dumps(outcome, pickle.HIGHEST_PROTOCOL)
    except MemoryError:
        outcome = ("memory", None)
    except BaseException as error:
        outcome = ("raised", _portable(error))
    return pickle.dumps(outcome, pickle.HIGHEST_PROTOCOL)


def _portable(error: BaseException) -> Exception:
    """The error itself where it survives pickling, else one with its text."""
    if isinstance(error, Exception):
        with contextlib.suppress(Exception):
            copy = pickle.loads(pickle.dumps(error))
            if type(copy) is type(error):
                return error
    return RuntimeError(f"{type(error).__name__}: {error}")


def _pipes() -> tuple[IO[bytes], IO[bytes]]:
    """The two ends, moved away so that a parser that prints does no harm."""
    requests, answers = os.dup(0), os.dup(1)
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    return os.fdopen(requests, "rb"), os.fdopen(answers, "wb")


def _limit_memory(megabytes: int) -> None:
    try:
        import resource

        with open("/proc/self/statm") as sizes:
            pages = int(sizes.read().split()[0])
        limit = pages * resource.getpagesize() + megabytes * 1_000_000
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (ImportError, OSError, ValueError):
        return  # Not Linux: the parent watches the size instead.


@contextlib.contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    """The kernel ends this process if a job outlives its parent's watch."""
    if not hasattr(signal, "setitimer"):
        yield
        return
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


if __name__ == "__main__":
    sys.exit("started by moneygood.collectors.web.workers")
