"""Near-duplicate texts: one wire story in many papers is one cluster.

MinHash over word shingles finds candidates; an estimated Jaccard similarity of
``THRESHOLD`` or more confirms them. Very short texts only match exactly.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

THRESHOLD = 0.7
"""Least estimated Jaccard similarity of two texts in one cluster."""
SHINGLE = 2
SHORT = 8
_PERMUTATIONS = 128
_BANDS = 32
_SEED = 20250127
_MAX_WORDS = 2000
_WORD = re.compile(r"[^\W_]+(?:['’.][^\W_]+)*")

Item = tuple[str, datetime, str]
"""Key, publication time, and title and text joined."""


def assign_clusters(
    texts: Sequence[Item], *, known: Sequence[Item] = (), days: int = 7
) -> dict[str, str]:
    """Key of each text to the key of the first text it repeats, else to its own.

    ``known`` are heads of earlier visits; they come first and are not in the
    result. The head is the earliest in the given order, and a text joins only a
    head at most ``days`` days away. Deterministic: the hash seed is fixed.
    """
    from rensa import RMinHashLSH

    items = [*known, *texts]
    words = [_WORD.findall(text.casefold())[:_MAX_WORDS] for _, _, text in items]
    sketches = _sketches(words)
    index: Any = RMinHashLSH(threshold=THRESHOLD, num_perm=_PERMUTATIONS, num_bands=_BANDS)
    exact: dict[str, list[int]] = {}
    limit = timedelta(days=days)
    clusters: dict[str, str] = {}
    for number, (key, moment, _) in enumerate(items):
        flat = " ".join(words[number])
        sketch = sketches[number]
        same = exact.setdefault(flat, [])
        candidates = list(same) if flat else []
        if sketch is not None and not candidates:
            candidates = sorted(
                other
                for other in index.query(sketch)
                if sketches[other].jaccard(sketch) >= THRESHOLD
            )
        head = next((c for c in candidates if abs(items[c][1] - moment) <= limit), None)
        if head is None:
            same.append(number)
            if sketch is not None:
                index.insert(number, sketch)
        if number >= len(known):
            clusters[key] = key if head is None else items[head][0]
    return clusters


def _sketches(words: list[list[str]]) -> list[Any]:
    from rensa import RMinHash

    long = [n for n, tokens in enumerate(words) if len(tokens) >= SHORT]
    shingles = [
        list({" ".join(words[n][i : i + SHINGLE]) for i in range(len(words[n]) - SHINGLE + 1)})
        for n in long
    ]
    found: list[Any] = [None] * len(words)
    made = RMinHash.from_token_sets(shingles, _PERMUTATIONS, _SEED)
    for n, sketch in zip(long, made, strict=True):
        found[n] = sketch
    return found
