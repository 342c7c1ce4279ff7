"""Damage to bytes: what networks, publishers and enemies do to them."""

from __future__ import annotations

import io
import random
import re
import zipfile

LIMIT = 300_000
"""Largest mutated input, in bytes."""
TOKENS = (
    b"<![CDATA[", b"]]>", b"<!--", b"-->", b"<!DOCTYPE x [<!ENTITY a 'aa'>]>", b"&a;", b"&#0;",
    b"&#x110000;", b"&#55296;", b"<item>", b"</item>", b"<entry>", b"</entry>", b"<rss>",
    b"</channel></rss>", b"<?xml version='1.0' encoding='utf-16'?>", b"<script>", b"</", b"<",
    b">", b'"', b"'", b"{", b"}", b"[", b"]", b",", b":", b"\\u0000", b"\\ud800", b"null", b"NaN",
    b"1e999", b"-0", b"99999999999999999999", b"0", b"-1", b"1970-01-01", b"2999-12-31",
    b"0000-00-00", b"9999-12-31T23:59:59-14:00", b"31/02/2025", b"\0", b"\xff", b"\xfe\xff",
    b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\r", b"\n\n", b"\t", b";", b"#", b"%s%n", b"../../",
       b"=?utf-8?q?=41?=", b"--boundary", b"obj", b"endobj", b"stream", b"\xe2\x80\xae",
)  # fmt: skip
ODD = (
    b"", b"0", b"-1", b"1e999", b"nan", b"Infinity", b"99999999999999999999", b"1,5", b"N/A", b".",
    b"null", b"true", b"[]", b"{}", b"1970-01-01", b"2999-12-31T00:00:00Z", b"31/12/2025",
    b"2025-02-30", b"9999999999999", b"Thu, 01 Jan 1970 00:00:00 GMT", b"24:00:00", b" ",
    b"&lt;script&gt;alert(1)&lt;/script&gt;", b"&amp;amp;lt;b&amp;amp;gt;", b"javascript:alert(1)",
    b"http://[::1", b"https://wire.example/1", b"A" * 5000, b"word " * 2000, b"\xd9\xa1",
    b"\xe2\x80\xae", b"\xf0\x9f\x98\x80", b"%00", b"../../etc/passwd", b"=cmd|x!A1", b"&#x1F600;",
)  # fmt: skip
_VALUE = re.compile(rb"(?:>|\"|,|:|\n)([^<>\",:\n]{1,300})(?=<|\"|,|:|\n)")
_WHOLE = re.compile(
    rb"<([A-Za-z:_]{1,40})\b[^<>]{0,400}>[^<>]{0,4000}</\1>|<(item|entry)\b.{0,20000}?</\2>"
    rb"|(?<=\n)[^\n]{1,2000}\n|\{[^{}]{1,2000}\},?",
    re.S,
)
_ENCODINGS = ("latin-1", "utf-16", "utf-16-le", "utf-32", "cp1252", "utf-7", "shift_jis", "cp037")
_PIECE = re.compile(rb"<[^<>]{0,400}>|\"[^\"\n]{0,200}\"|[A-Za-z0-9.:/-]+|\n[^\n]*|[^A-Za-z0-9\n]")


def mutated(seed: bytes, other: bytes, rng: random.Random) -> bytes:
    """``seed`` after one to six changes; ``other`` is a second file to splice from."""
    if seed.startswith(b"PK\x03\x04") and rng.random() < 0.8:
        return _in_archive(seed, rng)
    data = seed[:LIMIT]
    for _ in range(rng.choice((1, 1, 1, 1, 2, 3, 6))):
        data = rng.choice(_CHANGES)(data, other, rng)[:LIMIT]
    return data


def _in_archive(seed: bytes, rng: random.Random) -> bytes:
    """A zip file with one member damaged: its checksum is right again."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(seed)) as source, zipfile.ZipFile(out, "w") as target:
        members = source.namelist()
        texts = [name for name in members if name.endswith("document.xml")]
        chosen = rng.choice(texts if texts and rng.random() < 0.7 else members)
        for name in members:
            data = source.read(name)
            target.writestr(name, mutated(data, data, rng) if name == chosen else data)
    return out.getvalue()


def _cut(data: bytes, rng: random.Random, most: int) -> tuple[int, int]:
    start = rng.randrange(len(data) + 1)
    return start, min(len(data), start + rng.randrange(1, most))


def _flip(data: bytes, other: bytes, rng: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.choice((1, 4, 40)) if changed else 0):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def _delete(data: bytes, other: bytes, rng: random.Random) -> bytes:
    start, end = _cut(data, rng, rng.choice((4, 100, 5000)))
    return data[:start] + data[end:]


def _double(data: bytes, other: bytes, rng: random.Random) -> bytes:
    start, end = _cut(data, rng, rng.choice((4, 100, 5000)))
    return data[:end] + data[start:end] + data[end:]


def _splice(data: bytes, other: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data) + 1)
    start, end = _cut(other, rng, 20_000)
    return data[:at] + other[start:end] + (data[at:] if rng.random() < 0.7 else b"")


def _token(data: bytes, other: bytes, rng: random.Random) -> bytes:
    for _ in range(rng.choice((1, 3, 20))):
        at = rng.randrange(len(data) + 1)
        data = data[:at] + rng.choice(TOKENS) + data[at + rng.choice((0, 0, 3)) :]
    return data


def _truncate(data: bytes, other: bytes, rng: random.Random) -> bytes:
    return data[: rng.randrange(len(data) + 1)]


def _charset(data: bytes, other: bytes, rng: random.Random) -> bytes:
    if rng.random() < 0.5:
        return data.decode("utf-8", "replace").encode(rng.choice(_ENCODINGS), "replace")
    at = rng.randrange(len(data) + 1)
    return data[:at] + rng.randbytes(rng.choice((1, 3, 50))) + data[at:]


def _blow_up(data: bytes, other: bytes, rng: random.Random) -> bytes:
    """A token or a slice repeated until the limit, or nearly."""
    start, end = _cut(data, rng, 60)
    unit = rng.choice((rng.choice(TOKENS), data[start:end])) or b"a"
    size = rng.choice((300, 10_000, 60_000, LIMIT)) - len(data)
    return data[:start] + unit * max(1, size // len(unit)) + data[start:]


def _pieces(data: bytes, other: bytes, rng: random.Random) -> bytes:
    """Tags, quoted strings, words and lines swapped, doubled or dropped where they stand."""
    start = rng.randrange(max(1, len(data)))
    window = data[start : start + 4000]
    parts = _PIECE.findall(window)
    if len(parts) < 2:
        return data
    for _ in range(rng.choice((1, 4, 16))):
        one, two = rng.randrange(len(parts)), rng.randrange(len(parts))
        action = rng.randrange(3)
        if action == 0:
            parts[one], parts[two] = parts[two], parts[one]
        elif action == 1:
            parts[one] = parts[one] * 2
        else:
            parts[one] = b""
    return data[:start] + b"".join(parts) + data[start + 4000 :]


def _nest(data: bytes, other: bytes, rng: random.Random) -> bytes:
    opening, closing = rng.choice((
        (b"<a>", b"</a>"), (b"<div>", b""), (b"[", b"]"), (b'{"a":', b"}"), (b"<item>", b"</item>"),
        (b"&lt;b&gt;", b""), (b"<x:y xmlns:x='u'>", b"</x:y>"), (b"> ", b""), (b"<outline>", b""),
        (b"(", b")"), (b"<<", b">>"),
    ))  # fmt: skip
    depth = rng.choice((20, 1000, 30_000))
    at = rng.randrange(len(data) + 1)
    return data[:at] + opening * depth + closing * depth + data[at:]


def _values(data: bytes, other: bytes, rng: random.Random) -> bytes:
    """Values between tags, quotes or commas replaced by odd ones: the form stays whole."""
    spans = [match.span(1) for match in _VALUE.finditer(data, rng.randrange(len(data) + 1))][:400]
    spans = spans or [match.span(1) for match in _VALUE.finditer(data)][:400]
    for start, end in sorted(
        rng.sample(spans, min(len(spans), rng.choice((1, 3, 30)))), reverse=True
    ):
        data = data[:start] + rng.choice(ODD) + data[end:]
    return data


def _elements(data: bytes, other: bytes, rng: random.Random) -> bytes:
    """A whole element or row dropped, doubled or moved to the front of another."""
    spans = [match.span() for match in _WHOLE.finditer(data)][:2000]
    if not spans:
        return data
    start, end = rng.choice(spans)
    piece = data[start:end]
    at = rng.choice(spans)[0]
    action = rng.randrange(4)
    if action == 0:
        return data[:start] + data[end:]
    if action == 1:
        return data[:end] + piece * rng.choice((1, 3, 200)) + data[end:]
    if action == 2:
        return data[:at] + piece + data[at:]
    swapped = data[:start] + data[end:]
    return swapped[:at] + piece + swapped[at:]


_CHANGES = (
    _values, _values, _values, _elements, _elements, _elements,
    _flip, _flip, _delete, _delete, _double, _splice, _splice, _token, _token, _truncate, _charset,
    _pieces, _pieces, _pieces, _blow_up, _nest,
)  # fmt: skip
