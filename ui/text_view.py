"""A whole text: its versions, what each changed, and its marked sentences."""

from __future__ import annotations

from datetime import date, datetime

import pandas as pd
import streamlit as st

from moneygood.records import Document
from moneygood.ui import queries
from moneygood.ui.coverage_tables import moments
from moneygood.ui.marks import MarkedSentence, document_blocks, escape, mark_sentences, safe_url
from moneygood.ui.names import OWN_TINT, STANCES, TINT, pretty, title
from moneygood.ui.versions import changed_runs, changes_markdown, times_words, version_words
from moneygood.ui.words import day_words

Version = tuple[int, datetime, str, Document]
TEXT, CHANGES = "Text", "What it changed"


@st.dialog("Whole text", width="large")
def whole_text(doc: int, position: int, day: date, *, changes: bool = False) -> None:
    """The dialog of :func:`show`."""
    show(doc, position, day, changes=changes)


def show(doc: int, position: int, day: date, *, changes: bool = False) -> None:
    """A document with every sentence that carries a narrative marked in it.

    The one at ``position`` is set off; -1: none. A text of several versions opens in
    that of number ``doc``, with ``changes`` on what it changed; others can be chosen.
    """
    versions = queries.versions(doc)
    if not versions:
        st.markdown(":gray[This text is no longer in the database.]")
        return
    at = next(i for i, version in enumerate(versions) if version[0] == doc)
    found = versions[at][3]
    facts = [pretty(found.source), found.kind, day_words(day), *found.tickers]
    st.markdown(":gray[" + " · ".join(escape(str(f)) for f in facts) + "]")
    if len(versions) > 1:
        at, changes = _choose(versions, at, changes)
        found = versions[at][3]
    st.caption(times_words(found))
    for note in found.notes:
        st.caption(escape(f"Note: {note}"))
    url = safe_url(found.url)
    if url:
        st.link_button("At the source", url, icon=":material/open_in_new:")
    if changes and at:
        _changes(versions[at - 1][3], found)
    else:
        _text(found, doc, position, day, latest=versions[at][0] == doc)


def _choose(versions: list[Version], at: int, changes: bool) -> tuple[int, bool]:
    """The version chosen, and whether to show what it changed instead of its text."""
    count = len(versions)
    since = moments(pd.Series([version[1] for version in versions]))
    labels = {i: f"{i + 1} of {count}, from {moment}" for i, moment in enumerate(since)}
    doc = versions[at][0]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            "Version",
            list(labels)[::-1],
            index=count - 1 - at,
            format_func=labels.__getitem__,
            key=f"version-{doc}",
            width=290,
        )
        view = TEXT
        if chosen:
            view = st.segmented_control(
                "Show",
                [TEXT, CHANGES],
                default=CHANGES if changes else TEXT,
                required=True,
                key=f"version-view-{doc}",
            )
    _, moment, changed, _ = versions[chosen]
    st.markdown(escape(version_words(chosen + 1, count, moment, changed)))
    return chosen, view == CHANGES


def _changes(old: Document, new: Document) -> None:
    heading = changed_runs(old.title, new.title)
    if heading:
        st.markdown(f"**Title:** {changes_markdown(heading)}")
    else:
        st.markdown(f"**{escape(new.title)}**" if new.title else "No title")
    body = changed_runs(old.text, new.text)
    st.markdown(changes_markdown(body) if body else ":gray[The text stayed as it was.]")
    st.caption("Against the version before: [+ words added], [− words removed], … left out.")


def _text(found: Document, doc: int, position: int, day: date, *, latest: bool) -> None:
    rows = queries.evidence("all", day, day)
    rows = rows[rows["doc"] == doc].sort_values(["position", "strength"], ascending=[True, False])
    marks = [
        MarkedSentence(
            text=part["text"].iloc[0],
            tint=TINT.get(part["narrative"].iloc[0], OWN_TINT),
            label=", ".join(
                f"{title(narrative)} {STANCES.get(stance, stance).lower()}"
                for narrative, stance in zip(part["narrative"], part["stance"], strict=True)
            ),
            strong=where == position,
        )
        for where, part in rows.groupby("position")
    ]
    if latest:
        bold = "; the one you opened is bold" if any(m.strong for m in marks) else ""
        st.caption(f"{len(marks)} marked sentence{'s' * (len(marks) != 1)}{bold}.")
    else:
        st.caption("Marked are the sentences of the version you opened that stood here too.")
    st.markdown(f"**{mark_sentences(found.title, marks)}**" if found.title else "No title")
    for heading, body in document_blocks(found, marks):
        if heading:
            st.markdown(f"**{heading}**")
        st.markdown(body)
