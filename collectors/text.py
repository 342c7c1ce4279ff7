"""Bytes to text and markup to plain text, in linear time on hostile input."""

from __future__ import annotations

import codecs
import html
import re
from urllib.parse import urlsplit

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_META_CHARSET = re.compile(
    rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{2,40})", re.I
)
_HEADER_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{2,40})", re.I)
_XML_ENCODING = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9_.:-]{2,40})")
_TAG = re.compile(r"<[^<>\"']*+(?:\"[^\"]*+\"[^<>\"']*+|'[^']*+'[^<>\"']*+)*+>")
_TAG_NAME = re.compile(r"</?\s*([A-Za-z][A-Za-z0-9]*)")
_ENTITY_OR_TAG = re.compile(r"&(?:#\d+|#x[0-9a-fA-F]+|[A-Za-z]{2,8});|<[A-Za-z/!?]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\ufeff]")
_BLANKS = re.compile(r"[^\S\n]+")
_NEWLINES = re.compile(r" ?\n[ \n]*")

_OPAQUE = frozenset({"script", "style", "noscript", "template", "iframe", "svg"})
_BLOCK = frozenset({
    "address", "article", "aside", "blockquote", "br", "dd", "div", "dl", "dt", "figcaption",
    "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li",
    "main", "nav", "ol", "p", "pre", "section", "table", "tbody", "td", "th", "tr", "ul",
})  # fmt: skip


def decode(data: bytes, content_type: str = "") -> tuple[str, str]:
    """Text of ``data`` and a note when the encoding had to be guessed.

    Order: byte-order mark, header, declaration in the text, UTF-8, cp1252.
    """
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return data[len(bom) :].decode(encoding, "replace"), ""
    for candidate in _declared(data, content_type):
        try:
            # Browsers read Latin-1 as cp1252; the C1 range is never meant.
            name = "cp1252" if codecs.lookup(candidate).name == "iso8859-1" else candidate
            return data.decode(name), ""
        except (LookupError, UnicodeDecodeError, ValueError):
            continue
    try:
        return data.decode("utf-8"), ""
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace"), "not UTF-8: read as cp1252"


def _declared(data: bytes, content_type: str) -> list[str]:
    head = data[:4096]
    found = []
    if match := _HEADER_CHARSET.search(content_type):
        found.append(match.group(1))
    for pattern in (_XML_ENCODING, _META_CHARSET):
        if declared := pattern.search(head):
            name = declared.group(1).decode("ascii")
            # A declaration readable as ASCII cannot be true when it says UTF-16.
            if not name.lower().startswith(("utf-16", "utf-32", "ucs")):
                found.append(name)
    return found


def strip_tags(markup: str) -> str:
    """Markup without tags, comments, scripts and styles; blocks end a line."""
    out: list[str] = []
    lower = markup.lower()
    pos = 0
    while (start := markup.find("<", pos)) != -1:
        out.append(markup[pos:start])
        following = markup[start + 1 : start + 2]
        if not (following.isalpha() or following in ("/", "!", "?")) or not following:
            out.append("<")
            pos = start + 1
            continue
        if lower.startswith("<!--", start):
            end = lower.find("-->", start + 4)
            pos = len(markup) if end == -1 else end + 3
            continue
        tag = _TAG.match(markup, start, start + 4000)
        end = tag.end() if tag else markup.find(">", start) + 1
        if end == 0:
            # An unfinished tag at the very end of a truncated text.
            pos = len(markup)
            break
        named = _TAG_NAME.match(markup, start, end)
        name = named.group(1).lower() if named else ""
        pos = end
        if name in _OPAQUE and following != "/" and not markup.endswith("/>", start, end):
            close = lower.find(f"</{name}", end)
            shut = -1 if close == -1 else lower.find(">", close)
            pos = len(markup) if shut == -1 else shut + 1
        if name in _BLOCK:
            out.append("\n")
    out.append(markup[pos:])
    return "".join(out)


def plain(markup: str) -> str:
    """Plain text of markup: tags gone, entities read, one line per block.

    Feeds escape once or twice; a second round takes what the first uncovered.
    """
    text = markup
    for _ in range(2):
        if not _ENTITY_OR_TAG.search(text):
            break
        text = html.unescape(strip_tags(text))
    return tidy(text)


def tidy(text: str) -> str:
    """Control characters and lone surrogates out, white space collapsed."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n")
    text = _CONTROL.sub("", text).encode("utf-8", "replace").decode("utf-8")
    return _NEWLINES.sub("\n", _BLANKS.sub(" ", text)).strip()


def one_line(text: str) -> str:
    """Text with every run of white space as one blank."""
    return " ".join(text.split())


def http_url(link: object) -> str:
    """The link when it is http(s) with a host, else an empty string."""
    if not isinstance(link, str):
        return ""
    link = _CONTROL.sub("", link).strip()
    try:
        parts = urlsplit(link)
        host = parts.hostname
    except ValueError:
        return ""
    usable = parts.scheme in ("http", "https") and host and not any(c.isspace() for c in link)
    return link.encode("utf-8", "replace").decode("utf-8") if usable else ""
