"""Commands about sources: collect, import, watch, sources."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from moneygood.errors import MoneygoodError
from moneygood.settings import Settings, load_settings
from moneygood.ui.console import Console
from moneygood.ui.options import Db, Json, LiveDb, database_of, moment, utc_now

Sources = Annotated[
    Path | None, typer.Option("--sources", help="A sources file instead of the shipped one.")
]
LISTED = 50
"""Most failures, or kinds of them, and reasons that `moneygood sources` lists."""
FAILURES = 20_000
Named = Annotated[list[str] | None, typer.Option("--source", help="Only this source; repeatable.")]


def _file(sources: Path | None, settings: Settings) -> Path:
    from moneygood.pipeline import LIVE_SOURCES

    return sources or settings.sources or LIVE_SOURCES


def collect(
    sources: Sources = None,
    source: Named = None,
    since: Annotated[
        str, typer.Option(help="Leave out what was published earlier (ISO date, UTC).")
    ] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Visit and report; store nothing.")
    ] = False,
    db: LiveDb = None,
    json: Json = False,
) -> None:
    """Visit the live sources once and store what is new."""
    from moneygood.gather import chosen_sources, collect_sources
    from moneygood.pipeline import manners, only_writer
    from moneygood.store import Store
    from moneygood.trying import try_sources
    from moneygood.ui.console import try_lines

    settings = load_settings()
    path = db or settings.database("live")
    console = Console(json)
    chosen = chosen_sources(_file(sources, settings), source or ())
    earliest = moment(since)
    if dry_run:
        with console.progress() as progress:
            found = try_sources(
                path, chosen, now=utc_now(), manners=manners(settings), since=earliest,
                progress=progress,
            )  # fmt: skip
        console.result(found, lambda: try_lines(found))
        return
    with only_writer(path), Store(path) as store, console.progress() as progress:
        done = collect_sources(
            store,
            chosen,
            now=utc_now(),
            manners=manners(settings),
            since=earliest,
            progress=progress,
        )
    console.result(
        done,
        lambda: [
            f"{done.new} new, {done.revised} revised of {done.seen};"
            f" {done.skipped} skipped, {done.failed} failed: {path}"
        ],
    )


def import_(
    paths: Annotated[list[Path], typer.Argument(help="Files and folders to read.")],
    source: Annotated[str, typer.Option(help="Source name; default: from the files.")] = "",
    db: LiveDb = None,
    json: Json = False,
) -> None:
    """Read texts, calls, yields and prices from files and folders, as history."""
    from moneygood.gather import import_files
    from moneygood.pipeline import manners, only_writer
    from moneygood.store import Store

    for one in paths:
        if not one.exists():
            raise MoneygoodError(str(one), "does not exist", "Check the path")
    settings = load_settings()
    path = db or settings.database("live")
    console = Console(json)
    with only_writer(path), Store(path) as store, console.progress() as progress:
        done = import_files(
            store,
            paths,
            now=utc_now(),
            source=source or None,
            manners=manners(settings),
            progress=progress,
        )
    console.result(
        done,
        lambda: [
            f"{done.new} new, {done.revised} revised of {done.seen}, {done.failed} failed,"
            f" {done.skipped} skipped: {path}"
        ],
    )


def watch(
    sources: Sources = None,
    every: Annotated[float, typer.Option(min=1, help="Minutes between two rounds.")] = 15.0,
    rounds: Annotated[int, typer.Option(min=0, help="Stop after so many; 0: never.")] = 0,
    db: LiveDb = None,
) -> None:
    """Run again and again: collect, score, index, relate, alerts. Folders are read as files come.

    Stop it with Ctrl+C or SIGTERM; nothing is lost.
    """
    from moneygood.watching import watch as keep_running

    settings = load_settings()
    path = db or settings.database("live")
    keep_running(
        path,
        settings,
        sources=_file(sources, settings),
        every=timedelta(minutes=every),
        rounds=rounds,
        clock=utc_now,
        say=typer.echo,
    )


sources = typer.Typer(
    name="sources",
    help="Show every source's health; check, import and export them.",
    invoke_without_command=True,
)


@sources.callback()
def show(context: typer.Context, db: Db = None, json: Json = False) -> None:
    """Show every source's state, last visit, lag and last error, and what could not be read."""
    from moneygood import reads, source_reads
    from moneygood.market_days import NEW_YORK
    from moneygood.store import Store
    from moneygood.ui.console import source_lines
    from moneygood.ui.coverage import source_states
    from moneygood.ui.coverage_tables import failure_groups

    if context.invoked_subcommand:
        return
    with Store(database_of(db), readonly=True) as store:
        health = source_reads.source_health(store)
        days = source_reads.visit_days(store)
        failed = source_reads.failures(store, limit=FAILURES)
        skipped = source_reads.skips(store, limit=LISTED)
        mode = reads.mode(store)
    # Nobody visits the sample again: it is as old as it was when it was run.
    now = mode.as_of if mode and mode.mode == "sample" else utc_now()
    states = source_states(health, days, last=now.astimezone(NEW_YORK).date())
    Console(json).result(
        {
            "sources": health.assign(state=health["source"].map(states)).to_dict("records"),
            "failures": failed.head(LISTED).to_dict("records"),
            "skipped": skipped.to_dict("records"),
        },
        lambda: source_lines(health, failure_groups(failed, health).head(LISTED), states),
    )


@sources.command()
def check(file: Sources = None, source: Named = None, json: Json = False) -> None:
    """Visit every source once, store nothing, and say what each gives. Exit 1 if one fails."""
    from moneygood.gather import chosen_sources
    from moneygood.pipeline import manners
    from moneygood.trying import check_sources

    settings = load_settings()
    console = Console(json)
    chosen = chosen_sources(_file(file, settings), source or ())
    with console.progress() as progress:
        found = check_sources(chosen, now=utc_now(), manners=manners(settings), progress=progress)
    console.result(
        found,
        lambda: [
            f"{'ok  ' if c.ok else 'FAIL'} {c.name:24} {c.finding}"
            + (f". {c.remedy}" if c.remedy else "")
            for c in found
        ],
    )
    if not all(c.ok for c in found):
        raise typer.Exit(1)


@sources.command(name="import")
def import_opml(
    opml: Annotated[Path, typer.Argument(help="An OPML file of feeds.")],
    out: Annotated[Path, typer.Argument(help="The sources file to write (TOML).")],
    json: Json = False,
) -> None:
    """Turn the feeds of an OPML file into a sources file."""
    from moneygood.collectors.opml import read_opml, toml_of

    if out.exists():
        raise MoneygoodError(str(out), "exists already", "Name a file that does not")
    try:
        data = opml.read_bytes()
    except OSError as error:
        raise MoneygoodError(
            str(opml), f"cannot be read ({error.strerror})", "Check the path"
        ) from error
    found, failures = read_opml(data, str(opml))
    if not found:
        first = failures[0] if failures else None
        reason = first.reason if first else "holds no feed"
        raise MoneygoodError(str(opml), reason, first.remedy if first else "Export it again")
    _write(out, toml_of(found))
    Console(json).result(
        {"sources": len(found), "failures": [str(f) for f in failures], "out": str(out)},
        lambda: [*(f"left out   {f}" for f in failures), f"{len(found)} sources: {out}"],
    )


@sources.command(name="export")
def export_opml(
    out: Annotated[Path, typer.Argument(help="The OPML file to write.")],
    file: Sources = None,
    json: Json = False,
) -> None:
    """Write the feeds of a sources file as OPML, for any reader."""
    from moneygood.collectors.opml import write_opml
    from moneygood.collectors.sources import SourceKind, load_sources

    settings = load_settings()
    feeds = [s for s in load_sources(_file(file, settings)) if s.kind is SourceKind.FEED and s.url]
    _write(out, write_opml(feeds))
    Console(json).result(
        {"feeds": len(feeds), "out": str(out)}, lambda: [f"{len(feeds)} feeds: {out}"]
    )


def _write(out: Path, text: str) -> None:
    try:
        out.write_text(text, "utf-8")
    except OSError as error:
        raise MoneygoodError(
            str(out), f"cannot be written ({error.strerror})", "Check the folder and its rights"
        ) from error
