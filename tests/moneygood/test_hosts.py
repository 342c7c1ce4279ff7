"""The pace of a host is kept in the database: it holds across threads and restarts."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from moneygood.collectors.web.hosts import Hosts, MemoryHosts, RobotsText
from moneygood.hosts import StoredHosts
from moneygood.store import Store

NOW = datetime(2025, 3, 3, 15, 0, tzinfo=UTC)


@pytest.fixture(params=["stored", "memory"])
def hosts(request: pytest.FixtureRequest, tmp_path: Path) -> Hosts:
    return StoredHosts(Store(tmp_path / "a.db")) if request.param == "stored" else MemoryHosts()


def test_requests_beyond_the_burst_wait_their_turn(hosts: Hosts) -> None:
    waits = [hosts.take("a.example", NOW, rate=0.5, burst=2.0) for _ in range(4)]
    assert waits == pytest.approx([0.0, 0.0, 2.0, 4.0])
    assert hosts.take("b.example", NOW, rate=0.5, burst=2.0) == 0.0
    later = NOW + timedelta(seconds=60)
    assert hosts.take("a.example", later, rate=0.5, burst=2.0) == 0.0


def test_a_host_that_asks_for_a_pause_gets_it(hosts: Hosts) -> None:
    hosts.hold("a.example", NOW + timedelta(seconds=30))
    hosts.hold("a.example", NOW + timedelta(seconds=20))
    assert hosts.take("a.example", NOW, rate=1.0, burst=1.0) == pytest.approx(30.0)
    hosts.hold("c.example", NOW + timedelta(hours=1))
    assert hosts.take("c.example", NOW, rate=1.0, burst=1.0) > 600


def test_robots_are_kept(hosts: Hosts) -> None:
    assert hosts.robots("https://a.example") is None
    text = RobotsText("User-agent: *\nDisallow: /x", NOW)
    hosts.keep_robots("https://a.example", text)
    assert hosts.robots("https://a.example") == text


def test_what_was_spent_is_spent_for_the_next_process(tmp_path: Path) -> None:
    with Store(tmp_path / "a.db") as store:
        StoredHosts(store).take("a.example", NOW, rate=0.1, burst=1.0)
        StoredHosts(store).hold("b.example", NOW + timedelta(seconds=50))
    with Store(tmp_path / "a.db") as store:
        again = StoredHosts(store)
        assert again.take("a.example", NOW, rate=0.1, burst=1.0) == pytest.approx(10.0)
        assert again.take("b.example", NOW, rate=0.1, burst=1.0) == pytest.approx(50.0)


def test_many_threads_never_exceed_the_rate(tmp_path: Path) -> None:
    waits: list[float] = []
    with Store(tmp_path / "a.db") as store:
        hosts = StoredHosts(store)

        def ask() -> None:
            for _ in range(5):
                waits.append(hosts.take("a.example", NOW, rate=2.0, burst=1.0))

        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(waits) == pytest.approx([i / 2 for i in range(40)])
