"""Names that stand in a heap before the words of a page.

Pages converted from print can give a page's speaker lines together, then its
paragraphs. The order of both is right, so the words tell where one speaker ends:
the operator calls a question, an analyst follows, an answer thanks for it. Where no
such sign is found the paragraph stays with the one who spoke before.
"""

from __future__ import annotations

import re

from moneygood.collectors.calls.lines import RawTurn, is_operator

_OPERATES = re.compile(
    r"\b(?:your|our|the) (?:first|next|last|final) question (?:is|comes?|today|will|from)\b"
    r"|\bopen the lines?\b|\bconcludes? (?:today|the|our|this)\b|\byou may (?:now )?disconnect\b",
    re.I,
)
_ANSWERS = re.compile(
    r"^(?:thanks?\b|thank you\b|sure\b|yes\b|yeah\b|yep\b|great question\b|hi\b|i['’]m happy\b)",
    re.I,
)
_CLOSES = re.compile(
    r"^(?:great[.,]? )?thank you,? (?:everyone|all)?\b.*\b(?:joining|speaking)\b"
    r"|^\w+, (?:we have time|can we|could we|let['’]s)\b|\bnext question\?",
    re.I,
)

_OPENED = re.compile(r"^(?:thank you|good |ladies|at this time|welcome|\[)", re.I)


def spread(turns: list[RawTurn]) -> list[RawTurn]:
    """The turns, with the words under each heap of names shared among its speakers."""
    out: list[RawTurn] = []
    heap: list[RawTurn] = []
    for turn in turns:
        if not any(turn.lines):
            heap.append(turn)
        elif heap and (len(heap) > 1 or any(map(_OPERATES.search, turn.lines))):
            out += _shared([*heap, turn], out[-1] if out else None)
            heap = []
        elif _misplaced(turn) and out:
            out += _shared([turn], out[-1])
        else:
            out += [*heap, turn]
            heap = []
    return out + heap


def _misplaced(turn: RawTurn) -> bool:
    """An operator's paragraphs of which the last calls a question: the others are not his."""
    words = [line for line in turn.lines if line]
    calls = [n for n, line in enumerate(words) if _OPERATES.search(line)]
    return (
        is_operator(turn.speaker)
        and bool(calls)
        and calls[0] > 0
        and _OPENED.search(words[0]) is None
    )


def _shared(heap: list[RawTurn], before: RawTurn | None) -> list[RawTurn]:
    """The heap's paragraphs under its names; the first may still be those of ``before``."""
    names = [RawTurn(t.speaker, t.role, t.section) for t in heap]
    current = before or names.pop(0)
    said = [] if before else [current]
    for line in filter(None, heap[-1].lines):
        following = _next_speaker(line, current, names)
        if following is not None:
            current = following
            said.append(current)
        current.lines.append(line)
    return [turn for turn in said if turn.lines]


def _next_speaker(line: str, current: RawTurn, names: list[RawTurn]) -> RawTurn | None:
    if not names:
        return None
    if _OPERATES.search(line):
        if is_operator(current.speaker):
            return None
        while names and not is_operator(names[0].speaker):
            if not any(is_operator(turn.speaker) for turn in names):
                return None
            names.pop(0)
        return names.pop(0)
    if is_operator(names[0].speaker):
        return None
    if is_operator(current.speaker):
        called = current.lines[-1] if current.lines else ""
        while len(names) > 1 and any(_in(called, turn) for turn in names[1:]):
            if _in(called, names[0]):
                break
            names.pop(0)
        return names.pop(0)
    first = current.speaker.split()[0]
    answers = _ANSWERS.search(line) or re.search(rf"\b{re.escape(first)}\b", line[:60])
    return names.pop(0) if answers or _CLOSES.search(line) else None


def _in(called: str, turn: RawTurn) -> bool:
    return turn.speaker.split()[-1] in called
