"""Frames to what a page shows, and figures with their gaps."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from moneygood import reads, source_reads
from moneygood.store import Store
from moneygood.ui import charts, coverage_chart
from moneygood.ui.names import COLOUR, NARRATIVES, YIELDS
from moneygood.ui.shape import (
    alert_changes,
    index_day,
    latest_alerts,
    market_days_before,
    reading,
    series_of,
    strongest,
    window_of,
    window_start,
    with_gaps,
    yield_reading,
)

START, END = date(2024, 10, 1), date(2025, 3, 25)


def test_a_market_day_without_coverage_is_missing(store: Store) -> None:
    rows = with_gaps(series_of(reads.index_points(store), "jevons"), START, END)
    missing = rows[rows["value"].isna()]["date"]
    assert len(missing) == 4
    assert len(rows) == 120


def test_readings_say_when_there_is_none(store: Store) -> None:
    points = reads.index_points(store)
    gap = with_gaps(series_of(points, "jevons"), START, END)
    day = gap[gap["value"].isna()]["date"].iloc[0].date()
    found = reading(points, "jevons", day)
    assert found.value is None
    assert found.last is not None
    assert found.last < day
    assert reading(points, "jevons", None).change is None
    last = reading(points, "jevons", index_day(points, END))
    assert last.change == pytest.approx((last.value or 0) - (last.before or 0))
    assert last.window == 5


def test_an_old_yield_is_no_data(store: Store) -> None:
    rates = reads.observations(store)
    assert yield_reading(rates, "y10", END).value is not None
    assert yield_reading(rates, "y10", date(2025, 6, 2)).value is None
    assert yield_reading(rates, "y7", END).value is None


def test_market_days_skip_weekends_and_holidays() -> None:
    assert market_days_before(date(2025, 1, 21), 1) == date(2025, 1, 17)
    assert window_start(date(2025, 1, 24), 5) == date(2025, 1, 17)
    assert window_of("share.v1/w20/m5") == 20
    assert window_of("unknown") == 5


def test_alerts_give_the_last_state_and_the_changes(store: Store) -> None:
    alerts = reads.alerts(store)
    assert sorted(latest_alerts(alerts)["state"]) == ["firing", "no data"]
    changes = alert_changes(alerts)
    assert list(changes["state"]) == ["firing", "pending"]


def test_strongest_prefers_sentences_that_stand_alone() -> None:
    rows = pd.DataFrame(
        {
            "doc": [1, 1, 1, 2],
            "position": [0, 1, 2, 0],
            "strength": [0.9, 0.8, 0.7, 0.6],
            "text": ["Some of it.", *(["We see no impact on our plans."] * 3)],
            "spans": [[], [(0, 2)], [(0, 2)], [(0, 2)]],
        }
    )
    assert list(strongest(rows, 2, per_document=1)["strength"]) == [0.8, 0.6]
    assert len(strongest(rows, 5)) == 4


@pytest.mark.parametrize("series", [*NARRATIVES, "balance", "retreat"])
def test_lines_break_at_gaps_and_keep_their_colour(store: Store, series: str) -> None:
    points, rates = reads.index_points(store), reads.observations(store)
    figure = charts.index_and_yield(points, rates, series, START, END)
    line = next(t for t in figure.data if t.mode == "lines+markers")
    assert line.line.color == COLOUR[series]
    assert not line.connectgaps
    assert int(np.isnan(np.asarray(line.y, dtype=float)).sum()) == 4
    band = next(t for t in figure.data if t.fill == "toself")
    assert list(band.x).count(None) == 2
    assert charts.index_and_share(points, series, START, END).data


def test_figures_of_nothing_are_empty_not_errors(store: Store) -> None:
    points, rates = reads.index_points(store), reads.observations(store)
    early = date(2020, 1, 2)
    assert len(charts.all_narratives(points, rates, early, early).data) == 0
    charts.index_and_yield(points, rates, "balance", early, early)
    coverage_chart.documents(source_reads.coverage(store), early, early)


def test_days_without_evidence_are_shaded(store: Store) -> None:
    rows = reads.relations(store)
    rows = rows[(rows["narrative"] == "jevons") & (rows["series"] == "y10")]
    figure = charts.relation(rows, START, END, COLOUR["jevons"])
    shaded = [s for s in figure.layout.shapes if s.type == "rect"]
    within = (rows["lo"] <= 0) & (rows["hi"] >= 0)
    assert bool(shaded) == bool(within.any())
    bare = charts.relation(rows.assign(z=np.nan), START, END, COLOUR["jevons"])
    assert "yaxis2" not in bare.layout.to_plotly_json()


def test_the_curve_has_every_known_maturity(store: Store) -> None:
    figure = charts.curve(reads.observations(store), YIELDS, {"then": date(2024, 10, 1)})
    assert list(figure.data[0].x) == ["2-year", "5-year", "10-year", "30-year"]
