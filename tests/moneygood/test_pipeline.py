"""The whole job with a scorer that needs no model."""

from __future__ import annotations

import shutil
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
from dumps import dump, sound
from fake_scorer import VERSION, FakeScorer, install
from small_sources import DAYS, NOW, quick_settings, write_sources

from moneygood import pipeline, reads
from moneygood.errors import MoneygoodError, SettingsError, StoreError
from moneygood.store import Store


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeScorer:
    return install(monkeypatch)


def run(path: Path, sources: Path, days: int = 0) -> pipeline.Run:
    return pipeline.run(
        path,
        quick_settings(),
        mode="sample",
        now=NOW + timedelta(days=days),
        sources=sources,
    )


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_sources(tmp_path_factory.mktemp("in"))


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory, sources: Path) -> tuple[Path, pipeline.Run]:
    """A database run once, and what that run reported."""
    path = tmp_path_factory.mktemp("once") / "a.db"
    with pytest.MonkeyPatch.context() as patch:
        install(patch)
        return path, run(path, sources)


@pytest.fixture
def path(once: tuple[Path, pipeline.Run], tmp_path: Path) -> Path:
    """A copy of the database run once."""
    return Path(shutil.copy(once[0], tmp_path / "a.db"))


def test_every_stage_leaves_its_rows(once: tuple[Path, pipeline.Run]) -> None:
    path, done = once
    rows = dump(path)
    texts = 3 * len(DAYS) + 4
    assert (done.gathered.sources, done.gathered.failed) == (5, 1)
    assert done.gathered.new == done.gathered.seen == texts + len(rows["observation"])
    assert (done.read.documents, done.read.scorer, done.read.skipped) == (texts, VERSION, 0)
    assert len(rows["document"]) == len(rows["scored"]) == texts
    assert done.read.mentions == len(rows["mention"]) > texts
    assert len(rows["index_point"]) == sum(m.points for m in done.measured) > 100
    assert len(DAYS) - 2 == len(rows["observation"])  # bonds rest on two days shares trade
    assert len(rows["relation"]) == sum(m.points for m in done.related) > 10
    assert len(rows["alert"]) > 100
    assert all(row[-1] is not None for row in rows["document"])
    assert sound(path)
    with Store(path, readonly=True) as store:
        assert pipeline.database_mode(store) == reads.Mode("sample", NOW, VERSION)


def test_a_second_run_changes_no_row(fake: FakeScorer, path: Path, sources: Path) -> None:
    before = dump(path)
    again = run(path, sources)
    assert dump(path) == before
    assert (again.gathered.new, again.read.documents, fake.calls) == (0, 0, [])


def test_two_databases_of_the_same_input_are_equal(
    fake: FakeScorer, path: Path, sources: Path, tmp_path: Path
) -> None:
    run(tmp_path / "b.db", sources)
    assert dump(path) == dump(tmp_path / "b.db")


def test_a_later_run_adds_a_visit_and_nothing_that_was_known(
    fake: FakeScorer, path: Path, sources: Path
) -> None:
    before = dump(path)
    done = run(path, sources, days=1)
    after = dump(path)
    assert done.gathered.new == 0
    for name in ("document", "observation", "scored", "sentence", "mention", "index_point"):
        assert after[name] == before[name]
    assert len(after["visit"]) == 2 * len(before["visit"])


def test_new_texts_are_scored_and_old_ones_are_not(
    fake: FakeScorer, path: Path, tmp_path: Path
) -> None:
    sources = write_sources(tmp_path / "in")
    (tmp_path / "in" / "pages" / "new.md").write_text("DeepSeek again. A new page.\n", "utf-8")
    assert run(path, sources, days=1).read.documents == 1


def test_another_scorer_reads_everything_beside_the_first(
    path: Path, sources: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch, FakeScorer(version="fake.v2"))
    number = run(path, sources).read.documents
    scored = sqlite3.connect(path).execute("SELECT scorer, count(*) FROM scored GROUP BY 1")
    assert scored.fetchall() == [("fake.v1", number), ("fake.v2", number)]


def test_a_sources_file_that_is_wrong_stops_before_any_work(
    fake: FakeScorer, tmp_path: Path
) -> None:
    with pytest.raises(SettingsError, match=r"gone\.toml"):
        run(tmp_path / "a.db", tmp_path / "gone.toml")
    assert fake.calls == []


def test_a_rule_file_that_is_wrong_keeps_what_was_done(
    fake: FakeScorer, path: Path, sources: Path, tmp_path: Path
) -> None:
    other = tmp_path / "b.db"
    with pytest.raises(MoneygoodError, match=r"gone\.yaml"):
        pipeline.run(
            other,
            quick_settings(alerts__rules=str(tmp_path / "gone.yaml")),
            mode="sample",
            now=NOW,
            sources=sources,
        )
    assert dump(other)["scored"] == dump(path)["scored"]
    run(other, sources)
    assert dump(other) == dump(path)


def test_a_second_run_at_the_same_time_is_refused(
    fake: FakeScorer, path: Path, sources: Path
) -> None:
    with pipeline.only_writer(path), pytest.raises(StoreError, match="another moneygood"):
        run(path, sources)


def test_progress_goes_through_every_stage(fake: FakeScorer, sources: Path, tmp_path: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    pipeline.run(
        tmp_path / "a.db",
        quick_settings(),
        mode="sample",
        now=NOW,
        sources=sources,
        progress=lambda *step: seen.append(step),
    )
    assert list(dict.fromkeys(stage for stage, *_ in seen)) == [
        "collect", "score", "index", "relate", "alert",
    ]  # fmt: skip
    for stage in ("collect", "score", "index", "relate", "alert"):
        counts = [done for name, done, _ in seen if name == stage]
        assert counts == sorted(counts)
        assert seen[[s for s, *_ in seen].index(stage)][1] == 0
        last = [step for step in seen if step[0] == stage][-1]
        assert last[1] == last[2] > 0
