"""Scores against labels: precision, recall, F1, stance, rung, calibration.

Sentences whose presence the annotators disagreed on (``skip``) do not count for
that narrative; where they disagreed on stance, the stance does not count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from moneygood.nlp.examples import Example
from moneygood.records import Judgement, Narrative, SentenceScore

BINS = 10
SHOWN = 8


@dataclass(frozen=True, slots=True)
class Mistake:
    """A sentence judged otherwise than labelled."""

    id: str
    text: str
    context: str
    labelled: str
    judged: str
    probability: float


@dataclass(frozen=True, slots=True)
class NarrativeResult:
    """How well one narrative was found.

    ``stance_accuracy`` is over the sentences labelled present with a stance.
    ``calibration_error`` is the expected calibration error over ten bins.
    Figures are None where there is nothing to measure them on.
    """

    narrative: str
    sentences: int
    labelled: int
    found: int
    precision: float | None
    recall: float | None
    f1: float | None
    stance_accuracy: float | None
    calibration_error: float
    missed: tuple[Mistake, ...]
    invented: tuple[Mistake, ...]
    wrong_stance: tuple[Mistake, ...]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All narratives, and stance and rung over all of them."""

    scorer: str
    sentences: int
    narratives: tuple[NarrativeResult, ...]
    stance_accuracy: float | None
    rung_accuracy: float | None
    rung_labelled: int


def evaluate(examples: Sequence[Example], scores: Sequence[SentenceScore]) -> Evaluation:
    """Compare scores with labels, in the same order.

    Stance is judged on every sentence labelled present, found or not; the rung
    on every one labelled with a rung, a missing rung counting as wrong. A narrative of
    the user's own counts where the labels speak of it.
    """
    names = [j.narrative for j in scores[0].judgements] if scores else []
    spoken = {name for e in examples for name in (*dict(e.labels), *e.skip)} | set(Narrative)
    results = tuple(
        _narrative(name, k, examples, scores) for k, name in enumerate(names) if name in spoken
    )
    stances = [
        example.stance(j.narrative) == j.stance
        for example, score in zip(examples, scores, strict=True)
        for j in score.judgements
        if example.stance(j.narrative) is not None and j.narrative not in example.skip
    ]
    rungs = [
        example.rung == score.rung
        for example, score in zip(examples, scores, strict=True)
        if example.rung is not None
    ]
    return Evaluation(
        scorer=scores[0].scorer if scores else "",
        sentences=len(examples),
        narratives=results,
        stance_accuracy=_mean(stances),
        rung_accuracy=_mean(rungs),
        rung_labelled=len(rungs),
    )


def _mean(values: Sequence[bool]) -> float | None:
    return sum(values) / len(values) if values else None


def _narrative(
    name: str, column: int, examples: Sequence[Example], scores: Sequence[SentenceScore]
) -> NarrativeResult:
    pairs = [
        (example, score.judgements[column])
        for example, score in zip(examples, scores, strict=True)
        if name not in example.skip
    ]
    truth = [example.has(name) for example, _ in pairs]
    found = [judgement.present for _, judgement in pairs]
    hits = sum(t and f for t, f in zip(truth, found, strict=True))
    precision = hits / sum(found) if any(found) else None
    recall = hits / sum(truth) if any(truth) else None
    total = sum(truth) + sum(found)
    stances = [
        (example, judgement) for example, judgement in pairs if example.stance(name) is not None
    ]
    return NarrativeResult(
        narrative=name,
        sentences=len(pairs),
        labelled=sum(truth),
        found=sum(found),
        precision=precision,
        recall=recall,
        f1=2 * hits / total if total else None,
        stance_accuracy=_mean([e.stance(name) == j.stance for e, j in stances]),
        calibration_error=_calibration_error([j.probability for _, j in pairs], truth),
        missed=_mistakes(
            [(e, j, "present", "absent") for e, j in pairs if e.has(name) and not j.present],
            strongest_first=False,
        ),
        invented=_mistakes(
            [(e, j, "absent", "present") for e, j in pairs if j.present and not e.has(name)],
            strongest_first=True,
        ),
        wrong_stance=_mistakes(
            [
                (e, j, str(e.stance(name)), str(j.stance))
                for e, j in stances
                if e.stance(name) != j.stance
            ],
            strongest_first=True,
        ),
    )


def _mistakes(
    items: Sequence[tuple[Example, Judgement, str, str]], *, strongest_first: bool
) -> tuple[Mistake, ...]:
    ordered = sorted(items, key=lambda item: item[1].probability, reverse=strongest_first)
    return tuple(
        Mistake(
            id=example.id,
            text=example.sentence.text,
            context=example.sentence.context,
            labelled=labelled,
            judged=judged,
            probability=judgement.probability,
        )
        for example, judgement, labelled, judged in ordered[:SHOWN]
    )


def _calibration_error(probabilities: Sequence[float], truth: Sequence[bool]) -> float:
    """Expected calibration error: |mean probability - share true| by bin, weighted."""
    bins: list[list[tuple[float, bool]]] = [[] for _ in range(BINS)]
    for p, t in zip(probabilities, truth, strict=True):
        bins[min(int(p * BINS), BINS - 1)].append((p, t))
    gaps = (abs(sum(p for p, _ in b) - sum(t for _, t in b)) for b in bins)
    return sum(gaps) / len(probabilities) if probabilities else 0.0
