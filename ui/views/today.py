"""Today: what a strategist wants to know at seven in the morning, on one screen."""

from __future__ import annotations

from datetime import date
from typing import Literal

import pandas as pd
import streamlit as st

from moneygood.ui import charts, parts, queries
from moneygood.ui.marks import escape
from moneygood.ui.names import BALANCE, RETREAT, title
from moneygood.ui.shape import (
    BACK,
    Reading,
    index_day,
    latest_alerts,
    reading,
    strongest,
    window_start,
    yield_reading,
)
from moneygood.ui.words import (
    BAND_WORDS,
    BASE_WORDS,
    balance_words,
    band_words,
    day_words,
    headline,
    humanise,
    pair_words,
    plain,
    rests_on,
    retreat_words,
    rule_title,
    signed,
)

SENTENCES = 5
CHART = "chart"


def show() -> None:
    """Draw the page."""
    start, end = parts.period()
    points = queries.index_points()
    day = index_day(points, end)
    if day is None:
        st.title("Today")
        parts.empty(
            f"No narrative has a reading by {day_words(end)}. Choose a later day, "
            "or see Sources for what was collected."
        )
        return
    readings = {s: reading(points, s, day) for s in (*queries.narratives(), BALANCE, RETREAT)}
    _headline(day, readings)
    _cards(points, readings, yield_reading(queries.observations(), "y10", end))
    left, right = st.columns([4, 3], gap="medium")
    with left:
        _chart(points, day, start, end)
    with right:
        _alerts(day)
        _sentences(day)


def _headline(day: date, readings: dict[str, Reading]) -> None:
    pair = queries.pair(BALANCE, "y10", day)
    st.markdown(f":gray[{day:%A}, {day_words(day)}]")
    st.markdown(f"## {headline([readings[n] for n in queries.narratives()])}")
    st.markdown(
        " ".join(
            (balance_words(readings[BALANCE]), retreat_words(readings[RETREAT]), pair_words(pair))
        )
    )


def _cards(points: pd.DataFrame, readings: dict[str, Reading], rate: Reading) -> None:
    with st.container(horizontal=True, gap="small", key="cards"):
        for series, found in readings.items():
            _card(points, found, charts.digits(series))
        move = None if rate.change is None else f"{signed(100 * rate.change, 0)} bp"
        st.metric(
            "10-year",
            "no data" if rate.value is None else f"{rate.value:.2f}%",
            move,
            delta_color="off",
            delta_arrow=_arrow(rate.change, 0.005),
            border=True,
            width=130,
            help=f"US Treasury par yield on {day_words(rate.day)}. Change over {BACK} market days, "
            "in basis points."
            if rate.value is not None
            else f"No 10-year yield in the week to {day_words(rate.day)}.",
        )


def _card(points: pd.DataFrame, found: Reading, digits: int) -> None:
    is_balance = found.series == BALANCE
    value = signed(found.value) if is_balance else plain(found.value, digits)
    st.metric(
        title(found.series),
        value,
        None if found.change is None else signed(found.change, digits),
        delta_color="off",
        delta_arrow=_arrow(found.change, 0.5 * 10**-digits),
        border=True,
        width=130,
        help=_card_help(found, digits),
    )


def _arrow(change: float | None, least: float) -> Literal["up", "down", "off"]:
    if change is None or abs(change) < least:
        return "off"
    return "up" if change > 0 else "down"


def _card_help(found: Reading, digits: int) -> str:
    if found.value is None:
        last = f" The last reading before is of {day_words(found.last)}." if found.last else ""
        return f"No reading on {day_words(found.day)}: too few texts, or none on the subject.{last}"
    meaning = {
        BALANCE: "Soothing less doubting sentences on AI spending, from \u22121 to +1.",
        RETREAT: "Mean rung of reassurance: 0 denial, 1 containment, 2 money-good.",
    }.get(found.series, BASE_WORDS)
    change = "" if found.change is None else f" Change over {BACK} market days."
    return f"{meaning} Now: {band_words(found, digits)}; {rests_on(found)}.{change}"


def _chart_name(series: str) -> str:
    return "All narratives" if series == "narratives" else title(series)


def _chart(points: pd.DataFrame, day: date, start: date, end: date) -> None:
    narratives = queries.narratives()
    offered = (BALANCE, "narratives", *narratives, RETREAT)
    if CHART not in st.session_state:
        asked = st.query_params.get(CHART, "")
        st.session_state[CHART] = asked if asked in offered else BALANCE
    series = (
        st.pills(
            "Chart",
            offered,
            format_func=_chart_name,
            key=CHART,
            label_visibility="collapsed",
            required=True,
            wrap=True,
        )
        or BALANCE
    )
    parts.remember(CHART, series, BALANCE)
    rates = queries.observations()
    if series == "narratives":
        figure = charts.all_narratives(points, rates, start, end, narratives)
        words = f"{BASE_WORDS} Days without coverage are gaps."
    else:
        figure = charts.index_and_yield(points, rates, series, start, end)
        latest = reading(points, series, day)
        n = f"The last reading rests on {rests_on(latest)}." if latest.value is not None else ""
        words = f"{BAND_WORDS} Days without coverage are gaps. {n} In the indices {BASE_WORDS}"
    parts.chart(figure, "today-chart", f"{_chart_name(series)} and the 10-year yield over time")
    st.caption(words)
    if series != "narratives":
        st.page_link(
            "views/narrative.py",
            label="The sentences behind it",
            icon=":material/format_quote:",
            query_params={"narrative": series},
        )


def _alerts(day: date) -> None:
    alerts = queries.alerts()
    states = latest_alerts(alerts[alerts["day"] <= pd.Timestamp(day)])
    firing = states[states["state"] == "firing"]
    st.markdown("##### Alerts")
    if firing.empty:
        quiet = "No alert is firing." if len(states) else "No alert rule has been checked yet."
        parts.empty(quiet)
    for _, row in firing.iterrows():
        since = f", since {day_words(row['since'].date())}" if pd.notna(row["since"]) else ""
        st.markdown(
            f"{parts.state_badge('firing')} **{escape(rule_title(row['rule']))}**"
            f":gray[{since}]  \n{escape(humanise(row['summary']))}"
        )


def _sentences(day: date) -> None:
    st.markdown(
        "##### Strongest sentences of the day",
        help="By the probability that they carry a narrative with that stance; first those with "
        "a marked phrase, at most two of a text. Texts that repeat an earlier one are left out.",
    )
    found = queries.evidence("all", day, day)
    first = day
    if found.empty:
        first = window_start(day, BACK)
        found = queries.evidence("all", first, day)
    rows = strongest(found[found["novel"]], SENTENCES)
    if rows.empty:
        parts.empty("No sentence of these days carries a narrative.")
    elif first != day:
        parts.empty(f"None on the day itself; these are of {day_words(first)} to {day_words(day)}.")
    for i, (_, row) in enumerate(rows.iterrows()):
        parts.sentence(row, f"today-{i}")


if __name__ == "__main__":
    show()
