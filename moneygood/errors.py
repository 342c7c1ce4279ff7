"""Error tree. Every message names its subject and, where there is one, the remedy.

MoneygoodError
├── SettingsError        a settings file or variable is wrong
├── StoreError           the database cannot be opened, read or written
├── CollectError         one source or file could not be read
│   ├── FetchError       the network part of it
│   └── ParseError       the bytes arrived but are not what was expected
├── ModelError           weights or narrative definitions are missing or altered
├── ScoreError           input of `score` or `evaluate` is malformed
├── DataError            too little or unusable data for a statistic
└── RuleError            an alert rule file is wrong
"""

from __future__ import annotations


class MoneygoodError(Exception):
    """Base of all errors raised on purpose: subject, reason, remedy."""

    def __init__(self, subject: str, reason: str, remedy: str = "") -> None:
        self.subject = subject
        self.reason = reason
        self.remedy = remedy
        super().__init__(subject, reason, remedy)

    def __str__(self) -> str:
        text = f"{self.subject}: {self.reason}"
        return f"{text}. {self.remedy}" if self.remedy else text


class SettingsError(MoneygoodError):
    """A settings file or environment variable is wrong."""


class StoreError(MoneygoodError):
    """The database cannot be opened, read or written."""


class CollectError(MoneygoodError):
    """One source or file could not be read."""


class FetchError(CollectError):
    """The source could not be reached, or answered with an error."""


class ParseError(CollectError):
    """The bytes arrived but are not what was expected."""


class ModelError(MoneygoodError):
    """Weights or narrative definitions are missing, altered or unusable."""


class ScoreError(MoneygoodError):
    """Input of ``score`` or ``evaluate`` is malformed."""


class DataError(MoneygoodError):
    """Too little or unusable data for a statistic."""


class RuleError(MoneygoodError):
    """An alert rule file is wrong."""
