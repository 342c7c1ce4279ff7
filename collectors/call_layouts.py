"""Speaker turns of a call, in the page layouts found in the wild.

A speaker stands as ``Name -- Role``, on three lines (name, dashes, role), as
``Name: words``, as a heading ``## Name, Role``, alone on a line, or under a row
of dots with the role below. Lists of participants tell names from other lines.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import NamedTuple

from moneygood.collectors.call_lines import (
    Layout,
    RawTurn,
    heading_of,
    is_operator,
    name_like,
    side_of,
    split_role,
)
from moneygood.records import Role, Section

_OPERATOR_ROLE = re.compile(r"\b(?:operator|moderator|facilitator|coordinator)\b", re.I)
_HOSTING = re.compile(r"\b(?:operator|facilitator|moderator|standing by)\b", re.I)
_ROLE_WORD = re.compile(
    r"\b(?:chief|officer|president|director|ceo|cfo|coo|cto|cio|cbo|head|vp|svp|evp|chair\w*|"
    r"founder|co-founder|treasurer|investor relations|counsel|analyst|research|manager|"
    r"secretary|controller|partner|operator|moderator)\b",
    re.I,
)
_END = re.compile(r"^(?:disclaimer|related articles|more \w+ analysis)$", re.I)
_JUNK = re.compile(r"^(?:[.\-_=*]{4,}|\d{1,3}|duration: \d+ minutes?)$", re.I)
_RULE = re.compile(r"^[.\-_=]{6,}$")
_DASH = re.compile(r"^(?:--+|—|–)$")
_DASHED = re.compile(r"^(.{2,60}?)\s*(?:--+|—|\s–\s)\s*(\S.{0,110})$")
_COLON = re.compile(r"^([^:]{2,120}?)\s?:(?:\s+(\S.*))?$")
_MARKED = re.compile(r"^(.*\S)\s+([QA])$")
_CALL_TITLE = re.compile(r"\b(?:call|transcript|results|conference)\b", re.I)


class _Speaker(NamedTuple):
    name: str
    role: str
    rest: str
    lines: int


def read_layout(text: str) -> Layout:
    """Turns, people and preamble of a call's text; no turns when none are marked."""
    lines = [_plain_line(line) for line in text.split("\n")]
    first = _Reader(lines, Layout()).read()
    if not first.people:
        return first
    # Lists of participants often stand at the end; read again knowing them.
    return _Reader(lines, Layout(people=first.people, sides=first.sides)).read()


def _plain_line(line: str) -> str:
    line = line.strip()
    if line.startswith("**") and line.count("**") == 2:
        line = "# " + line.replace("**", "").strip() if line.endswith("**") else line
    return line.replace("**", "")


class _Reader:
    def __init__(self, lines: list[str], layout: Layout) -> None:
        self.lines = lines
        self.layout = layout
        self.colons: Counter[str] = Counter()
        self.bare: Counter[str] = Counter()
        self._count()

    def _count(self) -> None:
        for i, line in enumerate(self.lines):
            if (match := _COLON.match(line)) and name_like(name := split_role(match[1])[0]):
                self.colons[name] += 1
            elif name_like(line) and self._alone(i):
                self.bare[line] += 1

    def _alone(self, i: int) -> bool:
        before = self.lines[i - 1] if i else ""
        after = self.lines[i + 1] if i + 1 < len(self.lines) else ""
        return not before and not after

    def read(self) -> Layout:
        section: Section | None = None
        side: Role | None = None
        listing = ended = False
        i = 0
        while i < len(self.lines) and not ended:
            line = self.lines[i].lstrip("#").strip()
            if not line or _JUNK.match(line):
                i += 1
                continue
            if heading := self._heading(i):
                if not self._is_contents(i):
                    listing = heading == "people"
                    side = side_of(line) if listing else None
                    if not listing:
                        section = Section.QA if heading == "qa" else Section.PREPARED
                i += 1
                continue
            if listing and not self._resumes(line):
                i += self._person(i, side)
                continue
            listing = False
            if speaker := self._speaker(i, section):
                turn = RawTurn(speaker.name, speaker.role, section)
                if speaker.rest:
                    turn.lines.append(speaker.rest)
                self.layout.turns.append(turn)
                i += speaker.lines
                continue
            ended = bool(_END.match(line)) and bool(self.layout.turns)
            if not ended:
                into = self.layout.turns[-1].lines if self.layout.turns else self.layout.preamble
                into.append(line)
            i += 1
        return self.layout

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
        started = bool(self.layout.turns) or section is not None
        return (
            self._marked(i)
            or self._three_lines(i)
            or self._dashed(i)
            or self._colon(i, started)
            or self._under_rule(i)
            or self._bare(i, started)
        )

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
        if name in self.layout.people:
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
        # Without an operator or a heading, the first repeated name opens the call.
        if repeated and words > 1 and len(match[2] or "") > 60:
            return _Speaker(name, role, match[2], 1)
        hosts = times >= 2 and len(match[2] or "") > 80 and _HOSTING.search(match[2])
        return _Speaker(name, role, match[2], 1) if hosts else None

    def _under_rule(self, i: int) -> _Speaker | None:
        lines = self.lines
        above = next((lines[j] for j in range(i - 1, -1, -1) if lines[j]), "")
        if not _RULE.match(above) or i + 1 >= len(lines) or not name_like(lines[i]):
            return None
        role = lines[i + 1]
        marked = _MARKED.match(role)
        if len(role) > 110 or not (marked or _ROLE_WORD.search(role)) or role.endswith("."):
            return None
        return _Speaker(lines[i], role, "", 2)

    def _bare(self, i: int, started: bool) -> _Speaker | None:
        line = self.lines[i]
        head = line.rstrip(":").strip()
        if is_operator(head):
            return _Speaker(head, "", "", 1)
        if not name_like(line):
            return None
        known = line in self.layout.people
        repeated = self.bare[line] >= 2 and len(line.split()) >= 2
        called = started and self._alone(i) and self._was_called(line)
        if not (known or (repeated and self._alone(i)) or called):
            return None
        below = self.lines[i + 1] if i + 1 < len(self.lines) else ""
        role = self.layout.people.get(line, "")
        titled = below and (
            below == role
            or (_ROLE_WORD.search(below) and len(below) < 100 and below[-1] not in ".?!")
        )
        return _Speaker(line, below if titled else role, "", 2 if titled else 1)

    def _was_called(self, name: str) -> bool:
        if len(name.split()) < 2 or not self.layout.turns:
            return False
        return name.split()[-1] in self.layout.turns[-1].text
