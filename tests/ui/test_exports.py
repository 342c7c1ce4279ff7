"""Exports: their columns, repeatability, harmlessness and errors."""

from __future__ import annotations

import hashlib
import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest
from fakes import NEAR, build_empty

from moneygood.errors import DataError, StoreError
from moneygood.store import Store
from moneygood.ui.exports import TABLES, Format, csv_bytes, export, guard

LONG = [
    "series_id", "date", "value", "lo", "hi", "n_docs", "n_sources",
    "realtime_start", "available_at", "model_version",
]  # fmt: skip


@pytest.mark.parametrize("what", TABLES)
@pytest.mark.parametrize("fmt", ["csv", "parquet"])
def test_export_twice_gives_the_same_bytes(
    store: Store, tmp_path: Path, what: str, fmt: Format
) -> None:
    first = export(store, what, tmp_path / "a" / f"x.{fmt}", fmt=fmt)
    second = export(store, what, tmp_path / "b" / f"x.{fmt}", fmt=fmt)
    assert first.read_bytes() == second.read_bytes()
    manifests = [p.with_name(p.name + ".manifest.json").read_text() for p in (first, second)]
    assert manifests[0] == manifests[1]
    facts = json.loads(manifests[0])
    read = pd.read_csv(first) if fmt == "csv" else pd.read_parquet(first)
    assert facts["rows"] == len(read)
    assert facts["columns"] == list(read.columns)
    assert facts["sha256"] == hashlib.sha256(first.read_bytes()).hexdigest()
    assert facts["mode"] == "sample"
    assert len(list(first.parent.iterdir())) == 2


def test_index_is_long_or_wide(store: Store, tmp_path: Path) -> None:
    long = pd.read_csv(export(store, "index", tmp_path / "long.csv"))
    assert list(long.columns) == LONG
    wide = pd.read_csv(export(store, "index", tmp_path / "wide.csv", wide=True))
    assert {"date", "balance", "jevons.share"} <= set(wide.columns)
    assert len(wide) == long["date"].nunique()


def test_as_of_keeps_what_was_known(store: Store, tmp_path: Path) -> None:
    then = datetime(2024, 11, 1, tzinfo=UTC)
    rates = pd.read_csv(export(store, "yields", tmp_path / "y.csv", as_of=then))
    assert rates["date"].max() == "2024-10-31"
    texts = pd.read_csv(export(store, "evidence", tmp_path / "e.csv", as_of=then))
    assert texts["date"].max() <= "2024-11-01"
    with pytest.raises(DataError, match="only as last computed"):
        export(store, "relations", tmp_path / "r.csv", as_of=then)


def test_evidence_carries_what_explains_it(store: Store, tmp_path: Path) -> None:
    rows = pd.read_csv(export(store, "evidence", tmp_path / "e.csv"), keep_default_na=False)
    jevons = rows[rows["narrative"] == "jevons"]
    assert set(jevons["spans_by"]) == {"attribution"}
    assert set(jevons["nearest"]) == {NEAR}
    assert set(jevons["nearest_similarity"]) == {0.8125}
    assert set(rows[rows["narrative"] == "deepseek"]["spans_by"]) == {"phrase"}


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\rx"])
def test_a_formula_in_a_text_is_made_text(text: str) -> None:
    frame = pd.DataFrame({"text": [text], "value": [-1.5]})
    written = pd.read_csv(io.BytesIO(csv_bytes(frame)), keep_default_na=False)
    assert written["text"][0][:2] == "'" + text[0].replace("\r", "\n")
    assert written["value"][0] == -1.5
    assert guard(-1.5) == -1.5


def test_errors_name_the_remedy(store: Store, tmp_path: Path) -> None:
    for arguments in (
        ("nothing", "csv", False),
        ("evidence", "csv", True),
        ("index", "xml", False),
    ):
        what, fmt, wide = arguments
        with pytest.raises(DataError) as caught:
            export(store, what, tmp_path / "x", fmt=fmt, wide=wide)  # type: ignore[arg-type]
        assert caught.value.remedy
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(StoreError, match="cannot be written"):
        export(store, "index", blocked / "x.csv")


@pytest.mark.parametrize("what", TABLES)
def test_an_empty_database_has_nothing_to_write(tmp_path: Path, what: str) -> None:
    with (
        Store(build_empty(tmp_path / "empty.db"), readonly=True) as store,
        pytest.raises(DataError, match="nothing to write"),
    ):
        export(store, what, tmp_path / "x.csv")
    assert not (tmp_path / "x.csv").exists()
