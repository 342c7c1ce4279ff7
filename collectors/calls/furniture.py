"""Lines of a page that nobody spoke: advertisements, page numbers, notices, time marks."""

from __future__ import annotations

import re

from moneygood.collectors.calls.lines import name_like

_FAREWELL = re.compile(
    r"\b(?:now|may|can|please) disconnect\b|\bconcludes? (?:today|the|our|this)", re.I
)
_RULED = frozenset(".-_=*•·| ")
_MARKS = frozenset("[(0123456789")
_ENDS = frozenset("0123456789)]:")
_LINE = re.compile(
    r"^(?:-?\s?\d{1,3}\s?-?|page \d{1,4}(?: (?:of|/) \d{1,4})?|"
    r"duration: \d+ minutes?|advertisement|ad|sponsored|story continues.{0,20}|"
    r"3rd party ad\b.{0,120}|third party ad\b.{0,120}|image source:.{0,80}|"
    r"(?:copyright|©|\(c\)).{0,120}|all rights reserved.{0,60}|"
    r"follow .{2,60} \((?:nasdaq|nyse|otc)\b.{0,20}\)|receive real-time .{0,60}\balerts|"
    r"enter your e-?mail.{0,20}|subscribe (?:with|to|now)\b.{0,30}|"
    r"(?:click|tap) (?:here )?to (?:continue|read)\b.{0,60}|"
    r"(?:final|edited|corrected|raw|preliminary) transcript)$",
    re.I,
)
_NOTE = re.compile(r"^(?:\[[^\[\]]{2,60}\]|\([^()]{2,60}\))$")
_END = re.compile(
    r"^(?:disclaimer|related articles|more \w+ analysis|all earnings call transcripts|"
    r"read more current\b.{0,60}|view all|this article was generated\b.*|"
    r"this article is a transcript of\b.*|copyright policy|contact us|"
    r"[\w. &'’-]{1,40}this transcript is provided\b.*)$",
    re.I,
)
_CLOCK = r"\d{1,2}:\d{2}(?::\d{2})?(?:\.\d{1,3})?"
_STAMP = re.compile(rf"^[\[(]?{_CLOCK}[\])]?(?: ?[ap]m)?$", re.I)
_BEFORE = re.compile(
    rf"^(?P<sure>[\[(]{_CLOCK}[\])]|\d{{1,2}}:\d{{2}}:\d{{2}}(?:\.\d{{1,3}})?)?"
    rf"(?(sure)|{_CLOCK})\s*[-–|]?\s+(?![ap]\.?m\b)(?P<rest>\S.*)$",
    re.I,
)
_AFTER = re.compile(rf"^([^:]{{2,80}}?)\s*[-–|]?\s+[\[(]?{_CLOCK}[\])]?\s?(:?)$")


def is_furniture(line: str) -> bool:
    """Whether a whole line belongs to the page and not to the call."""
    if len(line) > 3 and _RULED.issuperset(line):
        return True
    return len(line) < 200 and bool(_LINE.match(line))


def is_note(line: str) -> bool:
    """Whether a whole line is a remark of the transcriber, as ``[Operator Instructions]``."""
    return len(line) < 64 and bool(_NOTE.match(line))


def ends_call(line: str) -> bool:
    """Whether what follows belongs to the page: notices, links, advertisements."""
    return len(line) < 400 and bool(_END.match(line))


def page_end(lines: list[str]) -> int:
    """Where the page's own end begins among the last turn's lines: links, addresses.

    A call ends in a farewell; a page ends in short lines without a stop.
    """
    parted = next((n for n in range(len(lines), 0, -1) if _FAREWELL.search(lines[n - 1])), 0)
    if parted and sum(map(bool, lines[parted:])) > 2:
        return parted
    end = len(lines)
    while end and (not lines[end - 1] or (len(lines[end - 1]) < 100 and not _said(lines[end - 1]))):
        end -= 1
    tail = [line for line in lines[end:] if line]
    return end if end and len(tail) > 1 else len(lines)


def _said(line: str) -> bool:
    return line.endswith((".", "?", "!", '"', "”", "…", "]", ")", "--", ","))


def is_stamp(line: str) -> bool:
    """Whether a whole line is a time mark; before the call it may be when it was held."""
    return len(line) < 20 and bool(_STAMP.match(line))


def without_stamp(line: str) -> str:
    """The line without a time mark before it or after a speaker's name."""
    if line[:1] in _MARKS and (match := _BEFORE.match(line)):
        head = match["rest"].split(":", 1)[0][:80]
        return match["rest"] if match["sure"] or name_like(head) else line
    if len(line) < 100 and line[-1:] in _ENDS and (match := _AFTER.match(line)):
        numbered = match[1].lower().startswith("speaker")
        if name_like(match[1]) and (numbered or not match[1][-1].isdigit()):
            return match[1] + match[2]
    return line
