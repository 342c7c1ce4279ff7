"""Document to sentences, by spaCy.

spaCy's tokenizer and sentencizer, and one component registered with spaCy as
``moneygood_boundaries``: a line break of a list or heading ends a sentence, an
abbreviation before a lower-case word or a figure does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

import spacy
from spacy.language import Language
from spacy.tokens import Doc, Token

from moneygood.records import Document, Kind, Role, Section, Sentence

LONGEST = 1200
_ABBREVIATIONS = frozenset(
    {"bn", "mn", "mm", "tn", "bps", "approx", "vs", "no", "nos", "inc", "corp", "co", "ltd"}
    | {"est", "dept", "fig", "gov", "sen", "rep", "jr", "sr", "ca", "cf"}
)
_CHUNK = 100_000


@Language.component("moneygood_boundaries")
def boundaries(doc: Doc) -> Doc:
    """Mend sentence starts the sentencizer set; see the module's first lines."""
    for token in doc[1:]:
        before = doc[token.i - 1]
        if before.is_space and before.text.count("\n") >= (1 if _starts_item(token) else 2):
            token.is_sent_start = True
        elif token.is_sent_start and token.is_space:
            token.is_sent_start = False
            if token.i + 1 < len(doc) and not _is_continuation(doc, token):
                doc[token.i + 1].is_sent_start = True
        elif token.is_sent_start and _is_continuation(doc, token):
            token.is_sent_start = False
        elif token.is_sent_start and _opens(doc, before.i):
            token.is_sent_start = False
            before.is_sent_start = True
    return doc


def _opens(doc: Doc, i: int) -> bool:
    """Whether a quotation mark or bracket belongs to what follows it."""
    token = doc[i]
    apart = i > 0 and bool(doc[i - 1].whitespace_) and not token.whitespace_
    return apart and (token.is_left_punct or token.is_quote)


def _starts_item(token: Token) -> bool:
    return token.text in {"-", "*", "•", "–"} or token.text[:1].isupper() or token.is_digit


def _is_continuation(doc: Doc, token: Token) -> bool:
    stop = doc[token.i - 1]
    if token.i < 2:
        return False
    word = doc[token.i - 2] if stop.text == "." else stop
    short = word.lower_.rstrip(".") in _ABBREVIATIONS
    return short and (token.text[:1].islower() or token.is_digit)


@cache
def pipeline() -> Language:
    """The splitting pipeline; made once a process."""
    nlp = spacy.blank("en")
    nlp.max_length = 10_000_000
    nlp.add_pipe("sentencizer")
    nlp.add_pipe("moneygood_boundaries")
    return nlp


@dataclass(frozen=True, slots=True)
class Passage:
    """Running text by one speaker."""

    text: str
    speaker: str
    role: Role
    section: Section


def passages(document: Document) -> Iterator[Passage]:
    """The parts of a document that are split on their own.

    The title of a news item counts as its first passage where the body does
    not begin with it.
    """
    journalist = Role.OFFICIAL if document.kind == Kind.SPEECH else Role.JOURNALIST
    role = Role.UNKNOWN if document.kind == Kind.TRANSCRIPT else journalist
    title = document.title.strip()
    if document.kind == Kind.NEWS and title and not document.body.lstrip().startswith(title):
        yield Passage(title, "", role, Section.NONE)
    for turn in document.turns:
        yield Passage(turn.text, turn.speaker, turn.role, turn.section)
    if document.body:
        yield Passage(document.body, "", role, Section.NONE)


def split_text(text: str) -> list[tuple[int, int]]:
    """Character offsets of the sentences of a text, blank ones dropped."""
    return [span for start, piece in _chunks(text) for span in _split(piece, start)]


def _chunks(text: str) -> Iterator[tuple[int, str]]:
    start = 0
    while start < len(text):
        end = min(start + _CHUNK, len(text))
        if end < len(text):
            cut = max(text.rfind(". ", start, end), text.rfind("\n", start, end))
            cut = cut if cut > start else text.rfind(" ", start, end)
            end = cut + 1 if cut > start else end
        yield start, text[start:end]
        start = end


def _split(piece: str, offset: int) -> Iterator[tuple[int, int]]:
    for sentence in pipeline()(piece).sents:
        begin, stop = sentence.start_char, sentence.end_char
        while begin < stop and piece[begin].isspace():
            begin += 1
        while stop > begin and piece[stop - 1].isspace():
            stop -= 1
        for a, b in _cut(piece, begin, stop):
            if any(c.isalnum() for c in piece[a:b]):
                yield offset + a, offset + b


def _cut(piece: str, begin: int, stop: int) -> Iterator[tuple[int, int]]:
    """Sentences without end (transcripts without punctuation) in readable lengths."""
    while stop - begin > LONGEST:
        cut = piece.rfind(" ", begin, begin + LONGEST)
        cut = cut if cut > begin else begin + LONGEST
        yield begin, cut
        begin = cut + 1 if piece[cut : cut + 1] == " " else cut
    yield begin, stop


def split(document: Document) -> list[Sentence]:
    """The sentences of a document in reading order, each with the one before it."""
    return list(_numbered(document, passages(document)))


def _numbered(document: Document, parts: Iterable[Passage]) -> Iterator[Sentence]:
    context = ""
    position = 0
    for part in parts:
        for start, end in split_text(part.text):
            text = part.text[start:end]
            yield Sentence(
                text=text,
                position=position,
                context=context,
                speaker=part.speaker,
                role=part.role,
                section=part.section,
                start=start,
                end=end,
                title=document.title,
                kind=document.kind,
            )
            context = text
            position += 1
