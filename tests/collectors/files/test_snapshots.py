"""Snapshots of a headline page."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePath
from typing import Any

import pytest

from moneygood.collectors.files.folders import Import, import_paths
from moneygood.collectors.files.snapshots import parse_snapshot
from moneygood.records import Collected

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
NAME = "2025-02-07T10:44:14.js"
TAKEN = datetime(2025, 2, 7, 10, 44, 14, tzinfo=UTC)


def item(**fields: Any) -> dict[str, Any]:
    return {
        "news_id": "out_1",
        "news_source": "out",
        "news_source_lang": "en",
        "news_header": "Halden plans four more halls and borrows to pay for them.",
        "news_epoch": 1738907760.0,
        "news_url": "https://out.example/1",
        "news_original_title": "Halden&#x27;s four halls",
        "news_group": -1,
    } | fields


def read(*items: Any, name: str = NAME, before: str = "const articles = ") -> Collected:
    data = f"{before}{json.dumps(list(items), indent=4)};\n".encode()
    return parse_snapshot(data, source="s", path=PurePath(name), job=Import(None, NOW))


def test_the_fields_of_an_item() -> None:
    (document,) = read(item()).documents
    assert (document.source, document.title) == ("out", "Halden's four halls")
    assert document.body == "Halden plans four more halls and borrows to pay for them."
    assert document.published_at == datetime(2025, 2, 7, 5, 56, tzinfo=UTC)
    assert document.first_seen_at == TAKEN
    assert document.url == "https://out.example/1"
    assert document.guid == ""
    assert document.language == "en"


def test_a_line_in_english_about_a_foreign_page_stands_alone() -> None:
    foreign = {"news_source_lang": "fi", "news_original_title": "Neljä uutta hallia"}
    translated, not_yet = read(
        item(**foreign),
        item(**foreign, news_url="https://out.example/2", news_header=""),
    ).documents
    assert (translated.title, translated.body, translated.language) == (
        "Halden plans four more halls and borrows to pay for them.", "", "",
    )  # fmt: skip
    assert (not_yet.title, not_yet.language) == ("Neljä uutta hallia", "fi")


@pytest.mark.parametrize("epoch", [None, "", "soon", (TAKEN + timedelta(hours=5)).timestamp()])
def test_nothing_is_published_after_the_snapshot(epoch: Any) -> None:
    (document,) = read(item(news_epoch=epoch)).documents
    assert document.published_at == document.first_seen_at == TAKEN


def test_one_address_is_one_document_across_and_within_snapshots() -> None:
    first = read(item(), item(news_id="out_2", news_header="Other words."))
    later = read(item(news_id="out_3", news_header="Changed words."), name="2025-02-08T13-03-01.js")
    assert len(first.documents) == 1
    assert first.documents[0].uid == later.documents[0].uid
    assert first.documents[0].content_hash != later.documents[0].content_hash


@pytest.mark.parametrize("before", ["var a=", "window.data = ", "export default ", "let a = \n"])
def test_forms_of_assignment(before: str) -> None:
    assert len(read(item(), before=before).documents) == 1


def test_other_scripts_are_skipped_and_cut_ones_named() -> None:
    for data in (b"(function(){ var a = [1]; })()", b"alert('x')"):
        found = parse_snapshot(data, source="s", path=PurePath("a.js"), job=Import(None, NOW))
        assert found.skipped == 1
        assert not found.failures
    cut = b'const a = [{"news_id": "x", '
    found = parse_snapshot(cut, source="s", path=PurePath("a.js"), job=Import(None, NOW))
    assert found.failures[0].remedy


def test_real_snapshots_replay_to_the_same_documents(shared: Path) -> None:
    def replay() -> list[tuple[str, str, datetime]]:
        parts = import_paths([shared / "news" / "snapshots_feb2025"], source_name="s", now=NOW)
        found = list(parts)
        assert not any(part.failures for part in found)
        return [(d.uid, d.content_hash, d.published_at) for part in found for d in part.documents]

    once = replay()
    # Counted apart from the parser: 5,040 items, 1,443 addresses.
    assert len({uid for uid, _, _ in once}) == 1443
    assert once == replay()
