"""JSON answers of services, read defensively."""

from __future__ import annotations

import json
from typing import Any

from moneygood.collectors.sniff import sniff
from moneygood.collectors.text import decode, one_line
from moneygood.errors import ParseError

MAX_ANSWER = 20_000_000
"""Largest JSON answer, in bytes."""


def read_value(data: bytes, subject: str, remedy: str) -> object:
    """The JSON value that ``data`` holds. Raises ParseError saying what came instead."""
    if len(data) > MAX_ANSWER:
        raise ParseError(subject, f"larger than {MAX_ANSWER // 1_000_000} MB", remedy)
    text, _ = decode(data)
    if text.lstrip("\ufeff \t\r\n")[:1] not in ("{", "["):
        wrong = sniff(data, expected="JSON") or f"no JSON came but {one_line(text[:200])[:80]!r}"
        raise ParseError(subject, wrong, remedy)
    try:
        found: object = json.loads(text, strict=False)
    except (ValueError, RecursionError) as error:
        raise ParseError(subject, f"not valid JSON ({one_reason(error)})", remedy) from error
    return found


def read_object(data: bytes, subject: str, remedy: str) -> dict[str, Any]:
    """The JSON object that ``data`` holds. Raises ParseError saying what came instead."""
    found = read_value(data, subject, remedy)
    if not isinstance(found, dict):
        raise ParseError(subject, "a list came instead of a JSON object", remedy)
    return found


def one_reason(error: Exception) -> str:
    """What went wrong, short enough for a message."""
    return one_line(str(error))[:120] or type(error).__name__


def text_of(table: dict[str, Any], key: str) -> str:
    """The text under ``key``, or an empty string where it is of another type."""
    value = table.get(key)
    return value if isinstance(value, str) else ""


def list_of(table: dict[str, Any], key: str) -> list[Any]:
    """The list under ``key``, or an empty one where it is of another type."""
    value = table.get(key)
    return value if isinstance(value, list) else []


def table_of(table: dict[str, Any], key: str) -> dict[str, Any]:
    """The object under ``key``, or an empty one where it is of another type."""
    value = table.get(key)
    return value if isinstance(value, dict) else {}
