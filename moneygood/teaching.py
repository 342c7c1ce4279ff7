"""Teach: a narrative's definition file to a trained head beside it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from moneygood.narrative_files import head_of
from moneygood.reading import encoder_of
from moneygood.settings import Settings

if TYPE_CHECKING:
    from moneygood.nlp.own.definition import OwnNarrative
    from moneygood.nlp.own.head import Head, Report

POOR_F1, POOR_STANCE = 0.7, 0.6


@dataclass(frozen=True, slots=True)
class Taught:
    """What one training gave; ``warnings`` say what is weak and what may help."""

    id: str
    name: str
    head: Path
    report: Report
    warnings: tuple[str, ...]


class Teacher:
    """Trains heads for the scorer of the settings; loads spaCy, torch and the encoder once."""

    def __init__(self, settings: Settings) -> None:
        from moneygood.nlp.device import choose_device
        from moneygood.nlp.encoder import Encoder
        from moneygood.nlp.examples import written_examples
        from moneygood.nlp.own.fit import Background
        from moneygood.nlp.weights_file import load_weights

        scoring = settings.scoring
        device = choose_device(
            scoring.device, batch_size=scoring.batch_size, threads=scoring.threads
        )
        adapter = load_weights().part("adapter.")
        self.encoder = Encoder(device, encoder_of(scoring), adapter)
        self.background = Background.of(written_examples(), self.encoder, settings.home / "cache")
        self.base = base_version(settings)
        self.seed = settings.seed

    def fit(self, narrative: OwnNarrative) -> Head:
        """The head of a narrative; nothing is written."""
        from moneygood.nlp.own.fit import fit

        return fit(narrative, self.encoder, self.background, base=self.base, seed=self.seed)

    def teach(self, narrative: OwnNarrative) -> Taught:
        """Train a narrative and keep its head beside its file. Raises ModelError."""
        from moneygood.nlp.own.head import save_head

        head = self.fit(narrative)
        save_head(head_of(narrative.path), head)
        return taught(narrative, head)


def base_version(settings: Settings) -> str:
    """The version of the settings' scorer without narratives of the user's own."""
    from moneygood.nlp.version import scorer_version

    return scorer_version(encoder=encoder_of(settings.scoring))


def taught(narrative: OwnNarrative, head: Head) -> Taught:
    """A head's report, with what is weak in it."""
    report = head.facts.report
    words = narrative.words
    told = tuple(warnings(report))
    return Taught(narrative.id, words.title, head_of(narrative.path), report, told)


def warnings(report: Report) -> list[str]:
    """What is weak in a report, and what may help."""
    said = []
    if report.f1 < POOR_F1:
        said.append(
            f"it is found poorly (F1 {report.f1:.2f}): write more exemplars in other words,"
            " and counter-exemplars that are nearer to them"
        )
    if report.invented:
        n = len(report.invented)
        said.append(
            f"{n} counter-exemplar{'s are' * (n > 1) or ' is'} taken for it, the first:"
            f" {report.invented[0]!r}. Write more of that kind"
        )
    if report.missed and report.f1 >= POOR_F1:
        n = len(report.missed)
        said.append(
            f"{n} exemplar{'s are' * (n > 1) or ' is'} missed, the first: {report.missed[0]!r}"
        )
    if report.stance_accuracy < POOR_STANCE:
        said.append(
            f"its stance is told poorly ({report.stance_accuracy:.2f}): write more exemplars that"
            " doubt it and that only report it"
        )
    if report.called_texts:
        said.append(
            f"{report.called} of {report.background} sentences on other things are called, the"
            f" first: {report.called_texts[0]!r}. Those that do carry it belong among the exemplars"
        )
    return said
