"""Documents to rows: identity, versions, duplicates.

Within a source a text is one by its GUID, its canonical address, or its content.
A text that comes again with other words is kept as a further version; the
earlier one stays, and readings as of an earlier moment see it.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Column, Connection, bindparam, func, insert, select, update

from moneygood.market_days import market_day
from moneygood.records import Document, Role, Section, Turn, utc
from moneygood.tables import DocumentRow, table
from moneygood.urls import canonical
from moneygood.versions import letters, same_story, what_changed

REPEATED = timedelta(days=3)
"""The same words from the same source within this time are one text, whatever its GUID."""
_PART = 400
_doc = table(DocumentRow)


def clean(text: str) -> str:
    """Text SQLite can store: lone surrogates become question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")


def document_of(row: Any) -> Document:
    """The record a document row was written from."""
    turns = tuple(
        Turn(t["speaker"], Role(t["role"]), Section(t["section"]), t["text"])
        for t in json.loads(row.turns)
    )
    return Document(
        source=row.source,
        kind=row.kind,
        title=row.title,
        published_at=utc(row.published_at),
        first_seen_at=utc(row.first_seen_at),
        body=row.body,
        turns=turns,
        url=row.url,
        guid=row.guid,
        tickers=tuple(json.loads(row.tickers)),
        published_raw=row.published_raw,
        history=row.history,
        notes=tuple(json.loads(row.notes)),
        modified_at=utc(row.modified_at) if row.modified_at else None,
        entry_hash=row.entry_hash,
        language=row.language,
    )


@dataclass(frozen=True, slots=True)
class Saved:
    """Rows a visit added: new ones, further versions of known ones, and repeats."""

    new: int = 0
    revised: int = 0
    duplicate: int = 0


@dataclass(slots=True)
class _Held:
    """What is stored of one text: its versions' hashes and its latest words."""

    uid: str
    source: str
    original: int
    version: int
    hashes: set[str]
    title: str
    text: str
    published_at: datetime
    available_at: datetime
    market_day: date
    cluster: int | None
    latest: int


class _Shelf:
    """The texts held that new ones may repeat, by uid, address and content."""

    def __init__(self, connection: Connection, documents: Sequence[Document]) -> None:
        self._by_uid: dict[str, _Held] = {}
        self._by_url: dict[str, _Held] = {}
        self._by_content: dict[tuple[str, str], list[_Held]] = {}
        uids = {d.uid for d in documents}
        found = {row.id: row for row in _where(connection, _doc.c.uid, uids)}
        keys = {key for d in documents if (key := url_key(d))}
        found |= {row.id: row for row in _where(connection, _doc.c.url_key, keys)}
        hashes = {d.content_hash for d in documents}
        found |= {row.id: row for row in _where(connection, _doc.c.content_hash, hashes)}
        # Versions reached by address or content bring their whole text along.
        others = {row.uid for row in found.values()} - uids
        found |= {row.id: row for row in _where(connection, _doc.c.uid, others)}
        for _, row in sorted(found.items()):
            self._add_row(row)

    def _add_row(self, row: Any) -> None:
        held = self._by_uid.get(row.uid)
        said = {row.content_hash, row.entry_hash} - {""}
        text = row.body or " ".join(t["text"] for t in json.loads(row.turns))
        if held is None:
            held = _Held(
                row.uid, row.source, row.original, row.version, set(), "", "",
                utc(row.published_at), utc(row.available_at), row.market_day, row.cluster, row.id,
            )  # fmt: skip
            self.add(held, row.url_key, row.content_hash)
        held.hashes |= said
        if row.version >= held.version:
            held.version, held.latest = row.version, row.id
            held.title, held.text = row.title, text
            held.available_at = utc(row.available_at)

    def add(self, held: _Held, key: str, content: str) -> None:
        """Put a text on the shelf."""
        self._by_uid[held.uid] = held
        if key:
            self._by_url.setdefault(key, held)
        self._by_content.setdefault((held.source, content), []).append(held)

    def same(self, document: Document) -> _Held | None:
        """The held text that ``document`` is, or may be a version of."""
        held = self._by_uid.get(document.uid)
        if held is not None:
            return held
        key = url_key(document)
        if key and (held := self._by_url.get(key)) is not None:
            return held
        for held in self._by_content.get((document.source, document.content_hash), ()):
            if abs(held.published_at - utc(document.published_at)) <= REPEATED:
                return held
        return None

    def holds(self, uid: str) -> bool:
        """Whether a text is held under exactly this uid."""
        return uid in self._by_uid


def _where(connection: Connection, column: Column[Any], values: Iterable[str]) -> list[Any]:
    wanted = sorted(values)
    rows: list[Any] = []
    for start in range(0, len(wanted), _PART):
        part = wanted[start : start + _PART]
        rows += connection.execute(select(_doc).where(column.in_(part))).all()
    return rows


def url_key(document: Document) -> str:
    """Identity of the document's address within its source; empty without one."""
    address = canonical(document.url)
    if not address:
        return ""
    return hashlib.sha256(clean(f"{document.source}\n{address}").encode()).hexdigest()[:24]


def insert_documents(connection: Connection, documents: Sequence[Document], at: datetime) -> Saved:
    """Write what is new, in order, inside the caller's transaction; ``at``: the visit."""
    if not documents:
        return Saved()
    shelf = _Shelf(connection, documents)
    rows = _Rows(connection, utc(at))
    new = revised = 0
    for document in documents:
        held = shelf.same(document)
        if held is None:
            rows.first(shelf, document)
            new += 1
        elif _repeats(document, held):
            continue
        elif shelf.holds((other := _under_own_guid(document)).uid):
            # Told apart on an earlier visit; what it was told from may have changed since.
            continue
        elif same_story(document.title, document.text, held.title, held.text):
            rows.version(document, held)
            revised += 1
        else:
            rows.first(shelf, other)
            new += 1
    rows.write()
    return Saved(new, revised, len(documents) - new - revised)


def _repeats(document: Document, held: _Held) -> bool:
    said = document.entry_hash or document.content_hash
    if said in held.hashes or document.content_hash in held.hashes:
        return True
    return letters(document.title + document.text) == letters(held.title + held.text)


def _under_own_guid(document: Document) -> Document:
    """The same document told apart from the one whose GUID or address it reuses."""
    return dataclasses.replace(
        document,
        guid=f"{document.guid or document.url}#{document.content_hash[:12]}",
        notes=(*document.notes, "GUID or address used before for another text"),
    )


class _Rows:
    """Rows to be written at once; ids are given here, as the caller holds the write lock."""

    def __init__(self, connection: Connection, at: datetime) -> None:
        self._connection = connection
        self._at = at
        self._next = (connection.scalar(select(func.max(_doc.c.id))) or 0) + 1
        self._rows: dict[int, dict[str, Any]] = {}
        self._superseded: list[dict[str, Any]] = []

    def first(self, shelf: _Shelf, document: Document) -> None:
        """A text not seen before."""
        day = market_day(document.available_at)
        values = self._put(document, document.uid, 1, day)
        values["original"] = values["id"]
        held = _Held(
            document.uid, document.source, values["id"], 1,
            {document.content_hash, document.entry_hash} - {""}, document.title, document.text,
            utc(document.published_at), utc(document.available_at), day, None, values["id"],
        )  # fmt: skip
        shelf.add(held, values["url_key"], document.content_hash)

    def version(self, document: Document, held: _Held) -> None:
        """A further version: available when it was seen, filed under the first one's day."""
        seen = utc(document.first_seen_at)
        if document.history and seen >= self._at:
            # An archive that does not say when it was seen.
            seen = utc(document.modified_at or document.published_at)
        available = max(seen, held.available_at)
        values = self._put(document, held.uid, held.version + 1, held.market_day)
        changed = what_changed(document.title, document.text, held.title, held.text)
        values |= {
            "original": held.original,
            "available_at": available,
            "published_at": held.published_at,
            "cluster": held.cluster,
            "changed": clean(changed),
        }
        if held.latest in self._rows:
            self._rows[held.latest]["superseded_at"] = available
        else:
            self._superseded.append({"old": held.latest, "moment": available})
        held.version, held.latest = held.version + 1, values["id"]
        held.hashes |= {document.content_hash, document.entry_hash} - {""}
        held.title, held.text, held.available_at = document.title, document.text, available

    def _put(self, document: Document, uid: str, version: int, day: date) -> dict[str, Any]:
        values = {"id": self._next, **_values(document, uid, version, day)}
        self._rows[self._next] = values
        self._next += 1
        return values

    def write(self) -> None:
        """Insert the rows and close the versions they supersede."""
        if self._rows:
            self._connection.execute(insert(DocumentRow), list(self._rows.values()))
        if self._superseded:
            close = (
                update(_doc)
                .where(_doc.c.id == bindparam("old"))
                .values(superseded_at=bindparam("moment"))
            )
            self._connection.execute(close, self._superseded)


def _values(document: Document, uid: str, version: int, day: date) -> dict[str, Any]:
    turns = [
        {"speaker": clean(t.speaker), "role": t.role, "section": t.section, "text": clean(t.text)}
        for t in document.turns
    ]
    return {
        "uid": uid,
        "version": version,
        "original": None,
        "superseded_at": None,
        "changed": "",
        "cluster": None,
        "source": clean(document.source),
        "kind": str(document.kind),
        "title": clean(document.title),
        "body": clean(document.body),
        "turns": json.dumps(turns),
        "url": clean(document.url),
        "guid": clean(document.guid),
        "tickers": json.dumps([clean(t) for t in document.tickers]),
        "published_at": utc(document.published_at),
        "modified_at": utc(document.modified_at) if document.modified_at else None,
        "first_seen_at": utc(document.first_seen_at),
        "available_at": utc(document.available_at),
        "market_day": day,
        "published_raw": clean(document.published_raw),
        "history": document.history,
        "notes": json.dumps([clean(n) for n in document.notes]),
        "language": document.language,
        "content_hash": document.content_hash,
        "entry_hash": document.entry_hash,
        "url_key": url_key(document),
    }
