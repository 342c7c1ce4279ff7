"""Settings: shipped defaults, then the user's TOML, then the environment.

Read once, at the command line or the dashboard's start; everything below takes
values as arguments.
"""

from __future__ import annotations

import json
import os
import tomllib
from pathlib import Path
from typing import Any, Literal

from platformdirs import user_config_path, user_data_path
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)
from pydantic_settings import SettingsError as VariableError

from moneygood.errors import SettingsError

DEFAULTS = Path(__file__).with_name("defaults.toml")
_TABLES = ("keys", "collect", "scoring", "index", "relation", "alerts", "baskets")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CollectSettings(_Part):
    """How the sources are visited."""

    parallel: int = Field(ge=1, le=64)
    workers: int = Field(ge=1, le=32)
    seconds: float = Field(gt=0)
    megabytes: int = Field(ge=100)


class ScoringSettings(_Part):
    """How sentences are scored."""

    device: str = Field(pattern=r"^(auto|cpu|cuda(:\d+)?)$")
    threads: int = Field(ge=0)
    block_characters: int = Field(ge=1000)
    batch_size: int = Field(ge=1)
    max_characters: int = Field(ge=1000)
    encoder: str
    narratives: tuple[Path, ...]


class IndexSettings(_Part):
    """How mentions become an index."""

    window: int = Field(ge=1)
    min_documents: int = Field(ge=1)
    base_days: int = Field(ge=1)
    band: float = Field(gt=0, lt=1)
    draws: int = Field(ge=50)


class RelationSettings(_Part):
    """How the index is related to yields."""

    window: int = Field(ge=20)
    level: float = Field(gt=0, lt=1)
    draws: int = Field(ge=100)
    yields: tuple[str, ...]


class Basket(_Part):
    """Two groups of tickers, one over the other."""

    over: tuple[str, ...] = Field(min_length=1)
    under: tuple[str, ...] = Field(min_length=1)


class AlertSettings(_Part):
    """Where the alert rules are."""

    rules: str


class Settings(BaseSettings):
    """All settings; reasons for the defaults stand in ``defaults.toml``."""

    model_config = SettingsConfigDict(
        env_prefix="MONEYGOOD_", env_nested_delimiter="__", frozen=True, extra="forbid"
    )

    home: Path = Field(default_factory=lambda: user_data_path("moneygood"))
    sources: Path | None = None
    seed: int
    contact: str
    keys: dict[str, str]
    collect: CollectSettings
    scoring: ScoringSettings
    index: IndexSettings
    relation: RelationSettings
    alerts: AlertSettings
    baskets: dict[str, Basket]

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Environment over values given (which hold the TOML files)."""
        return (env_settings, init_settings)

    @field_validator("home", "sources")
    @classmethod
    def _expand(cls, value: Path | None) -> Path | None:
        return value.expanduser() if value else value

    @field_validator("scoring")
    @classmethod
    def _place(cls, value: ScoringSettings, info: ValidationInfo) -> ScoringSettings:
        """Places of narratives count from home."""
        home = Path(info.data.get("home", "."))
        places = tuple(home / place.expanduser() for place in value.narratives)
        return value.model_copy(update={"narratives": places})

    def database(self, which: Literal["sample", "live"]) -> Path:
        """Path of the SQLite file; the sample never mixes with real texts."""
        return self.home / ("sample.db" if which == "sample" else "moneygood.db")


def user_file() -> Path | None:
    """The user's settings file: $MONEYGOOD_CONFIG, ./moneygood.toml, or the XDG one."""
    named = os.environ.get("MONEYGOOD_CONFIG")
    if named:
        return Path(named)
    for path in (Path("moneygood.toml"), user_config_path("moneygood") / "moneygood.toml"):
        if path.is_file():
            return path
    return None


def load_settings(path: Path | None = None) -> Settings:
    """Settings from the shipped defaults, ``path`` (or the user's file) and environment.

    Raises SettingsError naming the file or variable, the key and what is wrong.
    """
    values = _read(DEFAULTS)
    path = path or user_file()
    if path is not None:
        values = _merge(values, _read(path))
    try:
        return Settings(**values)
    except ValidationError as error:
        raise _explain(error, path) from error
    except VariableError as error:
        raise _explain_variable() from error


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        raise SettingsError(
            str(path), f"cannot be read ({error.strerror})", "Check MONEYGOOD_CONFIG."
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(str(path), f"is not valid TOML: {error}", "Correct the line") from error


def _merge(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in over.items():
        both = isinstance(value, dict) and isinstance(base.get(key), dict)
        merged[key] = _merge(base[key], value) if both else value
    return merged


def _explain(error: ValidationError, path: Path | None) -> SettingsError:
    first = error.errors()[0]
    key = ".".join(str(part) for part in first["loc"])
    variable = "MONEYGOOD_" + "__".join(str(part) for part in first["loc"]).upper()
    where = variable if variable in os.environ else str(path or DEFAULTS)
    reason = f"setting {key!r}: {first['msg']}"
    if first["type"] == "extra_forbidden":
        reason = f"setting {key!r} does not exist"
    return SettingsError(where, reason, f"The settings and their reasons are in {DEFAULTS}.")


def _explain_variable() -> SettingsError:
    """Lists and tables in variables are JSON: name the one that is not."""
    tables = (
        "MONEYGOOD_RELATION__YIELDS",
        "MONEYGOOD_SCORING__NARRATIVES",
        *(f"MONEYGOOD_{n}".upper() for n in _TABLES),
    )
    wrong = [name for name in tables if not _is_json(os.environ.get(name, "null"))]
    return SettingsError(
        ", ".join(wrong) or "MONEYGOOD_… variables",
        "is not JSON",
        'Write a list as ["y2", "y10"], or set single keys: MONEYGOOD_INDEX__WINDOW=5',
    )


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
