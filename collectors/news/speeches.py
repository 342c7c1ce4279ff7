"""Speeches of officials: who speaks, what about, and the words alone.

Central banks mark title, speaker and date by class on their speech pages. The
words are one turn of an official; footnotes and references are left out, as
they were not spoken.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from moneygood.collectors.text import one_line, strip_tags, tidy
from moneygood.records import Role, Section, Turn

_MIN_TEXT = 400
_TITLES = (
    r"(?:vice chair(?:man|woman)? (?:for|of) [a-z]+|(?:acting |first )?(?:deputy |vice[ -])?"
    r"(?:chair(?:man|woman)?|governor|president|secretary|director(?: general)?)|dr\.?|mr\.?|"
    r"mrs\.?|ms\.?|prof(?:essor|\.)?)"
)
_LEADING = re.compile(
    rf"^(?:(?:remarks|speech|statement|testimony) (?:by|of)\s+)?(?:{_TITLES}\s+)*", re.I
)
_TRAILING = re.compile(r"(?:[’']s)?\s+speeches$|\s*[,(|].*$", re.I)
_NOBODY = frozenset({"", "unknown", "error", "none", "null", "n/a", "staff"})
_SHORTCODE = re.compile(r"\[[a-z][\w-]*(?:\s+\w+=(?:'[^']*'|\"[^\"]*\"))*\s*/?\]")
_APPENDIX = re.compile(
    r"^\W*(?:foot\s?notes?|end\s?notes?|references?|bibliography|notes?|works cited)\W*$", re.I
)
_LISTED = re.compile(
    r"^[A-Z-].{0,150}?\((?:1[89]|20)\d{2}[a-z]?\)\.\s.{0,400}$|^-{3,}"
    r"|^sources?:|^\d{1,2}\. |^\([^()]*\)$"
    r"|return to text\W*$",
    re.I,
)
_NOTE = re.compile(r"return to text\W*$|^\W*\d{0,3}\W*$", re.I)
_DROPPED = (
    ".//script | .//style | .//noscript | .//nav | .//form | .//figure | .//table | "
    ".//*[contains(@class,'share')] | .//*[contains(@class,'footnote')] | "
    ".//sup[.//a] | .//a[.//sup] | .//a[starts-with(@href,'#fn') or starts-with(@href,'#f')]"
)


@dataclass(frozen=True, slots=True)
class Speech:
    """What a speech page says; parts it does not mark are empty."""

    speaker: str
    title: str
    date: str
    text: str


def read_speech(tree: Any) -> Speech | None:
    """The speech of an HTML tree that marks a speaker, else None. The tree is changed."""
    marked = _classed(tree, "speaker")
    if marked is None:
        return None
    speaker = speaker_name(one_line(marked.text_content()))
    heading = marked.getparent()
    scope = _article(tree, marked)
    title = _said(_classed(scope, "title")) or _said(_classed(tree, "title"))
    date = _said(_classed(scope, "article__time")) or _said(_classed(scope, "date"))
    if heading is not None and scope is not heading:
        parent = heading.getparent()
        if parent is not None:
            parent.remove(heading)
    text = spoken(scope)
    if not speaker or len(text) < _MIN_TEXT:
        return None
    return Speech(speaker, speech_title(title), date, text)


def spoken(node: Any) -> str:
    """Text of a node without furniture, footnotes and references."""
    import html

    from lxml import html as lxml_html  # type: ignore[import-untyped]

    whole = len(node.text_content())
    for found in node.xpath(_DROPPED):
        # A table or a box that holds most of the page is its layout. Of what is
        # dropped the tail stays: it is part of the sentence.
        if found.getparent() is not None and len(found.text_content()) < 0.3 * whole:
            found.drop_tree()
    markup: str = lxml_html.tostring(node, encoding="unicode")
    return own_text(html.unescape(strip_tags(markup)))


def own_text(text: str) -> str:
    """A speech's text up to its footnotes and references, shortcodes out."""
    lines = tidy(_SHORTCODE.sub("", text)).split("\n")
    if tidy(text).casefold() in _NOBODY:
        return ""
    late = len(lines) // 3
    for position, line in enumerate(lines):
        if position >= late and _APPENDIX.match(line):
            lines = lines[:position]
            break
    while lines and (_LISTED.search(lines[-1]) or _APPENDIX.match(lines[-1])):
        lines.pop()
    return "\n".join(line for line in lines if not _NOTE.search(line))


def official(speaker: str, text: str) -> Turn:
    """The words of an official as one turn."""
    return Turn(speaker, Role.OFFICIAL, Section.NONE, text)


def speaker_name(said: str) -> str:
    """A speaker's name without office and ornaments; empty where it names nobody."""
    name = _TRAILING.sub("", _LEADING.sub("", one_line(said))).strip(" .,:;-")
    words = name.split()
    known = name.casefold() not in _NOBODY and 1 <= len(words) <= 6 and len(name) <= 60
    return name if known and any(c.isalpha() for c in name) else ""


def speech_title(title: str) -> str:
    """A title without shortcodes and the mark of a footnote."""
    clean = _SHORTCODE.sub("", one_line(title)).rstrip()
    return re.sub(r"(?<=[^\W\d])[*†‡]{1,2}$", "", clean).strip()


def _article(tree: Any, marked: Any) -> Any:
    """The smallest node around the marked speaker that holds the speech."""
    node = marked
    while node.getparent() is not None:
        node = node.getparent()
        if node.tag in ("body", "html") or len(node.text_content()) > 4 * _MIN_TEXT:
            return node
    return tree


def _classed(node: Any, name: str) -> Any:
    found = node.xpath(f"(.//*[contains(concat(' ',normalize-space(@class),' '),' {name} ')])[1]")
    return found[0] if found else None


def _said(node: Any) -> str:
    return one_line(node.text_content()) if node is not None else ""
