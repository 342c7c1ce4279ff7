"""Near-duplicate clusters."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from moneygood.collectors.duplicates import Item, assign_clusters

T0 = datetime(2025, 1, 27, tzinfo=UTC)
STORY = (
    "Pell Semiconductor lost a quarter of its value on Monday after a research paper from a small "
    "laboratory claimed that a model could be trained for a hundredth of the usual cost, and "
    "investors asked whether the planned spending on new data halls would ever be needed at all."
)
OTHER = (
    "Ten-year Treasury yields fell nine basis points as money moved into government bonds and "
    "dealers reported the busiest morning since the summer in every maturity on the curve."
)


def item(key: str, text: str, hours: float = 0) -> Item:
    return key, T0 + timedelta(hours=hours), text


def test_reworded_ending_joins_and_other_stories_do_not() -> None:
    copy = STORY.replace("ever be needed at all", "be needed")
    found = assign_clusters([item("a", STORY), item("b", copy, 2), item("c", OTHER, 3)])
    assert found == {"a": "a", "b": "a", "c": "c"}


def test_short_texts_join_only_when_equal() -> None:
    texts = [item("a", "Fed holds rates steady"), item("b", "FED HOLDS rates, steady!")]
    texts.append(item("c", "Fed holds rates again"))
    assert assign_clusters(texts) == {"a": "a", "b": "a", "c": "c"}


def test_a_week_apart_is_another_story() -> None:
    texts = [item("a", STORY), item("b", STORY, 24 * 8), item("c", STORY, 24 * 9)]
    assert assign_clusters(texts) == {"a": "a", "b": "b", "c": "b"}


def test_known_heads_come_first_and_stay_out_of_the_answer() -> None:
    known = [item("old", STORY, -20)]
    assert assign_clusters([item("new", STORY)], known=known) == {"new": "old"}


def test_empty_texts_stand_alone() -> None:
    assert assign_clusters([item("a", ""), item("b", "—")]) == {"a": "a", "b": "b"}
    assert assign_clusters([]) == {}


def test_same_answer_every_time() -> None:
    texts = [item(str(n), f"{STORY} {n % 7}" * (1 + n % 3), n) for n in range(60)]
    assert assign_clusters(texts) == assign_clusters(list(texts))
