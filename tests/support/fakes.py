"""A small invented database with every kind of row the dashboard shows."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from moneygood import reads
from moneygood.market_days import NEW_YORK, market_days
from moneygood.records import (
    Alert,
    AlertState,
    Collected,
    Document,
    Failure,
    IndexPoint,
    Judgement,
    Kind,
    Narrative,
    Observation,
    Role,
    Rung,
    Section,
    Sentence,
    SentenceScore,
    Skip,
    SpansBy,
    Stance,
    Turn,
)
from moneygood.store import Store

START = date(2024, 10, 1)
SCORER = "fake.v1"
HOSTILE_TITLE = "<script>alert('x')</script> **bold** [click](javascript:alert(1)) :fire: $x^2$"
HOSTILE_URL = "javascript:alert(document.cookie)"
HOSTILE_WORDS = "<img src=x onerror=alert(3)> ~~[click](javascript:alert(4))~~ :fire: **]** `x` $y$"
WATCHED_DAYS = 14
REVISED_ON = (1, 2)
GAP = slice(40, 44)
SENTENCES = {
    "ai_capex": "Quarrel Computing will raise spending on data centers to {n} billion dollars.",
    "deepseek": "DeepSeek showed that a good model can be trained for {n} million dollars.",
    "jevons": "Cheaper answers bring more questions, so demand for compute grew {n} times.",
    "reassurance": "Nothing has changed in our plans and the worry about {n} sites is overdone.",
}
NEAR = "ac048"
EXPLAINED: dict[str, Any] = {
    "jevons": {"spans_by": SpansBy.ATTRIBUTION, "nearest": NEAR, "nearest_similarity": 0.8125},
    "reassurance": {"nearest": "of-a-later-version", "nearest_similarity": 0.7},
}
SOURCES = {"harbour-post": Kind.NEWS, "ledger-wire": Kind.NEWS, "halden-calls": Kind.TRANSCRIPT}


def build_store(path: Path, seed: int = 1, *, days: int = 120, mode: str = "sample") -> Path:
    """Write the database to ``path``: same seed, same content. Returns ``path``."""
    chance = random.Random(seed)
    calendar = market_days(START, START + timedelta(days=days * 2))[:days]
    as_of = datetime.combine(calendar[-1], time(18), NEW_YORK).astimezone(UTC)
    with Store(path) as store:
        for source, kind in SOURCES.items():
            store.save_collected(
                Collected(source, documents=_documents(source, kind, calendar, chance)),
                at=as_of,
                history=True,
            )
        store.save_collected(_yields(calendar, chance), at=as_of, history=True)
        _watch(store, calendar[-1])
        store.save_collected(_broken(), at=as_of, history=False)
        store.save_clusters(_heads(store))
        blocks = [
            (key, _scores(document, key, chance), "")
            for key, document in reads.pending(store, SCORER)
        ]
        store.save_scores(SCORER, blocks)
        store.save_index(_points(calendar, as_of, seed))
        store.replace_relations(_relations(calendar, as_of, seed))
        store.save_alerts(_alerts(calendar))
        store.save_mode(mode, as_of, SCORER)
    return path


def build_empty(path: Path) -> Path:
    """A migrated database in which nothing has been run yet."""
    Store(path).close()
    return path


def _documents(
    source: str, kind: Kind, calendar: list[date], chance: random.Random
) -> tuple[Document, ...]:
    documents = []
    for i, day in enumerate(calendar):
        if day in calendar[GAP] or (kind is Kind.TRANSCRIPT and i % 12):
            continue
        moment = datetime.combine(day, time(10), NEW_YORK).astimezone(UTC)
        n = chance.randint(2, 90)
        texts = [SENTENCES[k].format(n=n + j) for j, k in enumerate(SENTENCES)]
        title = f"Racks, rates and the {i + 1}. morning"
        url = f"https://{source}.example/{i}"
        if source == "harbour-post" and i == len(calendar) - 1:
            title, url = HOSTILE_TITLE, HOSTILE_URL
            texts[0] += " <img src=x onerror=alert(1)> [here](javascript:alert(2)) :material/home:"
        turns: tuple[Turn, ...] = ()
        if kind is Kind.TRANSCRIPT:
            turns = (
                Turn(
                    "Ada Quill, Chief Executive", Role.MANAGEMENT, Section.PREPARED, " ".join(texts)
                ),
                Turn("Tom Reed, Analyst", Role.ANALYST, Section.QA, "Are you over-building?"),
            )
        documents.append(
            Document(
                source=source,
                kind=kind,
                title=title,
                published_at=moment,
                first_seen_at=moment,
                body=""
                if turns
                else "\n\n".join((texts[0] + " " + texts[1], texts[2] + " " + texts[3])),
                turns=turns,
                url=url,
                guid=f"{source}-{i}",
                history=True,
                notes=("no time of day: taken as 10:00",) if i % 9 == 0 else (),
            )
        )
    return tuple(documents)


def _scores(document: Document, key: int, chance: random.Random) -> list[SentenceScore]:
    parts = document.text.replace("\n\n", " ").replace(". ", ".\n").split("\n")
    scores = []
    for position, text in enumerate(parts):
        found = [n for n, form in SENTENCES.items() if text.startswith(form[:12])]
        if not found or chance.random() < 0.35:
            continue
        stance = chance.choices(list(Stance), (5, 3, 2))[0]
        order = {Stance.AFFIRM: 0, Stance.DOUBT: 1, Stance.NEUTRAL: 2}[stance]
        p = [0.1, 0.1, 0.1]
        p[order] = 0.8
        called = document.kind is Kind.TRANSCRIPT
        rung = chance.choice(list(Rung)) if found[0] == "reassurance" and order == 0 else None
        sentence = Sentence(
            text=text,
            position=position,
            context=parts[position - 1] if position else "",
            speaker="Ada Quill, Chief Executive" if called else "",
            role=Role.MANAGEMENT if called else Role.JOURNALIST,
            section=Section.PREPARED if called else Section.NONE,
        )
        judgement = Judgement(
            found[0],
            round(chance.uniform(0.6, 0.99), 3),
            True,
            stance,
            (p[0], p[1], p[2]),
            ((0, 8),),
            **EXPLAINED.get(found[0], {}),
        )
        scores.append(SentenceScore(sentence, (judgement,), rung, SCORER))
    return scores


def _yields(calendar: list[date], chance: random.Random) -> Collected:
    level = {"y2": 3.6, "y5": 3.5, "y10": 3.8, "y30": 4.1}
    rows = []
    for day in calendar:
        seen = datetime.combine(day, time(18), NEW_YORK).astimezone(UTC)
        for series in level:
            level[series] += chance.gauss(0.002, 0.04)
            rows.append(Observation(series, day, round(level[series], 2), seen, "treasury"))
    return Collected("treasury", observations=tuple(rows))


def _broken(skips: int = 2) -> Collected:
    failures = tuple(
        Failure(
            "circuit-notes",
            f"https://circuit-notes.example/feed/{i}",
            "answered 503 Service Unavailable",
            "Nothing to do: it is asked again at the next visit.",
        )
        for i in range(3)
    )
    return Collected(
        "circuit-notes", failures=failures, skips=(Skip("language de", skips),) if skips else ()
    )


def _heads(store: Store) -> dict[int, int]:
    """Every text its own head, but those of the ember-feed: they repeat the slate-desk's."""
    texts = list(reads.pending(store, SCORER))
    desk: dict[str, int] = {}
    for key, text in texts:
        if text.source == "slate-desk":
            desk.setdefault(text.title, key)
    return {
        key: desk.get(text.title, key) if text.source == "ember-feed" else key
        for key, text in texts
    }


def _watch(store: Store, last: date) -> None:
    """Two weeks of visits to watched sources, up to ``last``, weekends too.

    slate-desk: read, revised, nothing new on day 3, a gap on days 5 to 7, failed on
    day 9, in part on day 10. ember-feed: repeats the desk, quiet since day 8.
    tide-bulletin: not visited after day 9. circuit-notes: failed on days 12 and 13.
    """
    for i in range(WATCHED_DAYS):
        day = last - timedelta(days=WATCHED_DAYS - 1 - i)
        at = datetime.combine(day, time(9), NEW_YORK).astimezone(UTC)
        visits = {
            "slate-desk": None if i in {5, 6, 7} else _desk(i, at),
            "ember-feed": _visit("ember-feed", i, at, lag=2.0)
            if i < 8
            else Collected("ember-feed"),
            "tide-bulletin": _visit("tide-bulletin", i, at, lag=0.25) if i < 10 else None,
            "circuit-notes": _broken(skips=0) if i >= 12 else None,
        }
        for visit in visits.values():
            if visit is not None:
                store.save_collected(visit, at=at, history=False)


def _desk(i: int, at: datetime) -> Collected:
    if i == 3:
        return Collected("slate-desk", unchanged=True)
    failed = (Failure("slate-desk", "https://slate-desk.example/feed", "took over 30 s", ""),)
    if i == 9:
        return Collected("slate-desk", failures=failed)
    visit = _visit("slate-desk", i, at, lag=0.5)
    documents = visit.documents
    if i in REVISED_ON:
        documents = (*documents, _revised(i, at))
    skips = (Skip("older than the period asked for", 4), Skip("language de", 1))
    return Collected(
        "slate-desk", documents=documents, skips=skips, failures=failed if i == 10 else ()
    )


def _visit(source: str, i: int, at: datetime, *, lag: float) -> Collected:
    documents = []
    for j in range(1 + i % 3):
        seen = at - timedelta(hours=lag)
        sentences = [form.format(n=20 + 3 * i + j) for form in SENTENCES.values()]
        documents.append(
            Document(
                source=source,
                kind=Kind.NEWS,
                title=f"Desk note {i}.{j}" if source != "tide-bulletin" else f"Tide {i}.{j}",
                published_at=seen,
                first_seen_at=at,
                body=" ".join(sentences),
                url=f"https://{source}.example/{i}/{j}",
                guid=f"{source}-{i}-{j}",
            )
        )
    return Collected(source, documents=tuple(documents))


def _revised(i: int, at: datetime) -> Document:
    """A later version of the desk's first text: other words, then another title too."""
    first = _visit("slate-desk", 0, at, lag=0).documents[0]
    late = i == max(REVISED_ON)
    return replace(
        first,
        title=f"{first.title}: corrected {HOSTILE_TITLE}" if late else first.title,
        body=first.body.replace("is overdone", "is not overdone at all")
        + (f" {HOSTILE_WORDS}" if late else ""),
    )


def _points(calendar: list[date], as_of: datetime, seed: int) -> list[IndexPoint]:
    draw = np.random.default_rng(seed)
    levels = {
        **{str(n): (100.0, 9.0, 35.0) for n in Narrative},
        **{f"{n}.share": (30.0, 3.0, 9.0) for n in Narrative},
        "balance": (0.2, 0.05, 0.18),
        "retreat": (0.7, 0.05, 0.3),
    }
    points = []
    for series, (level, step, half) in levels.items():
        for i, day in enumerate(calendar):
            level += draw.normal(0, step) - 0.02 * (level - levels[series][0])
            if day in calendar[GAP]:
                continue
            value = max(level, 0.0) if series not in {"balance"} else float(np.clip(level, -1, 1))
            if series == "retreat":
                value = float(np.clip(level, 0, 2))
            points.append(
                IndexPoint(
                    series,
                    day,
                    round(float(value), 4),
                    round(float(value - half), 4),
                    round(float(value + half), 4),
                    8 + i % 5,
                    3,
                    as_of,
                    "share.v1/w5/m5/b252/q0.9/d400",
                )
            )
    return points


def _relations(calendar: list[date], as_of: datetime, seed: int) -> list[dict[str, object]]:
    draw = np.random.default_rng(seed + 1)
    rows: list[dict[str, object]] = []
    for narrative in (*Narrative, "balance"):
        for series in ("y2", "y5", "y10", "y30"):
            corr, z = 0.0, 0.0
            for i, day in enumerate(calendar):
                corr = float(np.clip(corr + draw.normal(0, 0.06), -0.7, 0.7))
                z = 0.9 * z + float(draw.normal(0, 0.8))
                known = i >= 60
                state = (
                    "unrelated" if abs(corr) < 0.25 else "diverging" if abs(z) > 2 else "aligned"
                )
                rows.append(
                    {
                        "narrative": str(narrative),
                        "series": series,
                        "date": day,
                        "corr": corr if known else None,
                        "lo": corr - 0.25 if known else None,
                        "hi": corr + 0.25 if known else None,
                        "n": 60 if known else i,
                        "z": z if known else None,
                        "state": state if known else "no data",
                        "fit": corr**2 if known else None,
                        "as_of": as_of,
                    }
                )
    return rows


def _alerts(calendar: list[date]) -> list[Alert]:
    last = calendar[-6:]
    alerts = []
    for i, day in enumerate(last):
        firing = i >= 3
        alerts.append(
            Alert(
                "narrative-yield-divergence",
                (("narrative", "balance"), ("severity", "page"), ("yield", "y10")),
                AlertState.FIRING if firing else AlertState.PENDING,
                last[3] if firing else last[0],
                2.4 + i / 10,
                day,
                "Balance and the 10-year yield have parted ways.",
                ("z 2.9 against a threshold of 2", "fit 0.18 over 60 market days"),
            )
        )
        alerts.append(
            Alert("coverage", (("severity", "note"),), AlertState.NO_DATA, None, None, day, "", ())
        )
    return alerts
