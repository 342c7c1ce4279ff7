"""The life of an alert: inactive, pending, firing, resolved; no data kept apart.

The states are Prometheus's (``rules/alerting.go``), counted in market days: an
alert is pending from the first day its condition holds, fires once it has held
for ``for`` days, and after the condition ends fires on for ``keep_firing_for``
days before it resolves. A pending alert whose condition ends leaves no trace.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from string import Formatter
from typing import Any

from moneygood.errors import DataError
from moneygood.market_days import is_market_day, market_days
from moneygood.records import Alert, AlertState
from moneygood.signals.readings import FrameReadings, Readings
from moneygood.signals.rule_file import SHIPPED, Rule, load_rules

__all__ = ["SHIPPED", "FrameReadings", "Readings", "Rule", "evaluate", "load_rules"]

_ACTIVE = (AlertState.PENDING, AlertState.FIRING)


def evaluate(
    rule: Rule,
    readings: Readings,
    history: Sequence[Alert],
    day: date,
    *,
    evidence: tuple[str, ...] = (),
) -> Alert:
    """State of ``rule`` on market day ``day``.

    ``history`` holds earlier evaluations in any order; those of other rules or
    labels, of ``day`` itself and of later days are passed over, so that doing a
    day again gives the same answer. It must reach back as far as the current
    episode. ``since`` is the day the condition began to hold, kept while the
    alert is pending, firing, just resolved, or without data in between; days
    without data or evaluation count as time passed, as in Prometheus. The alert
    is ``resolved`` for one evaluation, then inactive. ``evidence`` is carried
    where the alert is pending or firing.

    Raises DataError where ``day`` is no market day.
    """
    if not is_market_day(day):
        raise DataError(f"alert {rule.name}", f"{day} is no market day", "Evaluate market days.")
    past = sorted(
        (a for a in history if (a.rule, a.labels) == (rule.name, rule.labels) and a.day < day),
        key=lambda a: a.day,
    )
    told = [a for a in past if a.state is not AlertState.NO_DATA]
    last = told[-1] if told else None
    active = last if last is not None and last.state in _ACTIVE else None
    value = readings.value(rule.expr.metric, dict(rule.expr.labels), day)
    since = active.since if active else None
    if value is None:
        state = AlertState.NO_DATA
    elif rule.expr.holds(value):
        since = since or day
        state = AlertState.FIRING if _elapsed(since, day) >= rule.hold else AlertState.PENDING
    elif active is None or active.state is AlertState.PENDING:
        state, since = AlertState.INACTIVE, None
    else:
        quiet = _elapsed(_quiet_since(rule, told, day), day)
        state = AlertState.FIRING if quiet < rule.keep else AlertState.RESOLVED
    shown = None if value is None or math.isnan(value) else float(value)
    return Alert(
        rule=rule.name,
        labels=rule.labels,
        state=state,
        since=since,
        value=shown,
        day=day,
        summary=_summary(rule, state, shown, day),
        evidence=evidence if state in _ACTIVE else (),
    )


def _quiet_since(rule: Rule, told: Sequence[Alert], day: date) -> date:
    """First day of the run of misses that ends today, while the alert fired on."""
    for alert in reversed(told):
        if alert.state is not AlertState.FIRING or rule.expr.holds(alert.value):
            break
        day = alert.day
    return day


def _elapsed(since: date, day: date) -> int:
    """Market days from ``since`` to ``day``; 0 on the same day."""
    return len(market_days(since, day)) - 1


class _Words(Formatter):
    def format_field(self, value: Any, format_spec: str) -> str:
        if isinstance(value, float):
            return format(value, format_spec or ".2f")
        return str(value) if value is not None else "no value"


def _summary(rule: Rule, state: AlertState, value: float | None, day: date) -> str:
    if state is AlertState.INACTIVE:
        return ""
    if state is AlertState.NO_DATA:
        return f"No reading on {day} for {rule.expr}"
    if state is AlertState.RESOLVED:
        shown = "no value" if value is None else f"{value:.2f}"
        return f"No longer so on {day}: {shown} for {rule.expr}"
    words = {**dict(rule.labels), "value": value, "day": day.isoformat()}
    return _Words().vformat(rule.summary, (), words)
