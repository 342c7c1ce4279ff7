"""Coverage drawn: documents a day, and a strip of visits a source; pure functions.

The strip is HTML and not a Plotly figure: its cells keep a least width, so that on
a narrow screen it scrolls beside its names instead of shrinking to nothing.
"""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Sequence
from datetime import date
from itertools import pairwise

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from moneygood.ui.chart_parts import day_axis, finish, panel_title
from moneygood.ui.coverage import SHADES, Cell, Day, Strip
from moneygood.ui.names import SOURCES, pretty
from moneygood.ui.shape import between

NAME = 26
NOVEL, REPEATED, OTHER = "#3A78B8", "#B4588F", "#94A0AE"
_CLASS = {
    Day.NOTHING: "mg-q",
    Day.PARTLY: "mg-p",
    Day.FAILED: "mg-f",
    Day.GAP: "mg-g",
    Day.BEFORE: "",
}


def documents(frame: pd.DataFrame, start: date, end: date) -> go.Figure:
    """Texts per market day by source, above the same told apart: novel and repeated.

    The smallest sources share one colour.
    """
    rows = between(frame, start, end, "day")
    totals = rows.groupby("source")["documents"].sum().sort_values(ascending=False)
    named = list(totals.index[: len(SOURCES)])
    grouped = rows.assign(source=rows["source"].where(rows["source"].isin(named), ""))
    counts = grouped.groupby(["source", "day"])["documents"].sum().reset_index()
    figure = make_subplots(
        rows=2, cols=1, shared_xaxes=True, row_heights=[0.58, 0.42], vertical_spacing=0.15
    )
    for source, shade in zip([*named, ""], [*SOURCES[: len(named)], OTHER], strict=True):
        part = counts[counts["source"] == source]
        if part.empty:
            continue
        name = html.escape(_short(pretty(source))) if source else "Other sources"
        figure.add_bar(
            x=part["day"],
            y=part["documents"],
            name=name,
            marker={"color": shade, "line": {"width": 0}},
            hovertemplate="%{x|%-d %b %Y}<br>%{fullData.name}: %{y}<extra></extra>",
            row=1,
            col=1,
        )
    panel_title(figure, "Texts, by source")
    _novelty_panel(figure, rows)
    figure.update_layout(barmode="stack", bargap=0.1)
    figure.update_yaxes(rangemode="tozero", nticks=5)
    finish(day_axis(figure, start, end), height=440, legend=True, top=28)
    # Anchored to the plot, the legend takes what room it needs: one line or ten.
    figure.update_layout(legend={"yref": "paper", "y": 1.1, "yanchor": "bottom"})
    return figure


def _short(name: str) -> str:
    return name if len(name) <= NAME else name[: NAME - 1].rstrip() + "…"


def _novelty_panel(figure: go.Figure, rows: pd.DataFrame) -> None:
    days = rows.groupby("day")[["documents", "novel"]].sum().reset_index()
    days["repeated"] = days["documents"] - days["novel"]
    for column, shade, pattern in (("novel", NOVEL, ""), ("repeated", REPEATED, "/")):
        figure.add_bar(
            x=days["day"],
            y=days[column],
            name=column.capitalize(),
            showlegend=False,
            marker={
                "color": shade,
                "line": {"width": 0},
                "pattern": {"shape": pattern, "fillmode": "replace", "solidity": 0.5, "size": 5},
            },
            customdata=days["documents"],
            hovertemplate="%{x|%-d %b %Y}<br>%{y} " + column + " of %{customdata}<extra></extra>",
            row=2,
            col=1,
        )
    panel_title(figure, "Novel (solid) and repeated (hatched)", row=2)


def strip_html(rows: Sequence[Strip]) -> str:
    """The visits of every source, a cell a day; styled by ``style.css``. "" for no rows."""
    if not rows:
        return ""
    days = [cell.day for cell in rows[0].cells]
    names = "".join(
        f'<div class="mg-name" title="{_safe(s.source)}">{_safe(pretty(s.source))}</div>'
        for s in rows
    )
    cells = "".join(_cell(cell) for s in rows for cell in s.cells)
    return (
        f'<div class="mg-strip" role="img" aria-label="{_safe(strip_words(rows))}">'
        f'<div class="mg-names"><div class="mg-name"></div>{names}</div>'
        '<div class="mg-scroll">'
        f'<div class="mg-days" style="--days:{len(days)}">{_ticks(days)}{cells}</div>'
        "</div></div>"
    )


def _cell(cell: Cell) -> str:
    kind = f"mg-n{cell.shade}" if cell.state is Day.NEW else _CLASS[cell.state]
    if cell.state is Day.BEFORE:
        return "<i></i>"
    return f'<i class="{kind}" title="{cell.words}"></i>'


def _ticks(days: Sequence[date]) -> str:
    """A label on each Monday that has room for it; on the first day of a short strip."""
    at = [i for i, day in enumerate(days) if day.weekday() == 0 and len(days) - i >= 4] or [0]
    labels = "".join(
        f'<span style="grid-column:{i + 1} / span {min(7, len(days) - i)}">'
        f"{days[i].day} {days[i]:%b}</span>"
        for i in at
    )
    return f'<div class="mg-ticks">{labels}</div>'


def legend_html() -> str:
    """What each kind of cell means, in words."""
    ends = [f"{one} to {then - 1}" for one, then in pairwise(SHADES)]
    entries = [
        (f"mg-n{i}", f"{words} new")
        for i, words in enumerate([*ends, f"{SHADES[-1]} or more"], start=1)
    ]
    entries += [
        (_CLASS[Day.NOTHING], "read, nothing new"),
        (_CLASS[Day.PARTLY], "failed in part"),
        (_CLASS[Day.FAILED], "failed"),
        (_CLASS[Day.GAP], "not visited"),
    ]
    keys = "".join(f'<span><i class="{kind}"></i>{words}</span>' for kind, words in entries)
    return f'<div class="mg-legend">{keys}</div>'


def strip_words(rows: Sequence[Strip]) -> str:
    """What the strip shows, as a sentence: days not visited and days failed, by source."""
    said = []
    for state, words in (
        (Day.GAP, "not visited"),
        (Day.FAILED, "failed"),
        (Day.PARTLY, "failed in part"),
    ):
        found = Counter({s.source: s.count(state) for s in rows if s.count(state)})
        if found:
            worst = ", ".join(f"{pretty(name)} ({n})" for name, n in found.most_common(3))
            more = f" and {len(found) - 3} more" if len(found) > 3 else ""
            said.append(f"days {words}: {worst}{more}")
    text = "; ".join(said) or "every source was read every day since its first visit"
    return f"{text[:1].upper()}{text[1:]}."


def _safe(text: str) -> str:
    return html.escape(" ".join(text.split()), quote=True)
