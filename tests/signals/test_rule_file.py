"""Rule files: what is read, and what each mistake is told."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from moneygood.errors import RuleError
from moneygood.signals.expressions import METRICS, OPERATORS, Expression, parse_expression
from moneygood.signals.rules import load_rules

GOOD: dict[str, Any] = {
    "alert": "High",
    "expr": 'index{narrative="balance"} > 2',
    "for": 2,
    "keep_firing_for": 3,
    "labels": {"severity": "page"},
    "annotations": {"summary": "{narrative} at {value:.1f} on {day}"},
}


def write(folder: Path, *rules: dict[str, Any]) -> Path:
    path = folder / "my.yaml"
    path.write_text(yaml.safe_dump({"groups": [{"name": "desk", "rules": list(rules)}]}))
    return path


def test_a_rule_is_read(tmp_path: Path) -> None:
    (rule,) = load_rules(write(tmp_path, GOOD))
    assert (rule.group, rule.name, rule.hold, rule.keep) == ("desk", "High", 2, 3)
    assert rule.labels == (("narrative", "balance"), ("severity", "page"))
    assert rule.expr == Expression("index", (("narrative", "balance"),), ">", 2.0)


def test_the_shipped_rules() -> None:
    assert [(r.name, str(r.expr)) for r in load_rules()] == [
        ("NarrativeYieldDivergence", 'abs(divergence_z{narrative="balance",series="y10"}) > 2'),
        ("DeepSeekAttentionSpike", 'index_change{days="5",narrative="deepseek"} > 100'),
        ("RetreatAtMoneyGood", 'index{narrative="retreat"} > 1.3'),
    ]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"expr": "balance > 2"}, "cannot be read; write it like divergence_z"),
        ({"expr": 'abs(index{narrative="b"} > 2'}, "cannot be read"),
        ({"expr": 'mood{narrative="b"} > 2'}, "metric 'mood' is unknown; use one of divergence_z"),
        ({"expr": 'index{narrative="b"} => 2'}, "operator '=>' is unknown; use one of > >="),
        ({"expr": 'index{narrative="b"} > high'}, "'high' is no number"),
        ({"expr": 'index{narrative="b"} > nan'}, "'nan' is no number"),
        ({"expr": "index{} > 2"}, "label narrative is missing; index takes narrative"),
        ({"expr": "index{narrative=b} > 2"}, "labels {narrative=b} cannot be read"),
        ({"expr": 'index{narrative=""} > 2'}, "label 'narrative' is empty"),
        ({"expr": 'index{series="y10"} > 2'}, "label 'series' is unknown; index takes narrative"),
        ({"expr": 'index{narrative="a",narrative="b"} > 2'}, "given twice"),
        ({"expr": 'index_change{narrative="b",days="5d"} > 2'}, "days='5d' is no count"),
        ({"expr": 5}, "expr 5 is no text"),
        ({"for": "2d"}, "for '2d' is no count of market days"),
        ({"for": True}, "for True is no count of market days"),
        ({"keep_firing_for": -1}, "keep_firing_for -1 is no count"),
        ({"labels": {"severity": 1}}, "label severity 1 is no text"),
        ({"labels": {"narrative": "x"}}, "label 'narrative' is set by expr already"),
        ({"severity": "page"}, "key 'severity' is unknown. Allowed: alert, expr, for"),
        ({"annotations": {}}, "key 'summary' is missing"),
        ({"annotations": {"summary": "{who}"}}, "unknown field {who}. Allowed: {day}, {narrative}"),
        ({"annotations": {"summary": "{value.__class__}"}}, "unknown field {value.__class__}"),
        ({"annotations": {"summary": "{value!r}"}}, "unknown field {value}"),
        ({"annotations": {"summary": "{value:d}"}}, "unknown format 'd'"),
        ({"annotations": {"summary": "{day:%d}"}}, "gives {day} a format"),
        ({"annotations": {"summary": "{value"}}, "summary cannot be read"),
    ],
)
def test_each_mistake_names_file_group_rule_and_remedy(
    tmp_path: Path, change: dict[str, Any], reason: str
) -> None:
    path = write(tmp_path, {**GOOD, **change})
    with pytest.raises(RuleError) as caught:
        load_rules(path)
    assert str(caught.value).startswith(f"{path}: group 'desk': rule 'High'")
    assert reason in str(caught.value)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "None is no mapping"),
        ("groups: 5", "groups 5 is no list"),
        ("rules: []", "key 'rules' is unknown"),
        ("groups: [{name: a}]", "group 1: key 'rules' is missing"),
        ("groups: [{name: a, rules: [5]}]", "group 'a': rule 1: 5 is no mapping"),
        ("groups: [", "is not YAML"),
        ("groups: []\ngroups: []", "key 'groups' is given twice"),
        ("groups: !!python/object:os.system []", "is not YAML"),
        ("groups: &a [*a]", "is no mapping"),
    ],
)
def test_malformed_files_are_refused(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "my.yaml"
    path.write_text(text)
    with pytest.raises(RuleError) as caught:
        load_rules(path)
    assert reason in str(caught.value)


def test_unreadable_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match="cannot be read"):
        load_rules(tmp_path / "none.yaml")
    path = tmp_path / "latin.yaml"
    path.write_bytes("# é".encode("latin-1"))
    with pytest.raises(RuleError, match="not UTF-8"):
        load_rules(path)


def test_two_alerts_with_the_same_labels_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match="same alert with the same labels"):
        load_rules(write(tmp_path, GOOD, GOOD))
    other = {**GOOD, "labels": {"severity": "notice"}}
    assert len(load_rules(write(tmp_path, GOOD, other))) == 2


def test_known_names_can_be_demanded(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD)
    assert load_rules(path, narratives=["balance"])
    with pytest.raises(RuleError, match=r"narrative 'balance' is unknown\. Use one of jevons"):
        load_rules(path, narratives=["jevons"])


NAMES = st.text(
    st.characters(categories=["L", "N", "P", "Z"], exclude_characters='"{}'), min_size=1
)


@given(st.sampled_from(list(METRICS)), st.sampled_from(list(OPERATORS)), NAMES, st.booleans())
def test_an_expression_survives_being_written(
    metric: str, op: str, name: str, absolute: bool
) -> None:
    if not name.strip():
        return
    labels = tuple(sorted((k, "5" if k == "days" else name) for k in METRICS[metric]))
    one = Expression(metric, labels, op, 1.5, absolute)
    assert parse_expression(str(one)) == one


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_in_words(text: str) -> None:
    with suppress(ValueError):
        assert isinstance(parse_expression(text), Expression)
