"""Which narratives are there, what state they are in, and which are scored."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from planted import BASE, EXAMPLE, planted_head

from moneygood.errors import ModelError
from moneygood.narrative_files import head_of, words_of
from moneygood.nlp.own.definition import examine
from moneygood.nlp.own.head import save_head
from moneygood.nlp.own.shelf import (
    State,
    begin,
    changed,
    find_narrative,
    heads_in_force,
    read_apart,
    shelf,
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The worked example, not trained."""
    return Path(shutil.copy(EXAMPLE, tmp_path / "tariffs.toml"))


def train(file: Path, base: str = BASE) -> Path:
    save_head(head_of(file), planted_head(file, base))
    return head_of(file)


def state(file: Path) -> State:
    (found,) = shelf([file.parent], BASE)
    assert found.id == "tariffs_once" or found.state is State.BROKEN
    assert bool(found.remedy) == (found.state is not State.TRAINED)
    return found.state


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


def test_nothing_there_is_nothing_wrong(tmp_path: Path) -> None:
    assert shelf([tmp_path / "gone"], BASE) == []
    assert heads_in_force([tmp_path / "gone"], BASE) == ()


def test_from_untrained_to_trained_to_changed(file: Path) -> None:
    assert state(file) is State.UNTRAINED
    assert heads_in_force([file.parent], BASE) == ()
    head = train(file)
    assert state(file) is State.TRAINED
    assert heads_in_force([file.parent], BASE) == (head,)
    assert changed([file.parent]) == []
    edit(file, 'name = "Tariffs, one time"', 'name = "Passing tariffs"')
    assert state(file) is State.TRAINED
    edit(file, "Canada answered", "Mexico answered")
    assert state(file) is State.CHANGED
    assert changed([file.parent]) == ["tariffs_once"]
    assert heads_in_force([file.parent], BASE) == (head,)


def test_a_broken_definition_is_scored_as_it_was_trained_and_said_to_be_broken(file: Path) -> None:
    head = train(file)
    edit(file, 'stance = "neutral"', 'stance = "nuetral"')
    assert state(file) is State.BROKEN
    assert changed([file.parent]) == ["tariffs_once"]
    assert heads_in_force([file.parent], BASE) == (head,)


def test_other_weights_make_it_stale_and_scoring_says_what_to_do(file: Path) -> None:
    train(file, base="minilm.older")
    assert state(file) is State.STALE
    with pytest.raises(ModelError, match=r"other weights .*narratives train tariffs_once"):
        heads_in_force([file.parent], BASE)


def test_two_files_of_one_id(file: Path, tmp_path: Path) -> None:
    other = Path(shutil.copy(file, tmp_path / "again.toml"))
    with pytest.raises(ModelError, match=r"tariffs\.toml: has the id 'tariffs_once' of .*again"):
        read_apart(file, [tmp_path])
    train(file)
    train(other)
    with pytest.raises(ModelError, match="has the id 'tariffs_once'"):
        heads_in_force([tmp_path], BASE)
    assert read_apart(file, [file]).id == "tariffs_once"


def test_a_narrative_is_found_by_id_file_name_and_file(file: Path, tmp_path: Path) -> None:
    for named in ("tariffs_once", "tariffs", str(file)):
        assert find_narrative(named, [tmp_path]) == file
    with pytest.raises(ModelError, match=r"There is: tariffs_once, tariffs. Make it: .* new rain"):
        find_narrative("rain", [tmp_path])


def test_a_new_one_is_a_template_that_wants_filling_in(tmp_path: Path) -> None:
    path = begin("soft_landing", [tmp_path / "narratives"])
    narrative, problems = examine(path)
    assert narrative is None
    assert {p.key.partition("[")[0] for p in problems if not p.warning} == {
        "exemplars",
        "counter_exemplars",
    }
    assert "moneygood narratives check soft_landing" in path.read_text("utf-8")
    with pytest.raises(ModelError, match="exists already"):
        begin("soft_landing", [tmp_path / "narratives"])


@pytest.mark.parametrize("name", ["jevons", "balance", "y10", "../up", "Up", ""])
def test_a_new_one_needs_an_id_of_its_own(name: str, tmp_path: Path) -> None:
    with pytest.raises(ModelError):
        begin(name, [tmp_path])
    assert list(tmp_path.iterdir()) == []


def test_names_for_readers_need_no_model_and_pass_over_what_cannot_be_read(
    file: Path, tmp_path: Path
) -> None:
    (tmp_path / "broken.toml").write_text("id = ", "utf-8")
    (tmp_path / "odd.toml").write_text("id = 5", "utf-8")
    found = words_of([tmp_path, tmp_path / "gone.toml"])
    assert list(found) == ["tariffs_once"]
    assert found["tariffs_once"].title == "Tariffs, one time"
