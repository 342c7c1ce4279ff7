"""The versions of a text: which is shown, and the words each added and removed."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from moneygood.records import utc
from moneygood.ui.marks import escape

CONTEXT = 8
"""Words left standing on each side of a change."""
MOST_WORDS = 4_000
MOST_SHOWN = 1_500


@dataclass(frozen=True, slots=True)
class Run:
    """Words that stayed (``same``), came (``added``) or went (``removed``); ``cut``: left out."""

    change: str
    words: tuple[str, ...] = ()


def version_words(number: int, count: int, available_at: datetime, changed: str) -> str:
    """``Version 2 of 3, since 2025-01-29 14:00 UTC: title; text: 12 words added, 3 removed``."""
    since = f"Version {number} of {count}, since {utc(available_at):%Y-%m-%d %H:%M} UTC"
    return f"{since}: {changed}" if changed else since


def changed_runs(old: str, new: str) -> list[Run]:
    """The words of ``new`` against those of ``old``, in order, far from any change cut out.

    At most the first ``MOST_WORDS`` words of each, beyond what both begin and end with.
    """
    before, after = old.split(), new.split()
    head = _common(before, after)
    tail = _common(before[head:][::-1], after[head:][::-1])
    lead, end = after[:head], after[len(after) - tail :]
    before, after = before[head : len(before) - tail], after[head : len(after) - tail]
    whole = max(len(before), len(after)) <= MOST_WORDS
    before, after = before[:MOST_WORDS], after[:MOST_WORDS]
    runs = [Run("same", tuple(lead))]
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=True)
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
