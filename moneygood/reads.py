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
from sqlalchemy import Select, func, literal, select

from moneygood.records import Document, utc
from moneygood.rows import document_of
from moneygood.store import Store
from moneygood.tables import (
    AlertRow,
    DocumentRow,
    FailureRow,
    IndexPointRow,
    MentionRow,
    ModeRow,
    ObservationRow,
    RelationRow,
    ScoredRow,
    SentenceRow,
    VisitRow,
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
_visit = table(VisitRow)
_failure = table(FailureRow)
_mode = table(ModeRow)


@dataclass(frozen=True, slots=True)
class Mode:
    """What a database holds (``sample`` or ``live``) and the moment it is brought up to."""

    mode: str
    as_of: datetime
    scorer: str


def _frame(store: Store, query: Select[tuple[object, ...]]) -> pd.DataFrame:
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
        .where(_doc.c.cluster.is_(None))
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
    """Documents read by ``scorer`` and available by ``as_of``.

    Columns: doc, source, kind, day (datetime64), available_at, cluster, sentences.
    """
    query = (
        select(
            _doc.c.id.label("doc"),
            _doc.c.source,
            _doc.c.kind,
            _doc.c.market_day.label("day"),
            _doc.c.available_at,
            _doc.c.cluster,
            _scored.c.sentences,
        )
        .join(_scored, (_scored.c.document_id == _doc.c.id) & (_scored.c.scorer == scorer))
        .where(_scored.c.skipped == "")
        .order_by(_doc.c.available_at, _doc.c.id)
    )
    if as_of is not None:
        query = query.where(_doc.c.available_at <= utc(as_of))
    frame = _frame(store, query)
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
        .where(_sentence.c.scorer == scorer)
        .order_by(_doc.c.available_at, _doc.c.id, _sentence.c.position, _mention.c.narrative)
    )
    if as_of is not None:
        query = query.where(_doc.c.available_at <= utc(as_of))
    frame = _frame(store, query)
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
    frame = _frame(store, query).drop_duplicates(["series", "date"], keep="last")
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
    frame = _frame(store, query).drop_duplicates(["series", "date"], keep="last")
    frame["date"] = pd.to_datetime(frame["date"])
    for column in ("value", "lo", "hi"):
        frame[column] = frame[column].astype("float64")
    return frame.reset_index(drop=True)


def relations(store: Store) -> pd.DataFrame:
    """The relation table as last computed, dates as datetime64."""
    frame = _frame(store, select(_relation).order_by(*_relation.primary_key.columns))
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
    spans (list of pairs), title, source, kind, url,
    published_at, day, cluster.
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
            _doc.c.title,
            _doc.c.source,
            _doc.c.kind,
            _doc.c.url,
            _doc.c.published_at,
            _doc.c.market_day.label("day"),
            _doc.c.cluster,
        )
        .join(_sentence, _sentence.c.id == _mention.c.sentence_id)
        .join(_doc, _doc.c.id == _mention.c.document_id)
        .where(
            _mention.c.narrative == narrative,
            _doc.c.market_day >= start,
            _doc.c.market_day <= end,
        )
        .order_by(_mention.c.probability.desc(), _doc.c.id, _sentence.c.position)
        .limit(limit)
    )
    if scorer is not None:
        query = query.where(_sentence.c.scorer == scorer)
    frame = _frame(store, query)
    frame["spans"] = pd.Series([_spans(s) for s in frame["spans"]], dtype=object)
    frame["day"] = pd.to_datetime(frame["day"])
    return frame


def _spans(text: str) -> list[tuple[int, int]]:
    return [(start, end) for start, end in json.loads(text)]


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
    frame = _frame(store, query)
    frame["day"] = pd.to_datetime(frame["day"])
    frame["since"] = pd.to_datetime(frame["since"])
    frame["labels"] = [json.loads(x) for x in frame["labels"]]
    frame["evidence"] = [json.loads(x) for x in frame["evidence"]]
    return frame


def source_health(store: Store) -> pd.DataFrame:
    """One row a source: visits, documents held, last visit's counts, last published.

    A source named only by imported texts was never visited itself: its visits
    are 0 and its counts those of the import.
    """
    totals = (
        select(
            _visit.c.source,
            func.count().label("visits"),
            func.max(_visit.c.id).label("last_id"),
        )
        .group_by(_visit.c.source)
        .subquery()
    )
    held = (
        select(
            _doc.c.source,
            func.count().label("documents"),
            func.max(_doc.c.published_at).label("last_published"),
        )
        .group_by(_doc.c.source)
        .subquery()
    )
    query = (
        select(
            _visit.c.source,
            totals.c.visits,
            _visit.c.at.label("last_visit"),
            _visit.c.fetched,
            _visit.c.new,
            _visit.c.duplicate,
            _visit.c.skipped,
            _visit.c.failed,
            func.coalesce(held.c.documents, 0).label("documents"),
            held.c.last_published,
        )
        .join(totals, totals.c.last_id == _visit.c.id)
        .outerjoin(held, held.c.source == _visit.c.source)
    )
    imported = (
        select(
            _doc.c.source,
            literal(0).label("visits"),
            func.max(_doc.c.first_seen_at).label("last_visit"),
            func.count().label("fetched"),
            func.count().label("new"),
            literal(0).label("duplicate"),
            literal(0).label("skipped"),
            literal(0).label("failed"),
            func.count().label("documents"),
            func.max(_doc.c.published_at).label("last_published"),
        )
        .where(_doc.c.source.not_in(select(_visit.c.source)))
        .group_by(_doc.c.source)
    )
    frame = pd.concat([_frame(store, query), _frame(store, imported)], ignore_index=True)
    return frame.sort_values("source", ignore_index=True)


def failures(store: Store, limit: int = 500) -> pd.DataFrame:
    """What could not be read, newest first: at, source, subject, reason, remedy."""
    query = (
        select(
            _visit.c.at,
            _failure.c.source,
            _failure.c.subject,
            _failure.c.reason,
            _failure.c.remedy,
        )
        .join(_visit, _visit.c.id == _failure.c.visit_id)
        .order_by(_failure.c.id.desc())
        .limit(limit)
    )
    return _frame(store, query)


def coverage(store: Store) -> pd.DataFrame:
    """Documents per source and market day: source, day (datetime64), documents."""
    query = (
        select(_doc.c.source, _doc.c.market_day.label("day"), func.count().label("documents"))
        .group_by(_doc.c.source, _doc.c.market_day)
        .order_by(_doc.c.market_day, _doc.c.source)
    )
    frame = _frame(store, query)
    frame["day"] = pd.to_datetime(frame["day"])
    return frame


def visited_at(store: Store, moment: datetime) -> frozenset[str]:
    """Names of the sources visited at exactly this moment."""
    with store.begin() as connection:
        query = select(_visit.c.source).where(_visit.c.at == utc(moment))
        return frozenset(connection.scalars(query))


def known_uids(store: Store, source: str) -> frozenset[str]:
    """Uids of the documents held from a source."""
    with store.begin() as connection:
        return frozenset(connection.scalars(select(_doc.c.uid).where(_doc.c.source == source)))


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


def latest_alert_day(store: Store, rule: str) -> date | None:
    """The last market day a rule was evaluated on."""
    with store.begin() as connection:
        day: date | None = connection.scalar(
            select(func.max(_alert.c.day)).where(_alert.c.rule == rule)
        )
        return day
