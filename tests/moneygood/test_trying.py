"""Dry runs and checks: sources are visited, nothing is stored."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from dumps import dump
from small_sources import rss

from moneygood.gather import POLITE, chosen_sources, collect_sources
from moneygood.store import Store
from moneygood.trying import check_sources, try_sources

NOW = datetime(2025, 3, 3, 15, 0, tzinfo=UTC)
DATE = "Mon, 27 Jan 2025 09:30:00 -0500"


def items(count: int) -> str:
    return rss(
        [(f"g{i}", f"Title {i}", DATE, f"Text number {i}, long enough.") for i in range(count)]
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "good.xml").write_text(items(2), "utf-8")
    (tmp_path / "bad.xml").write_text("<html><body>Sign in</body></html>", "utf-8")
    entries = [
        f'[[source]]\nname = "{n}"\nkind = "feed"\npath = "{n}.xml"\n' for n in ("good", "bad")
    ]
    (tmp_path / "sources.toml").write_text("\n".join(entries), "utf-8")
    return tmp_path / "sources.toml"


def test_a_dry_run_tells_what_would_be_new(file: Path, tmp_path: Path) -> None:
    sources, path = chosen_sources(file), tmp_path / "a.db"
    good, bad = try_sources(path, sources, now=NOW, manners=POLITE)
    assert (good.documents, good.new, good.failures) == (2, 2, ())
    assert good.newest == datetime(2025, 1, 27, 14, 30, tzinfo=UTC)
    assert bad.failures[0].remedy
    assert not path.exists()


def test_what_is_held_is_not_new_and_nothing_is_written(file: Path, tmp_path: Path) -> None:
    sources, path = chosen_sources(file), tmp_path / "a.db"
    with Store(path) as store:
        collect_sources(store, sources, now=NOW)
    before = dump(path)
    (tmp_path / "good.xml").write_text(items(3), "utf-8")
    good, _ = try_sources(path, sources, now=NOW + timedelta(hours=1), manners=POLITE)
    assert (good.documents, good.new) == (3, 1)
    assert dump(path) == before


def test_older_texts_are_left_out_and_counted(file: Path, tmp_path: Path) -> None:
    since = datetime(2025, 2, 1, tzinfo=UTC)
    sources = chosen_sources(file, ["good"])
    (good,) = try_sources(tmp_path / "a.db", sources, now=NOW, manners=POLITE, since=since)
    assert (good.documents, [(s.reason, s.count) for s in good.skips]) == (
        0,
        [("older than 2025-02-01", 2)],
    )


def test_a_check_says_of_each_source_what_it_gives(file: Path) -> None:
    good, bad = check_sources(chosen_sources(file), now=NOW, manners=POLITE)
    assert (good.name, good.ok, good.documents) == ("good", True, 2)
    assert (bad.ok, bool(bad.finding), bool(bad.remedy)) == (False, True, True)
