"""Plain text and Markdown files, with or without YAML front matter."""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from moneygood.collectors.documents import make_document
from moneygood.collectors.news.speeches import official, speaker_name
from moneygood.collectors.text import decode, http_url, plain, tidy
from moneygood.records import Collected, Failure, Kind

if TYPE_CHECKING:
    from moneygood.collectors.files.folders import Import

_MATTER = re.compile(r"\A---[ \t]*\r?\n(.*?)\r?\n---[ \t]*(?:\r?\n|\Z)", re.S)
_IMAGE = re.compile(r"!\[([^\]\n]{0,300})\]\([^)\n]{0,2000}\)")
_LINK = re.compile(r"(?<!!)\[([^\]\n]{1,500})\]\([^)\n]{0,2000}\)")
_LINE_MARK = re.compile(
    r"^[^\S\n]*+(?:#{1,6}+(?:[^\S\n]++|$)|>[^\S\n]?|[-*+][^\S\n]++(?=\S))", re.M
)
_EMPHASIS = re.compile(r"(\*{1,3}|(?<!\w)_{1,3})(?=\S)([^*_\n]{1,500}?)(?<=\S)\1")
_FENCE = re.compile(r"^```(?!.*```)")
_FENCE_END = re.compile(r"^```\s*$")
_RULE = re.compile(r"^[^\S\n]*+(?:[-*_][^\S\n]*+){3,}+$", re.M)
_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+.!>~|$-])")
_SPEAKER_NAME = re.compile(r"^([a-z]{3,20})(?:19|20)\d{6}[a-z]?$")
_NAME_DATE = re.compile(r"(?<!\d)((?:19|20)?\d{2})[-_.]?([01]\d)[-_.]?([0-3]\d)(?!\d)")


def parse_text(data: bytes, *, source: str, path: PurePath, job: Import) -> Collected:
    """The document of a text or Markdown file.

    Front matter may give title, date, url or link, source or publisher, and
    tickers; else the first heading and a date in the file name serve. Broken
    front matter is a Failure beside the document read without it.
    """
    text, note = decode(data)
    matter: dict[str, Any] = {}
    failures: list[Failure] = []
    if found := _MATTER.match(text):
        text = text[found.end() :]
        try:
            matter = _yaml(found.group(1))
        except ValueError as error:
            remedy = "Quote values that contain a colon; the text was read without it."
            failures.append(Failure(source, str(path), f"broken front matter ({error})", remedy))
    marked = path.suffix.lower() != ".txt"
    title = plain(_text(matter.get("title")))
    if marked:
        head = re.match(r"\s*#\s+(\S.*)", text)
        if not title and head:
            title, text = plain_markdown(head.group(1)), text[head.end() :]
        text = plain_markdown(text)
    elif not title and (lead := _first_line(text)):
        title, text = lead
    summary = plain(_text(matter.get("summary") or matter.get("description")))
    kind = job.kind or _kind(matter) or Kind.NEWS
    speaker = _speaker(matter, path.stem) if kind is Kind.SPEECH else ""
    body = tidy(text) or summary
    try:
        document = make_document(
            source=job.source_name
            or _text(matter.get("source") or matter.get("publisher"))
            or source,
            kind=kind,
            title=title or path.stem,
            body="" if speaker else body,
            turns=(official(speaker, body),) if speaker and body else (),
            now=job.now,
            published=_date(matter, path.name),
            url=http_url(matter.get("url")) or http_url(matter.get("link")),
            guid=_text(matter.get("guid")),
            tickers=job.tickers or _list(matter.get("tickers")),
            history=job.history,
            notes=(note,),
        )
    except ValueError as error:
        failures.append(Failure(source, str(path), str(error), "Drop the file or fill it."))
        return Collected(source, failures=tuple(failures))
    return Collected(source, (document,), (), tuple(failures))


def plain_markdown(text: str) -> str:
    """Markdown as plain text: links by their words, no marks, pictures or code."""
    text = _without_code(text.replace("\r\n", "\n"))
    text = _LINK.sub(r"\1", _IMAGE.sub("", text))
    text = _LINE_MARK.sub("", _RULE.sub("", text))
    text = _EMPHASIS.sub(r"\2", _EMPHASIS.sub(r"\2", text))
    return plain(_ESCAPE.sub(r"\1", text))


def _without_code(text: str) -> str:
    """Text without fenced blocks; a fence that nothing closes is text."""
    if "```" not in text:
        return text
    out: list[str] = []
    opened: int | None = None
    for line in text.split("\n"):
        if opened is None:
            opened = len(out) if _FENCE.match(line) else None
        elif _FENCE_END.match(line):
            del out[opened:]
            opened = None
            continue
        out.append(line)
    return "\n".join(out)


def _yaml(block: str) -> dict[str, Any]:
    import yaml

    try:
        # The C loader is the same safe loader, ten times faster.
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        loaded = yaml.load(block[:100_000], Loader=loader)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise ValueError(str(error).splitlines()[0][:120]) from error
    if loaded is not None and not isinstance(loaded, dict):
        raise ValueError("not a list of names and values")
    return {str(k).lower(): v for k, v in (loaded or {}).items()}


def _first_line(text: str) -> tuple[str, str] | None:
    lead, _, rest = text.strip().partition("\n")
    lead = lead.strip()
    # A full sentence opens the text; it does not head it.
    sentence = lead.endswith(".") and len(lead.split()) >= 8
    return (lead, rest) if rest.strip() and len(lead) <= 160 and not sentence else None


def _speaker(matter: dict[str, Any], stem: str) -> str:
    """Who speaks: by the front matter, else by a file name such as name20250127a."""
    named = _SPEAKER_NAME.match(stem)
    return speaker_name(plain(_text(matter.get("speaker")))) or (
        named.group(1).capitalize() if named else ""
    )


def _date(matter: dict[str, Any], name: str) -> str:
    for key in ("date", "published", "published_at", "pubdate"):
        value = matter.get(key)
        if isinstance(value, datetime | date):
            return value.isoformat(sep=" ") if isinstance(value, datetime) else value.isoformat()
        if value:
            return str(value)
    if match := _NAME_DATE.search(name):
        year, month, day = match.groups()
        return f"{year if len(year) == 4 else '20' + year}-{month}-{day}"
    return ""


def _kind(matter: dict[str, Any]) -> Kind | None:
    value = _text(matter.get("kind")).lower()
    return Kind(value) if value in set(Kind) else None


def _text(value: object) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)


def _list(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return tuple(value.replace(",", " ").split())
    return tuple(str(v) for v in value) if isinstance(value, list) else ()
