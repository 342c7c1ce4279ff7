"""Imports of files and folders."""

from __future__ import annotations

import gzip
import json
import pickle
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from call_texts import call
from note_files import docx, pdf

from moneygood.collectors.files.folders import import_paths
from moneygood.records import Collected, Kind, Role

NOW = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
TEXT = "Yields fell while the plan for new data halls was raised again."


def load(*paths: Path, **options: Any) -> Collected:
    parts = list(import_paths(paths, now=NOW, **options))
    return Collected(
        "all",
        tuple(d for p in parts for d in p.documents),
        tuple(o for p in parts for o in p.observations),
        tuple(f for p in parts for f in p.failures),
        tuple(s for p in parts for s in p.skips),
    )


def put(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_markdown_with_front_matter(tmp_path: Path) -> None:
    text = (
        '---\ntitle: "Halls &amp; yields"\ndate: 2025-02-13 21:00:32\nsource: desk\n'
        "url: https://desk.example/1\ntickers: [hldn]\n---\n\n"
        "# A heading\n\n* **Yields** fell, says [the desk](https://x.example/y) \\*.\n"
    )
    (document,) = load(put(tmp_path / "a.md", text)).documents
    assert (document.title, document.source) == ("Halls & yields", "desk")
    assert document.body == "A heading\nYields fell, says the desk *."
    assert document.published_at == datetime(2025, 2, 13, 21, 0, 32, tzinfo=UTC)
    assert document.available_at == document.published_at
    assert (document.url, document.tickers) == ("https://desk.example/1", ("HLDN",))


def test_broken_front_matter_is_reported_and_the_text_kept(tmp_path: Path) -> None:
    found = load(put(tmp_path / "2025-02-13-a.md", f"---\ntitle: a: b: c\n---\n# T\n{TEXT}"))
    assert "broken front matter" in found.failures[0].reason
    assert found.documents[0].title == "T"
    assert found.documents[0].published_at.day == 13


@pytest.mark.parametrize(
    ("data", "note"),
    [
        (TEXT.replace("plan", "plän").encode(), False),
        (b"\xef\xbb\xbf" + TEXT.replace("plan", "plän").encode(), False),
        (TEXT.replace("plan", "plän").encode("utf-16"), False),
        (TEXT.replace("plan", "plän").encode("cp1252"), True),
    ],
)
def test_encodings(tmp_path: Path, data: bytes, note: bool) -> None:
    (document,) = load(put(tmp_path / "a.txt", data)).documents
    assert "plän" in document.text + document.title
    assert ("not UTF-8: read as cp1252" in document.notes) is note


def test_json_lines(tmp_path: Path) -> None:
    rows = [
        json.dumps({"title": "One", "text": TEXT, "published": "2025-01-27T10:00:00Z"}),
        "{broken",
        '"only a text"',
        json.dumps({"title": "", "text": ""}),
        json.dumps({"title": "x", "kind": "poem"}),
        json.dumps({"title": "C", "turns": [{"speaker": "A", "role": "analyst", "text": "Why?"}]}),
        json.dumps({"title": "One", "text": TEXT, "published": "2025-01-27T10:00:00Z"}),
        json.dumps({"title": "Epoch", "date": 1739857560.0, "link": "javascript:x"}),
        json.dumps({"title": "lone \ud800"}),
    ]
    found = load(put(tmp_path / "a.jsonl", "\n".join(rows)))
    assert [d.title for d in found.documents] == ["One", "C", "Epoch", "lone ?"]
    assert [f.subject.rpartition(" ")[2] for f in found.failures] == ["2", "3", "4", "5"]
    assert found.documents[1].kind is Kind.TRANSCRIPT
    assert found.documents[1].turns[0].role is Role.ANALYST
    assert found.documents[2].published_at.year == 2025
    assert found.skipped == 1


def test_headline_dump(tmp_path: Path) -> None:
    dump = {
        "updated_at": "2026-05-17T23:29:20.657003",
        "data": [
            {"source": "A", "title": "T one", "link": "https://a.example/1", "guid": "1",
             "published": "Sun, 17 May 2026 22:17:05 GMT", "summary": "T one"},
            {"source": "B", "title": "T two", "published": "2026-05-17 10:00:00", "summary": TEXT},
        ],
    }  # fmt: skip
    packed = put(tmp_path / "d.json.gz", gzip.compress(json.dumps(dump).encode()))
    plain = put(tmp_path / "e.json", json.dumps(dump["data"]))
    found = load(packed, plain)
    assert [d.source for d in found.documents] == ["A", "B", "A", "B"]
    assert found.documents[0].body == ""
    assert load(packed, source_name="own").documents[0].source == "own"


@pytest.mark.parametrize(("name", "text"), [("a.json", "[]"), ("a.csv", "title,text\n")])
def test_a_dump_without_items_says_so(tmp_path: Path, name: str, text: str) -> None:
    found = load(put(tmp_path / name, text))
    assert not found.documents
    assert [f.reason for f in found.failures] == ["holds no item"]


def test_a_row_repeated_a_hundred_thousand_times_costs_little(tmp_path: Path) -> None:
    start = time.process_time()
    found = load(put(tmp_path / "a.csv", "title\n" + "A\n" * 100_000))
    assert time.process_time() - start < 4.0
    assert [(s.reason, s.count) for s in found.skips] == [("repeated in the same file", 99_999)]


def test_csv_rows(tmp_path: Path) -> None:
    table = f'Title,Text,Date,Tickers\nOne,"{TEXT}",2025-01-27,"HLDN PELL"\na,b,c,d,e\n'
    found = load(put(tmp_path / "a.csv", table))
    assert found.documents[0].tickers == ("HLDN", "PELL")
    assert "line 3" in found.failures[0].subject
    wrong = load(put(tmp_path / "b.csv", "Date,Visitors\n2025-01-27,4.5\n"))
    assert "no title or text column" in wrong.failures[0].reason


def test_figures_are_told_by_their_header(tmp_path: Path) -> None:
    put(tmp_path / "a-curve.csv", 'Date,"2 Yr","10 Yr"\n01/27/2025,4.17,4.53\n01/28/2025,.,\n')
    put(tmp_path / "b-fred.csv", "observation_date,DGS30\n2025-01-27,4.77\n2025-01-28,\n")
    put(tmp_path / "c-DGS5.csv", "date,value\n2025-01-27,4.32\n")
    put(tmp_path / "d-ABC.csv", "date,open,close\n2025-01-27,10,11\n")
    found = load(tmp_path)
    assert not found.failures
    assert {(o.series, o.value) for o in found.observations} == {
        ("y2", 4.17), ("y10", 4.53), ("y30", 4.77), ("y5", 4.32), ("price:ABC", 11.0),
    }  # fmt: skip


def test_bad_files_are_named_and_the_rest_goes_on(tmp_path: Path) -> None:
    put(tmp_path / "a-empty.txt", "")
    put(tmp_path / "b-big.txt", b"x" * 5_000_001)
    put(tmp_path / "c-cut.json", '{"data": [')
    put(tmp_path / "d-cut.json.gz", gzip.compress(b"[]" * 500)[:20])
    put(tmp_path / "e-page.html", "<html><body>x</body></html>")
    put(tmp_path / "f-deep.json", "[" * 100_000)
    put(tmp_path / "g.bin", b"\0")
    put(tmp_path / ".hidden.txt", TEXT)
    put(tmp_path / "sub" / "ok.txt", TEXT)
    found = load(tmp_path, tmp_path / "missing")
    names = [Path(f.subject).name for f in found.failures]
    assert names == [
        "a-empty.txt", "b-big.txt", "c-cut.json", "d-cut.json.gz", "e-page.html", "f-deep.json",
        "missing",
    ]  # fmt: skip
    assert all(f.remedy for f in found.failures)
    assert [d.source for d in found.documents] == ["sub"]
    assert found.skipped == 1


def test_calls_are_recognised(tmp_path: Path) -> None:
    put(tmp_path / "TRND_2024_Q4.txt", call("dashed"))
    put(tmp_path / "note.txt", TEXT)
    kinds = {d.kind for d in load(tmp_path).documents}
    assert kinds == {Kind.TRANSCRIPT, Kind.NEWS}
    assert {d.kind for d in load(tmp_path, kind=Kind.SPEECH).documents} == {Kind.SPEECH}


def test_real_dump(shared: Path) -> None:
    files = sorted((shared / "news" / "headlines_2026").glob("*.json.gz"))[:3]
    found = load(*files)
    assert len(found.documents) > 500
    assert not found.failures
    assert not any(d.notes for d in found.documents)


def test_notes_of_every_form_are_read_and_named(tmp_path: Path) -> None:
    put(tmp_path / "q" / "2025-01-27 halls.pdf", pdf([["Halls in a PDF", TEXT]]))
    put(tmp_path / "q" / "halls.docx", docx([TEXT], heading="Halls in Word"))
    put(tmp_path / "q" / "halls.eml", f"Subject: Halls\nMessage-ID: <1@x>\n\n{TEXT}")
    put(tmp_path / "q" / "app.js", "(function(){})()")
    found = load(tmp_path)
    assert [(d.title, d.guid) for d in found.documents] == [
        ("Halls in a PDF", "q/2025-01-27 halls.pdf"),
        ("Halls in Word", "q/halls.docx"),
        ("Halls", "1@x"),
    ]
    assert {d.kind for d in found.documents} == {Kind.NEWS}
    assert found.documents[0].published_raw == "2025-01-27"
    assert (found.skipped, found.failures) == (1, ())


def test_the_worker_gets_what_can_be_sent(tmp_path: Path) -> None:
    put(tmp_path / "a.txt", TEXT)

    def parse(function: Any, /, *arguments: Any, **named: Any) -> Any:
        function, arguments = pickle.loads(pickle.dumps((function, arguments)))
        return pickle.loads(pickle.dumps(function(*arguments, **named)))

    (part,) = import_paths([tmp_path], now=NOW, parse=parse)
    assert len(part.documents) == 1


def test_an_undated_call_takes_its_date_from_the_table_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Events:
        def when(self, ticker: str, year: int, quarter: int) -> str:
            return "2025-01-30 21:00" if (ticker, year, quarter) == ("TRND", 2024, 4) else ""

    def find_events(folder: Path) -> Events:
        assert folder == tmp_path
        return Events()

    module = ModuleType("events")
    module.find_events = find_events  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "moneygood.collectors.calls.events", module)
    said = "Good morning and welcome to the call. We will now begin with our results. " * 5
    for name in ("TRND_2024_Q4.txt", "Q3_2024_TRND.txt"):
        put(tmp_path / name, said)
    undated, dated = (d for d in load(tmp_path).documents)
    assert "taken as first seen" in " ".join(undated.notes)
    assert dated.published_at == datetime(2025, 1, 30, 21, 0, tzinfo=UTC)
    assert "date from a table beside the file" in dated.notes
