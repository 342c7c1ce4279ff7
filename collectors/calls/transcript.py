"""Earnings calls: a page, a text or JSON to one document with speaker turns."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time

from moneygood.collectors.calls.json_turns import JsonCall, read_json_call
from moneygood.collectors.calls.layouts import read_layout
from moneygood.collectors.calls.roles import settle_turns
from moneygood.collectors.dates import NO_DATE, Settled, has_time, parse_date, settle
from moneygood.collectors.documents import MAX_TEXT, make_document
from moneygood.collectors.text import decode, one_line, tidy
from moneygood.market_days import NEW_YORK
from moneygood.records import Collected, Failure, Kind

NO_TIME = "no time in the source: taken as 17:00 New York"
NO_SPEAKERS = "no speakers marked: one running text"
_USUAL = time(17, 0)
_HEAD = 1200

_TICKER = re.compile(
    r"([A-Z][\w.&,'’ \-]{1,60}?)\s*\(\s*(?:NASDAQ|NYSE|NYSEARCA|AMEX|OTC)?\s*:?\s*"
    r"([A-Z]{1,5}(?:\.[A-Z])?)\s*(?:[-+]?[\d.]+%)?\s*\)"
)
_PERIOD = re.compile(r"\bQ([1-4])\s+(?:FY\s?)?(20\d{2})\b|\b(20\d{2})\s*Q([1-4])\b", re.I)
_TITLE = re.compile(
    r"\b(?:(?:earnings|conference|results|update)\b.{0,40}\bcall|transcript)\b", re.I
)
_FILE = re.compile(
    r"^(?:(?P<t1>[A-Z]{1,5})_(?:(?P<y1>20\d{2})_Q(?P<q1>[1-4])|Q(?P<q2>[1-4])_(?P<y2>20\d{2}))"
    r"|(?P<y3>20\d{2})Q(?P<q3>[1-4])_(?P<t3>[A-Z]{1,5}))(?=$|[_.\-])",
    re.I,
)
_CLOCK = r"(?:\s*,?\s*(?:at\s+)?\d{1,2}:\d{2}(?::\d{2})?\s*(?:[ap]\.?m\.?)?\s*(?:[A-Z]{2,4}\b)?)?"
_WHEN = re.compile(
    r"\b20\d{2}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2})?\s*(?:Z|[+-]\d{2}:?\d{2}|[A-Z]{2,4}\b)?)?"
    r"|\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?\s+\d{1,2}"
    r"(?:\s?(?:st|nd|rd|th))?\s*,?\s+20\d{2}" + _CLOCK + r"|\b\d{1,2}/\d{1,2}/(?:20)?\d{2}\b",
    re.I,
)
_TODAY = re.compile(
    r"\b(?:today(?:'s date)?|as of|recorded (?:live )?on|dated|this)\b[^.?!]{0,30}?,?\s"
    r"(?P<day>(?:January|February|March|April|May|June|July|August|September|October|November|"
    r"December)\s+\d{1,2}(?:st|nd|rd|th)?,?\s+20\d{2})\b",
    re.I,
)
_JSON_CALL = re.compile(r'"(?:speaker|prepared_remarks|q_and_a|turns|transcript)"\s*:', re.I)
_OPENING = 3000
_NAME_DATE = re.compile(r"(20\d{2})-?([01]\d)-?([0-3]\d)(?!\d)")
_NAME_TICKER = re.compile(r"^20\d{2}-\d{2}-\d{2}-([a-z]{1,5})-q[1-4]-20\d{2}", re.I)
_URL = re.compile(r"^SOURCE:\s*(https?://\S+)", re.I | re.M)
_COMPANY = re.compile(r"^COMPANY:\s*([A-Z]{1,5})_", re.M)
_NOT_HEADER = re.compile(r"^(?:COMPANY|SOURCE|Image source|Date):", re.I)


def parse_call(
    data: bytes,
    *,
    source: str,
    now: datetime,
    name: str = "",
    tickers: tuple[str, ...] = (),
    url: str = "",
    published: str = "",
    history: bool = False,
) -> Collected:
    """The call in a text, Markdown or JSON file as one transcript document.

    ``name`` is the file name; it fills in ticker, quarter and date where the
    text has none. Without marked speakers the document has a body and no turns.
    """
    if len(data) > MAX_TEXT:
        reason = f"larger than the limit of {MAX_TEXT // 1_000_000} MB for one document"
        failure = Failure(source, name or "call", reason, "Split it into one file a call.")
        return Collected(source, failures=(failure,))
    text, note = decode(data)
    call = _json_call(text)
    if call is not None and call.error:
        reason = f"the service answered with a notice, not a call: {call.error}"
        remedy = "Wait for the service's limit to pass, or check the key."
        return Collected(source, failures=(Failure(source, name or "call", reason, remedy),))
    text = _keep_blank_lines(text)
    if not text.strip():
        failure = Failure(source, name or "call", "the file is empty", "Drop it or fetch it again.")
        return Collected(source, failures=(failure,))
    if call is not None and call.turns:
        turns, spoken = call.turns, True
        header = _header([], name)
        header = replace(
            header, title=call.title or header.title, ticker=call.ticker or header.ticker
        )
        header = replace(header, when=call.published or header.when)
    else:
        layout = read_layout(text)
        turns = settle_turns(layout)
        # A single marked line may be chance; a call has at least two voices.
        spoken = len({turn.speaker for turn in turns}) >= 2
        header = _header(layout.preamble if spoken else text.split("\n")[:8], name)
    opening = " ".join(turn.text[:_OPENING] for turn in turns[:3]) if spoken else text[:_OPENING]
    when = published or header.when or said_today(opening)
    notes = [note] if spoken else [note, NO_SPEAKERS]
    document = make_document(
        source=source,
        kind=Kind.TRANSCRIPT,
        title=header.title,
        body="" if spoken else text,
        turns=turns if spoken else (),
        now=now,
        published=_settled(when, now),
        url=url or header.url,
        tickers=tickers or ((header.ticker,) if header.ticker else ()),
        history=history,
        notes=notes,
    )
    return Collected(source, (document,))


def looks_like_call(text: str, name: str = "") -> bool:
    """Whether a text or its file name is that of an earnings call."""
    if _FILE.match(name):
        return True
    head = text[:3000]
    if head.lstrip()[:1] in ("{", "["):
        return bool(_JSON_CALL.search(head))
    voice = re.search(r"^\W*(?:operator|prepared remarks|presentation)\b", head, re.I | re.M)
    spoken = re.search(r"\boperator\b|\bforward-looking statements\b", head, re.I)
    return bool(_TITLE.search(head) and (voice or spoken))


def named_call(name: str) -> tuple[str, str]:
    """Title and ticker that a file's name gives (``ABC_2025_Q1.json``), or empty texts."""
    header = _header([], name) if _FILE.match(name) else None
    return (header.title, header.ticker) if header else ("", "")


def _json_call(text: str) -> JsonCall | None:
    if text.lstrip("\ufeff \t\r\n")[:1] not in ("{", "["):
        return None
    try:
        return read_json_call(json.loads(text))
    except (ValueError, RecursionError):
        return None


def said_today(words: str) -> str:
    """The day that a call's first words give as today's, or an empty string."""
    match = _TODAY.search(words)
    return match["day"] if match else ""


def _keep_blank_lines(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("&amp;", "&")
    return "\n".join(tidy(line) for line in text.split("\n"))


@dataclass(frozen=True, slots=True)
class _Header:
    title: str
    ticker: str
    when: str
    url: str


def _header(lines: list[str], name: str) -> _Header:
    short = [line for line in lines if 0 < len(line) < 300]
    raw = "\n".join(short)
    flat = one_line(" ".join(line for line in short if not _NOT_HEADER.match(line)))[:_HEAD]
    named = _FILE.match(name)
    company, ticker = "", ""
    if match := _TICKER.search(flat):
        company, ticker = one_line(match[1]).split(". ")[-1], match[2]
    if match := _COMPANY.search(raw):
        ticker = ticker or match[1]
    if named:
        ticker = ticker or (named["t1"] or named["t3"])
    elif match := _NAME_TICKER.match(name):
        ticker = ticker or match[1]
    return _Header(
        title=_title(short, flat, company, ticker.upper(), name),
        ticker=ticker.upper(),
        when=_when(short, name),
        url=match[1] if (match := _URL.search(raw)) else "",
    )


def _title(lines: list[str], flat: str, company: str, ticker: str, name: str) -> str:
    for line in lines:
        whole = _TITLE.search(line) and len(line) < 160 and len(line.split()) > 4
        if whole and not line.endswith("."):
            who = f"{company} ({ticker})"
            missing = who in lines and company.split()[0] not in line
            line = re.sub(r"^Full transcript\s*-\s*", "", line).rstrip(":")
            return f"{who} {line}" if missing else line
    period = _PERIOD.search(flat) or _PERIOD.search(name.replace("_", " "))
    who = f"{company} ({ticker})" if company and ticker else company or ticker
    if who and period:
        quarter, year = (period[1], period[2]) if period[1] else (period[4], period[3])
        return f"{who} Q{quarter} {year} Earnings Call"
    return (
        f"{who} earnings call"
        if who
        else (lines[0][:120] if lines and len(lines[0]) < 160 else name)
    )


def _when(lines: list[str], name: str) -> str:
    flat = one_line(" ".join(lines))[:_HEAD].replace(" ,", ",")
    matches = [m[0] for m in _WHEN.finditer(flat) if parse_date(m[0])]
    timed = [m for m in matches if has_time(m)]
    if timed or matches:
        return (timed or matches)[0]
    match = _NAME_DATE.search(name)
    return "-".join(match.groups()) if match else ""


def _settled(raw: str, now: datetime) -> Settled:
    if not raw:
        return Settled(now, "", (NO_DATE,))
    if has_time(raw) or (day := parse_date(raw)) is None:
        return settle(raw, now)
    # Midnight would let history know the call before it was held.
    moment = datetime.combine(day.date(), _USUAL, NEW_YORK).astimezone(UTC)
    settled = settle(raw, now, parsed=moment)
    return Settled(settled.published_at, settled.raw, (*settled.notes, NO_TIME))
