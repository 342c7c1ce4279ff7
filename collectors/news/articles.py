"""Article pages: HTML bytes to one document."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from moneygood.collectors.dates import changed_at, parse_date
from moneygood.collectors.documents import MAX_TEXT, make_document
from moneygood.collectors.news.speeches import official, own_text, read_speech
from moneygood.collectors.text import decode, http_url, one_line, plain, tidy
from moneygood.records import Collected, Document, Failure, Kind

log = logging.getLogger(__name__)

_DATE_META = (
    "article:published_time",
    "og:article:published_time",
    "og:published_time",
    "datepublished",
    "dc.date.issued",
    "dc.date",
    "dcterms.created",
    "date",
    "pubdate",
    "publishdate",
    "parsely-pub-date",
    "sailthru.date",
)
_CHANGED_META = (
    "article:modified_time",
    "og:article:modified_time",
    "og:updated_time",
    "og:modified_time",
    "datemodified",
    "dcterms.modified",
    "dc.date.modified",
    "last-modified",
)
_NAME_DATE = re.compile(r"(?<!\d)((?:19|20)\d{2})[-_]?([01]\d)[-_]?([0-3]\d)(?!\d)")
_SPEECH = re.compile(r"\bspeech(?:es)?\b|\bremarks\b|\btestimony\b", re.I)
_UNREADABLE = "Save the page as text, or drop it."
_MIN_TEXT = 80


def parse_article(
    data: bytes,
    *,
    source: str,
    now: datetime,
    url: str = "",
    name: str = "",
    content_type: str = "",
    kind: Kind = Kind.NEWS,
    tickers: tuple[str, ...] = (),
    history: bool = False,
) -> Collected:
    """The article of an HTML page, or a Failure when there is none.

    ``name`` is the file name, the last resort for the date; ``url`` is where
    the page came from unless it names its own canonical address.
    """
    subject = url or name or "page"

    def failed(reason: str, remedy: str = _UNREADABLE) -> Collected:
        return Collected(source, failures=(Failure(source, subject, reason, remedy),))

    if len(data) > MAX_TEXT:
        return failed(f"larger than the limit of {MAX_TEXT // 1_000_000} MB for one page")
    if not data.strip():
        return failed("the page is empty")
    text, note = decode(data, content_type)
    try:
        page = _read(text)
    except Exception as error:
        log.info("article parser failed on %s", subject, exc_info=True)
        return failed(f"the HTML parser failed ({type(error).__name__})")
    if page is None or len(page["text"]) < _MIN_TEXT:
        return failed(
            "no article text found on the page",
            "It may need a login or JavaScript; import its text instead.",
        )
    document = _document(page, subject, source, now, kind, tickers, history, note, url, name)
    return Collected(source, (document,))


def _document(
    page: dict[str, str],
    subject: str,
    source: str,
    now: datetime,
    kind: Kind,
    tickers: tuple[str, ...],
    history: bool,
    note: str,
    url: str,
    name: str,
) -> Document:
    published = page["date"]
    if not published and (match := _NAME_DATE.search(name)):
        published = "-".join(match.groups())
    speaker, text, title = page["speaker"], page["text"], page["title"]
    if kind is Kind.NEWS and (speaker or _SPEECH.search(page["section"])):
        kind = Kind.SPEECH
    if kind is Kind.SPEECH and not speaker:
        text = own_text(text) or text
    document = make_document(
        source=source,
        kind=kind,
        title=title or name,
        body="" if speaker else text,
        turns=(official(speaker, text),) if speaker else (),
        now=now,
        published=published,
        url=page["url"] or url,
        tickers=tickers,
        history=history,
        notes=(note,),
    )
    changed = changed_at(page["changed"], document.published_at, now)
    return replace(document, modified_at=changed, language=page["lang"])


def _read(text: str) -> dict[str, str] | None:
    import trafilatura
    from lxml import etree  # type: ignore[import-untyped]
    from lxml import html as lxml_html

    parser = lxml_html.HTMLParser(encoding="utf-8", remove_comments=True, huge_tree=False)
    try:
        tree = lxml_html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except etree.ParserError:  # a document without any element
        return None
    meta = _meta(tree)
    facts = {
        "url": http_url(tree.xpath("string(//link[@rel='canonical']/@href)"))
        or http_url(meta.get("og:url")),
        "section": meta.get("article:section", ""),
        "changed": _changed(tree, meta),
        "lang": _language(tree),
    }
    date = _date(tree, meta)
    if speech := read_speech(tree):
        return facts | {
            "text": _without_title(speech.text, speech.title),
            "title": speech.title or one_line(plain(meta.get("og:title", ""))),
            "date": speech.date if parse_date(speech.date) else date,
            "speaker": speech.speaker,
        }
    headline = meta.get("og:title") or _first_text(tree, "//h1")
    # Its search for metadata takes most of its time, and quadratic time on hostile pages.
    found: Any = trafilatura.bare_extraction(
        text,
        include_comments=False,
        include_tables=False,
        with_metadata=not (headline and date),
    )
    if found is None or not found.text:
        return None
    headline = headline or found.title or ""
    return facts | {
        "text": _without_title(tidy(found.text), headline),
        "title": one_line(plain(headline)),
        "date": date or found.date or "",
        "speaker": "",
    }


def _without_title(text: str, title: str) -> str:
    first, _, rest = text.partition("\n")
    return rest if rest and one_line(first) == one_line(plain(title)) else text


def _meta(tree: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    for node in tree.xpath("//meta[@content]"):
        key = node.get("property") or node.get("name") or node.get("itemprop") or ""
        found.setdefault(key.strip().lower(), node.get("content", "").strip())
    return found


def _first_text(tree: Any, path: str) -> str:
    nodes = tree.xpath(path)
    return one_line(nodes[0].text_content()) if nodes else ""


def _date(tree: Any, meta: dict[str, str]) -> str:
    candidates = [meta[key] for key in _DATE_META if meta.get(key)]
    candidates += [
        raw
        for script in tree.xpath("//script[@type='application/ld+json']/text()")
        for raw in _json_dates(script, "datePublished")
    ]
    candidates += tree.xpath("//*[@itemprop='datePublished']/@datetime")
    candidates += tree.xpath("//article//time/@datetime") or tree.xpath("//time/@datetime")
    candidates += [one_line(t) for t in tree.xpath("//time/text()")]
    return next((str(raw) for raw in candidates if parse_date(str(raw))), "")


def _changed(tree: Any, meta: dict[str, str]) -> str:
    candidates = [meta[key] for key in _CHANGED_META if meta.get(key)]
    candidates += [
        raw
        for script in tree.xpath("//script[@type='application/ld+json']/text()")
        for raw in _json_dates(script, "dateModified")
    ]
    candidates += tree.xpath("//*[@itemprop='dateModified']/@datetime")
    return next((str(raw) for raw in candidates if parse_date(str(raw))), "")


def _language(tree: Any) -> str:
    """The code in ``<html lang>``, without region: the page's word, often a template's."""
    said = (
        tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang") or ""
    ).lower()
    code = re.match(r"[a-z]{2}(?=$|[-_])", said.strip())
    return code.group() if code else ""


def _json_dates(script: str, name: str) -> Iterator[str]:
    try:
        pending = [json.loads(script)]
    except (ValueError, RecursionError):
        return
    while pending:
        node = pending.pop()
        if isinstance(node, list):
            pending.extend(node)
        elif isinstance(node, dict):
            if isinstance(node.get(name), str):
                yield node[name]
            pending.extend(v for v in node.values() if isinstance(v, list | dict))
