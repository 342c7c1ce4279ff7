"""The library for analysts."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest
from dumps import dump
from fake_scorer import VERSION, install
from small_sources import NOW, quick_settings, write_sources

import moneygood
from moneygood import api, get_index, get_series, measure, pipeline
from moneygood.errors import DataError, StoreError
from moneygood.records import Collected, Observation
from moneygood.store import Store


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database run once on the small sources."""
    folder = tmp_path_factory.mktemp("api")
    with pytest.MonkeyPatch.context() as patch:
        install(patch)
        pipeline.run(
            folder / "a.db", quick_settings(), mode="sample", now=NOW,
            sources=write_sources(folder / "in"),
        )  # fmt: skip
    return folder / "a.db"


@pytest.fixture
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measure, "load_settings", quick_settings)


def test_an_index_is_a_frame_by_date(path: Path) -> None:
    frame = get_index("ai_capex", database=path)
    assert list(frame.columns) == ["value", "lo", "hi", "documents", "sources"]
    assert isinstance(frame.index, pd.DatetimeIndex)
    assert frame.index.is_monotonic_increasing
    assert frame.index.is_unique
    assert ((frame["lo"] <= frame["value"]) & (frame["value"] <= frame["hi"])).all()
    assert frame.attrs["series"] == "ai_capex"
    assert frame.attrs["scorer"] == VERSION
    assert frame.attrs["as_of"] == NOW.isoformat()


def test_start_and_end_are_included(path: Path) -> None:
    whole = get_index("balance", database=path)
    first, last = whole.index[3], whole.index[8]
    part = get_index("balance", str(first.date()), last.date(), database=path)
    assert (part.index[0], part.index[-1], len(part)) == (first, last, 6)


@pytest.mark.usefixtures("_quick")
def test_the_last_run_recomputed_is_the_last_run(path: Path) -> None:
    for series in ("ai_capex", "ai_capex.share", "balance", "retreat"):
        stored = get_index(series, database=path)
        again = get_index(series, as_of=NOW, database=path)
        pd.testing.assert_frame_equal(stored, again, check_freq=False, check_dtype=False)


@pytest.mark.usefixtures("_quick")
def test_as_of_knows_nothing_later(path: Path) -> None:
    frame = get_index("ai_capex.share", as_of="2024-11-15T22:00", database=path)
    assert frame.index.max() <= pd.Timestamp("2024-11-15")
    assert get_index("ai_capex.share", as_of="2024-11-15T17:00-05:00", database=path).equals(frame)


def test_a_series_as_it_was_known(path: Path) -> None:
    frame = get_series("y10", "2024-10-01", "2024-10-04", database=path)
    assert [d.isoformat()[:10] for d in frame.index] == [f"2024-10-0{i}" for i in (1, 2, 3, 4)]
    assert frame["value"].between(4.2, 4.4).all()
    early = get_series("y10", as_of="2024-10-03T22:30Z", database=path)
    assert early.index.max() == pd.Timestamp("2024-10-03")


def test_reading_writes_nothing(path: Path) -> None:
    before = dump(path)
    get_index("balance", database=path)
    assert dump(path) == before


def test_an_unknown_series_names_those_there_are(path: Path) -> None:
    with pytest.raises(DataError, match=r"series 'ai': has no values.*There is: ai_capex, "):
        get_index("ai", database=path)
    with pytest.raises(DataError, match=r"series 'y9': has no values. There is: y10"):
        get_series("y9", database=path)


def test_no_database_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="Run `moneygood run --sample` first"):
        get_index("ai_capex", database=tmp_path / "gone.db")


def test_which_database_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MONEYGOOD_HOME", str(tmp_path))
    monkeypatch.delenv("MONEYGOOD_DB", raising=False)
    assert api.default_database() == tmp_path / "sample.db"
    (tmp_path / "moneygood.db").touch()
    assert api.default_database() == tmp_path / "moneygood.db"
    monkeypatch.setenv("MONEYGOOD_DB", "/elsewhere/x.db")
    assert api.default_database() == Path("/elsewhere/x.db")


def test_a_revision_is_seen_only_after_it_came(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    day = NOW.date() - timedelta(days=1)
    with Store(path) as store:
        for value, seen in ((4.5, NOW), (4.6, NOW + timedelta(days=30))):
            one = Observation("y10", day, value, seen)
            store.save_collected(Collected("u", (), (one,)), at=seen, history=False)
    assert list(get_series("y10", as_of=NOW, database=path)["value"]) == [4.5]
    assert list(get_series("y10", database=path)["value"]) == [4.6]


def test_the_public_names() -> None:
    assert moneygood.__all__ == sorted(moneygood.__all__)
    assert all(getattr(moneygood, name) for name in moneygood.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        moneygood.nothing  # noqa: B018


def test_a_basket_is_a_series(tmp_path: Path) -> None:
    tickers = ("XLY", "XLI", "XLB", "XLF", "XLP", "XLU", "XLV")
    prices = tuple(
        Observation(f"price:{t}", day, 10.0 + (t == "XLY") * i, NOW, unit="price")
        for t in tickers
        for i, day in enumerate([NOW.date() - timedelta(2), NOW.date() - timedelta(1)])
    )
    with Store(tmp_path / "a.db") as store:
        store.save_collected(Collected("p", (), prices), at=NOW, history=True)
    frame = get_series("basket:cyclicals", database=tmp_path / "a.db")
    assert frame["value"].round(4).tolist() == [100.0, round(100 * 1.1**0.25, 4)]
    with pytest.raises(DataError, match="There is: basket:cyclicals"):
        get_series("basket:other", database=tmp_path / "a.db")
    with pytest.raises(DataError, match="no prices of XLY"):
        get_series("basket:cyclicals", as_of="2001-01-01", database=tmp_path / "a.db")
