"""One synthetic database for all dashboard tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from dashboard import APP
from fakes import build_store
from streamlit.testing.v1 import AppTest

from moneygood.store import Store


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A filled database; read only."""
    return build_store(tmp_path_factory.mktemp("ui") / "sample.db")


@pytest.fixture
def store(database: Path) -> Iterator[Store]:
    """The filled database, open for reading."""
    with Store(database, readonly=True) as opened:
        yield opened


@pytest.fixture
def app(database: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The dashboard on the filled database, not yet run."""
    monkeypatch.setenv("MONEYGOOD_DB", str(database))
    monkeypatch.delenv("MONEYGOOD_RULES", raising=False)
    return AppTest.from_file(str(APP), default_timeout=20)
