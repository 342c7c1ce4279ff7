"""A real HTTP server on this machine that answers as badly as a test wants.

    with HostileServer({"/drip": drip(b"x", 0.1)}) as server:
        fetch(server.url + "/drip", allow_private=True)

Each connection gets one request, one answer (bytes on the socket, no library in
between) and is closed. ``server.asked`` holds what was asked, in order.
"""

from __future__ import annotations

import contextlib
import gzip
import itertools
import socket
import struct
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Asked:
    """One request: path with query, header names in lower case."""

    path: str
    headers: dict[str, str] = field(default_factory=dict)


Answer = Callable[[socket.socket, Asked], None]


def answer(status: int = 200, body: bytes = b"", **headers: str) -> Answer:
    """A proper answer; ``Retry_After="3"`` becomes the header Retry-After."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    named.setdefault("Content-Length", str(len(body)))
    lines = "".join(f"{name}: {value}\r\n" for name, value in named.items())
    return raw(f"HTTP/1.1 {status} X\r\n{lines}\r\n".encode() + body)


def redirect(target: str, status: int = 302) -> Answer:
    """A redirect to ``target``."""
    return answer(status, Location=target)


def raw(data: bytes) -> Answer:
    """These bytes as they are, then the end of the connection."""
    return lambda connection, _: connection.sendall(data)


def endless(pieces: Iterable[bytes], pause: float = 0.0) -> Answer:
    """Piece after piece, ``pause`` seconds apart, until the client goes away."""

    def send(connection: socket.socket, _: Asked) -> None:
        for piece in pieces:
            connection.sendall(piece)
            time.sleep(pause)

    return send


def drip(start: bytes, pause: float = 0.05) -> Answer:
    """``start``, then one byte at a time for ever."""
    return endless(itertools.chain((start,), itertools.repeat(b"x")), pause)


def silent(_connection: socket.socket, _asked: Asked) -> None:
    """Takes the request and says nothing for a while."""
    time.sleep(2)


def reset(data: bytes) -> Answer:
    """``data``, then a reset (RST) instead of an end."""

    def send(connection: socket.socket, _: Asked) -> None:
        connection.sendall(data)
        time.sleep(0.05)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    return send


def in_turn(*answers: Answer) -> Answer:
    """The first answer to the first request and so on; the last one stays."""
    left = list(answers)
    lock = threading.Lock()

    def send(connection: socket.socket, asked: Asked) -> None:
        with lock:
            now = left.pop(0) if len(left) > 1 else left[0]
        now(connection, asked)

    return send


def echo(header: str) -> Answer:
    """The value of a request header as the body."""

    def send(connection: socket.socket, asked: Asked) -> None:
        answer(body=asked.headers.get(header, "").encode())(connection, asked)

    return send


def gzip_bomb(megabytes: int, *, twice: bool = False) -> bytes:
    """That many megabytes of zeros, packed once or twice (built without holding them)."""
    pack = zlib.compressobj(wbits=31)
    zeros = bytes(1_000_000)
    packed = b"".join(pack.compress(zeros) for _ in range(megabytes)) + pack.flush()
    return gzip.compress(packed) if twice else packed


class HostileServer:
    """Answers by path (without its query); anything else is a 404."""

    def __init__(self, routes: dict[str, Answer]) -> None:
        self.routes = routes
        self.asked: list[Asked] = []
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=200)
        self.port: int = self._socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> HostileServer:
        threading.Thread(target=self._listen, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        # A shutdown wakes the thread in accept(); a close alone does not.
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def paths(self) -> list[str]:
        """What was asked for so far."""
        return [asked.path for asked in self.asked]

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            connection.settimeout(10)
            asked = _request(connection)
            self.asked.append(asked)
            self.routes.get(asked.path.partition("?")[0], answer(404))(connection, asked)


def _request(connection: socket.socket) -> Asked:
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65_536)
        if not piece:
            raise OSError("the client left")
        data += piece
    first, *lines = data.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
    return Asked(first.split(" ")[1], dict(_headers(lines)))


def _headers(lines: list[str]) -> Iterator[tuple[str, str]]:
    for line in lines:
        name, _, value = line.partition(":")
        yield name.strip().lower(), value.strip()
