"""Device and encoder: a tiny model made here, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import BertConfig, BertModel, BertTokenizer

from moneygood.errors import ModelError
from moneygood.nlp import encoder as encoder_file
from moneygood.nlp.device import Device, choose_device
from moneygood.nlp.encoder import Encoder, check_shipped_model
from moneygood.nlp.version import FOLDER, scorer_version
from moneygood.reading import make_scorer
from moneygood.settings import load_settings

WORDS = [
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    "[MASK]",
    *["racks", "rates", "rise", "fall", "and", "the", "."],
]
PAIRS = [
    ("racks rise", ""),
    ("rates fall and racks rise .", "the racks"),
    ("the", "the " * 400),
    ("", "rates fall"),
    ("unknown words", "."),
    ("the " * 400, "rates"),
]
CPU = Device("cpu", 64)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random BERT of 16 dimensions, as safetensors."""
    folder = tmp_path_factory.mktemp("tiny")
    vocabulary = {word: i for i, word in enumerate(WORDS)}
    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=len(WORDS),
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
    )
    BertModel(config).save_pretrained(folder)
    BertTokenizer(vocab=vocabulary).save_pretrained(folder)
    return folder


def test_auto_is_the_cpu_without_a_card(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert choose_device("auto", batch_size=7) == Device("cpu", 7)
    assert not choose_device("cpu").is_gpu


@pytest.mark.parametrize("name", ["cuda", "cuda:1"])
def test_a_card_asked_for_and_absent(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ModelError, match="torch sees no CUDA card") as caught:
        choose_device(name)
    assert name in caught.value.subject
    assert "MONEYGOOD_SCORING__DEVICE=cpu" in caught.value.remedy


def test_a_card_takes_larger_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    for wanted, name in (("auto", "cuda"), ("cuda:1", "cuda:1")):
        device = choose_device(wanted, batch_size=8)
        assert (device.name, device.is_gpu) == (name, True)
        assert device.batch_size > 8
    assert choose_device("cpu", batch_size=8) == Device("cpu", 8)


def test_a_vector_has_length_one_or_is_zero_where_there_is_no_text(tiny: Path) -> None:
    encoder = Encoder(CPU, tiny)
    assert encoder.dimension == 16
    for column, vectors in enumerate(encoder.encode(PAIRS)):
        assert vectors.shape == (len(PAIRS), 16)
        assert vectors.dtype.name == "float32"
        lengths = [float(bool(pair[column])) for pair in PAIRS]
        assert np.linalg.norm(vectors, axis=1) == pytest.approx(lengths, abs=1e-5)


def test_a_vector_depends_on_its_pair_alone(tiny: Path) -> None:
    whole = np.hstack(Encoder(CPU, tiny).encode(PAIRS))
    for size in (1, 2, 5):
        small = np.hstack(Encoder(Device("cpu", size), tiny).encode(PAIRS))
        assert np.abs(small - whole).max() < 1e-5
    backwards = np.hstack(Encoder(CPU, tiny).encode(PAIRS[::-1]))[::-1]
    assert np.abs(backwards - whole).max() < 1e-5
    assert np.abs(whole[0] - whole[1]).max() > 1e-3


def test_no_text_gives_no_vector(tiny: Path) -> None:
    assert [vectors.shape for vectors in Encoder(CPU, tiny).encode([])] == [(0, 16), (0, 16)]


def test_an_encoder_the_weights_were_not_made_for(tiny: Path) -> None:
    settings = load_settings().scoring.model_copy(update={"device": "cpu", "encoder": str(tiny)})
    with pytest.raises(ModelError) as caught:
        make_scorer(settings)
    assert caught.value.remedy


def test_a_folder_without_a_model(tmp_path: Path) -> None:
    for folder in (tmp_path / "gone", tmp_path):
        with pytest.raises(ModelError, match=r"holds no model\.safetensors") as caught:
            Encoder(CPU, folder)
        assert caught.value.subject == str(folder)


def test_pickled_weights_are_not_loaded(tiny: Path, tmp_path: Path) -> None:
    for file in tiny.iterdir():
        if file.suffix != ".safetensors":
            (tmp_path / file.name).write_bytes(file.read_bytes())
    torch.save({}, tmp_path / "pytorch_model.bin")
    with pytest.raises(ModelError, match="pickled weights are not loaded"):
        Encoder(CPU, tmp_path)


def test_a_damaged_model(tiny: Path, tmp_path: Path) -> None:
    for file in tiny.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "config.json").write_text("{", "utf-8")
    with pytest.raises(ModelError, match="cannot be loaded"):
        Encoder(CPU, tmp_path)


def test_the_shipped_weights_are_the_published_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_shipped_model()
    (tmp_path / "model.safetensors").write_bytes(b"altered")
    monkeypatch.setattr(encoder_file, "shipped_model", lambda: tmp_path)
    with pytest.raises(ModelError, match="has SHA-256") as caught:
        check_shipped_model()
    assert "pip install" in caught.value.remedy


def test_the_version_names_the_encoder_and_changes_with_the_weights(tmp_path: Path) -> None:
    shipped = FOLDER / "weights" / "moneygood.safetensors"
    assert scorer_version() == scorer_version(shipped)
    other = tmp_path / "other.safetensors"
    other.write_bytes(shipped.read_bytes() + b"x")
    assert scorer_version(other) != scorer_version()
    assert scorer_version(encoder=tmp_path / "finbert").startswith("finbert")
