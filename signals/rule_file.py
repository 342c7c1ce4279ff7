"""Alert rules as written: a Prometheus-like YAML file into :class:`Rule` records.

``for`` and ``keep_firing_for`` are whole market days.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Formatter
from typing import Any

import yaml

from moneygood.errors import RuleError
from moneygood.signals.expressions import Expression, parse_expression

SHIPPED = Path(__file__).with_name("rules.yaml")
_RULE_KEYS = ("alert", "expr", "for", "keep_firing_for", "labels", "annotations")
_NEEDED = ("alert", "expr", "annotations")


@dataclass(frozen=True, slots=True)
class Rule:
    """One alert rule.

    The condition must have held for ``hold`` market days before the alert fires
    (``for`` in the file), and it fires on for ``keep`` market days after
    (``keep_firing_for``). ``labels`` are the file's and the expression's,
    sorted; together with ``name`` they identify the alert.
    """

    group: str
    name: str
    expr: Expression
    hold: int
    keep: int
    labels: tuple[tuple[str, str], ...]
    summary: str


class _Loader(yaml.SafeLoader):
    """SafeLoader that refuses a key given twice instead of taking the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for place, key in enumerate(keys):
            if key in keys[:place]:
                raise yaml.MarkedYAMLError(
                    problem=f"key {key!r} is given twice", problem_mark=node.start_mark
                )
        return super().construct_mapping(node, deep)


def load_rules(
    path: Path | str = SHIPPED,
    *,
    narratives: Collection[str] | None = None,
    series: Collection[str] | None = None,
) -> tuple[Rule, ...]:
    """The rules of a file, in its order; without ``path`` the shipped ones.

    Given ``narratives`` or ``series``, a label that names another one is an
    error. Raises RuleError naming the file, group and rule, what is wrong and
    what is allowed.
    """
    where = str(path)
    groups = _mapping(_read(Path(path)), where, ("groups",), ("groups",))["groups"]
    known = {"narrative": narratives, "series": series}
    rules: dict[tuple[str, tuple[tuple[str, str], ...]], Rule] = {}
    for number, entry in enumerate(_sequence(groups, where, "groups"), 1):
        spot = f"{where}: group {number}"
        group = _mapping(entry, spot, ("name", "rules"), ("name", "rules"))
        name = _text(group["name"], spot, "name")
        spot = f"{where}: group {name!r}"
        for place, written in enumerate(_sequence(group["rules"], spot, "rules"), 1):
            rule = _rule(written, name, spot, place)
            at = f"{spot}: rule {rule.name!r}"
            for label, value in rule.expr.labels:
                allowed = known.get(label)
                if allowed is not None and value not in allowed:
                    reason = f"{label} {value!r} is unknown"
                    raise RuleError(at, reason, f"Use one of {', '.join(sorted(allowed))}.")
            key = rule.name, rule.labels
            if key in rules:
                reason = f"group {rules[key].group!r} has the same alert with the same labels"
                raise RuleError(at, reason, "Change its name or labels.")
            rules[key] = rule
    return tuple(rules.values())


def _read(path: Path) -> Any:
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)
    except OSError as error:
        reason = error.strerror or str(error)
        raise RuleError(str(path), f"cannot be read ({reason})", "Check alerts.rules.") from error
    except UnicodeDecodeError as error:
        raise RuleError(str(path), "is not UTF-8 text", "Save it as UTF-8.") from error
    except (yaml.YAMLError, RecursionError) as error:
        told = " ".join(str(error).split())
        raise RuleError(str(path), f"is not YAML ({told})", "Mend that line.") from error


def _rule(written: Any, group: str, spot: str, place: int) -> Rule:
    name = written.get("alert") if isinstance(written, dict) else None
    at = f"{spot}: rule {name!r}" if name else f"{spot}: rule {place}"
    fields = _mapping(written, at, _RULE_KEYS, _NEEDED)
    name = _text(fields["alert"], at, "alert")
    try:
        expr = parse_expression(_text(fields["expr"], at, "expr"))
    except ValueError as error:
        raise RuleError(at, str(error)) from error
    own = _mapping(fields.get("labels", {}), at, None, ())
    labels = {_text(k, at, "a label's name"): _text(v, at, f"label {k}") for k, v in own.items()}
    twice = [label for label, _ in expr.labels if label in labels]
    if twice:
        reason = f"label {twice[0]!r} is set by expr already"
        raise RuleError(at, reason, "Leave it out of labels.")
    notes = _mapping(fields["annotations"], f"{at}: annotations", ("summary",), ("summary",))
    labels |= dict(expr.labels)
    summary = _text(notes["summary"], at, "summary")
    _check_template(summary, (*labels, "value", "day"), at)
    hold, keep = (_days(fields.get(key, 0), at, key) for key in ("for", "keep_firing_for"))
    return Rule(group, name, expr, hold, keep, tuple(sorted(labels.items())), summary)


def _mapping(
    value: Any, at: str, allowed: tuple[str, ...] | None, needed: tuple[str, ...]
) -> Mapping[Any, Any]:
    told = f"Allowed: {', '.join(allowed)}." if allowed else ""
    if not isinstance(value, dict):
        raise RuleError(at, f"{value!r} is no mapping of keys to values", told)
    for key in value:
        if allowed is not None and key not in allowed:
            raise RuleError(at, f"key {key!r} is unknown", told)
    for key in needed:
        if key not in value:
            raise RuleError(at, f"key {key!r} is missing", told)
    return value


def _sequence(value: Any, at: str, key: str) -> list[Any]:
    if not isinstance(value, list):
        raise RuleError(at, f"{key} {value!r} is no list", "Start each entry with '- '.")
    return value


def _text(value: Any, at: str, key: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise RuleError(at, f"{key} {value!r} is no text", "Write it in quotes.")
    return value.strip()


def _days(value: Any, at: str, key: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        reason = f"{key} {value!r} is no count of market days"
        raise RuleError(at, reason, "Write a whole number, 0 or more, without a unit.")
    return value


def _check_template(template: str, allowed: tuple[str, ...], at: str) -> None:
    told = f"Allowed: {', '.join('{' + name + '}' for name in sorted(allowed))}."
    try:
        parts = list(Formatter().parse(template))
    except ValueError as error:
        raise RuleError(at, f"summary cannot be read ({error})", told) from error
    for _, field, spec, conversion in parts:
        if field is None:
            continue
        if field not in allowed or conversion:
            raise RuleError(at, f"summary has the unknown field {{{field}}}", told)
        if spec and field != "value":
            raise RuleError(at, f"summary gives {{{field}}} a format", "Only {value:.1f} may.")
        try:
            format(1.0, spec or "")
        except ValueError as error:
            raise RuleError(at, f"summary has the unknown format {spec!r}", "Try .1f.") from error
