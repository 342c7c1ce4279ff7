"""A narrative's file: read, and every fault in it named with line, key and remedy."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from moneygood.errors import ModelError
from moneygood.nlp.narratives import Definition, PhraseGroup
from moneygood.nlp.own.lines import Lines
from moneygood.nlp.own.patterns import PatternError, compile_pattern
from moneygood.records import Narrative, Stance

FEWEST = 5
ADVISED = 10
MOST_TEXT = 1200
KEYS = (
    "id",
    "name",
    "question",
    "description",
    "patterns",
    "phrases",
    "exemplars",
    "counter_exemplars",
)
EXEMPLAR_KEYS = ("text", "context", "stance")
PATTERNS = "patterns"
_RESERVED = frozenset({"balance", "retreat", "rung", "all", "narratives", "price", "basket"})
_ID = re.compile(r"[a-z][a-z0-9_]{1,39}")


@dataclass(frozen=True, slots=True)
class Exemplar:
    """A sentence that carries the narrative, or only seems to."""

    text: str
    context: str = ""
    stance: Stance = Stance.AFFIRM


@dataclass(frozen=True, slots=True)
class OwnNarrative:
    """A narrative of the user's; ``words`` holds id, title, question, description, phrases."""

    words: Definition
    patterns: tuple[str, ...]
    exemplars: tuple[Exemplar, ...]
    counters: tuple[Exemplar, ...]
    path: Path

    @property
    def id(self) -> str:
        """The narrative's id."""
        return self.words.id

    @property
    def digest(self) -> str:
        """A digest of all that training reads; names, order of keys and remarks are not in it."""
        content = [
            self.id,
            *([asdict(item) for item in part] for part in (self.exemplars, self.counters)),
            [asdict(group) for group in self.words.groups],
            self.patterns,
        ]
        return hashlib.sha256(json.dumps(content).encode("utf-8", "replace")).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault of a file: where, what, and how to mend it; ``warning``: it can be trained."""

    file: str
    line: int | None
    key: str
    reason: str
    remedy: str
    warning: bool = False

    def __str__(self) -> str:
        return f"{self.subject}: {self.reason}. {self.remedy}"

    @property
    def subject(self) -> str:
        """File, line and key."""
        where = f"{self.file} line {self.line}" if self.line else self.file
        return f"{where}: {self.key}" if self.key else where

    def error(self) -> ModelError:
        """The fault as an error."""
        return ModelError(self.subject, self.reason, self.remedy)


def read_narrative(path: Path) -> OwnNarrative:
    """The narrative of a file. Raises ModelError of its first fault."""
    narrative, problems = examine(path)
    if narrative is None:
        raise next(p for p in problems if not p.warning).error()
    return narrative


def examine(path: Path) -> tuple[OwnNarrative | None, tuple[Problem, ...]]:
    """The narrative, or None where there are faults; and all that is to be said of the file."""
    try:
        text = path.read_text("utf-8-sig")
    except OSError as error:
        reason = f"cannot be read ({error.strerror})"
        fault = Problem(str(path), None, "", reason, "Make one: moneygood narratives new ID")
        return None, (fault,)
    except UnicodeDecodeError as error:
        fault = Problem(str(path), None, "", f"is not UTF-8 ({error.reason})", "Save it as UTF-8")
        return None, (fault,)
    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        found = re.search(r"at line (\d+)", str(error))
        line = int(found.group(1)) if found else None
        remedy = "Correct the line; a text in double quotes needs \\\\ for each backslash"
        return None, (Problem(str(path), line, "", f"is not valid TOML: {error}", remedy),)
    reader = _Reader(path, data, Lines(text))
    narrative = reader.read()
    faults = any(not p.warning for p in reader.problems)
    ordered = sorted(reader.problems, key=lambda p: (p.warning, p.line or 0))
    return (None if faults else narrative), tuple(ordered)


def id_fault(name: str) -> tuple[str, str] | None:
    """Why a name cannot be an id, and the remedy; None where it can, or is empty."""
    if name in list(Narrative):
        return f"{name!r} is a built-in narrative", "Choose another id"
    if name in _RESERVED or re.fullmatch(r"y\d+", name):
        return f"{name!r} is the name of another series", "Choose another id"
    if name and not _ID.fullmatch(name):
        remedy = "Use 2 to 40 small letters, digits and underscores, a letter first"
        return f"{name!r} cannot be an id", remedy
    return None


class _Reader:
    def __init__(self, path: Path, data: dict[str, Any], lines: Lines) -> None:
        self.path = path
        self.data = data
        self.lines = lines
        self.problems: list[Problem] = []

    def say(
        self, line: int | None, key: str, reason: str, remedy: str, *, warning: bool = False
    ) -> None:
        self.problems.append(Problem(str(self.path), line, key, reason, remedy, warning))

    def read(self) -> OwnNarrative:
        for key in self.data:
            self._known(key, KEYS, self.lines.key(key) or self.lines.key("", key), key)
        name = self._text("id", '"tariffs_once"')
        if fault := id_fault(name):
            self.say(self.lines.key("id"), "id", *fault)
        title = self._text("name", '"Tariffs, one time"')
        description = self._text("description", '"…", a sentence that tells what it says')
        question = self._text("question", "", needed=False) or title
        groups = self._groups()
        patterns = self._patterns()
        exemplars = self._exemplars("exemplars")
        counters = self._exemplars("counter_exemplars")
        self._compare(exemplars, counters)
        if not groups and not patterns:
            self.say(
                None,
                "phrases",
                "there is neither a phrase nor a pattern, so nothing in a text will be marked",
                'Add [phrases] with groups such as cause = ["tariff*", "import tax*"]',
                warning=True,
            )
        words = Definition(name, title, question, description, groups)
        return OwnNarrative(words, patterns, exemplars, counters, self.path)

    def _known(self, key: str, known: tuple[str, ...], line: int | None, shown: str) -> bool:
        if key in known:
            return True
        close = get_close_matches(key, known, n=1, cutoff=0.6)
        guess = f"Did you mean {close[0]!r}?" if close else f"Use one of {', '.join(known)}"
        self.say(line, shown, "is no key of a narrative file", guess)
        return False

    def _text(self, key: str, example: str, *, needed: bool = True) -> str:
        value = self.data.get(key)
        line = self.lines.key(key)
        if value is None:
            if needed:
                self.say(None, key, "is missing", f"Add {key} = {example}")
        elif not isinstance(value, str):
            self.say(line, key, f"is {_kind(value)}, not a text", f'Write {key} = "…" in quotes')
        elif needed and not value.strip():
            self.say(line, key, "is empty", f"Write {key} = {example}")
        return value.strip() if isinstance(value, str) else ""

    def _list(self, value: Any, line: int | None, key: str, example: str) -> list[Any]:
        if isinstance(value, list):
            return value
        self.say(line, key, f"is {_kind(value)}, not a list", f"Write {example}")
        return []

    def _groups(self) -> tuple[PhraseGroup, ...]:
        table = self.data.get("phrases", {})
        if not isinstance(table, dict):
            remedy = 'Write [phrases] and below it groups such as cause = ["tariff*"]'
            line = self.lines.key("phrases")
            self.say(line, "phrases", f"is {_kind(table)}, not a table of groups", remedy)
            return ()
        groups = []
        for name, value in table.items():
            key = f"phrases.{name}"
            line = self.lines.key(name, "phrases")
            if name == PATTERNS:
                self.say(line, key, "is not a group's name", "Move patterns above [phrases]")
            items = self._list(value, line, key, f'{name} = ["…", "…"]')
            for item in items:
                self._check_phrase(item, line, key)
            good = [i for i in items if isinstance(i, str) and i.strip()]
            self._twice([(i.lower(), i) for i in good], line, key, "phrase")
            if good:
                groups.append(PhraseGroup(name, tuple(good)))
            elif isinstance(value, list) and not value:
                self.say(line, key, "holds no phrase", "Add one, or delete the group")
        return tuple(groups)

    def _check_phrase(self, item: Any, line: int | None, key: str) -> None:
        if not isinstance(item, str) or not item.strip():
            reason = "holds an empty phrase" if isinstance(item, str) else f"holds {_kind(item)}"
            self.say(line, key, reason, 'Write each phrase as "words in quotes"')
            return
        where = self.lines.value(item, line) or line
        words = item.split()
        if any(not choice for word in words for choice in word.split("|")):
            remedy = "Write cut|cuts, with a word on both sides and no blank"
            self.say(where, key, f"phrase {item!r} has an empty alternative", remedy)
        elif any("*" in choice[:-1] for word in words for choice in word.split("|")):
            remedy = "A * stands only at the end of a word; use patterns for more"
            self.say(where, key, f"phrase {item!r} has a * inside a word", remedy)
        elif any(choice == "*" for word in words for choice in word.split("|")):
            remedy = "Put letters before it, such as tariff*"
            self.say(where, key, f"phrase {item!r} has a * with no word", remedy)
        elif len(words) > 8 or _forms(words) > 50_000:
            remedy = "Write fewer words and alternatives, or a pattern"
            self.say(where, key, f"phrase {item!r} stands for too many wordings", remedy)

    def _patterns(self) -> tuple[str, ...]:
        line = self.lines.key(PATTERNS)
        items = self._list(self.data.get(PATTERNS, []), line, PATTERNS, "patterns = ['…', '…']")
        good = []
        for i, item in enumerate(items, 1):
            key = f"{PATTERNS}[{i}]"
            if not isinstance(item, str):
                self.say(line, key, f"is {_kind(item)}, not a text", "Write '…' in single quotes")
                continue
            try:
                compile_pattern(item)
            except PatternError as error:
                remedy = "Use RE2's syntax: no look-around, no back-references, nothing empty"
                where = self.lines.value(item, line) or line
                self.say(where, key, f"{item[:80]!r} is no pattern: {error}", remedy)
            else:
                good.append(item)
        self._twice([(g, g) for g in good], line, PATTERNS, "pattern")
        return tuple(good)

    def _exemplars(self, table: str) -> tuple[Exemplar, ...]:
        value = self.data.get(table)
        if value is None:
            example = f'[[{table}]] and below it text = "…"'
            self.say(None, table, "is missing", f"Add at least {FEWEST}, each as {example}")
            return ()
        line = self.lines.key(table) or self.lines.key("", table)
        items = self._list(value, line, table, f"[[{table}]] with two brackets on each side")
        made = [self._exemplar(table, i, item, line) for i, item in enumerate(items)]
        good = tuple(e for e in made if e)
        if isinstance(value, list) and len(items) < FEWEST:
            self.say(line, table, f"holds {len(items)}, too few", f"Write at least {FEWEST}")
        elif len(good) == len(items) < ADVISED:
            reason = f"holds {len(items)}: what is measured on so few is rough"
            self.say(line, table, reason, f"Write {ADVISED} or more", warning=True)
        keys = [(_same(e), e.text) for e in good]
        self._twice(keys, line, table, "sentence")
        return good

    def _exemplar(self, table: str, i: int, item: Any, line: int | None) -> Exemplar | None:
        key = f"{table}[{i + 1}]"
        if isinstance(item, str):
            item = {"text": item}
        if not isinstance(item, dict):
            remedy = f'Write "…" in quotes, or [[{table}]] and below it text = "…"'
            self.say(line, key, f"is {_kind(item)}, not a sentence", remedy)
            return None
        here = self.lines.key("", table, i) or line
        known = [
            self._known(k, EXEMPLAR_KEYS, self.lines.key(k, table, i) or here, f"{key}.{k}")
            for k in item
        ]
        fine = all(known)
        for k in EXEMPLAR_KEYS:
            if k in item and not isinstance(item[k], str):
                where = self.lines.key(k, table, i) or here
                reason = f"is {_kind(item[k])}, not a text"
                self.say(where, f"{key}.{k}", reason, f'Write {k} = "…" in quotes')
                fine = False
        if not fine:
            return None
        text, where = item.get("text", "").strip(), self.lines.key("text", table, i) or here
        if not text:
            self.say(here, f"{key}.text", "is missing or empty", 'Add text = "…", one sentence')
            return None
        if len(text) > MOST_TEXT:
            reason = f"has {len(text)} characters: no sentence is that long"
            self.say(where, f"{key}.text", reason, f"Keep it to one sentence, up to {MOST_TEXT}")
            return None
        stance = self._stance(table, f"{key}.stance", item, self.lines.key("stance", table, i))
        return Exemplar(text, item.get("context", "").strip(), stance) if stance else None

    def _stance(
        self, table: str, key: str, item: dict[str, Any], line: int | None
    ) -> Stance | None:
        stance = item.get("stance", Stance.AFFIRM)
        if stance not in list(Stance):
            close = get_close_matches(stance, list(Stance), n=1, cutoff=0.5)
            guess = f"; did you mean {str(close[0])!r}?" if close else ""
            self.say(line, key, f"{stance!r} is unknown", f"Use {', '.join(Stance)}{guess}")
            return None
        if table == "counter_exemplars" and "stance" in item:
            remedy = "Leave it out: what does not carry the narrative has no stance"
            self.say(line, key, "is not used", remedy, warning=True)
        return Stance(stance)

    def _twice(self, items: list[tuple[Any, str]], line: int | None, key: str, what: str) -> None:
        seen = set()
        for same, shown in items:
            if same in seen:
                first = self.lines.value(shown, line)
                again = self.lines.value(shown, first + 1) if first else None
                self.say(
                    again or first or line, key, f"{what} {shown[:80]!r} stands twice", "Delete one"
                )
            seen.add(same)

    def _compare(self, exemplars: tuple[Exemplar, ...], counters: tuple[Exemplar, ...]) -> None:
        carried = {_same(e) for e in exemplars}
        start = self.lines.key("", "counter_exemplars") or self.lines.key("counter_exemplars")
        for counter in counters:
            if _same(counter) in carried:
                self.say(
                    self.lines.value(counter.text, start) or start,
                    "counter_exemplars",
                    f"sentence {counter.text[:80]!r} is an exemplar too",
                    "Decide whether it carries the narrative, and delete the other",
                )


def _forms(words: list[str]) -> int:
    total = 1
    for word in words:
        total *= sum(40 if choice.endswith("*") else 1 for choice in word.split("|"))
    return total


def _same(exemplar: Exemplar) -> tuple[str, str]:
    """What makes two sentences one: their words, capitals and blanks aside."""
    return " ".join(exemplar.text.casefold().split()), " ".join(exemplar.context.casefold().split())


def _kind(value: Any) -> str:
    kinds = {bool: "true or false", int: "a number", float: "a number", str: "a text"}
    kinds |= {list: "a list", dict: "a table"}
    return kinds.get(type(value), "a date or time")
