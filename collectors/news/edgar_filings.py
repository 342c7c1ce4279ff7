"""EDGAR's indexes: companies, their filings, and the documents of one filing."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from moneygood.collectors.answers import list_of, read_object, table_of, text_of
from moneygood.collectors.dates import as_day, parse_date
from moneygood.collectors.text import decode, one_line
from moneygood.errors import ParseError
from moneygood.market_days import NEW_YORK

COMPANIES = "https://www.sec.gov/files/company_tickers.json"
SUBMISSIONS = "https://data.sec.gov/submissions/CIK{cik:010d}.json"
ARCHIVES = "https://www.sec.gov/Archives/edgar/data"
MAX_FILINGS = 5000
CIKS = {
    "AAPL": 320193, "AMD": 2488, "AMZN": 1018724, "AVGO": 1730168, "GOOG": 1652044,
    "GOOGL": 1652044, "IBM": 51143, "INTC": 50863, "META": 1326801, "MSFT": 789019,
    "NVDA": 1045810, "ORCL": 1341439, "TSM": 1046179,
}  # fmt: skip
"""Company numbers that save a request; they never change, and the answer is checked."""
_ODD = "Try again later; EDGAR may be down."
_ACCESSION = re.compile(r"\d{10}-\d{2}-\d{6}\Z")
_FILE = re.compile(r"[A-Za-z0-9._-]{1,200}\Z")
_ACCEPTED = re.compile(r"<ACCEPTANCE-DATETIME>\s*(\d{14})")
_PART = re.compile(r"<TYPE>([^<\n]{1,40})(?:(?!<TYPE>)[\s\S]){0,600}?<FILENAME>([^\n]{1,600})")
_LINK = re.compile(r"<[^<>]{0,400}>")


@dataclass(frozen=True, slots=True)
class Filing:
    """One filing as the company's list of filings names it.

    ``accepted`` is EDGAR's own string: mostly UTC, for some companies New York time,
    always marked ``Z``. The header of the filing has the true time.
    """

    cik: int
    accession: str
    form: str
    items: tuple[str, ...]
    filed: date
    accepted: str
    document: str

    @property
    def folder(self) -> str:
        """Address of the folder that holds the filing's documents."""
        return f"{ARCHIVES}/{self.cik}/{self.accession.replace('-', '')}"

    @property
    def header(self) -> str:
        """Address of the small page that has the header and lists the documents."""
        return f"{self.folder}/{self.accession}-index-headers.html"

    def guid(self, name: str) -> str:
        """Identity of one document of the filing."""
        return f"{self.accession}/{name}"


@dataclass(frozen=True, slots=True)
class Company:
    """A company and its recent filings, newest first."""

    name: str
    tickers: tuple[str, ...]
    filings: tuple[Filing, ...]


@dataclass(frozen=True, slots=True)
class Header:
    """When a filing was accepted (UTC) and its documents: type and file name."""

    accepted: datetime | None
    parts: tuple[tuple[str, str], ...]


def parse_companies(data: bytes) -> dict[str, int]:
    """CIK by ticker of EDGAR's company list. Raises ParseError."""
    table = read_object(data, COMPANIES, _ODD)
    found: dict[str, int] = {}
    for row in table.values():
        if isinstance(row, dict):
            number = row.get("cik_str")
            ticker = plain_ticker(text_of(row, "ticker"))
            if ticker and type(number) is int and 0 < number < 10**10:
                found.setdefault(ticker, number)
    if not found:
        raise ParseError(COMPANIES, "has no companies", _ODD)
    return found


def parse_submissions(data: bytes, *, cik: int) -> Company:
    """A company's recent filings. Raises ParseError; a row that makes no sense is left out."""
    subject = SUBMISSIONS.format(cik=cik)
    table = read_object(data, subject, _ODD)
    recent = table_of(table_of(table, "filings"), "recent")
    columns = [
        list_of(recent, key) for key in ("accessionNumber", "form", "filingDate", "primaryDocument")
    ]
    if not recent or not columns[0]:
        raise ParseError(subject, "the answer has no list of filings", _ODD)
    count = min(map(len, columns))
    items = _padded(list_of(recent, "items"), count)
    accepted = _padded(list_of(recent, "acceptanceDateTime"), count)
    filings: list[Filing] = []
    for row in zip(*columns, items, accepted, strict=False):
        accession, form, filed, document, item, moment = (
            value if isinstance(value, str) else "" for value in row
        )
        day = as_day(filed)
        if day and _ACCESSION.match(accession) and form:
            numbers = tuple(part.strip() for part in item.split(",") if part.strip())
            name = document if _FILE.match(document) else ""
            filings.append(Filing(cik, accession, form, numbers, day, moment, name))
    filings.sort(key=lambda f: (f.filed, f.accepted), reverse=True)
    tickers = tuple(plain_ticker(t) for t in list_of(table, "tickers") if isinstance(t, str))
    return Company(one_line(text_of(table, "name"))[:120], tickers, tuple(filings[:MAX_FILINGS]))


def parse_header(data: bytes) -> Header:
    """Acceptance time and documents of a filing's ``-index-headers.html``.

    Never raises. The SGML header writes New York time. The list of filings marks its
    times ``Z``, yet for about one company in five they are New York time as well
    (64,936 filings compared in github.com/john-friedman/datamule-python/issues/115;
    also dgunning/edgartools issue 557): that is why the header is asked.
    """
    text = html.unescape(decode(data)[0])
    match = _ACCEPTED.search(text)
    accepted: datetime | None = None
    if match:
        try:
            local = datetime.strptime(match.group(1), "%Y%m%d%H%M%S")  # noqa: DTZ007
            accepted = local.replace(tzinfo=NEW_YORK).astimezone(UTC)
        except ValueError:
            accepted = None
    parts = []
    for kind, raw in _PART.findall(text):
        name = one_line(_LINK.sub("", raw))
        if _FILE.match(name):
            parts.append((one_line(kind).upper(), name))
    return Header(accepted, tuple(dict.fromkeys(parts)))


def wanted(
    company: Company, *, forms: Sequence[str], items: Sequence[str], since: datetime
) -> tuple[Filing, ...]:
    """Filings of the forms since a moment; of 8-Ks only those with one of the items."""
    first = since.astimezone(NEW_YORK).date()
    return tuple(
        filing
        for filing in company.filings
        if filing.form in forms
        and filing.filed >= first
        and (filing.form != "8-K" or not items or set(items) & set(filing.items))
    )


def listed_time(filing: Filing) -> datetime | None:
    """The time the list of filings gives, read as UTC unless that contradicts its date."""
    moment = parse_date(filing.accepted)
    if moment is None:
        return None
    # A filing is dated the day it is accepted, or the next business day.
    late = moment.astimezone(NEW_YORK).date() > filing.filed + timedelta(days=1)
    return None if late else moment


def plain_ticker(ticker: str) -> str:
    """A ticker the way EDGAR writes it (``BRK-B``)."""
    return ticker.strip().upper().replace(".", "-").replace("/", "-")


def _padded(values: list[object], count: int) -> list[object]:
    return [*values[:count], *([""] * (count - len(values)))]
