"""SQLModel tables. Only ``moneygood.store`` and ``moneygood.reads`` use them."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Index, MetaData, Table, UniqueConstraint
from sqlmodel import Field, SQLModel

NAMES = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(SQLModel):
    """Own metadata with named constraints, so that migrations can alter them."""

    metadata = MetaData(naming_convention=NAMES)


class DocumentRow(Base, table=True):
    """One version of one text.

    ``original`` is the id of its first version, ``superseded_at`` when the next
    one became available, ``changed`` what this one changed. ``market_day`` is the
    first version's. ``cluster`` is the id of the first near-duplicate: a text is
    novel when that is its original. ``url_key`` identifies its address.
    """

    __tablename__ = "document"
    __table_args__ = (UniqueConstraint("uid", "version"),)

    id: int | None = Field(default=None, primary_key=True)
    uid: str
    version: int
    original: int | None = Field(default=None, index=True)
    superseded_at: dt.datetime | None
    changed: str
    source: str = Field(index=True)
    kind: str
    title: str
    body: str
    turns: str
    url: str
    guid: str
    tickers: str
    published_at: dt.datetime
    modified_at: dt.datetime | None
    first_seen_at: dt.datetime
    available_at: dt.datetime = Field(index=True)
    market_day: dt.date = Field(index=True)
    published_raw: str
    history: bool
    notes: str
    language: str
    content_hash: str = Field(index=True)
    entry_hash: str
    url_key: str = Field(index=True)
    cluster: int | None = Field(default=None, index=True)


class ScoredRow(Base, table=True):
    """That a document was read by a scorer: the unit of idempotent work."""

    __tablename__ = "scored"

    document_id: int = Field(primary_key=True, foreign_key="document.id")
    scorer: str = Field(primary_key=True)
    sentences: int
    skipped: str = ""


class SentenceRow(Base, table=True):
    """A sentence that carries at least one narrative."""

    __tablename__ = "sentence"
    __table_args__ = (UniqueConstraint("document_id", "scorer", "position"),)

    id: int | None = Field(default=None, primary_key=True)
    document_id: int = Field(foreign_key="document.id")
    scorer: str
    position: int
    text: str
    context: str
    speaker: str
    role: str
    section: str
    start: int
    end: int


class MentionRow(Base, table=True):
    """A narrative in a sentence."""

    __tablename__ = "mention"
    __table_args__ = (
        UniqueConstraint("sentence_id", "narrative"),
        Index("ix_mention_narrative_document_id", "narrative", "document_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    sentence_id: int = Field(foreign_key="sentence.id")
    document_id: int = Field(foreign_key="document.id")
    narrative: str
    probability: float
    stance: str
    affirm: float
    doubt: float
    neutral: float
    rung: str
    spans: str
    spans_by: str
    nearest: str
    nearest_similarity: float


class ObservationRow(Base, table=True):
    """One published value; revisions are further rows."""

    __tablename__ = "observation"
    __table_args__ = (UniqueConstraint("series", "date", "first_seen_at"),)

    id: int | None = Field(default=None, primary_key=True)
    series: str = Field(index=True)
    date: dt.date
    value: float
    unit: str
    currency: str
    first_seen_at: dt.datetime
    available_at: dt.datetime
    source: str


class VisitRow(Base, table=True):
    """One visit to one source: what it gave.

    ``unchanged``: the server said nothing is new. ``day`` is the day in New York.
    """

    __tablename__ = "visit"

    id: int | None = Field(default=None, primary_key=True)
    source: str = Field(index=True)
    at: dt.datetime
    day: dt.date = Field(index=True)
    fetched: int
    new: int
    revised: int
    duplicate: int
    skipped: int
    failed: int
    unchanged: bool


class FailureRow(Base, table=True):
    """Why something in a visit could not be read."""

    __tablename__ = "failure"

    id: int | None = Field(default=None, primary_key=True)
    visit_id: int = Field(foreign_key="visit.id", index=True)
    source: str
    subject: str
    reason: str
    remedy: str


class SkipRow(Base, table=True):
    """Items of a visit left out on purpose, by reason."""

    __tablename__ = "skip"

    visit_id: int = Field(primary_key=True, foreign_key="visit.id")
    reason: str = Field(primary_key=True)
    count: int


class ValidatorRow(Base, table=True):
    """What a server gave to ask later whether an address has changed."""

    __tablename__ = "validator"

    source: str = Field(primary_key=True)
    url: str = Field(primary_key=True)
    etag: str
    last_modified: str


class HostRow(Base, table=True):
    """What is to be remembered of a host between requests: bucket, pause, robots.txt.

    ``at`` and ``until`` are seconds since 1970 (UTC).
    """

    __tablename__ = "host"

    host: str = Field(primary_key=True)
    tokens: float | None
    at: float | None
    until: float | None
    robots: str | None
    robots_at: dt.datetime | None


class IndexPointRow(Base, table=True):
    """One value of one series; a later ``as_of`` is a new vintage of the date."""

    __tablename__ = "index_point"

    series: str = Field(primary_key=True)
    date: dt.date = Field(primary_key=True)
    as_of: dt.datetime = Field(primary_key=True)
    value: float | None
    lo: float | None
    hi: float | None
    documents: int
    sources: int
    method: str


class RelationRow(Base, table=True):
    """Rolling correlation and divergence of one pair at one date, as last computed."""

    __tablename__ = "relation"

    narrative: str = Field(primary_key=True)
    series: str = Field(primary_key=True)
    date: dt.date = Field(primary_key=True)
    corr: float | None
    lo: float | None
    hi: float | None
    n: int
    z: float | None
    state: str
    fit: float | None
    as_of: dt.datetime


class AlertRow(Base, table=True):
    """State of a rule at a market day: one evaluation a day, kept."""

    __tablename__ = "alert"

    rule: str = Field(primary_key=True)
    labels: str = Field(primary_key=True)
    day: dt.date = Field(primary_key=True)
    state: str
    since: dt.date | None
    value: float | None
    summary: str
    evidence: str


class ModeRow(Base, table=True):
    """What this database holds (``sample`` or ``live``), its clock, its current scorer."""

    __tablename__ = "mode"

    id: int | None = Field(default=None, primary_key=True)
    mode: str
    as_of: dt.datetime
    scorer: str


def table(model: type[Base]) -> Table:
    """The SQLAlchemy table of a model, typed."""
    return model.metadata.tables[str(model.__tablename__)]
