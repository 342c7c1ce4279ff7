"""Parts that the figures share: lines with gaps, bands, day axes, margins."""

from __future__ import annotations

import html
from datetime import date
from typing import Any

import pandas as pd
import plotly.graph_objects as go


def translucent(colour: str, alpha: float) -> str:
    """``#rrggbb`` as rgba."""
    r, g, b = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({r},{g},{b},{alpha:g})"


def add_line(
    figure: go.Figure,
    rows: pd.DataFrame,
    name: str,
    colour: str,
    *,
    row: int = 1,
    dash: str = "solid",
    digits: int = 0,
    suffix: str = "",
    legend: bool = False,
    band: bool = False,
    signed: bool = False,
) -> None:
    """A line of ``value`` by ``date`` that breaks where a value is missing.

    Points can be chosen; a reading with missing days on both sides shows as a dot.
    """
    if rows.empty:
        return
    value = rows["value"]
    alone = value.notna() & value.shift().isna() & value.shift(-1).isna()
    form = f"{'+' if signed else ''}.{digits}f"
    hover = f"%{{x|%a %-d %b %Y}}<br>{html.escape(name)}: %{{y:{form}}}{suffix}"
    extra: list[Any] = []
    if band:
        extra = [rows["lo"], rows["hi"]]
        hover += f"<br>90% band %{{customdata[0]:{form}}} to %{{customdata[1]:{form}}}"
        if "documents" in rows:
            extra.append(rows["documents"])
            hover += "<br>%{customdata[2]:.0f} texts"
        elif "n" in rows:
            extra.append(rows["n"])
            hover = hover.replace("90% band", "band") + "<br>n %{customdata[2]:.0f}"
    if value.isna().any():
        # A thread across days without coverage, for the eye; it is no reading.
        figure.add_scatter(
            x=rows["date"],
            y=value,
            mode="lines",
            line={"color": colour, "width": 1, "dash": "dot"},
            opacity=0.45,
            connectgaps=True,
            hoverinfo="skip",
            showlegend=False,
            row=row,
            col=1,
        )
    figure.add_scatter(
        x=rows["date"],
        y=value,
        name=html.escape(name),
        mode="lines+markers",
        line={"color": colour, "width": 2, "dash": dash},
        marker={"color": colour, "opacity": 1, "size": [6 if a else 2.5 for a in alone]},
        opacity=1,
        selected={"marker": {"size": 9, "opacity": 1}},
        unselected={"marker": {"opacity": 1}},
        connectgaps=False,
        showlegend=legend,
        customdata=pd.concat(extra, axis=1).to_numpy() if extra else None,
        hovertemplate=hover + "<extra></extra>",
        row=row,
        col=1,
    )


def add_band(figure: go.Figure, rows: pd.DataFrame, colour: str, *, row: int = 1) -> None:
    """The band between ``lo`` and ``hi``, one polygon per unbroken run of days."""
    if rows.empty:
        return
    there = rows["lo"].notna() & rows["hi"].notna()
    runs = (there != there.shift()).cumsum()
    x: list[Any] = []
    y: list[Any] = []
    for _, run in rows[there].groupby(runs[there]):
        x += [*run["date"], *run["date"][::-1], None]
        y += [*run["hi"], *run["lo"][::-1], None]
    figure.add_scatter(
        x=x,
        y=y,
        mode="lines",
        fill="toself",
        fillcolor=translucent(colour, 0.18),
        line={"width": 0, "color": colour},
        hoverinfo="skip",
        showlegend=False,
        row=row,
        col=1,
    )


def panel_title(figure: go.Figure, text: str, *, row: int = 1) -> None:
    """A level title above a panel's left corner, which reads faster than a turned one."""
    axis = "" if row == 1 else str(row)
    figure.add_annotation(
        text=html.escape(text),
        x=0,
        xref="paper",
        xanchor="left",
        y=1,
        yref=f"y{axis} domain",
        yanchor="bottom",
        yshift=3,
        showarrow=False,
        font={"size": 12},
    )


def day_axis(figure: go.Figure, start: date, end: date) -> go.Figure:
    """Every x axis on the same days, with short date ticks."""
    figure.update_xaxes(
        range=[
            pd.Timestamp(start) - pd.Timedelta(hours=12),
            pd.Timestamp(end) + pd.Timedelta(days=1),
        ],
        tickformatstops=[
            {"dtickrange": [None, "M1"], "value": "%-d %b"},
            {"dtickrange": ["M1", None], "value": "%b %Y"},
        ],
        nticks=8,
        tickangle=0,
    )
    return figure


def finish(figure: go.Figure, *, height: int, legend: bool = False, top: int = 0) -> go.Figure:
    """Margins, legend above the plot, one hover label at a time."""
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 8, "t": top or (56 if legend else 28), "b": 8},
        hovermode="closest",
        dragmode=False,
        legend={
            "traceorder": "normal",
            "orientation": "h",
            "x": 0,
            "y": 1.0,
            "yanchor": "top",
            "yref": "container",
            "title": None,
        },
        showlegend=legend,
        font={"size": 13},
    )
    figure.update_yaxes(fixedrange=True, automargin=True, title_standoff=6, zeroline=False)
    figure.update_xaxes(fixedrange=True, automargin=True)
    return figure
