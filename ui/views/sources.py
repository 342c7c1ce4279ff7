"""Sources: what was read, from whom, and what could not be."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from moneygood.ui import charts, parts, queries
from moneygood.ui.marks import escape
from moneygood.ui.names import pretty
from moneygood.ui.shape import between
from moneygood.ui.words import day_words

PAGE = 20


def show() -> None:
    """Draw the page."""
    start, end = parts.period()
    st.markdown("## Sources")
    _health(queries.source_health())
    st.markdown("##### Documents a day")
    inside = between(queries.coverage(), start, end, "day")
    if inside.empty:
        parts.empty(f"No document from {day_words(start)} to {day_words(end)}.")
    else:
        figure = charts.coverage(inside, start, end)
        parts.chart(figure, "coverage", "Documents a market day, by source")
        parts.download(inside, "coverage", "Coverage as CSV")
    _failures(queries.failures())


def _health(rows: pd.DataFrame) -> None:
    if rows.empty:
        parts.empty("No source has been visited yet. `moneygood collect` visits them.")
        return
    failed = int((rows["failed"] > 0).sum())
    st.markdown(
        f"{len(rows)} sources; "
        + (
            "all were read without a failure."
            if not failed
            else f"{failed} failed in part at the last visit."
        )
    )
    table = pd.DataFrame(
        {
            "Source": rows["source"].map(pretty),
            "Documents": rows["documents"],
            "Last published": _dates(rows["last_published"]),
            "Last visit": _dates(rows["last_visit"]),
            "Fetched": rows["fetched"],
            "New": rows["new"],
            "Already there": rows["duplicate"],
            "Skipped": rows["skipped"],
            "Failed": rows["failed"],
        }
    )
    st.dataframe(
        table,
        hide_index=True,
        height=min(37 + 35 * len(table), 457),
        alt="Every source and its last visit",
    )
    st.caption("Fetched to Failed count the last visit; yields and prices count as fetched values.")
    parts.download(rows, "sources", "Sources as CSV")


def _dates(moments: pd.Series[Any]) -> list[str]:
    days = pd.to_datetime(moments, utc=True)
    return ["" if pd.isna(d) else f"{d.day} {d:%b %Y}" for d in days]


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
