"""Train the heads: ``python -m moneygood.nlp.train [--real FILE] [--dev FILE]``.

Reads the sentences written for the project and, where given, a file of real
labelled ones (which may shape the weights but is not carried in the repo).
Probabilities are calibrated (Platt, 1999) and thresholds set by cross-validation,
never on the dev set, which is only measured.
Writes ``nlp/weights/heads.safetensors`` and the settings and results beside it.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from safetensors.numpy import save_file

from moneygood.nlp.device import choose_device
from moneygood.nlp.encoder import Encoder
from moneygood.nlp.evaluate import Evaluation, evaluate
from moneygood.nlp.examples import Example, read_examples, written_examples
from moneygood.nlp.heads import RUNGS, SHIPPED, STANCES, Array
from moneygood.nlp.scorer import FeatureMaker, Scorer
from moneygood.records import Narrative, Rung, Stance

NARRATIVES = tuple(str(n) for n in Narrative)
HARD_WEIGHT = 0.6
RARE = 50


@dataclass(frozen=True, slots=True)
class Recipe:
    """Settings of a training run."""

    members: int = 4
    hidden: int = 192
    dropout: float = 0.4
    input_dropout: float = 0.1
    epochs: int = 12
    learning_rate: float = 1.5e-3
    weight_decay: float = 0.02
    batch: int = 64
    folds: int = 5
    seed: int = 20070807


@dataclass(frozen=True, slots=True)
class Targets:
    """Labels as arrays: presence (n, k) with a mask, stance (n, k) and rung (n); -1 unknown."""

    presence: Array
    mask: Array
    stance: npt.NDArray[np.int64]
    rung: npt.NDArray[np.int64]
    weight: Array

    def take(self, rows: npt.NDArray[np.int64]) -> Targets:
        """The labels of some rows."""
        return Targets(
            self.presence[rows],
            self.mask[rows],
            self.stance[rows],
            self.rung[rows],
            self.weight[rows],
        )


def targets_of(examples: Sequence[Example]) -> Targets:
    """Labels of the examples as arrays."""
    n, k = len(examples), len(NARRATIVES)
    presence = np.zeros((n, k), np.float32)
    mask = np.ones((n, k), np.float32)
    stance = np.full((n, k), -1, np.int64)
    rung = np.full(n, -1, np.int64)
    for i, example in enumerate(examples):
        for j, name in enumerate(NARRATIVES):
            presence[i, j] = example.has(name)
            mask[i, j] = name not in example.skip
            found = example.stance(name)
            stance[i, j] = list(Stance).index(found) if found else -1
        rung[i] = list(Rung).index(example.rung) if example.rung else -1
    weight = np.array([HARD_WEIGHT if e.hard else 1.0 for e in examples], np.float32)
    return Targets(presence, mask, stance, rung, weight)


class Network(torch.nn.Module):
    """One hidden layer; presence, stance and rung from the same hidden units."""

    def __init__(self, inputs: int, recipe: Recipe) -> None:
        super().__init__()
        k = len(NARRATIVES)
        self.input_dropout = torch.nn.Dropout(recipe.input_dropout)
        self.hidden = torch.nn.Linear(inputs, recipe.hidden)
        self.dropout = torch.nn.Dropout(recipe.dropout)
        self.out = torch.nn.Linear(recipe.hidden, k + k * STANCES + RUNGS)

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Logits of presence (n, k), stance (n, k, 3), rung (n, 3)."""
        k = len(NARRATIVES)
        hidden = torch.nn.functional.gelu(self.hidden(self.input_dropout(x)))
        z = self.out(self.dropout(hidden))
        return z[:, :k], z[:, k : k + k * STANCES].reshape(-1, k, STANCES), z[:, k + k * STANCES :]


def fit(x: Array, targets: Targets, recipe: Recipe, seed: int) -> Network:
    """One trained network."""
    torch.manual_seed(seed)
    network = Network(x.shape[1], recipe)
    optimizer = torch.optim.AdamW(
        network.parameters(), lr=recipe.learning_rate, weight_decay=recipe.weight_decay
    )
    steps = recipe.epochs * -(-len(x) // recipe.batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, recipe.learning_rate, total_steps=steps
    )
    inputs = torch.from_numpy(x)
    for _ in range(recipe.epochs):
        for batch in torch.split(torch.randperm(len(x)), recipe.batch):
            loss = _loss(network(inputs[batch]), targets.take(batch.numpy())) / len(batch)
            optimizer.zero_grad()
            torch.autograd.backward(loss)
            optimizer.step()
            schedule.step()
    return network.eval()


def _loss(out: tuple[torch.Tensor, torch.Tensor, torch.Tensor], targets: Targets) -> torch.Tensor:
    functional = torch.nn.functional
    presence, stance, rung = out
    bce = functional.binary_cross_entropy_with_logits(
        presence, torch.from_numpy(targets.presence), reduction="none"
    )
    weight = torch.from_numpy(targets.mask * targets.weight[:, None])
    stance_loss = functional.cross_entropy(
        stance.reshape(-1, STANCES),
        torch.from_numpy(targets.stance.reshape(-1)),
        ignore_index=-1,
        reduction="sum",
    )
    rung_loss = functional.cross_entropy(
        rung, torch.from_numpy(targets.rung), ignore_index=-1, reduction="sum"
    )
    return (bce * weight).sum() + 0.5 * stance_loss + 0.5 * rung_loss


@torch.inference_mode()
def presence_logits(networks: Sequence[Network], x: Array) -> Array:
    """Mean presence logits (n, k) of some networks."""
    out = torch.stack([network(torch.from_numpy(x))[0] for network in networks])
    return np.asarray(out.mean(0).numpy(), dtype=np.float32)


def held_out_logits(x: Array, targets: Targets, recipe: Recipe) -> Array:
    """Presence logits of every row by networks that did not see it."""
    order = np.random.default_rng(recipe.seed).permutation(len(x))
    out = np.zeros((len(x), len(NARRATIVES)), np.float32)
    for fold, rows in enumerate(np.array_split(order, recipe.folds)):
        rest = np.setdiff1d(order, rows)
        network = fit(x[rest], targets.take(rest), recipe, recipe.seed + 100 + fold)
        out[rows] = presence_logits([network], x[rows])
    return out


@dataclass(frozen=True, slots=True)
class Calibration:
    """Per narrative: probability = expit(slope * logit + offset); present from threshold."""

    slope: Array
    offset: Array
    threshold: Array


def calibrate(logits: Array, targets: Targets, real: npt.NDArray[np.bool_]) -> Calibration:
    """Platt scaling and the threshold of best F1, on held-out logits.

    Measured on the ``real`` rows, whose mix is nearer to what will be read,
    unless a narrative has fewer than RARE of them.
    """
    from sklearn.linear_model import LogisticRegression

    slope, offset, threshold = [], [], []
    for j in range(len(NARRATIVES)):
        rare = targets.presence[real, j].sum() < RARE
        use = (real | rare) & (targets.mask[:, j] > 0)
        z, y = logits[use, j : j + 1], targets.presence[use, j]
        model = LogisticRegression(C=1e6).fit(z, y)
        slope.append(model.coef_[0, 0])
        offset.append(model.intercept_[0])
        threshold.append(_best_threshold(model.predict_proba(z)[:, 1], y))
    return Calibration(*(np.array(v, np.float32) for v in (slope, offset, threshold)))


def _best_threshold(p: Array, y: Array) -> float:
    grid = np.arange(0.2, 0.81, 0.02)
    scores = [2 * (y * (p >= t)).sum() / max((p >= t).sum() + y.sum(), 1) for t in grid]
    best = np.convolve(scores, np.ones(5) / 5, mode="same")
    return round(float(grid[2 + int(np.argmax(best[2:-2]))]), 2)


def train(
    written: Sequence[Example], real: Sequence[Example], maker: FeatureMaker, recipe: Recipe
) -> dict[str, Array]:
    """Weights of all members and the calibration, ready to be saved."""
    examples = [*real, *written]
    x, _ = maker([example.sentence for example in examples])
    targets = targets_of(examples)
    is_real = np.arange(len(examples)) < len(real)
    calibration = calibrate(held_out_logits(x, targets, recipe), targets, is_real)
    arrays = {name: np.asarray(value) for name, value in asdict(calibration).items()}
    for i in range(recipe.members):
        network = fit(x, targets, recipe, recipe.seed + i)
        for name, tensor in (
            ("w1", network.hidden.weight),
            ("b1", network.hidden.bias),
            ("w2", network.out.weight),
            ("b2", network.out.bias),
        ):
            arrays[f"{i}.{name}"] = tensor.detach().numpy().astype(np.float16)
    return arrays


def save(path: Path, arrays: dict[str, Array], maker: FeatureMaker, recipe: Recipe) -> None:
    """Write the weights with what they are for."""
    meta = {
        "narratives": NARRATIVES,
        "groups": maker.lexicon.groups,
        "dimension": maker.encoder.dimension,
        "members": recipe.members,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(arrays, path, metadata={"moneygood": json.dumps(meta, sort_keys=True)})


def summary(evaluation: Evaluation) -> dict[str, Any]:
    """The figures of an evaluation, without its examples."""
    return {
        "sentences": evaluation.sentences,
        "stance_accuracy": evaluation.stance_accuracy,
        "rung_accuracy": evaluation.rung_accuracy,
        "narratives": {
            r.narrative: {
                "labelled": r.labelled,
                "found": r.found,
                "precision": r.precision,
                "recall": r.recall,
                "f1": r.f1,
                "calibration_error": r.calibration_error,
            }
            for r in evaluation.narratives
        },
    }


def main() -> None:
    """Command line: see the module's first lines."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--real", type=Path, help="labelled real sentences, beside the written")
    parser.add_argument("--dev", type=Path, help="labelled sentences to measure on")
    parser.add_argument("--encoder", type=Path, help="directory of another encoder")
    parser.add_argument("--out", type=Path, default=SHIPPED)
    parser.add_argument("--device", default="auto")
    arguments = parser.parse_args()
    recipe = Recipe()
    encoder = Encoder(choose_device(arguments.device), arguments.encoder)
    maker = FeatureMaker(encoder)
    written = written_examples()
    real = read_examples(arguments.real) if arguments.real else []
    save(arguments.out, train(written, real, maker, recipe), maker, recipe)
    report: dict[str, Any] = {
        "recipe": asdict(recipe),
        "written": len(written),
        "real": len(real),
        "weights_sha256": hashlib.sha256(arguments.out.read_bytes()).hexdigest(),
    }
    if arguments.dev:
        dev = read_examples(arguments.dev)
        scores = Scorer(encoder, arguments.out).score([e.sentence for e in dev])
        report["dev"] = summary(evaluate(dev, scores))
    arguments.out.with_suffix(".json").write_text(json.dumps(report, indent=1) + "\n", "utf-8")
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
