"""Pages that stand in front of the one asked for are told from pages about them."""

from __future__ import annotations

import html
from pathlib import Path

import pytest

from moneygood.collectors.web.walls import wall

CLOUDFLARE = """<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>
<noscript>Enable JavaScript and cookies to continue</noscript>
<script>window._cf_chl_opt = {cType: 'managed'};</script></body></html>"""
ANUBIS = """<!doctype html><html><head><title>Are you a person?</title>
<link rel="stylesheet" href="/.within.website/x/cmd/anubis/static/x.css"></head>
<body><p>The owner of this site keeps robots out.</p></body></html>"""
HASHING = """<html><body><p>One moment</p><script>
async function go(seed) { let nonce = 0; for (;;) { const h = await crypto.subtle.digest(
"SHA-256", bytes(seed + nonce)); if (zeros(h) >= difficulty) break; nonce++; } }
</script></body></html>"""
CONSENT = """<html><body><h1>Before you go on</h1>
<form action="https://consent.google.example/save"></form>
<form action="https://consent.google.com/save"></form></body></html>"""


@pytest.mark.parametrize(
    ("page", "says"),
    [
        (CLOUDFLARE, "Cloudflare"),
        (ANUBIS, "Anubis"),
        (HASHING, "proof-of-work"),
        (CONSENT, "consent"),
        ("\ufeff\n" + CLOUDFLARE, "Cloudflare"),
    ],
)
def test_walls(page: str, says: str) -> None:
    assert says in wall(page.encode(), "text/html; charset=utf-8")
    assert says in wall(page.encode(), "")


ARTICLE = "<p>Just a moment: banks enable JavaScript and cookies to continue. SHA-256.</p>" * 60


@pytest.mark.parametrize(
    "page",
    [
        "",
        "Enable JavaScript and cookies to continue",
        f"<html><body>{ARTICLE}<script>crypto.subtle.digest(); difficulty; nonce++</script></html>",
        f"<html><title>Just a moment...</title><script>_cf_chl_opt</script>{ARTICLE}</html>",
        f"<rss><channel><title>Just a moment</title>{html.escape(CLOUDFLARE)}</channel></rss>",
        '{"title": "<title>Just a moment...</title> _cf_chl_opt"}',
        "Date,10 Yr\n01/02/2026,4.18\n",
        "<html><title>Halden raises its outlook</title><p>Short news of the proof of work.</p>",
    ],
)
def test_not_walls(page: str) -> None:
    assert wall(page.encode(), "text/html") == ""


def test_no_real_article_or_feed_is_taken_for_a_wall(shared: Path) -> None:
    articles = sorted((shared / "news" / "articles_feb2025").rglob("*.md"))[::10]
    feeds = [path for path in (shared / "feeds").rglob("*") if path.is_file()]
    pages = [*shared.rglob("*.html"), *shared.rglob("*.htm")]
    assert len(articles) > 400
    for path in articles + feeds + pages:
        body = path.read_bytes()
        page = b"<html><body>" + html.escape(body.decode("utf-8", "replace")).encode()
        assert not wall(body, "text/html"), path
        assert not wall(page, "text/html"), path
