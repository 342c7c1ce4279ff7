"""Speech pages and speeches in dumps."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from moneygood.collectors.files.folders import import_paths
from moneygood.collectors.news.articles import parse_article
from moneygood.collectors.news.speeches import own_text, speaker_name, speech_title
from moneygood.records import Kind, Role

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SAID = (
    "Thank you for the invitation to speak in the valley this evening. ",
    "Credit to builders of data halls has doubled in a year, and we watch it closely. ",
    "A loan is money good only for as long as the tenant pays its rent in full. ",
)
PAGE = f"""<!doctype html><html lang="en-US"><head><title>Halls - Bank of Halden</title>
<meta property="og:title" content="Halls and credit"></head><body><nav>Menu Speeches</nav>
<div id="article"><div class="heading"><p class="article__time">January 27, 2025</p>
<h3 class="title">Halls and credit</h3><p class="speaker">Vice Chair Ann B. Example</p>
<p class="location">At the Valley Club</p><ul><li class="share">Share this</li></ul></div>
<div class="col">{SAID[0] * 4}<p>{SAID[1] * 4}It grew in 2024.<a title="footnote 1"
href="#fn1"><sup>1</sup></a> The rest is known.</p><table><tr><td>4.53</td></tr></table>
<p>{SAID[2] * 4}</p><hr><p><strong>References</strong></p><p>Roe, A. (2001). Halls.</p>
<p><strong>Footnotes</strong></p><p>1. These views are mine. <a href="#f1">Return to text</a></p>
</div></div><footer>Contact us</footer></body></html>"""


def test_a_marked_speech_page() -> None:
    (document,) = parse_article(PAGE.encode(), source="bank", now=NOW).documents
    (turn,) = document.turns
    assert document.kind is Kind.SPEECH
    assert document.title == "Halls and credit"
    assert (turn.speaker, turn.role) == ("Ann B. Example", Role.OFFICIAL)
    assert document.published_raw == "January 27, 2025"
    assert document.language == "en"
    assert turn.text.startswith("Thank you for the invitation")
    assert turn.text.endswith("pays its rent in full.")
    assert "It grew in 2024. The rest is known." in turn.text
    for furniture in ("Share", "Menu", "Valley Club", "4.53", "Contact", "Roe", "mine"):
        assert furniture not in turn.text


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("Chair Ann B. Example", "Ann B. Example"),
        ("Vice Chair for Supervision Ann Example", "Ann Example"),
        ("Remarks by Ann Example, President", "Ann Example"),
        ("Ann Example's Speeches", "Ann Example"),
        ("Unknown", ""),
        ("Error", ""),
        ("", ""),
        ("A text that is much too long to be the name of anybody at all", ""),
    ],
)
def test_speaker_names(said: str, name: str) -> None:
    assert speaker_name(said) == name


def test_marks_and_appendices_are_not_spoken() -> None:
    assert speech_title("Halls and credit[get-superscript superscript='1']") == "Halls and credit"
    assert speech_title("Outlook*") == "Outlook"
    assert speech_title("The Fed in 2025") == "The Fed in 2025"
    assert own_text("Notes on the year.\nHalls.\nRates.\nReferences:\nRoe (2001).") == (
        "Notes on the year.\nHalls.\nRates."
    )
    assert own_text("Notes\nHalls.\nRates.\nLoans.\nRoe, A. (2001). Halls.") == (
        "Notes\nHalls.\nRates.\nLoans."
    )
    assert own_text("Error") == ""


def test_speeches_in_a_dump_and_as_text(tmp_path: Path) -> None:
    item = {
        "speaker": "Ann Example",
        "title": "Halls*",
        "date": "Nov 15, 2007",
        "content": SAID[0],
        "href": "https://bank.example/halls",
    }
    (tmp_path / "a.json").write_text(json.dumps([item, item | {"content": "Error", "href": ""}]))
    (tmp_path / "example20071115a.txt").write_text("\n".join(SAID))
    parts = import_paths([tmp_path], now=NOW, kind=Kind.SPEECH)
    speech, empty, text = [d for part in parts for d in part.documents]
    assert (speech.kind, speech.title, speech.url) == (Kind.SPEECH, "Halls", item["href"])
    assert speech.turns[0].speaker == "Ann Example"
    assert (empty.text, empty.title) == ("", "Halls")
    assert (text.turns[0].speaker, text.turns[0].role) == ("Example", Role.OFFICIAL)
    assert text.text.startswith("Thank you")
    assert text.published_raw == "2007-11-15"


def test_real_pages_have_title_speaker_date_and_only_the_speech(shared: Path) -> None:
    files = sorted((shared / "speeches_2006_2008" / "html").glob("*.htm"))[::4]
    assert len(files) == 8
    for file in files:
        (document,) = parse_article(
            file.read_bytes(), source="fed", now=NOW, name=file.name
        ).documents
        named = re.match(r"([a-z]+)(\d{8})", file.name)
        assert named is not None
        assert document.turns[0].speaker.split()[-1].lower() == named.group(1)
        assert parse_day(document.published_raw) == named.group(2)
        assert len(document.title) > 5
        for furniture in ("Return to text", "Last Update", "Share", "Footnotes"):
            assert furniture not in document.text


def parse_day(raw: str) -> str:
    return datetime.strptime(raw, "%B %d, %Y").replace(tzinfo=UTC).strftime("%Y%m%d")
