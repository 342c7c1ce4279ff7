"""Every page on a filled, an empty, a missing and a damaged database."""

from __future__ import annotations

import re
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
from dashboard import APP, PAGES, words
from fakes import HOSTILE_TITLE, build_empty, build_store
from streamlit.testing.v1 import AppTest

from moneygood.records import Collected, Document, Kind
from moneygood.store import Store
from moneygood.ui.words import SAMPLE_NOTICE

NOON = datetime(2025, 3, 24, 16, tzinfo=UTC)


def _open(app: AppTest, page: str) -> AppTest:
    app.run()
    app.switch_page(f"views/{page}.py").run()
    assert not app.exception
    assert not app.error
    return app


@pytest.mark.parametrize("page", PAGES)
def test_page_shows_the_notice_and_no_error(app: AppTest, page: str) -> None:
    _open(app, page)
    assert SAMPLE_NOTICE in words(app)
    assert "nan" not in words(app).lower().split()


@pytest.mark.parametrize("page", PAGES)
def test_page_with_a_period_before_all_data(app: AppTest, page: str) -> None:
    app.query_params["from"] = "2024-10-01"
    app.query_params["to"] = "2024-10-01"
    _open(app, page)


@pytest.mark.parametrize(
    ("state", "page"),
    list(zip(["missing", "empty", "damaged", "foreign", "old"], PAGES, strict=True)),
)
def test_no_database_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, page: str, state: str
) -> None:
    path = tmp_path / f"{state}.db"
    if state == "empty":
        build_empty(path)
    elif state == "damaged":
        build_empty(path)
        path.write_bytes(path.read_bytes()[:100] + b"\0" * 9000)
    elif state == "foreign":
        path.write_text("hello " * 1000)
    elif state == "old":
        sqlite3.connect(path).execute("CREATE TABLE x (y)").connection.close()
    monkeypatch.setenv("MONEYGOOD_DB", str(path))
    app = AppTest.from_file(str(APP), default_timeout=20).run()
    app.switch_page(f"views/{page}.py").run()
    assert not app.exception
    said = words(app)
    if state in {"missing", "empty"}:
        assert "moneygood run --sample" in said
    else:
        assert app.error
        assert "What to do" in said


def test_locked_database_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = build_store(tmp_path / "locked.db", days=12)
    monkeypatch.setenv("MONEYGOOD_DB", str(path))
    monkeypatch.setattr("moneygood.ui.queries.BUSY_SECONDS", 0.1)
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("PRAGMA journal_mode=DELETE")
    holder.execute("BEGIN EXCLUSIVE")
    try:
        app = AppTest.from_file(str(APP), default_timeout=20).run()
    finally:
        holder.rollback()
        holder.close()
    assert not app.exception
    assert "locked" in app.error[0].value


def test_a_link_reproduces_the_period(app: AppTest) -> None:
    app.query_params["from"] = "2024-11-04"
    app.query_params["to"] = "2025-01-15"
    app.run()
    assert [str(d.value) for d in app.date_input] == ["2024-11-04", "2025-01-15"]
    assert "15 January 2025" in words(app)


def test_a_link_reproduces_narrative_and_day(app: AppTest) -> None:
    app.query_params["narrative"] = "jevons"
    app.query_params["day"] = "2024-12-10"
    app.run()
    app.switch_page("views/narrative.py")
    app.query_params["narrative"] = "jevons"
    app.query_params["day"] = "2024-12-10"
    app.run()
    assert "Does cheaper use mean more use in total?" in words(app)
    assert "Jevons on 10 December 2024" in words(app)


@pytest.mark.parametrize("value", ["<script>", "2024-13-45"])
def test_nonsense_in_the_address_is_passed_over(app: AppTest, value: str) -> None:
    for key in ("from", "to", "narrative", "day", "chart", "with"):
        app.query_params[key] = value
    for page in PAGES:
        _open(app, page)


def test_dates_the_wrong_way_round_are_turned(app: AppTest) -> None:
    app.query_params["from"] = "2025-01-15"
    app.query_params["to"] = "2024-11-04"
    app.run()
    assert "15 January 2025" in words(app)


def test_hostile_text_stays_text(app: AppTest) -> None:
    _open(app, "today")
    app.switch_page("views/narrative.py").run()
    said = words(app)
    assert HOSTILE_TITLE not in said
    assert "](javascript" not in said
    assert "<img" not in said.replace("\\<img", "")


def test_filters_narrow_the_sentences(app: AppTest) -> None:
    _open(app, "narrative")
    app.multiselect[0].select("doubt").run()
    assert set(app.dataframe[0].value["Stance"]) == {"Doubts"}
    app.text_input[0].input("no such words").run()
    assert "No sentence passes these filters." in words(app)


@pytest.mark.parametrize("series", ["reassurance", "balance", "retreat"])
def test_every_series_opens_to_sentences(app: AppTest, series: str) -> None:
    _open(app, "narrative")
    app.selectbox(key="narrative").set_value(series).run()
    assert not app.exception
    assert len(app.dataframe[0].value)


def test_whole_text_opens_and_marks(app: AppTest) -> None:
    _open(app, "today")
    button = next(b for b in app.button if "Open" in b.label)
    button.click().run()
    assert not app.exception
    assert "marked sentence" in words(app)


def test_the_table_tells_phrase_from_model(app: AppTest) -> None:
    _open(app, "narrative")
    assert set(app.dataframe[0].value["Decided by"]) == {"phrase"}
    app.selectbox(key="narrative").set_value("jevons").run()
    assert set(app.dataframe[0].value["Decided by"]) == {"model"}


def test_sources_show_health_coverage_visits_and_what_was_left_out(app: AppTest) -> None:
    _open(app, "sources")
    said = words(app)
    assert "8 sources: 2 read" in said
    assert "not visited for 2 days or more" in said
    assert "Only imported, so without days to visit: Halden calls" in said
    assert re.search(r"[\d,]+ texts in the period: [\d,]+ novel, [1-9]\d* repeated", said)
    table, desk, reasons, revised = (frame.value for frame in app.dataframe)
    assert dict(zip(table["Source"], table["State"], strict=True))["Slate desk"] == "read"
    assert "language de" in set(reasons["Reason"])
    assert set(desk["What came"]) == {"new", "not visited"}
    assert app.selectbox[0].value == "tide-bulletin"  # what wants attention comes first
    app.selectbox[0].set_value("slate-desk").run()
    assert "took over 30 s" in app.dataframe[1].value["Why"].str.cat()
    assert list(revised["Versions"]) == [3]
    assert "3 kinds of failure at the last visit to a source, 1 earlier." in words(app)
    drawn = next(h.proto.body for h in app.get("html") if "mg-strip" in h.proto.body)
    assert drawn.count("mg-g") == 3 + 4
    assert drawn.count("<i") == 5 * 14
    app.text_input[0].input("took over").run()
    assert "Slate desk" in words(app)
    app.text_input[0].input("no such words").run()
    assert "No failure has these words." in words(app)


def test_sources_before_the_first_visit(app: AppTest) -> None:
    app.query_params["to"] = "2025-01-15"
    _open(app, "sources")
    assert "No source had been visited by 15 January 2025." in words(app)
    assert "Nothing in the period." in words(app)
    assert "No text was revised in the period." in words(app)


def test_sources_without_visits_say_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = build_empty(tmp_path / "none.db")
    with Store(path) as store:
        store.save_mode("live", datetime(2025, 3, 25, tzinfo=UTC), "fake.v1")
    monkeypatch.setenv("MONEYGOOD_DB", str(path))
    app = _open(AppTest.from_file(str(APP), default_timeout=20), "sources")
    assert "No source has been visited yet" in words(app)
    one = Document("ember-feed", Kind.NEWS, "Note", NOON, NOON, body="Words.")
    with Store(path) as store:
        store.save_collected(Collected("ember-feed", documents=(one,)), at=NOON, history=False)
    app.run()
    assert not app.exception
    assert "Visited on one day so far, 24 March 2025" in words(app)


def test_a_live_database_grows_old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = build_store(tmp_path / "live.db", days=30, mode="live")
    monkeypatch.setenv("MONEYGOOD_DB", str(path))
    app = AppTest.from_file(str(APP), default_timeout=20).run()
    assert SAMPLE_NOTICE not in words(app)
    assert "market days old" in app.warning[0].value
