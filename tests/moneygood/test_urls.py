"""One spelling for one page, and no two pages under one."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moneygood.urls import canonical

STORY = "https://wire.example/2025/01/story"


@pytest.mark.parametrize(
    "same",
    [
        "http://wire.example/2025/01/story",
        "HTTPS://WWW.Wire.Example:443/2025/01/story/",
        "http://wire.example:80/2025/01/story#comments",
        "https://m.wire.example/2025/01/story",
        "https://wire.example/2025/01/story?utm_source=rss&utm_medium=feed",
        "https://wire.example/2025/01/story?fbclid=abc&gclid=d&mc_cid=1&cmpid=x&ref=home",
        "https://wire.example/2025/01/story?src=rss",
        "https://wire.example/2025/01/story?source=rss_markets&from=newsletter",
        "https://wire.example/2025/01/story?mod=rss_markets_main",
        "https://wire.example/2025/01/story?utm_source=a&amp;utm_medium=b",
        "https://wire.example/amp/2025/01/story",
        "https://wire.example/2025/01/story/amp/",
        "https://wire.example/2025/01/story?amp=1",
        "https://amp.wire.example/2025/01/story",
        "https://wire.example/2025/./01/x/../%73tory",
        "https://wire.example/2025/01/story;jsessionid=0AF3",
        " https://wire.example/2025/01/\nstory ",
        "https://www.google.com/url?sa=t&url=https%3A%2F%2Fwire.example%2F2025%2F01%2Fstory",
        "https://www.google.com/amp/s/wire.example/2025/01/story/amp",
        "https://wire-example.cdn.ampproject.org/c/s/wire.example/2025/01/story",
        "https://www.bing.com/news/apiclick.aspx?ref=x&url=http%3a%2f%2fwire.example/2025/01/story",
    ],
)
def test_spellings_of_one_page(same: str) -> None:
    assert canonical(same) == STORY


def test_the_address_inside_an_older_google_news_link() -> None:
    target = STORY.encode()
    code = base64.urlsafe_b64encode(b"\x08\x13\x22" + bytes([len(target)]) + target + b"\xd2\x01\0")
    wrapped = f"https://news.google.com/rss/articles/{code.decode().rstrip('=')}?oc=5"
    assert canonical(wrapped) == STORY
    opaque = "https://news.google.com/rss/articles/CBMiAUx0?oc=5"
    assert canonical(opaque) == "https://news.google.com/rss/articles/CBMiAUx0"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.example/?id=1", "https://a.example/?id=2"),
        ("https://a.example/?123", "https://a.example/?124"),
        ("https://a.example/s?p=1&story=2", "https://a.example/s?p=1&story=3"),
        ("https://a.example/s?gallery=1", "https://a.example/s?gallery=2"),
        ("https://a.example/s?v=1", "https://a.example/s"),
        ("https://a.example/s?source=12345-abc", "https://a.example/s?source=999-abc"),
        ("https://a.example/S", "https://a.example/s"),
        ("https://a.example/a%2Fb", "https://a.example/a/b"),
        ("https://a.example/#!/one", "https://a.example/#!/two"),
        ("https://a.example:8080/", "https://a.example/"),
        ("https://data.a.example/", "https://a.example/"),
        ("https://a.example/f?ref_id=1", "https://a.example/f?ref_id=2"),
        ("https://github.com/a/b?ref=one", "https://github.com/a/b?ref=two"),
        (
            "https://archive.example/2025/https://a.example/1",
            "https://archive.example/2025/https://a.example/2",
        ),
    ],
)
def test_different_pages_stay_apart(one: str, other: str) -> None:
    assert canonical(one) != canonical(other)


def test_percent_encoding_has_one_spelling() -> None:
    assert canonical("http://bücher.example/größe?q=caf%c3%a9") == (
        "https://xn--bcher-kva.example/gr%C3%B6%C3%9Fe?q=caf%C3%A9"
    )


@pytest.mark.parametrize("odd", ["", "mailto:a@b.example", "http://", "http://[::1", "http://a:x/"])
def test_what_is_no_web_address_comes_back(odd: str) -> None:
    assert canonical(odd) == odd


PIECES = st.sampled_from([
    "http://", "https://", "www.", "m.", "wire.example", "google.com/url", "?", "&", "&amp;",
    "amp;",
    "url=", "utm_source=", "ref", "%", "%25", "%2", "35", "%41", "%e9", "/", "//", "..", "/amp",
    "#",
    "#!", ":", ":80", "@", ";", "[", "]", " ", "é", "\ud800", ".", "https%3A%2F%2F", "id=1",
    "\u200b",
    "google.com/amp/s/", "\\",
])  # fmt: skip


@given(st.one_of(st.text(), st.lists(PIECES, max_size=14).map("".join)))
def test_idempotent_and_never_raises(text: str) -> None:
    for url in (text, f"http://wire.example/{text}", f"https://{text}"):
        once = canonical(url)
        assert canonical(once) == once


@given(st.lists(PIECES, max_size=10).map("".join))
def test_http_and_https_are_one_page(rest: str) -> None:
    url = f"wire.example/{rest}"
    assert canonical(f"http://{url}") == canonical(f"https://{url}")
