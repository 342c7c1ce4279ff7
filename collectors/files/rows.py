"""Dumps with many documents: JSON Lines, JSON lists and CSV tables."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from moneygood.collectors.calls.json_turns import JsonCall, is_turn_list, read_json_call
from moneygood.collectors.calls.transcript import named_call
from moneygood.collectors.documents import MAX_TEXT, make_document
from moneygood.collectors.failures import capped
from moneygood.collectors.news.speeches import official, own_text, speaker_name, speech_title
from moneygood.collectors.text import decode, http_url, plain
from moneygood.records import Collected, Document, Failure, Kind, Skip

if TYPE_CHECKING:
    from moneygood.collectors.files.folders import Import

_BODY = ("body", "text", "content", "summary", "description")
_DATE = ("published_at", "published", "date", "pubdate", "published_date")
_ADDRESS = ("url", "link", "href")
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

    return collect_items(items(), source, where, job, note)


def parse_json(data: bytes, *, source: str, where: str, job: Import) -> Collected:
    """A list of items, alone or under ``data``; or a single document."""
    text, note = decode(data)
    try:
        loaded = _load(text)
    except (ValueError, RecursionError) as error:
        reason = f"not JSON ({_short(error)})"
        failure = Failure(source, where, reason, "The file may be cut off: fetch it again.")
        return Collected(source, failures=(failure,))
    if is_turn_list(loaded):
        loaded = {"turns": loaded}
    if isinstance(loaded, dict):
        title, ticker = named_call(PurePath(where).name)
        if title:
            loaded = {"title": title, "symbol": ticker} | loaded
        lists = [loaded[key] for key in _LISTS if isinstance(loaded.get(key), list)]
        loaded = lists[0] if lists else [loaded]
    if not isinstance(loaded, list):
        failure = Failure(source, where, "holds neither a list nor a document", _SHAPE)
        return Collected(source, failures=(failure,))
    items = ((f"{where} item {number}", item) for number, item in enumerate(loaded, 1))
    return collect_items(items, source, where, job, note)


def parse_csv(data: bytes, *, source: str, where: str, job: Import) -> Collected:
    """One document a row; columns are named as the keys of JSON Lines."""
    text, note = decode(data)
    csv.field_size_limit(MAX_TEXT)
    reader = csv.DictReader(io.StringIO(text.replace("\0", ""), newline=""))
    try:
        fields = list(reader.fieldnames or [])
    except csv.Error as error:
        failure = Failure(source, where, f"not CSV ({error})", _SHAPE)
        return Collected(source, failures=(failure,))
    names = [(name or "").strip().lower() for name in fields]
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
                    # By field: a header that names two columns alike has fewer values.
                    yield place, dict(zip(names, map(row.get, fields), strict=True))
        except csv.Error as error:
            yield f"{where} line {reader.line_num}", _Broken(f"not CSV ({error})")

    return collect_items(items(), source, where, job, note)


class _Broken(str):
    """Why an item could not be read."""


def _load(text: str) -> Any:
    return json.loads(text)


def _short(error: Exception) -> str:
    return str(error)[:100] or type(error).__name__


def collect_items(
    items: Iterable[tuple[str, Any]], source: str, where: str, job: Import, note: str = ""
) -> Collected:
    """The documents of a dump's items, each with its place in the file."""
    documents: list[Document] = []
    failures: list[Failure] = []
    seen: set[tuple[str, str]] = set()
    same: set[bytes] = set()
    skipped = 0
    for place, item in items:
        # Dumps repeat whole rows; reading one again would cost a hundred times this.
        mark = b"" if isinstance(item, _Broken) else _mark(item)
        if mark and mark in same:
            skipped += 1
            continue
        same.add(mark)
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
    skips = (Skip("repeated in the same file", skipped),) if skipped else ()
    if not (documents or failures):
        failures.append(Failure(source, where, "holds no item", _SHAPE))
    return Collected(source, tuple(documents), (), capped(failures), skips)


def _mark(item: Any) -> bytes:
    as_it_came = repr(item).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(as_it_came, digest_size=16).digest()


def _document(item: Any, source: str, job: Import, note: str) -> Document:
    if isinstance(item, _Broken):
        raise ValueError(str(item))
    if not isinstance(item, Mapping):
        raise ValueError(f"a {type(item).__name__} stands where a document should")
    fields = {str(key).strip().lower(): value for key, value in item.items()}
    body = next((text for key in _BODY if (text := _text(fields.get(key)))), "")
    if len(body) > MAX_TEXT:
        raise ValueError(f"larger than the limit of {MAX_TEXT // 1_000_000} MB for one document")
    call = read_json_call(item) or JsonCall()
    if call.error:
        raise ValueError(f"the service answered with a notice, not a call: {call.error}")
    turns = call.turns
    kind = _text(fields.get("kind")).strip().lower()
    if kind and kind not in set(Kind):
        raise ValueError(f"unknown kind {kind[:40]!r} (known: {', '.join(Kind)})")
    title, body = plain(_text(fields.get("title"))), plain(body)
    settled = Kind(kind) if kind else job.kind
    if not turns and settled in (None, Kind.SPEECH):
        if speaker := speaker_name(plain(_text(fields.get("speaker")))):
            settled = Kind.SPEECH
            body = own_text(body)
            turns = (official(speaker, body),) if body else ()
        if settled is Kind.SPEECH:
            title = speech_title(title)
    usual = Kind.TRANSCRIPT if turns else Kind.NEWS
    document = make_document(
        source=job.source_name or plain(_text(fields.get("source"))) or PurePath(source).name,
        kind=settled or usual,
        title=title or call.title,
        body="" if turns else body,
        turns=turns,
        now=job.now,
        published=next((_date(v) for key in _DATE if (v := fields.get(key))), ""),
        url=next((url for key in _ADDRESS if (url := http_url(fields.get(key)))), ""),
        guid=_text(fields.get("guid")) or _text(fields.get("id")),
        tickers=_tickers(fields.get("tickers") or call.ticker) or job.tickers,
        history=job.history,
        notes=(note,),
    )
    language = _text(fields.get("language")).strip().lower()
    return replace(document, language=language) if len(language) == 2 else document


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
