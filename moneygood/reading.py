"""Score: stored documents to stored mentions, each document once per scorer."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from moneygood import reads
from moneygood.gather import Progress, silent
from moneygood.records import Document, SentenceScore
from moneygood.settings import ScoringSettings
from moneygood.store import Store

if TYPE_CHECKING:
    from moneygood.nlp.scorer import Scorer

log = logging.getLogger(__name__)
Item = tuple[int, Document]
Scored = tuple[int, list[SentenceScore], str]


@dataclass(frozen=True, slots=True)
class Read:
    """What a scoring stage did."""

    scorer: str
    documents: int = 0
    sentences: int = 0
    mentions: int = 0
    skipped: int = 0


def make_scorer(settings: ScoringSettings) -> Scorer:
    """The scorer of the settings; loads spaCy, torch and the encoder.

    Raises ModelError for a narrative of the user's that was trained with other weights.
    """
    from moneygood.nlp.device import choose_device
    from moneygood.nlp.scorer import Scorer

    device = choose_device(
        settings.device, batch_size=settings.batch_size, threads=settings.threads
    )
    return Scorer(
        device,
        encoder=encoder_of(settings),
        own=own_heads(settings),
    )


def encoder_of(settings: ScoringSettings) -> Path | None:
    """The encoder the settings name; None for the shipped one."""
    return Path(settings.encoder) if settings.encoder else None


def own_heads(settings: ScoringSettings) -> tuple[Path, ...]:
    """The trained heads of the user's own narratives; loads no model. Raises ModelError."""
    from moneygood.nlp.own.shelf import heads_in_force
    from moneygood.nlp.version import scorer_version

    return heads_in_force(settings.narratives, scorer_version(encoder=encoder_of(settings)))


def score_pending(
    store: Store, settings: ScoringSettings, *, version: str, progress: Progress = silent
) -> Read:
    """Score what the scorer of this version has not read yet.

    Documents go in the order they arrived, in blocks of a fixed size that are
    each committed whole: a killed run goes on at a block's edge and makes the
    very batches, and so the very figures, of an undisturbed one. Models are
    loaded only if something is pending.
    """
    total = reads.count_pending(store, version)
    done = Read(version)
    scorer: Scorer | None = None
    for block in _blocks(reads.pending(store, version), settings.block_characters):
        progress("score", done.documents, total)
        scorer = scorer or make_scorer(settings)
        scored = _score_block(scorer, block, settings.max_characters)
        mentions = store.save_scores(version, scored)
        done = Read(
            version,
            done.documents + len(block),
            done.sentences + sum(len(scores) for _, scores, _ in scored),
            done.mentions + mentions,
            done.skipped + sum(bool(reason) for *_, reason in scored),
        )
    progress("score", total, total)
    return done


def _blocks(items: Iterator[Item], size: int) -> Iterator[list[Item]]:
    block: list[Item] = []
    characters = 0
    for key, document in items:
        block.append((key, document))
        characters += len(document.title) + len(document.text)
        if characters >= size:
            yield block
            block, characters = [], 0
    if block:
        yield block


def _score_block(scorer: Scorer, block: list[Item], longest: int) -> list[Scored]:
    fit = [item for item in block if len(item[1].text) <= longest]
    try:
        scores = scorer.score_documents([document for _, document in fit], explain=True)
        by_id = {key: (s, "") for (key, _), s in zip(fit, scores, strict=True)}
    except (RuntimeError, ValueError, UnicodeError):
        log.exception("a block of %d documents failed; scoring them one by one", len(fit))
        by_id = {key: _score_one(scorer, document) for key, document in fit}
    too_long = f"longer than {longest} characters: raise scoring.max_characters to read it"
    return [(key, *by_id.get(key, ([], too_long))) for key, _ in block]


def _score_one(scorer: Scorer, document: Document) -> tuple[list[SentenceScore], str]:
    try:
        return scorer.score_documents([document], explain=True)[0], ""
    except (RuntimeError, ValueError, UnicodeError) as error:
        return [], f"could not be scored ({type(error).__name__}: {error})"
