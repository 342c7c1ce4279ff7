"""Relative strength of two baskets."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from moneygood.errors import DataError
from moneygood.signals.baskets import relative_strength

DAYS = pd.date_range("2025-01-01", periods=4)
PRICES = pd.DataFrame(
    {"A": [10.0, 11.0, 11.0, 22.0], "B": [5.0, 5.0, 6.0, 6.0], "C": [8.0, 8.8, np.nan, 8.8]}, DAYS
)


def test_one_over_one_is_the_ratio_of_prices() -> None:
    found = relative_strength(PRICES, ["A"], ["B"])
    ratio = PRICES["A"] / PRICES["B"]
    np.testing.assert_allclose(found, 100 * ratio / ratio.iloc[0])


def test_members_count_alike() -> None:
    found = relative_strength(PRICES[:2], ["A", "B"], ["C"])
    # A and C rise by a tenth, B stands: half of a tenth less a tenth, in logs.
    np.testing.assert_allclose(found.iloc[-1], 100 * 1.1**0.5 / 1.1)


def test_a_day_without_a_price_is_left_out_and_not_filled() -> None:
    found = relative_strength(PRICES, ["A"], ["C"])
    assert list(found.index) == [DAYS[0], DAYS[1], DAYS[3]]
    np.testing.assert_allclose(found.iloc[-1], 200.0)


@pytest.mark.parametrize(
    ("over", "under", "reason"),
    [(["A"], ["Z"], "no prices of Z"), (["A"], [], "empty side")],
)
def test_what_is_missing_is_named(over: list[str], under: list[str], reason: str) -> None:
    with pytest.raises(DataError, match=reason):
        relative_strength(PRICES, over, under)
