"""What the services that need a key have in common."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from moneygood.collectors.sources import Source
from moneygood.collectors.visit import Visit
from moneygood.errors import FetchError
from moneygood.records import Collected, Failure, Skip

_LONG_AGO = date(1990, 1, 1)


def missing_key(source: Source, service: str, page: str) -> Collected:
    """What a visit without the service's key yields."""
    remedy = f"Set keys.{service} (environment MONEYGOOD_KEYS__{service.upper()}); see {page}."
    failure = Failure(source.name, source.subject, f"needs a key of {service}", remedy)
    return Collected(source.name, failures=(failure,))


def refused(source: Source, subject: str, error: FetchError, key: str) -> Failure:
    """The Failure of a fetch, the key nowhere in it."""
    reason = error.reason.replace(key, "(key)")
    if any(f"answered {status}" in reason for status in (400, 401, 403)):
        remedy = "Check the key in the settings and the code or ticker."
    else:
        remedy = error.remedy.replace(key, "(key)")
    return Failure(source.name, subject, reason, remedy)


def without_key(failures: Iterable[Failure], key: str) -> list[Failure]:
    """The same failures where a service quotes the key that it was sent."""
    return [
        Failure(*(text.replace(key, "(key)") for text in (f.source, f.subject, f.reason, f.remedy)))
        for f in failures
    ]


def first_day(source: Source, visit: Visit) -> date:
    """The first day worth asking for: ``since``, all of an archive, else two years and a bit.

    It stays the same through a year, so that the address does too.
    """
    if visit.since:
        return visit.since.date()
    return _LONG_AGO if source.history else date(visit.now.year - 2, 1, 1)


def only_since(found: Collected, visit: Visit) -> Collected:
    """``found`` without observations before ``visit.since``, which are counted.

    Validators go with them: else a later visit would be told that nothing changed.
    """
    if visit.since is None:
        return found
    first = visit.since.date()
    kept = tuple(o for o in found.observations if o.date >= first)
    left = len(found.observations) - len(kept)
    if not left:
        return found
    skips = (*found.skips, Skip(f"older than {first}", left))
    return replace(found, observations=kept, skips=skips, validators=())
