"""Decoding and plain text."""

from __future__ import annotations

import codecs
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moneygood.collectors.text import decode, http_url, plain, strip_tags, tidy


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


LATIN_BY_DEFAULT = "declared as iso-8859-1: read as UTF-8"
BROKEN = "some bytes are not UTF-8: replaced"


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
        ("café".encode(), "text/xml; charset=iso-8859-1", "café", LATIN_BY_DEFAULT),
        ("Ünïtéd ".encode() + b"\xff", "", "Ünïtéd \ufffd", "some bytes are not UTF-8: replaced"),
        ("Zürich café".encode()[:-1], "text/xml; charset=utf-8", "Zürich caf\ufffd", BROKEN),
        ("年".encode("cp949"), "text/xml; charset=euc-kr", "年", ""),
        ("<p>é</p>".encode("utf-16-le"), "", "<p>é</p>", ""),
        ("<p>é</p>".encode("utf-32-be"), "", "<p>é</p>", ""),
    ],
)
def test_decode(data: bytes, header: str, text: str, note: str) -> None:
    assert decode(data, header) == (text, note)


@pytest.mark.parametrize(
    ("encoding", "words"),
    [
        ("koi8_r", "Доходность облигаций снизилась, инвесторы ждут решения банка"),
        ("cp1251", "Доходность облигаций снизилась, инвесторы ждут решения банка"),
        ("cp932", "国債の利回りは下がり、投資家は銀行の決定を待っています"),
        ("cp949", "국채 금리가 내렸고 투자자들은 은행의 결정을 기다리고 있다"),
    ],
)
def test_a_script_without_a_declaration_is_recognised(encoding: str, words: str) -> None:
    text = f"<rss><channel><item><title>{words}</title></item></channel></rss>"
    assert decode(text.encode(encoding))[0] == text


MARKUP = st.lists(
    st.sampled_from([
        "<p>", "</p>", "<b a='x>'>", '<a href="', "text", " ", "\n", "\t", "<!--", "-->", "<br/>",
        "<script>", "</script>", "< 5", "<p", "'", ">", "\u2028", "\xa0", "\x00", "\u200b", "&lt;",
        "<\xc0", "\u0130", "</", "<!",
    ])
).map("".join)  # fmt: skip


@given(st.one_of(st.text(), MARKUP))
def test_tidy_text_is_tidy_and_stays_so(text: str) -> None:
    tidied = tidy(text)
    assert tidy(tidied) == tidied
    assert not re.search(r"  |\n\n| \n|\n |\t|\r|[\x00-\x08\u2028\u200b]", tidied)


@given(st.one_of(st.text(), MARKUP))
def test_the_quick_way_out_of_markup_says_the_same_as_the_slow_one(text: str) -> None:
    # A comment in front forces the slow way.
    assert strip_tags(text) == strip_tags(f"<!---->{text}")


def test_a_capital_that_grows_when_lowered_shifts_nothing() -> None:
    assert (
        strip_tags("\u0130\u0130\u0130 a<!-- b -->c<SCRIPT>d</Script>e") == "\u0130\u0130\u0130 ace"
    )


def test_only_web_links_pass() -> None:
    assert http_url(" https://a.example/x ") == "https://a.example/x"
    for link in ("javascript:alert(1)", "data:text/html,x", "//a", "http://[", None, "http://"):
        assert http_url(link) == ""
