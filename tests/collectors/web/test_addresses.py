"""Only addresses of the public internet are connected to, whatever names say."""

from __future__ import annotations

import socket
import time

import pytest
from hostile_server import HostileServer, answer, redirect

from moneygood.collectors.web import addresses
from moneygood.collectors.web.addresses import is_public
from moneygood.collectors.web.errors import UnreachableError
from moneygood.collectors.web.http import fetch
from moneygood.errors import FetchError

PUBLIC = ["93.184.216.34", "8.8.8.8", "2606:4700::1111", "2a00:1450:4001:80e::200e"]
PRIVATE = [
    *("10.0.0.1", "172.16.3.4", "192.168.1.1", "127.0.0.1", "127.8.9.1", "0.0.0.0", "0.1.2.3"),
    *("169.254.169.254", "100.64.0.1", "100.127.255.255", "224.0.0.1", "239.1.2.3"),
    *("240.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1", "168.63.129.16"),
    *("::", "::1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::a00:1"),
    *("2002:7f00:1::", "2001:0:4136:e378::1", "fc00::1", "fd00:ec2::254", "fec0::1"),
    *("fe80::1%eth0", "ff02::1", "2001:db8::1"),
]  # fmt: skip


@pytest.mark.parametrize("address", PUBLIC)
def test_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("address", PRIVATE)
def test_not_public(address: str) -> None:
    assert not is_public(address)


HOSTS = [
    "127.0.0.1",
    "localhost",
    "2130706433",
    "0x7f.1",
    "017700000001",
    "[::ffff:127.0.0.1]",
    "0",
]


@pytest.mark.parametrize("host", HOSTS)
def test_private_addresses_are_refused_however_written(host: str) -> None:
    with HostileServer({"/": answer()}) as server:
        with pytest.raises(FetchError, match="not a public address") as caught:
            fetch(f"http://{host}:{server.port}/")
        assert "Save it to a file" in caught.value.remedy
        assert server.asked == []


def resolving(monkeypatch: pytest.MonkeyPatch, **answers: list[str]) -> list[str]:
    """Let names resolve to these addresses, one look-up after the other."""
    asked: list[str] = []

    def look_up(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        asked.append(host)
        found = answers[host.partition(".")[0]]
        address = found.pop(0) if len(found) > 1 else found[0]
        return [(0, 0, 0, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return asked


def test_a_name_is_resolved_once_and_what_was_checked_is_connected_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Public at the first look-up, private at the next: a rebinding name.
    asked = resolving(monkeypatch, rebind=["203.0.113.9", "127.0.0.1"])
    monkeypatch.setattr(addresses, "is_public", lambda a: a == "203.0.113.9")
    with HostileServer({"/": answer()}) as server:
        with pytest.raises(UnreachableError):
            fetch(f"http://rebind.example:{server.port}/", timeout=0.3)
        assert asked == ["rebind.example"]
        assert server.asked == []


def test_a_redirect_to_a_private_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    resolving(monkeypatch, news=["127.0.0.1"], inner=["10.0.0.7"])
    # The test's server plays a public one; everything else is judged as usual.
    usual = is_public
    monkeypatch.setattr(addresses, "is_public", lambda a: a == "127.0.0.1" or usual(a))
    for target in ("http://169.254.169.254/latest/meta-data", "http://inner.example/"):
        with HostileServer({"/": redirect(target)}) as server:
            resolving(
                monkeypatch, news=["127.0.0.1"], inner=["10.0.0.7"], **{"169": ["169.254.169.254"]}
            )
            with pytest.raises(FetchError, match="not a public address"):
                fetch(f"http://news.example:{server.port}/")


def test_one_private_address_among_public_ones_refuses_the_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def look_up(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        return [(0, 0, 0, "", (a, port)) for a in ("93.184.216.34", "10.0.0.1")]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    with pytest.raises(FetchError, match=r"10\.0\.0\.1"):
        fetch("http://mixed.example/")


def test_a_resolver_that_hangs_is_left_at_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    def look_up(*_: object, **__: object) -> None:
        time.sleep(3)
        raise OSError

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    start = time.monotonic()
    with pytest.raises(UnreachableError, match=r"within 0\.2 seconds"):
        fetch("http://slow.example/", timeout=0.2)
    assert time.monotonic() - start < 2


def test_a_name_without_an_address() -> None:
    with pytest.raises(UnreachableError, match="cannot be resolved"):
        fetch("http://nowhere.invalid/")
