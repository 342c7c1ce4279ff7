"""Dates of calls from a table that lies beside them."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from moneygood.collectors.dates import NO_DATE
from moneygood.collectors.files.words import dated
from moneygood.records import Collected, Document, Kind

if TYPE_CHECKING:
    from moneygood.collectors.calls.events import Events

_CALL_NAME = re.compile(
    r"^(?:(?P<t1>[A-Z.]{1,6})[_-](?:(?P<y1>20\d{2})[_-]?Q(?P<q1>[1-4])|Q(?P<q2>[1-4])[_-]?(?P<y2>20\d{2}))"
    r"|(?P<y3>20\d{2})[_-]?Q(?P<q3>[1-4])[_-](?P<t3>[A-Z.]{1,6}))(?=$|[_.\-])",
    re.I,
)


class Sidecars:
    """The tables beside the files of one import, each read once."""

    def __init__(self) -> None:
        self._found: dict[Path, Events | None] = {}

    def date(self, found: Collected, path: Path, now: datetime) -> Collected:
        """The calls of a file dated by the table beside it, where they have no date."""
        match = _CALL_NAME.match(path.name)
        if match is None or not any(_undated(document) for document in found.documents):
            return found
        events = self._events(path.parent)
        part = match.groupdict()
        raw = (
            events.when(
                (part["t1"] or part["t3"]).upper(),
                int(part["y1"] or part["y2"] or part["y3"]),
                int(part["q1"] or part["q2"] or part["q3"]),
            )
            if events is not None
            else ""
        )
        if not raw:
            return found
        documents = (
            dated(d, raw, now, "date from a table beside the file") if _undated(d) else d
            for d in found.documents
        )
        return replace(found, documents=tuple(documents))

    def _events(self, folder: Path) -> Events | None:
        if folder not in self._found:
            from moneygood.collectors.calls.events import find_events

            self._found[folder] = find_events(folder)
        return self._found[folder]


def _undated(document: Document) -> bool:
    return document.kind is Kind.TRANSCRIPT and NO_DATE in document.notes
