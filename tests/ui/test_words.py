"""The rules by which figures become sentences."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from moneygood.ui.shape import Reading
from moneygood.ui.words import (
    Pair,
    balance_words,
    correlation_words,
    headline,
    humanise,
    pair_words,
    plain,
    retreat_words,
    rule_title,
    signed,
    staleness,
    verdicts,
)

DAY = date(2025, 3, 27)


def _reading(
    series: str, value: float | None, half: float = 10, before: float | None = None
) -> Reading:
    if value is None:
        return Reading(series, DAY)
    return Reading(series, DAY, value, value - half, value + half, 9, 3, before)


def test_headline_names_a_narrative_only_where_its_band_clears_the_base() -> None:
    clear = [_reading("jevons", 140), _reading("deepseek", 90)]
    assert headline(clear).startswith("Jevons stands furthest above its base: 140 against 100")
    assert headline([_reading("jevons", 105)]).startswith("No narrative is clearly above its base")
    assert headline([_reading("jevons", 60)]).startswith("No narrative is above its base")
    assert headline([_reading("jevons", None)]) == "No narrative has a reading on this day."


@pytest.mark.parametrize(
    ("value", "half", "words"),
    [
        (0.3, 0.1, "Soothing outweighs doubt"),
        (-0.3, 0.1, "Doubt outweighs soothing"),
        (0.3, 0.4, "Neither"),
        (None, 0, "The balance of soothing and doubt has no reading on this day."),
    ],
)
def test_balance_claims_no_more_than_its_band(value: float | None, half: float, words: str) -> None:
    assert balance_words(_reading("balance", value, half)).startswith(words)


def test_balance_tells_its_change_or_that_it_is_unknown() -> None:
    assert "+0.10 in 5 market days" in balance_words(_reading("balance", 0.3, 0.1, 0.2))
    assert "unchanged" in balance_words(_reading("balance", 0.3, 0.1, 0.301))
    assert "not known" in balance_words(_reading("balance", 0.3, 0.1))


@pytest.mark.parametrize(
    ("value", "rung"), [(0.2, "denial"), (0.9, "containment"), (1.8, "money-good")]
)
def test_retreat_names_the_nearest_rung(value: float, rung: str) -> None:
    assert rung in retreat_words(_reading("retreat", value)).split("(")[0]


def test_pairs_may_say_there_is_no_evidence() -> None:
    assert "no evidence" in pair_words(Pair("balance", "y10", "unrelated"))
    assert pair_words(Pair("balance", "y10", "diverging", z=-2.3)).endswith("(z \u22122.3).")
    assert correlation_words(Pair("jevons", "y2", "aligned", 0.1, -0.1, 0.3, 60)).startswith(
        "no evidence"
    )
    assert correlation_words(Pair("jevons", "y2")) == "no data"


def test_maturities_of_one_state_share_a_sentence() -> None:
    pairs = [Pair("balance", "y2", "aligned")] + [
        Pair("balance", s, "unrelated") for s in ("y5", "y10", "y30")
    ]
    assert verdicts(pairs) == (
        "Balance and the 2-year yield are aligned. There is no evidence that balance and the "
        "5-year, 10-year and 30-year yields go together."
    )


def test_figures_are_rounded_and_missing_is_said() -> None:
    assert signed(-0.004) == "0.00"
    assert signed(-0.5) == "\u22120.50"
    assert signed(None) == signed(float("nan")) == plain(None) == "no data"
    assert plain(-0.2) == "0"


def test_rules_read_as_words() -> None:
    assert rule_title("DeepSeekAttentionSpike") == "DeepSeek attention spike"
    assert rule_title("narrative-yield-divergence") == "Narrative yield divergence"
    assert humanise("y10 has left ai_capex on 2025-03-27") == (
        "The 10-year yield has left AI capex on 27 March 2025"
    )


def test_a_run_of_today_on_old_texts_is_stale() -> None:
    run = datetime(2025, 3, 31, 20, tzinfo=UTC)
    words, stale = staleness(run, run, newest=date(2025, 3, 21))
    assert (words, stale) == (
        "no texts since 21 March 2025, 6 market days before the last run",
        True,
    )
    assert staleness(run, run, newest=date(2025, 3, 28)) == ("up to date", False)


def test_staleness_counts_market_days() -> None:
    friday = datetime(2025, 3, 28, 22, tzinfo=UTC)
    assert staleness(friday, datetime(2025, 3, 31, 12, tzinfo=UTC)) == ("up to date", False)
    words, stale = staleness(friday, datetime(2025, 4, 2, 12, tzinfo=UTC))
    assert stale
    assert words.startswith("3 market days old")
