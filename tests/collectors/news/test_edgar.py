"""SEC EDGAR: which filings are read, which parts of them, and when they came out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from fake_web import Answer, FakeWeb, tagged
from hypothesis import given, settings
from hypothesis import strategies as st

from moneygood.collectors.news.edgar import NO_TEXT, UNSURE, read_edgar
from moneygood.collectors.news.edgar_filings import (
    parse_companies,
    parse_header,
    parse_submissions,
)
from moneygood.collectors.news.edgar_texts import parse_discussion, parse_exhibit
from moneygood.collectors.news.pages import WAITS
from moneygood.collectors.sources import Source, SourceKind
from moneygood.collectors.visit import Visit
from moneygood.errors import FetchError, ParseError
from moneygood.records import Collected, Document, Kind

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
CIK = 7654321
SOURCE = Source("filings", SourceKind.EDGAR, tickers=("HLDN",), text_kind=Kind.FILING)
FOLDER = f"https://www.sec.gov/Archives/edgar/data/{CIK}"
COMPANIES = json.dumps({"0": {"cik_str": CIK, "ticker": "HLDN", "title": "HALDEN SYSTEMS INC"}})
RELEASE = (
    "<html><head><title>EX-99.1</title></head><body><p>Exhibit 99.1</p>"
    "<p><b>Halden Systems Reports Fourth Quarter Results</b></p>"
    "<p>Halden will raise spending on halls to sixty five billion dollars this year.</p>"
    "<table><tr><td>Revenue</td><td>$</td><td>12,345</td><td>11,222</td></tr></table>"
    "<p>Demand for compute is ahead of supply.</p></body></html>"
)
PROSE = "Spending on halls rose because customers asked for more compute than we can serve. "
REPORT = (
    "<html><body><div style='display:none'><ix:header><ix:hidden>us-gaap:Assets context of the "
    "hidden part of it</ix:hidden></ix:header></div>"
    "<table><tr><td>Item 1.</td><td>Financial Statements</td><td>3</td></tr>"
    "<tr><td>Item 2.</td><td>Management&#8217;s Discussion and Analysis of Financial Condition and"
    " Results of Operations</td><td>20</td></tr>"
    "<tr><td>Item 3.</td><td>Quantitative and Qualitative Disclosures About Market Risk</td>"
    "<td>30</td></tr></table>"
    "<p>Item 1. Financial Statements</p><p>The notes are an integral part of the statements.</p>"
    "<p>ITEM 2. MANAGEMENT&#8217;S DISCUSSION AND ANALYSIS OF FINANCIAL CONDITION</p>"
    "<p>First words of the discussion stand here. " + PROSE * 30 + "</p>"
    "<p>Item 2. Management&#8217;s Discussion and Analysis (continued)</p>"
    "<p>As Item 1A describes, we face risks of supply. Last words of the discussion.</p>"
    "<p>Item 3. Quantitative and Qualitative Disclosures About Market Risk</p>"
    "<p>A rise in interest rates would lower the value of our bonds.</p></body></html>"
)


def filing(
    number: int,
    form: str = "8-K",
    *,
    items: str = "2.02,9.01",
    filed: str = "2026-02-26",
    accepted: str = "2026-02-26T21:05:07.000Z",
    document: str = "hldn-8k.htm",
) -> dict[str, str]:
    return {
        "accessionNumber": f"0007654321-26-{number:06d}",
        "form": form,
        "items": items,
        "filingDate": filed,
        "acceptanceDateTime": accepted,
        "primaryDocument": document,
    }


def submissions(*filings: dict[str, str], tickers: tuple[str, ...] = ("HLDN",)) -> str:
    recent = {key: [f[key] for f in filings] for key in filing(1)}
    return json.dumps(
        {"cik": str(CIK), "name": "Halden Systems Inc", "tickers": tickers,
         "filings": {"recent": recent, "files": []}}
    )  # fmt: skip


def header(*parts: tuple[str, str], accepted: str = "20260226160507") -> str:
    """The form of a real ``-index-headers.html``: SGML, escaped, file names linked."""
    documents = "".join(
        f"&lt;DOCUMENT&gt;\n&lt;TYPE&gt;{kind}\n&lt;SEQUENCE&gt;{n}\n"
        f'&lt;FILENAME&gt;<a href="{name}">{name}</a>\n&lt;DESCRIPTION&gt;{kind}\n'
        "&lt;/DOCUMENT&gt;\n"
        for n, (kind, name) in enumerate(parts, 1)
    )
    return (
        "<html><head><title>EDGAR filing index</title></head><body><pre>"
        "&lt;SEC-HEADER&gt;0007654321-26-000001.hdr.sgml : 20260226\n"
        f"&lt;ACCEPTANCE-DATETIME&gt;{accepted}\nACCESSION NUMBER: 0007654321-26-000001\n"
        f"&lt;/SEC-HEADER&gt;\n{documents}</pre></body></html>"
    )


RESULTS = header(("8-K", "hldn-8k.htm"), ("EX-99.1", "release.htm"), ("GRAPHIC", "logo.jpg"))


def web(*filings: dict[str, str], **pages: Answer) -> FakeWeb:
    named = {"exhibit": "release.htm", "main": "hldn-8k.htm", "report": "hldn-10q.htm"}
    return FakeWeb(
        {
            "company_tickers.json": COMPANIES,
            "submissions/CIK0007654321.json": submissions(*filings),
            "index-headers": pages.pop("header", RESULTS),
            **{named[key]: page for key, page in pages.items()},
        }
    )


def read(fake: FakeWeb, source: Source = SOURCE, *held: Document, **visit: object) -> Collected:
    known: Mapping[str, frozenset[str]] = {d.uid: frozenset({d.content_hash}) for d in held}
    return read_edgar(source, Visit(NOW, fake, held=known, **visit))  # type: ignore[arg-type]


def test_a_release_is_read_with_its_exhibit() -> None:
    fake = web(filing(1), exhibit=RELEASE)
    exhibit, main = read(fake).documents
    assert exhibit.title == (
        "Halden Systems Inc 8-K of 2026-02-26: results of operations, exhibit 99.1"
    )
    assert "sixty five billion dollars" in exhibit.body
    assert "12,345" not in exhibit.body
    assert exhibit.url == f"{FOLDER}/000765432126000001/release.htm"
    assert exhibit.guid == "0007654321-26-000001/release.htm"
    assert (exhibit.kind, exhibit.tickers) == (Kind.FILING, ("HLDN",))
    # The filing itself only names the exhibit: it marks that all was read.
    assert (main.body, main.guid) == ("", "0007654321-26-000001/hldn-8k.htm")
    assert [url.rpartition("/")[2] for url in fake.asked] == [
        "company_tickers.json",
        "CIK0007654321.json",
        "0007654321-26-000001-index-headers.html",
        "release.htm",
    ]


@pytest.mark.parametrize(
    "listed", ["2026-02-26T21:05:07.000Z", "2026-02-26T16:05:07.000Z", "", "soon"]
)
def test_the_time_is_the_headers_new_york_time(listed: str) -> None:
    found = read(web(filing(1, accepted=listed), exhibit=RELEASE))
    assert {d.published_at for d in found.documents} == {
        datetime(2026, 2, 26, 21, 5, 7, tzinfo=UTC)
    }
    assert found.documents[0].notes == ()


def test_without_a_header_time_the_lists_time_is_marked() -> None:
    fake = web(filing(1), exhibit=RELEASE, header=header(("EX-99.1", "release.htm"), accepted="?"))
    (document, _) = read(fake).documents
    assert document.published_at == datetime(2026, 2, 26, 21, 5, 7, tzinfo=UTC)
    assert UNSURE in document.notes


def test_summer_time_counts() -> None:
    summer = header(("8-K", "a.htm"), accepted="20250828162015")
    assert parse_header(summer.encode()).accepted == datetime(2025, 8, 28, 20, 20, 15, tzinfo=UTC)


def test_only_wanted_items_forms_and_days_are_fetched() -> None:
    fake = web(
        filing(1, items="5.02"),
        filing(2, "4", items=""),
        filing(3, filed="2025-12-01"),
        filing(4, items="7.01,9.01"),
        exhibit=RELEASE,
    )
    found = read(fake)
    assert {d.guid.partition("/")[0] for d in found.documents} == {"0007654321-26-000004"}
    assert sum("index-headers" in url for url in fake.asked) == 1
    old = web(filing(3, filed="2025-12-01"), exhibit=RELEASE)
    early = read(old, since=datetime(2025, 11, 1, tzinfo=UTC))
    assert early.documents


def test_what_is_held_is_not_fetched_again() -> None:
    first = read(web(filing(1), exhibit=RELEASE)).documents
    fake = web(filing(1), exhibit=RELEASE)
    assert read(fake, SOURCE, *first).documents == ()
    assert not [url for url in fake.asked if "Archives" in url]


def test_an_unchanged_list_of_filings_costs_one_request() -> None:
    fake = web(filing(1), exhibit=RELEASE)
    fake.pages["submissions/"] = tagged(submissions(filing(1)), '"s"')
    fake.pages = {"submissions/": fake.pages.pop("submissions/"), **fake.pages}
    first = read(fake)
    kept = {v.url: v for v in first.validators}
    again = read(fake, SOURCE, *first.documents, validators=kept)
    assert again.unchanged
    assert again.validators == first.validators


def test_filings_that_a_late_date_left_out_are_not_hidden_by_an_unchanged_list() -> None:
    fake = web(filing(1), exhibit=RELEASE)
    fake.pages["submissions/"] = tagged(submissions(filing(1)), '"s"')
    fake.pages = {"submissions/": fake.pages.pop("submissions/"), **fake.pages}
    late = read(fake, since=datetime(2026, 3, 1, tzinfo=UTC))
    assert (late.documents, late.validators) == ((), ())
    early = read(fake, since=datetime(2026, 1, 1, tzinfo=UTC))
    assert (len(early.documents), len(early.validators)) == (2, 1)


def test_a_failed_exhibit_is_fetched_at_the_next_visit() -> None:
    parts = (("8-K", "hldn-8k.htm"), ("EX-99.1", "release.htm"), ("EX-99.2", "remarks.htm"))
    fake = web(filing(1), exhibit=RELEASE, header=header(*parts))
    fake.pages["submissions/"] = tagged(submissions(filing(1)), '"s"')
    fake.pages = {"submissions/": fake.pages.pop("submissions/"), **fake.pages}
    found = read(fake)
    assert [d.guid.rpartition("/")[2] for d in found.documents] == ["release.htm"]
    assert "remarks.htm" in found.failures[0].subject
    assert found.validators == ()
    fake.pages["remarks.htm"] = "<p>The remarks of the chief financial officer follow here.</p>"
    fake.asked.clear()
    later = read(fake, SOURCE, *found.documents)
    assert [d.guid.rpartition("/")[2] for d in later.documents] == ["remarks.htm", "hldn-8k.htm"]
    assert not [url for url in fake.asked if url.endswith("release.htm")]


def test_what_exceeds_the_limit_waits() -> None:
    fake = web(*(filing(n) for n in range(1, 4)), exhibit=RELEASE)
    source = replace(SOURCE, limit=2)
    first = read(fake, source)
    assert [(s.reason, s.count) for s in first.skips] == [(WAITS, 1)]
    second = read(fake, source, *first.documents)
    guids = {d.guid.partition("/")[0] for d in (*first.documents, *second.documents)}
    assert len(guids) == 3
    assert second.skips == ()


def test_exhibits_that_are_no_text_are_counted_and_the_filing_is_read_instead() -> None:
    said = "<p>Item 7.01 Regulation FD Disclosure</p><p>Halden will build four more halls.</p>"
    slides = header(("8-K", "hldn-8k.htm"), ("EX-99.1", "slides.pdf"))
    found = read(web(filing(1, items="7.01"), main=said, header=slides))
    (document,) = found.documents
    assert "four more halls" in document.body
    assert [(s.reason, s.count) for s in found.skips] == [(NO_TEXT, 1)]


def test_a_report_yields_managements_discussion_only() -> None:
    quarter = filing(5, "10-Q", items="", document="hldn-10q.htm")
    parts = header(("10-Q", "hldn-10q.htm"), ("EX-31.1", "cert.htm"))
    (document,) = read(web(quarter, report=REPORT, header=parts)).documents
    assert document.body.startswith("First words of the discussion")
    assert document.body.endswith("Last words of the discussion.")
    assert "integral part" not in document.body
    assert "(continued)" not in document.body
    assert "interest rates would lower" not in document.body
    assert "management's discussion" in document.title


def test_an_annual_report_may_refer_to_exhibit_13() -> None:
    annual = filing(6, "10-K", items="", document="hldn-10k.htm")
    fake = web(annual, header=header(("10-K", "hldn-10k.htm"), ("EX-13", "ar.htm")))
    short = "<p>Item 7. Management's Discussion and Analysis</p><p>See the annual report.</p>"
    fake.pages |= {"hldn-10k.htm": short, "ar.htm": bare_report("Halden grew. ")}
    (document,) = read(fake).documents
    assert document.url.endswith("/ar.htm")
    assert document.guid.endswith("/hldn-10k.htm")
    fake.pages["ar.htm"] = short
    found = read(fake)
    assert found.documents == ()
    assert "no management's discussion" in found.failures[0].reason


def bare_report(first: str) -> str:
    return (
        "<p>Management's Discussion and Analysis of Financial Condition and Results of Operations"
        f"</p><p>{first}{PROSE * 30}</p>"
        "<p>Report of Independent Registered Public Accounting Firm</p><p>We have audited.</p>"
    )


def test_item_7_ends_at_item_7a_and_a_cross_reference_starts_nothing() -> None:
    text = (
        "<p>Item 1A. Risk Factors</p><p>Read these with</p>"
        "<p>Item 7. Management's Discussion and Analysis, in this report.</p>"
        "<p>Item 1B. Unresolved Staff Comments</p><p>None of them remain open now.</p>"
        "<p>ITEM 7.</p><p>MANAGEMENT'S DISCUSSION AND ANALYSIS</p>"
        f"<p>Here it starts. {PROSE * 30}</p>"
        "<p>ITEM 7A. QUANTITATIVE DISCLOSURES</p><p>Rates may rise and bonds fall.</p>"
    )
    found = parse_discussion(text.encode())
    assert found.startswith("Here it starts.")
    assert "Rates may rise" not in found


def test_a_table_of_contents_alone_is_no_discussion() -> None:
    assert parse_discussion(REPORT[: REPORT.index("<p>Item 1.")].encode()) == ""


def test_an_unknown_or_passed_on_ticker_is_a_failure_and_others_go_on() -> None:
    fake = web(filing(1), exhibit=RELEASE)
    found = read(fake, replace(SOURCE, tickers=("NONE", "HLDN")))
    assert [f.subject for f in found.failures] == ["NONE"]
    assert len(found.documents) == 2
    fake.pages["submissions/CIK0007654321.json"] = submissions(filing(1), tickers=("ELSE",))
    (failure,) = read(fake).failures
    assert "is now Halden Systems Inc (ELSE)" in failure.reason


def test_a_refusal_by_the_sec_is_reported_once_a_company() -> None:
    refused = FetchError("https://data.sec.gov/x", "the server answered 403", "Set contact.")
    (failure,) = read(FakeWeb({"company_tickers": COMPANIES, "submissions": refused})).failures
    assert failure.remedy == "Set contact."


@pytest.mark.parametrize(
    "body",
    [b"", b"<html><body>Request Rate Threshold Exceeded</body></html>", b"[]", b"{}", b"{", b"nul"],
)
def test_indexes_that_are_none_say_so(body: bytes) -> None:
    for parse in (parse_companies, lambda data: parse_submissions(data, cik=CIK)):
        with pytest.raises(ParseError) as caught:
            parse(body)
        assert caught.value.remedy


def test_rows_of_the_wrong_shape_are_left_out() -> None:
    table = json.loads(submissions(filing(1), filing(2), filing(3)))
    recent = table["filings"]["recent"]
    recent["accessionNumber"][0] = "../../etc"
    recent["form"][1] = 8
    recent["primaryDocument"][2] = "../x.htm"
    recent["items"] = {}
    (kept,) = parse_submissions(json.dumps(table).encode(), cik=CIK).filings
    assert (kept.accession, kept.document, kept.items) == ("0007654321-26-000003", "", ())
    assert kept.filed == date(2026, 2, 26)


def test_file_names_with_a_path_are_not_asked_for() -> None:
    assert parse_header(header(("EX-99.1", "../../secret.htm")).encode()).parts == ()


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_never_raise(data: bytes) -> None:
    parse_header(data)
    assert isinstance(parse_exhibit(data), str)
    assert isinstance(parse_discussion(REPORT.encode()[:600] + data), str)
