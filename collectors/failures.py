"""Failures: of an error, and held to a number a person can read."""

from __future__ import annotations

from collections.abc import Sequence

from moneygood.errors import CollectError
from moneygood.records import Failure

LIMIT = 20
"""Failures kept of one file; the rest are counted in a last one."""


def failure_of(source: str, error: CollectError) -> Failure:
    """What an error says, as a value of ``source``."""
    return Failure(source, error.subject, error.reason, error.remedy)


def capped(failures: Sequence[Failure]) -> tuple[Failure, ...]:
    """The first ``LIMIT`` failures and, where there are more, one that counts them."""
    if len(failures) <= LIMIT:
        return tuple(failures)
    last = failures[-1]
    more = f"{len(failures) - LIMIT} more of this kind, up to {last.subject}"
    summary = Failure(last.source, "further rows", more, "Correct the first ones and import again.")
    return (*failures[:LIMIT], summary)
