"""SEC EDGAR as a source: earnings releases and other announcements filed with 8-K and
6-K, and management's discussion in 10-Q and 10-K.

For each filing the small header page is fetched, then the documents that are wanted:
the full submission would be one request, but carries pictures and data of up to 100 MB.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from moneygood.collectors.dates import settle
from moneygood.collectors.documents import make_document
from moneygood.collectors.failures import capped, failure_of
from moneygood.collectors.news.edgar_filings import (
    CIKS,
    COMPANIES,
    SUBMISSIONS,
    Company,
    Filing,
    Header,
    listed_time,
    parse_companies,
    parse_header,
    parse_submissions,
    plain_ticker,
    wanted,
)
from moneygood.collectors.news.edgar_texts import parse_discussion, parse_exhibit
from moneygood.collectors.news.pages import WAITS
from moneygood.collectors.sources import Source
from moneygood.collectors.visit import Visit, validators_of
from moneygood.errors import CollectError
from moneygood.records import Collected, Document, Failure, Skip, Validator

WINDOW = timedelta(days=30)
"""How far back a visit looks that names no date."""
MOST = 20
"""Filings fetched in one visit, unless the source's ``limit`` says otherwise."""
ITEMS = {
    "1.01": "material agreement",
    "2.02": "results of operations",
    "5.02": "officers and directors",
    "7.01": "regulation FD disclosure",
    "8.01": "other events",
}
UNSURE = "time as EDGAR's list gives it: its zone is not certain"
NO_TEXT = "exhibit that is not text"
_READABLE = (".htm", ".html", ".txt")


@dataclass
class _Reading:
    """What one visit has gathered so far."""

    source: Source
    visit: Visit
    documents: list[Document] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    skips: dict[str, int] = field(default_factory=dict)
    validators: list[Validator] = field(default_factory=list)
    companies: dict[str, int] = field(default_factory=dict)
    fetched: int = 0
    unchanged: int = 0

    def skip(self, reason: str) -> None:
        self.skips[reason] = self.skips.get(reason, 0) + 1

    def failed(self, error: CollectError) -> None:
        self.failures.append(failure_of(self.source.name, error))

    def holds(self, filing: Filing, name: str) -> bool:
        """Whether this document is stored; a filed document never changes."""
        uid = _document(self, filing, "-", name, "").uid
        return uid in self.visit.held


def read_edgar(source: Source, visit: Visit) -> Collected:
    """Texts of the wanted filings of the source's companies that are not held yet."""
    reading = _Reading(source, visit)
    for ticker in source.tickers:
        try:
            _read_company(ticker, reading)
        except CollectError as error:
            reading.failed(error)
    return Collected(
        source.name,
        tuple(reading.documents),
        (),
        capped(reading.failures),
        tuple(Skip(reason, count) for reason, count in reading.skips.items()),
        tuple(reading.validators),
        unchanged=reading.unchanged == len(source.tickers),
    )


def _read_company(ticker: str, reading: _Reading) -> None:
    visit, source = reading.visit, reading.source
    cik = _cik(ticker, reading)
    if cik is None:
        reason = "EDGAR knows no company with this ticker"
        remedy = "Correct the ticker; funds and foreign shares may have none."
        reading.failures.append(Failure(source.name, ticker, reason, remedy))
        return
    address = SUBMISSIONS.format(cik=cik)
    answer = visit.get(address, validator=visit.validators.get(address))
    if answer.status == 304:
        reading.unchanged += 1
        reading.validators += [v for u, v in visit.validators.items() if u == address]
        return
    company = visit.parse(parse_submissions, answer.body, cik=cik)
    if company.tickers and plain_ticker(ticker) not in company.tickers:
        reason = f"CIK {cik} is now {company.name} ({', '.join(company.tickers)[:60]})"
        remedy = "Correct the ticker."
        reading.failures.append(Failure(source.name, ticker, reason, remedy))
        return
    since = visit.since or visit.now - WINDOW
    complete = True
    for filing in wanted(company, forms=source.forms, items=source.items, since=since):
        complete &= _read_filing(filing, company, ticker, reading)
    if complete and since <= visit.now - WINDOW:
        # Else an unchanged list would hide what is still to be read.
        reading.validators += validators_of(address, answer)


def _cik(ticker: str, reading: _Reading) -> int | None:
    name = plain_ticker(ticker)
    if name in CIKS:
        return CIKS[name]
    if not reading.companies:
        answer = reading.visit.get(COMPANIES)
        reading.companies = reading.visit.parse(parse_companies, answer.body)
    return reading.companies.get(name)


def _read_filing(filing: Filing, company: Company, ticker: str, reading: _Reading) -> bool:
    """Add the filing's texts. False where it is to be visited again."""
    main = filing.document or "filing"
    # The main document is stored last: with it, the filing is complete.
    if reading.holds(filing, main):
        return True
    if reading.fetched >= (reading.source.limit or MOST):
        reading.skip(WAITS)
        return False
    reading.fetched += 1
    try:
        answer = reading.visit.get(filing.header)
        header = reading.visit.parse(parse_header, answer.body)
        if filing.form in ("10-Q", "10-K"):
            return _read_report(filing, header, company, ticker, reading)
        return _read_announcement(filing, header, company, ticker, reading)
    except CollectError as error:
        reading.failed(error)
        return False


def _read_report(
    filing: Filing, header: Header, company: Company, ticker: str, reading: _Reading
) -> bool:
    names = [filing.document] if filing.document else []
    # Some annual reports only refer to the report to shareholders, exhibit 13.
    names += [name for kind, name in header.parts if kind.startswith("EX-13")]
    for name in names:
        answer = reading.visit.get(f"{filing.folder}/{name}")
        text = reading.visit.parse(parse_discussion, answer.body, answer.content_type)
        if text:
            title = f"{company.name} {filing.form} of {filing.filed}: management's discussion"
            main = filing.document or name
            _add(_document(reading, filing, title, main, text, ticker, header, name), reading)
            return True
    reason = f"no management's discussion was found in this {filing.form}"
    subject = f"{filing.folder}/{filing.document}"
    remedy = "Open it; if the section is there, report the address."
    reading.failures.append(Failure(reading.source.name, subject, reason, remedy))
    return True


def _read_announcement(
    filing: Filing, header: Header, company: Company, ticker: str, reading: _Reading
) -> bool:
    exhibits = [(kind, name) for kind, name in header.parts if kind.startswith("EX-99")]
    what = ", ".join(ITEMS.get(i, i) for i in filing.items if i != "9.01")
    label = f"{company.name} {filing.form} of {filing.filed}" + (f": {what}" if what else "")
    complete, texts = True, 0
    for kind, name in exhibits:
        if not name.lower().endswith(_READABLE):
            reading.skip(NO_TEXT)
            continue
        if reading.holds(filing, name):
            texts += 1
            continue
        try:
            answer = reading.visit.get(f"{filing.folder}/{name}")
            text = reading.visit.parse(parse_exhibit, answer.body, answer.content_type)
        except CollectError as error:
            reading.failed(error)
            complete = False
            continue
        if not text:
            reading.skip(NO_TEXT)
            continue
        texts += 1
        title = f"{label}, exhibit {kind.removeprefix('EX-')}"
        _add(_document(reading, filing, title, name, text, ticker, header), reading)
    if not complete:
        return False
    body = ""
    if not texts and filing.document:
        # What is announced then stands in the filing itself.
        answer = reading.visit.get(f"{filing.folder}/{filing.document}")
        body = reading.visit.parse(parse_exhibit, answer.body, answer.content_type)
    main = filing.document or "filing"
    _add(_document(reading, filing, label, main, body, ticker, header), reading)
    return True


def _add(document: Document, reading: _Reading) -> None:
    since = reading.visit.since
    if since is not None and document.published_at < since:
        reading.skip(f"older than {since:%Y-%m-%d}")
    else:
        reading.documents.append(document)


def _document(
    reading: _Reading,
    filing: Filing,
    title: str,
    name: str,
    body: str,
    ticker: str = "",
    header: Header | None = None,
    read_from: str = "",
) -> Document:
    accepted = header.accepted if header else None
    moment = accepted or listed_time(filing)
    now = reading.visit.now
    raw = filing.accepted or str(filing.filed)
    return make_document(
        source=reading.source.name,
        kind=reading.source.text_kind,
        title=title,
        body=body,
        now=now,
        published=settle(raw, now, parsed=moment) if moment else settle(str(filing.filed), now),
        url=f"{filing.folder}/{read_from or name}",
        guid=filing.guid(name),
        tickers=(ticker,),
        history=reading.source.history,
        notes=() if accepted else (UNSURE,),
    )
