"""Who speaks for whom in a call, and where the questions begin."""

from __future__ import annotations

import re

from moneygood.collectors.calls.lines import Layout, RawTurn, is_operator
from moneygood.records import Role, Section, Turn

_ANALYST = re.compile(r"\banalyst\b|\bresearch\b(?!.*\bofficer\b)", re.I)
_TITLE = re.compile(
    r"\b(?:chief|officer|president|director|ceo|cfo|coo|cto|cio|cbo|head|vp|svp|evp|chair\w*|"
    r"founder|co-founder|treasurer|investor relations|counsel|secretary|controller|manager|"
    r"executive|management)\b",
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
_NEXT = re.compile(
    r"\b(?:first|next|last|final|follow[- ]?up) questions?\b|\bproceed with your question\b"
    r"|\bquestion\b[^.?!]{0,40}\bfrom\b|\bcomes? from (?:the line\b|(?-i:[A-Z]))"
    r"|\b(?:with|from|at|of) (?-i:[A-Z])[^?!]{0,80}\b(?:your line|line is|go ahead|proceed)\b"
    r"|\b(?:your line is|the line is|line of)\b"
    r"|\b(?:go|begin|start|move|on)\b[^.?!]{0,12} (?:to|with) (?-i:[A-Z])[^.?!]{0,40} "
    r"(?:with|from|at|of) (?-i:[A-Z])",
    re.I,
)
_HOSTED = re.compile(
    r"\b(?:first|next|last|final) question\b[^.?!]{0,30}\b(?:from|line of)\s+(?:the line of )?"
    r"(?-i:[A-Z])",
    re.I,
)
_OPENS = re.compile(
    r"\b(?:open|take|begin|start|conduct\w*|go)\b[^.?!]{0,60}\b(?:questions?|q&a|q and a|lines?)\b"
    r"|\bfirst question\b|\bpoll for questions\b|\bq&a session\b|\bquestion[- ]and[- ]answer\b"
    r"|operator instructions|\bto ask (?:a|your) question\b",
    re.I,
)
_FAREWELL = re.compile(
    r"\bno (?:further|more|other|additional) questions\b|\bconcludes?\b|\bdisconnect\b", re.I
)
_HAND_OVER = 600
_LITTLE = 300


def settle_turns(layout: Layout) -> tuple[Turn, ...]:
    """Turns with role and section; empty ones dropped, split ones of a speaker kept."""
    spoken = [(turn, text) for turn in layout.turns if (text := turn.text.strip())]
    raw, texts = [turn for turn, _ in spoken], [text for _, text in spoken]
    roles = _Roles(raw, texts, layout).settle()
    start = _question_start(raw, texts, roles)
    return tuple(
        Turn(turn.speaker, role, Section.QA if n >= start else Section.PREPARED, text)
        for n, (turn, text, role) in enumerate(zip(raw, texts, roles, strict=True))
    )


class _Roles:
    def __init__(self, raw: list[RawTurn], texts: list[str], layout: Layout) -> None:
        self.raw = raw
        self.texts = texts
        self.layout = layout
        self.stated = {
            turn.speaker: role for turn in raw if (role := self._explicit(turn)) is not Role.UNKNOWN
        }
        self.known = dict(self.stated)
        self.calling = [False] * len(raw)

    def settle(self) -> list[Role]:
        self._hosts()
        self.calling = self._calls()
        self._only_hosts()
        self._called()
        self._rest()
        hosted = any(role is Role.OPERATOR for role in self.known.values()) or any(self.calling)
        if not hosted and Role.ANALYST not in self.known.values():
            # Nobody asks and nobody hosts: no evidence that this is a company's call.
            return [self.stated.get(turn.speaker, Role.UNKNOWN) for turn in self.raw]
        return [
            turn.known or (Role.OPERATOR if calls else self.known[turn.speaker])
            for turn, calls in zip(self.raw, self.calling, strict=True)
        ]

    def _explicit(self, turn: RawTurn) -> Role:
        name = turn.speaker
        text = f"{turn.role} {self.layout.people.get(name, '')}".strip()
        if turn.known:
            return turn.known
        if is_operator(name) or _OPERATOR.search(turn.role):
            return Role.OPERATOR
        if name in self.layout.sides:
            return self.layout.sides[name]
        if _ANALYST.search(f"{name} {text}") or re.search(r"\sQ$", turn.role):
            # Companies have analysts too, but only they speak before the questions.
            opener = next((t.speaker for t in self.raw[:3] if not is_operator(t.speaker)), "")
            prepared = turn.section is Section.PREPARED and self._split()
            return Role.MANAGEMENT if prepared or name == opener else Role.ANALYST
        if _TITLE.search(f"{text} {name}") or re.search(r"\sA$", turn.role):
            return Role.MANAGEMENT
        # A firm without a title is how pages name analysts.
        return Role.ANALYST if text and turn.section is Section.QA else Role.UNKNOWN

    def _split(self) -> bool:
        return bool(self.raw) and self.raw[-1].section is Section.QA

    def _hosts(self) -> None:
        if any(role is Role.OPERATOR for role in self.known.values()):
            return
        for turn, text in zip(self.raw[:2], self.texts[:2], strict=True):
            if turn.speaker not in self.known and _HOST.search(text[:600]):
                self.known[turn.speaker] = Role.OPERATOR
                return

    def _calls(self) -> list[bool]:
        """Turns in which somebody not marked as operator speaks the operator's words.

        Only where no marked operator calls the questions.
        """
        hosts = [self.known.get(turn.speaker) is Role.OPERATOR for turn in self.raw]
        called = sum(
            host and bool(_NEXT.search(t)) for host, t in zip(hosts, self.texts, strict=True)
        )
        if called > 1:
            return [False] * len(self.raw)
        return [
            n > 0 and not hosts[n] and len(text) < 500 and bool(_HOSTED.search(text))
            for n, text in enumerate(self.texts)
        ]

    def _only_hosts(self) -> None:
        """Whoever calls questions and says little else is the operator."""
        words: dict[str, int] = {}
        calls: dict[str, int] = {}
        for turn, text, calling in zip(self.raw, self.texts, self.calling, strict=True):
            calls[turn.speaker] = calls.get(turn.speaker, 0) + calling
            words[turn.speaker] = words.get(turn.speaker, 0) + (0 if calling else len(text))
        for name, count in calls.items():
            if count > 1 and words[name] < _LITTLE:
                self.known.setdefault(name, Role.OPERATOR)

    def _called(self) -> None:
        """Analysts are those called in, by name or by turn."""
        heard = self._heard_before()
        surnames: set[str] = set()
        for n, (turn, text) in enumerate(zip(self.raw, self.texts, strict=True)):
            if n == 0 or not (self.known.get(turn.speaker) is Role.OPERATOR or self.calling[n]):
                continue
            for sentence in _sentences(text[-1500:]):
                # Handing the floor back to a host is not calling in a question.
                if not _HANDED.search(sentence):
                    surnames.update(m["name"].split()[-1] for m in _CALLED.finditer(sentence))
            following = self.raw[n + 1].speaker if n + 1 < len(self.raw) else ""
            if following and following not in heard and _names_next(text):
                self.known.setdefault(following, Role.ANALYST)
        for turn, text in zip(self.raw, self.texts, strict=True):
            name = turn.speaker
            own = (
                _HOSTED.search(text[:200]) and name.split()[-1:] and name.split()[-1] in text[:200]
            )
            if own and not is_operator(name) and name not in heard:
                # The operator's call was left at the head of the question.
                self.known.setdefault(name, Role.ANALYST)
            unnamed = re.match(r"(?:unknown|unidentified) analyst", name, re.I)
            called = bool(surnames.intersection(name.split()[-1:]))
            if name not in heard and (unnamed or called):
                self.known.setdefault(name, Role.ANALYST)

    def _heard_before(self) -> set[str]:
        """Who spoke before the first question was called: the company's side."""
        heard: set[str] = set()
        for n, turn in enumerate(self.raw):
            operator = self.known.get(turn.speaker) is Role.OPERATOR or self.calling[n]
            begun = _names_next(self.texts[n]) or (len(heard) > 2 and _opens(self.texts[n]))
            mixed = n > 0 and _HOSTED.search(self.texts[n][:200])
            if turn.section is Section.QA or mixed or (operator and n and begun):
                break
            heard.add(turn.speaker)
        return heard if len(heard) < len({turn.speaker for turn in self.raw}) else set()

    def _rest(self) -> None:
        """Before the first analyst only the company speaks; after it, whoever answers."""
        first = next(
            (n for n, t in enumerate(self.raw) if self.known.get(t.speaker) is Role.ANALYST),
            len(self.raw),
        )
        for n, turn in enumerate(self.raw):
            if turn.speaker not in self.known:
                after = n > 0 and self.known.get(self.raw[n - 1].speaker) is Role.OPERATOR
                farewell = after and _FAREWELL.search(self.texts[n - 1])
                asks = n > first and after and not farewell and "?" in self.texts[n]
                self.known[turn.speaker] = Role.ANALYST if asks else Role.MANAGEMENT


def _sentences(text: str) -> list[str]:
    return re.split(r"(?<=[a-z\])][.?!])\s+", text)


def _names_next(text: str) -> bool:
    """Whether words call in the next question."""
    last = text[-_HAND_OVER:]
    if _FAREWELL.search(last):
        return False
    return any(_NEXT.search(s) and not _HANDED.search(s) for s in _sentences(last))


def _opens(text: str) -> bool:
    """Whether an operator's words begin the questions or call one."""
    if len(text) < 2 * _HAND_OVER and _HANDED.search(text) and not _NEXT.search(text):
        return False
    return bool(_OPENS.search(text) or _names_next(text))


def _question_start(raw: list[RawTurn], texts: list[str], roles: list[Role]) -> int:
    marked = next((n for n, t in enumerate(raw) if t.section is Section.QA), None)
    asked = next((n for n, role in enumerate(roles) if role is Role.ANALYST), None)
    if marked is not None and (asked is None or asked >= marked):
        return marked
    # A heading after the first question came too late: pages break there for advertisements.
    talked = False
    for n, role in enumerate(roles[:asked]):
        opens = role is Role.OPERATOR and _opens(texts[n])
        if opens and (talked or (len(raw) == 2 and n == 0)):
            return n
        talked = talked or (role is Role.MANAGEMENT and n > 0) or (n > 0 and bool(asked))
    if asked is None:
        return len(raw)
    opened = asked > 0 and roles[asked - 1] is Role.OPERATOR
    return asked - 1 if opened and (asked > 1 or len(raw) == 2) else asked
