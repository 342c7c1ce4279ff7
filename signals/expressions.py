"""Conditions of alert rules: ``abs(divergence_z{narrative="balance",series="y10"}) > 2``.

``[abs(] metric{label="value", ...} [)] operator number``: one metric, all its
labels, one comparison with a number.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

METRICS: Mapping[str, tuple[str, ...]] = {
    "divergence_z": ("narrative", "series"),
    "correlation": ("narrative", "series"),
    "index": ("narrative",),
    "index_change": ("narrative", "days"),
    "yield": ("series",),
    "yield_change_bp": ("series", "days"),
}
OPERATORS: Mapping[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
}
_SHAPE = re.compile(
    r"\s*(?P<abs>abs\s*\(\s*)?(?P<metric>\w+)\s*\{(?P<labels>[^{}]*)\}\s*(?P<close>\)\s*)?"
    r"(?P<op>[<>=!]+)\s*(?P<limit>\S+)\s*"
)
_LABEL = re.compile(r'\s*(?P<name>\w+)\s*=\s*"(?P<value>[^"]*)"\s*(?:,|$)')
_EXAMPLE = 'divergence_z{narrative="balance",series="y10"} > 2'


@dataclass(frozen=True, slots=True)
class Expression:
    """One comparison; ``labels`` are sorted by name."""

    metric: str
    labels: tuple[tuple[str, str], ...]
    operator: str
    limit: float
    absolute: bool = False

    def holds(self, value: float | None) -> bool:
        """Whether a reading meets the condition; None and NaN never do."""
        if value is None or math.isnan(value):
            return False
        return OPERATORS[self.operator](abs(value) if self.absolute else value, self.limit)

    def __str__(self) -> str:
        inside = ",".join(f'{name}="{value}"' for name, value in self.labels)
        reading = f"{self.metric}{{{inside}}}"
        left = f"abs({reading})" if self.absolute else reading
        return f"{left} {self.operator} {self.limit:g}"


def parse_expression(text: str) -> Expression:
    """Read a condition.

    Raises ValueError saying what is wrong and what would be right.
    """
    found = _SHAPE.fullmatch(text)
    if not found or bool(found["abs"]) != bool(found["close"]):
        raise ValueError(f"expr {text!r} cannot be read; write it like {_EXAMPLE}")
    metric = found["metric"]
    if metric not in METRICS:
        raise ValueError(f"metric {metric!r} is unknown; use one of {', '.join(METRICS)}")
    if found["op"] not in OPERATORS:
        raise ValueError(f"operator {found['op']!r} is unknown; use one of {' '.join(OPERATORS)}")
    try:
        limit = float(found["limit"])
    except ValueError:
        limit = math.nan
    if not math.isfinite(limit):
        raise ValueError(f"{found['limit']!r} is no number to compare with")
    labels = _labels(metric, found["labels"])
    return Expression(metric, labels, found["op"], limit, bool(found["abs"]))


def _labels(metric: str, text: str) -> tuple[tuple[str, str], ...]:
    allowed = METRICS[metric]
    told = f"{metric} takes {', '.join(allowed)}"
    labels: dict[str, str] = {}
    place = 0
    while place < len(text.rstrip()):
        found = _LABEL.match(text, place)
        if not found:
            raise ValueError(f'labels {{{text}}} cannot be read; write {{narrative="balance"}}')
        name, value, place = found["name"], found["value"], found.end()
        if name not in allowed:
            raise ValueError(f"label {name!r} is unknown; {told}")
        if name in labels:
            raise ValueError(f"label {name!r} is given twice; {told}")
        if not value.strip():
            raise ValueError(f"label {name!r} is empty; {told}")
        labels[name] = value
    lacking = [name for name in allowed if name not in labels]
    if lacking:
        raise ValueError(f"label {', '.join(lacking)} is missing; {told}")
    days = labels.get("days", "1")
    if not re.fullmatch("[1-9][0-9]{0,3}", days):
        raise ValueError(f'days={days!r} is no count of market days; use "5", say')
    return tuple(sorted(labels.items()))
