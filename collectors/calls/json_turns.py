"""Calls as JSON, in the shapes of the usual services and archives.

Turns stand in a list under ``turns``, ``transcript``, ``speakers`` and the like, or
in two lists, one a part of the call; a turn names its speaker and has its words as a
text or a list of texts. Role and part are taken where stated and inferred as for
pages where not. A service's answer that is an error says so (Alpha Vantage sends
errors as 200 with ``Note`` or ``Information``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from moneygood.collectors.calls.layouts import read_layout
from moneygood.collectors.calls.lines import Layout, RawTurn, split_role
from moneygood.collectors.calls.roles import settle_turns
from moneygood.collectors.documents import MAX_TEXT
from moneygood.collectors.text import one_line, plain
from moneygood.records import Role, Section, Turn

_TURNS = (
    "turns", "transcript", "speakers", "transcript_split", "utterances", "segments", "dialogue",
    "speeches", "content", "components",
)  # fmt: skip
_PREPARED = ("prepared_remarks", "prepared", "presentation", "remarks", "management_discussion")
_QA = ("q_and_a", "qa", "q&a", "questions_and_answers", "question_and_answer", "qna", "questions")
_SPEAKER = ("speaker", "name", "speaker_name", "person", "speaker_label", "componentpersonname")
_WORDS = (
    "text", "speech", "content", "words", "transcript", "paragraphs", "sentences", "body",
    "utterance", "componenttext",
)  # fmt: skip
_ABOUT = ("title", "role", "position", "speaker_type", "company", "firm", "affiliation")
_SECTION = ("section", "part", "session", "segment", "component_type")
_PEOPLE = ("participants", "speakers", "people", "attendees", "executives", "analysts")
_ERRORS = ("note", "information", "error message", "error_message", "error")
_DATE = ("date", "published_at", "published", "call_date", "event_date", "conference_date", "day")
_DEEP = 4
_MAX_PARTS = 200_000


@dataclass(frozen=True, slots=True)
class JsonCall:
    """What a JSON value says of a call; ``error`` where it is a service's refusal."""

    turns: tuple[Turn, ...] = ()
    title: str = ""
    ticker: str = ""
    published: str = ""
    error: str = ""


def read_json_call(value: object) -> JsonCall | None:
    """The call in a loaded JSON value, or None where it is none.

    Raises ValueError where ``turns`` is there and is no list of turns.
    """
    if is_turn_list(value):
        value = {"turns": value}
    if not isinstance(value, Mapping):
        return None
    fields = _lowered(value)
    if error := _error(fields):
        return JsonCall(error=error)
    layout = _layout(fields)
    if layout is None:
        return None
    return JsonCall(_settled(layout), **_header(fields))


def is_turn_list(value: object) -> bool:
    """Whether a JSON list is the turns of one call, not a list of texts."""
    return isinstance(value, list) and _is_turns(value) and not _are_documents(value)


def _settled(layout: Layout) -> tuple[Turn, ...]:
    layout.turns = [turn for turn in layout.turns if turn.text.strip()]
    if sum(len(turn.text) for turn in layout.turns) > MAX_TEXT:
        raise ValueError(f"larger than the limit of {MAX_TEXT // 1_000_000} MB for one document")
    sections = [turn.section for turn in layout.turns]
    turns = settle_turns(layout)
    if any(sections) or not {Role.ANALYST, Role.OPERATOR} & {turn.role for turn in turns}:
        # What the source says of the parts holds; without a call there are none.
        return tuple(
            replace(turn, section=section or Section.NONE)
            for turn, section in zip(turns, sections, strict=True)
        )
    return turns


def _layout(fields: Mapping[str, object]) -> Layout | None:
    layout = Layout(people=_people(fields))
    for section, keys in ((Section.PREPARED, _PREPARED), (Section.QA, _QA)):
        for key in keys:
            if _is_turns(fields.get(key)):
                layout.turns += _raw_turns(fields[key], section)
    if layout.turns:
        return layout
    for key in _TURNS:
        found = fields.get(key)
        if key == "turns" and found not in (None, "", []):
            if not isinstance(found, list) or not all(isinstance(v, Mapping) for v in found):
                raise ValueError("turns is not a list of {speaker, role, text}")
        elif not _is_turns(found):
            found = found if isinstance(found, Mapping | str) else None
        if isinstance(found, list) and found:
            layout.turns = list(_raw_turns(found, None))
            return layout
        if isinstance(found, Mapping) and key != "speakers":
            inner = _layout(_lowered(found))
            if inner is not None:
                inner.people = layout.people | inner.people
                return inner
        if isinstance(found, str) and key in ("transcript", "content") and _names_a_call(fields):
            page = read_layout(found.replace("\r\n", "\n"))
            if len({turn.speaker for turn in page.turns}) > 1:
                return page
    return None


def _names_a_call(fields: Mapping[str, object]) -> bool:
    return "quarter" in fields or "transcript" in fields


def _is_turns(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(_is_turn(item) for item in value)


def _are_documents(value: list[object]) -> bool:
    """Whether each item has an address or a day of its own: texts, not turns of one."""
    keys = {str(key).lower() for item in value if isinstance(item, Mapping) for key in item}
    return bool(keys & {*_DATE, "url", "link", "href", "guid"})


def _is_turn(value: object) -> bool:
    if not isinstance(value, Mapping):
        return False
    keys = {str(key).lower() for key in value}
    return bool(keys & set(_SPEAKER)) and bool(keys & set(_WORDS))


def _raw_turns(value: object, section: Section | None) -> Iterator[RawTurn]:
    for item in value if isinstance(value, list) else ():
        fields = _lowered(item)
        speaker, about = _speaker(fields)
        text = plain(_words(fields))
        role = _text(fields.get("role")).strip().lower()
        turn = RawTurn(speaker, about, section or _section(fields), [text])
        if role in set(Role) and role != Role.UNKNOWN:
            turn.known = Role(role)
        yield turn


def _speaker(fields: Mapping[str, object]) -> tuple[str, str]:
    about = [one_line(plain(text)) for key in _ABOUT if (text := _text(fields.get(key)))]
    for key in _SPEAKER:
        named = fields.get(key)
        if isinstance(named, Mapping):
            inner = _lowered(named)
            about += [one_line(plain(text)) for key in _ABOUT if (text := _text(inner.get(key)))]
            named = inner.get("name")
        if name := one_line(plain(_text(named))).rstrip(":").strip():
            bare, title = split_role(name) if len(name) < 200 else (name, "")
            return bare, ", ".join(filter(None, [title, *about]))
    return "", ", ".join(filter(None, about))


def _words(fields: Mapping[str, object]) -> str:
    return next((text for key in _WORDS if (text := _joined(fields.get(key), _DEEP))), "")


def _joined(value: object, deep: int) -> str:
    if isinstance(value, list) and deep:
        return "\n".join(filter(None, (_joined(v, deep - 1) for v in value[:_MAX_PARTS])))
    if isinstance(value, Mapping) and deep:
        inner = _lowered(value)
        return next((text for key in _WORDS if (text := _joined(inner.get(key), deep - 1))), "")
    return _text(value)


def _section(fields: Mapping[str, object]) -> Section | None:
    for key in _SECTION:
        stated = _text(fields.get(key))[:60].lower()
        said = "".join(c for c in stated.replace("&", "and") if c.isalpha())
        if said.startswith(("prepared", "presentation", "remarks", "presenter", "management")):
            return Section.PREPARED
        if said.startswith(("qa", "qanda", "question", "answer")):
            return Section.QA
    return None


def _people(fields: Mapping[str, object]) -> dict[str, str]:
    """Names with titles from lists of participants: texts, or name and title."""
    people: dict[str, str] = {}
    for key in _PEOPLE:
        found = fields.get(key)
        if isinstance(found, Mapping):
            found = [f"{name} -- {_text(title)}" for name, title in found.items()]
        for person in found if isinstance(found, list) else ():
            if isinstance(person, Mapping):
                name, about = _speaker(_lowered(person))
            else:
                head = one_line(_text(person))[:300]
                name, dashes, about = head.partition("--")
                name, about = (name, about) if dashes else split_role(head)
            if name.strip():
                people.setdefault(name.strip(), about.strip())
    return people


def _error(fields: Mapping[str, object]) -> str:
    told = [text for key in _ERRORS if (text := one_line(_text(fields.get(key))))]
    empty = not any(fields.get(key) for key in (*_TURNS, *_PREPARED, *_QA, "text", "title"))
    return told[0][:200] if told and empty and len(fields) <= 4 else ""


def _header(fields: Mapping[str, object]) -> dict[str, str]:
    ticker = one_line(_text(fields.get("symbol")) or _text(fields.get("ticker")))[:12].upper()
    company = one_line(_text(fields.get("company")) or _text(fields.get("company_name")))[:80]
    title = one_line(plain(_text(fields.get("title"))))
    said = f"{_text(fields.get('year'))} {_text(fields.get('quarter'))}"
    year, quarter = re.search(r"20\d{2}", said), re.search(r"(?:\b|Q)([1-4])\b", said, re.I)
    who = f"{company} ({ticker})" if company and ticker else company or ticker
    if not title and who and year and quarter:
        title = f"{who} Q{quarter[1]} {year[0]} Earnings Call"
    published = next((text for key in _DATE if (text := _text(fields.get(key)))), "")
    return {"title": title, "ticker": ticker, "published": published}


def _lowered(value: object) -> dict[str, object]:
    if not isinstance(value, Mapping):
        return {}
    return {str(key).strip().lower(): item for key, item in value.items()}


def _text(value: object) -> str:
    if isinstance(value, bool) or value is None or isinstance(value, dict | list):
        return ""
    return str(value)
