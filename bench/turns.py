"""Speaker turns against an answer key.

``python -m bench.turns ../shared/data/transcripts/segmented``

A file of the key is JSON: ``header_texts``, ``participants`` ("Name--Title"), and the
turns of ``prepared_remarks`` and ``q_and_a`` as ``{speaker, speech}``, taken from a web
page by its section headings and bold speaker lines. Each call is written out again as
a page, with nothing that only the key knows, parsed, and compared turn by turn. A turn
is right when a parsed turn opens with its words and has its speaker and its section;
``text`` counts turns whose every word is there and no other.

Forms: ``json`` is the file as it stands; ``dashed`` (the form of the original page)
``Name -- Title`` over the words; ``three`` the same on three lines; ``colon``
``Name: words``; ``bare`` the name alone between blank lines; ``tight`` the name alone
on the line above the words. A ``+`` adds the page's section headings and list of
participants, which the key was derived from; without it the page shows neither.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import SequenceMatcher
from pathlib import Path

from moneygood.collectors.calls.transcript import parse_call
from moneygood.records import Section, Turn

FORMS = (
    "json",
    "dashed+",
    "three+",
    "colon+",
    "bare+",
    "dashed",
    "three",
    "colon",
    "bare",
    "tight",
)
_NOW = datetime(2026, 1, 1, tzinfo=UTC)
_OPENING = 12
COLUMNS = ("speaker", "section", "both", "text")


@dataclass(frozen=True, slots=True)
class Keyed:
    """One turn as the key has it."""

    speaker: str
    section: Section
    text: str


@dataclass(frozen=True, slots=True)
class Call:
    """One file of the key."""

    name: str
    raw: bytes
    turns: tuple[Keyed, ...]
    titles: dict[str, str]


def read_key(path: Path) -> Call:
    """The key's turns; turns without words are left out, for no page shows them."""
    raw = path.read_bytes()
    loaded = json.loads(raw)
    turns = [
        Keyed(turn["speaker"], section, turn["speech"])
        for part, section in (("prepared_remarks", Section.PREPARED), ("q_and_a", Section.QA))
        for turn in loaded[part]
        if turn["speech"].strip()
    ]
    titles = dict(person.split("--", 1) for person in loaded["participants"] if "--" in person)
    return Call(path.stem, raw, tuple(turns), titles)


def as_page(call: Call, form: str) -> bytes:
    """The call as a page in one of ``FORMS``."""
    if form == "json":
        return call.raw
    layout, full = form.rstrip("+"), form.endswith("+")
    ticker, quarter, year = call.name.split("_")
    lines = [f"{ticker} {quarter.upper()} {year} Earnings Call", ""]
    lines += ["Prepared Remarks:", ""] if full else []
    section = Section.PREPARED
    for turn in call.turns:
        if turn.section is not section and full:
            lines += ["Questions and Answers:", ""]
        section = turn.section
        lines += _turn(turn, call.titles.get(turn.speaker, ""), layout)
    if full:
        lines += ["Call participants:", ""]
        lines += [f"{name} -- {title}" for name, title in call.titles.items()]
    return "\n".join(lines).encode()


def _turn(turn: Keyed, title: str, layout: str) -> list[str]:
    if layout == "colon":
        return [f"{turn.speaker}: {turn.text}", ""]
    if layout == "tight" or not title:
        return [turn.speaker, *([""] if layout == "bare" else []), turn.text, ""]
    if layout == "bare":
        return [turn.speaker, "", turn.text, ""]
    if layout == "three":
        return [turn.speaker, "--", title, turn.text]
    return [f"{turn.speaker} -- {title}", "", turn.text, ""]


def score(call: Call, turns: tuple[Turn, ...]) -> Counter[str]:
    """How many of the key's turns the parsed ones have right, by column."""
    found: Counter[str] = Counter()
    wanted = [_opening(turn.text) for turn in call.turns]
    got = [_opening(turn.text) for turn in turns]
    matcher = SequenceMatcher(None, wanted, got, autojunk=False)
    for block in matcher.get_matching_blocks():
        for k in range(block.size):
            key, turn = call.turns[block.a + k], turns[block.b + k]
            speaker, section = key.speaker == turn.speaker, key.section == turn.section
            found["speaker"] += speaker
            found["section"] += section
            found["both"] += speaker and section
            found["text"] += key.text.split() == turn.text.split()
    return found


def _opening(text: str) -> tuple[str, ...]:
    return tuple(text.split()[:_OPENING])


def main() -> None:
    """Command line: see the module's first lines."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("folder", type=Path, help="files of the answer key")
    parser.add_argument("--form", choices=FORMS, default="dashed", help="shown file by file")
    arguments = parser.parse_args()
    calls = [read_key(path) for path in sorted(arguments.folder.iterdir())]
    total = sum(len(call.turns) for call in calls)
    print(f"{'':14}{'turns':>6}" + "".join(f"{column:>9}" for column in COLUMNS))

    def row(name: str, of: int, found: Counter[str]) -> None:
        shares = "".join(f"{100 * found[column] / max(of, 1):8.2f}%" for column in COLUMNS)
        print(f"{name:14}{of:6}{shares}")

    sums: dict[str, Counter[str]] = {form: Counter() for form in FORMS}
    for call in calls:
        for form in FORMS:
            documents = parse_call(
                as_page(call, form), source="key", now=_NOW, name=f"{call.name}.txt"
            ).documents
            found = score(call, documents[0].turns if documents else ())
            sums[form] += found
            if form == arguments.form:
                row(call.name, len(call.turns), found)
    print()
    for form in FORMS:
        row(form, total, sums[form])


if __name__ == "__main__":
    main()
