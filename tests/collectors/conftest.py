"""Shared fixtures of the collector tests."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SHARED = Path(__file__).parents[2] / ".." / "shared" / "data"
SAMPLE = Path(__file__).parents[2] / "collectors" / "sample"


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def sample() -> Path:
    return SAMPLE


@pytest.fixture
def shared() -> Path:
    if not SHARED.is_dir():
        pytest.skip("needs the real data in ../shared/data, which is not part of the repository")
    return SHARED
