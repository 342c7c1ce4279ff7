"""Alert: rules evaluated on every market day not evaluated yet, state kept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pandas as pd

from moneygood import reads
from moneygood.gather import Progress, silent
from moneygood.market_days import market_day, market_days
from moneygood.records import Alert, AlertState
from moneygood.signals.rules import SHIPPED, FrameReadings, Rule, evaluate, load_rules
from moneygood.store import Store

EVIDENCE = 5
EVIDENCE_DAYS = 7
_NO_NARRATIVE = ("", "balance", "retreat", "rung")


def rules_path(setting: str) -> Path:
    """The rule file of the settings, or the shipped one."""
    return Path(setting).expanduser() if setting else SHIPPED


def check_alerts(
    store: Store,
    rules_file: Path,
    *,
    scorer: str,
    as_of: datetime,
    progress: Progress = silent,
) -> list[Alert]:
    """Evaluate each rule on its days since the last evaluation; save and return them.

    The first time a rule is seen, it is replayed over all days that have a
    reading, so that its state today is what it would have been. The last day is
    always evaluated again: what was published since may change it.
    """
    rules = load_rules(rules_file)
    points = reads.index_points(store, as_of=as_of)
    if points.empty:
        return []
    readings = FrameReadings(points, reads.observations(store, as_of), reads.relations(store))
    first = points["date"].min().date()
    last = min(market_day(as_of), points["date"].max().date())
    stored = _stored(store)
    made: list[Alert] = []
    for i, rule in enumerate(rules):
        progress("alert", i, len(rules))
        history = [a for a in stored if (a.rule, a.labels) == (rule.name, rule.labels)]
        done = max((a.day for a in history), default=first - timedelta(days=1))
        made.extend(
            _replay(store, rule, readings, history, market_days(min(done, last), last), scorer)
        )
    store.save_alerts(made)
    progress("alert", len(rules), len(rules))
    return made


def _replay(
    store: Store,
    rule: Rule,
    readings: FrameReadings,
    history: list[Alert],
    days: Iterable[date],
    scorer: str,
) -> list[Alert]:
    made: list[Alert] = []
    for day in days:
        alert = evaluate(rule, readings, history, day)
        if alert.state in (AlertState.PENDING, AlertState.FIRING):
            found = _evidence(store, rule, day, scorer)
            alert = replace(alert, evidence=found)
        history = [a for a in history if a.day != day] + [alert]
        made.append(alert)
    return made


def _evidence(store: Store, rule: Rule, day: date, scorer: str) -> tuple[str, ...]:
    """The strongest sentences of the rule's narrative in the week up to the day."""
    named = dict(rule.labels).get("narrative", "").partition(".")[0]
    narrative = "reassurance" if named in _NO_NARRATIVE else named
    frame = reads.evidence(
        store, narrative, day - timedelta(days=EVIDENCE_DAYS), day, scorer=scorer, limit=EVIDENCE
    )
    return tuple(
        f"{row['published_at']:%Y-%m-%d} {row['source']}: {row['text']}"
        for row in frame.to_dict("records")
    )


def _stored(store: Store) -> list[Alert]:
    return [
        Alert(
            rule=row["rule"],
            labels=tuple(sorted(row["labels"].items())),
            state=AlertState(row["state"]),
            since=None if pd.isna(row["since"]) else row["since"].date(),
            value=None if pd.isna(row["value"]) else float(row["value"]),
            day=row["day"].date(),
            summary=row["summary"],
            evidence=tuple(row["evidence"]),
        )
        for row in reads.alerts(store).to_dict("records")
    ]
