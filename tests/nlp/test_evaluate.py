"""Evaluation: a case worked by hand, and agreement with scikit-learn."""

from __future__ import annotations

import random

import pytest
from sklearn import metrics

from moneygood.nlp.evaluate import SHOWN, evaluate
from moneygood.nlp.examples import Example
from moneygood.records import Judgement, Narrative, Rung, Sentence, SentenceScore, Stance

NAMES = [str(n) for n in Narrative]
A, D, N = Stance.AFFIRM, Stance.DOUBT, Stance.NEUTRAL
Given = dict[str, Stance | None]
Judged = dict[str, tuple[float, bool, Stance]]


def example(
    key: int, labels: Given, rung: Rung | None = None, skip: frozenset[str] = frozenset()
) -> Example:
    return Example(str(key), Sentence(f"S{key}."), tuple(labels.items()), rung, skip, False)


def score(key: int, judged: Judged, rung: Rung | None = None) -> SentenceScore:
    absent = (0.0, False, N)
    judgements = tuple(
        Judgement(name, p, present, stance, (0.4, 0.3, 0.3))
        for name in NAMES
        for p, present, stance in [judged.get(name, absent)]
    )
    return SentenceScore(Sentence(f"S{key}."), judgements, rung, "s.v1")


def test_worked_by_hand() -> None:
    # jevons: labelled in 0, 1, 2; found in 1, 2, 3 -> 2 hits, precision = recall = F1 = 2/3.
    # Stance of the labelled: 0 affirm/affirm, 1 doubt/doubt, 2 neutral/affirm -> 2/3.
    # Bins: [.2] 1 of 1, [.9 .95] 2 of 2, [.6] 0 of 1, [.0] 0 of 1
    # -> (|.2-1| + |1.85-2| + |.6-0| + |0-0|) / 5 = 1.55 / 5.
    labels: list[Given] = [{"jevons": A}, {"jevons": D}, {"jevons": N}, {}, {}]
    judged = [(0.2, False, A), (0.9, True, D), (0.95, True, A), (0.6, True, N), (0.0, False, N)]
    result = evaluate(
        [example(i, given) for i, given in enumerate(labels)],
        [score(i, {"jevons": j}) for i, j in enumerate(judged)],
    )
    jevons = next(r for r in result.narratives if r.narrative == "jevons")
    assert (jevons.sentences, jevons.labelled, jevons.found) == (5, 3, 3)
    assert jevons.precision == jevons.recall == jevons.f1 == pytest.approx(2 / 3)
    assert jevons.stance_accuracy == result.stance_accuracy == pytest.approx(2 / 3)
    assert jevons.calibration_error == pytest.approx(0.31)
    assert [m.id for m in jevons.missed] == ["0"]
    assert [m.id for m in jevons.invented] == ["3"]
    assert [(m.id, m.labelled, m.judged) for m in jevons.wrong_stance] == [
        ("2", "neutral", "affirm")
    ]
    assert (result.scorer, result.sentences) == ("s.v1", 5)


def test_rungs_count_where_one_is_labelled_and_a_missing_one_is_wrong() -> None:
    given: Given = {"reassurance": A}
    rungs = [(Rung.DENIAL, Rung.DENIAL), (Rung.DENIAL, None), (Rung.MONEY_GOOD, Rung.CONTAINMENT)]
    result = evaluate(
        [*(example(i, given, g) for i, (g, _) in enumerate(rungs)), example(3, given)],
        [*(score(i, {}, j) for i, (_, j) in enumerate(rungs)), score(3, {}, Rung.DENIAL)],
    )
    assert result.rung_accuracy == pytest.approx(1 / 3)
    assert result.rung_labelled == 3


def test_what_the_annotators_disagreed_on_does_not_count() -> None:
    skipped = example(0, {"jevons": A}, skip=frozenset({"jevons"}))
    open_stance = example(1, {"jevons": None})
    found = (0.9, True, D)
    scores = [score(0, {"jevons": found}), score(1, {"jevons": found})]
    result = evaluate([skipped, open_stance], scores)
    jevons = next(r for r in result.narratives if r.narrative == "jevons")
    assert (jevons.sentences, jevons.labelled, jevons.found) == (1, 1, 1)
    assert jevons.stance_accuracy is result.stance_accuracy is None
    assert jevons.wrong_stance == ()
    deepseek = next(r for r in result.narratives if r.narrative == "deepseek")
    assert deepseek.sentences == 2


def test_nothing_to_measure_is_none_and_not_zero() -> None:
    result = evaluate([example(0, {})], [score(0, {})])
    assert all(r.precision is r.recall is r.f1 is None for r in result.narratives)
    assert result.rung_accuracy is None
    empty = evaluate([], [])
    assert (empty.sentences, empty.narratives, empty.scorer) == (0, (), "")


def test_labels_and_scores_must_pair() -> None:
    with pytest.raises(ValueError, match="shorter"):
        evaluate([example(0, {}), example(1, {})], [score(0, {})])


def test_only_the_first_mistakes_are_shown_the_strongest_first() -> None:
    n = 3 * SHOWN
    scores = [score(i, {"jevons": (0.5 + i / 100, True, A)}) for i in range(n)]
    result = evaluate([example(i, {}) for i in range(n)], scores)
    invented = next(r for r in result.narratives if r.narrative == "jevons").invented
    assert [m.id for m in invented] == [str(n - 1 - i) for i in range(SHOWN)]


@pytest.mark.parametrize("seed", range(8))
def test_agrees_with_scikit_learn(seed: int) -> None:
    chance = random.Random(seed)
    labels: list[Given] = []
    judged: list[Judged] = []
    for _ in range(60):
        labels.append({n: chance.choice(list(Stance)) for n in NAMES if chance.random() < 0.4})
        judged.append(
            {
                n: (chance.random(), chance.random() < 0.5, chance.choice(list(Stance)))
                for n in NAMES
            }
        )
    result = evaluate(
        [example(i, given) for i, given in enumerate(labels)],
        [score(i, given) for i, given in enumerate(judged)],
    )
    stances: list[tuple[str, str]] = []
    for found in result.narratives:
        truth = [found.narrative in given for given in labels]
        said = [given[found.narrative][1] for given in judged]
        assert found.precision == pytest.approx(metrics.precision_score(truth, said))
        assert found.recall == pytest.approx(metrics.recall_score(truth, said))
        assert found.f1 == pytest.approx(metrics.f1_score(truth, said))
        pairs = [
            (str(given[found.narrative]), str(other[found.narrative][2]))
            for given, other in zip(labels, judged, strict=True)
            if found.narrative in given
        ]
        expected = metrics.accuracy_score(*zip(*pairs, strict=True))
        assert found.stance_accuracy == pytest.approx(expected)
        stances += pairs
    overall = metrics.accuracy_score(*zip(*stances, strict=True))
    assert result.stance_accuracy == pytest.approx(overall)


def test_perfect_and_reversed_probabilities() -> None:
    labels: list[Given] = [{"jevons": A}, {}] * 10
    for p, error in ((1.0, 0.0), (0.0, 1.0)):
        scores = [
            score(i, {"jevons": (p if given else 1 - p, bool(given), A)})
            for i, given in enumerate(labels)
        ]
        result = evaluate([example(i, given) for i, given in enumerate(labels)], scores)
        jevons = next(r for r in result.narratives if r.narrative == "jevons")
        assert jevons.calibration_error == pytest.approx(error)
