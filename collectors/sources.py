"""What is read: the ``[[source]]`` entries of a TOML file."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from moneygood.collectors.source_rules import check_kind, check_types, check_values
from moneygood.collectors.web.masking import masked
from moneygood.errors import SettingsError
from moneygood.records import Kind

E = TypeVar("E", bound=StrEnum)


class SourceKind(StrEnum):
    """How a source is read."""

    FEED = "feed"
    SITEMAP = "sitemap"
    FOLDER = "folder"
    CALL = "call"
    EDGAR = "edgar"
    GDELT = "gdelt"
    HACKERNEWS = "hackernews"
    TREASURY_CSV = "treasury_csv"
    TREASURY_XML = "treasury_xml"
    FRED = "fred"
    FRED_API = "fred_api"
    PRICES = "prices"
    TIINGO = "tiingo"
    YFINANCE = "yfinance"


@dataclass(frozen=True, slots=True)
class Source:
    """One place texts or figures come from: a ``url``, a local ``path`` or a service.

    url        the address; for a service, in place of the service's own
    follow     fetch the pages that entries link to and keep their full text
    history    an archive: availability is the publication time
    series     our series id for the figures of a FRED source (``y10``); ``real``
               for the Treasury's real curve
    text_kind  news, transcript, speech or filing
    tickers    companies every text of this source is about, or whose filings or
               prices are wanted
    allow_private  a server on your own network may be asked
    robots     heed the host's robots.txt (for pages and searches)
    rate       requests a second to one host, at most
    languages  ISO 639-1 codes of the texts that are kept; others are counted
    query      search words (gdelt, hackernews)
    items      8-K items that are wanted (edgar)
    forms      forms that are wanted (edgar)
    limit      most items in one visit; 0 for the reader's own limit
    currency   ISO 4217 code of the prices
    code       the publisher's own series code (``DGS10``)
    """

    name: str
    kind: SourceKind
    url: str = ""
    path: str = ""
    follow: bool = False
    history: bool = False
    series: str = ""
    text_kind: Kind = Kind.NEWS
    tickers: tuple[str, ...] = ()
    allow_private: bool = False
    robots: bool = True
    rate: float = 1.0
    languages: tuple[str, ...] = ("en",)
    query: str = ""
    items: tuple[str, ...] = ("2.02", "7.01")
    forms: tuple[str, ...] = ("8-K", "10-Q", "10-K")
    limit: int = 0
    currency: str = ""
    code: str = ""

    @property
    def subject(self) -> str:
        """Address (keys masked), path or what is asked for, for messages."""
        return masked(self.url) or self.path or self.query or self.code or ", ".join(self.tickers)


def load_sources(path: Path) -> list[Source]:
    """Sources of a TOML file; relative paths count from the file's own folder.

    Raises SettingsError naming the file, the entry and what to change.
    """
    try:
        table = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        reason = f"cannot be read ({error.strerror or error})"
        raise SettingsError(str(path), reason, "Check the path of the sources file.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(
            str(path), f"is not valid TOML: {error}", "Correct the line."
        ) from error
    entries = table.get("source", [])
    if not isinstance(entries, list) or not entries:
        raise SettingsError(str(path), "has no [[source]] entry", "Add at least one.")
    sources: dict[str, Source] = {}
    for number, entry in enumerate(entries, 1):
        source = _source(entry, f"{path}: source {number}", path.parent)
        if source.name in sources:
            raise SettingsError(
                f"{path}: source {number}",
                f"the name {source.name!r} is taken by an earlier entry",
                "Give every source its own name.",
            )
        sources[source.name] = source
    return list(sources.values())


def usual_text_kind(kind: SourceKind) -> Kind:
    """What the texts of a source are unless its entry says otherwise."""
    return {SourceKind.CALL: Kind.TRANSCRIPT, SourceKind.EDGAR: Kind.FILING}.get(kind, Kind.NEWS)


def _source(entry: Any, where: str, folder: Path) -> Source:
    if not isinstance(entry, dict):
        raise SettingsError(where, "is not a table", "Write it under [[source]].")
    name = entry.get("name")
    if not isinstance(name, str) or not name.strip():
        raise SettingsError(where, "has no name", 'Add name = "…".')
    where = f"{where} ({name})"
    check_types(entry, where)
    check_values(entry, where)
    kind = _one_of(SourceKind, entry.get("kind", ""), "kind", where)
    check_kind(entry, kind, where)
    said: dict[str, Any] = {key: _plain(value) for key, value in entry.items()}
    path = said.get("path", "")
    said |= {
        "kind": kind,
        "text_kind": _one_of(
            Kind, said.get("text_kind", usual_text_kind(kind)), "text_kind", where
        ),
        "path": str(folder / path) if path else "",
        "rate": float(said.get("rate", 1.0)),
    }
    return Source(**said)


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(value)
    return value.strip() if isinstance(value, str) else value


def _one_of(members: type[E], value: str, key: str, where: str) -> E:
    try:
        return members(value)
    except ValueError:
        known = ", ".join(members)
        reason = f"unknown {key} {value!r}" if value else f"has no {key}"
        raise SettingsError(where, reason, f"Use one of: {known}.") from None
