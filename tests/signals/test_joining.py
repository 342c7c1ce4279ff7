"""A source that appears after the base: probation, splice, and a past that stays."""

from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import pytest

from moneygood.market_days import market_days
from moneygood.signals.index import IndexMethod, IndexResult, narrative_index
from moneygood.signals.joining import PROBATION

DAYS = market_days(date(2024, 1, 2), date(2024, 12, 31))
METHOD = IndexMethod(window=1, min_documents=1, base_days=30, draws=50)
JOINS = 100


def corpus(days: int, *, new_rate: float, old_until: int = 10_000) -> pd.DataFrame:
    """Ten texts a day: half of the old source's carry the narrative, ``new_rate`` of the new's."""
    random = np.random.default_rng(5)
    rows = []
    for t, day in enumerate(DAYS[:days]):
        if t < old_until:
            rows += [("old", day, bool(random.random() < 0.5)) for _ in range(10)]
        if t >= JOINS:
            rows += [("new", day, bool(random.random() < new_rate)) for _ in range(10)]
    return pd.DataFrame(rows, columns=["source", "day", "hit"])


def index(rows: pd.DataFrame) -> IndexResult:
    documents = pd.DataFrame(
        {
            "doc": range(len(rows)),
            "source": rows["source"],
            "day": pd.to_datetime(rows["day"]),
            "available_at": [datetime(d.year, d.month, d.day, 15, tzinfo=UTC) for d in rows["day"]],
            "cluster": range(len(rows)),
        }
    )
    docs = rows.index[rows["hit"]]
    mentions = pd.DataFrame(
        {"doc": docs, "position": 0, "narrative": "ai_capex", "stance": "affirm", "rung": ""}
    )
    return narrative_index(
        documents,
        mentions,
        "ai_capex",
        as_of=datetime(2025, 6, 1, tzinfo=UTC),
        method=METHOD,
        seed=1,
    )


def values(result: IndexResult) -> dict[date, float]:
    return {p.date: p.value for p in result.points}


def test_it_counts_from_the_day_after_its_probation() -> None:
    result = index(corpus(200, new_rate=0.2))
    assert result.base is not None
    (new,) = (s for s in result.base.sources if s.source == "new")
    assert new.since == DAYS[JOINS + PROBATION]
    sources = {p.date: p.sources for p in result.points}
    assert sources[DAYS[JOINS + PROBATION - 1]] == 1
    assert sources[DAYS[JOINS + PROBATION]] == 2


def test_before_that_nothing_changes() -> None:
    alone = corpus(200, new_rate=0.2)
    alone = alone[alone["source"] == "old"].reset_index(drop=True)
    until = DAYS[JOINS + PROBATION - 1]
    with_it, without = values(index(corpus(200, new_rate=0.2))), values(index(alone))
    assert {d: v for d, v in with_it.items() if d <= until} == pytest.approx(
        {d: v for d, v in without.items() if d <= until}
    )


def test_a_joined_source_is_never_rescaled_by_what_comes_later() -> None:
    early, late = values(index(corpus(180, new_rate=0.2))), values(index(corpus(240, new_rate=0.2)))
    assert early == pytest.approx({d: late[d] for d in early})


@pytest.mark.parametrize("rate", [0.05, 0.2, 0.9])
def test_its_level_is_spliced_so_that_the_mix_of_sources_is_no_news(rate: float) -> None:
    result = values(index(corpus(240, new_rate=rate)))
    before = np.mean([v for d, v in result.items() if DAYS[30] <= d < DAYS[JOINS + PROBATION]])
    after = np.mean([v for d, v in result.items() if d >= DAYS[JOINS + PROBATION]])
    assert after == pytest.approx(before, rel=0.15)


def test_without_an_overlap_it_starts_at_100() -> None:
    result = values(index(corpus(240, new_rate=0.3, old_until=90)))
    after = [v for d, v in result.items() if d >= DAYS[JOINS + PROBATION]]
    assert len(after) == 240 - JOINS - PROBATION
    assert np.mean(after) == pytest.approx(100, rel=0.15)


def test_one_that_never_carries_the_narrative_stays_out_and_is_listed() -> None:
    result = index(corpus(240, new_rate=0.0))
    assert result.base is not None
    assert [s.source for s in result.base.sources] == ["old"]
    assert [s.source for s in result.base.left_out] == ["new"]
