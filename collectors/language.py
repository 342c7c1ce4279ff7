"""Which language a text is in, said only when it is plain.

Scripts decide first; Latin and Cyrillic text goes to a small statistical model
(py3langid, offline). Headlines are short and full of names, so another language
than English is only claimed on strong evidence.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from moneygood.records import Document, Skip

_SAMPLE = 1500
"""Characters looked at: enough for certainty, and the same time for every text."""
_MIN_LETTERS = 24
_MIN_WORDS = 4
_MIN_LOWER = 3
_SURE = 0.9
_MODEL = (
    "af", "ar", "bg", "ca", "cs", "da", "de", "el", "en", "es", "et", "fa", "fi", "fr", "he",
    "hr", "hu", "id", "it", "ja", "ko", "lt", "lv", "mk", "ms", "nl", "no", "pl", "pt", "ro",
    "ru", "sk", "sl", "sr", "sv", "tl", "tr", "uk", "ur", "vi", "zh",
)  # fmt: skip
_ENGLISH = frozenset({
    "the", "and", "that", "with", "from", "its", "this", "will", "are", "says", "said",
    "would", "could", "than", "which", "been", "were", "their", "about", "into", "what",
    "how", "why", "when", "more", "up", "new", "should", "stock", "stocks", "shares",
    "market", "markets", "your", "you", "after", "before", "it", "not", "they", "we", "our",
    "has", "amid", "ahead", "here",
})  # fmt: skip
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_NOISE = re.compile(r"https?://\S+|\S+@\S+|[$#@]\S+")
_ONE_LANGUAGE = {
    "HANGUL": "ko", "HIRAGANA": "ja", "KATAKANA": "ja", "GREEK": "el", "HEBREW": "he",
    "THAI": "th", "DEVANAGARI": "hi", "BENGALI": "bn", "TAMIL": "ta", "TELUGU": "te",
    "GEORGIAN": "ka", "ARMENIAN": "hy",
}  # fmt: skip
_PERSIAN = frozenset("پچژگ")
_URDU = frozenset("ٹڈڑے")


def detect(text: str) -> str:
    """ISO 639-1 code of the text's language; empty when too short or unsure."""
    sample = _NOISE.sub(" ", text[: 2 * _SAMPLE])[:_SAMPLE]
    if sample.isascii():
        return _latin(sample)
    scripts = Counter(_script(c) for c in sample if c.isalpha())
    # A Han character says about as much as two letters; names in Latin do not outvote it.
    weights = {name: n * (2 if name == "CJK" else 1) for name, n in scripts.items()}
    if not weights:
        return ""
    script = max(weights, key=lambda name: (weights[name], name))
    if script == "LATIN":
        return _latin(sample)
    if scripts[script] < 4:
        return ""
    if script in ("CJK", "HIRAGANA", "KATAKANA"):
        kana = scripts["HIRAGANA"] + scripts["KATAKANA"]
        return "ja" if kana * 10 >= scripts["CJK"] else "zh"
    if script == "ARABIC":
        if any(c in _URDU for c in sample):
            return "ur"
        return "fa" if any(c in _PERSIAN for c in sample) else "ar"
    if script == "CYRILLIC":
        return _best(sample, ("ru", "uk", "bg", "sr", "mk"))
    return _ONE_LANGUAGE.get(script, "")


def keep_languages(
    documents: Sequence[Document], languages: Sequence[str]
) -> tuple[tuple[Document, ...], tuple[Skip, ...]]:
    """The documents in one of ``languages``, marked with theirs; the others counted.

    A text whose language is not plain stays. Without ``languages`` all stay.
    """
    kept: list[Document] = []
    left: Counter[str] = Counter()
    wanted = {language.lower() for language in languages}
    for document in documents:
        # What a page says of itself is often its template's word: the text comes first.
        language = detect(f"{document.title}\n{document.text[:_SAMPLE]}") or document.language
        if wanted and language and language not in wanted:
            left[language] += 1
        else:
            kept.append(
                document if language == document.language else replace(document, language=language)
            )
    return tuple(kept), tuple(Skip(f"language {name}", n) for name, n in sorted(left.items()))


def _script(letter: str) -> str:
    if letter < "ʰ":
        return "LATIN"
    return unicodedata.name(letter, "").partition(" ")[0]


def _latin(sample: str) -> str:
    found = _WORD.findall(sample)
    words = [word.lower() for word in found]
    english = sum(word in _ENGLISH for word in words)
    if english >= 2 and english * 7 >= len(words):
        return "en"
    if len(words) < _MIN_WORDS or sum(map(len, words)) < _MIN_LETTERS:
        return ""
    shouted = sample.isupper()
    language, sure = _rank(sample.lower() if shouted else sample)
    if language == "en":
        return "en"
    # An English headline in title case may hold little but foreign names.
    running = sum(word.islower() and len(word) > 1 for word in found) >= _MIN_LOWER
    foreign = sure >= _SURE and english * 12 <= len(words)
    return language if foreign and (running or shouted) else ""


def _best(sample: str, among: tuple[str, ...]) -> str:
    scores = dict(_model().rank(sample))
    return max(among, key=lambda name: (scores.get(name, 0.0), name))


def _rank(sample: str) -> tuple[str, float]:
    language, sure = _model().classify(sample)
    return str(language), float(sure)


@cache
def _model() -> Any:
    from py3langid.langid import (  # type: ignore[import-untyped]
        MODEL_FILE,
        LanguageIdentifier,
    )

    model = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    model.set_languages(_MODEL)
    return model
