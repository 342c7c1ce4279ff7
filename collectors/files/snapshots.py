"""Snapshots of a headline page: JavaScript files that assign a list of items."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from moneygood.collectors.dates import parse_date
from moneygood.collectors.files.rows import collect_items
from moneygood.collectors.files.words import unread
from moneygood.collectors.text import decode, http_url, one_line, plain
from moneygood.records import Collected, Skip

if TYPE_CHECKING:
    from moneygood.collectors.files.folders import Import

_ASSIGNED = re.compile(
    r"\s*(?:[\"']use strict[\"'];\s*)?(?:export\s+default"
    r"|(?:export\s+)?(?:const|let|var)\s+[\w$]{1,80}\s*=|[\w$.]{1,80}\s*=)\s*(?=[\[{])"
)
_STAMP = re.compile(r"(\d{4}-\d{2}-\d{2})[T_ ](\d{2})[:\-_.]?(\d{2})(?:[:\-_.]?(\d{2}))?")
_SHAPE = "The list must be written as JSON."


def parse_snapshot(data: bytes, *, source: str, path: PurePath, job: Import) -> Collected:
    """The items of a snapshot, first seen when the snapshot was taken.

    That moment is in the file's name (UTC); no item counts as published after
    it, and one without a date takes it. An item is known by its address, so that
    overlapping snapshots give versions of the same documents.
    """
    text, note = decode(data)
    found = _ASSIGNED.match(text)
    if found is None:
        # Scripts lie beside every saved page.
        return Collected(source, skips=(Skip("JavaScript without a list of items"),))
    try:
        loaded, _ = json.JSONDecoder().raw_decode(text, found.end())
    except (ValueError, RecursionError):
        return unread(source, path, "holds no list of items", _SHAPE)
    if isinstance(loaded, dict):
        loaded = next((value for value in loaded.values() if isinstance(value, list)), [loaded])
    if not isinstance(loaded, list):
        return unread(source, path, "holds no list of items", _SHAPE)
    taken = _taken(path.name, job.now)
    items = (
        (f"{path} item {number}", _item(item, taken) if isinstance(item, Mapping) else item)
        for number, item in enumerate(loaded, 1)
    )
    return collect_items(_once(items), source, str(path), replace(job, now=taken or job.now), note)


def _taken(name: str, now: datetime) -> datetime | None:
    match = _STAMP.search(name)
    if match is None:
        return None
    day, hour, minute, second = match.groups()
    try:
        taken = datetime.fromisoformat(f"{day}T{hour}:{minute}:{second or '00'}").replace(
            tzinfo=UTC
        )
    except ValueError:
        return None
    return min(taken, now)


def _once(items: Iterator[tuple[str, Any]]) -> Iterator[tuple[str, Any]]:
    """Each address once: a page that lists an item twice has one text of it."""
    seen: set[str] = set()
    for place, item in items:
        address = item.get("url", "") if isinstance(item, Mapping) else ""
        if not address or address not in seen:
            seen.add(address)
            yield place, item


def _item(item: Mapping[str, Any], taken: datetime | None) -> dict[str, Any]:
    """Title, text, address, date and source under the names of a JSON dump.

    The outlet's own headline is the title and the page's line about it the text.
    Where the outlet writes in another language the page's line stands alone.
    """
    fields = {_key(key): value for key, value in item.items()}
    own = _said(fields, "original_title", "title", "headline")
    line = _said(fields, "header", "summary", "description", "text")
    lang = _said(fields, "source_lang", "lang", "language").lower()[:2]
    foreign = lang not in ("", "en") and bool(line) and line != own
    title, text = (line, "") if foreign else (own or line, line if own else "")
    url = http_url(fields.get("url")) or http_url(fields.get("link"))
    given = next(
        (v for k in ("epoch", "published", "date", "pubdate", "time") if (v := fields.get(k))), ""
    )
    return {
        "title": title,
        "text": text,
        "url": url,
        "id": "" if url else fields.get("id", ""),
        "source": _said(fields, "source"),
        "date": _date(given, taken),
        "language": "" if foreign else lang,
    }


def _key(key: object) -> str:
    return str(key).strip().lower().removeprefix("news_")


def _said(fields: Mapping[str, Any], *names: str) -> str:
    for name in names:
        if isinstance(value := fields.get(name), str) and value.strip():
            return one_line(plain(value))
    return ""


def _date(given: object, taken: datetime | None) -> str:
    """The item's own date, not later than the snapshot; else the snapshot's."""
    if taken is None:
        return str(given)
    moment = parse_date(str(given))
    return taken.isoformat() if moment is None or moment > taken else moment.isoformat()
