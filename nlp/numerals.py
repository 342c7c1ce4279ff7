"""English number words to digits: cardinals below a thousand, halves and decimals.

A library was tried: ``text2num`` writes "ninety billion" as eleven digits and
keeps no offsets in text. Magnitudes stay words here, as writers write them.
"""

from __future__ import annotations

from collections.abc import Sequence

_UNITS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_TEENS = ("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen")
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")

DIGIT = {word: i for i, word in enumerate(_UNITS, 1)}
TEEN = {word: i for i, word in enumerate((*_TEENS, "eighteen", "nineteen"), 10)}
TEN = dict(zip(_TENS, range(20, 100, 10), strict=True))
WORDS: tuple[str, ...] = ("zero", *DIGIT, *TEEN, *TEN, "hundred")


def cardinal(words: Sequence[str], start: int) -> tuple[str, int]:
    """The number that begins at ``words[start]`` in digits, and the index after it.

    ``words`` are lower case. An empty string where no number begins there.
    """
    value, i = _whole(words, start)
    if value is None:
        return "", start
    if words[i : i + 3] == ["and", "a", "half"]:
        return f"{value}.5", i + 3
    if words[i : i + 1] == ["point"]:
        digits, j = _decimals(words, i + 1)
        return (f"{value}.{digits}", j) if digits else ("", start)
    return str(value), i


def _whole(words: Sequence[str], i: int) -> tuple[int | None, int]:
    if words[i : i + 2] == ["a", "hundred"]:
        value, i = 1, i + 1
    elif words[i : i + 1] == ["zero"]:
        return 0, i + 1
    else:
        small, i = _below_hundred(words, i)
        if small is None:
            return None, i
        value = small
    if words[i : i + 1] != ["hundred"]:
        return value, i
    value, i = value * 100, i + 1
    skip = 1 if words[i : i + 1] == ["and"] and words[i + 1 : i + 2] != ["a"] else 0
    rest, j = _below_hundred(words, i + skip)
    return (value, i) if rest is None else (value + rest, j)


def _below_hundred(words: Sequence[str], i: int) -> tuple[int | None, int]:
    word = words[i] if i < len(words) else ""
    if word in TEN:
        unit = DIGIT.get(words[i + 1], 0) if i + 1 < len(words) else 0
        return TEN[word] + unit, i + (2 if unit else 1)
    value = DIGIT.get(word) or TEEN.get(word)
    return value, i + 1 if value else i


def _decimals(words: Sequence[str], i: int) -> tuple[str, int]:
    """Digits said one by one, or as one number below a hundred."""
    if i < len(words) and (words[i] in TEN or words[i] in TEEN):
        value, j = _below_hundred(words, i)
        return str(value), j
    digits = ""
    while i < len(words) and (words[i] in DIGIT or words[i] in {"zero", "oh"}):
        digits += str(DIGIT.get(words[i], 0))
        i += 1
    return digits, i
