"""What is known of the sources: visits, coverage, failures, and what to ask next."""

from __future__ import annotations

from datetime import datetime

import pandas as pd
from sqlalchemy import Integer, case, cast, func, literal, select

from moneygood.reads import frame_of
from moneygood.records import Validator, utc
from moneygood.store import Store
from moneygood.tables import (
    DocumentRow,
    FailureRow,
    SkipRow,
    ValidatorRow,
    VisitRow,
    table,
)

_doc = table(DocumentRow)
_visit = table(VisitRow)
_failure = table(FailureRow)
_skip = table(SkipRow)
_validator = table(ValidatorRow)


def source_health(store: Store) -> pd.DataFrame:
    """One row a source, by name.

    Columns: source, visits, last_visit, fetched, new, revised, duplicate, skipped,
    failed (of the last visit), documents (texts held), last_published, lag_hours
    (median time from publication to first sight of its last 200 watched texts),
    last_error, last_error_at (of any visit).

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
        .where(_doc.c.version == 1)
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
            _visit.c.revised,
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
            literal(0).label("revised"),
            literal(0).label("duplicate"),
            literal(0).label("skipped"),
            literal(0).label("failed"),
            func.count().label("documents"),
            func.max(_doc.c.published_at).label("last_published"),
        )
        .where(_doc.c.version == 1, _doc.c.source.not_in(select(_visit.c.source)))
        .group_by(_doc.c.source)
    )
    frame = pd.concat([frame_of(store, query), frame_of(store, imported)], ignore_index=True)
    frame = frame.merge(_lags(store), on="source", how="left")
    frame = frame.merge(_last_errors(store), on="source", how="left")
    return frame.sort_values("source", ignore_index=True)


def _lags(store: Store) -> pd.DataFrame:
    rank = func.row_number().over(partition_by=_doc.c.source, order_by=_doc.c.id.desc())
    recent = (
        select(_doc.c.source, _doc.c.published_at, _doc.c.first_seen_at, rank.label("rank"))
        .where(_doc.c.version == 1, _doc.c.history.is_(False))
        .subquery()
    )
    frame = frame_of(store, select(recent).where(recent.c.rank <= 200))
    seen = pd.to_datetime(frame["first_seen_at"], utc=True)
    lag = (seen - pd.to_datetime(frame["published_at"], utc=True)).dt.total_seconds() / 3600
    return lag.groupby(frame["source"]).median().rename("lag_hours").reset_index()


def _last_errors(store: Store) -> pd.DataFrame:
    last = (
        select(_failure.c.source, func.max(_failure.c.id).label("id"))
        .group_by(_failure.c.source)
        .subquery()
    )
    query = (
        select(_failure.c.source, _failure.c.reason.label("last_error"), _visit.c.at)
        .join(last, last.c.id == _failure.c.id)
        .join(_visit, _visit.c.id == _failure.c.visit_id)
    )
    return frame_of(store, query).rename(columns={"at": "last_error_at"})


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
    return frame_of(store, query)


def coverage(store: Store) -> pd.DataFrame:
    """Texts per source and market day: source, day (datetime64), documents, novel.

    ``novel`` leaves out those that repeat an earlier text of any source.
    """
    novel = func.sum(case((_doc.c.cluster == _doc.c.original, 1), else_=0)).label("novel")
    query = (
        select(
            _doc.c.source,
            _doc.c.market_day.label("day"),
            func.count().label("documents"),
            novel,
        )
        .where(_doc.c.version == 1)
        .group_by(_doc.c.source, _doc.c.market_day)
        .order_by(_doc.c.market_day, _doc.c.source)
    )
    frame = frame_of(store, query)
    frame["day"] = pd.to_datetime(frame["day"])
    return frame


def visited_at(store: Store, moment: datetime) -> frozenset[str]:
    """Names of the sources visited at exactly this moment."""
    with store.begin() as connection:
        query = select(_visit.c.source).where(_visit.c.at == utc(moment))
        return frozenset(connection.scalars(query))


def held_versions(store: Store, source: str) -> dict[str, frozenset[str]]:
    """Uid of each text held from a source -> hashes of all its versions."""
    query = select(_doc.c.uid, _doc.c.content_hash, _doc.c.entry_hash).where(
        _doc.c.source == source
    )
    found: dict[str, set[str]] = {}
    with store.begin() as connection:
        for uid, content, entry in connection.execute(query):
            found.setdefault(uid, set()).update({content, entry} - {""})
    return {uid: frozenset(hashes) for uid, hashes in found.items()}


def validators(store: Store, source: str) -> dict[str, Validator]:
    """What the source's servers gave at the last visit, by address."""
    query = select(_validator).where(_validator.c.source == source)
    with store.begin() as connection:
        rows = connection.execute(query).all()
    return {row.url: Validator(row.url, row.etag, row.last_modified) for row in rows}


def visit_days(store: Store) -> pd.DataFrame:
    """What the visits of each source gave on each day (New York).

    Columns: source, day (datetime64), visits, fetched, new, revised, duplicate,
    skipped, failed, unchanged (visits answered "nothing new"). A day without a
    row was not visited.
    """
    counts = ("fetched", "new", "revised", "duplicate", "skipped", "failed", "unchanged")
    query = (
        select(
            _visit.c.source,
            _visit.c.day,
            func.count().label("visits"),
            # A sum over a Boolean column would come back as one.
            *(func.sum(cast(_visit.c[name], Integer)).label(name) for name in counts),
        )
        .group_by(_visit.c.source, _visit.c.day)
        .order_by(_visit.c.day, _visit.c.source)
    )
    frame = frame_of(store, query)
    frame["day"] = pd.to_datetime(frame["day"])
    return frame


def skips(store: Store, limit: int = 500) -> pd.DataFrame:
    """What visits left out on purpose, newest first: at, source, reason, count."""
    query = (
        select(_visit.c.at, _visit.c.source, _skip.c.reason, _skip.c.count)
        .join(_visit, _visit.c.id == _skip.c.visit_id)
        .order_by(_visit.c.id.desc(), _skip.c.reason)
        .limit(limit)
    )
    return frame_of(store, query)
