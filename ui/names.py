"""What things are called and which colour they wear, the same on every page.

The colours come in pairs that also differ in lightness, so that they stay apart
for colour-blind readers and on a light or a dark page. ``TINT`` names the
matching Streamlit text colours, redefined in ``.streamlit/config.toml``.
"""

from __future__ import annotations

import importlib.util
import tomllib
from functools import cache
from pathlib import Path
from typing import Any
from zlib import crc32

from moneygood.narrative_files import words_of
from moneygood.records import AlertState, Narrative, Rung, Section, Stance
from moneygood.settings import load_settings

NARRATIVES: tuple[str, ...] = tuple(str(n) for n in Narrative)
YIELDS: tuple[str, ...] = ("y2", "y5", "y10", "y30")
BALANCE, RETREAT = "balance", "retreat"

COLOUR = {
    "ai_capex": "#3A78B8",
    "deepseek": "#C9780C",
    "jevons": "#14936E",
    "reassurance": "#B4588F",
    BALANCE: "#C8474F",
    RETREAT: "#9A6A4B",
    "y2": "#4FA3D1",
    "y5": "#3C9A78",
    "y10": "#64748B",
    "y30": "#A9743B",
    Stance.AFFIRM: "#2B8F8A",
    Stance.DOUBT: "#C45F36",
    Stance.NEUTRAL: "#94A0AE",
    Rung.DENIAL: "#4C9A8E",
    Rung.CONTAINMENT: "#C99A2E",
    Rung.MONEY_GOOD: "#B04A5A",
}
_OWN_COLOURS = ("#8A5FBF", "#5E8C31", "#B5793A", "#3F8FA3", "#A8506B", "#6B7F2A")
DASH = {"ai_capex": "solid", "deepseek": "dash", "jevons": "dot", "reassurance": "dashdot"}
TINT = {"ai_capex": "blue", "deepseek": "orange", "jevons": "green", "reassurance": "violet"}
OWN_TINT, OWN_DASH = "gray", "longdash"
SOURCES = (
    "#3A78B8", "#C9780C", "#14936E", "#B4588F", "#8C7A5B", "#4A8FA8", "#C45F36", "#7F77B8",
)  # fmt: skip

STANCES = {Stance.AFFIRM: "Affirms", Stance.DOUBT: "Doubts", Stance.NEUTRAL: "Neutral"}
RUNGS = {
    Rung.DENIAL: "Denial",
    Rung.CONTAINMENT: "Containment",
    Rung.MONEY_GOOD: "Money-good",
}
SECTIONS = {Section.PREPARED: "Prepared remarks", Section.QA: "Questions and answers"}
STATES = {
    AlertState.FIRING: ("Firing", "red"),
    AlertState.PENDING: ("Pending", "orange"),
    AlertState.NO_DATA: ("No data", "gray"),
    AlertState.RESOLVED: ("Resolved", "green"),
    AlertState.INACTIVE: ("Quiet", "gray"),
}


def is_narrative(series: str) -> bool:
    """Whether a series is the index of a narrative, built in or the user's own."""
    if series in NARRATIVES:
        return True
    other = series in {BALANCE, RETREAT} or (series[:1] == "y" and series[1:].isdigit())
    return not other and series.isascii() and series.isidentifier() and series.islower()


def colour(series: str) -> str:
    """The colour of a series; a narrative of the user's own always has the same of a few."""
    if series in COLOUR:
        return COLOUR[series]
    if not is_narrative(series):
        return "#64748B"
    return _OWN_COLOURS[crc32(series.encode()) % len(_OWN_COLOURS)]


@cache
def _places() -> tuple[Path, ...]:
    """Where the user's own narratives lie, as the settings stood when first asked."""
    return load_settings().scoring.narratives


@cache
def _definitions() -> dict[str, dict[str, Any]]:
    # The file is read as text: importing its package would bring in torch.
    spec = importlib.util.find_spec("moneygood.nlp")
    assert spec is not None
    assert spec.submodule_search_locations
    path = Path(spec.submodule_search_locations[0]) / "narratives.toml"
    return tomllib.loads(path.read_text("utf-8"))


def definition(narrative: str, key: str) -> str:
    """``title``, ``question`` or ``description`` of a narrative; "" where unknown."""
    if narrative in NARRATIVES:
        return str(_definitions().get(narrative, {}).get(key, ""))
    words = words_of(_places()).get(narrative)
    return str(getattr(words, key, "")) if words else ""


def title(series: str) -> str:
    """A reader's name for a series id: ``y10`` is "10-year", ``balance`` "Balance"."""
    base, _, part = series.partition(".")
    if base != "rung" and is_narrative(base):
        name = definition(base, "title") or pretty(base)
        return f"{name}, share of texts" if part == "share" else name
    if base == "rung":
        return f"{RUNGS.get(Rung(part), part) if part in set(Rung) else part}, share"
    if base.startswith("y") and base[1:].isdigit():
        return f"{base[1:]}-year"
    if base.startswith("price:"):
        return f"{base.removeprefix('price:')} price"
    return pretty(base)


_CAPITALS = frozenset({
    "ai", "bbc", "boe", "boj", "cftc", "cnbc", "ecb", "etf", "fdic", "fomc", "fred", "ft", "gdelt",
    "ibm", "imf", "occ", "sec", "tsmc", "uk", "us", "wsj",
})  # fmt: skip


def pretty(name: str) -> str:
    """An id as words: ``ecb-press`` is "ECB press"; mixed case stays as it is."""
    words = name.replace("_", " ").replace("-", " ").strip()
    if words != words.lower():
        return words
    shown = " ".join(w.upper() if w in _CAPITALS else w for w in words.split(" "))
    return shown[:1].upper() + shown[1:]
