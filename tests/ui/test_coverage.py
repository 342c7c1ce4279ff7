"""What the visits gave: the state of a source on a day, gaps, reasons, the strip chart."""

from __future__ import annotations

import re
from datetime import date, timedelta
from html.parser import HTMLParser

import pandas as pd
import pytest

from moneygood import source_reads
from moneygood.store import Store
from moneygood.ui.coverage import (
    Cell,
    Day,
    Strip,
    health_words,
    imported_only,
    once_only,
    source_states,
    state_words,
    strips,
)
from moneygood.ui.coverage_chart import documents, legend_html, strip_html, strip_words
from moneygood.ui.coverage_tables import (
    day_reasons,
    failure_groups,
    named,
    skip_reasons,
    source_days,
    sources_table,
    times_words,
)
from moneygood.ui.words import lag_words

FRIDAY = date(2025, 3, 7)
LAST = date(2025, 3, 25)
COUNTS = ("fetched", "new", "revised", "duplicate", "skipped", "failed", "unchanged")


def _visits(*rows: tuple[str, int, dict[str, int]]) -> pd.DataFrame:
    """A frame of ``source_reads.visit_days``: source, days after FRIDAY, counts."""
    return pd.DataFrame(
        [
            {
                "source": source,
                "day": pd.Timestamp(FRIDAY + timedelta(days=after)),
                "visits": 1,
                **dict.fromkeys(COUNTS, 0),
                **counts,
            }
            for source, after, counts in rows
        ]
    )


@pytest.mark.parametrize(
    ("counts", "state"),
    [
        ({"fetched": 5, "new": 2}, Day.NEW),
        ({"fetched": 5, "revised": 1}, Day.NEW),
        ({"fetched": 5, "duplicate": 5}, Day.NOTHING),
        ({"unchanged": 1}, Day.NOTHING),
        ({}, Day.NOTHING),
        ({"failed": 1}, Day.FAILED),
        ({"failed": 1, "fetched": 3, "new": 3}, Day.PARTLY),
        ({"failed": 1, "skipped": 3}, Day.PARTLY),
        ({"failed": 1, "unchanged": 1}, Day.PARTLY),
    ],
)
def test_the_state_of_a_day_follows_from_its_counts(counts: dict[str, int], state: Day) -> None:
    (strip,) = strips(_visits(("wire", 0, counts)), FRIDAY, FRIDAY, last=FRIDAY)
    assert [cell.state for cell in strip.cells] == [state]


def test_days_without_a_visit_are_gaps_from_the_first_visit_on_weekends_too() -> None:
    new = {"fetched": 1, "new": 1}
    days = _visits(("wire", 0, new), ("wire", 3, new), ("post", 2, new))
    post, wire = strips(days, FRIDAY - timedelta(days=30), LAST, last=FRIDAY + timedelta(days=4))
    assert [c.state for c in wire.cells] == [Day.NEW, Day.GAP, Day.GAP, Day.NEW, Day.GAP]
    assert [c.state for c in post.cells] == [Day.BEFORE, Day.BEFORE, Day.NEW, Day.GAP, Day.GAP]
    assert wire.cells[1].day.weekday() == 5
    assert (wire.count(Day.GAP), post.count(Day.GAP)) == (3, 2)


def test_a_period_cuts_the_strip_and_its_first_visit_is_remembered() -> None:
    days = _visits(("wire", 0, {}), ("post", 9, {}))
    (wire,) = strips(days, FRIDAY + timedelta(days=1), FRIDAY + timedelta(days=3), last=LAST)
    assert [c.state for c in wire.cells] == [Day.GAP] * 3
    assert strips(days, LAST - timedelta(days=99), FRIDAY - timedelta(days=1), last=LAST) == []
    assert strips(days.iloc[:0], FRIDAY, LAST, last=LAST) == []


def _cells(*states: Day) -> list[Cell]:
    return [
        Cell(
            FRIDAY + timedelta(days=i),
            state,
            new=2 if state is Day.NEW else 0,
            visits=0 if state is Day.GAP else 1,
        )
        for i, state in enumerate(states)
    ]


@pytest.mark.parametrize(
    ("states", "failed", "read", "words"),
    [
        ([Day.NEW, Day.NEW], False, True, "read"),
        ([Day.NEW, Day.NOTHING, Day.NOTHING], False, True, "read"),
        ([Day.NEW, Day.NOTHING, Day.NOTHING, Day.NOTHING], False, False, "quiet for 3 days"),
        ([Day.NEW, Day.NOTHING, Day.GAP, Day.NOTHING], False, False, "quiet for 3 days"),
        ([Day.NEW, Day.FAILED], True, False, "failed"),
        ([Day.NEW, Day.FAILED, Day.FAILED], True, False, "failed for 2 days"),
        ([Day.FAILED, Day.GAP, Day.FAILED], True, False, "failed for 3 days"),
        ([Day.NEW, Day.PARTLY], True, True, "failed in part"),
        ([Day.NEW, Day.PARTLY], True, False, "failed"),
        ([Day.FAILED, Day.PARTLY], False, True, "read"),
        ([Day.NEW, Day.GAP], False, True, "read"),
        ([Day.NEW, Day.GAP, Day.GAP], False, True, "not visited for 2 days"),
        ([Day.FAILED, Day.GAP, Day.GAP], True, False, "not visited for 2 days"),
        ([], False, False, "never visited"),
    ],
)
def test_a_state_in_words_follows_the_last_visit_and_the_days_before(
    states: list[Day], failed: bool, read: bool, words: str
) -> None:
    assert state_words(_cells(*states), failed=failed, read=read) == words


def test_every_source_of_the_store_is_in_the_state_it_was_brought_to(store: Store) -> None:
    health, days = source_reads.source_health(store), source_reads.visit_days(store)
    states = source_states(health, days, last=LAST)
    assert states == {
        "circuit-notes": "failed in part",
        "ember-feed": "quiet for 6 days",
        "halden-calls": "imported",
        "harbour-post": "imported",
        "ledger-wire": "imported",
        "slate-desk": "read",
        "tide-bulletin": "not visited for 4 days",
        "treasury": "read",
    }
    assert health_words(states) == (
        "8 sources: 2 read, 1 quiet for 3 days or more, 1 failed in part,"
        " 1 not visited for 2 days or more, 3 imported only."
    )
    table = sources_table(health, source_reads.coverage(store), days, states)
    assert list(table["Source"][:2]) == ["Tide bulletin", "Circuit notes"]
    assert set(table["State"][-3:]) == {"imported"}
    by = table.set_index("Source")
    assert by.loc["Slate desk", "Lag"] == "30 min"
    assert by.loc["Slate desk", "Last error"] == "22 Mar 2025: took over 30 s"
    assert by.loc["Slate desk", "Last visit"] == "25 Mar 2025, 09:00"
    assert by.loc["Ledger wire", "Lag"] == ""
    assert by.loc["Ledger wire", "Novel"] == 100
    assert by.loc["Ember feed", "Novel"] == pytest.approx(100 * 7 / 15)
    assert by["Novel"].isna()["Treasury"]
    assert by["Texts"].isna()["Treasury"]  # it gives figures
    assert by.loc["Circuit notes", "Texts"] == 0  # it gave nothing


def test_only_sources_of_watched_texts_can_have_gaps(store: Store) -> None:
    health = source_reads.source_health(store)
    assert imported_only(health) == {"harbour-post", "ledger-wire", "halden-calls"}
    assert imported_only(health.iloc[:0]) == frozenset()


def test_the_strip_of_a_watched_source_shows_what_happened(store: Store) -> None:
    found = {s.source: s for s in strips(source_reads.visit_days(store), FRIDAY, LAST, last=LAST)}
    desk = found["slate-desk"]
    assert [c.state for c in desk.cells] == [
        *(Day.NEW, Day.NEW, Day.NEW, Day.NOTHING, Day.NEW, Day.GAP, Day.GAP, Day.GAP, Day.NEW),
        *(Day.FAILED, Day.PARTLY, Day.NEW, Day.NEW, Day.NEW),
    ]
    assert (desk.cells[1].new, desk.cells[1].revised, desk.cells[1].gave) == (2, 1, 3)
    assert "2 new, 1 revised" in desk.cells[1].words
    circuit = found["circuit-notes"]
    assert circuit.count(Day.BEFORE) == 12
    assert circuit.count(Day.GAP) == 0


def test_reasons_for_leaving_out_are_added_up_over_the_period_and_name_their_sources(
    store: Store,
) -> None:
    skips = source_reads.skips(store)
    table = skip_reasons(skips, FRIDAY, LAST).set_index("Reason")
    assert table.index[0] == "older than the period asked for"
    assert table.loc["language de", "Sources"] == "Slate desk, Circuit notes"
    assert tuple(table.loc["language de", ["Items then", "Last"]]) == (3, "25 Mar 2025")
    day = skip_reasons(skips, LAST, LAST).set_index("Reason")
    assert tuple(day.loc["language de", ["Sources", "Items"]]) == ("Circuit notes, Slate desk", 3)
    assert skip_reasons(skips, FRIDAY, FRIDAY).empty
    assert skip_reasons(skips.iloc[:0], FRIDAY, LAST).empty
    assert named(list("abcde")) == "A, B, C and 2 more"


def test_one_source_day_by_day_shows_gaps_counts_and_reasons(store: Store) -> None:
    days = source_reads.visit_days(store)
    reasons = day_reasons(source_reads.skips(store), source_reads.failures(store))
    desk = next(s for s in strips(days, date.min, LAST, last=LAST) if s.source == "slate-desk")
    table = source_days(desk, days, reasons).set_index("Day")
    assert list(table.index) == [LAST - timedelta(days=i) for i in range(14)]
    gap = table.loc[date(2025, 3, 18)]
    assert (gap["What came"], gap["Why"]) == ("not visited", "")
    assert gap[["Visits", "New", "Failed"]].isna().all()
    failed = table.loc[date(2025, 3, 21)]
    assert (failed["What came"], failed["Failed"], failed["Read"]) == ("failed", 1, 0)
    partly = table.loc[date(2025, 3, 22)]
    assert partly["What came"] == "failed in part"
    assert partly["Why"] == ("1 took over 30 s; 4 older than the period asked for; 1 language de")
    second = table.loc[date(2025, 3, 13)]
    assert (second["New"], second["Revised"]) == (2, 1)
    late = next(s for s in strips(days, date.min, LAST, last=LAST) if s.source == "circuit-notes")
    assert len(source_days(late, days, reasons)) == 2  # none before its first visit


def test_many_reasons_of_one_day_are_cut_and_counted() -> None:
    at = pd.Timestamp("2025-03-07 23:30", tz="UTC")
    skips = pd.DataFrame(
        [{"at": at, "source": "wire", "reason": f"why {i}", "count": 9 - i} for i in range(5)]
    )
    failures = pd.DataFrame(columns=["at", "source", "subject", "reason", "remedy"])
    (row,) = day_reasons(skips, failures).itertuples()
    assert (row.source, row.day) == ("wire", pd.Timestamp(FRIDAY))
    assert row.why == "9 why 0; 8 why 1; 7 why 2; 2 more reasons"
    assert day_reasons(skips.iloc[:0], failures).empty


def test_failures_alike_are_one_and_those_of_the_last_visit_come_first(store: Store) -> None:
    health, failures = source_reads.source_health(store), source_reads.failures(store)
    groups = failure_groups(failures, health)
    assert groups["times"].sum() == len(failures)
    assert list(groups["standing"]) == [True, True, True, False]
    assert set(groups["source"][:3]) == {"circuit-notes"}
    desk = groups.iloc[3]
    assert (desk["source"], desk["times"]) == ("slate-desk", 2)
    assert times_words(desk["first"], desk["last"], 2) == "2 times, 21 March to 22 March 2025"
    assert failure_groups(failures.iloc[:0], health).empty


@pytest.mark.parametrize(
    ("first", "last", "times", "words"),
    [
        ("2025-03-07T12", "2025-03-07T12", 1, "7 March 2025"),
        ("2025-03-07T12", "2025-03-07T23", 4, "4 times on 7 March 2025"),
        ("2024-12-30T12", "2025-03-08T03", 9, "9 times, 30 December 2024 to 7 March 2025"),
    ],
)
def test_how_often_something_failed_in_words(first: str, last: str, times: int, words: str) -> None:
    begun, ended = (pd.Timestamp(moment, tz="UTC") for moment in (first, last))
    assert times_words(begun, ended, times) == words


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        *((None, ""), (float("nan"), ""), (-0.5, "0 min"), (0.25, "15 min"), (0.995, "1 h")),
        *((2.4, "2 h"), (47.4, "47 h"), (47.6, "2 days"), (72, "3 days")),
    ],
)
def test_lag_in_words(hours: float | None, words: str) -> None:
    assert lag_words(hours) == words


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def test_a_strip_has_a_cell_a_day_and_says_in_words_what_it_shows() -> None:
    states = (Day.NEW, Day.NOTHING, Day.PARTLY, Day.FAILED, Day.GAP)
    rows = [Strip("wire", tuple(_cells(*states))), Strip("post", tuple(_cells(*[Day.BEFORE] * 5)))]
    parsed = _Tags()
    parsed.feed(strip_html(rows))
    cells = [attributes for tag, attributes in parsed.tags if tag == "i"]
    drawn = ["mg-n1", "mg-q", "mg-p", "mg-f", "mg-g"]
    assert [c.get("class") for c in cells] == [*drawn, *[None] * 5]
    assert cells[4]["title"] == "11 March 2025: not visited"
    assert {t for t in parsed.text if t} >= {"Wire", "Post"}
    says = dict(parsed.tags[0][1])["aria-label"]
    assert says == strip_words(rows)
    assert (
        says == "Days not visited: Wire (1); days failed: Wire (1); days failed in part: Wire (1)."
    )
    every = set(re.findall(r"mg-\w+", legend_html())) - {"mg-legend"}
    assert every == {*drawn, "mg-n2", "mg-n3"}
    assert strip_html([]) == ""


def test_a_strip_without_trouble_says_so() -> None:
    rows = [Strip("wire", tuple(_cells(Day.NEW, Day.NOTHING)))]
    assert strip_words(rows) == "Every source was read every day since its first visit."


@pytest.mark.parametrize(("new", "shade"), [(0, 0), (1, 1), (4, 1), (5, 2), (19, 2), (20, 3)])
def test_shades_begin_where_the_legend_says(new: int, shade: int) -> None:
    assert Cell(FRIDAY, Day.NEW, new, 1).shade == shade


def test_a_hostile_source_name_stays_text() -> None:
    name = "<img src=x onerror=alert(1)> \" ' &"
    parsed = _Tags()
    parsed.feed(strip_html([Strip(name, tuple(_cells(Day.GAP)))]))
    assert {tag for tag, _ in parsed.tags} == {"div", "span", "i"}
    assert not any(key.startswith("on") for _, attributes in parsed.tags for key in attributes)
    frame = pd.DataFrame(
        {"source": [name], "day": [pd.Timestamp(FRIDAY)], "documents": [3], "novel": [1]}
    )
    assert "<img" not in documents(frame, FRIDAY, FRIDAY).to_json().replace("\\u003c", "<")


def test_the_chart_tells_novel_from_repeated_and_leaves_none_out(store: Store) -> None:
    frame = source_reads.coverage(store)
    figure = documents(frame, date(2024, 10, 1), LAST)
    bars = {bar.name: bar for bar in figure.data}
    total = frame["documents"].sum()
    novel, repeated = bars.pop("Novel"), bars.pop("Repeated")
    assert sum(novel.y) + sum(repeated.y) == total
    assert sum(novel.y) == frame["novel"].sum() < total
    assert sum(sum(bar.y) for bar in bars.values()) == total
    assert (novel.marker.pattern.shape or "") != repeated.marker.pattern.shape


def _health(source: str, **columns: object) -> pd.DataFrame:
    row = {
        "source": source, "visits": 1, "fetched": 5, "skipped": 0, "failed": 0, "documents": 5,
        "lag_hours": 1.0, "last_visit": pd.Timestamp("2025-03-07 12:00", tz="UTC"),
    }  # fmt: skip
    return pd.DataFrame([row | columns])


def test_a_source_read_on_a_single_day_some_days_ago_has_no_gaps() -> None:
    days = _visits(("archive", 0, {"fetched": 5, "new": 5, "visits": 3}))
    assert once_only(days, LAST) == {"archive"}
    states = source_states(_health("archive"), days, last=LAST)
    assert states == {"archive": "read once, 18 days ago"}
    assert health_words(states) == "1 source: 1 read once, 2 days ago or more."
    assert not once_only(days, FRIDAY + timedelta(days=1))
    assert not once_only(_visits(("archive", 0, {"failed": 1, "fetched": 5})), LAST)
    again = _visits(("archive", 0, {"fetched": 5}), ("archive", 1, {"unchanged": 1}))
    assert not once_only(again, LAST)
    assert source_states(_health("archive"), again, last=LAST) == {
        "archive": "not visited for 17 days"
    }
