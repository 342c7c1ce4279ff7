"""Checks of an installation, each with a finding in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from moneygood.errors import MoneygoodError, StoreError
from moneygood.settings import Settings, user_file


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    subject: str
    ok: bool
    finding: str


def examine(settings: Settings, *, migrate: bool = False) -> list[Check]:
    """Look at everything a run needs; nothing is changed unless ``migrate``."""
    return [
        _check("settings", lambda: str(user_file() or "shipped defaults, no file of your own")),
        _check("encoder", _encoder),
        _check("weights", _weights),
        _check("device", lambda: _device(settings)),
        _check("narratives", lambda: _narratives(settings)),
        _check("alert rules", lambda: _rules(settings)),
        _check("sources", lambda: _sources(settings)),
        _check("sample database", lambda: _database(settings, "sample", migrate)),
        _check("live database", lambda: _database(settings, "live", migrate)),
    ]


def _check(subject: str, look: Callable[[], str]) -> Check:
    try:
        return Check(subject, True, look())
    except MoneygoodError as error:
        return Check(subject, False, str(error))


def _encoder() -> str:
    from moneygood.nlp.encoder import check_shipped_model, shipped_model

    check_shipped_model()
    return f"{shipped_model()}, weights as published"


def _weights() -> str:
    from moneygood.nlp.version import WEIGHTS
    from moneygood.nlp.weights_file import load_weights

    return f"{WEIGHTS}, {', '.join(load_weights().purpose.narratives)}"


def _device(settings: Settings) -> str:
    from moneygood.nlp.device import choose_device

    return choose_device(settings.scoring.device).name


def _narratives(settings: Settings) -> str:
    from moneygood.nlp.narratives import load_definitions
    from moneygood.nlp.own.shelf import trained_facts
    from moneygood.reading import own_heads

    own = [f.words.title for f in trained_facts(own_heads(settings.scoring))]
    return ", ".join([*(d.title for d in load_definitions()), *own])


def _rules(settings: Settings) -> str:
    from moneygood.alerting import rules_path
    from moneygood.signals.rules import load_rules

    path = rules_path(settings.alerts.rules)
    return f"{path}, {len(load_rules(path))} rules"


def _sources(settings: Settings) -> str:
    from moneygood.collectors.sources import load_sources
    from moneygood.pipeline import LIVE_SOURCES

    path = settings.sources or LIVE_SOURCES
    return f"{path}, {len(load_sources(path))} sources"


def _database(settings: Settings, which: Literal["sample", "live"], migrate: bool) -> str:
    from moneygood import reads
    from moneygood.store import Store

    path = settings.database(which)
    if not path.exists():
        return f"{path} is not there yet; `moneygood run --{which}` makes it"
    with Store(path, readonly=not migrate) as store:
        mode = reads.mode(store)
    if mode is None:
        raise StoreError(str(path), "holds no complete run", f"Run `moneygood run --{which}`")
    return f"{path}, as of {mode.as_of:%Y-%m-%d %H:%M} UTC, scorer {mode.scorer}"
