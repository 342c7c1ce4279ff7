"""Settings: defaults, then the user's file, then the environment; every mistake explained."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

import pytest
from pydantic import BaseModel

from moneygood import errors
from moneygood.errors import MoneygoodError, SettingsError
from moneygood.settings import DEFAULTS, Settings, load_settings, user_file


@pytest.fixture(autouse=True)
def _nothing_of_the_machines_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [n for n in os.environ if n.startswith("MONEYGOOD_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    monkeypatch.chdir(tmp_path)


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def test_the_shipped_defaults_load() -> None:
    settings, shipped = load_settings(), tomllib.loads(DEFAULTS.read_text("utf-8"))
    held = settings.model_dump(mode="json")
    shipped["scoring"]["narratives"] = [str(settings.home / "narratives")]
    assert {key: held[key] for key in shipped} == shipped


def test_narratives_of_ones_own_lie_in_home_unless_they_are_said_to_lie_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = f'home = "/srv/m"\n[scoring]\nnarratives = ["narratives", "{tmp_path}/desk.toml"]\n'
    found = load_settings(write(tmp_path / "mine.toml", text)).scoring.narratives
    assert found == (Path("/srv/m/narratives"), tmp_path / "desk.toml")
    monkeypatch.setenv("MONEYGOOD_SCORING__NARRATIVES", "narratives")
    with pytest.raises(SettingsError, match="MONEYGOOD_SCORING__NARRATIVES: is not JSON"):
        load_settings()


def test_every_default_states_its_reason() -> None:
    lines = DEFAULTS.read_text("utf-8").splitlines()
    first = [i for i, line in enumerate(lines) if "=" in line and not line.startswith("#")]
    # A reason stands above a setting or above the group of lines it belongs to.
    groups = [i for i in first if not lines[i - 1].strip() or lines[i - 1].startswith("[")]
    assert groups == []


def test_the_users_file_overrides_one_key_and_keeps_the_rest(tmp_path: Path) -> None:
    mine = write(tmp_path / "mine.toml", "seed = 3\n[index]\nwindow = 9\n")
    settings, before = load_settings(mine), load_settings()
    assert (settings.seed, settings.index.window) == (3, 9)
    assert settings.index.draws == before.index.draws
    assert settings.scoring == before.scoring


def test_the_environment_overrides_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = write(tmp_path / "mine.toml", "[index]\nwindow = 9\nmin_documents = 2\n")
    monkeypatch.setenv("MONEYGOOD_INDEX__WINDOW", "11")
    monkeypatch.setenv("MONEYGOOD_RELATION__YIELDS", '["y10"]')
    settings = load_settings(mine)
    assert (settings.index.window, settings.index.min_documents) == (11, 2)
    assert settings.relation.yields == ("y10",)


def test_a_file_written_by_notepad_is_read(tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_bytes(b"\xef\xbb\xbfseed = 3\r\n")
    assert load_settings(mine).seed == 3


def test_where_the_users_file_is_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert user_file() is None
    home = write(tmp_path / "xdg" / "moneygood" / "moneygood.toml", "seed = 1\n")
    assert user_file() == home
    write(tmp_path / "moneygood.toml", "seed = 2\n")
    assert user_file() == Path("moneygood.toml")
    monkeypatch.setenv("MONEYGOOD_CONFIG", str(write(tmp_path / "named.toml", "seed = 3\n")))
    assert load_settings().seed == 3


def test_sample_and_live_never_share_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MONEYGOOD_HOME", "/data/mg")
    settings = load_settings()
    assert settings.database("sample") == Path("/data/mg/sample.db")
    assert settings.database("live") == Path("/data/mg/moneygood.db")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("sed = 3", "setting 'sed' does not exist"),
        ("[index]\nwindw = 3", "setting 'index.windw' does not exist"),
        ("[inedx]\nwindow = 3", "setting 'inedx' does not exist"),
        ("[index]\nwindow = 'five'", "setting 'index.window'"),
        ("[index]\nwindow = 0", "setting 'index.window'"),
        ("[index]\nband = 1.0", "setting 'index.band'"),
        ("index = 5", "setting 'index'"),
        ("[scoring]\ndevice = 'tpu'", "setting 'scoring.device'"),
        ("[relation]\nyields = 'y10'", "setting 'relation.yields'"),
        ("seed = ", "is not valid TOML"),
        ("seed = 1\nseed = 2", "is not valid TOML"),
    ],
)
def test_a_mistake_in_the_file_names_file_and_key(text: str, reason: str, tmp_path: Path) -> None:
    mine = write(tmp_path / "mine.toml", text)
    with pytest.raises(SettingsError) as caught:
        load_settings(mine)
    assert caught.value.subject == str(mine)
    assert reason in caught.value.reason
    assert caught.value.remedy


def test_a_file_that_is_not_text(tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_bytes(b"\xff\xfe\x00s")
    with pytest.raises(SettingsError, match=r"mine\.toml: is not valid TOML"):
        load_settings(mine)


@pytest.mark.parametrize("name", ["gone.toml", "."])
def test_a_named_file_that_cannot_be_read(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MONEYGOOD_CONFIG", str(tmp_path / name))
    with pytest.raises(SettingsError, match="cannot be read") as caught:
        load_settings()
    assert caught.value.subject == str(tmp_path / name)
    assert "MONEYGOOD_CONFIG" in caught.value.remedy


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MONEYGOOD_INDEX__WINDOW", "five"),
        ("MONEYGOOD_INDEX__WINDW", "5"),
        ("MONEYGOOD_SEED", "x"),
        ("MONEYGOOD_SCORING__DEVICE", "tpu"),
        ("MONEYGOOD_RELATION__YIELDS", "y10"),
        ("MONEYGOOD_INDEX", "{"),
    ],
)
def test_a_mistake_in_a_variable_names_the_variable(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert caught.value.subject == name
    assert caught.value.remedy


def test_keys_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings().keys == {}
    monkeypatch.setenv("MONEYGOOD_KEYS__FRED", "k-1")
    assert load_settings().keys == {"fred": "k-1"}


def test_settings_are_frozen() -> None:
    with pytest.raises(ValueError, match="frozen"):
        setattr(load_settings(), "seed", 4)  # noqa: B010


def test_no_part_of_the_settings_takes_unknown_keys() -> None:
    parts = [f.annotation for f in Settings.model_fields.values()]
    models: list[type[BaseModel]] = [
        Settings,
        *(p for p in parts if isinstance(p, type) and issubclass(p, BaseModel)),
    ]
    assert len(models) == 6
    assert all(m.model_config["extra"] == "forbid" for m in models)


def test_an_error_reads_subject_reason_remedy() -> None:
    assert str(MoneygoodError("the file", "is empty", "Fill it")) == "the file: is empty. Fill it"
    assert str(MoneygoodError("the file", "is empty")) == "the file: is empty"


def test_every_error_is_a_moneygood_error_and_in_the_tree() -> None:
    here = errors.__name__
    found = [v for v in vars(errors).values() if isinstance(v, type) and v.__module__ == here]
    assert len(found) > 5
    assert all(issubclass(e, MoneygoodError) for e in found)
    assert all(e.__name__ in (errors.__doc__ or "") for e in found)
