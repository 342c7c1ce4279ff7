"""Decoding and plain text."""

from __future__ import annotations

import codecs
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moneygood.collectors.text import decode, http_url, plain, strip_tags


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("S&amp;P 500 <b>up</b>", "S&P 500 up"),
        ("one<p>two</p>three", "one\ntwo\nthree"),
        ("<script>alert('x')</script>Yields rise", "Yields rise"),
        ("Yields<script src=x>", "Yields"),
        ("&lt;script&gt;alert(1)&lt;/script&gt;Calm", "Calm"),
        ("spread < 50 bp & falling > ever", "spread < 50 bp & falling > ever"),
        ("<!-- hidden -->shown", "shown"),
        ('<img alt="a > b" src=x>after', "after"),
        ("cut <a href='x", "cut"),
        ("a\x00b\u202ec", "abc"),
        ("lone \ud800 surrogate", "lone ? surrogate"),
    ],
)
def test_plain(markup: str, expected: str) -> None:
    assert plain(markup) == expected


@pytest.mark.parametrize("piece", ["<", "<a", "<!--", "<script>", '<a"', "&lt;", "<a href='"])
def test_hostile_markup_takes_linear_time(piece: str) -> None:
    start = time.perf_counter()
    plain(piece * 60_000)
    assert time.perf_counter() - start < 5


@given(st.text())
def test_plain_never_raises_and_encodes(text: str) -> None:
    plain(text).encode("utf-8")
    strip_tags(text)


@pytest.mark.parametrize(
    ("data", "header", "text", "note"),
    [
        ("café".encode(), "", "café", ""),
        (codecs.BOM_UTF8 + "café".encode(), "", "café", ""),
        ("café".encode("utf-16"), "", "café", ""),
        ("café".encode("latin-1"), "text/html; charset=iso-8859-1", "café", ""),
        (b"\x93quoted\x94", "text/html; charset=iso-8859-1", "“quoted”", ""),
        (b"caf\xe9", "", "café", "not UTF-8: read as cp1252"),
        (b"caf\xe9", "text/html; charset=utf-8", "café", "not UTF-8: read as cp1252"),
        (b"caf\xe9", "text/html; charset=klingon", "café", "not UTF-8: read as cp1252"),
    ],
)
def test_decode(data: bytes, header: str, text: str, note: str) -> None:
    assert decode(data, header) == (text, note)


def test_only_web_links_pass() -> None:
    assert http_url(" https://a.example/x ") == "https://a.example/x"
    for link in ("javascript:alert(1)", "data:text/html,x", "//a", "http://[", None, "http://"):
        assert http_url(link) == ""
