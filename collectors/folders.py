"""Files and folders to documents and observations, whatever their form.

txt, md (YAML front matter), html, jsonl, json and json.gz dumps, csv; yields and
prices as csv, the Treasury's xml. Each file
gives one ``Collected``; a bad file, line or row is a Failure naming the place,
and the rest goes on.
"""

from __future__ import annotations

import gzip
import logging
import os
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from moneygood.collectors.articles import parse_article
from moneygood.collectors.calls import looks_like_call, parse_call
from moneygood.collectors.documents import MAX_TEXT
from moneygood.collectors.figures import read_figures
from moneygood.collectors.markdown import parse_text
from moneygood.collectors.rows import parse_csv, parse_json, parse_jsonl
from moneygood.collectors.text import decode
from moneygood.records import Collected, Failure, Kind

log = logging.getLogger(__name__)

MAX_FILE = 500_000_000
"""Largest dump, in bytes when unpacked; single documents have a lower limit."""
_TEXTS = frozenset({".txt", ".md", ".markdown"})
_PAGES = frozenset({".html", ".htm", ".xhtml"})
_FIGURES = frozenset({".csv", ".xml"})
_DUMPS = frozenset({".json", ".jsonl", ".ndjson", ".csv"})


@dataclass(frozen=True, slots=True)
class Import:
    """What holds for every text of one import."""

    source_name: str | None
    now: datetime
    kind: Kind | None = None
    tickers: tuple[str, ...] = ()
    history: bool = True


def import_paths(
    paths: Iterable[Path],
    *,
    source_name: str | None = None,
    now: datetime,
    kind: Kind | None = None,
    tickers: tuple[str, ...] = (),
    history: bool = True,
) -> Iterator[Collected]:
    """One ``Collected`` a file, folders walked in sorted order.

    Documents take ``source_name``, else the source the item names, else the
    folder's name. ``history`` (the default) makes publication time count as
    availability. Files of an unknown form count as skipped.
    """
    job = Import(source_name, now, kind, tickers, history)
    for path in paths:
        if not path.exists():
            reason = "no such file or folder"
            failure = Failure(source_name or "import", str(path), reason, "Check the path.")
            yield Collected(source_name or "import", failures=(failure,))
            continue
        for file in _walk(path):
            yield import_file(file, job)


def _walk(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
        return
    for folder, folders, files in os.walk(path):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(folder, name) for name in sorted(files) if not name.startswith("."))


def import_file(path: Path, job: Import) -> Collected:
    """Documents of one file; never raises on its content."""
    source = job.source_name or path.parent.name or "import"
    packed = path.suffix.lower() == ".gz"
    suffix = (path.with_suffix("") if packed else path).suffix.lower()
    if suffix not in _TEXTS | _PAGES | _DUMPS | _FIGURES:
        return Collected(source, skipped=1)
    limit = MAX_FILE if suffix in _DUMPS | _FIGURES else MAX_TEXT

    def failed(reason: str, remedy: str) -> Collected:
        return Collected(source, failures=(Failure(source, str(path), reason, remedy),))

    try:
        data = _read(path, packed, limit)
    except (OSError, EOFError, zlib.error) as error:
        return failed(f"cannot be read ({error})", "Check the file and its permissions.")
    if len(data) > limit:
        size = f"{limit // 1_000_000} MB"
        return failed(f"larger than the limit of {size}", "Split it into smaller files.")
    if not data.strip():
        return failed("the file is empty", "Drop it or fetch it again.")
    try:
        return _parse(path, suffix, data, source, job)
    except Exception as error:
        log.exception("import of %s failed", path)
        reason = f"the parser failed ({type(error).__name__}: {error})"
        return failed(reason, "Please report this file.")


def _read(path: Path, packed: bool, limit: int) -> bytes:
    with gzip.open(path) if packed else path.open("rb") as file:
        return file.read(limit + 1)


def _parse(path: Path, suffix: str, data: bytes, source: str, job: Import) -> Collected:
    if suffix in (".jsonl", ".ndjson"):
        return parse_jsonl(data, source=source, where=str(path), job=job)
    if suffix == ".json":
        return parse_json(data, source=source, where=str(path), job=job)
    if suffix in _FIGURES:
        figures = read_figures(
            data, source=source, name=path.name, now=job.now, history=job.history
        )
        if figures is not None or suffix == ".xml":
            return figures or Collected(source, skipped=1)
    if suffix == ".csv":
        return parse_csv(data, source=source, where=str(path), job=job)
    if suffix in _PAGES:
        return parse_article(
            data,
            source=source,
            now=job.now,
            name=path.name,
            kind=job.kind or Kind.NEWS,
            tickers=job.tickers,
            history=job.history,
        )
    text, _ = decode(data)
    matter = text.startswith("---\n") or text.startswith("---\r\n")
    call = looks_like_call(text, path.name) and not matter and job.kind in (None, Kind.TRANSCRIPT)
    if call or job.kind is Kind.TRANSCRIPT:
        return parse_call(
            data,
            source=source,
            now=job.now,
            name=path.name,
            tickers=job.tickers,
            history=job.history,
        )
    return parse_text(data, source=source, path=path, job=job)
