"""Who speaks for whom in a call, and where the questions begin."""

from __future__ import annotations

import re

from moneygood.collectors.call_lines import Layout, RawTurn, is_operator
from moneygood.records import Role, Section, Turn

_ANALYST = re.compile(r"\banalyst\b|\bresearch\b(?!.*\bofficer\b)", re.I)
_TITLE = re.compile(
    r"\b(?:chief|officer|president|director|ceo|cfo|coo|cto|cio|cbo|head|vp|svp|evp|chair\w*|"
    r"founder|co-founder|treasurer|investor relations|counsel|secretary|controller|manager|"
    r"executive)\b",
    re.I,
)
_OPERATOR = re.compile(r"\b(?:operator|moderator|facilitator|coordinator)\b", re.I)
_HOST = re.compile(
    r"\b(?:i(?:'|’)?(?:m| am| will be| ll be)[^.]{0,30}|be )(?:your |the )?"
    r"(?:conference |call )?(?:operator|facilitator|moderator|coordinator)\b",
    re.I,
)
_CALLED = re.compile(
    r"\b(?:questions?|one|caller|next|first|last|final|go|move|moving on|line|over)\b[^.?!]{0,70}?"
    r"\b(?:from|to|of|is|have)\s+(?:the (?:line|phone line) of\s+)?(?:an? )?"
    r"(?-i:(?P<name>(?:[A-Z][\w'’.\-]*\s+){0,3}[A-Z][\w'’\-]+))",
    re.I,
)
_HANDED = re.compile(r"\b(?:turn|hand|pass|send)(?:ing)?\b.{0,60}\b(?:back|over)\b", re.I)
_FIRST = re.compile(r"\bfirst question\b|\bpoll for questions\b|\bopen\b.{0,40}\bquestions\b", re.I)
_OPENS = re.compile(
    r"\bquestions?\b.{0,80}\b(?:from|is|comes?|line)\b|\bopen\b.{0,40}\b(?:questions?|q&a|lines?)\b|"
    r"\bbegin\b.{0,30}\bquestion|\bq&a\b|\bpoll for questions\b|operator instructions",
    re.I | re.S,
)


def settle_turns(layout: Layout) -> tuple[Turn, ...]:
    """Turns with role and section; empty ones dropped, split ones of a speaker kept."""
    raw = [turn for turn in layout.turns if turn.text.strip()]
    roles = _roles(raw, layout)
    start = _question_start(raw, roles)
    return tuple(
        Turn(turn.speaker, role, Section.QA if n >= start else Section.PREPARED, turn.text)
        for n, (turn, role) in enumerate(zip(raw, roles, strict=True))
    )


def _roles(raw: list[RawTurn], layout: Layout) -> list[Role]:
    known: dict[str, Role] = {}
    for turn in raw:
        role = _explicit(turn, layout)
        if role is not Role.UNKNOWN:
            known.setdefault(turn.speaker, role)
    _hosts(raw, known)
    called = _called(raw, known)
    for turn in raw:
        if turn.speaker not in known and _matches(turn.speaker, called):
            known[turn.speaker] = Role.ANALYST
    first = next(
        (n for n, turn in enumerate(raw) if known.get(turn.speaker) is Role.ANALYST), len(raw)
    )
    opened = next((n for n, t in enumerate(raw) if n > 1 and _FIRST.search(t.text[-400:])), first)
    for n, turn in enumerate(raw):
        # Before the first analyst only the company speaks; after it, whoever
        # was never called in answers.
        if turn.speaker not in known:
            after_operator = n > 0 and known.get(raw[n - 1].speaker) is Role.OPERATOR
            asks = n > min(first, opened) and after_operator and "?" in turn.text
            known[turn.speaker] = Role.ANALYST if asks else Role.MANAGEMENT
    if first == len(raw) and not any(role is Role.OPERATOR for role in known.values()):
        # Nobody asks and nobody hosts: no evidence that this is a company's call.
        explicit = {turn.speaker for turn in raw if _explicit(turn, layout) is not Role.UNKNOWN}
        return [known[t.speaker] if t.speaker in explicit else Role.UNKNOWN for t in raw]
    return [known[turn.speaker] for turn in raw]


def _explicit(turn: RawTurn, layout: Layout) -> Role:
    name = turn.speaker
    text = f"{turn.role} {layout.people.get(name, '')}".strip()
    if is_operator(name) or _OPERATOR.search(turn.role):
        return Role.OPERATOR
    if _ANALYST.search(f"{name} {text}") or re.search(r"\sQ$", turn.role):
        return Role.ANALYST
    if name in layout.sides:
        return layout.sides[name]
    if _TITLE.search(f"{text} {name}") or re.search(r"\sA$", turn.role):
        return Role.MANAGEMENT
    # A firm without a title is how pages name analysts.
    return Role.ANALYST if text and turn.section is Section.QA else Role.UNKNOWN


def _hosts(raw: list[RawTurn], known: dict[str, Role]) -> None:
    if any(role is Role.OPERATOR for role in known.values()):
        return
    for turn in raw[:2]:
        if turn.speaker not in known and _HOST.search(turn.text[:600]):
            known[turn.speaker] = Role.OPERATOR
            return


def _called(raw: list[RawTurn], known: dict[str, Role]) -> list[str]:
    hosts = [t for t in raw if known.get(t.speaker) is Role.OPERATOR] or raw
    names: list[str] = []
    for turn in hosts:
        if turn is raw[0]:
            continue
        for sentence in re.split(r"(?<=[a-z\])][.?!])\s+", turn.text[-1500:]):
            # Handing the floor back to a host is not calling in a question.
            if not _HANDED.search(sentence):
                names += [match["name"] for match in _CALLED.finditer(sentence)]
    split = any(t.section is Section.QA for t in raw)
    prepared = {t.speaker for t in raw if split and t.section is Section.PREPARED}
    return [name for name in names if name not in prepared]


def _matches(speaker: str, called: list[str]) -> bool:
    parts = speaker.split()
    if "Unknown Analyst" in speaker or "Unidentified Analyst" in speaker:
        return True
    for name in called:
        other = name.split()
        if parts[-1] == other[-1] and len(other) > 1:
            return True
        if speaker == name:
            return True
    return False


def _question_start(raw: list[RawTurn], roles: list[Role]) -> int:
    marked = next((n for n, t in enumerate(raw) if t.section is Section.QA), None)
    if marked is not None:
        return marked
    asked = next((n for n, role in enumerate(roles) if role is Role.ANALYST), None)
    if asked is None:
        opened = [
            n
            for n, turn in enumerate(raw)
            if n > 0 and roles[n] is Role.OPERATOR and _OPENS.search(turn.text)
        ]
        return opened[0] if opened else len(raw)
    opens = asked > 0 and roles[asked - 1] is Role.OPERATOR
    return asked - 1 if opens and (asked > 1 or len(raw) == 2) else asked
