"""Connections shared by every fetch of the process: one event loop, one TLS context.

A loop and a TLS context for each fetch would cost some 20 ms each time, and every
page of a host another handshake.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import os
import ssl
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from typing import Any, TypeVar

import httpcore2
import httpx2

from moneygood.collectors.web.addresses import CheckedBackend
from moneygood.collectors.web.masking import masked

T = TypeVar("T")
_KEEP = 64
_KEEP_SECONDS = 15.0
_lock = threading.Lock()
_loop: asyncio.AbstractEventLoop | None = None


class _Masked(logging.Filter):
    """The library's log of what servers answer, addresses they redirect to among it."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Mask keys and passwords; nothing is left out."""
        record.msg = masked(str(record.msg))
        return True


logging.getLogger("httpcore2.http11").addFilter(_Masked())


def run(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run ``work`` on the shared loop and wait for its result; from any thread."""
    future = asyncio.run_coroutine_threadsafe(work(), _shared_loop())
    try:
        return future.result()
    except BaseException:
        future.cancel()
        raise


def _shared_loop() -> asyncio.AbstractEventLoop:
    global _loop
    with _lock:
        if _loop is None:
            _loop = asyncio.new_event_loop()
            threading.Thread(target=_loop.run_forever, name="moneygood-web", daemon=True).start()
        return _loop


def _forget() -> None:
    """Give a forked child its own loop and connections."""
    global _loop, _lock
    _lock = threading.Lock()
    _loop = None
    Connections.shared.cache_clear()


class Connections:
    """A pool of connections to checked addresses."""

    def __init__(self, *, allow_private: bool) -> None:
        backend = CheckedBackend(httpcore2.AnyIOBackend(), allow_private=allow_private)
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=tls(),
            max_connections=None,
            max_keepalive_connections=_KEEP,
            keepalive_expiry=_KEEP_SECONDS,
            network_backend=backend,
        )

    @staticmethod
    @functools.cache
    def shared(allow_private: bool) -> Connections:
        """The pool of this process; use it on the shared loop alone."""
        return Connections(allow_private=allow_private)

    @contextlib.asynccontextmanager
    async def get(
        self, url: httpx2.URL, headers: Mapping[str, str]
    ) -> AsyncIterator[httpx2.Response]:
        """One GET, no redirects followed; the body is read by ``aiter_bytes``."""
        asked = httpx2.Request("GET", url, headers=dict(headers))
        answer = await self._first_answer(asked)
        try:
            yield httpx2.Response(
                answer.status, headers=answer.headers, stream=_Stream(answer), request=asked
            )
        finally:
            await answer.aclose()

    async def _first_answer(self, asked: httpx2.Request) -> httpcore2.Response:
        # A kept connection may have been closed by the server just now: that says
        # nothing about the server, so another one is tried until one is new.
        while True:
            new = False

            async def note(event: str, _details: Mapping[str, Any]) -> None:
                nonlocal new
                new = new or event == "connection.connect_tcp.started"

            url = asked.url
            request = httpcore2.Request(
                "GET",
                httpcore2.URL(
                    scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
                ),
                headers=asked.headers.raw,
                extensions={"trace": note},
            )
            try:
                return await self._pool.handle_async_request(request)
            except (httpcore2.NetworkError, httpcore2.RemoteProtocolError):
                if new:
                    raise


class _Stream(httpx2.AsyncByteStream):
    def __init__(self, answer: httpcore2.Response) -> None:
        self._answer = answer

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._answer.aiter_stream().__aiter__()


@functools.cache
def tls() -> ssl.SSLContext:
    """The TLS context of every connection: certificates checked, no environment heeded."""
    return httpx2.create_ssl_context(trust_env=False)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
