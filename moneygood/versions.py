"""Whether two texts are versions of one, and what a later one changed."""

from __future__ import annotations

import difflib
import re

_WORD = re.compile(r"\w+(?:['’.,]\w+)*")
_WORDS = 4_000
SAME_STORY = 0.3
"""Least share of common words (Jaccard) for a text to be a version of another."""


def letters(text: str) -> str:
    """Letters and digits alone: equal where two texts differ in typography only."""
    return "".join(c for c in text.casefold() if c.isalnum())


def same_story(title: str, text: str, other_title: str, other_text: str) -> bool:
    """Whether a text is a version of another, and no new text under an old address.

    Publishers reuse a GUID or an address for another story ("Markets today"). A
    version keeps the title, or enough of the words.
    """
    if letters(title) == letters(other_title) and letters(title):
        return True
    one = _words(f"{title} {text}")
    other = _words(f"{other_title} {other_text}")
    if not one or not other:
        return False
    common = len(one & other)
    # The shorter may be the first lines of the longer: a flash that was filled in.
    return (
        common / len(one | other) >= SAME_STORY
        or common / min(len(one), len(other)) >= 2 * SAME_STORY
    )


def _words(text: str) -> frozenset[str]:
    return frozenset(word.casefold() for word in _WORD.findall(text)[:_WORDS])


def what_changed(title: str, text: str, old_title: str, old_text: str) -> str:
    """What a version changed, in words: ``title; text: 12 words added, 3 removed``."""
    parts = ["title"] if title != old_title else []
    if text != old_text:
        old, new = _WORD.findall(old_text)[:_WORDS], _WORD.findall(text)[:_WORDS]
        matched = sum(
            block.size
            for block in difflib.SequenceMatcher(
                None, old, new, autojunk=True
            ).get_matching_blocks()
        )
        added, removed = len(new) - matched, len(old) - matched
        parts.append(f"text: {added} word{'s' * (added != 1)} added, {removed} removed")
    return "; ".join(parts)
