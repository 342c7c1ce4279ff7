"""How fast feeds are collected, and how much of it is the feed parser.

    python -m bench.collect [--feeds 1000] [--items 50] [--parallel 32]

A local server answers for as many hosts as there are feeds (all of 127/8 is
loopback), so that the pace per host does not hide the cost of the rest. Three
passes: all new; nothing new, the server says so (304); nothing new, the server
sends everything again. Beside it feedparser alone on the same bytes in one
process, without fetching, storing or clustering: what a reader would pay who
only parses.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import multiprocessing
import random
import resource
import tempfile
import time
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path

from moneygood import gather
from moneygood.collectors.sources import Source, SourceKind
from moneygood.gather import Manners, collect_sources
from moneygood.store import Store

NOW = datetime(2025, 3, 3, 15, 0, tzinfo=UTC)
WORDS = (
    "halls power chips rates bonds demand supply growth spending budget margin loans yields",
    "models tokens prices orders revenue capital grid turbines permits workers contracts",
)


def feed(number: int, items: int) -> bytes:
    """An RSS feed of invented items, the same for the same number."""
    chance = random.Random(number)
    words = " ".join(WORDS).split()
    parts = []
    for i in range(items):
        moment = NOW - timedelta(minutes=chance.randint(1, 10_000))
        body = " ".join(chance.choices(words, k=60)) + f" {number}-{i}"
        parts.append(
            f"<item><title>{' '.join(chance.choices(words, k=9))} {number}-{i}</title>"
            f"<link>https://n{number}.example/{i}</link><guid>{number}-{i}</guid>"
            f"<pubDate>{moment:%a, %d %b %Y %H:%M:%S} GMT</pubDate>"
            f"<description>&lt;p&gt;{body}&lt;/p&gt;</description></item>"
        )
    head = f"<title>Outlet {number}</title><link>https://n{number}.example/</link>"
    text = (
        f'<?xml version="1.0"?><rss version="2.0"><channel>{head}{"".join(parts)}</channel></rss>'
    )
    return text.encode()


def serve(pipe: Connection, feeds: int, items: int) -> None:
    """Answer ``/N`` with feed N, ``/fresh/N`` without looking at validators."""
    bodies = [feed(n, items) for n in range(feeds)]
    tags = [hashlib.md5(body).hexdigest() for body in bodies]

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            number = int(request.split(" ", 2)[1].rpartition("/")[2])
            known = f'"{tags[number]}"' in request and "/fresh/" not in request
            body = b"" if known else bodies[number]
            status = "304 Not Modified" if known else "200 OK"
            head = (
                f"HTTP/1.1 {status}\r\nContent-Type: application/rss+xml; charset=utf-8\r\n"
                f'ETag: "{tags[number]}"\r\nContent-Length: {len(body)}\r\n'
                "Connection: close\r\n\r\n"
            )
            writer.write(head.encode() + body)
            await writer.drain()
        finally:
            writer.close()

    async def main() -> None:
        server = await asyncio.start_server(answer, "0.0.0.0", 0, backlog=1024)
        pipe.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(main())


def sources(feeds: int, port: int, path: str) -> list[Source]:
    """One source a feed, each on a host of its own."""
    return [
        Source(
            f"feed-{n:04}",
            SourceKind.FEED,
            url=f"http://127.1.{n // 250}.{n % 250 + 1}:{port}{path}{n}",
            allow_private=True,
        )
        for n in range(feeds)
    ]


def feedparser_alone(feeds: int, items: int) -> float:
    """Seconds feedparser takes on the same bytes, in this process."""
    import io

    import feedparser

    some = min(feeds, 100)
    bodies = [feed(n, items) for n in range(some)]
    start = time.perf_counter()
    for body in bodies:
        feedparser.parse(io.BytesIO(body), sanitize_html=False, resolve_relative_uris=False)
    return (time.perf_counter() - start) * feeds / some


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--feeds", type=int, default=1000)
    parser.add_argument("--items", type=int, default=50)
    parser.add_argument("--parallel", type=int, default=32)
    options = parser.parse_args()
    here, there = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(
        target=serve, args=(there, options.feeds, options.items), daemon=True
    )
    server.start()
    port = here.recv()
    alone = feedparser_alone(options.feeds, options.items)
    total = options.feeds * options.items
    clustering = 0.0
    plain = gather.cluster_documents

    def timed(store: Store) -> int:
        nonlocal clustering
        start = time.perf_counter()
        done = plain(store)
        clustering = time.perf_counter() - start
        return done

    gather.cluster_documents = timed
    manners = Manners(parallel=options.parallel)
    print(f"{options.feeds} feeds of {options.items} items, {options.parallel} at once")
    print(f"{'pass':28} {'seconds':>8} {'items/s':>8} {'clusters':>9} {'new':>7} {'peak MB':>8}")
    print(f"{'feedparser alone':28} {alone:8.1f} {total / alone:8.0f}")
    with tempfile.TemporaryDirectory() as folder, Store(Path(folder) / "a.db") as store:
        passes = (("all new", "/", 0), ("again, 304", "/", 1), ("again, sent whole", "/fresh/", 2))
        for name, path, hours in passes:
            start = time.perf_counter()
            done = collect_sources(
                store,
                sources(options.feeds, port, path),
                now=NOW + timedelta(hours=hours),
                manners=manners,
            )
            seconds = time.perf_counter() - start
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(
                f"{name:28} {seconds:8.1f} {total / seconds:8.0f} {clustering:9.1f}"
                f" {done.new:7} {peak:8.0f}  failed {done.failed}"
            )
        children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    server.terminate()
    server.join()
    print(f"largest child process {children:.0f} MB")


if __name__ == "__main__":
    main()
