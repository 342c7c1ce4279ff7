"""Exports in the forms desks expect: long or wide, CSV or Parquet, with a manifest.

The same database gives the same bytes: nothing here reads a clock. A file is
written beside its place, flushed to disk and then renamed, so that a reader
never sees half of it.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import Literal

import pandas as pd

from moneygood import reads
from moneygood.errors import DataError, StoreError
from moneygood.measure import all_narratives, index_as_of
from moneygood.records import utc
from moneygood.store import Store

Format = Literal["csv", "parquet"]
SCHEMA_VERSION = 2
FIRST, LAST = date(1900, 1, 1), date(2999, 12, 31)
NO_LIMIT = 10_000_000
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\0")


def export(
    store: Store,
    what: str,
    out: Path,
    *,
    fmt: Format = "csv",
    wide: bool = False,
    as_of: datetime | None = None,
) -> Path:
    """Write ``what`` (index, evidence, yields, relations) to ``out`` and its manifest.

    ``wide`` gives one column a series and one row a day (index and yields).
    ``as_of`` keeps what was known by then. The manifest stands beside the file
    as ``<file>.manifest.json``: rows, columns, SHA-256, schema version, as-of.

    Raises DataError for an unknown table, form or an empty result, StoreError
    when the file cannot be written.
    """
    if fmt not in ("csv", "parquet"):
        raise DataError(f"export format {fmt!r}", "is not known", "Use csv or parquet.")
    frame = frame_of(store, what, wide=wide, as_of=as_of)
    if frame.empty:
        raise DataError(
            f"export {what}",
            "there is nothing to write",
            "Run `moneygood run`, or a later --as-of.",
        )
    content = csv_bytes(frame) if fmt == "csv" else _parquet_bytes(frame)
    mode = reads.mode(store)
    moment = utc(as_of) if as_of else mode.as_of if mode else None
    manifest = {
        "as_of": moment.isoformat() if moment else None,
        "columns": list(frame.columns),
        "file": out.name,
        "format": fmt,
        "mode": mode.mode if mode else None,
        "rows": len(frame),
        "schema_version": SCHEMA_VERSION,
        "sha256": hashlib.sha256(content).hexdigest(),
        "table": what,
        "wide": wide,
    }
    text = json.dumps(manifest, indent=2, sort_keys=True) + "\n"
    _write(out, content)
    _write(out.with_name(out.name + ".manifest.json"), text.encode())
    return out


def frame_of(
    store: Store, what: str, *, wide: bool = False, as_of: datetime | None = None
) -> pd.DataFrame:
    """The rows of one export. Raises DataError for an unknown table or form."""
    if what not in TABLES:
        raise DataError(f"export {what!r}", "is not known", f"Use one of {', '.join(TABLES)}.")
    frame = TABLES[what](store, as_of)
    if not wide:
        return frame
    if what not in ("index", "yields"):
        raise DataError(f"export {what} --wide", "has no wide form", "Leave out --wide.")
    table = frame.pivot(index="date", columns="series_id", values="value").sort_index(axis=1)
    return table.reset_index().rename_axis(columns=None)


def export_index(store: Store, as_of: datetime | None = None) -> pd.DataFrame:
    """Every index value with its band, in the long form of FRED and ALFRED.

    ``realtime_start`` is the day from which this vintage of the value held,
    ``available_at`` the moment (UTC), ``model_version`` the method. With
    ``as_of`` the index is computed anew from what was available by then.
    """
    mode = reads.mode(store)
    if as_of is None or mode is None:
        points = reads.index_points(store)
    else:
        points = index_as_of(store, mode.scorer, as_of)
    return pd.DataFrame(
        {
            "series_id": points["series"],
            "date": _days(points["date"]),
            "value": points["value"],
            "lo": points["lo"],
            "hi": points["hi"],
            "n_docs": points["documents"],
            "n_sources": points["sources"],
            "realtime_start": [utc(m).date().isoformat() for m in points["as_of"]],
            "available_at": [utc(m).isoformat() for m in points["as_of"]],
            "model_version": points["method"],
        }
    )


def export_yields(store: Store, as_of: datetime | None = None) -> pd.DataFrame:
    """Every market observation in the vintage known by ``as_of``; yields in percent."""
    rows = reads.observations(store, as_of)
    return pd.DataFrame(
        {
            "series_id": rows["series"],
            "date": _days(rows["date"]),
            "value": rows["value"],
            "realtime_start": [utc(m).date().isoformat() for m in rows["available_at"]],
            "available_at": [utc(m).isoformat() for m in rows["available_at"]],
        }
    )


def export_relations(store: Store, as_of: datetime | None = None) -> pd.DataFrame:
    """Rolling correlations and divergences; only the last computation is kept."""
    rows = reads.relations(store)
    if as_of is not None and len(rows):
        known = [utc(m) <= utc(as_of) for m in rows["as_of"]]
        if not any(known):
            raise DataError(
                "export relations",
                "they are kept only as last computed, which is later than --as-of",
                "Leave --as-of out.",
            )
        rows = rows[known]
    return rows.assign(date=_days(rows["date"]), as_of=[utc(m).isoformat() for m in rows["as_of"]])


def export_evidence(store: Store, as_of: datetime | None = None) -> pd.DataFrame:
    """Every sentence that carries a narrative, one row a narrative, by day."""
    mode = reads.mode(store)
    scorer = mode.scorer if mode else None
    frames = [
        reads.evidence(store, n, FIRST, LAST, scorer=scorer, limit=NO_LIMIT).assign(narrative=n)
        for n in all_narratives(reads.narratives(store, scorer) if scorer else ())
    ]
    rows = pd.concat([f for f in frames if len(f)] or frames[:1], ignore_index=True)
    if as_of is not None and scorer and len(rows):
        keys = ["doc", "position", "narrative"]
        rows = rows.merge(reads.mentions(store, scorer, as_of)[keys], on=keys)
    rows = rows.sort_values(["day", "doc", "position", "narrative"], kind="stable")
    return pd.DataFrame(
        {
            "date": _days(rows["day"]),
            **{
                c: rows[c]
                for c in (
                    *("narrative", "probability", "stance", "affirm", "doubt", "neutral"),
                    *("rung", "text", "context"),
                )
            },
            "spans": [json.dumps([list(s) for s in spans]) for spans in rows["spans"]],
            **{c: rows[c] for c in ("spans_by", "nearest", "nearest_similarity")},
            **{
                c: rows[c] for c in ("speaker", "role", "section", "source", "kind", "title", "url")
            },
            "published_at": [utc(m).isoformat() for m in rows["published_at"]],
            "document": rows["doc"],
            "position": rows["position"],
            "model_version": scorer or "",
        }
    ).reset_index(drop=True)


TABLES: dict[str, Callable[[Store, datetime | None], pd.DataFrame]] = {
    "index": export_index,
    "evidence": export_evidence,
    "yields": export_yields,
    "relations": export_relations,
}


def guard(value: object) -> object:
    """A text a spreadsheet would run as a formula, made text; anything else as it is."""
    if not isinstance(value, str):
        return value
    # A lone carriage return is not quoted by the writer and would end the row.
    flat = value.replace("\r\n", "\n").replace("\r", "\n")
    return "'" + flat if flat.startswith(_FORMULA) else flat


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """UTF-8 CSV with formulas in text cells made harmless; numbers stay numbers."""
    safe = frame.rename(columns=lambda name: str(guard(name)))
    for column in safe.columns:
        kind = safe[column].dtype
        if not (pd.api.types.is_numeric_dtype(kind) or pd.api.types.is_datetime64_any_dtype(kind)):
            safe[column] = safe[column].map(guard)
    return safe.to_csv(index=False, lineterminator="\n").encode("utf-8", "replace")


def _parquet_bytes(frame: pd.DataFrame) -> bytes:
    content = frame.reset_index(drop=True).to_parquet(None, index=False, compression="zstd")
    assert isinstance(content, bytes)
    return content


def _days(column: pd.Series[pd.Timestamp]) -> pd.Series[str]:
    return column.dt.strftime("%Y-%m-%d")


def _write(path: Path, content: bytes) -> None:
    temporary = ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except OSError as error:
        with suppress(OSError):
            os.unlink(temporary)
        raise StoreError(
            str(path), f"cannot be written ({error.strerror})", "Choose another place."
        ) from error
