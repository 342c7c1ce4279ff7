"""Which database is meant when none is named."""

from __future__ import annotations

import os
from pathlib import Path

from moneygood import reads
from moneygood.errors import StoreError
from moneygood.settings import load_settings
from moneygood.store import Store


def default_database() -> Path:
    """$MONEYGOOD_DB; else the live one once it holds a run; else the sample's, if it is there."""
    named = os.environ.get("MONEYGOOD_DB")
    if named:
        return Path(named)
    settings = load_settings()
    live, sample = settings.database("live"), settings.database("sample")
    if sample.exists() and not _holds_a_run(live):
        return sample
    return live if live.exists() else sample


def _holds_a_run(path: Path) -> bool:
    if not path.exists():
        return False
    try:
        with Store(path, readonly=True) as store:
            return reads.mode(store) is not None
    except StoreError:
        # A damaged live database is for the user to see, not to be passed over.
        return True
