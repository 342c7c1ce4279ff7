"""Frozen records that cross folder boundaries.

The data path is ``Source -> Document -> Sentence -> Mention -> IndexPoint
(+ Observation) -> Relation | Divergence -> Alert``. The four folders meet only
here: nothing in this module reads a clock, a socket or a store.

All datetimes are timezone-aware UTC; all dates are market days in
America/New_York unless a field says otherwise.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum

from moneygood.urls import canonical


class Kind(StrEnum):
    """What sort of text a document is."""

    NEWS = "news"
    TRANSCRIPT = "transcript"
    SPEECH = "speech"
    FILING = "filing"


class Role(StrEnum):
    """Who speaks a sentence."""

    MANAGEMENT = "management"
    ANALYST = "analyst"
    OFFICIAL = "official"
    JOURNALIST = "journalist"
    OPERATOR = "operator"
    UNKNOWN = "unknown"


class Section(StrEnum):
    """Part of an earnings call; ``NONE`` for every other text."""

    PREPARED = "prepared"
    QA = "qa"
    NONE = ""


class Narrative(StrEnum):
    """The four shipped narratives; definitions in ``nlp/narratives.toml``."""

    AI_CAPEX = "ai_capex"
    DEEPSEEK = "deepseek"
    JEVONS = "jevons"
    REASSURANCE = "reassurance"


class Stance(StrEnum):
    """Direction of a sentence towards the narrative it carries."""

    AFFIRM = "affirm"
    DOUBT = "doubt"
    NEUTRAL = "neutral"


class Rung(StrEnum):
    """The ladder of retreat, only where reassurance is affirmed."""

    DENIAL = "denial"
    CONTAINMENT = "containment"
    MONEY_GOOD = "money_good"

    @property
    def height(self) -> int:
        """0 for denial, 1 for containment, 2 for money-good."""
        return list(Rung).index(self)


def content_hash(title: str, text: str) -> str:
    """SHA-256 (hex) of title and text with white space collapsed."""
    flat = " ".join(f"{title}\n{text}".split())
    return hashlib.sha256(flat.encode("utf-8", "replace")).hexdigest()


@dataclass(frozen=True, slots=True)
class Turn:
    """One speaker's uninterrupted words in a call."""

    speaker: str
    role: Role
    section: Section
    text: str


@dataclass(frozen=True, slots=True)
class Document:
    """One text as collected.

    ``body`` holds running text; calls with speakers hold ``turns`` instead.
    ``history`` marks imported archives, whose availability is their
    publication time; watched sources were available no earlier than first seen.
    ``notes`` says what was odd about the input ("no date: taken as first seen").
    ``modified_at`` is when the publisher says it was last changed. ``entry_hash``
    is the hash of what a feed said of it where the text comes from elsewhere (the
    page it links to): it tells whether the page is worth fetching again.
    ``language`` is an ISO 639-1 code, or empty where it was not detected.
    """

    source: str
    kind: Kind
    title: str
    published_at: datetime
    first_seen_at: datetime
    body: str = ""
    turns: tuple[Turn, ...] = ()
    url: str = ""
    guid: str = ""
    tickers: tuple[str, ...] = ()
    published_raw: str = ""
    history: bool = False
    notes: tuple[str, ...] = ()
    modified_at: datetime | None = None
    entry_hash: str = ""
    language: str = ""

    def __post_init__(self) -> None:
        for name in ("published_at", "first_seen_at", "modified_at"):
            moment = getattr(self, name)
            if moment is not None and moment.tzinfo is None:
                raise ValueError(f"Document.{name} of {self.title!r} has no time zone; use UTC")

    @property
    def text(self) -> str:
        """Body, or the turns joined by blank lines."""
        return self.body or "\n\n".join(turn.text for turn in self.turns)

    @property
    def available_at(self) -> datetime:
        """When a reader could first have used it (UTC)."""
        if self.history:
            return self.published_at
        return max(self.published_at, self.first_seen_at)

    @property
    def content_hash(self) -> str:
        """SHA-256 of title and text, white space collapsed."""
        return content_hash(self.title, self.text)

    @property
    def uid(self) -> str:
        """Stable identity: source and GUID, else canonical address, else content."""
        key = self.guid or canonical(self.url) or self.content_hash
        return hashlib.sha256(f"{self.source}\n{key}".encode("utf-8", "replace")).hexdigest()[:24]


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence and what a careful reader needs beside it.

    ``start`` and ``end`` are character offsets in the turn or body it came from.
    """

    text: str
    position: int = 0
    context: str = ""
    speaker: str = ""
    role: Role = Role.UNKNOWN
    section: Section = Section.NONE
    start: int = 0
    end: int = 0
    title: str = ""
    kind: Kind = Kind.NEWS


Span = tuple[int, int]


class SpansBy(StrEnum):
    """What the spans of a judgement are: its narrative's phrases, or what moved the model."""

    PHRASE = "phrase"
    ATTRIBUTION = "attribution"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one scorer says of one sentence and one narrative.

    ``probability`` is calibrated; ``present`` is the decision. ``stance_p``
    orders affirm, doubt, neutral and sums to 1. ``spans`` are character
    offsets in the sentence. ``nearest`` is the id of the training sentence it reads
    most like ("" where none is known), ``nearest_similarity`` their cosine.
    """

    narrative: str
    probability: float
    present: bool
    stance: Stance
    stance_p: tuple[float, float, float]
    spans: tuple[Span, ...] = ()
    spans_by: str = SpansBy.PHRASE
    nearest: str = ""
    nearest_similarity: float = 0.0


@dataclass(frozen=True, slots=True)
class SentenceScore:
    """All judgements of one sentence; ``rung`` only with affirmed reassurance."""

    sentence: Sentence
    judgements: tuple[Judgement, ...]
    rung: Rung | None
    scorer: str

    def mentions(self) -> tuple[Mention, ...]:
        """The narratives present, one record each."""
        return tuple(
            Mention(
                sentence=self.sentence,
                narrative=j.narrative,
                probability=j.probability,
                stance=j.stance,
                stance_p=j.stance_p,
                rung=self.rung if j.narrative == Narrative.REASSURANCE else None,
                spans=j.spans,
                scorer=self.scorer,
                spans_by=j.spans_by,
                nearest=j.nearest,
                nearest_similarity=j.nearest_similarity,
            )
            for j in self.judgements
            if j.present
        )


@dataclass(frozen=True, slots=True)
class Mention:
    """A narrative found in a sentence."""

    sentence: Sentence
    narrative: str
    probability: float
    stance: Stance
    stance_p: tuple[float, float, float]
    rung: Rung | None
    spans: tuple[Span, ...]
    scorer: str
    spans_by: str = SpansBy.PHRASE
    nearest: str = ""
    nearest_similarity: float = 0.0


@dataclass(frozen=True, slots=True)
class Observation:
    """One value of one market series as published on one day.

    ``series`` is a short id (``y10``, ``price:SPY``); yields are in percent.
    Append-only: a revision is a new record with a later ``first_seen_at``.
    ``unit`` is ``percent``, ``price`` or ``index``; ``currency`` an ISO 4217 code
    where the value is money. ``vintage`` marks a ``first_seen_at`` that is the
    publisher's own record of when the value came out (ALFRED).
    """

    series: str
    date: date
    value: float
    first_seen_at: datetime
    source: str = ""
    unit: str = "percent"
    currency: str = ""
    vintage: bool = False


@dataclass(frozen=True, slots=True)
class Failure:
    """Something that could not be read, why, and what to do about it."""

    source: str
    subject: str
    reason: str
    remedy: str = ""

    def __str__(self) -> str:
        tail = f" {self.remedy}" if self.remedy else ""
        return f"{self.source}: {self.subject}: {self.reason}.{tail}"


@dataclass(frozen=True, slots=True)
class Skip:
    """Items left out on purpose, and why ("language de", "older than 2025-01-01")."""

    reason: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class Validator:
    """What a server gave to ask later whether an address has changed."""

    url: str
    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True, slots=True)
class Collected:
    """What one source yielded in one visit: values and failures side by side.

    ``unchanged``: the server said that nothing is new since the last visit.
    ``validators`` are to be kept for the next visit, with the documents or not
    at all: else what came with them would be lost.
    """

    source: str
    documents: tuple[Document, ...] = ()
    observations: tuple[Observation, ...] = ()
    failures: tuple[Failure, ...] = ()
    skips: tuple[Skip, ...] = ()
    validators: tuple[Validator, ...] = ()
    unchanged: bool = False

    @property
    def skipped(self) -> int:
        """Items left out on purpose."""
        return sum(skip.count for skip in self.skips)


@dataclass(frozen=True, slots=True)
class IndexPoint:
    """One value of one published series.

    ``lo`` and ``hi`` bound the 90% band. ``documents`` and ``sources`` are what
    the value rests on. ``as_of`` is the moment whose knowledge it uses.
    """

    series: str
    date: date
    value: float
    lo: float
    hi: float
    documents: int
    sources: int
    as_of: datetime
    method: str


class AlertState(StrEnum):
    """Prometheus-like states; ``NO_DATA`` is kept apart from ``INACTIVE``."""

    INACTIVE = "inactive"
    PENDING = "pending"
    FIRING = "firing"
    RESOLVED = "resolved"
    NO_DATA = "no data"


@dataclass(frozen=True, slots=True)
class Alert:
    """State of one rule for one label set at one market day."""

    rule: str
    labels: tuple[tuple[str, str], ...]
    state: AlertState
    since: date | None
    value: float | None
    day: date
    summary: str = ""
    evidence: tuple[str, ...] = field(default=())


def utc(moment: datetime) -> datetime:
    """The same moment in UTC; a naive moment is taken as UTC already."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
