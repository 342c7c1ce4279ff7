"""What a single line of a call can be: a name, a role, a heading."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from moneygood.records import Role, Section

_PARTICLES = frozenset({
    "de", "da", "di", "do", "la", "le", "van", "von", "der", "den", "del", "dos", "el", "al",
    "bin", "of", "and", "&", "the",
})  # fmt: skip
_TOKEN = re.compile(r"^(?:[^\W\d_]\.){1,3}$|^[^\W\d_][\w'’.\-]*\.?$")
_OPERATOR = re.compile(
    r"^(?:conference |call )?(?:operator|moderator|facilitator|coordinator)s?$", re.I
)
_UNNAMED = re.compile(r"^(?:unknown|unidentified) (?:speaker|analyst|executive|participant)$", re.I)
_QUOTES = re.compile(r"[\"“”]|''|(?<!\w)['’‘]|['’‘](?!\w)")
_PREPARED = re.compile(
    r"^(?:prepared remarks|presentation|management discussion section|opening remarks|"
    r"full transcript\b.*)$",
    re.I,
)
_QA = re.compile(
    r"^(?:questions?\s*(?:-?and-?|&)\s*answers?|q\s?&\s?a)(?:[\s-]*(?:session|section))?$", re.I
)
_PEOPLE = re.compile(
    r"^(?:(?P<who>call|company|corporate|conference call|conference|earnings call|other) )?"
    r"participants(?: list)?$",
    re.I,
)


@dataclass(slots=True)
class RawTurn:
    """Words under one speaker line, before roles are settled."""

    speaker: str
    role: str
    section: Section | None
    lines: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The words; lines that were only wrapped are joined again."""
        joined: list[str] = []
        for line in self.lines:
            wrapped = joined and joined[-1][-1] not in '.?!:;)]"”’…' and line[0].islower()
            if wrapped:
                joined[-1] = f"{joined[-1]} {line}"
            else:
                joined.append(line)
        return "\n".join(joined)


@dataclass(slots=True)
class Layout:
    """What the layout says: turns, people with their role text, lines before the call."""

    turns: list[RawTurn] = field(default_factory=list)
    people: dict[str, str] = field(default_factory=dict)
    sides: dict[str, Role] = field(default_factory=dict)
    preamble: list[str] = field(default_factory=list)


def is_operator(name: str) -> bool:
    """Whether a speaker line names the operator rather than a person."""
    first = re.split(r"[,(]", name, maxsplit=1)[0].strip()
    return bool(_OPERATOR.match(first))


def name_like(text: str) -> bool:
    """Whether a text could be a person's name or a title standing for one."""
    if _UNNAMED.match(text):
        return True
    tokens = re.sub(r",(?= (?:Jr|Sr|I{2,3}))", "", _QUOTES.sub("", text)).split()
    if not 1 <= len(tokens) <= 7 or len(text) > 60 or tokens[0][0].islower():
        return False
    if text[-1] in "?!,;:" or (text[-1] == "." and not re.search(r"\b(?:Jr|Sr|[A-Z])\.$", text)):
        return False
    if tokens[-1].isdigit() and len(tokens) > 1:
        tokens = tokens[:-1]
    return all(t in _PARTICLES or (_TOKEN.match(t) and t[0].isupper()) for t in tokens)


def heading_of(line: str) -> str:
    """``prepared``, ``qa`` or ``people`` for a section heading, else empty."""
    shape = line.lstrip("#").strip().rstrip(":").strip()
    if _PREPARED.match(shape):
        return "prepared"
    if _QA.match(shape):
        return "qa"
    return "people" if _PEOPLE.match(shape) else ""


def split_role(head: str) -> tuple[str, str]:
    """``Ann Poe, CFO`` or ``Ann Poe (Bank)`` or ``Ann Poe -- CFO`` as name and role."""
    match = re.match(r"^(.*?)\s*(?:,\s+(?!Jr|Sr|I{2,3}\b)|\(|\s--?\s|\s[—–]\s)(.*?)\)?$", head)
    return (match[1].strip(), match[2].strip()) if match and match[1] else (head.strip(), "")


def side_of(line: str) -> Role | None:
    """Which side a heading over a list of participants names, if any."""
    match = _PEOPLE.match(line.rstrip(":").strip())
    who = (match["who"] or "").lower() if match else ""
    if who in ("company", "corporate"):
        return Role.MANAGEMENT
    return Role.ANALYST if who in ("conference call", "conference", "other") else None
