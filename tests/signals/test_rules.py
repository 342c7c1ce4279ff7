"""The life of an alert, told as tables of days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moneygood.errors import DataError
from moneygood.market_days import market_days
from moneygood.records import Alert, AlertState
from moneygood.signals.expressions import parse_expression
from moneygood.signals.rules import FrameReadings, Rule, evaluate

DAYS = market_days(date(2025, 1, 2), date(2025, 4, 30))
NAN = float("nan")
STATE = {
    "-": AlertState.INACTIVE,
    "p": AlertState.PENDING,
    "F": AlertState.FIRING,
    "R": AlertState.RESOLVED,
    "?": AlertState.NO_DATA,
}


def rule(hold: int = 0, keep: int = 0, expr: str = 'index{narrative="balance"} > 2') -> Rule:
    labels = (("narrative", "balance"), ("severity", "page"))
    summary = "{narrative} at {value:.1f} on {day}"
    return Rule("g", "High", parse_expression(expr), hold, keep, labels, summary)


@dataclass(frozen=True)
class Told:
    """One reading a day: 1 holds, 0 does not, ? no data, n not applicable."""

    readings: Mapping[date, float | None]

    @classmethod
    def of(cls, signs: str) -> Told:
        meaning = {"1": 3.0, "0": 1.0, "?": None, "n": NAN}
        return cls({day: meaning[s] for day, s in zip(DAYS, signs, strict=False)})

    def value(self, metric: str, labels: Mapping[str, str], day: date) -> float | None:
        return self.readings.get(day)


def replay(signs: str, one: Rule) -> list[Alert]:
    told, history = Told.of(signs), list[Alert]()
    for day, _ in zip(DAYS, signs, strict=False):
        history.append(evaluate(one, told, history, day))
    return history


def states(alerts: Sequence[Alert]) -> str:
    signs = {state: sign for sign, state in STATE.items()}
    return "".join(signs[a.state] for a in alerts)


# Read off rules/alerting.go; for and keep_firing_for in market days.
@pytest.mark.parametrize(
    ("hold", "keep", "readings", "expected"),
    [
        (0, 0, "0110", "-FFR"),  # fires the same day, resolves at the first miss
        (0, 0, "01001", "-FR-F"),  # resolved is said once
        (2, 0, "01111", "-ppFF"),  # active for two days: the third holds
        (2, 0, "011011", "-pp-pp"),  # a pending alert that ends leaves no trace
        (2, 0, "1110111", "ppFRppF"),  # a resolved alert starts over
        (0, 3, "10000", "FFFFR"),  # three days after the first miss it resolves
        (0, 3, "1001000", "FFFFFFF"),  # a hit forgets the misses
        (0, 3, "10010000", "FFFFFFFR"),
        (2, 1, "111001", "ppFFRp"),
        (2, 3, "100", "p--"),  # keep_firing_for is for firing alerts alone
        (0, 0, "1?1", "F?F"),  # no data changes nothing
        (2, 0, "1??1", "p??F"),  # the days still pass
        (2, 0, "1?0", "p?-"),
        (0, 2, "10?0", "FF?R"),
        (0, 0, "1?0", "F?R"),
        (0, 0, "1n0", "FR-"),  # unrelated: the condition ends
        (2, 0, "???", "???"),
    ],
)
def test_states(hold: int, keep: int, readings: str, expected: str) -> None:
    assert states(replay(readings, rule(hold, keep))) == expected


def test_since_is_the_first_day_of_the_episode() -> None:
    alerts = replay("011?0001", rule(hold=1, keep=2))
    assert states(alerts) == "-pF?FFRp"
    since = [a.since for a in alerts]
    assert since == [None, *[DAYS[1]] * 6, DAYS[7]]


def test_days_are_market_days() -> None:
    friday, tuesday = date(2025, 1, 17), date(2025, 1, 21)  # Monday is a holiday
    told = Told({friday: 3.0, tuesday: 3.0, date(2025, 1, 22): 3.0})
    history = [evaluate(rule(hold=2), told, [], friday)]
    history.append(evaluate(rule(hold=2), told, history, tuesday))
    assert history[-1].state is AlertState.PENDING
    assert evaluate(rule(hold=2), told, history, date(2025, 1, 22)).state is AlertState.FIRING
    with pytest.raises(DataError, match="2025-01-20 is no market day"):
        evaluate(rule(), told, [], date(2025, 1, 20))


def test_a_longer_for_can_make_a_firing_alert_pending_again() -> None:
    history = replay("111", rule(hold=2))
    assert states(history) == "ppF"
    assert evaluate(rule(hold=5), Told.of("1111"), history, DAYS[3]).state is AlertState.PENDING


def test_other_rules_and_labels_are_passed_over() -> None:
    other = Alert("High", (("narrative", "x"),), AlertState.FIRING, DAYS[0], 3.0, DAYS[0])
    assert evaluate(rule(), Told.of("00"), [other], DAYS[1]).state is AlertState.INACTIVE


@given(st.text("10?n", min_size=1, max_size=30), st.integers(0, 4), st.integers(0, 4), st.data())
def test_promises(readings: str, hold: int, keep: int, data: st.DataObject) -> None:
    one = rule(hold, keep)
    alerts = replay(readings, one)
    told = Told.of(readings)
    for i, alert in enumerate(alerts):
        # doing a day again, with anything later known, gives the same answer
        assert evaluate(one, told, data.draw(st.permutations(alerts)), DAYS[i]) == alert
        if alert.state is AlertState.RESOLVED:
            assert AlertState.FIRING in {a.state for a in alerts[:i]}
        if alert.state is AlertState.FIRING:
            assert alert.since is not None
            assert DAYS.index(alert.since) + hold <= i
        assert (alert.state is AlertState.NO_DATA) == (readings[i] == "?")
        if readings[i] == "1":
            assert alert.state in (AlertState.PENDING, AlertState.FIRING)
    # without grace, an alert fires exactly while it has held long enough
    if keep == 0 and set(readings) <= {"0", "1"}:
        for i, alert in enumerate(alerts):
            held = len(readings[: i + 1]) - len(readings[: i + 1].rstrip("1"))
            assert (alert.state is AlertState.FIRING) == (held > hold)


def test_words_and_evidence() -> None:
    told = Told.of("1?0n")
    evidence = ("3 documents",)
    fired = evaluate(rule(), told, [], DAYS[0], evidence=evidence)
    assert (fired.summary, fired.evidence) == ("balance at 3.0 on 2025-01-02", evidence)
    lost = evaluate(rule(), told, [fired], DAYS[1], evidence=evidence)
    assert lost.summary == 'No reading on 2025-01-03 for index{narrative="balance"} > 2'
    assert (lost.evidence, lost.value) == ((), None)
    quiet = evaluate(rule(), told, [], DAYS[2], evidence=evidence)
    assert (quiet.summary, quiet.evidence) == ("", ())
    ended = evaluate(rule(), told, [fired], DAYS[3])
    assert (ended.summary, ended.value) == (
        'No longer so on 2025-01-07: no value for index{narrative="balance"} > 2',
        None,
    )


# -- readings from frames -------------------------------------------------------------


def frame(series: str, values: list[float], first: int = 0) -> pd.DataFrame:
    dates = pd.to_datetime(DAYS[first : first + len(values)])
    return pd.DataFrame({"series": series, "date": dates, "value": values})


def readings() -> FrameReadings:
    relations = pd.DataFrame(
        {
            "narrative": "balance",
            "series": "y10",
            "date": pd.to_datetime(DAYS[:3]),
            "corr": [NAN, 0.4, 0.5],
            "z": [NAN, NAN, -2.5],
            "state": ["no data", "unrelated", "diverging"],
        }
    )
    points = frame("balance", [0.1, 0.2, NAN, 0.4, 0.5, 0.6, 0.7, 0.8])
    return FrameReadings(points, frame("y10", [4.0, 4.1, 4.2, 4.3, 4.4, 4.55]), relations)


@pytest.mark.parametrize(
    ("expr", "day", "expected"),
    [
        ('index{narrative="balance"} > 0', 1, 0.2),
        ('index{narrative="balance"} > 0', 2, None),  # missing, not zero
        ('index{narrative="other"} > 0', 1, None),
        ('index_change{narrative="balance",days="5"} > 0', 6, 0.5),
        ('index_change{narrative="balance",days="5"} > 0', 7, 0.6),  # day 2 is missing: day 1
        ('index_change{narrative="balance",days="5"} > 0', 4, None),
        ('yield{series="y10"} > 0', 5, 4.55),
        ('yield_change_bp{series="y10",days="5"} > 0', 5, 55.0),
        ('yield_change_bp{series="y10",days="5"} > 0', 6, None),
        ('divergence_z{narrative="balance",series="y10"} > 0', 0, None),
        ('divergence_z{narrative="balance",series="y10"} > 0', 1, NAN),
        ('divergence_z{narrative="balance",series="y10"} > 0', 2, -2.5),
        ('divergence_z{narrative="balance",series="y10"} > 0', 3, None),
        ('correlation{narrative="balance",series="y10"} > 0', 0, None),
        ('correlation{narrative="balance",series="y10"} > 0', 1, 0.4),
    ],
)
def test_readings_from_frames(expr: str, day: int, expected: float | None) -> None:
    one = parse_expression(expr)
    found = readings().value(one.metric, dict(one.labels), DAYS[day])
    if expected is None:
        assert found is None
    else:
        assert found == pytest.approx(expected, nan_ok=True)
