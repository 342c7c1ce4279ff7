"""Every parser of bytes that nobody vouches for, and inputs to start from.

A new parser is one line in ``PARSERS``: how it is called and its own seed. Real
files, where ``../shared/data`` is there, are added to the seeds.
"""

from __future__ import annotations

import io
import zipfile
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from moneygood.collectors.sources import Source, SourceKind
from moneygood.errors import CollectError
from moneygood.records import Collected

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SOURCE = Source("fuzz", SourceKind.FEED, url="https://wire.example/rss")
LARGEST_SEED = 120_000
SEEDS_PER_PATTERN = 40
SLOW_LIBRARIES = frozenset({"article", "html", "pdf", "docx", "eml"})
"""Parsers whose libraries can be made slow: bounded by the worker they run in."""


@dataclass(frozen=True, slots=True)
class Parser:
    """One parser: ``call`` on bytes, seeds written here, patterns of real files."""

    call: Callable[[bytes], object]
    seeds: tuple[bytes, ...]
    real: tuple[str, ...] = ()

    def inputs(self, shared: Path | None = None) -> list[bytes]:
        """The seeds; with ``shared`` also real files, the larger ones shortened."""
        found = list(self.seeds)
        for pattern in self.real if shared else ():
            assert shared is not None
            paths = sorted(p for p in shared.glob(pattern) if p.is_file())
            paths = paths[:: max(1, len(paths) // SEEDS_PER_PATTERN)]
            found += [_shorter(path.read_bytes()) for path in paths]
        return found


def _shorter(data: bytes) -> bytes:
    """A large file with fewer entries or rows, still whole."""
    if len(data) <= LARGEST_SEED:
        return data
    for end in (b"</entry>", b"</item>", b"},", b"\n"):
        at, last = data.rfind(end, 0, LARGEST_SEED // 4), data.rfind(end)
        if at != -1:
            return data[:at] + data[last:]
    return data[:LARGEST_SEED]


def outcome(result: object) -> Counter[str]:
    """What a parser gave back, counted by sort; nothing at all counts as ``silent``."""
    found: Counter[str] = Counter()
    if isinstance(result, Collected):
        for name in ("documents", "observations", "failures", "skips"):
            found[name] += len(getattr(result, name))
    elif result is None:
        found["none"] += 1
    else:
        found["values"] += 1
    return +found or Counter(silent=1)


def run(parser: Parser, data: bytes) -> Counter[str]:
    """One input through one parser; a CollectError counts as a failure, the rest escapes."""
    try:
        return outcome(parser.call(data))
    except CollectError:
        return Counter(failures=1)


def run_named(name: str, data: bytes) -> Counter[str]:
    """``run`` as a worker can be asked for it."""
    return run(PARSERS[name], data)


def _feed(data: bytes) -> object:
    from moneygood.collectors.news.feeds import parse_feed

    return parse_feed(data, source=SOURCE, now=NOW)


def _article(data: bytes) -> object:
    from moneygood.collectors.news.articles import parse_article

    return parse_article(data, source="fuzz", now=NOW)


def _sitemap(data: bytes) -> object:
    from moneygood.collectors.news.sitemaps import parse_sitemap

    return parse_sitemap(data, source=SOURCE, now=NOW).found


def _gdelt(data: bytes) -> object:
    from moneygood.collectors.news.gdelt import parse_gdelt

    return parse_gdelt(data, source=SOURCE, now=NOW)


def _hackernews(data: bytes) -> object:
    from moneygood.collectors.news.hackernews import parse_hackernews

    return parse_hackernews(data, source=SOURCE, now=NOW)


def _companies(data: bytes) -> object:
    from moneygood.collectors.news.edgar_filings import parse_companies

    return parse_companies(data)


def _submissions(data: bytes) -> object:
    from moneygood.collectors.news.edgar_filings import parse_submissions

    return parse_submissions(data, cik=1)


def _edgar_header(data: bytes) -> object:
    from moneygood.collectors.news.edgar_filings import parse_header

    return parse_header(data)


def _exhibit(data: bytes) -> object:
    from moneygood.collectors.news.edgar_texts import parse_discussion, parse_exhibit

    with suppress(CollectError):
        parse_exhibit(data)
    return parse_discussion(data)


def _call(data: bytes) -> object:
    from moneygood.collectors.calls.transcript import parse_call

    return parse_call(data, source="fuzz", now=NOW, name="TRND_2024_Q4.txt")


def _file(suffix: str) -> Callable[[bytes], object]:
    def read(data: bytes) -> object:
        from moneygood.collectors.files.folders import Import, parse_file

        job = Import(source_name=None, now=NOW)
        return parse_file(Path(f"2025-01-27-note{suffix}"), suffix, data, "fuzz", job)

    return read


def _treasury_csv(data: bytes) -> object:
    from moneygood.collectors.series.yields import parse_treasury_csv

    return parse_treasury_csv(data, source="fuzz", now=NOW)


def _treasury_xml(data: bytes) -> object:
    from moneygood.collectors.series.yields import parse_treasury_xml

    return parse_treasury_xml(data, source="fuzz", now=NOW)


def _fred_csv(data: bytes) -> object:
    from moneygood.collectors.series.yields import parse_fred_csv

    return parse_fred_csv(data, source="fuzz", series="y10", now=NOW)


def _fred_json(data: bytes) -> object:
    from moneygood.collectors.series.fred_api import parse_fred_api

    return parse_fred_api(data, source="fuzz", series="y10", now=NOW).collected


def _prices(data: bytes) -> object:
    from moneygood.collectors.series.prices import parse_prices

    return parse_prices(data, source="fuzz", now=NOW, name="TRND.csv")


def _tiingo(data: bytes) -> object:
    from moneygood.collectors.series.tiingo import parse_tiingo

    return parse_tiingo(data, source="fuzz", ticker="TRND", now=NOW)


def _opml(data: bytes) -> object:
    from moneygood.collectors.opml import read_opml

    return read_opml(data, "feeds.opml")


def _robots(data: bytes) -> object:
    from protego import Protego

    return Protego.parse(data.decode("utf-8", "replace")).can_fetch("https://a.example/x", "b")


def _dates(data: bytes) -> object:
    from moneygood.collectors.dates import as_day, has_time, order_of, parse_date, settle

    lines = data.decode("utf-8", "replace").splitlines()[:200]
    order_of(lines)
    for line in lines:
        parse_date(line), settle(line, NOW), as_day(line), has_time(line)
    return len(lines)


def _urls(data: bytes) -> object:
    from moneygood.collectors.text import http_url
    from moneygood.urls import canonical

    lines = data.decode("utf-8", "surrogateescape").splitlines()[:200]
    for line in lines:
        once = canonical(line)
        assert canonical(once) == once, line
        http_url(line)
    return len(lines)


def _text(data: bytes) -> object:
    from moneygood.collectors.text import decode, plain

    return plain(decode(data)[0])


FEED = b"""<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"
 xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:media="http://search.yahoo.com/mrss/"><channel><title>Wire</title>
<language>en-us</language><item><title>Tern lifts spending &amp; holds margin</title>
<guid isPermaLink="false">t-1</guid><link>https://wire.example/1?utm_source=rss</link>
<pubDate>Mon, 27 Jan 2025 09:30:00 EST</pubDate><description>Short.</description>
<content:encoded><![CDATA[<p>The long <b>text</b> of it.</p>]]></content:encoded></item>
<item><title>Second</title><media:description>Picture.</media:description></item></channel></rss>"""
ATOM = b"""<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en">
<title>Desk</title><entry><id>urn:1</id><title type="html">Yields &lt;b&gt;fall&lt;/b&gt;</title>
<link rel="alternate" href="https://desk.example/1"/><updated>2025-01-28T10:00:00Z</updated>
<published>2025-01-27T09:30:00+01:00</published><content type="xhtml">
<div xmlns="http://www.w3.org/1999/xhtml"><p>Words of it.</p></div></content></entry></feed>"""
PAGE = (
    b'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Tern lifts spending'
    b'</title><meta property="article:published_time" content="2025-01-27T09:30:00Z">'
    b'<script type="application/ld+json">{"datePublished": "2025-01-27"}</script></head><body>'
    b"<article><h1>Tern lifts spending</h1><p>The maker of halls said on Monday that it would "
    b"spend more next year than it had planned in spring.</p><p>Its treasurer told holders that "
    b"orders had come in above what the plant can build.</p><table><tr><td>1</td></tr></table>"
    b"</article><footer>About us</footer></body></html>"
)
CALL = b"""Tern Data (TRND) Q4 2024 Earnings Call
Jan 30, 2025, 5:00 p.m. ET

Prepared Remarks:

Operator

Good day and welcome to the call.

Ada Alder -- Chief Executive Officer

Thank you. We will spend more on halls next year.

Questions and Answers:

Ben Birch -- Northgate -- Analyst

Why spend so much?

Ada Alder -- Chief Executive Officer

Because orders keep coming.
"""
MARKDOWN = b"""---
title: Tern lifts spending
date: 2025-01-27
tags: [halls, "power"]
---
# Tern lifts spending

Orders [kept coming](https://wire.example/1), *it said*.
> quoted
"""
JSON = (
    b'[{"title": "Tern lifts spending", "text": "Orders kept coming.", "published": '
    b'"2025-01-27T09:30:00Z", "url": "https://wire.example/1", "tickers": ["TRND"]},'
    b'{"title": "Call", "turns": [{"speaker": "Ada Alder", "role": "management", '
    b'"section": "qa", "text": "Yes."}]}]'
)
JSONL = (
    b'{"title": "One", "text": "Words of it.", "date": "2025-01-27"}\n'
    b'{"title": "Two", "summary": "More words.", "published": 1737970200}\n'
)
CSV = b'title,text,date,url\n"Tern, again","It said ""yes"".",2025-01-27,https://wire.example/1\n'
TREASURY_CSV = (
    b'Date,"1 Mo","2 Yr","10 Yr","30 Yr"\n01/29/2025,4.37,4.19,4.55,\n'
    b"01/28/2025,N/A,4.18,4.55,4.77\n"
)
TREASURY_XML = b"""<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom"
 xmlns:d="http://schemas.microsoft.com/ado/2007/08/dataservices"
 xmlns:m="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata"><entry><content>
<m:properties><d:NEW_DATE m:type="Edm.DateTime">2025-01-29T00:00:00</d:NEW_DATE>
<d:BC_2YEAR m:type="Edm.Double">4.19</d:BC_2YEAR><d:BC_10YEAR m:type="Edm.Double">4.55</d:BC_10YEAR>
<d:BC_30YEAR m:null="true" /></m:properties></content></entry></feed>"""
FRED_CSV = b"observation_date,DGS10\n2025-01-28,4.55\n2025-01-29,\n2025-01-30,.\n"
FRED_JSON = (
    b'{"realtime_start": "2025-02-01", "count": 2, "offset": 0, "limit": 100, "observations": '
    b'[{"realtime_start": "2025-01-29", "realtime_end": "9999-12-31", "date": "2025-01-28", '
    b'"value": "4.55"}, {"realtime_start": "2025-01-30", "realtime_end": "9999-12-31", '
    b'"date": "2025-01-29", "value": "."}]}'
)
PRICES = (
    b'\xef\xbb\xbf"Date","Price","Open","Vol.","Change %"\n"01/29/2025","1,234.50","1,230.00",'
    b'"1.2M","0.40%"\n"01/28/2025","1,229.55","1,231.10","0.9M","-0.10%"\n'
)
TIINGO = (
    b'[{"date": "2025-01-28T00:00:00.000Z", "close": 10.5, "adjClose": 5.25, "splitFactor": 1.0,'
    b' "divCash": 0.0}, {"date": "2025-01-29T00:00:00.000Z", "close": 5.3, "adjClose": 5.3}]'
)
OPML = b"""<?xml version="1.0"?><opml version="2.0"><head><title>Feeds</title></head><body>
<outline text="Desk"><outline type="rss" text="Wire" xmlUrl="https://wire.example/rss"/></outline>
<outline type="rss" text="Bad" xmlUrl="javascript:x"/></body></opml>"""
SITEMAP = b"""<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
 xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>https://wire.example/1</loc>
<news:news><news:publication><news:name>Wire</news:name><news:language>en</news:language>
</news:publication><news:publication_date>2025-01-27</news:publication_date>
<news:title>Tern lifts spending</news:title></news:news></url></urlset>"""
EML = b"""From: Desk <desk@wire.example>
To: you@desk.example
Subject: =?utf-8?q?FW=3A_Tern_lifts_spending?=
Date: Mon, 27 Jan 2025 09:30:00 -0500
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="cut"

--cut
Content-Type: text/html; charset=utf-8
Content-Transfer-Encoding: quoted-printable

<p>Orders kept coming, it said=2E</p>
--cut
Content-Type: text/plain; name="note.txt"
Content-Disposition: attachment; filename="note.txt"
Content-Transfer-Encoding: base64

T3JkZXJzIGtlcHQgY29taW5nLg==
--cut--
"""
SNAPSHOT = b"""const articles = [
    {
        "news_id": "wire_1",
        "news_source": "wire",
        "news_source_lang": "en",
        "news_header": "Tern lifts spending on halls.",
        "news_epoch": 1737970200,
        "news_url": "https://wire.example/1"
    }
];
"""
GDELT = (
    b'{"articles": [{"url": "https://wire.example/1", "title": "Tern lifts spending", "seendate": '
    b'"20250127T093000Z", "domain": "wire.example", "language": "English"}]}'
)
HACKERNEWS = (
    b'{"hits": [{"objectID": "1", "title": "Tern lifts spending", "url": "https://wire.example/1",'
    b' "created_at": "2025-01-27T09:30:00Z", "created_at_i": 1737970200, "story_text": null}]}'
)
COMPANIES = b'{"0": {"cik_str": 1, "ticker": "TRND", "title": "Tern Data"}}'
SUBMISSIONS = (
    b'{"name": "Tern Data", "filings": {"recent": {"accessionNumber": ["0000000001-25-000001"], '
    b'"filingDate": ["2025-01-30"], "acceptanceDateTime": ["2025-01-30T16:05:00.000Z"], "form": '
    b'["8-K"], "items": ["2.02,9.01"], "primaryDocument": ["a.htm"]}}}'
)
HEADER = b"""<SEC-HEADER>
<ACCEPTANCE-DATETIME>20250130160500
<TYPE>8-K
</SEC-HEADER>
<DOCUMENT>
<TYPE>EX-99.1
<SEQUENCE>2
<FILENAME>ex991.htm
<DESCRIPTION>RESULTS
</DOCUMENT>
"""
DATES = (
    b"Mon, 27 Jan 2025 09:30:00 EST\n2025-01-27T09:30:00.123+01:00\n01/27/2025\n27.1.2025\n"
    b"Jan 30, 2025, 5:00 p.m. ET\n1737970200\nMon Jan 27 09:30:00 2025\n20250127\n"
)
URLS = (
    b"https://www.wire.example:443/a/../b/?utm_source=x&id=1#top\nhttp://m.wire.example/%7ea%2fb\n"
    b"https://www.google.com/url?q=https%3A%2F%2Fwire.example%2F1&sa=t\njavascript:alert(1)\n"
    b"https://news.google.com/rss/articles/CBMiGWh0dHBzOi8vd2lyZS5leGFtcGxlL29uZdIBAA?oc=5\n"
)


def docx() -> bytes:
    """A Word file of two paragraphs."""
    import docx as word

    document = word.Document()
    document.add_heading("Tern lifts spending", 1)
    document.add_paragraph("Orders kept coming, it said.")
    document.add_table(1, 2)
    out = io.BytesIO()
    document.save(out)
    small = io.BytesIO()
    with zipfile.ZipFile(out) as source, zipfile.ZipFile(small, "w") as target:
        for name in source.namelist():
            if not name.endswith((".jpeg", ".png")):
                # Stored: damage reaches the XML instead of breaking the packing.
                target.writestr(name, source.read(name))
    return small.getvalue()


def pdf(text: str = "Orders kept coming, it said on Monday, and more.") -> bytes:
    """A PDF of one page."""
    stream = f"BT /F1 12 Tf 72 700 Td ({text}) Tj ET".encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /Title (Tern lifts spending) /CreationDate (D:20250127093000Z) >>",
    ]
    data = b"%PDF-1.4\n"
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    trailer = b"trailer << /Size %d /Root 1 0 R /Info 6 0 R >>" % size
    return data + b"xref\n0 %d\n0000000000 65535 f \n%s%s\nstartxref\n%d\n%%%%EOF" % (
        size, table, trailer, len(data),
    )  # fmt: skip


_FEEDS = ("feeds/feedparser_illformed/**/*.xml", "feeds/feedparser_encoding/*.xml",
          "feeds/real/test/input/*.*")  # fmt: skip
_CALLS = ("transcripts/speaker_turns/**/*.*", "transcripts/segmented/*.txt")
PARSERS: dict[str, Parser] = {
    "feed": Parser(_feed, (FEED, ATOM), _FEEDS),
    "article": Parser(_article, (PAGE,)),
    "call": Parser(_call, (CALL,), _CALLS),
    "txt": Parser(_file(".txt"), (CALL, b"A note.\n\nOrders kept coming.\n"), _CALLS[1:]),
    "markdown": Parser(_file(".md"), (MARKDOWN,), ("news/articles_feb2025/*/*.md",)),
    "html": Parser(_file(".html"), (PAGE,)),
    "json": Parser(_file(".json"), (JSON,)),
    "jsonl": Parser(_file(".jsonl"), (JSONL,)),
    "csv": Parser(_file(".csv"), (CSV, TREASURY_CSV, FRED_CSV)),
    "snapshot": Parser(_file(".js"), (SNAPSHOT,), ("news/snapshots_feb2025/*.js",)),
    "pdf": Parser(_file(".pdf"), (pdf(),)),
    "docx": Parser(_file(".docx"), (docx(),)),
    "eml": Parser(_file(".eml"), (EML,)),
    "treasury_csv": Parser(
        _treasury_csv, (TREASURY_CSV,), ("treasury/csv/*.csv", "treasury/wire_fred/*.md")
    ),
    "treasury_xml": Parser(_treasury_xml, (TREASURY_XML,), ("treasury/wire_xml/*.xml",)),
    "fred_csv": Parser(_fred_csv, (FRED_CSV,), ("treasury/wire_fred/*.csv",)),
    "fred_json": Parser(_fred_json, (FRED_JSON,), ("treasury/wire_fred/*.json",)),
    "prices": Parser(_prices, (PRICES,), ("prices/**/*.csv",)),
    "tiingo": Parser(_tiingo, (TIINGO,)),
    "opml": Parser(_opml, (OPML,)),
    "sitemap": Parser(_sitemap, (SITEMAP,)),
    "gdelt": Parser(_gdelt, (GDELT,)),
    "hackernews": Parser(_hackernews, (HACKERNEWS,)),
    "edgar_companies": Parser(_companies, (COMPANIES,)),
    "edgar_submissions": Parser(_submissions, (SUBMISSIONS,)),
    "edgar_header": Parser(_edgar_header, (HEADER,)),
    "edgar_texts": Parser(_exhibit, (PAGE,)),
    "robots": Parser(_robots, (b"User-agent: *\nDisallow: /x*y$\nCrawl-delay: 2\n",)),
    "dates": Parser(_dates, (DATES,)),
    "urls": Parser(_urls, (URLS,)),
    "text": Parser(_text, (PAGE, FEED)),
}


def names(chosen: Sequence[str] = ()) -> list[str]:
    """The parsers of that name, or all."""
    return [name for name in PARSERS if not chosen or name in chosen]
