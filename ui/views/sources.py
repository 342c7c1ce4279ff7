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
from moneygood.ui.text_view import whole_text
from moneygood.ui.words import day_words

PAGE = 20
ROWS = 13
DAYS = 9
COUNTS = ("Visits", "Read", "New", "Revised", "Left out", "Failed")
SPANS = {"30 days": 30, "90 days": 90, "Whole period": None}


def show() -> None:
    """Draw the page."""
    start, end = parts.period()
    st.markdown("## Sources")
    health, days, last = queries.source_health(), queries.visit_days(), _last_day()
    if health.empty:
        parts.empty("No source has been visited yet. `moneygood collect` visits them.")
    else:
        states = coverage.source_states(health, days, last=last)
        _health(health, days, states, last)
        _documents(start, end)
        _visits(health, days, states, start, end, last)
        _skips(start, end)
        _revised(start, end)
    _failures(queries.failures(), health)


def _last_day() -> date:
    """The day the database was brought up to."""
    mode = queries.status().mode
    assert mode is not None  # app.py shows no page without it
    return mode.as_of.astimezone(NEW_YORK).date()


def _health(rows: pd.DataFrame, days: pd.DataFrame, states: dict[str, str], last: date) -> None:
    st.markdown(coverage.health_words(states))
    table = coverage_tables.sources_table(rows, queries.coverage(), days, states)
    st.dataframe(
        table,
        hide_index=True,
        height="content" if len(table) <= ROWS else 35 * ROWS,
        column_config={
            "Source": st.column_config.TextColumn(pinned=True, width=140),
            "State": st.column_config.TextColumn(width=175),
            "Last error": st.column_config.TextColumn(width=280),
            "Texts": st.column_config.NumberColumn(
                width=70, help="Texts held; empty for a source of figures (yields, prices)"
            ),
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
        f"As of {day_words(last)}, times in New York. The columns from New to Failed are of the "
        "last visit and count texts, or figures where a source gives yields or prices. Imported "
        "texts have no lag."
    )
    parts.download(rows.assign(state=rows["source"].map(states)), "sources", "Sources as CSV")


def _documents(start: date, end: date) -> None:
    st.markdown("##### Texts a day")
    inside = between(queries.coverage(), start, end, "day")
    if inside.empty:
        parts.empty(f"No text from {day_words(start)} to {day_words(end)}.")
        return
    texts, novel = int(inside["documents"].sum()), int(inside["novel"].sum())
    st.markdown(
        f"{texts:,} text{'s' * (texts != 1)} in the period: {novel:,} novel, {texts - novel:,} "
        "repeated. A repeat of an earlier text adds reach; no index counts it."
    )
    figure = coverage_chart.documents(inside, start, end)
    parts.chart(figure, "coverage", "Texts a market day, by source, novel and repeated")
    parts.download(inside, "coverage", "Coverage as CSV")


def _visits(
    health: pd.DataFrame,
    days: pd.DataFrame,
    states: dict[str, str],
    start: date,
    end: date,
    last: date,
) -> None:
    st.markdown("##### Visits")
    imported = coverage.imported_only(health)
    once = coverage.once_only(days, last) - imported
    watched = days[~days["source"].isin(imported | once)]
    if watched["day"].nunique() > 1:
        if rows := _strip(watched, start, end, last):
            _day_by_day(rows, watched, states)
    elif watched.empty:
        parts.empty("No source is visited again and again.")
    else:
        when = day_words(watched["day"].max().date())
        parts.empty(f"Visited on one day so far, {when}; a second day of visits begins the chart.")
    for sources, why in (
        (imported, "Only imported, so without days to visit"),
        (once, "Read once, so without gaps"),
    ):
        if sources:
            names = ", ".join(sorted(pretty(s) for s in sources)[:12])
            more = f" and {len(sources) - 12} more" if len(sources) > 12 else ""
            st.caption(f"{why}: {escape(names)}{more}.")
    parts.download(days, "visits", "Visits as CSV")


def _strip(days: pd.DataFrame, start: date, end: date, last: date) -> list[coverage.Strip]:
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
        return []
    st.markdown(escape(coverage_chart.strip_words(rows)))
    st.html(coverage_chart.legend_html())
    st.html(coverage_chart.strip_html(rows))
    st.caption(
        "A cell a calendar day in New York, weekends too; new counts new and revised texts or "
        "figures. Before a source's first visit the row is blank."
    )
    return rows


def _day_by_day(rows: list[coverage.Strip], days: pd.DataFrame, states: dict[str, str]) -> None:
    ills_first = sorted(rows, key=lambda s: coverage_tables.ill_rank(states[s.source]))
    by = {strip.source: strip for strip in ills_first}
    chosen = st.selectbox("One source day by day", list(by), format_func=pretty, width=320)
    reasons = coverage_tables.day_reasons(queries.skips(), queries.failures())
    table = coverage_tables.source_days(by[chosen], days, reasons)
    st.dataframe(
        table,
        hide_index=True,
        height="content" if len(table) <= DAYS else 35 * DAYS,
        column_config={
            "Day": st.column_config.DateColumn(format="D MMM YYYY", width=100, pinned=True),
            "What came": st.column_config.TextColumn(width=115),
            **{name: st.column_config.NumberColumn(width=75) for name in COUNTS},
            "Already there": st.column_config.NumberColumn(width=105),
            "Why": st.column_config.TextColumn(width=420),
        },
        placeholder="",
        alt="What the visits of each day to this source gave, and why not more",
    )
    st.caption(
        "Counts add up all visits of a day; Why says first what failed, then what was left out. "
        "A day without figures was not visited."
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
        column_config={
            "Reason": st.column_config.TextColumn(width=220),
            "Sources": st.column_config.TextColumn(width=320),
            "Last": st.column_config.TextColumn(width=100),
        },
        alt="Why items were left out, and how many",
    )
    st.caption(
        "An item met again at a later visit counts again under Items; Items then were met "
        "when each source last had any."
    )
    parts.download(table, "skipped", "Reasons as CSV")


def _revised(start: date, end: date) -> None:
    st.markdown("##### Revised texts")
    rows = queries.revised()
    days = rows["at"].dt.tz_convert(NEW_YORK).dt.date
    rows = rows[(days >= start) & (days <= end)].reset_index(drop=True)
    if rows.empty:
        parts.empty("No text was revised in the period.")
        return
    event = st.dataframe(
        pd.DataFrame(
            {
                "Revised": coverage_tables.moments(rows["at"]),
                "Title": rows["title"],
                "Source": rows["source"].map(pretty),
                "Versions": rows["version"],
                "The last one changed": rows["changed"],
            }
        ),
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        key="revised",
        height=min(37 + 35 * len(rows), 35 * DAYS),
        column_config={
            "Revised": st.column_config.TextColumn(width=135),
            "Source": st.column_config.TextColumn(width=120),
            "Title": st.column_config.TextColumn(width=420),
            "Versions": st.column_config.NumberColumn(width=70),
            "The last one changed": st.column_config.TextColumn(width=270),
        },
        alt="Texts that their publisher changed, the latest first",
    )
    picked = [i for i in event.selection.rows if i < len(rows)]
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(
            "What changed", icon=":material/difference:", disabled=not picked, key="open-revised"
        ):
            row = rows.iloc[picked[0]]
            whole_text(int(row["doc"]), -1, row["day"].date(), changes=True)
        parts.download(rows, "revised", "Revised as CSV")
    st.caption(
        f"{len(rows):,} text{'s' * (len(rows) != 1)} revised in the period, times in New York. "
        "Choose a row to see what changed. Every version is kept; an index reads the one that "
        "stood at its moment."
    )


def _failures(rows: pd.DataFrame, health: pd.DataFrame) -> None:
    st.markdown("##### What could not be read")
    if rows.empty:
        parts.empty("Nothing: every source and file was read.")
        return
    raw, rows = rows, coverage_tables.failure_groups(rows, health)
    standing = int(rows["standing"].sum())
    st.markdown(
        f"{standing} kind{'s' * (standing != 1)} of failure at the last visit to a source, "
        f"{len(rows) - standing} earlier."
    )
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
            badge = ":red-badge[at the last visit]" if row.standing else ":gray-badge[earlier]"
            when = coverage_tables.times_words(
                pd.Timestamp(str(row.first)), pd.Timestamp(str(row.last)), int(str(row.times))
            )
            st.markdown(f"**{escape(pretty(str(row.source)))}** {badge} :gray[{when}]")
            st.markdown(f"{escape(str(row.subject))}: {escape(str(row.reason))}")
            if row.remedy:
                st.markdown(f"**What to do:** {escape(str(row.remedy))}")
    parts.download(raw, "failures", "Failures as CSV")


if __name__ == "__main__":
    show()
