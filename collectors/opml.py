"""Lists of feeds as OPML, and sources written as TOML."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Container, Iterable
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit
from xml.sax.saxutils import quoteattr

from moneygood.collectors.sniff import sniff
from moneygood.collectors.sources import Source, SourceKind, usual_text_kind
from moneygood.collectors.text import http_url, one_line, tidy
from moneygood.records import Failure

MAX_OPML = 5_000_000
"""Largest OPML file, in bytes."""
_OUTLINE = re.compile(rb"<outline\b[^<>]{0,20000}>", re.I)
_FEED_TYPE = re.compile(rb"\btype\s*=\s*[\"'](?:rss|atom|feed)[\"']", re.I)
_ADDRESS = re.compile(rb"\bxmlUrl\s*=", re.I)
_LABEL = re.compile(rb"\b(?:text|title)\s*=\s*[\"']([^\"']{1,200})", re.I)
_EXPORT = "Export the list again from your reader as OPML."


def read_opml(data: bytes, where: str) -> tuple[list[Source], tuple[Failure, ...]]:
    """Feeds of an OPML file as sources, folders flattened; what was left out, and why.

    ``where`` names the file in messages. Never raises on any bytes; no address is
    fetched and no entity is expanded.
    """
    import listparser

    def failed(reason: str, remedy: str = _EXPORT) -> tuple[list[Source], tuple[Failure, ...]]:
        return [], (Failure(where, where, reason, remedy),)

    if len(data) > MAX_OPML:
        return failed(f"larger than {MAX_OPML // 1_000_000} MB", "Split the list.")
    if wrong := sniff(data, expected="OPML"):
        return failed(wrong)
    try:
        # Bytes only: a text that looks like an address would be fetched.
        listed = listparser.parse(bytes(data))
    except Exception as error:
        return failed(f"the OPML reader failed ({type(error).__name__})")
    if not listed.get("version"):
        return failed("not an OPML file")
    failures = _without_address(data, where)
    sources: dict[str, Source] = {}
    known: set[str] = set()
    numbers: dict[str, int] = {}
    for feed in listed.get("feeds") or []:
        label = one_line(tidy(str(feed.get("title") or "")))
        url = http_url(str(feed.get("url") or ""))
        if not url:
            said = str(feed.get("url") or "")[:80]
            reason = f"{said!r} is not an http(s) address"
            failures.append(Failure(where, label or "a feed", reason, "Correct it in the list."))
        elif url not in known:
            known.add(url)
            name = _free(_name(label, url), sources, numbers)
            sources[name] = Source(name, SourceKind.FEED, url=url)
    if b"</opml" not in data[-2000:].lower():
        reason = f"the list is cut off: {len(sources)} feeds were read"
        failures.append(Failure(where, where, reason, _EXPORT))
    elif not sources and not failures:
        failures.append(Failure(where, where, "the list has no feeds", _EXPORT))
    return list(sources.values()), tuple(failures)


def write_opml(sources: Iterable[Source]) -> str:
    """OPML 2.0 of the feeds among ``sources``; other kinds have no place in it."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<opml version="2.0">',
        "  <head><title>Moneygood sources</title></head>",
        "  <body>",
    ]
    for source in sources:
        if source.kind is SourceKind.FEED and source.url:
            name, url = quoteattr(tidy(source.name)), quoteattr(tidy(source.url))
            lines.append(f'    <outline type="rss" text={name} title={name} xmlUrl={url}/>')
    return "\n".join([*lines, "  </body>", "</opml>", ""])


def toml_of(sources: Iterable[Source]) -> str:
    """``[[source]]`` entries that ``load_sources`` reads back as the same sources.

    Only what differs from the default is written.
    """
    return "\n".join(_entry(source) for source in sources)


def _entry(source: Source) -> str:
    usual = Source(source.name, source.kind, text_kind=usual_text_kind(source.kind))
    lines = ["[[source]]"]
    for field in dataclasses.fields(Source):
        value = getattr(source, field.name)
        if field.name in ("name", "kind") or value != getattr(usual, field.name):
            lines.append(f"{field.name} = {_toml(value)}")
    return "\n".join([*lines, ""])


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, tuple):
        return f"[{', '.join(_toml(item) for item in value)}]"
    text = value.value if isinstance(value, StrEnum) else str(value)
    return '"' + "".join(_escaped(c) for c in text) + '"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    if ord(character) < 32 or ord(character) == 127:
        return f"\\u{ord(character):04x}"
    return character


def _without_address(data: bytes, where: str) -> list[Failure]:
    failures: list[Failure] = []
    for match in _OUTLINE.finditer(data):
        outline = match.group()
        if _FEED_TYPE.search(outline) and not _ADDRESS.search(outline):
            label = _LABEL.search(outline)
            subject = label.group(1).decode("utf-8", "replace") if label else "a feed"
            failures.append(Failure(where, subject, "has no xmlUrl", "Add its address."))
    return failures


def _name(label: str, url: str) -> str:
    if not any(c.isalnum() for c in label):
        label = (urlsplit(url).hostname or url).removeprefix("www.")
    words = "".join(c if c.isalnum() else " " for c in label.lower()).split()
    return "-".join(words)[:60].strip("-")


def _free(name: str, taken: Container[str], numbers: dict[str, int]) -> str:
    free = name
    while free in taken:
        numbers[name] = numbers.get(name, 1) + 1
        free = f"{name}-{numbers[name]}"
    return free
