"""Files and folders to documents and observations, whatever their form.

txt, md (YAML front matter), html, pdf, docx, eml; jsonl, json and json.gz dumps,
csv, headline snapshots (js); yields and prices as csv, the Treasury's xml. Each file
gives one ``Collected``; a bad file, line or row is a Failure naming the place,
and the rest goes on.
"""

from __future__ import annotations

import gzip
import logging
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from moneygood.collectors.calls.transcript import looks_like_call, parse_call
from moneygood.collectors.documents import MAX_TEXT
from moneygood.collectors.files.mail import parse_eml
from moneygood.collectors.files.markdown import parse_text
from moneygood.collectors.files.pdf import parse_pdf
from moneygood.collectors.files.rows import parse_csv, parse_json, parse_jsonl
from moneygood.collectors.files.sidecars import Sidecars
from moneygood.collectors.files.snapshots import parse_snapshot
from moneygood.collectors.files.watch import look
from moneygood.collectors.files.word import parse_docx
from moneygood.collectors.news.articles import parse_article
from moneygood.collectors.series.figures import read_figures
from moneygood.collectors.text import decode
from moneygood.collectors.visit import Parse, parse_here
from moneygood.errors import ParseError
from moneygood.records import Collected, Failure, Kind, Skip

log = logging.getLogger(__name__)

MAX_FILE = 500_000_000
"""Largest dump, in bytes when unpacked; single documents have a lower limit."""
_TEXTS = frozenset({".txt", ".md", ".markdown"})
_PAGES = frozenset({".html", ".htm", ".xhtml"})
_FIGURES = frozenset({".csv", ".xml", ".parquet"})
_DUMPS = frozenset({".json", ".jsonl", ".ndjson", ".csv", ".js"})
_BINARY = {".pdf": parse_pdf, ".docx": parse_docx, ".eml": parse_eml}
_MAX_BINARY = 30_000_000
_ONE_TEXT = _TEXTS | _PAGES | _BINARY.keys()


@dataclass(frozen=True, slots=True)
class Import:
    """What holds for every text of one import; it travels to the parser's worker."""

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
    parse: Parse = parse_here,
) -> Iterator[Collected]:
    """One ``Collected`` a file, folders walked in sorted order.

    Documents take ``source_name``, else the source the item names, else the
    folder's name. ``history`` (the default) makes publication time count as
    availability. Files of an unknown form count as skipped. ``parse`` runs each
    file's parser.
    """
    job = Import(source_name, now, kind, tickers, history)
    sidecars = Sidecars()
    for path in paths:
        if not path.exists():
            reason = "no such file or folder"
            failure = Failure(source_name or "import", str(path), reason, "Check the path.")
            yield Collected(source_name or "import", failures=(failure,))
            continue
        seen = look(path)
        for place, why in seen.unreadable.items():
            yield unreadable(source_name or "import", place, why)
        for file in seen.files:
            yield import_file(file, job, parse=parse, root=path, sidecars=sidecars)


def unreadable(source: str, place: Path, why: str) -> Collected:
    """A file or folder that cannot be looked at."""
    reason = f"cannot be read ({why})"
    failure = Failure(source, str(place), reason, "Check the file and its permissions.")
    return Collected(source, failures=(failure,))


def import_file(
    path: Path,
    job: Import,
    *,
    parse: Parse = parse_here,
    root: Path | None = None,
    sidecars: Sidecars | None = None,
) -> Collected:
    """Documents of one file; never raises on its content.

    A file that holds one text is known by its path below ``root``, so that an
    edited note is a new version of the same document.
    """
    source = job.source_name or path.parent.name or "import"
    packed = path.suffix.lower() == ".gz"
    suffix = (path.with_suffix("") if packed else path).suffix.lower()
    if suffix not in _ONE_TEXT | _DUMPS | _FIGURES:
        return Collected(source, skips=(Skip(f"file form {suffix or path.name} is not read"),))
    limit = MAX_FILE if suffix in _DUMPS | _FIGURES else MAX_TEXT
    limit = _MAX_BINARY if suffix in _BINARY else limit

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
        found = parse(parse_file, path, suffix, data, source, job)
    except ParseError as error:
        return failed(error.reason, error.remedy)
    except Exception as error:
        log.exception("import of %s failed", path)
        reason = f"the parser failed ({type(error).__name__}: {error})"
        return failed(reason, "Please report this file.")
    if suffix in _ONE_TEXT:
        found = _named(found, _place(path, root))
    return (sidecars or Sidecars()).date(found, path, job.now)


def _place(path: Path, root: Path | None) -> str:
    below = root is not None and root != path and path.is_relative_to(root)
    return path.relative_to(root).as_posix() if below and root is not None else path.name


def _named(found: Collected, place: str) -> Collected:
    """The file's place as identity of each text that brings none."""
    documents = tuple(
        document if document.guid or document.url else replace(document, guid=place[-500:])
        for document in found.documents
    )
    return replace(found, documents=documents)


def _read(path: Path, packed: bool, limit: int) -> bytes:
    with gzip.open(path) if packed else path.open("rb") as file:
        return file.read(limit + 1)


def parse_file(path: Path, suffix: str, data: bytes, source: str, job: Import) -> Collected:
    """What the bytes of one file hold, by its form: a function a worker can run."""
    if suffix in _BINARY:
        return _BINARY[suffix](data, source=source, path=path, job=job)
    if suffix == ".js":
        return parse_snapshot(data, source=source, path=path, job=job)
    if suffix in (".jsonl", ".ndjson"):
        return parse_jsonl(data, source=source, where=str(path), job=job)
    if suffix == ".json":
        return parse_json(data, source=source, where=str(path), job=job)
    if suffix in _FIGURES:
        figures = read_figures(
            data, source=source, name=path.name, now=job.now, history=job.history
        )
        if figures is not None or suffix == ".xml":
            return figures or Collected(source, skips=(Skip("XML without yields"),))
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
