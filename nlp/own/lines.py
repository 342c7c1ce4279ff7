"""Where in a TOML file a table, a key or a value stands.

``tomllib`` keeps no line numbers. This reads the text once more, roughly: a
line it cannot place is no line, never a wrong error.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_HEADER = re.compile(r"\s*\[\[?\s*([A-Za-z0-9_-]+)(?:\.[A-Za-z0-9_.-]+)?\s*\]\]?\s*(?:#|$)")
_KEY = re.compile(r"\s*[\"']?([A-Za-z0-9_-]+)[\"']?\s*=")
_SHOWN = 40


@dataclass(slots=True)
class Lines:
    """The text of a file, line by line; numbers start at 1."""

    text: str
    _tables: dict[str, list[int]] = field(default_factory=dict)
    _keys: dict[tuple[str, int, str], int] = field(default_factory=dict)
    _rows: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        table, number, closing = "", 0, ""
        self._rows = self.text.splitlines()
        for i, row in enumerate(self._rows, 1):
            if closing:
                closing = "" if row.count(closing) % 2 else closing
                continue
            if header := _HEADER.match(row):
                table = header.group(1)
                self._tables.setdefault(table, []).append(i)
                number = len(self._tables[table]) - 1
            elif key := _KEY.match(row):
                self._keys.setdefault((table, number, key.group(1)), i)
            closing = next((q for q in ('"""', "'''") if row.count(q) % 2), "")

    def key(self, key: str, table: str = "", number: int = 0) -> int | None:
        """The line of a key; of its table's heading where it has none of its own."""
        heads = self._tables.get(table, [])
        head = heads[number] if number < len(heads) else None
        return self._keys.get((table, number, key), head)

    def value(self, value: str, after: int | None) -> int | None:
        """The first line from ``after`` on that holds a text, as far as it can be told."""
        wanted = value[:_SHOWN]
        for i in range((after or 1) - 1, len(self._rows)):
            if wanted and (wanted in self._rows[i] or _escaped(wanted) in self._rows[i]):
                return i + 1
        return None


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
