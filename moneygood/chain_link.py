"""Adjusted closes of a new visit put on the level of those stored before.

After each dividend or split a provider multiplies all earlier adjusted closes
by one factor. The returns are the same, the levels are not: stored as they come
they would be a new vintage of the whole history each time. So the level of the
first visit is kept: a series is an index whose returns are those of the
adjusted close. Only a close whose return changed is a revision.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from statistics import median

from moneygood.records import Observation

TOLERANCE = 0.0005
"""Relative difference below which a close is the same: rounding and float noise."""
_LATEST = 5


def linked(found: Sequence[Observation], held: Mapping[date, float]) -> tuple[Observation, ...]:
    """Observations of one series on the level of ``held``; those that changed nothing left out.

    The factor is the median over the latest five days known to both. Days
    outside ``held`` and days whose value differs by more than ``TOLERANCE`` come
    back, in the order given. Without a common day all come back as they are.
    """
    common = sorted(o.date for o in found if held.get(o.date, 0.0) > 0 and o.value > 0)
    if not common:
        return tuple(found)
    values = {o.date: o.value for o in found}
    factor = median(held[day] / values[day] for day in common[-_LATEST:])
    moved = (replace(o, value=float(f"{o.value * factor:.7g}")) for o in found)
    return tuple(o for o in moved if _changed(o.value, held.get(o.date)))


def _changed(value: float, before: float | None) -> bool:
    return before is None or abs(value - before) > TOLERANCE * abs(before)
