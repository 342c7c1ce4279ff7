"""Scores to rows: the sentences that carry a narrative, and what they carry."""

from __future__ import annotations

import json

from sqlalchemy import Connection, insert

from moneygood.document_rows import clean
from moneygood.records import SentenceScore
from moneygood.tables import MentionRow, SentenceRow


def insert_score(connection: Connection, document_id: int, score: SentenceScore) -> int:
    mentions = score.mentions()
    if not mentions:
        return 0
    s = score.sentence
    key = connection.execute(
        insert(SentenceRow).values(
            document_id=document_id,
            scorer=score.scorer,
            position=s.position,
            text=clean(s.text),
            context=clean(s.context),
            speaker=clean(s.speaker),
            role=str(s.role),
            section=str(s.section),
            start=s.start,
            end=s.end,
        )
    ).inserted_primary_key
    assert key is not None
    connection.execute(
        insert(MentionRow),
        [
            {
                "sentence_id": key[0],
                "document_id": document_id,
                "narrative": m.narrative,
                "probability": m.probability,
                "stance": str(m.stance),
                "affirm": m.stance_p[0],
                "doubt": m.stance_p[1],
                "neutral": m.stance_p[2],
                "rung": str(m.rung or ""),
                "spans": json.dumps([list(span) for span in m.spans]),
                "spans_by": str(m.spans_by),
                "nearest": m.nearest,
                "nearest_similarity": m.nearest_similarity,
            }
            for m in mentions
        ],
    )
    return len(mentions)
