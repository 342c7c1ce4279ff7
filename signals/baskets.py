"""Baskets of prices: equal-weight relative strength."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from moneygood.errors import DataError


def relative_strength(
    prices: pd.DataFrame, numerator: Sequence[str], denominator: Sequence[str]
) -> pd.Series[float]:
    """One basket over another, 100 on the first day on which both are whole.

    ``prices`` has one column a ticker and one row a day, fit for returns (adjusted
    closes). Baskets are equal-weight and rebalanced daily: the mean of the members'
    log returns. A day on which a member has no price is left out, never filled.
    Raises DataError naming the tickers without a price.
    """
    members = [*numerator, *denominator]
    absent = [t for t in members if t not in prices.columns or prices[t].dropna().empty]
    if absent or not numerator or not denominator:
        raise DataError(
            f"basket {'+'.join(numerator)} over {'+'.join(denominator)}",
            f"no prices of {', '.join(absent)}" if absent else "has an empty side",
            "Import their closes (`moneygood import PRICES/`) or change [baskets]",
        )
    whole = prices[list(dict.fromkeys(members))].sort_index().dropna()
    if whole.empty:
        raise DataError(
            f"basket {'+'.join(members)}", "has no day on which all have a price",
            "Import the same period of every member",
        )  # fmt: skip
    returns = whole.apply(np.log).diff().fillna(0.0)
    spread = returns[list(numerator)].mean(axis=1) - returns[list(denominator)].mean(axis=1)
    return pd.Series(100 * np.exp(spread.cumsum().to_numpy()), whole.index, name="value")
