"""Regular expressions of the user's, on RE2: time linear in the text, whatever the pattern."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from moneygood.records import Span

LONGEST = 500
_MEMORY = 8 << 20


class PatternError(ValueError):
    """A pattern RE2 does not take: what is wrong, and at which character (from 1)."""

    def __init__(self, reason: str, position: int) -> None:
        self.reason = reason
        self.position = position
        super().__init__(f"{reason} at character {position}")


def compile_pattern(pattern: str) -> Any:
    """An RE2 expression; capitals and small letters are alike. Raises PatternError."""
    import re2

    if len(pattern) > LONGEST:
        raise PatternError(f"longer than {LONGEST} characters", LONGEST + 1)
    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = False
    options.max_mem = _MEMORY
    try:
        made = re2.compile(_whole(pattern), options)
    except re2.error as error:
        told = error.args[0] if error.args else b""
        reason = told.decode("utf-8", "replace") if isinstance(told, bytes) else str(told)
        raise PatternError(reason, _position(pattern, reason)) from error
    if made.search("") or made.search("\n \u2029"):
        raise PatternError("matches where nothing stands", 1)
    return made


def _position(pattern: str, reason: str) -> int:
    """Where the part of the pattern that RE2 complains of begins; its end where it names none."""
    part = reason.partition(": ")[2]
    at = pattern.find(part) if part else -1
    return at + 1 if at >= 0 else len(pattern)


class Patterns:
    """Compiled patterns of one narrative."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self._made = [compile_pattern(p) for p in patterns]

    def find(self, text: str) -> list[Span]:
        """Character spans of every match, in order."""
        whole = _whole(text)
        return sorted(m.span() for made in self._made for m in made.finditer(whole))


def _whole(text: str) -> str:
    """Half a character (a lone surrogate) becomes "?", which keeps every offset."""
    return text.encode("utf-8", "replace").decode("utf-8")
