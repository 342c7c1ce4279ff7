"""Yields: the curve, and whether it goes with a narrative."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import streamlit as st

from moneygood.ui import charts, parts, queries
from moneygood.ui.names import BALANCE, YIELDS, colour, title
from moneygood.ui.shape import between
from moneygood.ui.words import (
    RELATION_STATES,
    Pair,
    correlation_words,
    day_words,
    plain,
    signed,
    verdicts,
)


def show() -> None:
    """Draw the page."""
    start, end = parts.period()
    rates = queries.observations()
    st.markdown("## Treasury yields")
    _yields(rates, start, end)
    st.markdown("## Do they go with a narrative?")
    narrative = parts.choose("Narrative", (BALANCE, *queries.narratives()), "with", width=320)
    rows = queries.relations()
    rows = between(rows[rows["narrative"] == narrative], start, end)
    if rows["corr"].notna().sum() == 0:
        parts.empty(
            f"{title(narrative)} has too few market days with a reading and a yield to relate them "
            "in this period."
        )
        return
    pairs = [queries.pair(narrative, s, end) for s in YIELDS]
    st.markdown(verdicts(pairs))
    _table(pairs)
    _explained(pairs)
    known = rows.loc[rows["corr"].notna() | rows["z"].notna(), "date"]
    start = max(start, known.min().date())
    for row in (YIELDS[:2], YIELDS[2:]):
        for place, series in zip(st.columns(2, gap="large"), row, strict=True):
            with place:
                _relation(rows[rows["series"] == series], narrative, series, start, end)
    parts.download(rows, f"relations-{narrative}", "Relations as CSV")


def _yields(rates: pd.DataFrame, start: date, end: date) -> None:
    inside = between(rates[rates["series"].isin(YIELDS)], start, end)
    if inside.empty:
        parts.empty(f"No Treasury yield from {day_words(start)} to {day_words(end)}.")
        return
    days = sorted(set(inside["date"].dt.date))
    last = days[-1]
    month = [d for d in days if d <= last - timedelta(days=30)]
    chosen = {day_words(last): last}
    if month:
        chosen[day_words(month[-1])] = month[-1]
    if days[0] not in chosen.values():
        chosen[day_words(days[0])] = days[0]
    left, right = st.columns([3, 2], gap="large")
    with left:
        parts.chart(
            charts.yields(inside, YIELDS, start, end), "yields", "Treasury yields over time"
        )
    with right:
        parts.chart(charts.curve(inside, YIELDS, chosen), "curve", "The yield curve on some days")
    st.caption("US Treasury par yields, percent. Market days without a value are gaps.")
    wide = inside.pivot(index="date", columns="series", values="value").reset_index()
    parts.download(wide, "yields", "Yields as CSV")


def _table(pairs: list[Pair]) -> None:
    table = pd.DataFrame(
        {
            "Maturity": [title(p.series) for p in pairs],
            "State": [RELATION_STATES[p.state][0] for p in pairs],
            "Correlation": [signed(p.corr) for p in pairs],
            "Band": [
                "no data" if p.lo is None else f"{signed(p.lo)} to {signed(p.hi)}" for p in pairs
            ],
            "Days": [str(p.n) for p in pairs],
            "Divergence z": [
                "not measured" if p.state == "unrelated" else signed(p.z, 1) for p in pairs
            ],
            "Fit": [plain(p.fit, 2) for p in pairs],
        }
    )
    st.dataframe(table, hide_index=True, alt="Relation by maturity at the end of the period")


def _explained(pairs: list[Pair]) -> None:
    window = max((p.n for p in pairs), default=0)
    with st.expander("How to read this"):
        st.markdown(
            f"""
- **Correlation** is that of daily changes over a rolling window ({window} market days with both
  at the end of this period). Its null: changes of the narrative and of the yield have nothing to do
  with one another. The band holds 95% of what resampling blocks of days gives; where it holds
  zero the chart is shaded and the words are "no evidence".
- **State** rests on all earlier changes, not on the window alone: the yield's change is regressed
  on the narrative's. Where that slope cannot be told from zero (p above 0.01) there is no relation
  to diverge from: the state is "no evidence". So state and correlation may differ.
- **Divergence z** cumulates what the yield did beyond that regression, over the window, against its
  usual size: above zero the yield stands above what the narrative foretold. Beyond 2 either way
  it is called diverging; else aligned.
- **Fit** is the share of the variation of daily yield changes that the regression explains (R²).
- A correlation says nothing about which of the two moves the other.
"""
        )


def _relation(rows: pd.DataFrame, narrative: str, series: str, start: date, end: date) -> None:
    pair = queries.pair(narrative, series, end)
    name, tint, _ = RELATION_STATES[pair.state]
    st.markdown(f"##### {title(series)} :{tint}-badge[{name}]")
    st.caption(f"Correlation of changes: {correlation_words(pair)}")
    if rows["corr"].notna().sum() == 0:
        parts.empty("Too few days in this period.")
        return
    figure = charts.relation(rows, start, end, colour(narrative))
    parts.chart(
        figure, f"relation-{series}", f"Correlation and divergence with the {title(series)} yield"
    )


if __name__ == "__main__":
    show()
