"""Recognise an answer that is not what was asked for."""

from __future__ import annotations

import re

_CHALLENGE = re.compile(
    rb"proof.of.work|captcha|cf-chl|just a moment|enable javascript|access denied|"
    rb"are you a robot|verify you are human|unusual traffic",
    re.I,
)
_HTML = re.compile(rb"^(?:<!--.{0,400}?-->|\s)*<(?:!doctype\s+html|html|head|body)\b", re.I | re.S)


def is_html(data: bytes) -> bool:
    """Whether the bytes open like an HTML page."""
    return bool(_HTML.match(data[:2000].lstrip(b"\xef\xbb\xbf")))


def sniff(data: bytes, *, expected: str) -> str:
    """Why ``data`` is clearly not ``expected`` ("a feed", "CSV"), or an empty string."""
    head = data[:20_000].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not head.strip(b"\0"):
        return "the answer is empty"
    if is_html(data):
        if _CHALLENGE.search(head):
            return f"a bot check (proof of work or captcha page) came instead of {expected}"
        return f"an HTML page came instead of {expected}"
    if head[:1] in (b"{", b"["):
        return f"JSON came instead of {expected}"
    if head[:2] == b"\x1f\x8b" or head[:4] in (b"PK\x03\x04", b"%PDF"):
        return f"a binary file came instead of {expected}"
    return ""
