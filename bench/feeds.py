"""Entries read against entries present: ``python -m bench.feeds ../shared/data/feeds``.

Every file of ``real``, ``feedparser_illformed`` and ``feedparser_encoding``, one
line each, then totals by folder, the dates that were not understood, and how far
``parse_feed`` is from feedparser alone. Entries present are counted in the
decoded text by tag, without a feed parser; the header that a test file names in
its opening comment goes with it.
"""

from __future__ import annotations

import argparse
import codecs
import contextlib
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from moneygood.collectors.dates import NO_DATE
from moneygood.collectors.news.feed_bytes import prepare
from moneygood.collectors.news.feeds import _parse, parse_feed
from moneygood.collectors.sources import Source, SourceKind
from moneygood.collectors.text import decode
from moneygood.records import Collected

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
SOURCE = Source("feed", SourceKind.FEED, url="https://feed.example/rss")
FOLDERS = ("real", "feedparser_illformed", "feedparser_encoding")
_HEADER = re.compile(r"^\s*Header:\s*Content-type:\s*(.+?)\s*$", re.I | re.M)
_EXPECTED = re.compile(r"encoding\s*==\s*['\"]([\w-]+)['\"]", re.I)
_OPENED = re.compile(r"<(?:\w+:)?(?:item|entry)(?=[\s>])", re.I)
_COMMENT = re.compile(r"<!--.*?-->|<!\[CDATA\[.*?\]\]>", re.S)
_SAME = {"gb2312": "gb18030", "iso8859-1": "cp1252", "euc_kr": "cp949", "big5hkscs": "big5"}


@dataclass(frozen=True, slots=True)
class Row:
    """What one file held and what was read of it."""

    folder: str
    name: str
    present: int
    read: int
    titled: int
    dated: int
    encoding: str
    reason: str
    unread_dates: tuple[str, ...] = ()


def present(data: bytes, header: str) -> int:
    """Entries opened in a feed outside comments and character data."""
    text, _ = decode(data, header)
    return len(_OPENED.findall(_COMMENT.sub("", text)))


def encoding_right(data: bytes, header: str) -> str:
    """Whether the bytes decode as the test file expects: yes, no, or - where it is silent."""
    head = data[:1500].replace(b"\0", b"").decode("latin-1")
    expected = _EXPECTED.search(head)
    text, _ = decode(data, header)
    if expected is None:
        return "no" if "\ufffd" in text else "yes"
    return "yes" if text.isascii() or text in _readings(data, expected[1]) else "no"


def _readings(data: bytes, name: str) -> Iterator[str]:
    """What the bytes say in the encoding that a test file names, in either byte order."""
    codec = codecs.lookup(name).name
    wide = codec[:6] in ("utf-16", "utf-32")
    names = (f"{codec[:6]}-le", f"{codec[:6]}-be") if wide else (_SAME.get(codec, codec),)
    marks = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE, codecs.BOM_UTF16_LE,
             codecs.BOM_UTF16_BE, codecs.BOM_UTF8)  # fmt: skip
    mark = next((m for m in marks if data.startswith(m)), b"")
    for each in names:
        with contextlib.suppress(UnicodeDecodeError):
            yield data[len(mark) :].decode(each)


def measure(path: Path, folder: str) -> Row:
    """One file read as a source's answer."""
    data = path.read_bytes()
    named = _HEADER.search(data[:1500].replace(b"\0", b"").decode("latin-1"))
    header = named[1] if named else ""
    found = parse_feed(
        data, source=SOURCE, now=NOW, headers={"content-type": header} if header else None
    )
    documents = found.documents
    dates = [d.published_raw for d in documents if any("not understood" in n for n in d.notes)]
    return Row(
        folder=folder,
        name=path.name,
        present=present(data, header),
        read=len(documents),
        titled=sum(bool(d.title) for d in documents),
        dated=sum(NO_DATE not in d.notes for d in documents) - len(dates),
        encoding=encoding_right(data, header),
        reason=_reason(found),
        unread_dates=tuple(dates),
    )


def _reason(found: Collected) -> str:
    said = [f"{skip.count} {skip.reason}" for skip in found.skips]
    return "; ".join([*said, *(failure.reason for failure in found.failures)])


def best(function: Callable[[], object], times: int) -> float:
    """Least seconds of processor time of a few calls."""
    seconds = []
    for _ in range(times):
        start = time.process_time()
        function()
        seconds.append(time.process_time() - start)
    return min(seconds)


def speed(name: str, data: bytes, times: int) -> None:
    """Print the time of one feed beside that of feedparser alone."""
    feed = prepare(data).data
    alone = best(lambda: _parse(feed), times)
    whole = best(lambda: parse_feed(data, source=SOURCE, now=NOW), times)
    entries = len(parse_feed(data, source=SOURCE, now=NOW).documents)
    print(
        f"{name:32} {entries:6} entries {len(data) / 1e6:5.2f} MB feedparser {alone * 1000:8.1f} ms"
        f"  parse_feed {whole * 1000:8.1f} ms  the rest {100 * (whole - alone) / whole:4.0f}%"
    )


def sample(items: int) -> bytes:
    """A feed of ``items`` entries of about 1 kB, in words of our own."""
    body = "<p>Yields fell &amp; spreads <b>held</b> as buyers kept to their plans.</p>" * 11
    entries = "".join(
        f"<item><title>Story {i}</title><link>https://wire.example/{i}</link><guid>g{i}</guid>"
        f"<pubDate>Mon, 27 Jan 2025 09:{i % 60:02d}:00 GMT</pubDate>"
        f"<description>Short words about {i}.</description></item>"
        if i % 2
        else f"<item><title>Story {i}</title><link>https://wire.example/{i}</link><guid>g{i}</guid>"
        f"<pubDate>Mon, 27 Jan 2025 09:{i % 60:02d}:00 GMT</pubDate>"
        f"<content:encoded><![CDATA[{body}{i}]]></content:encoded></item>"
        for i in range(items)
    )
    head = '<?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/">'
    return f"{head}<channel><title>t</title>{entries}</channel></rss>".encode()


def main() -> None:
    """Print the table, totals by folder, unread dates and speed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("feeds", type=Path)
    root = parser.parse_args().feeds
    rows = [
        measure(path, folder)
        for folder in FOLDERS
        for path in sorted((root / folder).rglob("*.*"))
        if path.is_file()
    ]
    form = "{:22} {:52} {:>7} {:>6} {:>6} {:>6} {:>8}  {}"
    head = ("folder", "file", "present", "read", "titled", "dated", "encoding", "reason")
    print(form.format(*head))
    for row in rows:
        print(form.format(
            row.folder, row.name, row.present, row.read, row.titled, row.dated, row.encoding,
            row.reason,
        ))  # fmt: skip
    for folder in FOLDERS:
        of = [row for row in rows if row.folder == folder]
        total = Counter(encoding=sum(row.encoding == "yes" for row in of))
        for row in of:
            total.update(
                present=row.present, read=row.read, titled=row.titled, dated=row.dated,
                fewer=row.read < row.present,
            )  # fmt: skip
        print(
            f"{folder}: {len(of)} files, {total['present']} entries present, {total['read']} read, "
            f"{total['titled']} titled, {total['dated']} dated, {total['encoding']} encodings "
            f"right, {total['fewer']} files with fewer than present"
        )
    print("dates not understood:", [raw for row in rows for raw in row.unread_dates] or "none")
    speed("50 items of 1 kB", sample(50), 10)
    for path in sorted((root / "real").rglob("*.*")):
        if path.is_file() and path.stat().st_size > 100_000:
            speed(path.name, path.read_bytes(), 2)
    start = time.process_time()
    found = parse_feed(sample(20_000), source=SOURCE, now=NOW)
    print(f"20,000 items: {len(found.documents)} read, {time.process_time() - start:.1f} s")
    plain_items = "".join(
        f"<item><title>Story {i}</title><guid>{i}</guid></item>" for i in range(10**5)
    )
    data = f'<rss version="2.0"><channel>{plain_items}</channel></rss>'.encode()
    start = time.process_time()
    found = parse_feed(data, source=SOURCE, now=NOW)
    print(
        f"100,000 items of {len(data) / 1e6:.1f} MB: {len(found.documents)} read, "
        f"{found.skipped} left out, {time.process_time() - start:.1f} s"
    )


if __name__ == "__main__":
    main()
