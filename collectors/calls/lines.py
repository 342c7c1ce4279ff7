"""What a single line of a call can be: a name, a role, a heading."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

from moneygood.records import Role, Section

_PARTICLES = frozenset({
    "de", "da", "di", "do", "la", "le", "van", "von", "der", "den", "del", "dos", "el", "al",
    "bin", "of", "and", "&", "the",
})  # fmt: skip
_TOKEN = re.compile(r"^(?:[^\W\d_]\.){1,3}$|^[^\W\d_][\w'’.\-]*\.?$")
_OPERATOR = re.compile(
    r"^(?:conference |call )?(?:operator|moderator|facilitator|coordinator)s?$", re.I
)
_UNNAMED = re.compile(
    r"^(?:unknown|unidentified)(?: (?:company|corporate))? "
    r"(?:speaker|analyst|executive|participant|representative)(?: \d{1,2})?$",
    re.I,
)
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
_OPERATOR_OPENS = frozenset("cofmCOFM")
_CLOSED = frozenset(".?!,;")
_OPENS = frozenset("\"“'‘’")
_SUFFIX = re.compile(r",(?= (?:Jr|Sr|I{2,3}))")
_SPLIT = re.compile(r"^(.*?)\s*(?:,\s+(?!Jr|Sr|I{2,3}\b)|\(|\s--?\s|\s[—–]\s)(.*?)\)?$")
_CLOSES = frozenset('.?!:;)]"”’…')


@dataclass(slots=True)
class RawTurn:
    """Words under one speaker line, before roles are settled.

    ``known`` is the role where the source states it. An empty line ends a
    paragraph; where ``wrapped``, lines of a paragraph were only broken for print.
    """

    speaker: str
    role: str
    section: Section | None
    lines: list[str] = field(default_factory=list)
    known: Role | None = None
    wrapped: bool = False

    @property
    def text(self) -> str:
        """The words; lines that were only wrapped are joined again."""
        out: list[str] = []
        before = ""
        for line in self.lines:
            if line:
                broken = before and before[-1] not in _CLOSES and line[0].islower()
                if broken or (before and self.wrapped):
                    hyphen = before[-1] == "-" and before[-2:-1].isalpha() and line[0].islower()
                    out.append(line if hyphen else f" {line}")
                else:
                    out.append(f"\n{line}" if out else line)
            before = line if line or self.wrapped else before
        return "".join(out)


@dataclass(slots=True)
class Layout:
    """What the layout says of a call.

    Turns; people with their title or firm, and their side where a list names it;
    ``preamble`` before the first turn; ``furniture``, lines of the page (lists of
    people, headings, advertisements) that nobody spoke.
    """

    turns: list[RawTurn] = field(default_factory=list)
    people: dict[str, str] = field(default_factory=dict)
    sides: dict[str, Role] = field(default_factory=dict)
    preamble: list[str] = field(default_factory=list)
    furniture: list[str] = field(default_factory=list)


def is_operator(name: str) -> bool:
    """Whether a speaker line names the operator rather than a person."""
    if len(name) > 80 or name[:1] not in _OPERATOR_OPENS or name.endswith((".", "?", "!")):
        return False
    return bool(_OPERATOR.match(name.split(",", 1)[0].split("(", 1)[0].strip()))


def is_unnamed(name: str) -> bool:
    """Whether a speaker line says that the speaker is not known."""
    return name[:1] in ("U", "u") and len(name) < 60 and bool(_UNNAMED.match(name))


def name_like(text: str) -> bool:
    """Whether a text could be a person's name or a title standing for one."""
    return 0 < len(text) <= 60 and (text[0].isalpha() or text[0] in _OPENS) and _name_like(text)


@lru_cache(maxsize=8192)
def _name_like(text: str) -> bool:
    if is_unnamed(text):
        return True
    tokens = _SUFFIX.sub("", _QUOTES.sub("", text)).split()
    if not 1 <= len(tokens) <= 7 or tokens[0][0].islower():
        return False
    if text[-1] in "?!,;:" or (text[-1] == "." and not re.search(r"\b(?:Jr|Sr|[A-Z])\.$", text)):
        return False
    if tokens[-1].isdigit() and len(tokens) > 1:
        tokens = tokens[:-1]
    return all(t in _PARTICLES or (_TOKEN.match(t) and t[0].isupper()) for t in tokens)


def heading_of(line: str) -> str:
    """``prepared``, ``qa`` or ``people`` for a section heading, else empty."""
    if len(line) > 200 or line[-1:] in _CLOSED:
        return ""
    shape = line.lstrip("#").strip().rstrip(":").strip()
    if _PREPARED.match(shape):
        return "prepared"
    if _QA.match(shape):
        return "qa"
    return "people" if _PEOPLE.match(shape) else ""


def split_role(head: str) -> tuple[str, str]:
    """``Ann Poe, CFO`` or ``Ann Poe (Bank)`` or ``Ann Poe -- CFO`` as name and role."""
    match = _SPLIT.match(head)
    return (match[1].strip(), match[2].strip()) if match and match[1] else (head.strip(), "")


def side_of(line: str) -> Role | None:
    """Which side a heading over a list of participants names, if any."""
    match = _PEOPLE.match(line.rstrip(":").strip())
    who = (match["who"] or "").lower() if match else ""
    if who in ("company", "corporate"):
        return Role.MANAGEMENT
    return Role.ANALYST if who in ("conference call", "conference", "other") else None
