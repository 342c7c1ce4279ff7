"""Every read of the store: frames for the signals, rows for the dashboard.

Readings take ``as_of`` and see only what was available by then. Frames have
market days as ``datetime64`` and one row per fact.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

import pandas as pd
from sqlalchemy import ColumnElement, Select, case, func, or_, select

from moneygood.document_rows import document_of
from moneygood.records import Document, utc
from moneygood.store import Store
from moneygood.tables import (
    AlertRow,
    DocumentRow,
    IndexPointRow,
    MentionRow,
    ModeRow,
    ObservationRow,
    RelationRow,
    ScoredRow,
    SentenceRow,
    table,
)

_doc = table(DocumentRow)
_scored = table(ScoredRow)
_sentence = table(SentenceRow)
_mention = table(MentionRow)
_observation = table(ObservationRow)
_point = table(IndexPointRow)
_relation = table(RelationRow)
_alert = table(AlertRow)
_mode = table(ModeRow)


@dataclass(frozen=True, slots=True)
class Mode:
    """What a database holds (``sample`` or ``live``) and the moment it is brought up to."""

    mode: str
    as_of: datetime
    scorer: str


def current(as_of: datetime | None) -> ColumnElement[bool]:
    """The version of each text that stood at ``as_of``; None: the latest."""
    if as_of is None:
        return _doc.c.superseded_at.is_(None)
    moment = utc(as_of)
    open_still = or_(_doc.c.superseded_at.is_(None), _doc.c.superseded_at > moment)
    return (_doc.c.available_at <= moment) & open_still


# A text is novel when the head of its cluster is its own first version.
_HEAD = case((_doc.c.cluster == _doc.c.original, _doc.c.id), else_=_doc.c.cluster)


def frame_of(store: Store, query: Select[tuple[object, ...]]) -> pd.DataFrame:
    with store.begin() as connection:
        result = connection.execute(query)
        return pd.DataFrame(result.all(), columns=list(result.keys()))


def mode(store: Store) -> Mode | None:
    """What the database holds, or None before the first complete run."""
    with store.begin() as connection:
        row = connection.execute(select(_mode)).first()
        return Mode(row.mode, utc(row.as_of), row.scorer) if row else None


def pending(store: Store, scorer: str, *, page: int = 200) -> Iterator[tuple[int, Document]]:
    """Documents ``scorer`` has not read, in the order they arrived."""
    last = 0
    while True:
        query = (
            select(_doc)
            .outerjoin(_scored, (_scored.c.document_id == _doc.c.id) & (_scored.c.scorer == scorer))
            .where(_scored.c.document_id.is_(None), _doc.c.id > last)
            .order_by(_doc.c.id)
            .limit(page)
        )
        with store.begin() as connection:
            rows = connection.execute(query).all()
        if not rows:
            return
        for row in rows:
            yield row.id, document_of(row)
        last = rows[-1].id


def unclustered(store: Store) -> list[tuple[int, datetime, str]]:
    """(id, published, title and text) of documents with no cluster yet, in order."""
    query = (
        select(_doc.c.id, _doc.c.published_at, _doc.c.title, _doc.c.body, _doc.c.turns)
        .where(_doc.c.cluster.is_(None), _doc.c.version == 1)
        .order_by(_doc.c.id)
    )
    return _cluster_items(store, query)


def clustered(store: Store, start: datetime, end: datetime) -> list[tuple[int, datetime, str]]:
    """The same of documents already clustered that were published in a period."""
    query = (
        select(_doc.c.id, _doc.c.published_at, _doc.c.title, _doc.c.body, _doc.c.turns)
        .where(
            _doc.c.cluster == _doc.c.id, _doc.c.published_at >= start, _doc.c.published_at <= end
        )
        .order_by(_doc.c.id)
    )
    return _cluster_items(store, query)


def _cluster_items(
    store: Store, query: Select[tuple[int, datetime, str, str, str]]
) -> list[tuple[int, datetime, str]]:
    with store.begin() as connection:
        rows = connection.execute(query).all()
    items = []
    for row in rows:
        text = row.body or " ".join(t["text"] for t in json.loads(row.turns))
        items.append((row.id, utc(row.published_at), f"{row.title}\n{text}"))
    return items


def documents(store: Store, scorer: str, as_of: datetime | None = None) -> pd.DataFrame:
    """Documents read by ``scorer``, in the version that stood at ``as_of``.

    Columns: doc, source, kind, day (datetime64), available_at, cluster, sentences.
    """
    query = (
        select(
            _doc.c.id.label("doc"),
            _doc.c.source,
            _doc.c.kind,
            _doc.c.market_day.label("day"),
            _doc.c.available_at,
            _HEAD.label("cluster"),
            _scored.c.sentences,
        )
        .join(_scored, (_scored.c.document_id == _doc.c.id) & (_scored.c.scorer == scorer))
        .where(_scored.c.skipped == "", current(as_of))
        .order_by(_doc.c.available_at, _doc.c.id)
    )
    frame = frame_of(store, query)
    frame["day"] = pd.to_datetime(frame["day"])
    frame["cluster"] = frame["cluster"].fillna(frame["doc"]).astype("int64")
    return frame


def mentions(store: Store, scorer: str, as_of: datetime | None = None) -> pd.DataFrame:
    """Mentions found by ``scorer`` in documents available by ``as_of``.

    Columns: doc, position, narrative, probability, stance, rung ("" where none),
    role, source, day (datetime64).
    """
    query = (
        select(
            _mention.c.document_id.label("doc"),
            _sentence.c.position,
            _mention.c.narrative,
            _mention.c.probability,
            _mention.c.stance,
            _mention.c.rung,
            _sentence.c.role,
            _doc.c.source,
            _doc.c.market_day.label("day"),
        )
        .join(_sentence, _sentence.c.id == _mention.c.sentence_id)
        .join(_doc, _doc.c.id == _mention.c.document_id)
        .where(_sentence.c.scorer == scorer, current(as_of))
        .order_by(_doc.c.available_at, _doc.c.id, _sentence.c.position, _mention.c.narrative)
    )
    frame = frame_of(store, query)
    frame["day"] = pd.to_datetime(frame["day"])
    return frame


def observations(
    store: Store, as_of: datetime | None = None, series: str | None = None
) -> pd.DataFrame:
    """The vintage of every observation known by ``as_of``.

    Columns: series, date (datetime64), value, available_at.
    """
    query = select(
        _observation.c.series,
        _observation.c.date,
        _observation.c.value,
        _observation.c.available_at,
    ).order_by(_observation.c.series, _observation.c.date, _observation.c.first_seen_at)
    if as_of is not None:
        query = query.where(_observation.c.available_at <= utc(as_of))
    if series is not None:
        query = query.where(_observation.c.series == series)
    frame = frame_of(store, query).drop_duplicates(["series", "date"], keep="last")
    frame["date"] = pd.to_datetime(frame["date"])
    return frame.reset_index(drop=True)


def index_points(
    store: Store, series: str | None = None, as_of: datetime | None = None
) -> pd.DataFrame:
    """Stored index values: for each series and date the latest vintage by ``as_of``.

    Columns: series, date (datetime64), value, lo, hi, documents, sources, method, as_of.
    """
    query = select(_point).order_by(_point.c.series, _point.c.date, _point.c.as_of)
    if series is not None:
        query = query.where(_point.c.series == series)
    if as_of is not None:
        query = query.where(_point.c.as_of <= utc(as_of))
    frame = frame_of(store, query).drop_duplicates(["series", "date"], keep="last")
    frame["date"] = pd.to_datetime(frame["date"])
    for column in ("value", "lo", "hi"):
        frame[column] = frame[column].astype("float64")
    return frame.reset_index(drop=True)


def relations(store: Store) -> pd.DataFrame:
    """The relation table as last computed, dates as datetime64."""
    frame = frame_of(store, select(_relation).order_by(*_relation.primary_key.columns))
    frame["date"] = pd.to_datetime(frame["date"])
    for column in ("corr", "lo", "hi", "z", "fit"):
        frame[column] = frame[column].astype("float64")
    return frame


def evidence(
    store: Store,
    narrative: str,
    start: date,
    end: date,
    *,
    scorer: str | None = None,
    limit: int = 500,
) -> pd.DataFrame:
    """Sentences that carry a narrative in a period, strongest first.

    One row a mention: doc, position, text, context, speaker, role, section,
    probability, stance, affirm, doubt, neutral (stance probabilities), rung,
    spans (list of pairs), spans_by, nearest (id of a training sentence or ""),
    nearest_similarity, title, source, kind, url, published_at, day, cluster.
    """
    query = (
        select(
            _doc.c.id.label("doc"),
            _sentence.c.position,
            _sentence.c.text,
            _sentence.c.context,
            _sentence.c.speaker,
            _sentence.c.role,
            _sentence.c.section,
            _mention.c.probability,
            _mention.c.stance,
            _mention.c.affirm,
            _mention.c.doubt,
            _mention.c.neutral,
            _mention.c.rung,
            _mention.c.spans,
            _mention.c.spans_by,
            _mention.c.nearest,
            _mention.c.nearest_similarity,
            _doc.c.title,
            _doc.c.source,
            _doc.c.kind,
            _doc.c.url,
            _doc.c.published_at,
            _doc.c.market_day.label("day"),
            _HEAD.label("cluster"),
        )
        .join(_sentence, _sentence.c.id == _mention.c.sentence_id)
        .join(_doc, _doc.c.id == _mention.c.document_id)
        .where(
            _mention.c.narrative == narrative,
            _doc.c.market_day >= start,
            _doc.c.market_day <= end,
            current(None),
        )
        .order_by(_mention.c.probability.desc(), _doc.c.id, _sentence.c.position)
        .limit(limit)
    )
    if scorer is not None:
        query = query.where(_sentence.c.scorer == scorer)
    frame = frame_of(store, query)
    frame["spans"] = pd.Series([_spans(s) for s in frame["spans"]], dtype=object)
    frame["day"] = pd.to_datetime(frame["day"])
    return frame


def _spans(text: str) -> list[tuple[int, int]]:
    return [(start, end) for start, end in json.loads(text)]


def versions(store: Store, doc: int) -> list[tuple[int, datetime, str, Document]]:
    """Every version of a text, oldest first: id, available from, what it changed, text."""
    original = select(_doc.c.original).where(_doc.c.id == doc).scalar_subquery()
    query = select(_doc).where(_doc.c.original == original).order_by(_doc.c.version)
    with store.begin() as connection:
        rows = connection.execute(query).all()
    return [(row.id, utc(row.available_at), row.changed, document_of(row)) for row in rows]


def document(store: Store, doc: int) -> Document | None:
    """One document, or None."""
    with store.begin() as connection:
        row = connection.execute(select(_doc).where(_doc.c.id == doc)).first()
    return document_of(row) if row else None


def alerts(store: Store, day: date | None = None) -> pd.DataFrame:
    """Alert evaluations, newest first; labels as dict and evidence as list."""
    query = select(_alert).order_by(_alert.c.day.desc(), _alert.c.rule, _alert.c.labels)
    if day is not None:
        query = query.where(_alert.c.day <= day)
    frame = frame_of(store, query)
    frame["day"] = pd.to_datetime(frame["day"])
    frame["since"] = pd.to_datetime(frame["since"])
    frame["labels"] = [json.loads(x) for x in frame["labels"]]
    frame["evidence"] = [json.loads(x) for x in frame["evidence"]]
    return frame


def narratives(store: Store, scorer: str) -> list[str]:
    """The narratives a scorer found anywhere, by name."""
    query = (
        select(_mention.c.narrative)
        .join(_sentence, _sentence.c.id == _mention.c.sentence_id)
        .where(_sentence.c.scorer == scorer)
        .distinct()
        .order_by(_mention.c.narrative)
    )
    with store.begin() as connection:
        return [str(row[0]) for row in connection.execute(query)]


def count_pending(store: Store, scorer: str) -> int:
    """How many documents a scorer has not read."""
    done = select(_scored.c.document_id).where(_scored.c.scorer == scorer)
    with store.begin() as connection:
        query = select(func.count()).select_from(_doc).where(_doc.c.id.not_in(done))
        return connection.scalar(query) or 0


def counts(store: Store, scorer: str) -> dict[str, int]:
    """Documents, sentences read, and mentions per narrative."""
    with store.begin() as connection:
        read = connection.execute(
            select(func.count(), func.coalesce(func.sum(_scored.c.sentences), 0)).where(
                _scored.c.scorer == scorer
            )
        ).one()
        found = connection.execute(
            select(_mention.c.narrative, func.count())
            .join(_sentence, _sentence.c.id == _mention.c.sentence_id)
            .where(_sentence.c.scorer == scorer)
            .group_by(_mention.c.narrative)
        ).all()
        return {"documents": read[0], "sentences": read[1], **{row[0]: row[1] for row in found}}
