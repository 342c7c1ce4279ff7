"""A folder of sources small enough to run many times, written for the tests."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from email.utils import format_datetime
from pathlib import Path

from moneygood.market_days import NEW_YORK, market_days
from moneygood.settings import Settings, load_settings

DAYS = market_days(date(2024, 10, 1), date(2025, 1, 17))
NOW = datetime(2025, 3, 3, 23, 0, tzinfo=UTC)
SAYINGS = (
    "Halden will raise capex on data centers again. Nothing has changed in the plan.",
    "DeepSeek trained a cheap model. Losses look contained, the banks say.",
    "Cheaper answers bring more questions: the paradox of Jevons. All is fine.",
    "The weather was mild. Wheat fell.",
    "Spending on racks is manageable, whatever the lab in Hangzhou does.",
)


def quick_settings(**changes: object) -> Settings:
    """The shipped settings with few draws, small blocks and one yield."""
    base = load_settings().model_dump()
    base["index"] |= {"draws": 50, "min_documents": 2, "base_days": 30}
    base["relation"] |= {"draws": 100, "yields": ("y10",), "window": 20}
    base["scoring"] |= {"block_characters": 4000, "device": "cpu"}
    for key, value in changes.items():
        part, _, name = key.partition("__")
        base[part][name] = value
    return Settings(**base)


def rss(items: list[tuple[str, str, str, str]]) -> str:
    """A feed of (guid, title, date, text)."""
    rows = "".join(
        f"<item><guid>{g}</guid><title>{t}</title><pubDate>{d}</pubDate>"
        f"<description>{x}</description></item>"
        for g, t, d, x in items
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel>{rows}</channel></rss>'


def good_feed(name: str, step: int = 1, turn: int = 0) -> str:
    """A feed with one text on every ``step``-th market day."""
    items = []
    for i, day in enumerate(DAYS[::step]):
        moment = datetime.combine(day, time(10, turn), NEW_YORK)
        text = f"{SAYINGS[(i + turn) % 5]} Report {i} of {name}. {SAYINGS[(i * 3 + turn) % 5]}"
        items.append((f"{name}-{i}", f"Morning {i} of {name}", format_datetime(moment), text))
    return rss(items)


def yields() -> str:
    rows = [f"{d:%m/%d/%Y},{4.2 + ((i * 37) % 19) / 100:.2f}" for i, d in enumerate(DAYS)]
    return "Date,10 Yr\n" + "\n".join(reversed(rows)) + "\n"


def write_sources(folder: Path, *, history: bool = True) -> Path:
    """Three feeds, a folder of pages and yields; returns the sources file."""
    folder.mkdir(parents=True, exist_ok=True)
    entries = []
    for turn, name in enumerate(("wire", "post", "notes")):
        (folder / f"{name}.xml").write_text(good_feed(name, turn=turn), "utf-8")
        entries.append((name, "feed", f"{name}.xml"))
    (folder / "pages").mkdir(exist_ok=True)
    for i in range(4):
        day = DAYS[0] + timedelta(days=7 * i)
        text = f"---\ntitle: Page {i}\ndate: {day}\n---\n{SAYINGS[i]} Page {i}.\n"
        (folder / "pages" / f"{i}.md").write_text(text, "utf-8")
    (folder / "pages" / "empty.md").touch()
    (folder / "yields.csv").write_text(yields(), "utf-8")
    entries += [("pages", "folder", "pages"), ("ust", "treasury_csv", "yields.csv")]
    flag = "history = true\n" if history else ""
    text = "".join(
        f'[[source]]\nname = "{n}"\nkind = "{k}"\npath = "{p}"\n{flag}\n' for n, k, p in entries
    )
    file = folder / "sources.toml"
    file.write_text(text, "utf-8")
    return file
