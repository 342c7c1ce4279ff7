"""A folder as a source: what is new or changed in it is read."""

from __future__ import annotations

import hashlib
import os
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

from moneygood.collectors.files.folders import Import, import_file, unreadable
from moneygood.collectors.files.sidecars import Sidecars
from moneygood.collectors.files.watch import Snapshot, Stamp, look, settled
from moneygood.collectors.sources import Source
from moneygood.collectors.visit import Visit
from moneygood.errors import ParseError
from moneygood.records import Collected, Kind, Skip, Validator

_READERS = "1"
"""Counts up when files are to be read again because the parsers changed."""
_PAUSE = 0.2


def read_folder(source: Source, visit: Visit) -> Collected:
    """What is new or changed in a folder; a bad file is a failure beside the others.

    A file read in full at an earlier visit and unchanged since is passed over. One
    that failed is tried again, so that its failure stays in sight. One that is
    being written waits for the next visit. Raises ParseError without the folder.
    """
    root = Path(source.path)
    if not root.exists():
        raise ParseError(str(root), "no such file or folder", "Check the path.")
    # News is the default: let calls and speeches in a mixed folder say so.
    kind = None if source.text_kind is Kind.NEWS else source.text_kind
    job = Import(source.name, visit.now, kind, source.tickers, source.history)
    seen, writing = _finished(root)
    sidecars = Sidecars()
    parts = [unreadable(source.name, place, why) for place, why in seen.unreadable.items()]
    skips = Counter({"still being written": len(writing)} if writing else {})
    validators = []
    held = 0
    for path, stamp in seen.files.items():
        validator = _validator(path, stamp, job)
        if path in writing:
            continue
        if visit.validators.get(validator.url) == validator:
            held += 1
            continue
        part = import_file(path, job, parse=visit.parse, root=root, sidecars=sidecars)
        recent = part
        if visit.since is not None:
            since = visit.since
            recent = replace(
                part, documents=tuple(d for d in part.documents if d.published_at >= since)
            )
        older = len(part.documents) - len(recent.documents)
        if older and visit.since is not None:
            skips[f"older than {visit.since.date()}"] += older
        # Without its validator a file is read again at the next visit.
        if not part.failures and not older:
            validators.append(validator)
        parts.append(recent)
    for part in parts:
        for skip in part.skips:
            skips[skip.reason] += skip.count
    return Collected(
        source.name,
        tuple(d for part in parts for d in part.documents),
        tuple(o for part in parts for o in part.observations),
        tuple(f for part in parts for f in part.failures),
        tuple(Skip(reason, count) for reason, count in skips.items()),
        tuple(validators),
        unchanged=bool(held) and not parts and not writing,
    )


def _finished(root: Path) -> tuple[Snapshot, frozenset[Path]]:
    """The files of a folder, and those that are being written."""
    seen = look(root)
    if len(settled(Snapshot(), seen, time.time())) == len(seen.files):
        return seen, frozenset()
    time.sleep(_PAUSE)
    again = look(root)
    return again, frozenset(again.files) - settled(seen, again, time.time())


def _validator(path: Path, stamp: Stamp, job: Import) -> Validator:
    """Size and time of the file, and how it is read: other options read it anew."""
    options = repr((_READERS, job.kind, job.tickers, job.history))
    mark = hashlib.sha256(options.encode()).hexdigest()[:8]
    return Validator(os.path.abspath(path), f"{stamp}-{mark}")
