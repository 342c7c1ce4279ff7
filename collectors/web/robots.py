"""May this program read that address? robots.txt by RFC 9309."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from protego import Protego

AGENT = "moneygood"
MAX_BYTES = 500_000
"""Bytes of a robots.txt that are heeded (RFC 9309: at least 500 KiB are to be parsed)."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What a robots.txt says of one address; ``delay`` in seconds between requests."""

    allowed: bool
    delay: float = 0.0


def rule(text: str, url: str) -> Rule:
    """What a robots.txt says about ``url``. Never raises on content."""
    if not text.strip():
        return Rule(True)
    rules = _parsed(text)
    return Rule(rules.can_fetch(url, AGENT), float(rules.crawl_delay(AGENT) or 0.0))


@functools.lru_cache(maxsize=64)
def _parsed(text: str) -> Protego:
    from protego import Protego

    return Protego.parse(text)
