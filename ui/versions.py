"""The versions of a text: which is shown, and the words each added and removed."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from moneygood.records import Document
from moneygood.ui.marks import escape
from moneygood.ui.words import as_of_words, clock_words

CONTEXT = 8
"""Words left standing on each side of a change."""
MOST_WORDS = 4_000
MOST_SHOWN = 1_500
_STOPS = ".,;:"


@dataclass(frozen=True, slots=True)
class Run:
    """Words that stayed (``same``), came (``added``) or went (``removed``); ``cut``: left out."""

    change: str
    words: tuple[str, ...] = ()


def version_words(number: int, count: int, available_at: datetime, changed: str) -> str:
    """``Version 2 of 3, from 29 January 2025, 09:00 New York. Changed: title.``"""
    said = f"Version {number} of {count}, from {as_of_words(available_at)}"
    if changed:
        return f"{said}. Changed: {changed}."
    return f"{said}, the first." if number == 1 else f"{said}."


def times_words(text: Document) -> str:
    """When a text was published, seen here and changed, as far as its publisher says."""
    said = [f"Published {clock_words(text.published_at)}"]
    if text.modified_at and text.modified_at != text.published_at:
        said.append(f"changed by its publisher {clock_words(text.modified_at)}")
    if text.history:
        said.append("from an archive")
    elif text.first_seen_at != text.published_at:
        said.append(f"this version seen {clock_words(text.first_seen_at)}")
    return "; ".join(said) + " (New York)."


def changed_runs(old: str, new: str) -> list[Run]:
    """The words of ``new`` against those of ``old``, in order, far from any change cut out.

    At most the first ``MOST_WORDS`` words of each, beyond what both begin and end with.
    A full stop or comma that came to a word or left it shows where nothing else changed.
    """
    before, after = old.split(), new.split()
    return _runs(before, after, _without_stops) or _runs(before, after, list)


def _without_stops(words: list[str]) -> list[str]:
    return [word.rstrip(_STOPS) or word for word in words]


def _runs(before: list[str], after: list[str], keys: Callable[[list[str]], list[str]]) -> list[Run]:
    old, new = keys(before), keys(after)
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    lead, end = after[:head], after[len(after) - tail :]
    before, after = before[head : len(before) - tail], after[head : len(after) - tail]
    whole = max(len(before), len(after)) <= MOST_WORDS
    before, after = before[:MOST_WORDS], after[:MOST_WORDS]
    runs = [Run("same", tuple(lead))]
    matcher = difflib.SequenceMatcher(None, keys(before), keys(after), autojunk=True)
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            runs.append(Run("same", tuple(after[c:d])))
            continue
        runs += [Run("removed", tuple(before[a:b])), Run("added", tuple(after[c:d]))]
    runs.append(Run("same", tuple(end)) if whole else Run("cut"))
    if not any(run.change in {"added", "removed"} and run.words for run in runs):
        return []
    return _shortened([run for run in runs if run.words or run.change == "cut"])


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    count = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        count += 1
    return count


def _shortened(runs: Sequence[Run]) -> list[Run]:
    """Long runs that stayed are cut to ``CONTEXT`` words beside each change."""
    found: list[Run] = []
    shown = 0
    for i, run in enumerate(runs):
        if run.change != "same":
            found.append(run)
        else:
            before = run.words[:CONTEXT] if i else ()
            after = run.words[-CONTEXT:] if i + 1 < len(runs) else ()
            if len(run.words) <= len(before) + len(after) + 2:
                found.append(run)
            else:
                parts = [Run("same", before), Run("cut"), Run("same", after)]
                found += [part for part in parts if part.words or part.change == "cut"]
        shown += len(found[-1].words)
        if shown > MOST_SHOWN:
            return [*found, Run("cut")]
    return found


def changes_markdown(runs: Sequence[Run]) -> str:
    """The runs as Markdown that can do nothing: ``[+ added]`` and ``[− removed]``, marked.

    The marks are of text, so that they are read without colour too.
    """
    parts = []
    for run in runs:
        words = escape(" ".join(run.words))
        if run.change == "cut":
            parts.append(":gray[…]")
        elif run.change == "same":
            parts.append(words)
        elif run.change == "added":
            parts.append(f":green-background[**\\[+ {words}\\]**]")
        else:
            parts.append(f":red-background[~~\\[− {words}\\]~~]")
    return " ".join(part for part in parts if part)
