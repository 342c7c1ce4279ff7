"""The table of sentences behind a figure: filter, sort, open, download."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from moneygood.ui import parts
from moneygood.ui.names import RUNGS, STANCES, pretty, title

SORTS = {"Strongest first": "strength", "Newest first": "day", "Oldest first": "oldest"}


def show(rows: pd.DataFrame, series: str, key: str) -> None:
    """Filters, the table, and the chosen sentence in full."""
    if rows.empty:
        parts.empty("No sentence in these days.")
        return
    chosen = _filtered(rows)
    counted = f"{len(chosen)} of {len(rows)} sentences"
    texts = chosen["doc"].nunique()
    st.caption(f"{counted}, from {texts} text{'s' * (texts != 1)}. Choose a row to open it.")
    if chosen.empty:
        parts.empty("No sentence passes these filters.")
        return
    event = st.dataframe(
        _table(chosen),
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        key=f"table-{key}",
        height=min(37 + 35 * len(chosen), 387),
        column_config={
            "Date": st.column_config.DateColumn(format="D MMM YYYY", width=100),
            "Sentence": st.column_config.TextColumn(width="large"),
            "Probability": st.column_config.NumberColumn(format="%d%%", width="small"),
            "Decided by": st.column_config.TextColumn(
                width="small",
                help="Phrases of the narrative carried it, or the model decided without them.",
            ),
        },
        alt="Sentences that carry the narrative",
    )
    picked = [i for i in event.selection.rows if i < len(chosen)]
    if picked:
        with st.container(border=True):
            parts.sentence(chosen.iloc[picked[0]], f"{key}-{picked[0]}", full=True)
    parts.download(
        chosen.drop(columns=["cluster"]).assign(spans=[str(s) for s in chosen["spans"]]),
        f"evidence-{key}",
        "Sentences as CSV",
    )


def _filtered(rows: pd.DataFrame) -> pd.DataFrame:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        words = st.text_input("Words", placeholder="in the sentence or title", width=240)
        stances = st.multiselect(
            "Stance", list(STANCES), format_func=STANCES.__getitem__, width=220
        )
        rungs = []
        if (rows["rung"] != "").any():
            rungs = st.multiselect("Rung", list(RUNGS), format_func=RUNGS.__getitem__, width=220)
        sources = st.multiselect(
            "Source", sorted(set(rows["source"])), format_func=pretty, width=220
        )
        roles = st.multiselect("Role", sorted(set(rows["role"])), format_func=pretty, width=200)
        order = st.selectbox("Order", list(SORTS), width=170)
        repeats = st.toggle(
            "Include repeats", help="Texts that repeat an earlier one; no index counts them."
        )
    keep = rows["novel"] | repeats
    for column, values in (
        ("stance", stances),
        ("rung", rungs),
        ("source", sources),
        ("role", roles),
    ):
        if values:
            keep &= rows[column].isin([str(v) for v in values])
    if words.strip():
        heard = rows["text"].str.contains(words.strip(), case=False, regex=False)
        keep &= heard | rows["title"].str.contains(words.strip(), case=False, regex=False)
    rows = rows[keep]
    by = SORTS[order]
    if by == "strength":
        return rows
    return rows.sort_values(["day", "strength"], ascending=[by == "oldest", False], kind="stable")


def _table(rows: pd.DataFrame) -> pd.DataFrame:
    several = rows["narrative"].nunique() > 1
    table = pd.DataFrame(
        {
            "Date": rows["day"].dt.date,
            "Sentence": rows["text"],
            "Narrative": rows["narrative"].map(title),
            "Stance": rows["stance"].map(lambda s: STANCES.get(s, s)),
            "Rung": rows["rung"].map(lambda r: RUNGS.get(r, r)),
            "Who": [s or pretty(r) for s, r in zip(rows["speaker"], rows["role"], strict=True)],
            "Source": rows["source"].map(pretty),
            "Probability": (100 * rows["probability"]).round(),
            "Decided by": rows["spans_by"].map(parts.DECIDED_BY),
        }
    )
    unused = [] if several else ["Narrative"]
    if (rows["rung"] == "").all():
        unused.append("Rung")
    return table.drop(columns=unused)
