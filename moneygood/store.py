"""The database: opening, migrating, and every write.

SQLite in WAL mode. A writer's transaction begins IMMEDIATE (SQLite's default
lets two read-then-write transactions lose an update silently) and waits for a
busy database; readers open the file read-only and never take the write lock.
Reads for the dashboard and the signals are in ``moneygood.reads``.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    create_engine,
    delete,
    event,
    insert,
    select,
    update,
)
from sqlalchemy.exc import DBAPIError

from moneygood.errors import StoreError
from moneygood.market_days import NEW_YORK, market_day
from moneygood.records import (
    Alert,
    Collected,
    Document,
    IndexPoint,
    Observation,
    Role,
    Section,
    SentenceScore,
    Turn,
    utc,
)
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

BUSY_SECONDS = 30
BACKFILL = timedelta(days=10)


def _engine(path: Path, *, readonly: bool, busy_seconds: float = BUSY_SECONDS) -> Engine:
    # Quoted, or a ? or # in a folder's name would end the path.
    mode = "ro" if readonly else "rwc"
    name = f"file:{quote(str(path))}"
    url = URL.create("sqlite", database=name, query={"mode": mode, "uri": "true"})
    engine = create_engine(url, connect_args={"timeout": busy_seconds, "isolation_level": None})

    @event.listens_for(engine, "connect")
    def _on_connect(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA foreign_keys=ON")
        if not readonly:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN" if readonly else "BEGIN IMMEDIATE")

    return engine


class Store:
    """One database file.

    ``Store(path)`` creates and migrates it; ``Store(path, readonly=True)``
    opens what is there. Raises StoreError naming the file and the remedy.
    """

    def __init__(
        self, path: Path, *, readonly: bool = False, busy_seconds: float = BUSY_SECONDS
    ) -> None:
        self.path = path
        self.engine = _engine(path, readonly=readonly, busy_seconds=busy_seconds)
        if readonly:
            if not path.exists():
                raise StoreError(
                    str(path), "there is no database yet", "Run `moneygood run --sample` first"
                )
            with self._explained():
                self._check_head()
            return
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(
                str(path.parent),
                f"cannot be created ({error.strerror})",
                "Set MONEYGOOD_HOME to a folder you may write to",
            ) from error
        with self._explained():
            self._migrate()

    def _current(self) -> str | None:
        with self.engine.connect() as connection:
            tables = connection.exec_driver_sql(
                "SELECT name FROM sqlite_master WHERE name='alembic_version'"
            ).all()
            if not tables:
                return None
            row = connection.exec_driver_sql("SELECT version_num FROM alembic_version").first()
            return str(row[0]) if row else None

    def _check_head(self) -> None:
        from moneygood.migrations import HEAD

        current = self._current()
        if current != HEAD:
            raise StoreError(
                str(self.path),
                f"has schema {current or 'none'}, this version reads {HEAD}",
                "Run `moneygood doctor --migrate`, which brings an older one up to date",
            )

    def _migrate(self) -> None:
        from moneygood.migrations import HEAD, KNOWN, upgrade

        current = self._current()
        if current not in (None, *KNOWN):
            raise StoreError(
                str(self.path),
                f"has schema {current}, this version reads {HEAD}",
                "Install the newer Moneygood that wrote it",
            )
        if current != HEAD:
            upgrade(self.engine)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (DBAPIError, sqlite3.Error) as error:
            raise _explain(self.path, str(getattr(error, "orig", None) or error)) from error

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A transaction: all of it or nothing. Raises StoreError with a remedy."""
        with self._explained(), self.engine.begin() as connection:
            yield connection

    def close(self) -> None:
        """Let go of the file."""
        self.engine.dispose()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- collect ---------------------------------------------------------------

    def save_collected(self, collected: Collected, *, at: datetime, history: bool) -> int:
        """Write one source's yield and its visit in one transaction.

        A document already there (same source and GUID, URL or content) and an
        unchanged observation count as duplicates. Returns the number of new
        rows of both sorts.
        """
        with self.begin() as connection:
            new = _insert_documents(connection, collected.documents)
            new += _insert_observations(connection, collected.observations, history=history)
            total = len(collected.documents) + len(collected.observations)
            visit = connection.execute(
                insert(VisitRow).values(
                    source=_clean(collected.source),
                    at=utc(at),
                    fetched=total,
                    new=new,
                    duplicate=total - new,
                    skipped=collected.skipped,
                    failed=len(collected.failures),
                )
            ).inserted_primary_key
            if collected.failures and visit is not None:
                connection.execute(
                    insert(FailureRow),
                    [
                        {
                            "visit_id": visit[0],
                            "source": _clean(f.source),
                            "subject": _clean(f.subject),
                            "reason": _clean(f.reason),
                            "remedy": _clean(f.remedy),
                        }
                        for f in collected.failures
                    ],
                )
        return new

    def save_clusters(self, heads: dict[int, int]) -> None:
        """Set the near-duplicate head of each document id."""
        rows = table(DocumentRow)
        with self.begin() as connection:
            for key, head in heads.items():
                connection.execute(update(rows).where(rows.c.id == key).values(cluster=head))

    # -- score -----------------------------------------------------------------

    def save_scores(
        self, scorer: str, scored: Sequence[tuple[int, Sequence[SentenceScore], str]]
    ) -> int:
        """Write a block of scored documents in one transaction.

        Each item is (document id, scores of all its sentences, reason it was
        skipped or ""). Documents this scorer has already read are left as they
        are. Returns the number of mentions written.
        """
        mentions = 0
        done_by = table(ScoredRow).c
        with self.begin() as connection:
            ids = [item[0] for item in scored]
            done = set(
                connection.scalars(
                    select(done_by.document_id).where(
                        done_by.scorer == scorer, done_by.document_id.in_(ids)
                    )
                )
            )
            for document_id, scores, skipped in scored:
                if document_id in done:
                    continue
                connection.execute(
                    insert(ScoredRow).values(
                        document_id=document_id,
                        scorer=scorer,
                        sentences=len(scores),
                        skipped=skipped,
                    )
                )
                mentions += sum(_insert_score(connection, document_id, s) for s in scores)
        return mentions

    # -- signals ---------------------------------------------------------------

    def save_index(self, points: Iterable[IndexPoint]) -> int:
        """Append the points that differ from their latest vintage; count them."""
        with self.begin() as connection:
            latest: dict[tuple[str, date], tuple[Any, ...]] = {}
            columns = table(IndexPointRow).c
            order = select(table(IndexPointRow)).order_by(columns.as_of)
            for row in connection.execute(order):
                latest[row.series, row.date] = _point_values(row)
            fresh: list[dict[str, Any]] = [
                {
                    "series": p.series,
                    "date": p.date,
                    "as_of": utc(p.as_of),
                    "value": _finite(p.value),
                    "lo": _finite(p.lo),
                    "hi": _finite(p.hi),
                    "documents": p.documents,
                    "sources": p.sources,
                    "method": p.method,
                }
                for p in points
            ]
            fresh = [
                row
                for row in fresh
                if latest.get((row["series"], row["date"]))
                != tuple(row[k] for k in ("value", "lo", "hi", "documents", "sources", "method"))
            ]
            if fresh:
                connection.execute(insert(IndexPointRow).prefix_with("OR REPLACE"), fresh)
        return len(fresh)

    def replace_relations(self, rows: Sequence[dict[str, Any]]) -> None:
        """Put this computation's relation table in the place of the last one."""
        with self.begin() as connection:
            connection.execute(delete(RelationRow))
            if rows:
                connection.execute(insert(RelationRow), rows)

    def save_alerts(self, alerts: Sequence[Alert]) -> None:
        """Keep one evaluation per rule, labels and day; the last one stands."""
        with self.begin() as connection:
            for alert in alerts:
                connection.execute(
                    insert(AlertRow)
                    .prefix_with("OR REPLACE")
                    .values(
                        rule=alert.rule,
                        labels=json.dumps(dict(alert.labels), sort_keys=True),
                        day=alert.day,
                        state=alert.state.value,
                        since=alert.since,
                        value=_finite(alert.value),
                        summary=alert.summary,
                        evidence=json.dumps(list(alert.evidence)),
                    )
                )

    def save_mode(self, mode: str, as_of: datetime, scorer: str) -> None:
        """Record what this database holds, the moment it was brought up to, its scorer."""
        with self.begin() as connection:
            connection.execute(delete(ModeRow))
            connection.execute(
                insert(ModeRow).values(id=1, mode=mode, as_of=utc(as_of), scorer=scorer)
            )


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


def _insert_documents(connection: Connection, documents: Sequence[Document]) -> int:
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
        {"speaker": _clean(t.speaker), "role": t.role, "section": t.section, "text": _clean(t.text)}
        for t in document.turns
    ]
    clean = _clean
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


def _clean(text: str) -> str:
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


def _insert_observations(
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


def _insert_score(connection: Connection, document_id: int, score: SentenceScore) -> int:
    mentions = score.mentions()
    if not mentions:
        return 0
    s = score.sentence
    key = connection.execute(
        insert(SentenceRow).values(
            document_id=document_id,
            scorer=score.scorer,
            position=s.position,
            text=_clean(s.text),
            context=_clean(s.context),
            speaker=_clean(s.speaker),
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


def _finite(value: float | None) -> float | None:
    return value if value is not None and value == value and abs(value) != float("inf") else None


def _point_values(row: Any) -> tuple[Any, ...]:
    return (row.value, row.lo, row.hi, row.documents, row.sources, row.method)


def _explain(path: Path, message: str) -> StoreError:
    remedies = {
        "locked": (
            "is locked by another process",
            "Wait for the other `moneygood` to end, or stop it",
        ),
        "readonly": (
            "is read-only",
            "Make the file and its folder writable, or set MONEYGOOD_HOME to another folder",
        ),
        "unable to open": (
            "cannot be opened",
            "Check that the folder exists and may be written, or set MONEYGOOD_HOME",
        ),
        "not a database": (
            "is not a Moneygood database",
            "Move the file away; the next run makes a new one",
        ),
        "already exists": (
            "is not a Moneygood database",
            "Move the file away; the next run makes a new one",
        ),
        "malformed": (
            "is damaged",
            "Restore it from a backup, or move it away and run again",
        ),
        "disk I/O": (
            "cannot be read or written (disk I/O error)",
            "Check that the path is a file and the disk is sound",
        ),
        "full": (
            "the disk is full; nothing was written",
            "Free some space and run again: work goes on where it stopped",
        ),
    }
    for needle, (reason, remedy) in remedies.items():
        if needle in message:
            return StoreError(str(path), reason, remedy)
    return StoreError(str(path), message)
