"""Bytes to text and markup to plain text, in linear time on hostile input."""

from __future__ import annotations

import codecs
import html
import re
import string
from urllib.parse import urlsplit

_MARKS = (
    (codecs.BOM_UTF8, "utf-8", 3),
    (codecs.BOM_UTF32_LE, "utf-32-le", 4),
    (codecs.BOM_UTF32_BE, "utf-32-be", 4),
    (codecs.BOM_UTF16_LE, "utf-16-le", 2),
    (codecs.BOM_UTF16_BE, "utf-16-be", 2),
    (b"<\0\0\0", "utf-32-le", 0),
    (b"\0\0\0<", "utf-32-be", 0),
    (b"<\0", "utf-16-le", 0),
    (b"\0<", "utf-16-be", 0),
    (b"\x4c\x6f\xa7\x94", "cp037", 0),
)
"""Opening bytes, the encoding they betray, and how many of them are not text."""
_SUPERSETS = {
    "ascii": "ascii", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "tis-620": "cp874",
    "gb2312": "gb18030", "gbk": "gb18030", "big5": "big5hkscs", "shift_jis": "cp932",
    "euc_kr": "cp949",
}  # fmt: skip
"""What browsers read instead of what is declared: never less, often what is meant."""
_SCRIPTS = [
    "big5", "gb18030", "euc_jp", "cp932", "cp949", "koi8_r", "cp1251", "cp1253", "cp1255",
    "cp1256", "cp874", "tis_620",
]  # fmt: skip
_SAMPLE = 20_000
_HIGH = bytes(range(128, 256))
_META_CHARSET = re.compile(
    rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{2,40})", re.I
)
_HEADER_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{2,40})", re.I)
_XML_ENCODING = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9_.:-]{2,40})")
_TAG = re.compile(r"<[^<>\"']*+(?:\"[^\"]*+\"[^<>\"']*+|'[^']*+'[^<>\"']*+)*+>")
_SIMPLE_TAG = re.compile(
    r"</?([A-Za-z][A-Za-z0-9]*)(?![A-Za-z0-9])(?:[^<>\"']++|\"[^\"<>]*+\"|'[^'<>]*+')*+>"
)
_ANY_TAG = re.compile(r"<[A-Za-z/!?]")
_HARD = re.compile(r"<(?:[!?]|script|style|noscript|template|iframe|svg)", re.I)
_TAG_NAME = re.compile(r"</?\s*([A-Za-z][A-Za-z0-9]*)")
_ENTITY_OR_TAG = re.compile(r"&(?:#\d+|#x[0-9a-fA-F]+|[A-Za-z]{2,8});|<[A-Za-z/!?]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\ufeff]")
_BLANKS = re.compile(r"[^\S\n]+")
_SPACE = re.compile(r"\s")
_NEWLINES = re.compile(r" ?\n[ \n]*")

_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
_OPAQUE = frozenset({"script", "style", "noscript", "template", "iframe", "svg"})
_BLOCK = frozenset({
    "address", "article", "aside", "blockquote", "br", "dd", "div", "dl", "dt", "figcaption",
    "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li",
    "main", "nav", "ol", "p", "pre", "section", "table", "tbody", "td", "th", "tr", "ul",
})  # fmt: skip


def decode(data: bytes, content_type: str = "") -> tuple[str, str]:
    """Text of ``data`` and a note when the encoding had to be guessed.

    Order: byte-order mark or zero bytes, header, declaration in the text, UTF-8
    (a few broken bytes are replaced), an 8-bit or double-byte script by its
    statistics, cp1252.
    """
    for mark, encoding, shown in _MARKS:
        if data.startswith(mark):
            return data[shown:].decode(encoding, "replace"), ""
    for candidate in _declared(data, content_type):
        encoding = _SUPERSETS.get(_codec(candidate), candidate)
        try:
            text = data.decode(encoding)
        except (LookupError, UnicodeDecodeError, ValueError):
            continue
        if encoding == "cp1252" and (other := _as_utf8(data)):
            # Servers name Latin-1 by default; accidental UTF-8 does not occur.
            return other, f"declared as {candidate}: read as UTF-8"
        return text, ""
    try:
        return data.decode("utf-8"), ""
    except UnicodeDecodeError:
        pass
    repaired = data.decode("utf-8", "replace")
    broken = repaired.count("\ufffd")
    # Valid multi-byte characters shorten the text; chance leaves next to none.
    if len(data) - len(repaired) >= broken:
        return repaired, "some bytes are not UTF-8: replaced"
    if guess := _guess(data):
        return data.decode(guess, "replace"), f"no encoding declared: read as {guess}"
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
            if not name.lower().startswith(("utf-16", "utf-32", "ucs", "utf16", "utf32")):
                found.append(name)
    return found


def _codec(name: str) -> str:
    try:
        return codecs.lookup(name).name
    except (LookupError, ValueError):
        return ""


def _as_utf8(data: bytes) -> str:
    try:
        return "" if data.isascii() else data.decode("utf-8")
    except UnicodeDecodeError:
        return ""


def _guess(data: bytes) -> str:
    """A non-Latin encoding of undeclared bytes, or an empty string."""
    sample = data[:_SAMPLE]
    high = len(sample) - len(sample.translate(None, _HIGH))
    # Accents are a few in a hundred; other scripts are nearly all high bytes.
    if high < 24 or high * 10 < len(sample):
        return ""
    from charset_normalizer import from_bytes

    end = max(sample.rfind(b"<"), sample.rfind(b"\n")) if len(data) > _SAMPLE else -1
    best = from_bytes(sample[:end] if end > 0 else sample, cp_isolation=_SCRIPTS).best()
    return best.encoding if best else ""


def strip_tags(markup: str) -> str:
    """Markup without tags, comments, scripts and styles; blocks end a line."""
    if "<" not in markup:
        return markup
    if not _HARD.search(markup):
        simple = _SIMPLE_TAG.sub(_blank, markup)
        if not _ANY_TAG.search(simple):
            return simple
    return _strip_slowly(markup)


def _blank(tag: re.Match[str]) -> str:
    return "\n" if tag[1].lower() in _BLOCK else ""


def _strip_slowly(markup: str) -> str:
    out: list[str] = []
    lower = markup.lower()
    if len(lower) != len(markup):  # one capital grows: positions would shift
        lower = markup.translate(_LOWER)
    pos = 0
    while (start := markup.find("<", pos)) != -1:
        out.append(markup[pos:start])
        following = markup[start + 1 : start + 2]
        if not _ANY_TAG.match(markup, start):
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
        text = strip_tags(text)
        if "&" not in text:
            break
        text = html.unescape(text)
    return tidy(text)


def tidy(text: str) -> str:
    """Control characters and lone surrogates out, white space collapsed."""
    if not text.replace("\n", "").isprintable():
        text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n")
        text = _CONTROL.sub("", text).encode("utf-8", "replace").decode("utf-8")
        text = _BLANKS.sub(" ", text)
    elif "  " in text:
        text = _BLANKS.sub(" ", text)
    if any(two in text for two in ("\n\n", " \n", "\n ")):
        text = _NEWLINES.sub("\n", text)
    return text.strip()


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
    usable = parts.scheme in ("http", "https") and host and not _SPACE.search(link)
    return link.encode("utf-8", "replace").decode("utf-8") if usable else ""
