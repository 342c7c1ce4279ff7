"""What an entry of a sources file may say: keys, their types, what each kind needs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from moneygood.errors import SettingsError

KEYS: dict[str, type] = {
    "name": str, "kind": str, "url": str, "path": str, "follow": bool, "history": bool,
    "series": str, "text_kind": str, "tickers": list, "allow_private": bool, "robots": bool,
    "rate": float, "languages": list, "query": str, "items": list, "forms": list, "limit": int,
    "currency": str, "code": str,
}  # fmt: skip
MOST = 10_000
"""Largest ``limit``."""
FORMS = ("8-K", "6-K", "10-Q", "10-K")
_TYPES = {
    str: "text",
    bool: "true or false",
    list: "a list",
    float: "a number",
    int: "a whole number",
}
_LISTS = {
    "tickers": '["NVDA"]',
    "languages": '["en"]',
    "items": '["2.02", "7.01"]',
    "forms": '["8-K"]',
}
_LOCAL = frozenset({"folder", "call"})
_OWN_ADDRESS = frozenset({"edgar", "gdelt", "hackernews", "fred_api", "tiingo", "yfinance"})
_NEEDS = {
    "fred": {"series": '"y10"'},
    "fred_api": {"code": '"DGS10"', "series": '"y10"'},
    "tiingo": {"tickers": '["SPY"]'},
    "yfinance": {"tickers": '["SPY"]'},
    "edgar": {"tickers": '["NVDA"]'},
    "gdelt": {"query": '"\\"data center\\" spending"'},
    "hackernews": {"query": '"deepseek"'},
}
_TEXTS = ("feed", "sitemap", "edgar", "gdelt", "hackernews")
_ONLY = {
    "follow": ("feed", "sitemap"),
    "query": ("gdelt", "hackernews"),
    "items": ("edgar",),
    "forms": ("edgar",),
    "limit": _TEXTS,
    "currency": ("prices", "tiingo", "yfinance"),
    "code": ("fred_api",),
}
_CURRENCY = re.compile(r"[A-Z]{3}\Z")
_ITEM = re.compile(r"\d\.\d\d\Z")


def check_types(entry: Mapping[str, Any], where: str) -> None:
    """Raise SettingsError for a key that is unknown or whose value is of the wrong type."""
    for key, value in entry.items():
        if key not in KEYS:
            raise SettingsError(where, f"unknown key {key!r}", f"Known: {', '.join(KEYS)}.")
        wanted = KEYS[key]
        fits = type(value) in ((int, float) if wanted is float else (wanted,))
        if not fits:
            reason = f"{key} = {value!r} is not {_TYPES[wanted]}"
            raise SettingsError(where, reason, "Correct the value.")
    for key, example in _LISTS.items():
        if not all(isinstance(value, str) and value.strip() for value in entry.get(key, ())):
            raise SettingsError(where, f"{key} must be a list of texts", f"Write {example}.")
    if not entry.get("name", "-").isprintable():
        raise SettingsError(where, "the name has control characters", "Write it on one line.")


def check_values(entry: Mapping[str, Any], where: str) -> None:
    """Raise SettingsError for a value outside its range."""
    if not 0 < entry.get("rate", 1.0) <= 10:
        raise SettingsError(where, "rate is not within 0 and 10 a second", "Write rate = 0.5.")
    if not 0 <= entry.get("limit", 0) <= MOST:
        raise SettingsError(where, f"limit is not within 0 and {MOST}", "Write limit = 50.")
    currency = entry.get("currency", "")
    if currency and not _CURRENCY.match(currency):
        reason = f"currency {currency!r} is not an ISO 4217 code"
        raise SettingsError(where, reason, 'Write currency = "USD".')
    for item in entry.get("items", ()):
        if not _ITEM.match(item):
            raise SettingsError(where, f"{item!r} is no 8-K item", 'Write items = ["2.02"].')
    for form in entry.get("forms", ()):
        if form not in FORMS:
            raise SettingsError(where, f"form {form!r} is not read", f"Use: {', '.join(FORMS)}.")


def check_kind(entry: Mapping[str, Any], kind: str, where: str) -> None:
    """Raise SettingsError when ``kind`` lacks a key, or is given one that it does not know."""
    url, path = entry.get("url", "").strip(), entry.get("path", "").strip()
    for key, example in _NEEDS.get(kind, {}).items():
        value = entry.get(key)
        if not value or (isinstance(value, str) and not value.strip()):
            remedy = f"Add {key} = {example}."
            raise SettingsError(where, f"kind {kind} needs {_article(key)}", remedy)
    for key, kinds in _ONLY.items():
        if entry.get(key) and kind not in kinds:
            reason = f"{key} means nothing for kind {kind}"
            raise SettingsError(where, reason, f"It is for {', '.join(kinds)}: remove it.")
    if kind in _LOCAL and not path:
        raise SettingsError(where, f"kind {kind} needs a path", 'Add path = "folder".')
    if kind in _OWN_ADDRESS and path:
        raise SettingsError(where, f"kind {kind} has no path", "Remove it.")
    if not url and not path and kind not in _OWN_ADDRESS:
        raise SettingsError(where, "has neither url nor path", 'Add url = "https://…" or a path.')
    if url and path:
        raise SettingsError(where, "has both url and path", "Keep one of them.")
    if url and not url.lower().startswith(("http://", "https://")):
        raise SettingsError(where, f"url {url!r} is not http(s)", "Use path for local files.")
    if kind.startswith("treasury") and entry.get("series", "") not in ("", "real"):
        reason = f"series {entry['series']!r} is no Treasury curve"
        raise SettingsError(where, reason, 'Write series = "real", or leave it out.')


def _article(key: str) -> str:
    return key if key in _LISTS else f"a {key}"
