"""The dashboard's entry: navigation, the chosen period, what the data is.

Started by ``moneygood dashboard``; see ``moneygood.ui.serve``.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pandas as pd
import streamlit as st

from moneygood.errors import MoneygoodError
from moneygood.market_days import NEW_YORK
from moneygood.reads import Mode
from moneygood.ui import queries
from moneygood.ui.marks import escape
from moneygood.ui.parts import BOUNDS, FROM, TO
from moneygood.ui.words import SAMPLE_NOTICE, as_of_words, staleness

HERE = Path(__file__).parent
WORDMARK = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="200" height="28" viewBox="0 0 200 28">'
    '<path d="M2 20 L9 11 L14 15 L24 5" fill="none" stroke="#C8474F" stroke-width="3"/>'
    '<text x="32" y="21" font-family="system-ui, Arial, sans-serif" font-size="20"'
    ' font-weight="600" fill="#5B86B3">Moneygood</text></svg>'
)
YEAR = timedelta(days=365)
PRESETS = {"1M": 31, "3M": 92, "6M": 183, "All": None}


def main() -> None:
    """Draw the chosen page, or say what is missing and what to do."""
    st.set_page_config(page_title="Moneygood", page_icon="📈", layout="wide")
    st.html(HERE / "style.css")
    st.logo(WORDMARK, size="large")
    page = st.navigation(
        [
            st.Page("views/today.py", title="Today", icon=":material/wb_twilight:", default=True),
            st.Page("views/narrative.py", title="Narratives", icon=":material/forum:"),
            st.Page("views/yields.py", title="Yields", icon=":material/show_chart:"),
            st.Page("views/alerts.py", title="Alerts", icon=":material/notifications:"),
            st.Page("views/sources.py", title="Sources", icon=":material/rss_feed:"),
        ]
    )
    try:
        status = queries.status()
        if status.mode is None:
            _nothing_yet(status)
            return
        _sidebar(status.mode)
        if status.mode.mode == "sample":
            st.markdown(f":orange-background[{SAMPLE_NOTICE}]")
        page.run()
    except MoneygoodError as error:
        _problem(error)


def _nothing_yet(status: queries.Status) -> None:
    st.title("Nothing to show yet")
    where = escape(str(status.path))
    if status.state == "missing":
        st.markdown(f"There is no database at **{where}**.")
    else:
        st.markdown(f"The database at **{where}** is empty: no run has come to its end.")
    st.markdown(
        "In a terminal, run one of these, then reload this page:\n\n"
        "- `moneygood run --sample` shows the embedded sample, in about a minute\n"
        "- `moneygood run --live` reads the real sources"
    )


def _problem(error: MoneygoodError) -> None:
    st.title("The database cannot be shown")
    st.error(escape(f"{error.subject}: {error.reason}."), icon=":material/error:")
    if error.remedy:
        st.markdown(f"**What to do:** {escape(error.remedy.rstrip('.'))}.")
    if st.button("Try again"):
        st.rerun()


def _sidebar(mode: Mode) -> None:
    first, last = _bounds(mode)
    st.session_state[BOUNDS] = (first, last)
    with st.sidebar:
        start = max(first, last - YEAR)
        with st.container(horizontal=True, gap="small"):
            for name, days in PRESETS.items():
                opens = first if days is None else max(first, last - timedelta(days=days))
                st.button(name, on_click=_choose, args=(opens, last), type="tertiary")
        for label, value, key in (("From", start, FROM), ("To", last, TO)):
            st.date_input(
                label,
                value,
                min_value=first,
                max_value=last,
                key=key,
                bind="query-params",
                format="YYYY-MM-DD",
            )
        st.divider()
        _badge(mode)


def _choose(first: date, last: date) -> None:
    st.session_state[FROM], st.session_state[TO] = first, last


def _badge(mode: Mode) -> None:
    st.markdown(f"**As of** {as_of_words(mode.as_of)}")
    if mode.mode == "sample":
        st.markdown(":orange-badge[Sample]")
        st.caption("The sample ends there; it does not grow old.")
        return
    days: pd.Series[pd.Timestamp] = queries.index_points()["date"]
    newest = days.max().date() if len(days) else None
    words, stale = staleness(mode.as_of, datetime.now(UTC), newest=newest)
    if stale:
        st.warning(words, icon=":material/schedule:")
    else:
        st.markdown(f":green-badge[Live] {words}")


def _bounds(mode: Mode) -> tuple[date, date]:
    """First and last day of the indices, or of the yields where there is no index."""
    last = mode.as_of.astimezone(NEW_YORK).date()
    for frame in (queries.index_points(), queries.observations()):
        days: pd.Series[pd.Timestamp] = frame["date"]
        if len(days):
            return days.min().date(), max(days.max().date(), last)
    return last - YEAR, last


main()
