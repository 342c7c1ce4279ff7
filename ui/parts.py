"""Parts that several pages show: the period, charts, sentences, downloads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from moneygood.records import AlertState, SpansBy, Stance
from moneygood.ui.exports import csv_bytes
from moneygood.ui.marks import escape, mark, safe_url
from moneygood.ui.names import OWN_TINT, RUNGS, SECTIONS, STANCES, STATES, TINT, pretty, title
from moneygood.ui.text_view import whole_text
from moneygood.ui.training_sentences import training_sentence
from moneygood.ui.words import day_words

FROM, TO, BOUNDS = "from", "to", "bounds"
DECIDED_BY = {SpansBy.PHRASE: "phrase", SpansBy.ATTRIBUTION: "model"}


def period() -> tuple[date, date]:
    """The days chosen in the sidebar, in order."""
    bounds = st.session_state[BOUNDS]
    first, last = st.session_state[FROM] or bounds[0], st.session_state[TO] or bounds[1]
    return min(first, last), max(first, last)


def choose(
    label: str,
    options: Sequence[str],
    key: str,
    names: Callable[[str], str] = title,
    **look: Any,
) -> str:
    """A choice kept in the URL by its id (``?narrative=jevons``); the first is the default.

    ``bind="query-params"`` would put the displayed name into the URL.
    """
    if key not in st.session_state:
        asked = st.query_params.get(key, "")
        st.session_state[key] = asked if asked in options else options[0]
    chosen = str(st.selectbox(label, options, format_func=names, key=key, **look))
    remember(key, chosen, options[0])
    return chosen


def remember(key: str, value: str, default: str) -> None:
    """Keep ``value`` in the URL, unless it is the default."""
    if value == default:
        st.query_params.pop(key, None)
    elif st.query_params.get(key) != value:
        st.query_params[key] = value


def chart(figure: go.Figure, key: str, alt: str, **options: Any) -> Any:
    """A figure in the page's theme, without Plotly's own buttons."""
    config = {"displayModeBar": False, "scrollZoom": False}
    return st.plotly_chart(figure, key=key, config=config, alt=alt, **options)


def chosen_day(key: str) -> date | None:
    """The market day of the point chosen in the chart ``key``, if any."""
    points = st.session_state.get(key, {}).get("selection", {}).get("points", [])
    try:
        return pd.Timestamp(points[0]["x"]).date() if points else None
    except (KeyError, ValueError):
        return None


def download(frame: pd.DataFrame, name: str, label: str = "Download CSV") -> None:
    """A CSV of ``frame``, spreadsheet formulas in collected text made harmless."""
    st.download_button(
        label,
        csv_bytes(frame),
        file_name=f"moneygood-{name}.csv",
        mime="text/csv",
        key=f"download-{name}",
        icon=":material/download:",
        on_click="ignore",
        disabled=frame.empty,
    )


def empty(words: str) -> None:
    """Says in words why there is nothing here."""
    st.markdown(f":gray[{words}]")


def labels(row: pd.Series[Any]) -> str:
    """Badges: narrative and stance, and the rung where there is one."""
    tint = TINT.get(row["narrative"], OWN_TINT)
    stance = STANCES.get(row["stance"], str(row["stance"])).lower()
    text = f":{tint}-badge[{escape(title(row['narrative']))} · {stance}]"
    if row["rung"]:
        text += f" :gray-badge[{RUNGS.get(row['rung'], escape(row['rung']))}]"
    return text


def byline(row: pd.Series[Any]) -> str:
    """Source, date, speaker and section of a sentence."""
    parts = [pretty(row["source"]), day_words(row["day"].date())]
    if row["speaker"]:
        parts.insert(0, row["speaker"])
    elif row["role"] not in {"unknown", "journalist", ""}:
        parts.insert(0, pretty(row["role"]))
    if row["section"] in set(SECTIONS):
        parts.append(SECTIONS[row["section"]].lower())
    if by_model(row):
        parts.append("marked by the model")
    return " · ".join(escape(p) for p in parts)


def by_model(row: pd.Series[Any]) -> bool:
    """Whether the model decided without the narrative's phrases."""
    return bool(row["spans_by"] == SpansBy.ATTRIBUTION)


def why(row: pd.Series[Any]) -> str:
    """What the marks of a sentence are, and the training sentence it reads like."""
    if not by_model(row):
        words = "Marked are phrases of the narrative." if row["spans"] else ""
    elif row["spans"]:
        words = "No phrase of the narrative decided; marked are the words that moved the model."
    else:
        words = "No word stands out: the model decided by the whole, with the sentence before it."
    near = training_sentence(str(row["nearest"])) if row["nearest"] else None
    if near is None:
        return f":gray[{words}]" if words else ""
    labelled = near.stance(row["narrative"])
    stance = STANCES[Stance(labelled)].lower() if labelled else ""
    facts = ", ".join(f for f in (f"similarity {row['nearest_similarity']:.2f}", stance) if f)
    like = f"Reads like a training sentence ({facts}): “{escape(near.text)}”"
    return f":gray[{words}]  \n:gray[{like}]" if words else f":gray[{like}]"


def sentence(row: pd.Series[Any], key: str, *, full: bool = False) -> None:
    """One sentence with its marked spans and a way to its whole text.

    Phrases are marked in bold, words that moved the model are not. ``full`` adds the
    sentence before it, the probabilities, why it was called, and the link.
    """
    tint = TINT.get(row["narrative"], OWN_TINT)
    if full and row["context"]:
        st.markdown(f":gray[{escape(row['context'])}]")
    words = mark(row["text"], row["spans"], tint, strong=not by_model(row))
    if not full:
        with st.container(gap=None):
            st.markdown(words)
            with st.container(horizontal=True, gap="small", vertical_alignment="center"):
                st.markdown(f":small[{labels(row)} :gray[{byline(row)}]]", width="content")
                _open_button(row, key)
        return
    st.markdown(f"{words}  \n:small[{labels(row)} :gray[{byline(row)}]]")
    stances = ", ".join(
        f"{name.lower()} {row[stance]:.0%}"
        for stance, name in STANCES.items()
        if pd.notna(row[stance])
    )
    repeat = "" if row["novel"] else " Repeats an earlier text, so no index counts it."
    st.markdown(
        f"Carries the narrative with probability {row['probability']:.0%}; {stances}.{repeat}"
    )
    reasons = why(row)
    if reasons:
        st.markdown(reasons)
    with st.container(horizontal=True, gap="small"):
        _open_button(row, key)
        url = safe_url(row["url"])
        if url:
            st.link_button("At the source", url, type="tertiary", icon=":material/open_in_new:")


def _open_button(row: pd.Series[Any], key: str) -> None:
    if st.button(
        ":small[:blue[Open]]", key=f"open-{key}", type="tertiary", help="Read the whole text"
    ):
        whole_text(int(row["doc"]), int(row["position"]), row["day"].date())


def state_badge(state: str) -> str:
    """A coloured badge for an alert state."""
    name, tint = STATES.get(AlertState(state), (state, "gray"))
    return f":{tint}-badge[{name}]"
