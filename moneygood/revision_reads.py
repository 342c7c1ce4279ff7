"""Texts that were revised: which, how often, and what the last version changed."""

from __future__ import annotations

import pandas as pd
from sqlalchemy import select

from moneygood.reads import frame_of
from moneygood.store import Store
from moneygood.tables import DocumentRow, table

_doc = table(DocumentRow)


def revised(store: Store, limit: int = 500) -> pd.DataFrame:
    """Texts of more than one version, the one changed last first, by their latest version.

    Columns: doc (its id), source, title, day (datetime64), version (its number, so how
    many there are), changed (what it changed), at (UTC, when it became available).
    """
    query = (
        select(
            _doc.c.id.label("doc"),
            _doc.c.source,
            _doc.c.title,
            _doc.c.market_day.label("day"),
            _doc.c.version,
            _doc.c.changed,
            _doc.c.available_at.label("at"),
        )
        .where(_doc.c.version > 1, _doc.c.superseded_at.is_(None))
        .order_by(_doc.c.available_at.desc(), _doc.c.id.desc())
        .limit(limit)
    )
    frame = frame_of(store, query)
    frame["day"] = pd.to_datetime(frame["day"])
    frame["at"] = pd.to_datetime(frame["at"], utc=True)
    return frame
