"""The trained head of one narrative: one safetensors file, beside its definition.

It holds all that scoring needs, phrases and patterns too: an edited definition
comes into force when it is trained. Keys ``presence_w`` (l * d + counts),
``presence_b``, ``stance_w`` (3, l * d), ``stance_b`` (3), ``slope``, ``offset``, float32.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from moneygood.errors import ModelError
from moneygood.nlp.narratives import Definition, PhraseGroup
from moneygood.nlp.weights_file import Array

FORMAT = 1
_KEYS = frozenset({"presence_w", "presence_b", "stance_w", "stance_b", "slope", "offset"})


@dataclass(frozen=True, slots=True)
class Report:
    """How well a head did in cross-validation.

    ``precision``, ``recall``, ``f1``: exemplars against counter-exemplars, each judged by a
    head that had not seen it; ``stance_accuracy`` over the exemplars. ``called`` of the
    ``background`` sentences of the project were taken for the narrative. The texts are those
    missed, invented (counter-exemplars taken for it) and called.
    """

    exemplars: int
    counter_exemplars: int
    background: int
    precision: float | None
    recall: float
    f1: float
    stance_accuracy: float
    called: int
    false_call_rate: float
    missed: tuple[str, ...]
    invented: tuple[str, ...]
    called_texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """What is told of a head without its figures.

    ``base`` is the version of the scorer it was trained on, ``digest`` that of its definition.
    """

    words: Definition
    patterns: tuple[str, ...]
    base: str
    digest: str
    seed: int
    layers: tuple[int, ...]
    report: Report


@dataclass(frozen=True, slots=True)
class Head:
    """A trained narrative."""

    facts: Facts
    tensors: Mapping[str, Array]

    @property
    def id(self) -> str:
        """The narrative's id."""
        return self.facts.words.id

    @property
    def groups(self) -> tuple[str, ...]:
        """Names of the groups that are counted."""
        return count_groups(self.facts.words, self.facts.patterns)


def count_groups(words: Definition, patterns: Sequence[str]) -> tuple[str, ...]:
    """Names of the groups that are counted: those of phrases, and all patterns as one."""
    return (*(g.name for g in words.groups), *(("patterns",) if patterns else ()))


def load_facts(path: Path) -> Facts:
    """What is told of a head. Raises ModelError if the file is missing or damaged."""
    return _load(path, tensors=False).facts


def load_head(path: Path) -> Head:
    """The head of a file. Raises ModelError if it is missing or damaged."""
    return _load(path, tensors=True)


def _load(path: Path, *, tensors: bool) -> Head:
    from safetensors import SafetensorError, safe_open

    remedy = f"Train it again: moneygood narratives train {path.stem}"
    try:
        with safe_open(path, framework="numpy") as file:
            meta = json.loads(file.metadata()["moneygood_narrative"])
            if meta["format"] != FORMAT:
                raise ModelError(str(path), "was made by another version of Moneygood", remedy)
            keys = set(file.keys())
            if keys != _KEYS:
                raise ValueError(f"keys {', '.join(sorted(keys ^ _KEYS))}")
            arrays = {k: file.get_tensor(k).astype(np.float32) for k in keys} if tensors else {}
        head = Head(_facts(meta), arrays)
    except FileNotFoundError as error:
        raise ModelError(str(path), "is missing", remedy) from error
    except (SafetensorError, OSError, KeyError, TypeError, ValueError) as error:
        raise ModelError(str(path), f"is damaged ({error})", remedy) from error
    if tensors and not all(np.isfinite(a).all() for a in arrays.values()):
        raise ModelError(str(path), "is damaged (a figure is not finite)", remedy)
    return head


def _facts(meta: Mapping[str, Any]) -> Facts:
    facts = dict(meta["facts"])
    words = dict(facts["words"])
    groups = tuple(PhraseGroup(g["name"], tuple(g["phrases"])) for g in words.pop("groups"))
    report: dict[str, Any] = {
        k: tuple(v) if isinstance(v, list) else v for k, v in facts.pop("report").items()
    }
    return Facts(
        words=Definition(**words, groups=groups),
        patterns=tuple(facts["patterns"]),
        base=str(facts["base"]),
        digest=str(facts["digest"]),
        seed=int(facts["seed"]),
        layers=tuple(facts["layers"]),
        report=Report(**report),
    )


def save_head(path: Path, head: Head) -> None:
    """Write the file, whole or not at all. Raises ModelError where it cannot be written."""
    from safetensors.numpy import save

    meta = json.dumps({"format": FORMAT, "facts": asdict(head.facts)}, sort_keys=True)
    arrays = {k: np.ascontiguousarray(v, np.float32) for k, v in head.tensors.items()}
    partial = path.with_name(path.name + ".partial")
    try:
        partial.write_bytes(save(arrays, metadata={"moneygood_narrative": meta}))
        os.replace(partial, path)
    except OSError as error:
        remedy = "Make the folder writable, or move the definition to one that is"
        raise ModelError(str(path), f"cannot be written ({error.strerror})", remedy) from error
