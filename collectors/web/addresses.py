"""Only addresses of the public internet: checked where the connection is made."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import threading
from collections.abc import Iterable
from typing import Any

import httpcore2
from httpcore2 import AsyncNetworkBackend, AsyncNetworkStream

_NEVER = tuple(
    ipaddress.ip_network(net)
    # Translation and tunnel prefixes embed IPv4 addresses, yet count as global.
    for net in (
        *("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "fec0::/10", "::/96"),
        *("100.64.0.0/10", "0.0.0.0/8", "168.63.129.16/32"),
    )
)


class Refused(Exception):
    """An address that is not on the public internet."""


class UnknownHost(Exception):
    """A host name without an address."""


def is_public(address: str) -> bool:
    """Whether an IP address (text) is an ordinary one of the public internet."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    blocked = any(ip in net for net in _NEVER if net.version == ip.version)
    return ip.is_global and not ip.is_multicast and not blocked


class CheckedBackend(AsyncNetworkBackend):
    """Resolves a name once, checks every address, connects to the ones it checked."""

    def __init__(self, inner: AsyncNetworkBackend, *, allow_private: bool) -> None:
        self._inner = inner
        self._allow_private = allow_private

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> AsyncNetworkStream:
        """Connect to ``host``. Raises Refused, UnknownHost or the connection's error."""
        addresses = await _resolve(host, port)
        if not self._allow_private and (bad := [a for a in addresses if not is_public(a)]):
            raise Refused(f"{host} leads to {bad[0]}, which is not a public address")
        failure: Exception = UnknownHost(host)
        for address in addresses:
            try:
                return await self._inner.connect_tcp(
                    address, port, timeout, local_address, socket_options
                )
            except (httpcore2.ConnectError, OSError) as error:
                failure = error
        raise failure

    async def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> AsyncNetworkStream:
        """Never: a unix socket is not an http(s) address."""
        raise Refused("a unix socket is not an http(s) address")

    async def sleep(self, seconds: float) -> None:
        """Let other work go on for ``seconds``."""
        await self._inner.sleep(seconds)


async def _resolve(host: str, port: int) -> list[str]:
    # A thread of its own: a resolver that hangs must neither outlive the deadline
    # (as the loop's executor would) nor take the place of other look-ups.
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[list[str]] = loop.create_future()

    def settle(found: list[str] | None) -> None:
        if answer.done():
            return
        if found:
            answer.set_result(found)
        else:
            answer.set_exception(UnknownHost(host))

    def look_up() -> None:
        found = None
        try:
            entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found = list(dict.fromkeys(str(entry[4][0]) for entry in entries))
        except (OSError, UnicodeError):
            pass
        finally:
            loop.call_soon_threadsafe(settle, found)

    threading.Thread(target=look_up, name="moneygood-dns", daemon=True).start()
    return await answer
