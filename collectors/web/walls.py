"""Pages that stand in front of the one asked for: bot checks, proof of work, consent."""

from __future__ import annotations

import re

_HEAD = 200_000
_SHORT = 2_500
"""Letters of visible text; a page that says more than this is no wall."""
_MARKS = (
    ("an Anubis proof-of-work check", ("/.within.website/x/cmd/anubis/",)),
    ("an Anubis proof-of-work check", ('id="anubis_challenge"',)),
    ("a Cloudflare bot check", ("<title>just a moment", "_cf_chl_opt")),
    ("a Cloudflare bot check", ("<title>just a moment", "/cdn-cgi/challenge-platform/")),
    ("a Cloudflare bot check", ("<title>attention required! | cloudflare",)),
    ("a go-away bot check", ("/cmd/go-away/", "not a bot")),
    ("a DataDome bot check", ("captcha-delivery.com/", "<script")),
    ("a PerimeterX bot check", ('id="px-captcha"',)),
    ("an Imperva bot check", ("/_incapsula_resource?", "incident_id")),
    ("an AWS bot check", (".awswaf.com/", "challenge.js")),
    ("an Akamai bot check", ('id="sec-if-cpt-container"',)),
    ("a consent page", ('action="https://consent.google.',)),
    ("a consent page", ('action="https://consent.youtube.',)),
    ("a consent page", ("consent.yahoo.com/v2/collectconsent",)),
    ("a consent page", ('class="consent-form"', 'name="csrftoken"', 'name="sessionid"')),
    ("a page that wants JavaScript", ("enable javascript and cookies to continue",)),
    ("a page that wants JavaScript", ("javascript is required", "verify your browser")),
    ("a page that wants JavaScript", ("requires javascript to verify",)),
)
_HASH = ("crypto.subtle.digest", "sha256(", "sha-256", "sha1(", "argon2", "scrypt(")
_WORK = (
    "nonce++",
    "nonce +=",
    "++nonce",
    "nonce+=",
    "proof of work",
    "proof-of-work",
    "difficulty",
)
_BLOCK = re.compile(r"<(/?)(?:script|style|svg)\b")
_TAG = re.compile(r"<[^<>]{0,5000}>")


def wall(body: bytes, content_type: str) -> str:
    """What stands in front of the page asked for ("a Cloudflare bot check"), or "".

    Only HTML is judged, and only a page with little visible text: an article about
    such checks is not one.
    """
    head = body[:_HEAD].decode("latin-1").lower()
    start = head.lstrip("\ufeffï»¿ \t\r\n")
    if not start.startswith(("<!doctype html", "<html", "<head", "<script", "<body", "<!--")):
        return ""
    if ("xml" in content_type and "xhtml" not in content_type) or "<rss" in start[:500]:
        return ""
    named = [name for name, marks in _MARKS if all(mark in head for mark in marks)]
    works = any(h in head for h in _HASH) and any(w in head for w in _WORK)
    if (not named and not works) or len(body) > _HEAD or _visible(head) > _SHORT:
        return ""
    return named[0] if named else "a JavaScript proof-of-work check"


def _visible(page: str) -> int:
    """Letters of text outside scripts, styles and tags."""
    text, inside = [], False
    end = 0
    for mark in _BLOCK.finditer(page):
        if not inside:
            text.append(page[end : mark.start()])
        inside = not mark[1]
        end = mark.start()
    if not inside:
        text.append(page[end:])
    return len("".join(_TAG.sub(" ", "".join(text)).split()))
