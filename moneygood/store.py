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
from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    bindparam,
    create_engine,
    delete,
    event,
    insert,
    select,
    update,
)
from sqlalchemy.exc import DBAPIError

from moneygood.document_rows import Saved, insert_documents
from moneygood.errors import StoreError
from moneygood.observation_rows import insert_observations
from moneygood.records import (
    Alert,
    Collected,
    IndexPoint,
    SentenceScore,
    utc,
)
from moneygood.score_rows import insert_score
from moneygood.store_errors import explain
from moneygood.tables import (
    AlertRow,
    DocumentRow,
    IndexPointRow,
    ModeRow,
    RelationRow,
    ScoredRow,
    table,
)
from moneygood.visit_rows import insert_visit

BUSY_SECONDS = 30


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
            raise explain(self.path, str(getattr(error, "orig", None) or error)) from error

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

    def save_collected(self, collected: Collected, *, at: datetime, history: bool) -> Saved:
        """Write one source's yield and its visit in one transaction.

        A text held in the same words and an unchanged observation count as
        duplicates. What the server gave to ask for changes is kept with them.
        """
        with self.begin() as connection:
            texts = insert_documents(connection, collected.documents, at)
            values = insert_observations(connection, collected.observations, history=history)
            saved = Saved(
                texts.new + values,
                texts.revised,
                texts.duplicate + len(collected.observations) - values,
            )
            insert_visit(connection, collected, saved, at)
        return saved

    def save_clusters(self, heads: dict[int, int]) -> None:
        """Set the near-duplicate head of each document id."""
        rows = table(DocumentRow)
        # Versions of a text belong to the cluster of its first.
        query = (
            update(rows)
            .where(rows.c.original == bindparam("key"))
            .values(cluster=bindparam("head"))
        )
        with self.begin() as connection:
            if heads:
                pairs = [{"key": key, "head": head} for key, head in heads.items()]
                connection.execute(query, pairs)

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
                mentions += sum(insert_score(connection, document_id, s) for s in scores)
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


def _finite(value: float | None) -> float | None:
    return value if value is not None and value == value and abs(value) != float("inf") else None


def _point_values(row: Any) -> tuple[Any, ...]:
    return (row.value, row.lo, row.hi, row.documents, row.sources, row.method)
