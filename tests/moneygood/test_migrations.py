"""A database of an earlier version keeps every row and gains what is new."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from dumps import dump
from sqlalchemy import create_engine

from moneygood import migrations, reads, source_reads
from moneygood.store import Store

ROWS = """
INSERT INTO document (id, uid, source, kind, title, body, turns, url, guid, tickers, published_at,
  first_seen_at, available_at, market_day, published_raw, history, notes, content_hash, cluster)
VALUES (1, 'u1', 'wire', 'news', 'Halls', 'Built.', '[]', '', 'g', '[]', '2025-01-27 17:00:00',
  '2025-01-27 17:00:00', '2025-01-27 17:00:00', '2025-01-27', '', 0, '[]', 'h1', 1);
INSERT INTO observation (id, series, date, value, first_seen_at, available_at, source)
VALUES (1, 'y10', '2025-01-27', 4.5, '2025-01-27 23:00:00', '2025-01-27 23:00:00', 'ust'),
  (2, 'price:SPY', '2025-01-27', 600, '2025-01-27 23:00:00', '2025-01-27 23:00:00', 'p');
INSERT INTO visit (id, source, at, fetched, new, duplicate, skipped, failed)
VALUES (1, 'wire', '2025-01-27 17:00:00', 1, 1, 0, 0, 0);
INSERT INTO scored (document_id, scorer, sentences, skipped) VALUES (1, 's.v1', 1, '');
INSERT INTO sentence (id, document_id, scorer, position, text, context, speaker, role, section,
  start, "end") VALUES (1, 1, 's.v1', 0, 'Built.', '', '', '', '', 0, 6);
INSERT INTO mention (id, sentence_id, document_id, narrative, probability, stance, affirm, doubt,
  neutral, rung, spans) VALUES (1, 1, 1, 'ai_capex', 0.9, 'affirm', 0.8, 0.1, 0.1, '', '[[0, 5]]');
"""


@pytest.fixture
def old(tmp_path: Path) -> Path:
    path = tmp_path / "old.db"
    config = Config()
    config.set_main_option("script_location", str(Path(str(migrations.__file__)).parent))
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        for statement in ROWS.split(";\n"):
            if statement.strip():
                connection.exec_driver_sql(statement)
    engine.dispose()
    return path


def test_every_row_is_kept_and_completed(old: Path) -> None:
    with Store(old) as store:
        ((key, _, changed, document),) = reads.versions(store, 1)
        assert (key, changed, document.title) == (1, "", "Halls")
        assert list(reads.documents(store, "s.v1")["cluster"]) == [1]
        (day,) = source_reads.visit_days(store).to_dict("records")
        assert (str(day["day"].date()), day["new"], day["revised"]) == ("2025-01-27", 1, 0)
    tables = dump(old)
    assert [row[-2:] for row in tables["observation"]] == [("percent", ""), ("price", "")]
    assert len(tables["sentence"]) == len(tables["scored"]) == 1
    with Store(old, readonly=True) as store:
        on = date(2025, 1, 27)
        (row,) = reads.evidence(store, "ai_capex", on, on).to_dict("records")
    assert (row["spans"], row["spans_by"]) == ([(0, 5)], "phrase")
    assert (row["nearest"], row["nearest_similarity"]) == ("", 0.0)


def test_a_text_held_before_is_known_after(old: Path) -> None:
    with Store(old) as store:
        assert source_reads.held_versions(store, "wire") == {"u1": frozenset({"h1"})}
