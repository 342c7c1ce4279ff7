"""One narrative: its index, how its stance moves, and the sentences behind each day."""

from __future__ import annotations

from datetime import date

import pandas as pd
import streamlit as st

from moneygood.ui import charts, evidence_table, parts, queries
from moneygood.ui.names import BALANCE, RETREAT, definition, is_narrative, title
from moneygood.ui.shape import between, reading, series_of, weekly, window_of, window_start
from moneygood.ui.words import (
    BAND_WORDS,
    BASE_WORDS,
    band_words,
    day_words,
    plain,
    rests_on,
    signed,
)

CHART, DAY = "narrative-chart", "day"
ALL_DAYS = "all"
QUESTIONS = {
    BALANCE: (
        "Does talk of AI spending soothe or doubt?",
        "Soothing less doubting sentences as a share of all sentences on AI spending, "
        "from \u22121 to +1.",
    ),
    RETREAT: (
        "How far has reassurance retreated?",
        "Mean rung of reassurance about AI spending: denial (0), containment (1), money-good (2).",
    ),
}


def show() -> None:
    """Draw the page."""
    start, end = parts.period()
    series = parts.choose(
        "Narrative", (*queries.narratives(), BALANCE, RETREAT), "narrative", width=320
    )
    question, description = QUESTIONS.get(
        series, (definition(series, "question"), definition(series, "description"))
    )
    st.markdown(f"## {question}")
    st.markdown(f":gray[{description}]")
    points = queries.index_points()
    rows = between(series_of(points, series), start, end).dropna(subset=["value"])
    found = queries.evidence(series, start, end)
    left, right = st.columns([3, 2], gap="large")
    with left:
        _index(points, rows, series, start, end)
    with right:
        _mix(found, series)
    _evidence(points, rows, series, start, end)


def _index(points: pd.DataFrame, rows: pd.DataFrame, series: str, start: date, end: date) -> None:
    st.markdown(
        f"##### {title(series)}" + (" and its share of texts" if is_narrative(series) else "")
    )
    if rows.empty:
        parts.empty(f"No reading from {day_words(start)} to {day_words(end)}.")
        return
    figure = charts.index_and_share(points, series, start, end)
    parts.chart(
        figure,
        CHART,
        f"{title(series)} over time with its band",
        on_select=_take_day,
        selection_mode="points",
    )
    base = f"{BASE_WORDS} " if is_narrative(series) else ""
    st.caption(f"{base}{BAND_WORDS} Choose a point to see the sentences behind it.")
    parts.download(rows, f"index-{series}", "Index as CSV")


def _day_name(day: str) -> str:
    return "Whole period" if day == ALL_DAYS else day_words(date.fromisoformat(day))


def _take_day() -> None:
    day = parts.chosen_day(CHART)
    if day is not None:
        st.session_state[DAY] = day.isoformat()


def _mix(found: pd.DataFrame, series: str) -> None:
    novel = found[found["novel"]]
    if series != RETREAT:
        st.markdown("##### Stance, week by week")
        weeks = weekly(novel, "stance", ["affirm", "doubt", "neutral"])
        if weeks.empty:
            parts.empty("No sentence in this period.")
        else:
            parts.chart(
                charts.stacked_weeks(weeks, "stance"), "stances", "Sentences a week by stance"
            )
    if series in {"reassurance", RETREAT}:
        st.markdown("##### The ladder of retreat, week by week")
        weeks = weekly(novel, "rung", charts.rung_order())
        if weeks.empty:
            parts.empty("No affirmed reassurance in this period.")
        else:
            parts.chart(charts.stacked_weeks(weeks, "rung"), "rungs", "Sentences a week by rung")


def _evidence(
    points: pd.DataFrame, rows: pd.DataFrame, series: str, start: date, end: date
) -> None:
    st.markdown("##### The sentences behind it")
    days = [d.date().isoformat() for d in rows["date"][::-1]]
    if st.session_state.get(DAY, ALL_DAYS) not in {ALL_DAYS, *days}:
        st.session_state[DAY] = ALL_DAYS
    chosen = parts.choose("Reading", [ALL_DAYS, *days], DAY, _day_name, width=320)
    first, last = start, end
    if chosen != ALL_DAYS:
        last = date.fromisoformat(chosen)
        method = str(rows.loc[rows["date"] == pd.Timestamp(last), "method"].iloc[0])
        first = window_start(last, window_of(method))
        found = reading(points, series, last)
        digits = charts.digits(series)
        value = signed(found.value) if series == BALANCE else plain(found.value, digits)
        st.markdown(
            f"{title(series)} on {day_words(last)}: **{value}**, {band_words(found, digits)}. "
            f"It rests on {rests_on(found)}. Below are the sentences of those that carry it."
        )
    evidence_table.show(queries.evidence(series, first, last), series, f"{series}-{chosen}")


if __name__ == "__main__":
    show()
