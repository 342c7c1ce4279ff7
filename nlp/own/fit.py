"""Exemplars, counter-exemplars and a background to a head, cross-validated.

Logistic regression on layers of the encoder and phrase counts: exemplars against
counter-exemplars and the project's own training sentences. Every sentence is
then judged by a head that has not seen it; on those judgements the threshold
is set, so that false calls on the background stay rare, and the scale
(Platt 1999). A head of the same kind tells the stances apart; it learns from the
stances of the built-in narratives too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from moneygood.nlp.encoder import Encoder
from moneygood.nlp.examples import Example
from moneygood.nlp.lexicon import Hit
from moneygood.nlp.own.definition import Exemplar, OwnNarrative
from moneygood.nlp.own.features import counts, layers_read, vectors
from moneygood.nlp.own.head import Facts, Head, Report, count_groups
from moneygood.nlp.scorer import Phrases
from moneygood.nlp.spoken import written
from moneygood.nlp.weights_file import Array
from moneygood.records import Sentence, Stance

FALSE_CALLS = 0.005
STRENGTH = 100.0
TOTAL, COUNTER_TOTAL, BACKGROUND_TOTAL = 10.0, 40.0, 20.0
FOLDS = 10
STRANGE_CONTEXTS = 2
SHOWN = 5
STANCES = list(Stance)
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Background:
    """Sentences on other things: layers (n, l, d), and the stance where they have one, else -1."""

    sentences: tuple[Sentence, ...]
    layers: Array
    stance: Ints

    @classmethod
    def of(cls, examples: Sequence[Example], encoder: Encoder, cache: Path | None) -> Background:
        """Encode examples; vectors are kept in ``cache``, named by what they were made of."""
        sentences = tuple(written(e.sentence) for e in examples)
        stance = np.array([_one_stance(e) for e in examples], np.int64)
        return cls(sentences, _cached(sentences, encoder, cache), stance)


def _one_stance(example: Example) -> int:
    found = {stance for _, stance in example.labels if stance}
    return STANCES.index(found.pop()) if len(found) == 1 else -1


def _cached(sentences: Sequence[Sentence], encoder: Encoder, cache: Path | None) -> Array:
    from safetensors import SafetensorError
    from safetensors.numpy import load_file, save_file

    pairs = [(s.text, s.context) for s in sentences]
    path = None
    if cache is not None:
        # A few vectors name the weights: whatever changes them changes these.
        probe = encoder.encode_layers(pairs[:2], layers_read(encoder.depth))[2].round(2)
        digest = hashlib.sha256(repr(pairs).encode("utf-8", "replace") + (probe + 0.0).tobytes())
        path = cache / f"background-{digest.hexdigest()[:12]}.safetensors"
        try:
            return np.asarray(load_file(path)["layers"], np.float32)
        except (OSError, SafetensorError, KeyError):
            pass
    layers = encoder.encode_layers(pairs, layers_read(encoder.depth))[2].astype(np.float16)
    if path is not None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            for old in path.parent.glob("background-*.safetensors"):
                old.unlink(missing_ok=True)
            save_file({"layers": layers}, path)
        except OSError:
            pass
    return layers.astype(np.float32)


@dataclass(frozen=True, slots=True)
class _Rows:
    """Exemplars, then counter-exemplars, each read alone and after strange sentences."""

    features: Array
    plain: Array
    item: Ints
    alone: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Folds:
    """Fold of each item and of each background sentence."""

    number: int
    item: Ints
    background: Ints


def fit(
    narrative: OwnNarrative, encoder: Encoder, background: Background, *, base: str, seed: int
) -> Head:
    """Train the head of a narrative; the same seed gives the same head."""
    chance = np.random.default_rng(seed)
    phrases = Phrases([(narrative.words, narrative.patterns)])
    groups = count_groups(narrative.words, narrative.patterns)
    items = (*narrative.exemplars, *narrative.counters)
    rows = _rows(items, narrative, encoder, background, phrases, chance)
    apart = _unlike(background, items)
    plain = vectors(background.layers[apart])
    sentences = [background.sentences[i] for i in apart]
    found = counts(phrases(sentences)[1], narrative.id, groups)
    behind = np.concatenate([plain, found], axis=1)
    carried = len(narrative.exemplars)
    number = min(FOLDS, max(carried, len(items) - carried))
    folds = _Folds(
        number,
        _shuffled(carried, number, chance, len(items) - carried),
        _shuffled(len(apart), number, chance),
    )
    z_item, z_behind = _unseen_scores(rows, behind, folds, carried)
    threshold = _threshold(z_item, z_behind, rows, carried)
    slope = _slope(z_item, z_behind, rows, carried)
    stance = np.array([STANCES.index(e.stance) for e in narrative.exemplars], np.int64)
    told = background.stance[apart]
    guessed = _unseen_stances(rows, plain, told, folds, stance)
    report = _report(
        items, carried, z_item[rows.alone] >= threshold, sentences, z_behind - threshold,
        float((guessed == stance).mean()),
    )  # fmt: skip
    everything = np.ones(len(rows.item), bool), np.ones(len(apart), bool)
    weights, offset = _presence(rows, behind, carried, *everything)
    of_stance, stance_offset = _stances(rows, plain, told, stance, everything[0])
    tensors = {
        "presence_w": weights,
        "presence_b": np.array([offset]),
        "stance_w": of_stance,
        "stance_b": stance_offset,
        "slope": np.array([slope]),
        "offset": np.array([-slope * threshold]),
    }
    layers = layers_read(encoder.depth)
    facts = Facts(narrative.words, narrative.patterns, base, narrative.digest, seed, layers, report)
    return Head(facts, {k: np.asarray(v, np.float32) for k, v in tensors.items()})


def _shuffled(first: int, folds: int, chance: np.random.Generator, second: int = 0) -> Ints:
    """Folds of as like a size as can be, for two sorts of items apart."""
    parts = [chance.permutation(np.arange(n) % folds) for n in (first, second) if n]
    return np.concatenate(parts).astype(np.int64)


def _unlike(background: Background, items: Sequence[Exemplar]) -> list[int]:
    """Background sentences that are not themselves among the items."""
    texts = {" ".join(e.text.casefold().split()) for e in items}
    return [
        i
        for i, s in enumerate(background.sentences)
        if " ".join(s.text.casefold().split()) not in texts
    ]


def _rows(
    items: Sequence[Exemplar],
    narrative: OwnNarrative,
    encoder: Encoder,
    background: Background,
    phrases: Phrases,
    chance: np.random.Generator,
) -> _Rows:
    """An exemplar without context is also read after sentences that have nothing to do with it.

    Else the head would learn that what carries the narrative stands alone.
    """
    sentences, item, alone = [], [], []
    for i, exemplar in enumerate(items):
        strange = [] if exemplar.context else [
            background.sentences[j].text
            for j in chance.choice(len(background.sentences), STRANGE_CONTEXTS)
        ]  # fmt: skip
        for context in (exemplar.context, *strange):
            sentences.append(written(Sentence(exemplar.text, context=context)))
            item.append(i)
            alone.append(context == exemplar.context)
    pairs = [(s.text, s.context) for s in sentences]
    plain = vectors(encoder.encode_layers(pairs, layers_read(encoder.depth))[2])
    hits: list[list[Hit]] = phrases(sentences)[1]
    groups = count_groups(narrative.words, narrative.patterns)
    features = np.concatenate([plain, counts(hits, narrative.id, groups)], axis=1)
    return _Rows(features, plain, np.array(item), np.array(alone))


def _even(kind: npt.NDArray[np.int64], totals: Sequence[float], item: Ints | None = None) -> Array:
    """Weights that give each kind its total, and each item of a kind an equal share of it."""
    share = np.ones(len(kind)) if item is None else 1.0 / np.bincount(item)[item]
    sums = np.bincount(kind, weights=share, minlength=len(totals))
    return np.asarray(share * (np.array(totals) / np.maximum(sums, 1e-9))[kind], np.float32)


def _presence(
    rows: _Rows,
    behind: Array,
    carried: int,
    use: npt.NDArray[np.bool_],
    use_behind: npt.NDArray[np.bool_],
) -> tuple[Array, float]:
    from sklearn.linear_model import LogisticRegression

    item = rows.item[use]
    is_counter = (item >= carried).astype(np.int64)
    x = np.concatenate([rows.features[use], behind[use_behind]])
    y = np.concatenate([1 - is_counter, np.zeros(use_behind.sum(), np.int64)])
    weight = np.concatenate(
        [
            _even(is_counter, (TOTAL, COUNTER_TOTAL), item),
            np.full(use_behind.sum(), BACKGROUND_TOTAL / max(use_behind.sum(), 1), np.float32),
        ]
    )
    model = LogisticRegression(C=STRENGTH, max_iter=200, tol=1e-4).fit(x, y, sample_weight=weight)
    return model.coef_[0], float(model.intercept_[0])


def _unseen_scores(rows: _Rows, behind: Array, folds: _Folds, carried: int) -> tuple[Array, Array]:
    """Scores of all rows and background sentences by heads that have not seen them."""
    z_item = np.zeros(len(rows.item), np.float32)
    z_behind = np.zeros(len(behind), np.float32)
    for fold in range(folds.number):
        out, out_behind = folds.item[rows.item] == fold, folds.background == fold
        weights, offset = _presence(rows, behind, carried, ~out, ~out_behind)
        z_item[out] = rows.features[out] @ weights + offset
        z_behind[out_behind] = behind[out_behind] @ weights + offset
    return z_item, z_behind


def _threshold(z_item: Array, z_behind: Array, rows: _Rows, carried: int) -> float:
    """Best F1 of exemplars against counter-exemplars, where false calls are rare; the lowest."""
    is_counter = (rows.item >= carried).astype(np.int64)
    floor = float(np.quantile(z_behind, 1 - FALSE_CALLS))
    weight = _even(is_counter, (1.0, 1.0), rows.item)
    candidates = [floor, *(float(z) for z in z_item - 1e-6 if z > floor)]

    def f1(t: float) -> float:
        called = z_item >= t
        hits, all_called = weight[called & (is_counter == 0)].sum(), weight[called].sum()
        return float(2 * hits / (1.0 + all_called))

    return max(candidates, key=lambda t: (round(f1(t), 6), -t))


def _slope(z_item: Array, z_behind: Array, rows: _Rows, carried: int) -> float:
    """Platt's slope; the offset is the threshold's, so that it stands at one half."""
    from sklearn.linear_model import LogisticRegression

    is_counter = (rows.item >= carried).astype(np.int64)
    x = np.concatenate([z_item, z_behind])[:, None]
    y = np.concatenate([1 - is_counter, np.zeros(len(z_behind), np.int64)])
    weight = np.concatenate(
        [
            _even(is_counter, (TOTAL, COUNTER_TOTAL), rows.item),
            np.full(len(z_behind), BACKGROUND_TOTAL / len(z_behind)),
        ]
    )
    model = LogisticRegression(C=1.0).fit(x, y, sample_weight=weight)
    return float(np.clip(model.coef_[0, 0], 0.05, 10.0))


def _stances(
    rows: _Rows, plain: Array, told: Ints, stance: Ints, use: npt.NDArray[np.bool_]
) -> tuple[Array, Array]:
    from sklearn.linear_model import LogisticRegression

    mine = use & (rows.item < len(stance))
    own, other = stance[rows.item[mine]], told[told >= 0]
    kinds = len(STANCES)
    share = np.bincount(own, minlength=kinds) > 0
    totals = np.where(share, TOTAL / max(share.sum(), 1), 0.0)
    weight = np.concatenate([_even(own, tuple(totals)), _even(other, (TOTAL / kinds,) * kinds)])
    x = np.concatenate([rows.plain[mine], plain[told >= 0]])
    y = np.concatenate([own, other])
    model = LogisticRegression(C=STRENGTH, max_iter=200, tol=1e-4).fit(x, y, sample_weight=weight)
    return model.coef_, model.intercept_


def _unseen_stances(rows: _Rows, plain: Array, told: Ints, folds: _Folds, stance: Ints) -> Ints:
    """The stance of each exemplar by a head that has not seen it."""
    guessed = np.zeros(len(stance), np.int64)
    first = np.flatnonzero(rows.alone)
    for fold in range(folds.number):
        out = folds.item[: len(stance)] == fold
        if not out.any():
            continue
        weights, offset = _stances(rows, plain, told, stance, folds.item[rows.item] != fold)
        z = rows.plain[first[: len(stance)][out]] @ weights.T + offset
        guessed[out] = z.argmax(axis=1)
    return guessed


def _report(
    items: Sequence[Exemplar],
    carried: int,
    called: npt.NDArray[np.bool_],
    sentences: Sequence[Sentence],
    excess: Array,
    stance_accuracy: float,
) -> Report:
    hits, false = int(called[:carried].sum()), int(called[carried:].sum())
    over = np.argsort(-excess, kind="stable")
    invented = int((excess >= 0).sum())
    return Report(
        exemplars=carried,
        counter_exemplars=len(items) - carried,
        background=len(sentences),
        precision=hits / (hits + false) if hits + false else None,
        recall=hits / carried,
        f1=2 * hits / (carried + hits + false),
        stance_accuracy=stance_accuracy,
        called=invented,
        false_call_rate=invented / len(sentences),
        missed=tuple(e.text for e, c in zip(items[:carried], called, strict=False) if not c),
        invented=tuple(e.text for e, c in zip(items[carried:], called[carried:], strict=True) if c),
        called_texts=tuple(sentences[i].text for i in over[: min(SHOWN, invented)]),
    )
