"""Train the weights: ``python -m moneygood.nlp.train [--real FILE…] [--dev FILE]``.

Reads the sentences written for the project and, where given, files of real
labelled ones (which may shape the weights but is not carried in the repo).
Adapters in the encoder and the heads on it are trained together; a share of
the documents is kept from training to calibrate on; the dev file is only
measured. Writes ``nlp/weights/moneygood.safetensors``, and beside it the vectors
of the training sentences, the settings and the results.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from moneygood.nlp.adapter import add_adapters
from moneygood.nlp.calibrate import calibrate
from moneygood.nlp.device import choose_device
from moneygood.nlp.encoder import Encoder, Tokens
from moneygood.nlp.evaluate import Evaluation, evaluate
from moneygood.nlp.examples import Example, read_examples, written_examples
from moneygood.nlp.labels import NARRATIVES, Labels, is_held_out, labels_of
from moneygood.nlp.nearest import write_neighbours
from moneygood.nlp.network import Average, Balance, Network, Recipe, loss_of
from moneygood.nlp.scorer import Phrases, Scorer
from moneygood.nlp.spoken import written
from moneygood.nlp.version import WEIGHTS
from moneygood.nlp.weights_file import Array, Purpose, Weights, save_weights


@dataclass(frozen=True, slots=True)
class Material:
    """Examples ready for the network; ``bare`` are the tokens without context."""

    tokens: list[Tokens]
    bare: list[Tokens]
    side: Array
    labels: Labels

    def batches(self, recipe: Recipe, chance: random.Random) -> list[list[int]]:
        """Rows of an epoch in batches of like length, in random order."""
        order = list(range(len(self.tokens)))
        chance.shuffle(order)
        pool = recipe.batch * 20
        batches = []
        for start in range(0, len(order), pool):
            part = sorted(order[start : start + pool], key=lambda i: len(self.tokens[i].ids))
            batches += [part[i : i + recipe.batch] for i in range(0, len(part), recipe.batch)]
        chance.shuffle(batches)
        return batches


def material(examples: Sequence[Example], encoder: Encoder, phrases: Phrases) -> Material:
    """Tokens, side features and labels of examples."""
    sentences = [written(e.sentence) for e in examples]
    side, _ = phrases(sentences)
    return Material(
        encoder.tokens([(s.text, s.context) for s in sentences]),
        encoder.tokens([(s.text, "") for s in sentences]),
        side,
        labels_of(examples),
    )


def fit(network: Network, data: Material, recipe: Recipe) -> None:
    """Train in place; prints a line an epoch."""
    parameters = [p for p in network.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(
        parameters, lr=recipe.learning_rate, weight_decay=recipe.weight_decay
    )
    steps = recipe.epochs * (len(data.tokens) // recipe.batch + 21)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, recipe.learning_rate, total_steps=steps, pct_start=0.1
    )
    chance = random.Random(recipe.seed)
    side = torch.from_numpy(data.side).to(network.encoder.device.name)
    mean = Average(parameters, recipe.average)
    balance = Balance.of(data.labels, network.encoder.device.name)
    half = torch.autocast(
        network.encoder.device.name.partition(":")[0],
        torch.bfloat16,
        enabled=recipe.precision == "bfloat16",
    )
    start = time.monotonic()
    for epoch in range(recipe.epochs):
        network.train()
        total = 0.0
        batches = data.batches(recipe, chance)
        for rows in batches:
            tokens = [
                (data.bare if chance.random() < recipe.context_dropout else data.tokens)[i]
                for i in rows
            ]
            with half:
                z = network(tokens, side[rows])
            loss = loss_of(z.float(), data.labels.take(rows), balance, recipe)
            optimizer.zero_grad()
            torch.autograd.backward(loss)
            torch.nn.utils.clip_grad_norm_(parameters, 1.0)
            optimizer.step()
            schedule.step()
            mean.add()
            total += float(loss.detach())
        seconds = time.monotonic() - start
        print(f"epoch {epoch + 1}: loss {total / len(batches):.3f}, {seconds:.0f} s", flush=True)
    mean.take()
    network.eval()


@torch.inference_mode()
def presence_logits(network: Network, data: Material, batch: int = 64) -> Array:
    """Presence logits (n, k)."""
    side = torch.from_numpy(data.side).to(network.encoder.device.name)
    out = np.zeros((len(data.tokens), len(NARRATIVES)), np.float32)
    for start in range(0, len(data.tokens), batch):
        rows = list(range(start, min(start + batch, len(data.tokens))))
        z = network([data.tokens[i] for i in rows], side[rows])
        out[rows] = z[:, : len(NARRATIVES)].float().cpu().numpy()
    return out


def train(
    written: Sequence[Example], real: Sequence[Example], encoder: Encoder, recipe: Recipe
) -> Weights:
    """Adapters, heads and calibration, ready to be saved. ``encoder`` is used up."""
    torch.manual_seed(recipe.seed)
    phrases = Phrases()
    seen = [e for e in (*real, *written) if not is_held_out(e, recipe.held_out)]
    kept_real = [e for e in real if is_held_out(e, recipe.held_out)]
    kept = [*kept_real, *(e for e in written if is_held_out(e, recipe.held_out))]
    adapters = add_adapters(encoder.model, rank=recipe.rank, dropout=recipe.adapter_dropout)
    data = material(seen, encoder, phrases)
    network = Network(encoder, data.side.shape[1], recipe)
    fit(network, data, recipe)
    held = material(kept, encoder, phrases)
    is_real = np.arange(len(kept)) < len(kept_real)
    calibration = calibrate(presence_logits(network, held), held.labels, is_real)
    tensors = {name: np.asarray(value) for name, value in asdict(calibration).items()}
    parts = {f"adapter.{n}.{ab}": getattr(a, ab) for n, a in adapters.items() for ab in "ab"}
    parts |= {
        "head.w1": network.hidden.weight,
        "head.b1": network.hidden.bias,
        "head.w2": network.out.weight,
        "head.b2": network.out.bias,
    }
    tensors |= {key: value.detach().cpu().numpy() for key, value in parts.items()}
    return Weights(Purpose(NARRATIVES, phrases.groups, encoder.dimension), tensors)


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
    parser.add_argument("--real", type=Path, nargs="+", default=[], help="labelled real sentences")
    parser.add_argument("--dev", type=Path, help="labelled sentences to measure on")
    parser.add_argument("--encoder", type=Path, help="directory of another encoder")
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--epochs", type=int, default=Recipe().epochs)
    parser.add_argument("--precision", choices=("float32", "bfloat16"), default="float32")
    arguments = parser.parse_args()
    recipe = Recipe(epochs=arguments.epochs, precision=arguments.precision)
    device = choose_device(arguments.device)
    written = written_examples()
    real = [example for path in arguments.real for example in read_examples(path)]
    save_weights(arguments.out, train(written, real, Encoder(device, arguments.encoder), recipe))
    write_neighbours(device, arguments.out, arguments.encoder)
    report: dict[str, Any] = {
        "recipe": asdict(recipe),
        "written": len(written),
        "real": len(real),
        "weights_sha256": hashlib.sha256(arguments.out.read_bytes()).hexdigest(),
    }
    if arguments.dev:
        dev = read_examples(arguments.dev)
        scorer = Scorer(device, encoder=arguments.encoder, weights=arguments.out)
        report["dev"] = summary(evaluate(dev, scorer.score([e.sentence for e in dev])))
    arguments.out.with_suffix(".json").write_text(json.dumps(report, indent=1) + "\n", "utf-8")
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
