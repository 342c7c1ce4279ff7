"""Plotly figures from frames; pure functions.

Every figure leaves gaps where a market day has no reading, and takes its text
and grid colours from the page's theme, so that it reads in light and in dark.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from moneygood.records import Rung
from moneygood.ui.chart_parts import (
    add_band,
    add_line,
    day_axis,
    finish,
    panel_title,
    translucent,
)
from moneygood.ui.names import (
    BALANCE,
    COLOUR,
    DASH,
    NARRATIVES,
    OWN_DASH,
    RETREAT,
    RUNGS,
    STANCES,
    is_narrative,
    title,
)
from moneygood.ui.names import colour as colour_of
from moneygood.ui.shape import series_of, with_gaps
from moneygood.ui.words import RELATION_STATES

STATE_COLOUR = {"aligned": "#2E9469", "diverging": "#CF3F4B", "unrelated": "#94A0AE"}


def reference(series: str) -> float | None:
    """The level that means "nothing unusual": 100 for an index, 0 for the balance."""
    if is_narrative(series):
        return 100.0
    return 0.0 if series == BALANCE else None


def digits(series: str) -> int:
    """Decimals worth showing of a series."""
    return 0 if is_narrative(series) else 1 if series.endswith(".share") else 2


def unit(series: str) -> str:
    """Panel title of a series."""
    if is_narrative(series):
        return f"{title(series)}, index, base = 100"
    if series == BALANCE:
        return "Balance, \u22121 all doubt to +1 all soothing"
    return "Mean rung of reassurance" if series == RETREAT else "Percent of novel texts"


def index_and_yield(
    points: pd.DataFrame, observations: pd.DataFrame, series: str, start: date, end: date
) -> go.Figure:
    """An index with its band above the 10-year yield, days in common."""
    figure = make_subplots(
        rows=2, cols=1, shared_xaxes=True, row_heights=[0.62, 0.38], vertical_spacing=0.13
    )
    _index_panel(figure, points, series, start, end, row=1)
    rates = with_gaps(series_of(observations, "y10"), start, end)
    add_line(figure, rates, "10-year yield", COLOUR["y10"], row=2, digits=2, suffix="%")
    panel_title(figure, "10-year yield, percent", row=2)
    return finish(day_axis(figure, start, end), height=400)


def all_narratives(
    points: pd.DataFrame,
    observations: pd.DataFrame,
    start: date,
    end: date,
    narratives: Sequence[str] = NARRATIVES,
) -> go.Figure:
    """The indices of all narratives on one scale above the 10-year yield."""
    figure = make_subplots(
        rows=2, cols=1, shared_xaxes=True, row_heights=[0.62, 0.38], vertical_spacing=0.13
    )
    for narrative in narratives:
        rows = with_gaps(series_of(points, narrative), start, end)
        add_line(
            figure,
            rows,
            title(narrative),
            colour_of(narrative),
            row=1,
            dash=DASH.get(narrative, OWN_DASH),
            legend=True,
        )
    figure.add_hline(y=100, line_width=1, line_dash="dot", line_color="#8A94A0", row=1, col=1)
    panel_title(figure, "Index, base = 100")
    rates = with_gaps(series_of(observations, "y10"), start, end)
    add_line(figure, rates, "10-year yield", COLOUR["y10"], row=2, digits=2, suffix="%")
    panel_title(figure, "10-year yield, percent", row=2)
    return finish(day_axis(figure, start, end), height=440, legend=True, top=84)


def index_and_share(points: pd.DataFrame, series: str, start: date, end: date) -> go.Figure:
    """A narrative's index above its plain share of texts; other series stand alone."""
    share = f"{series}.share"
    if not is_narrative(series):
        figure = make_subplots(rows=1, cols=1)
        _index_panel(figure, points, series, start, end, row=1)
        return finish(day_axis(figure, start, end), height=340)
    figure = make_subplots(
        rows=2, cols=1, shared_xaxes=True, row_heights=[0.6, 0.4], vertical_spacing=0.13
    )
    _index_panel(figure, points, series, start, end, row=1)
    _index_panel(figure, points, share, start, end, row=2, colour=colour_of(series))
    figure.update_yaxes(rangemode="tozero", row=2, col=1)
    return finish(day_axis(figure, start, end), height=430)


def _index_panel(
    figure: go.Figure,
    points: pd.DataFrame,
    series: str,
    start: date,
    end: date,
    *,
    row: int,
    colour: str = "",
) -> None:
    rows = with_gaps(series_of(points, series), start, end)
    colour = colour or colour_of(series)
    add_band(figure, rows, colour, row=row)
    level = reference(series)
    if level is not None and len(rows):
        figure.add_hline(
            y=level, line_width=1, line_dash="dot", line_color="#8A94A0", row=row, col=1
        )
    add_line(figure, rows, title(series), colour, row=row, digits=digits(series), band=True)
    panel_title(figure, unit(series), row=row)
    if series == RETREAT:
        ticks = list(range(len(RUNGS)))
        figure.update_yaxes(
            tickvals=ticks,
            ticktext=list(RUNGS.values()),
            range=[-0.1, 2.1],
            row=row,
        )


def stacked_weeks(weeks: pd.DataFrame, column: str) -> go.Figure:
    """Sentences per week, stacked by stance or rung."""
    names: dict[str, str] = (
        {str(r): n for r, n in RUNGS.items()}
        if column == "rung"
        else {str(s): n for s, n in STANCES.items()}
    )
    figure = go.Figure()
    for key, name in names.items():
        rows = weeks[weeks[column] == key]
        figure.add_bar(
            x=rows["week"],
            y=rows["sentences"],
            name=name,
            marker_color=COLOUR[key],
            customdata=rows["share"],
            hovertemplate="week of %{x|%-d %b %Y}<br>"
            + name
            + ": %{y} (%{customdata:.0f}%)<extra></extra>",
        )
    figure.update_layout(barmode="stack", bargap=0.15)
    figure.update_xaxes(tickformat="%-d %b", nticks=6, tickangle=0)
    figure.update_yaxes(rangemode="tozero")
    return finish(figure, height=260, legend=True)


def yields(
    observations: pd.DataFrame, series: tuple[str, ...], start: date, end: date
) -> go.Figure:
    """Yields over time, one line a maturity."""
    figure = make_subplots(rows=1, cols=1)
    for name in series:
        rows = with_gaps(series_of(observations, name), start, end)
        add_line(figure, rows, title(name), COLOUR[name], digits=2, suffix="%", legend=True)
    return finish(day_axis(figure, start, end), height=320, legend=True)


def curve(observations: pd.DataFrame, series: tuple[str, ...], days: dict[str, date]) -> go.Figure:
    """The yield curve on some days: percent by maturity."""
    figure = go.Figure()
    styles = (("#C8474F", "solid"), ("#64748B", "dash"), ("#94A0AE", "dot"))
    for (label, day), (colour, dash) in zip(days.items(), styles, strict=False):
        known = observations[observations["date"] == pd.Timestamp(day)].set_index("series")["value"]
        there = [s for s in series if s in known.index]
        figure.add_scatter(
            x=[title(s) for s in there],
            y=[float(known[s]) for s in there],
            name=label,
            mode="lines+markers",
            line={"color": colour, "dash": dash, "width": 2},
            hovertemplate=label + "<br>%{x}: %{y:.2f}%<extra></extra>",
        )
    return finish(figure, height=320, legend=True)


def relation(rows: pd.DataFrame, start: date, end: date, colour: str) -> go.Figure:
    """Rolling correlation with its band above the divergence z, coloured by state.

    Days on which the band holds zero are shaded: no evidence of a correlation.
    The lower panel is left out where no divergence was measured.
    """
    known = rows[rows["corr"].notna() | rows["z"].notna()]
    rows = with_gaps(known, start, end)
    measured = bool(rows["z"].notna().any())
    figure = make_subplots(rows=1 + measured, cols=1, shared_xaxes=True, vertical_spacing=0.16)
    band = rows.rename(columns={"corr": "value"})
    add_band(figure, band, colour, row=1)
    add_line(figure, band, "correlation", colour, row=1, digits=2, band=True, signed=True)
    half = pd.Timedelta(hours=12)
    for first, last in _runs(rows, (rows["lo"] <= 0) & (rows["hi"] >= 0)):
        figure.add_vrect(
            x0=first - half,
            x1=last + half,
            fillcolor=translucent("#94A0AE", 0.16),
            line_width=0,
            layer="below",
            row=1,
            col=1,
        )
    figure.add_hline(y=0, line_width=1, line_dash="dot", line_color="#8A94A0", row=1, col=1)
    figure.update_yaxes(range=[-1, 1], row=1, col=1)
    panel_title(figure, "Correlation of daily changes; shaded: no evidence")
    if measured:
        _divergence_panel(figure, rows)
    return finish(day_axis(figure, start, end), height=360 if measured else 220)


def _divergence_panel(figure: go.Figure, rows: pd.DataFrame) -> None:
    add_line(figure, rows.assign(value=rows["z"]), "z", "#94A0AE", row=2, digits=1, signed=True)
    for state, shade in STATE_COLOUR.items():
        here = rows[(rows["state"] == state) & rows["z"].notna()]
        name = RELATION_STATES[state][0]
        figure.add_scatter(
            x=here["date"],
            y=here["z"],
            mode="markers",
            name=name,
            marker={"color": shade, "size": 5, "opacity": 1},
            hovertemplate="%{x|%-d %b %Y}<br>z %{y:+.1f}, " + name.lower() + "<extra></extra>",
            row=2,
            col=1,
        )
    for level in (-2, 0, 2):
        figure.add_hline(y=level, line_width=1, line_dash="dot", line_color="#8A94A0", row=2, col=1)
    widest = max(2.6, 1.1 * float(rows["z"].abs().max()))
    figure.update_yaxes(range=[-widest, widest], row=2, col=1)
    panel_title(figure, "Divergence z; red: beyond 2, diverging", row=2)


def _runs(rows: pd.DataFrame, flag: pd.Series[bool]) -> list[tuple[pd.Timestamp, pd.Timestamp]]:
    groups = (flag != flag.shift()).cumsum()
    return [(g["date"].iloc[0], g["date"].iloc[-1]) for _, g in rows[flag].groupby(groups[flag])]


def rung_order() -> list[str]:
    """Rungs from the lowest."""
    return [str(r) for r in Rung]
