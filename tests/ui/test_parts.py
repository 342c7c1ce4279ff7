"""What is said beside a sentence: what decided, and what it reads like."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest

from moneygood import reads
from moneygood.store import Store
from moneygood.ui import parts


def row_of(store: Store, narrative: str, **changes: object) -> pd.Series[Any]:
    """The strongest sentence of a narrative, changed."""
    rows = reads.evidence(store, narrative, date(2024, 1, 1), date(2026, 1, 1))
    first = {str(name): value for name, value in rows.iloc[0].items()}
    changed: dict[str, Any] = {**first, "narrative": narrative, **changes}
    return pd.Series(changed)


def test_words_that_moved_the_model_are_told_from_phrases(store: Store) -> None:
    row = row_of(store, "jevons")
    assert parts.by_model(row)
    assert "marked are the words that moved the model" in parts.why(row)
    assert parts.byline(row).endswith("marked by the model")


def test_the_training_sentence_is_quoted_with_similarity_and_stance(store: Store) -> None:
    said = parts.why(row_of(store, "jevons"))
    assert "(similarity 0.81, affirms)" in said
    assert "usage tripled" in said


@pytest.mark.parametrize("narrative", ["reassurance", "deepseek"])
def test_a_neighbour_of_another_version_or_none_is_not_named(store: Store, narrative: str) -> None:
    row = row_of(store, narrative)
    assert parts.why(row) == ":gray[Marked are phrases of the narrative.]"
    assert "model" not in parts.byline(row)


def test_where_nothing_is_marked_nothing_is_claimed(store: Store) -> None:
    assert "No word stands out" in parts.why(row_of(store, "jevons", spans=[]))
    assert parts.why(row_of(store, "deepseek", spans=[])) == ""
