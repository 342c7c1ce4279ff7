"""The balance of soothing and doubt, and the ladder of retreat."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moneygood.signals.balance import balance, on_ai_spending, retreat, rung_shares
from moneygood.signals.index import IndexMethod

LATE = datetime(2027, 1, 1, tzinfo=UTC)
METHOD = IndexMethod(window=1, min_documents=1, draws=200)
Row = tuple[int, int, str, str, str]


def mentions(*rows: Row) -> pd.DataFrame:
    """(document, position, narrative, stance, rung)."""
    table = pd.DataFrame(rows, columns=["doc", "position", "narrative", "stance", "rung"])
    return table.astype({"narrative": "str", "stance": "str", "rung": "str"})


def documents(*days: str) -> pd.DataFrame:
    """One document a day given, sources a and b in turn."""
    stamps = pd.to_datetime(list(days))
    return pd.DataFrame(
        {
            "doc": range(len(days)),
            "source": ["ab"[i % 2] for i in range(len(days))],
            "day": stamps,
            "available_at": stamps.tz_localize("UTC") + timedelta(hours=12),
            "cluster": range(len(days)),
        }
    )


def test_soothing_less_doubting_over_all_sentences() -> None:
    found = mentions(
        (0, 0, "ai_capex", "affirm", ""),  # on AI, neither
        (0, 1, "reassurance", "affirm", "denial"),  # soothes, beside it
        (0, 2, "jevons", "affirm", ""),  # soothes
        (0, 3, "ai_capex", "doubt", ""),  # doubts
        (0, 4, "deepseek", "doubt", ""),  # a doubt about DeepSeek soothes no one: neither
    )
    result = balance(documents("2025-03-03"), found, as_of=LATE, method=METHOD, seed=1)
    (point,) = result.points
    assert point.value == pytest.approx((2 - 1) / 5)
    assert (point.documents, point.sources) == (1, 1)


def test_a_sentence_that_does_both_counts_in_both() -> None:
    found = mentions(
        (0, 0, "ai_capex", "doubt", ""), (0, 0, "reassurance", "affirm", "containment")
    )
    (row,) = on_ai_spending(found).to_dict("records")
    assert (row["soothes"], row["doubts"], row["rung"]) == (True, True, "containment")
    result = balance(documents("2025-03-03"), found, as_of=LATE, method=METHOD, seed=1)
    assert result.points[0].value == 0.0


@pytest.mark.parametrize(
    ("doc", "position", "near"), [(0, 7, True), (0, 8, False), (0, 1, True), (1, 5, False)]
)
def test_reassurance_counts_within_three_sentences_of_ai(
    doc: int, position: int, near: bool
) -> None:
    found = mentions(
        (0, 4, "deepseek", "neutral", ""), (doc, position, "reassurance", "affirm", "denial")
    )
    kept = on_ai_spending(found)
    assert ((kept["doc"] == doc) & (kept["position"] == position)).any() == near


@given(
    st.lists(
        st.tuples(
            st.integers(0, 2), st.integers(0, 12), st.sampled_from(["ai_capex", "reassurance"])
        ),
        max_size=25,
        unique=True,
    )
)
@settings(max_examples=60, deadline=None)
def test_nearness_agrees_with_looking_at_every_pair(rows: list[tuple[int, int, str]]) -> None:
    found = mentions(*((d, p, n, "affirm", "") for d, p, n in rows))
    expected = {
        (d, p)
        for d, p, _ in rows
        if any(d == e and abs(p - q) <= 3 for e, q, n in rows if n == "ai_capex")
    }
    kept = on_ai_spending(found)
    assert set(zip(kept["doc"], kept["position"], strict=True)) == expected


def test_retreat_is_the_mean_rung() -> None:
    found = mentions(
        (0, 0, "ai_capex", "affirm", ""),
        (0, 1, "reassurance", "affirm", "denial"),
        (0, 2, "reassurance", "affirm", "money_good"),
        (0, 3, "reassurance", "affirm", "money_good"),
        (0, 3, "reassurance", "doubt", "containment"),  # not affirmed: no rung
    )
    days = documents("2025-03-03")
    (point,) = retreat(days, found, as_of=LATE, method=METHOD, seed=1).points
    assert point.value == pytest.approx(4 / 3)
    assert point.lo < point.value < point.hi
    shares = rung_shares(days, found, as_of=LATE, method=METHOD)
    assert {r.series: round(r.points[0].value, 1) for r in shares} == {
        "rung.denial": 33.3,
        "rung.containment": 0.0,
        "rung.money_good": 66.7,
    }


def test_days_without_a_sentence_or_a_text_are_missing() -> None:
    days = documents("2025-03-03", "2025-03-04", "2025-03-06")
    found = mentions((0, 0, "jevons", "affirm", ""))
    one = balance(days, found, as_of=LATE, method=METHOD, seed=1)
    assert [str(p.date) for p in one.points] == ["2025-03-03"]
    method = IndexMethod(window=5, min_documents=1)
    five = balance(days, found, as_of=LATE, method=method, seed=1)
    assert [str(p.date) for p in five.points] == ["2025-03-03", "2025-03-04", "2025-03-06"]
    assert {p.documents for p in five.points} == {1}
    thick = balance(days, found, as_of=LATE, method=IndexMethod(min_documents=3), seed=1)
    assert [str(p.date) for p in thick.points] == ["2025-03-06"]


def test_silence_says_so() -> None:
    days, none = documents("2025-03-03"), mentions()
    assert balance(days, none, as_of=LATE, method=METHOD, seed=1).state == "no evidence"
    assert retreat(days, none, as_of=LATE, method=METHOD, seed=1).state == "no evidence"
    assert {r.state for r in rung_shares(days, none, as_of=LATE, method=METHOD)} == {"no evidence"}
    early = datetime(2025, 1, 1, tzinfo=UTC)
    assert balance(days, none, as_of=early, method=METHOD, seed=1).state == "no data"


def test_copies_are_not_counted() -> None:
    days = documents("2025-03-03", "2025-03-03", "2025-03-03").assign(cluster=[0, 0, 2])
    found = mentions(
        (0, 0, "jevons", "affirm", ""),
        (1, 0, "jevons", "affirm", ""),
        (2, 0, "jevons", "doubt", ""),
    )
    (point,) = balance(days, found, as_of=LATE, method=METHOD, seed=1).points
    assert (point.value, point.documents) == (0.0, 2)


def random_frames(seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    random = np.random.default_rng(seed)
    stamps = [str(d.date()) for d in pd.bdate_range("2025-03-03", periods=15)]
    days = documents(*np.sort(random.choice(stamps, 25)))
    rows: list[Row] = []
    for doc, position in {(int(d), int(p)) for d, p in random.integers(0, [25, 9], (60, 2))}:
        narrative = str(random.choice(["ai_capex", "deepseek", "jevons", "reassurance"]))
        stance = str(random.choice(["affirm", "doubt", "neutral"]))
        rung = str(random.choice(["denial", "containment", "money_good"]))
        rows.append((doc, position, narrative, stance, rung if narrative == "reassurance" else ""))
    return days, mentions(*rows)


@given(st.integers(0, 10_000), st.integers(1, 20))
@settings(max_examples=15, deadline=None)
def test_later_documents_change_no_past_reading(seed: int, day: int) -> None:
    days, found = random_frames(seed)
    moment = datetime(2025, 3, 3, 18, tzinfo=UTC) + timedelta(days=day)
    method = IndexMethod(window=3, min_documents=1, draws=50)
    for series in (balance, retreat):
        then = series(days, found, as_of=moment, method=method, seed=1).points
        now = series(days, found, as_of=LATE, method=method, seed=1).points
        past = [p for p in now if p.date <= moment.date()]
        assert [(p.date, p.value, p.lo, p.hi) for p in then] == [
            (p.date, p.value, p.lo, p.hi) for p in past
        ]
        assert all(-1 <= p.lo <= p.value <= p.hi <= 2 for p in now)
