"""Sources: what was read, from whom, when, and what could not be."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import streamlit as st

from moneygood.market_days import NEW_YORK
from moneygood.ui import coverage, coverage_chart, coverage_tables, parts, queries
from moneygood.ui.marks import escape
from moneygood.ui.names import pretty
from moneygood.ui.shape import between
from moneygood.ui.words import day_words

PAGE = 20
ROWS = 13
SPANS = {"30 days": 30, "90 days": 90, "Whole period": None}


def show() -> None:
    """Draw the page."""
    start, end = parts.period()
    st.markdown("## Sources")
    health, days, last = queries.source_health(), queries.visit_days(), _last_day()
    if health.empty:
        parts.empty("No source has been visited yet. `moneygood collect` visits them.")
    else:
        _health(health, days, last)
        _documents(start, end)
        _visits(health, days, start, end, last)
        _skips(start, end)
    _failures(queries.failures())


def _last_day() -> date:
    """The day the database was brought up to."""
    mode = queries.status().mode
    assert mode is not None  # app.py shows no page without it
    return mode.as_of.astimezone(NEW_YORK).date()


def _health(rows: pd.DataFrame, days: pd.DataFrame, last: date) -> None:
    states = coverage.source_states(rows, days, last=last)
    st.markdown(coverage.health_words(states))
    table = coverage_tables.sources_table(rows, queries.coverage(), states)
    st.dataframe(
        table,
        hide_index=True,
        height="content" if len(table) <= ROWS else 35 * ROWS,
        column_config={
            "Source": st.column_config.TextColumn(pinned=True, width=130),
            "State": st.column_config.TextColumn(width=150),
            "Last error": st.column_config.TextColumn(width=230),
            "Novel": st.column_config.NumberColumn(
                format="%.0f%%", width=70, help="Texts that repeat no earlier text of any source"
            ),
            "Lag": st.column_config.TextColumn(
                width=75,
                help="Median time from publication to first sight, last 200 watched texts",
            ),
        },
        placeholder="",
        alt="Every source, its state and its last visit",
    )
    st.caption(
        f"As of {day_words(last)}, times in New York. New to Failed count the last visit; yields "
        "and prices count as values. Imported texts have no lag."
    )
    parts.download(rows.assign(state=rows["source"].map(states)), "sources", "Sources as CSV")


def _documents(start: date, end: date) -> None:
    st.markdown("##### Documents a day")
    inside = between(queries.coverage(), start, end, "day")
    if inside.empty:
        parts.empty(f"No document from {day_words(start)} to {day_words(end)}.")
        return
    texts, novel = int(inside["documents"].sum()), int(inside["novel"].sum())
    st.markdown(
        f"{texts:,} text{'s' * (texts != 1)} in the period: {novel:,} novel, {texts - novel:,} "
        "repeated. A repeat of an earlier text adds reach; no index counts it."
    )
    figure = coverage_chart.documents(inside, start, end)
    parts.chart(figure, "coverage", "Documents a market day, by source, novel and repeated")
    parts.download(inside, "coverage", "Coverage as CSV")


def _visits(health: pd.DataFrame, days: pd.DataFrame, start: date, end: date, last: date) -> None:
    st.markdown("##### Visits")
    imported = coverage.imported_only(health)
    once = coverage.once_only(health, last) - imported
    watched = days[~days["source"].isin(imported | once)]
    if watched["day"].nunique() > 1:
        _strip(watched, start, end, last)
    elif watched.empty:
        parts.empty("No source is visited again and again: all texts here were imported.")
    else:
        when = day_words(watched["day"].max().date())
        parts.empty(f"Visited on one day so far, {when}; a second day of visits begins the chart.")
    if imported:
        names = ", ".join(sorted(pretty(s) for s in imported)[:12])
        more = f" and {len(imported) - 12} more" if len(imported) > 12 else ""
        st.caption(f"Only imported, so without days to visit: {escape(names)}{more}.")
    if once:
        names = ", ".join(sorted(pretty(s) for s in once)[:12])
        more = f" and {len(once) - 12} more" if len(once) > 12 else ""
        st.caption(f"Read once, so without gaps: {escape(names)}{more}.")
    parts.download(days, "visits", "Visits as CSV")


def _strip(days: pd.DataFrame, start: date, end: date, last: date) -> None:
    span = SPANS["90 days"]
    if (end - start).days >= min(s for s in SPANS.values() if s):
        chosen = st.segmented_control(
            "Days shown",
            list(SPANS),
            default="90 days",
            required=True,
            label_visibility="collapsed",
        )
        span = SPANS[chosen]
    first = start if span is None else max(start, end - timedelta(days=span - 1))
    rows = coverage.strips(days, first, end, last=last)
    if not rows:
        parts.empty(f"No source had been visited by {day_words(end)}.")
        return
    st.markdown(escape(coverage_chart.strip_words(rows)))
    st.html(coverage_chart.legend_html())
    st.html(coverage_chart.strip_html(rows))
    st.caption(
        "A cell a calendar day in New York, weekends too; new counts new and revised texts or "
        "values. Before a source's first visit the row is blank."
    )


def _skips(start: date, end: date) -> None:
    st.markdown("##### Left out on purpose")
    table = coverage_tables.skip_reasons(queries.skips(), start, end)
    if table.empty:
        parts.empty("Nothing in the period.")
        return
    st.dataframe(
        table,
        hide_index=True,
        height="content" if len(table) <= ROWS else 35 * ROWS,
        column_config={"Reason": st.column_config.TextColumn(width="medium")},
        alt="Why items were left out, and how many",
    )
    st.caption("An item met again at a later visit counts again under Items.")
    parts.download(table, "skipped", "Reasons as CSV")


def _failures(rows: pd.DataFrame) -> None:
    st.markdown("##### What could not be read")
    if rows.empty:
        parts.empty("Nothing: every source and file was read.")
        return
    words = st.text_input("Find", placeholder="source, file or reason", width=320)
    if words.strip():
        whole = rows[["source", "subject", "reason", "remedy"]].agg(" ".join, axis=1)
        rows = rows[whole.str.contains(words.strip(), case=False, regex=False)]
    if rows.empty:
        parts.empty("No failure has these words.")
        return
    pages = -(-len(rows) // PAGE)
    page = 1
    if pages > 1:
        page = int(st.number_input(f"Page of {pages}", 1, pages, 1, width=160))
    for row in rows.iloc[(page - 1) * PAGE : page * PAGE].itertuples():
        with st.container(border=True):
            when = pd.Timestamp(str(row.at)).date()
            st.markdown(f"**{escape(pretty(str(row.source)))}** :gray[{day_words(when)}]")
            st.markdown(f"{escape(str(row.subject))}: {escape(str(row.reason))}")
            if row.remedy:
                st.markdown(f"**What to do:** {escape(str(row.remedy))}")
    parts.download(rows, "failures", "Failures as CSV")


if __name__ == "__main__":
    show()
