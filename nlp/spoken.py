"""Text as speech recognition writes it, to text as it is written.

"deep seek", "Jevron's paradox", "cap ex" and "ninety billion" become DeepSeek,
Jevons paradox, capex and 90 billion before anything is matched. The rules are
data (``spoken.toml``); every change knows where it stood, so that spans found in
the new text lead back to the original.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from moneygood.nlp.numerals import WORDS, cardinal
from moneygood.nlp.version import SPOKEN
from moneygood.records import Sentence, Span

_GAP = r"(?:[ \t]{1,4}|[ \t]?-[ \t]?)"
_NEXT = re.compile(r"(?:['’]s?)?[\s\-–—]*([\w’']+)")
_PREVIOUS = re.compile(r"([\w’']+)[\s\-–—]+\Z")
_REACH = 40
_WORD = re.compile(r"\d[\d.,]*\d|\d|[a-z]+")


@dataclass(frozen=True, slots=True)
class Piece:
    """One replacement: ``[start, end)`` of the new text was ``original`` of the old."""

    start: int
    end: int
    original: Span
    rule: str


@dataclass(frozen=True, slots=True)
class Spoken:
    """A normalised text and its replacements, in order."""

    text: str
    pieces: tuple[Piece, ...] = ()

    def original(self, start: int, end: int) -> Span:
        """Where a span of ``text`` stands in the original.

        A span that touches a replacement covers all of what was replaced.
        """
        i = bisect_right(self.pieces, start, key=lambda p: p.start) - 1
        begin = start
        if i >= 0:
            piece = self.pieces[i]
            after = start - piece.end
            begin = piece.original[0] if after < 0 else piece.original[1] + after
        if end <= start:
            return begin, begin
        i = bisect_left(self.pieces, end, key=lambda p: p.start) - 1
        if i < 0:
            return begin, end
        piece = self.pieces[i]
        return begin, piece.original[1] + max(end - piece.end, 0)


@dataclass(frozen=True, slots=True)
class Rule:
    """Words to write in another way, and the words beside them that allow it."""

    name: str
    write: str
    before: frozenset[str]
    not_before: frozenset[str]
    after: frozenset[str]
    not_after: frozenset[str]

    def holds(self, text: str, start: int, end: int) -> bool:
        """Whether the words around ``text[start:end]`` allow the rule."""
        if self.before or self.not_before:
            word = _next(text, end)
            if word in self.not_before or (self.before and word not in self.before):
                return False
        if self.after or self.not_after:
            word = _previous(text, start)
            if word in self.not_after or (self.after and word not in self.after):
                return False
        return True


@dataclass(frozen=True, slots=True)
class Rules:
    """The compiled rules of a file: one expression finds every candidate."""

    candidates: re.Pattern[str]
    rules: tuple[Rule, ...]
    unit: re.Pattern[str]
    magnitudes: frozenset[str]
    joins: frozenset[str]
    not_after: frozenset[str]


@cache
def load_rules(path: Path = SPOKEN) -> Rules:
    """The rules of a file."""
    data = tomllib.loads(path.read_text("utf-8"))
    rules, branches, firsts = [], [], {"a", *WORDS[:-1]}
    for i, row in enumerate(data["rule"]):
        gap = (r"(?:['’]?s['’]?|['’])?" if row.get("possessive") else "") + _GAP
        says = "|".join(_pattern(say, gap) for say in row["say"])
        branches.append(f"(?P<r{i}>{says})")
        firsts |= {word for say in row["say"] for word in say.split()[0].split("|")}
        rules.append(
            Rule(
                row["name"],
                row["write"],
                *(
                    frozenset(row.get(key, ()))
                    for key in ("before", "not_before", "after", "not_after")
                ),
            )
        )
    numbers = data["numbers"]
    # Three letters tell most words apart: looking at them first doubles the speed.
    ahead = "|".join(sorted({w[:3] if len(w) > 2 else rf"{w}\b" for w in firsts}))
    return Rules(
        candidates=re.compile(
            rf"(?<!\w)(?={ahead})(?:{'|'.join(branches)}|(?P<number>{_run(numbers)}))(?!\w)"
        ),
        rules=tuple(rules),
        unit=re.compile(rf"({_GAP})(?:{'|'.join(numbers['units'])})(?!\w)"),
        magnitudes=frozenset(numbers["magnitudes"]) | {"thousand"},
        joins=frozenset(numbers["range"]),
        not_after=frozenset((*numbers["not_after"], *numbers["magnitudes"], "thousand", *WORDS)),
    )


def _pattern(say: str, gap: str) -> str:
    return gap.join(f"(?:{word})" if "|" in word else word for word in say.split())


def _run(numbers: dict[str, list[str]]) -> str:
    """Number words as far as they go; possessive, so that time stays linear."""
    word = "|".join((*WORDS, *numbers["magnitudes"], "thousand", "oh", r"\d[\d.,]*\d", r"\d"))
    first = "|".join(WORDS[:-1])
    join = "|".join((*numbers["range"], "and", "point"))
    more = rf"{_GAP}(?:(?:{join}){_GAP})?(?:and{_GAP}a{_GAP}half|a{_GAP}hundred|(?:{word}))(?!\w)"
    half = rf"{_GAP}and{_GAP}a{_GAP}half(?!\w)"
    return rf"(?:a{_GAP}hundred|(?:{first}))(?!\w)(?:{half}|{more})*+"


def normalise(text: str) -> Spoken:
    """The text as it would be written; text without a rule's words comes back as it is."""
    rules = load_rules()
    low = _lower(text)
    parts: list[str] = []
    pieces: list[Piece] = []
    done = length = 0
    for match in rules.candidates.finditer(low):
        for start, end, write, rule in _changes(rules, low, match):
            kept = text[done:start]
            at = length + len(kept)
            parts += (kept, write)
            pieces.append(Piece(at, at + len(write), (start, end), rule))
            done, length = end, at + len(write)
    if not pieces:
        return Spoken(text)
    return Spoken("".join((*parts, text[done:])), tuple(pieces))


def written(sentence: Sentence) -> Sentence:
    """The sentence as it would be written; its offsets stay those of the original."""
    text, context = normalise(sentence.text).text, normalise(sentence.context).text
    if (text, context) == (sentence.text, sentence.context):
        return sentence
    return replace(sentence, text=text, context=context)


def _lower(text: str) -> str:
    """Lower case of the same length, so that offsets stay what they are."""
    low = text.lower()
    if len(low) == len(text):
        return low
    return "".join(c.lower() if len(c.lower()) == 1 else c for c in text)


def _changes(rules: Rules, text: str, match: re.Match[str]) -> Iterator[tuple[int, int, str, str]]:
    """(start, end, new words, rule) of what is to be replaced in a candidate."""
    start, end = match.span()
    if match.lastgroup == "number":
        yield from _numbers(rules, text, start, end)
        return
    rule = rules.rules[int(str(match.lastgroup)[1:])]
    if rule.holds(text, start, end):
        yield start, end, rule.write, rule.name


def _numbers(rules: Rules, text: str, start: int, end: int) -> Iterator[tuple[int, int, str, str]]:
    """Each cardinal of a run that is one number or one range and has a unit."""
    found = list(_WORD.finditer(text, start, end))
    words = [m.group() for m in found]
    unit = rules.unit.match(text, end)
    if not unit and (words[-1] not in rules.magnitudes or words[-1] == "thousand"):
        return
    previous = _previous(text, start)
    if previous in rules.not_after or previous[-1:].isdigit():
        return
    joins = rules.joins | ({"and"} if previous == "between" else set())
    values: list[tuple[int, int, str]] = []
    i = 0
    while i < len(words):
        if values:
            if words[i] not in joins:
                return
            i += 1
        value, after = cardinal(words, i)
        if not value and values and i < len(words) and words[i][0].isdigit():
            value, after = words[i], i + 1
        if not value:
            return
        values.append((i, after, value))
        i = after
        if i < len(words) and words[i] in rules.magnitudes:
            i += 1
    for n, (first, after, value) in enumerate(values):
        if words[first][0].isdigit():
            continue
        following = values[n + 1] if n + 1 < len(values) else None
        if following and _shares_hundred(words, after, value, following):
            value += "00"
        stop = found[after - 1].end()
        if after < len(words):
            gap = text[stop : found[after].start()]
        else:
            gap = unit.group(1) if unit else ""
        # A digit joined to a word by a hyphen would be one token to spaCy.
        wide = "-" in gap
        yield found[first].start(), stop + len(gap) * wide, value + " " * wide, "number"


def _shares_hundred(
    words: list[str], after: int, value: str, following: tuple[int, int, str]
) -> bool:
    """Whether "two" of "two to three hundred", or "two to 300", means two hundred."""
    hundreds = len(following[2]) == 3 and following[2].endswith("00")
    return hundreds and len(value) == 1 and value != "0" and following[0] == after + 1


def _next(text: str, end: int) -> str:
    found = _NEXT.match(text, end)
    return found.group(1) if found else ""


def _previous(text: str, start: int) -> str:
    found = _PREVIOUS.search(text[max(0, start - _REACH) : start])
    return found.group(1) if found else ""
