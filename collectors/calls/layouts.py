"""Speaker turns of a call, in the page layouts found in the wild.

A speaker stands as ``Name -- Role``, on three lines (name, dashes, role), as
``Name: words``, as a heading ``## Name, Role``, alone on a line, or under a row
of dots with the role below. Lists of participants tell names from other lines.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import NamedTuple

from moneygood.collectors.calls.furniture import (
    ends_call,
    is_furniture,
    is_note,
    is_stamp,
    page_end,
    without_stamp,
)
from moneygood.collectors.calls.lines import (
    Layout,
    RawTurn,
    heading_of,
    is_operator,
    is_unnamed,
    name_like,
    side_of,
    split_role,
)
from moneygood.collectors.calls.stacked import spread
from moneygood.records import Role, Section

_OPERATOR_ROLE = re.compile(r"\b(?:operator|moderator|facilitator|coordinator)\b", re.I)
_HOSTING = re.compile(r"\b(?:operator|facilitator|moderator|standing by)\b", re.I)
_GREETING = re.compile(r"\b(?:good (?:morning|afternoon|evening|day)|thank you|welcome)\b", re.I)
_ROLE_WORD = re.compile(
    r"\b(?:chief|officer|president|director|ceo|cfo|coo|cto|cio|cbo|head|vp|svp|evp|chair\w*|"
    r"founder|co-founder|treasurer|investor relations|counsel|analyst|research|manager|"
    r"secretary|controller|partner|operator|moderator)\b",
    re.I,
)
_RULE = re.compile(r"^[.\-_=]{6,}$")
_SKIPPED = re.compile(r"^(?:\d{1,3})?$")
_DASH = re.compile(r"^(?:--+|—|–)$")
_DASHED = re.compile(r"^(.{2,60}?)\s*(?:--+|—|\s–\s)\s*(\S.{0,110})$")
_COLON = re.compile(r"^([^:]{2,120}?)\s?:(?:\s+(\S.*))?$")
_MARKED = re.compile(r"^(.*\S)\s+([QA])$")
_CALL_TITLE = re.compile(r"\b(?:call|transcript|results|conference)\b", re.I)
_FULL = re.compile(r"^\W*full transcript\b", re.I)
_STOPS = tuple('.?!:;…”"’)]')
_CAN_BE_HEAD = 200
_HEAPED = 5
_ANSWERS = frozenset({
    "yes", "yeah", "yep", "no", "okay", "ok", "right", "sure", "great", "thanks", "correct",
    "hello", "hi", "absolutely", "exactly", "perfect", "understood", "good", "well", "so",
})  # fmt: skip


class _Speaker(NamedTuple):
    name: str
    role: str
    rest: str
    lines: int


def read_layout(text: str) -> Layout:
    """Turns, people and preamble of a call's text; no turns when none are marked."""
    lines = [_plain_line(line) for line in text.split("\n")]
    layout = _Reader(lines, Layout()).read()
    if layout.people:
        # Lists of participants often stand at the end; read again knowing them.
        layout = _Reader(lines, Layout(people=layout.people, sides=layout.sides)).read()
    if sum(not any(turn.lines) for turn in layout.turns) > _HEAPED:
        layout.turns = spread(layout.turns)
    if _hard_wrapped(lines):
        for turn in layout.turns:
            turn.wrapped = True
    return layout


def _plain_line(line: str) -> str:
    line = line.strip()
    if line.startswith("**") and line.count("**") == 2:
        line = "# " + line.replace("**", "").strip() if line.endswith("**") else line
    return without_stamp(line.replace("**", ""))


def _hard_wrapped(lines: list[str]) -> bool:
    """Whether lines were broken at the width of a printed page."""
    full = [line for line in lines if len(line) > 40 and not is_furniture(line)]
    fit = sum(len(line) < 180 for line in full)
    open_ended = sum(line[-1] not in _STOPS for line in full)
    return len(full) > 20 and fit > 0.97 * len(full) and open_ended > 0.5 * len(full)


class _Reader:
    def __init__(self, lines: list[str], layout: Layout) -> None:
        self.lines = lines
        self.layout = layout
        self.colons: Counter[str] = Counter()
        self.bare: Counter[str] = Counter()
        self.dashed: Counter[str] = Counter()
        self._count()

    def _count(self) -> None:
        for i, line in enumerate(self.lines):
            if (match := _COLON.match(line)) and name_like(name := split_role(match[1])[0]):
                self.colons[name] += 1
            elif len(line) < _CAN_BE_HEAD and _DASHED.match(line):
                self.dashed[line] += 1
            elif name_like(line) and self._stands(i):
                self.bare[line] += 1

    def _stands(self, i: int) -> bool:
        """Whether a line stands where a speaker can: after words that have ended."""
        before = self.lines[i - 1] if i else ""
        return not before or before.endswith(_STOPS)

    def read(self) -> Layout:
        section: Section | None = None
        side: Role | None = None
        listing = ended = False
        i = 0
        while i < len(self.lines) and not ended:
            line = self.lines[i].lstrip("#").strip()
            if not line or is_furniture(line) or (self.layout.turns and is_stamp(line)):
                if line:
                    self.layout.furniture.append(line)
                elif self.layout.turns:
                    self.layout.turns[-1].lines.append("")
                i += 1
                continue
            if heading := self._heading(i):
                if not self._is_contents(i):
                    listing = heading == "people"
                    side = side_of(line) if listing else None
                    if not listing:
                        section = Section.QA if heading == "qa" else Section.PREPARED
                titled = _FULL.match(line) and not self.layout.turns
                (self.layout.preamble if titled else self.layout.furniture).append(line)
                i += 1
                continue
            if listing and not self._resumes(line):
                used = self._person(i, side)
                self.layout.furniture += self.lines[i : i + used]
                i += used
                continue
            listing = False
            if speaker := self._speaker(i, section):
                turn = RawTurn(speaker.name, speaker.role, section)
                if speaker.rest:
                    turn.lines.append(speaker.rest)
                self.layout.turns.append(turn)
                i += speaker.lines
                continue
            ended = bool(self.layout.turns) and ends_call(line)
            if not ended:
                self._keep(line)
                i += 1
        self.layout.furniture += filter(None, self.lines[i:])
        if self.layout.turns and not ended:
            last = self.layout.turns[-1]
            end = page_end(last.lines)
            self.layout.furniture += filter(None, last.lines[end:])
            del last.lines[end:]
        return self.layout

    def _keep(self, line: str) -> None:
        """A line of words: to the turn that speaks, or before the call."""
        turns = self.layout.turns
        into = turns[-1].lines if turns else self.layout.preamble
        if turns and any(into) and is_note(line):
            into = self.layout.furniture
        into.append(line)

    def _heading(self, i: int) -> str:
        return heading_of(self.lines[i])

    def _is_contents(self, i: int) -> bool:
        """A heading directly followed by another belongs to a table of contents."""
        following = next((j for j in range(i + 1, len(self.lines)) if self.lines[j]), None)
        return following is not None and bool(self._heading(following))

    def _resumes(self, line: str) -> bool:
        if is_operator(line.rstrip(":")):
            return True
        match = _COLON.match(line)
        return bool(match and len(match[2] or "") > 40 and name_like(split_role(match[1])[0]))

    def _person(self, i: int, side: Role | None) -> int:
        line = self.lines[i]
        name, role, used = line, "", 1
        if three := self._three_lines(i):
            name, role, used = three.name, three.role, three.lines
        elif match := re.match(r"^(.{2,60}?)\s*(?:--+|—|–|\s-\s)\s*(\S.*)$", line):
            name, role = match[1], match[2]
        if name_like(name):
            self.layout.people.setdefault(name, role)
            if side:
                self.layout.sides.setdefault(name, side)
        return used

    def _speaker(self, i: int, section: Section | None) -> _Speaker | None:
        if not self._may_speak(i):
            return None
        started = bool(self.layout.turns) or section is not None
        return (
            self._marked(i)
            or self._three_lines(i)
            or self._dashed(i)
            or self._colon(i, started)
            or self._under_rule(i)
            or self._titled(i)
            or self._bare(i, started)
        )

    def _may_speak(self, i: int) -> bool:
        """Most lines are prose: long, and without a mark near their beginning."""
        line = self.lines[i]
        return len(line) < _CAN_BE_HEAD or ":" in line[:130]

    def _marked(self, i: int) -> _Speaker | None:
        line = self.lines[i]
        if not line.startswith("#"):
            return None
        head = line.lstrip("#").strip()
        name, role = split_role(head.rstrip(":").strip())
        titled = _CALL_TITLE.search(head) and not _ROLE_WORD.search(head)
        if not name_like(name) or titled or len(head) > 140:
            return None
        return _Speaker(name, role, "", 1)

    def _three_lines(self, i: int) -> _Speaker | None:
        lines = self.lines
        if i + 2 >= len(lines) or not _DASH.match(lines[i + 1]) or not name_like(lines[i]):
            return None
        parts, j = [lines[i + 2]], i + 3
        while j + 1 < len(lines) and _DASH.match(lines[j]) and len(lines[j + 1]) < 100:
            parts.append(lines[j + 1])
            j += 2
        return _Speaker(lines[i], " -- ".join(parts), "", j - i)

    def _dashed(self, i: int) -> _Speaker | None:
        match = _DASHED.match(self.lines[i])
        if not match or not name_like(match[1]):
            return None
        name, role = match[1], match[2].rstrip(":").strip()
        if name in self.layout.people or self.dashed[self.lines[i]] >= 2:
            return _Speaker(name, role.rstrip(".;, "), "", 1)
        sure = bool(_ROLE_WORD.search(role))
        fits = len(name.split()) >= 2 and role[0].isupper() and role[-1] not in ".?!,;"
        return _Speaker(name, role, "", 1) if fits and (sure or len(role.split()) <= 6) else None

    def _colon(self, i: int, started: bool) -> _Speaker | None:
        match = _COLON.match(self.lines[i])
        if not match:
            return None
        name, role = split_role(match[1])
        if not name_like(name):
            return None
        operator = is_operator(name) or bool(_OPERATOR_ROLE.search(role))
        times, words = self.colons[name], len(name.split())
        known = name in self.layout.people
        repeated = times >= (2 if words > 1 else 3)
        new = started and words in (2, 3, 4) and not re.search(r"\d|[A-Z]{4}", name)
        if operator or known or (started and (repeated or new)):
            return _Speaker(name, role, match[2] or "", 1)
        greets = len(match[2] or "") > 150 and _GREETING.search(match[2][:200])
        if greets and words in (2, 3, 4) and len(self.colons) > 3:
            return _Speaker(name, role, match[2], 1)
        # Without an operator or a heading, the first repeated name opens the call.
        if repeated and words > 1 and len(match[2] or "") > 60:
            return _Speaker(name, role, match[2], 1)
        hosts = times >= 2 and len(match[2] or "") > 80 and _HOSTING.search(match[2])
        return _Speaker(name, role, match[2], 1) if hosts else None

    def _under_rule(self, i: int) -> _Speaker | None:
        lines = self.lines
        above = next((lines[j] for j in range(i - 1, -1, -1) if not _SKIPPED.match(lines[j])), "")
        if not _RULE.match(above) or i + 1 >= len(lines) or not name_like(lines[i]):
            return None
        role = lines[i + 1]
        marked = _MARKED.match(role)
        if len(role) > 110 or not (marked or _ROLE_WORD.search(role)) or role.endswith("."):
            return None
        return _Speaker(lines[i], role, "", 2)

    def _titled(self, i: int) -> _Speaker | None:
        """``Ann Poe, Chief Executive Officer`` alone, over a paragraph."""
        line = self.lines[i]
        name, role = split_role(line)
        lone = not (self.lines[i - 1] if i else "") and not "".join(self.lines[i + 1 : i + 2])
        if not lone or len(line) > 120 or line.endswith(_STOPS) or len(name.split()) < 2:
            return None
        following = next((text for text in self.lines[i + 1 : i + 5] if text), "")
        prose = len(following) > 60 or (len(following) > 25 and following.endswith(_STOPS))
        if not prose or not _ROLE_WORD.search(role) or not name_like(name):
            return None
        return _Speaker(name, role, "", 1)

    def _bare(self, i: int, started: bool) -> _Speaker | None:
        line = self.lines[i]
        head = line.rstrip(":").strip()
        if is_operator(head) or is_unnamed(head):
            return _Speaker(head, "", "", 1)
        if not name_like(line):
            return None
        known = line in self.layout.people
        repeated = self._repeated(line)
        called = started and self._stands(i) and self._was_called(line, i)
        if not (known or called or (repeated and self._stands(i))):
            return None
        below = self.lines[i + 1] if i + 1 < len(self.lines) else ""
        role = self.layout.people.get(line, "")
        titled = below and (
            below == role
            or (_ROLE_WORD.search(below) and len(below) < 100 and below[-1] not in ".?!")
        )
        return _Speaker(line, below if titled else role, "", 2 if titled else 1)

    def _repeated(self, line: str) -> bool:
        single = len(line.split()) == 1
        return self.bare[line] >= (3 if single else 2) and line.lower() not in _ANSWERS

    def _was_called(self, name: str, i: int) -> bool:
        """Whether the words before name the speaker, or the words after do."""
        if len(name.split()) < 2 or not self.layout.turns:
            return False
        names = [part for part in name.split() if len(part) > 2]
        if not names:
            return False
        before = [line for line in self.layout.turns[-1].lines[-8:] if line]
        if any(names[-1] in line[-1500:] for line in before):
            return True
        if before and any(part in before[-1][-160:] for part in names):
            return True
        after = next((line for line in self.lines[i + 1 : i + 3] if line), "")
        return any(f"{lead} {names[0]}" in after[:160] for lead in ("is", "It's", "it's"))
