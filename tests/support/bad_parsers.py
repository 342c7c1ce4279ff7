"""Parsers that misbehave in every way a child process has to survive."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time

from moneygood.errors import ParseError


def double(data: bytes, *, source: str = "") -> bytes:
    return data * 2


def rest(seconds: float, *, url: str = "") -> float:
    time.sleep(seconds)
    return seconds


def spin(*, source: str = "") -> None:
    while True:
        pass


def hog(megabytes: int, *, source: str = "") -> int:
    return len(bytearray(megabytes * 1_000_000))


def segfault(*, source: str = "") -> None:
    ctypes.string_at(0)


def leave(code: int, *, source: str = "") -> None:
    os._exit(code)


def chatter() -> str:
    print("on standard output", flush=True)
    os.write(1, b"\0" * 50)
    return "fine"


def refuse(subject: str) -> None:
    raise ParseError(subject, "is not a feed", "Use another.")


class Odd(Exception):
    """Cannot be built from its own arguments."""

    def __init__(self, first: str, second: str) -> None:
        super().__init__(first + second)


def odd() -> None:
    raise Odd("a", "b")


def unpicklable() -> object:
    return lambda: None


def surroundings() -> tuple[list[int], bool, list[str], bool]:
    """Open files beyond the two pipes, Ctrl-C ignored, keys seen, whose main module."""
    names = os.listdir("/dev/fd")
    found = [int(name) for name in names if int(name) > 2]
    ignores = signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    keys = [name for name in os.environ if "API_KEY" in name]
    return found, ignores, keys, "pytest" in sys.modules


def own_id() -> int:
    return os.getpid()
