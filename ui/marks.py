"""Collected text as Streamlit Markdown that can do nothing but be read.

Sentences, titles and names come from outside. Every character that Markdown,
HTML, mathematics or Streamlit's own directives give a meaning is escaped, and a
link is made only of an http(s) address.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from moneygood.records import Document, Span

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
# Streamlit turns :name: into an emoji or icon, "--" and "->" into symbols, and bare
# addresses into links after Markdown has undone the escapes: an invisible joiner
# inside keeps the characters as they were written.
_REPLACED = re.compile(
    r"(?<=:)(?=[\w+/-])|(?<=[-<~=])(?=[->~=])|(?<=w)(?=ww\.)|(?<=\w)(?=@\w)", re.I
)
_JOINER = "\u2060"
_CONTROLS = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069]+")


def escape(text: str) -> str:
    """``text`` on one line, showing exactly what it says and doing nothing."""
    flat = " ".join(_CONTROLS.sub(" ", text).split())
    return _PUNCTUATION.sub(r"\\\1", _REPLACED.sub(_JOINER, flat))


def mark(text: str, spans: Iterable[Span], tint: str = "orange", *, strong: bool = True) -> str:
    """``text`` escaped, with ``spans`` (character offsets) on a background, bold if ``strong``."""
    parts, last = [], 0
    bold = "**" if strong else ""
    for start, end in merged(spans, text):
        before, inside = text[last:start], text[start:end]
        lead, tail = _edges(before)
        parts.append(
            f"{lead}{escape(before)}{tail}:{tint}-background[{bold}{escape(inside)}{bold}]"
        )
        last = end
    lead, _ = _edges(text[last:])
    return "".join(parts).lstrip() + lead + escape(text[last:])


def merged(spans: Iterable[Span], text: str) -> list[Span]:
    """Spans cut to the words of ``text``, in order, neighbours joined."""
    result: list[Span] = []
    for start, end in sorted((max(0, s), min(len(text), e)) for s, e in spans):
        inside = text[start:end]
        if not inside.strip():
            continue
        start, end = end - len(inside.lstrip()), start + len(inside.rstrip())
        if result and start <= result[-1][1] + 1:
            result[-1] = (result[-1][0], max(result[-1][1], end))
        else:
            result.append((start, end))
    return result


def _edges(text: str) -> tuple[str, str]:
    if not text.strip():
        return (" " if text else "", "")
    return (" " if text[0].isspace() else "", " " if text[-1].isspace() else "")


def safe_url(url: str) -> str:
    """``url`` if it is an absolute http(s) address, else "".

    The reserved names of the invented sample (``.example``) lead nowhere and give "".
    """
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return ""
    host = parts.hostname or ""
    if parts.scheme.lower() not in {"http", "https"} or not host:
        return ""
    if host.rsplit(".", 1)[-1] in {"example", "invalid", "test"}:
        return ""
    return quote(url.strip(), safe=":/?#@!$&'*+,;=%~-._")


@dataclass(frozen=True, slots=True)
class MarkedSentence:
    """A sentence to be found again in its document, and the label to put behind it."""

    text: str
    tint: str
    label: str
    strong: bool = False


def document_blocks(
    document: Document, sentences: Sequence[MarkedSentence]
) -> list[tuple[str, str]]:
    """The whole text as (heading, Markdown) pairs with its marked sentences coloured.

    A call gives a pair per turn, headed by the speaker; other texts give one
    pair per paragraph with no heading.
    """
    if document.turns:
        pairs = [(t.speaker, t.text) for t in document.turns]
    else:
        pairs = [("", p) for p in re.split(r"\n\s*\n", document.body) if p.strip()]
    return [(escape(head), mark_sentences(text, sentences)) for head, text in pairs]


def mark_sentences(text: str, sentences: Sequence[MarkedSentence]) -> str:
    """``text`` escaped, each of ``sentences`` found in it coloured, its label behind it."""
    flat = " ".join(text.split())
    found: list[tuple[int, int, MarkedSentence]] = []
    for sentence in sentences:
        words = " ".join(sentence.text.split())
        start = flat.find(words) if words else -1
        if start >= 0:
            found.append((start, start + len(words), sentence))
    parts, last = [], 0
    for start, end, sentence in sorted(found, key=lambda item: (item[0], -item[1])):
        if start < last:
            continue
        lead, tail = _edges(flat[last:start])
        inside = escape(flat[start:end])
        inside = f"**{inside}**" if sentence.strong else inside
        parts.append(
            f"{lead}{escape(flat[last:start])}{tail}:{sentence.tint}-background[{inside}]"
            f" :{sentence.tint}-badge[{escape(sentence.label)}]"
        )
        last = end
    lead, _ = _edges(flat[last:])
    return "".join(parts).lstrip() + lead + escape(flat[last:])
