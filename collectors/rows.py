"""Dumps with many documents: JSON Lines, JSON lists and CSV tables."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from moneygood.collectors.documents import MAX_TEXT, make_document
from moneygood.collectors.failures import capped
from moneygood.collectors.text import decode, http_url, plain
from moneygood.records import Collected, Document, Failure, Kind, Role, Section, Turn

if TYPE_CHECKING:
    from moneygood.collectors.folders import Import

_BODY = ("body", "text", "content", "summary", "description")
_DATE = ("published_at", "published", "date", "pubdate", "published_date")
_LISTS = ("data", "items", "articles", "documents", "entries")
_SHAPE = "Give each item a title or a text."


def parse_jsonl(data: bytes, *, source: str, where: str, job: Import) -> Collected:
    """One document a line."""
    text, note = decode(data)

    def items() -> Iterator[tuple[str, Any]]:
        for number, line in enumerate(text.split("\n"), 1):
            if line.strip():
                try:
                    yield f"{where} line {number}", _load(line)
                except (ValueError, RecursionError) as error:
                    yield f"{where} line {number}", _Broken(f"not JSON ({_short(error)})")

    return _collect(items(), source, job, note)


def parse_json(data: bytes, *, source: str, where: str, job: Import) -> Collected:
    """A list of items, alone or under ``data``; or a single document."""
    text, note = decode(data)
    try:
        loaded = _load(text)
    except (ValueError, RecursionError) as error:
        reason = f"not JSON ({_short(error)})"
        failure = Failure(source, where, reason, "The file may be cut off: fetch it again.")
        return Collected(source, failures=(failure,))
    if isinstance(loaded, dict):
        lists = [loaded[key] for key in _LISTS if isinstance(loaded.get(key), list)]
        loaded = lists[0] if lists else [loaded]
    if not isinstance(loaded, list):
        failure = Failure(source, where, "holds neither a list nor a document", _SHAPE)
        return Collected(source, failures=(failure,))
    items = ((f"{where} item {number}", item) for number, item in enumerate(loaded, 1))
    return _collect(items, source, job, note)


def parse_csv(data: bytes, *, source: str, where: str, job: Import) -> Collected:
    """One document a row; columns are named as the keys of JSON Lines."""
    text, note = decode(data)
    csv.field_size_limit(MAX_TEXT)
    reader = csv.DictReader(io.StringIO(text.replace("\0", ""), newline=""))
    names = [(name or "").strip().lower() for name in reader.fieldnames or []]
    if not {"title", *_BODY} & set(names):
        reason = f"no title or text column in {', '.join(names)[:80]!r}"
        remedy = "Name a column title or text; yields and prices have their own kinds."
        return Collected(source, failures=(Failure(source, where, reason, remedy),))

    def items() -> Iterator[tuple[str, Any]]:
        try:
            for row in reader:
                place = f"{where} line {reader.line_num}"
                if None in row:
                    yield place, _Broken("more cells than the header has columns")
                else:
                    yield place, dict(zip(names, row.values(), strict=True))
        except csv.Error as error:
            yield f"{where} line {reader.line_num}", _Broken(f"not CSV ({error})")

    return _collect(items(), source, job, note)


class _Broken(str):
    """Why an item could not be read."""


def _load(text: str) -> Any:
    return json.loads(text)


def _short(error: Exception) -> str:
    return str(error)[:100] or type(error).__name__


def _collect(items: Iterable[tuple[str, Any]], source: str, job: Import, note: str) -> Collected:
    documents: list[Document] = []
    failures: list[Failure] = []
    seen: set[tuple[str, str]] = set()
    skipped = 0
    for place, item in items:
        try:
            document = _document(item, source, job, note)
        except ValueError as error:
            failures.append(Failure(source, place, str(error), _SHAPE))
            continue
        key = (document.uid, document.content_hash)
        if key in seen:
            skipped += 1
            continue
        seen.add(key)
        documents.append(document)
    return Collected(source, tuple(documents), (), capped(failures), skipped)


def _document(item: Any, source: str, job: Import, note: str) -> Document:
    if isinstance(item, _Broken):
        raise ValueError(str(item))
    if not isinstance(item, Mapping):
        raise ValueError(f"a {type(item).__name__} stands where a document should")
    fields = {str(key).strip().lower(): value for key, value in item.items()}
    body = next((text for key in _BODY if (text := _text(fields.get(key)))), "")
    if len(body) > MAX_TEXT:
        raise ValueError(f"larger than the limit of {MAX_TEXT // 1_000_000} MB for one document")
    turns = _turns(fields.get("turns"))
    kind = _text(fields.get("kind")).strip().lower()
    if kind and kind not in set(Kind):
        raise ValueError(f"unknown kind {kind[:40]!r} (known: {', '.join(Kind)})")
    usual = Kind.TRANSCRIPT if turns else Kind.NEWS
    return make_document(
        source=job.source_name or plain(_text(fields.get("source"))) or PurePath(source).name,
        kind=Kind(kind) if kind else job.kind or usual,
        title=plain(_text(fields.get("title"))),
        body="" if turns else plain(body),
        turns=turns,
        now=job.now,
        published=next((_date(v) for key in _DATE if (v := fields.get(key))), ""),
        url=http_url(fields.get("url")) or http_url(fields.get("link")),
        guid=_text(fields.get("guid")) or _text(fields.get("id")),
        tickers=_tickers(fields.get("tickers")) or job.tickers,
        history=job.history,
        notes=(note,),
    )


def _turns(value: object) -> tuple[Turn, ...]:
    if value in (None, "", []):
        return ()
    if not isinstance(value, list) or not all(isinstance(turn, Mapping) for turn in value):
        raise ValueError("turns is not a list of {speaker, role, text}")
    turns = []
    for turn in value:
        role, section = _text(turn.get("role")).lower(), _text(turn.get("section")).lower()
        text = plain(_text(turn.get("text")))
        if text:
            turns.append(
                Turn(
                    speaker=plain(_text(turn.get("speaker"))),
                    role=Role(role) if role in set(Role) else Role.UNKNOWN,
                    section=Section(section) if section in set(Section) else Section.NONE,
                    text=text,
                )
            )
    return tuple(turns)


def _date(value: object) -> str:
    if isinstance(value, float | int) and not isinstance(value, bool):
        try:
            return datetime.fromtimestamp(value / (1000 if value > 1e11 else 1), UTC).isoformat()
        except (ValueError, OverflowError, OSError):
            return str(value)
    return _text(value)


def _text(value: object) -> str:
    if isinstance(value, bool) or value is None or isinstance(value, dict | list):
        return ""
    return str(value)


def _tickers(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return tuple(value.replace(",", " ").replace(";", " ").split())
    return tuple(str(v) for v in value) if isinstance(value, list) else ()
