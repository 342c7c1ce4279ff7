"""Records to rows and back: what each insert writes.

Everything runs inside a transaction the store has begun.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection, insert, select

from moneygood.market_days import NEW_YORK, market_day
from moneygood.records import (
    Document,
    Observation,
    Role,
    Section,
    SentenceScore,
    Turn,
    utc,
)
from moneygood.tables import DocumentRow, MentionRow, ObservationRow, SentenceRow, table

BACKFILL = timedelta(days=10)


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
    )


def insert_documents(connection: Connection, documents: Sequence[Document]) -> int:
    if not documents:
        return 0
    known: set[str] = set()
    uids = [d.uid for d in documents]
    columns = table(DocumentRow).c
    for start in range(0, len(uids), 500):
        part = uids[start : start + 500]
        known.update(connection.scalars(select(columns.uid).where(columns.uid.in_(part))))
    rows = []
    for document in documents:
        if document.uid in known:
            continue
        known.add(document.uid)
        rows.append(_document_values(document))
    if rows:
        connection.execute(insert(DocumentRow), rows)
    return len(rows)


def _document_values(document: Document) -> dict[str, Any]:
    turns = [
        {"speaker": clean(t.speaker), "role": t.role, "section": t.section, "text": clean(t.text)}
        for t in document.turns
    ]
    return {
        "uid": document.uid,
        "source": clean(document.source),
        "kind": str(document.kind),
        "title": clean(document.title),
        "body": clean(document.body),
        "turns": json.dumps(turns),
        "url": clean(document.url),
        "guid": clean(document.guid),
        "tickers": json.dumps([clean(t) for t in document.tickers]),
        "published_at": utc(document.published_at),
        "first_seen_at": utc(document.first_seen_at),
        "available_at": utc(document.available_at),
        "market_day": market_day(document.available_at),
        "published_raw": clean(document.published_raw),
        "history": document.history,
        "notes": json.dumps([clean(n) for n in document.notes]),
        "content_hash": document.content_hash,
    }


def clean(text: str) -> str:
    """Text SQLite can store: lone surrogates become question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")


def observation_available_at(observation: Observation, *, history: bool) -> datetime:
    """When a reader could have used the value.

    Market data is out by 18:00 New York on its day. What is watched live was
    available no earlier than first seen; what is imported long after its day
    is history and takes its day.
    """
    published = datetime.combine(observation.date, time(18, 0), NEW_YORK).astimezone(UTC)
    if history or observation.first_seen_at - published > BACKFILL:
        return published
    return max(published, observation.first_seen_at)


def insert_observations(
    connection: Connection, observations: Sequence[Observation], *, history: bool
) -> int:
    if not observations:
        return 0
    latest: dict[tuple[str, date], float] = {}
    for series in sorted({o.series for o in observations}):
        columns = table(ObservationRow).c
        query = (
            select(columns.date, columns.value)
            .where(columns.series == series)
            .order_by(columns.first_seen_at)
        )
        latest.update({(series, row.date): row.value for row in connection.execute(query)})
    rows: dict[tuple[str, date, datetime], dict[str, Any]] = {}
    for o in observations:
        before = latest.get((o.series, o.date))
        if before == o.value:
            continue
        available = (
            observation_available_at(o, history=history) if before is None else o.first_seen_at
        )
        latest[o.series, o.date] = o.value
        rows[o.series, o.date, utc(o.first_seen_at)] = {
            "series": o.series,
            "date": o.date,
            "value": o.value,
            "first_seen_at": utc(o.first_seen_at),
            "available_at": utc(available),
            "source": o.source,
        }
    if rows:
        connection.execute(insert(ObservationRow).prefix_with("OR REPLACE"), list(rows.values()))
    return len(rows)


def insert_score(connection: Connection, document_id: int, score: SentenceScore) -> int:
    mentions = score.mentions()
    if not mentions:
        return 0
    s = score.sentence
    key = connection.execute(
        insert(SentenceRow).values(
            document_id=document_id,
            scorer=score.scorer,
            position=s.position,
            text=clean(s.text),
            context=clean(s.context),
            speaker=clean(s.speaker),
            role=str(s.role),
            section=str(s.section),
            start=s.start,
            end=s.end,
        )
    ).inserted_primary_key
    assert key is not None
    connection.execute(
        insert(MentionRow),
        [
            {
                "sentence_id": key[0],
                "document_id": document_id,
                "narrative": m.narrative,
                "probability": m.probability,
                "stance": str(m.stance),
                "affirm": m.stance_p[0],
                "doubt": m.stance_p[1],
                "neutral": m.stance_p[2],
                "rung": str(m.rung or ""),
                "spans": json.dumps([list(span) for span in m.spans]),
            }
            for m in mentions
        ],
    )
    return len(mentions)
