"""The sources file."""

from __future__ import annotations

from pathlib import Path

import pytest

from moneygood.collectors.sources import SourceKind, load_sources
from moneygood.errors import SettingsError
from moneygood.records import Kind

SHIPPED = Path(__file__).parents[2] / "collectors" / "sources.toml"


def write(folder: Path, text: str) -> Path:
    path = folder / "sources.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_shipped_files_load(sample: Path) -> None:
    live = load_sources(SHIPPED)
    assert {s.kind for s in live} >= {SourceKind.FEED, SourceKind.TREASURY_CSV, SourceKind.FRED}
    assert all(s.url.startswith("https://") or not s.url for s in live)
    known = {SourceKind.EDGAR, SourceKind.GDELT, SourceKind.HACKERNEWS}
    assert {s.kind for s in live if not s.url} == known
    # GDELT refuses queries beyond some 250 characters, the language filter included.
    assert all(len(s.query) < 230 for s in live)
    embedded = load_sources(sample / "sources.toml")
    assert all(s.history and Path(s.path).exists() for s in embedded)


def test_paths_count_from_the_file(tmp_path: Path) -> None:
    entry = '[[source]]\nname = "a"\nkind = "call"\npath = "calls"\ntickers = ["X"]\n'
    (source,) = load_sources(write(tmp_path, entry))
    assert source.path == str(tmp_path / "calls")
    assert (source.text_kind, source.tickers) == (Kind.TRANSCRIPT, ("X",))


FEED = '[[source]]\nname = "a"\nkind = "feed"\nurl = "https://x"\n'
EDGAR = '[[source]]\nname = "a"\nkind = "edgar"\ntickers = ["X"]\n'
CURVE = '[[source]]\nname = "a"\nkind = "treasury_csv"\nurl = "https://x"\n'


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[source]\n", "not valid TOML"),
        ("", "no [[source]] entry"),
        ("source = 1", "no [[source]] entry"),
        ('[[source]]\nkind = "feed"', "no name"),
        ('[[source]]\nname = "a"\nurl = "https://x"', "has no kind"),
        ('[[source]]\nname = "a"\nkind = "fax"\nurl = "https://x"', "unknown kind 'fax'"),
        ('[[source]]\nname = "a"\nkind = "feed"', "neither url nor path"),
        (FEED + 'path = "y"', "both"),
        ('[[source]]\nname = "a"\nkind = "feed"\nurl = "file:///etc/passwd"', "not http(s)"),
        ('[[source]]\nname = "a"\nkind = "folder"\nurl = "https://x"', "needs a path"),
        ('[[source]]\nname = "a"\nkind = "fred"\nurl = "https://x"', "needs a series"),
        (FEED + "folow = true", "'folow'"),
        (FEED + 'follow = "yes"', "true or"),
        (FEED + 'text_kind = "x"', "text_kind"),
        (FEED * 2, "taken by an earlier"),
        ('[[source]]\nname = "a"\nkind = "edgar"', "kind edgar needs tickers"),
        ('[[source]]\nname = "a"\nkind = "gdelt"\nquery = " "', "kind gdelt needs a query"),
        ('[[source]]\nname = "a"\nkind = "hackernews"', "kind hackernews needs a query"),
        ('[[source]]\nname = "a"\nkind = "tiingo"', "kind tiingo needs tickers"),
        ('[[source]]\nname = "a"\nkind = "yfinance"\ntickers = []', "needs tickers"),
        ('[[source]]\nname = "a"\nkind = "fred_api"\nseries = "y10"', "needs a code"),
        ('[[source]]\nname = "a"\nkind = "sitemap"', "neither url nor path"),
        (EDGAR + 'path = "p"', "has no path"),
        (FEED + 'query = "q"', "query means"),
        ('[[source]]\nname = "a"\nkind = "gdelt"\nquery = "q"\nfollow = true', "follow means"),
        (FEED + "limit = -1", "limit is not"),
        (FEED + "limit = true", "whole number"),
        (FEED + "rate = 0", "rate is not"),
        (
            '[[source]]\nname = "a"\nkind = "feed"\nurl = "https://x"\ntickers = [1]',
            "list of texts",
        ),
        ('[[source]]\nname = "a\\nb"\nkind = "feed"\nurl = "https://x"', "control characters"),
        (
            '[[source]]\nname = "a"\nkind = "edgar"\ntickers = ["X"]\nforms = ["4"]',
            "'4' is not read",
        ),
        (EDGAR + 'items = ["two"]', "no 8-K item"),
        ('[[source]]\nname = "a"\nkind = "prices"\npath = "p"\ncurrency = "usd"', "ISO 4217"),
        (
            '[[source]]\nname = "a"\nkind = "treasury_csv"\nurl = "https://x"\nseries = "y10"',
            "curve",
        ),
    ],
)
def test_errors_name_the_entry(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_sources(write(tmp_path, text))
    assert says in str(caught.value)
    assert "sources.toml" in str(caught.value)
    assert caught.value.remedy


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        load_sources(tmp_path / "none.toml")


def test_a_service_needs_no_address(tmp_path: Path) -> None:
    entry = '[[source]]\nname = "a"\nkind = "edgar"\ntickers = ["NVDA"]\nlimit = 5\nrate = 2\n'
    (source,) = load_sources(write(tmp_path, entry))
    assert source.text_kind is Kind.FILING
    assert (source.items, source.forms) == (("2.02", "7.01"), ("8-K", "10-Q", "10-K"))
    assert (source.subject, source.limit, source.rate) == ("NVDA", 5, 2.0)
