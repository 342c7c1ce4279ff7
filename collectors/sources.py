"""What is read: the ``[[source]]`` entries of a TOML file."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from moneygood.errors import SettingsError
from moneygood.records import Kind

E = TypeVar("E", bound=StrEnum)


class SourceKind(StrEnum):
    """How a source is read."""

    FEED = "feed"
    FOLDER = "folder"
    CALL = "call"
    TREASURY_CSV = "treasury_csv"
    TREASURY_XML = "treasury_xml"
    FRED = "fred"
    PRICES = "prices"


@dataclass(frozen=True, slots=True)
class Source:
    """One place texts or figures come from: a ``url`` or a local ``path``.

    follow     fetch the pages a feed links to and keep their full text
    history    an archive: availability is the publication time
    series     our series id for the figures of a ``fred`` source (``y10``)
    text_kind  news, transcript, speech or filing
    tickers    companies every text of this source is about
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


_LOCAL_ONLY = frozenset({SourceKind.FOLDER, SourceKind.CALL})
_KEYS: dict[str, type] = {
    "name": str, "kind": str, "url": str, "path": str, "follow": bool, "history": bool,
    "series": str, "text_kind": str, "tickers": list,
}  # fmt: skip


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
    sources: list[Source] = []
    for number, entry in enumerate(entries, 1):
        source = _source(entry, f"{path}: source {number}", path.parent)
        if any(source.name == other.name for other in sources):
            raise SettingsError(
                f"{path}: source {number}",
                f"the name {source.name!r} is taken by an earlier entry",
                "Give every source its own name.",
            )
        sources.append(source)
    return sources


def _source(entry: Any, where: str, folder: Path) -> Source:
    if not isinstance(entry, dict):
        raise SettingsError(where, "is not a table", "Write it under [[source]].")
    name = entry.get("name")
    if not isinstance(name, str) or not name.strip():
        raise SettingsError(where, "has no name", 'Add name = "…".')
    where = f"{where} ({name})"
    _check_types(entry, where)
    kind = _one_of(SourceKind, entry.get("kind", ""), "kind", where)
    text_kind = _one_of(Kind, entry.get("text_kind", _usual_kind(kind)), "text_kind", where)
    url, path = entry.get("url", "").strip(), entry.get("path", "").strip()
    if kind in _LOCAL_ONLY and not path:
        raise SettingsError(where, f"kind {kind} needs a path", 'Add path = "folder".')
    if not url and not path:
        raise SettingsError(where, "has neither url nor path", 'Add url = "https://…" or a path.')
    if url and path:
        raise SettingsError(where, "has both url and path", "Keep one of them.")
    if url and not url.lower().startswith(("http://", "https://")):
        raise SettingsError(where, f"url {url!r} is not http(s)", "Use path for local files.")
    if kind is SourceKind.FRED and not entry.get("series"):
        raise SettingsError(where, "kind fred needs a series", 'Add series = "y10".')
    return Source(
        name=name.strip(),
        kind=kind,
        url=url,
        path=str(folder / path) if path else "",
        follow=entry.get("follow", False),
        history=entry.get("history", False),
        series=entry.get("series", ""),
        text_kind=text_kind,
        tickers=tuple(entry.get("tickers", ())),
    )


def _usual_kind(kind: SourceKind) -> str:
    return Kind.TRANSCRIPT if kind is SourceKind.CALL else Kind.NEWS


def _check_types(entry: dict[str, Any], where: str) -> None:
    for key, value in entry.items():
        if key not in _KEYS:
            raise SettingsError(where, f"unknown key {key!r}", f"Known: {', '.join(_KEYS)}.")
        if not isinstance(value, _KEYS[key]):
            wanted = {str: "text", bool: "true or false", list: "a list"}[_KEYS[key]]
            raise SettingsError(where, f"{key} = {value!r} is not {wanted}", "Correct the value.")
    if not all(isinstance(ticker, str) for ticker in entry.get("tickers", ())):
        raise SettingsError(where, "tickers must be a list of texts", 'Write ["NVDA"].')


def _one_of(members: type[E], value: str, key: str, where: str) -> E:
    try:
        return members(value)
    except ValueError:
        known = ", ".join(members)
        reason = f"unknown {key} {value!r}" if value else f"has no {key}"
        raise SettingsError(where, reason, f"Use one of: {known}.") from None
