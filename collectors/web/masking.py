"""Keys and passwords are masked wherever an address is shown."""

from __future__ import annotations

import re

_NAMES = (
    r"api[-_]?(?:key|token)|apikey|access[-_]?(?:key|token)|auth(?:[-_]?token|orization)?|token"
    r"|key|secret|client[-_]?secret|pass(?:word|wd)?|pwd|sig(?:nature)?|credentials?"
    r"|session(?:[-_]?id)?|registrationkey"
)
# An address inside another's query is percent-encoded: its = is then %3D.
_VALUE = re.compile(
    rf"(?P<name>(?:^|[?&;#\s\"']|%(?:25)*(?:3F|26))(?:{_NAMES})(?:=|%(?:25)*3D))"
    r"(?:(?!%(?:25)*26)[^&;#\s\"'])+",
    re.IGNORECASE,
)
_USER = re.compile(r"(?P<start>https?://)[^/?#\s@]*@", re.IGNORECASE)


def masked(text: str) -> str:
    """``text`` (an address, or a message that holds some) without keys and passwords."""
    return _VALUE.sub(r"\g<name>***", _USER.sub(r"\g<start>***@", text))
