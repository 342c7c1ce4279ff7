"""Damaged input through every parser: no exception, no hang, something said each time."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mutations import LIMIT, TOKENS, mutated
from parsers import PARSERS, run

FEW = settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
MANY = settings(max_examples=1500, deadline=None, suppress_health_check=list(HealthCheck))
HANG = 5.0


def read(name: str, data: bytes) -> None:
    start = time.process_time()
    assert run(PARSERS[name], data)
    assert time.process_time() - start < HANG


def damaged(name: str, number: int) -> bytes:
    rng = random.Random(number)
    seeds = PARSERS[name].seeds
    return mutated(rng.choice(seeds), rng.choice(seeds), rng)


@pytest.mark.parametrize("name", PARSERS)
def test_the_seeds_are_understood(name: str) -> None:
    """Else every mutation would test only the first check."""
    for seed in PARSERS[name].seeds:
        found = run(PARSERS[name], seed)
        assert found.keys() & {"documents", "observations", "values"}


@pytest.mark.parametrize("name", PARSERS)
@FEW
@given(number=st.integers(0, 2**32), rubbish=st.binary(max_size=200))
def test_damaged_input_is_read_or_refused(name: str, number: int, rubbish: bytes) -> None:
    read(name, damaged(name, number))
    read(name, rubbish)


@pytest.mark.slow
@pytest.mark.parametrize("name", PARSERS)
@MANY
@given(number=st.integers(0, 2**32), tokens=st.lists(st.sampled_from(TOKENS), max_size=30))
def test_much_damaged_input_is_read_or_refused(name: str, number: int, tokens: list[bytes]) -> None:
    read(name, damaged(name, number))
    read(name, b"".join(tokens))


def test_mutations_are_repeatable_and_bounded() -> None:
    for number in range(200):
        data = damaged("feed", number)
        assert data == damaged("feed", number)
        assert len(data) <= LIMIT
    assert len({damaged("feed", number) for number in range(200)}) > 150
