"""Saved mail."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import PurePath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from note_files import docx, pdf

from moneygood.collectors.files.folders import Import
from moneygood.collectors.files.mail import own_words, parse_eml
from moneygood.records import Collected

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
TEXT = "Yields fell while the plan for new data halls was raised again, and we doubt it."


def mail(subject: str = "RE: [EXTERNAL] Halls & yields", text: str = TEXT) -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = subject
    message["From"] = "Desk <desk@halden.example>"
    message["Date"] = "Mon, 27 Jan 2025 09:30:00 -0500"
    message["Message-ID"] = "<1@halden.example>"
    if text:
        message.set_content(text)
    return message


def read(data: bytes) -> Collected:
    return parse_eml(data, source="desk", path=PurePath("m.eml"), job=Import("desk", NOW))


def test_subject_date_and_identity() -> None:
    (document,) = read(mail().as_bytes()).documents
    assert document.title == "Halls & yields"
    assert document.body == TEXT
    assert document.published_at == datetime(2025, 1, 27, 14, 30, tzinfo=UTC)
    assert document.guid == "1@halden.example"


def test_plain_text_before_html_unless_it_says_nothing() -> None:
    page = f"<html><body><p>{TEXT}</p><p>{'And so on in the page. ' * 20}</p></body></html>"
    both = mail(text=f"{TEXT}\n\n{TEXT.upper()}\n\n{TEXT.lower()}")
    both.add_alternative(page, subtype="html")
    assert "in the page" not in read(both.as_bytes()).documents[0].body
    stub = mail(text="View this message in your browser.")
    stub.add_alternative(page, subtype="html")
    assert read(stub.as_bytes()).documents[0].body.startswith(TEXT)


@pytest.mark.parametrize(
    "below",
    [
        "On Mon, 27 Jan 2025 at 08:00, Ann Example\n<ann@x.example> wrote:\n> Old words.\n",
        "-----Original Message-----\nFrom: Ann\nOld words.\n",
        "From: Ann Example\nSent: Monday\nTo: Desk\nSubject: Halls\n\nOld words.\n",
        "> Old words.\n> More.\n",
        "-- \nAnn Example\nOld words in a signature\n",
    ],
)
def test_quoted_messages_and_signatures_are_cut(below: str) -> None:
    (document,) = read(mail(text=f"{TEXT}\n\n{below}").as_bytes()).documents
    assert document.body == TEXT


def test_what_is_forwarded_stays_and_so_does_a_message_of_quotes() -> None:
    below = "From: Ann Example\nSent: Monday\nTo: Desk\nSubject: Halls\n\nThe broker's words.\n"
    (document,) = read(mail("FW: Halls", f"See below.\n\n{below}").as_bytes()).documents
    assert "The broker's words." in document.body
    assert own_words("> All of it is quoted.\n") == "> All of it is quoted.\n"


def test_attachments_and_messages_inside_are_documents_of_their_own() -> None:
    message = mail()
    for data, kind, name in [
        (pdf([["Halls in a PDF", TEXT]]), "pdf", "a.pdf"),
        (docx([TEXT], heading="Halls in Word"), "docx", "2025-01-20 b.docx"),
        (b"\x89PNG", "png", "c.png"),
    ]:
        message.add_attachment(data, maintype="application", subtype=kind, filename=name)
    inner = mail("Inner halls", f"Inside: {TEXT}")
    inner.replace_header("Message-ID", "<2@halden.example>")
    message.add_attachment(inner)
    found = read(message.as_bytes())
    titles = ["Halls & yields", "Halls in a PDF", "Halls in Word", "Inner halls"]
    assert [d.title for d in found.documents] == titles
    assert [d.guid for d in found.documents] == [
        "1@halden.example",
        "1@halden.example#a.pdf",
        "1@halden.example#2025-01-20 b.docx",
        "2@halden.example",
    ]
    # A PDF without a date of its own came with the message.
    assert found.documents[1].published_at == datetime(2025, 1, 27, 14, 30, tzinfo=UTC)
    assert not found.failures


def test_a_bad_attachment_is_named_beside_the_message() -> None:
    message = mail()
    message.add_attachment(b"%PDF-", maintype="application", subtype="pdf", filename="a.pdf")
    found = read(message.as_bytes())
    assert len(found.documents) == 1
    assert found.failures[0].subject == "m.eml#a.pdf"


@pytest.mark.parametrize("charset", ["utf-8", "x-unknown", "us-ascii", "\N{SNOWMAN}"])
def test_wrong_charsets_survive(charset: str) -> None:
    head = f"Subject: =?{charset}?q?Caf=E9?=\nContent-Type: text/plain; charset={charset}\n\n"
    found = read(head.encode() + f"Café says: {TEXT}".encode("cp1252"))
    assert "says: Yields fell" in found.documents[0].body


@pytest.mark.parametrize(
    "data",
    [
        b"Subject: " + b"a" * 50_000_000,
        b"Subject: x\nContent-Type: text/plain; " + b"a=b; " * 40_000 + b"\n\n" + TEXT.encode(),
        b"".join(
            b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (i, i) for i in range(1500)
        ),
        b"",
    ],
    ids=["long header", "many parameters", "deep parts", "empty"],
)
def test_hostile_messages_end_soon(data: bytes) -> None:
    started = time.monotonic()
    found = read(data)
    assert found.documents or found.failures
    assert time.monotonic() - started < 5


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_never_raise(data: bytes) -> None:
    read(data)
    read(mail().as_bytes() + data)


@pytest.mark.parametrize("header", ["Content-Type: text/plain", "Content-Disposition: attachment"])
def test_a_header_with_thousands_of_parameters_costs_no_time(header: str) -> None:
    parameters = ';a="' * 50_000
    data = f"Subject: Note\n{header}{parameters}\n\nSpending rises.\n".encode()
    start = time.process_time()
    read(data)
    assert time.process_time() - start < 2.0
