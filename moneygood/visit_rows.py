"""What a visit leaves behind beside texts and figures: counts, reasons, validators."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from sqlalchemy import Connection, insert

from moneygood.document_rows import Saved, clean
from moneygood.market_days import NEW_YORK
from moneygood.records import Collected, utc
from moneygood.tables import FailureRow, SkipRow, ValidatorRow, VisitRow


def insert_visit(connection: Connection, collected: Collected, saved: Saved, at: datetime) -> None:
    """Write the visit, why things failed or were left out, and the validators."""
    row = {
        "source": clean(collected.source),
        "at": utc(at),
        "day": at.astimezone(NEW_YORK).date(),
        "fetched": len(collected.documents) + len(collected.observations),
        "new": saved.new,
        "revised": saved.revised,
        "duplicate": saved.duplicate,
        "skipped": collected.skipped,
        "failed": len(collected.failures),
        "unchanged": collected.unchanged,
    }
    key = connection.execute(insert(VisitRow).values(row)).inserted_primary_key
    assert key is not None
    if collected.failures:
        connection.execute(
            insert(FailureRow),
            [
                {
                    "visit_id": key[0],
                    "source": clean(f.source),
                    "subject": clean(f.subject),
                    "reason": clean(f.reason),
                    "remedy": clean(f.remedy),
                }
                for f in collected.failures
            ],
        )
    reasons: Counter[str] = Counter()
    for skip in collected.skips:
        reasons[clean(skip.reason)] += skip.count
    if reasons:
        connection.execute(
            insert(SkipRow),
            [{"visit_id": key[0], "reason": r, "count": n} for r, n in reasons.items()],
        )
    if collected.validators:
        connection.execute(
            insert(ValidatorRow).prefix_with("OR REPLACE"),
            [
                {
                    "source": clean(collected.source),
                    "url": clean(v.url),
                    "etag": clean(v.etag),
                    "last_modified": clean(v.last_modified),
                }
                for v in collected.validators
            ],
        )
