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
    assert all(s.url.startswith("https://") for s in live)
    embedded = load_sources(sample / "sources.toml")
    assert all(s.history and Path(s.path).exists() for s in embedded)


def test_paths_count_from_the_file(tmp_path: Path) -> None:
    entry = '[[source]]\nname = "a"\nkind = "call"\npath = "calls"\ntickers = ["X"]\n'
    (source,) = load_sources(write(tmp_path, entry))
    assert source.path == str(tmp_path / "calls")
    assert (source.text_kind, source.tickers) == (Kind.TRANSCRIPT, ("X",))


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
        ('[[source]]\nname = "a"\nkind = "feed"\nurl = "https://x"\npath = "y"', "both"),
        ('[[source]]\nname = "a"\nkind = "feed"\nurl = "file:///etc/passwd"', "not http(s)"),
        ('[[source]]\nname = "a"\nkind = "folder"\nurl = "https://x"', "needs a path"),
        ('[[source]]\nname = "a"\nkind = "fred"\nurl = "https://x"', "needs a series"),
        ('[[source]]\nname = "a"\nkind = "feed"\nurl = "https://x"\nfolow = true', "'folow'"),
        ('[[source]]\nname = "a"\nkind = "feed"\nurl = "https://x"\nfollow = "yes"', "true or"),
        ('[[source]]\nname = "a"\nkind = "feed"\nurl = "https://x"\ntext_kind = "x"', "text_kind"),
        ('[[source]]\nname = "a"\nkind = "feed"\nurl = "https://x"\n' * 2, "taken by an earlier"),
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
