"""Saved mail (eml): the message, what is attached to it, and messages inside."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from pathlib import PurePath
from typing import TYPE_CHECKING

from moneygood.collectors.failures import capped
from moneygood.collectors.files.pdf import parse_pdf
from moneygood.collectors.files.word import parse_docx
from moneygood.collectors.files.words import Words, dated, document_of, sane_date, unread
from moneygood.collectors.text import decode, one_line, plain
from moneygood.records import Collected, Document, Failure

if TYPE_CHECKING:
    from moneygood.collectors.files.folders import Import

_MAX_HEAD = 256_000
_MAX_HEADER = 10_000
_MAX_PARTS = 200
_MAX_DEPTH = 10
_BROKEN = "Save the message again as eml."
_MARKS = re.compile(
    r"^(?:\s*(?:(?:re|fwd?|aw|wg|tr)\s*(?:\[\d+\])?\s*:|\[ext(?:ernal)?\]))+\s*", re.I
)
_FORWARD = re.compile(r"^\s*(?:\[ext(?:ernal)?\]\s*)?(?:fwd?|wg|tr)\s*:", re.I)
_WROTE = re.compile(r"^On .{6,200}?\bwrote:[ \t]*$", re.M | re.S)
_ORIGINAL = re.compile(r"^[ \t]*-{2,}\s*Original Message\s*-{2,}[ \t]*$", re.M | re.I)
_OUTLOOK = re.compile(
    r"^(?:_{10,}[ \t]*\n\s*)?\**From:\**[^\n]+\n(?:\**(?:Sent|Date):\**[^\n]+\n)"
    r"(?:\**(?:To|Cc|Subject):\**[^\n]*\n?)+",
    re.M,
)
_SIGNATURE = re.compile(r"^-- ?$(?=(?:\n.*){0,15}\Z)", re.M)
_QUOTED = re.compile(r"^>.*$\n?", re.M)
_KEEP = 40


class _ShortHeaders(email.policy.Compat32):
    """Headers cut at _MAX_HEADER: the library takes quadratic time over long ones."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        return name, value[:_MAX_HEADER]


def parse_eml(data: bytes, *, source: str, path: PurePath, job: Import) -> Collected:
    """One document for the message, one for each readable attachment or message inside."""
    head = re.split(rb"\r?\n\r?\n", data[: _MAX_HEAD + 4], maxsplit=1)[0]
    if len(head) > _MAX_HEAD:
        return unread(source, path, "headers of more than 256 kB", _BROKEN)
    try:
        message = email.message_from_bytes(data, policy=_ShortHeaders())
        documents, failures = _read(message, source, path, job, "", 0)
    except RecursionError:
        return unread(source, path, "parts nested too deeply", _BROKEN)
    if not documents and not failures:
        return unread(source, path, "no text in the message", "Save the attachments on their own.")
    return Collected(source, tuple(documents), (), capped(failures))


def _read(
    message: Message, source: str, path: PurePath, job: Import, date: str, depth: int
) -> tuple[list[Document], list[Failure]]:
    subject = _header(message, "Subject")
    date = sane_date(_header(message, "Date")) or date
    guid = _header(message, "Message-ID").strip("<> ")
    body, attached = _parts(message)
    text = own_words(body, forwarded=bool(_FORWARD.match(subject)))
    title = _MARKS.sub("", subject).strip()
    found: list[Collected] = []
    if text.strip():
        words = Words(text, title, date, guid)
        found.append(document_of(words, source=source, path=path, job=job))
    for number, part in enumerate(attached, 1):
        name = _name(part) or f"attachment {number}"
        inner = path.with_name(f"{path.name}#{name.replace('/', '_')}"[-200:])
        if part.get_content_type() == "message/rfc822":
            nested = _nested(part)
            if nested is not None and depth < _MAX_DEPTH:
                documents, failures = _read(nested, source, inner, job, date, depth + 1)
                found.append(Collected(source, tuple(documents), failures=tuple(failures)))
            continue
        read = _ATTACHED.get(PurePath(name).suffix.lower())
        payload = part.get_payload(decode=True)
        if read is None or not isinstance(payload, bytes) or not payload:
            continue
        one = read(payload, source=source, path=inner.with_name(name.replace("/", "_")), job=job)
        named = f"{guid or path.name}#{name}"
        one = replace(
            one,
            documents=tuple(
                dated(replace(d, guid=d.guid or named), date, job.now) for d in one.documents
            ),
            failures=tuple(replace(f, subject=str(inner)) for f in one.failures),
        )
        found.append(one)
    documents = [d for one in found for d in one.documents]
    return documents, [f for one in found for f in one.failures]


def own_words(text: str, *, forwarded: bool = False) -> str:
    """A message without the quoted one below it and without a marked signature.

    Conservative: where hardly anything would be left, the text stays whole. What
    is forwarded is the message, so it is kept.
    """
    text = text.replace("\r\n", "\n")
    cut = text
    if not forwarded:
        for pattern in (_WROTE, _ORIGINAL, _OUTLOOK):
            if match := pattern.search(cut):
                cut = cut[: match.start()]
        cut = _QUOTED.sub("", cut)
    cut = _SIGNATURE.split(cut, maxsplit=1)[0]
    enough = sum(c.isalpha() for c in cut) >= _KEEP or len(cut) == len(text)
    return cut if enough else text


def _parts(message: Message) -> tuple[str, list[Message]]:
    """Text of the message and its attachments, in order."""
    plains: list[str] = []
    pages: list[str] = []
    attached: list[Message] = []
    for part in _leaves(message, 0):
        kind = part.get_content_type()
        if kind == "message/rfc822" or _name(part):
            attached.append(part)
        elif kind == "text/plain":
            plains.append(_unfolded(_text(part)))
        elif kind == "text/html":
            pages.append(plain(_text(part)))
        if len(attached) + len(plains) + len(pages) >= _MAX_PARTS:
            break
    written = "\n".join(plains)
    # Some senders put "see the web version" where the plain text should be.
    html = "\n".join(pages)
    letters = sum(c.isalpha() for c in written)
    better = not letters or (letters < 200 and len(html) > 5 * len(written))
    return (html if pages and better else written), attached


def _leaves(part: Message, depth: int) -> Iterator[Message]:
    inside = part.get_payload()
    if part.get_content_type() == "message/rfc822" or not isinstance(inside, list):
        yield part
    elif depth < _MAX_DEPTH:
        for child in inside:
            if isinstance(child, Message):
                yield from _leaves(child, depth + 1)


def _nested(part: Message) -> Message | None:
    inside = part.get_payload()
    first = inside[0] if isinstance(inside, list) and inside else None
    return first if isinstance(first, Message) else None


def _text(part: Message) -> str:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    charset = str(part.get_content_charset() or "")
    return decode(payload, f"charset={charset}" if charset else "")[0]


def _unfolded(text: str) -> str:
    """Lines wrapped by the mail program joined again; short lines and quotes stay."""
    out: list[str] = []
    for line in text.replace("\r\n", "\n").split("\n"):
        joins = out and len(out[-1].split("\n")[-1]) >= 55 and line[:1].isalnum()
        flowing = joins and not out[-1].startswith(">") and not _HEAD_LINE.match(line)
        if flowing and not out[-1].rstrip().endswith((".", "!", "?", ":")):
            out[-1] = f"{out[-1].rstrip()} {line}"
        else:
            out.append(line)
    return "\n".join(out)


_HEAD_LINE = re.compile(r"^\**(?:From|Sent|Date|To|Cc|Subject):")


def _header(message: Message, name: str) -> str:
    raw = message.get(name)
    if raw is None:
        return ""
    text = str(raw)
    with suppress(MessageError, LookupError, UnicodeError, ValueError):
        text = str(make_header(decode_header(text)))
    return one_line(text)[:500]


def _name(part: Message) -> str:
    try:
        name = part.get_filename()
        return one_line(str(make_header(decode_header(name))))[:150] if name else ""
    except (MessageError, LookupError, UnicodeError, ValueError, TypeError):
        return ""


def _parse_plain(data: bytes, *, source: str, path: PurePath, job: Import) -> Collected:
    from moneygood.collectors.files.markdown import parse_text

    return parse_text(data, source=source, path=path, job=job)


_ATTACHED: dict[str, Callable[..., Collected]] = {
    ".pdf": parse_pdf,
    ".docx": parse_docx,
    ".txt": _parse_plain,
    ".md": _parse_plain,
}
