"""The command line: ``moneygood``.

Exit status 0 done, 1 failed, 2 wrong usage. Errors name their subject and the
remedy. Heavy libraries are loaded by the commands that need them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from moneygood import __version__
from moneygood.errors import MoneygoodError
from moneygood.settings import Settings, load_settings
from moneygood.ui.cli_narratives import narratives, tell_changed
from moneygood.ui.cli_sources import collect, import_, sources, watch
from moneygood.ui.console import Console
from moneygood.ui.options import AsOf, Db, Json, LiveDb, RunDb, database_of, moment, utc_now

if TYPE_CHECKING:
    from moneygood.gather import Progress
    from moneygood.measure import Measured
    from moneygood.store import Store

app = typer.Typer(
    name="moneygood",
    help="Narratives about AI spending, and whether Treasury yields agree.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command()(collect)
app.command(name="import")(import_)
app.command()(watch)
app.add_typer(sources)
app.add_typer(narratives)


@app.callback(invoke_without_command=True)
def _root(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if version:
        typer.echo(f"moneygood {__version__}")
        raise typer.Exit


@app.command()
def run(
    sample: Annotated[bool, typer.Option("--sample", help="The embedded sample.")] = False,
    live: Annotated[bool, typer.Option("--live", help="The live sources.")] = False,
    dashboard: Annotated[bool, typer.Option(help="Serve the dashboard afterwards.")] = True,
    collect: Annotated[
        bool, typer.Option(help="Visit the sources; without: only what was imported.")
    ] = True,
    sources: Annotated[
        Path | None, typer.Option(help="A sources file instead of the shipped one; means --live.")
    ] = None,
    db: RunDb = None,
    port: Annotated[int, typer.Option(help="Port of the dashboard.")] = 8501,
    json: Json = False,
) -> None:
    """Collect, score, index, relate, check alerts; then the dashboard."""
    from moneygood import pipeline

    live = live or sources is not None
    if sample == live:
        raise typer.BadParameter("choose --sample (embedded texts) or --live (real sources)")
    settings = load_settings()
    mode = "sample" if sample else "live"
    path = db or settings.database("sample" if sample else "live")
    tell_changed(settings)
    default = pipeline.SAMPLE_SOURCES if sample else settings.sources or pipeline.LIVE_SOURCES
    console = Console(json)
    with console.progress() as progress:
        done = pipeline.run(
            path,
            settings,
            mode=mode,
            now=pipeline.SAMPLE_NOW if sample else utc_now(),
            sources=(sources or default) if collect else None,
            progress=progress,
        )
    console.result(done, lambda: _run_lines(done, path))
    if dashboard and not json:
        _serve(path, port, settings)


def _run_lines(done: object, path: Path) -> list[str]:
    from moneygood.pipeline import Run

    assert isinstance(done, Run)
    g, r = done.gathered, done.read
    lines = [
        f"collected  {g.sources} sources: {g.new} new of {g.seen}, {g.failed} failed",
        f"scored     {r.documents} documents, {r.sentences} sentences, {r.mentions} mentions"
        f" ({r.scorer})",
    ]
    for state in ("no evidence", "no data"):
        lines += [f"{state}: {m.series}: {m.reason}" for m in done.measured if m.state == state]
    lines += [f"alert      {a.rule} firing since {a.since}: {a.summary}" for a in done.firing]
    if g.failed:
        lines.append("see        `moneygood sources` for what failed, and why")
    return [*lines, f"database   {path}"]


def _serve(path: Path, port: int, settings: Settings) -> None:
    import subprocess

    from moneygood.alerting import rules_path
    from moneygood.ui.serve import ADDRESS, dashboard_command, dashboard_environment

    typer.echo(f"dashboard  http://{ADDRESS}:{port}  (Ctrl+C stops it)")
    sys.stdout.flush()
    rules = rules_path(settings.alerts.rules)
    try:
        code = subprocess.run(
            dashboard_command(path, port=port),
            env=dashboard_environment(path, rules=rules),
            check=False,
        ).returncode
    except KeyboardInterrupt:
        code = 0
    if code:
        raise MoneygoodError(
            f"dashboard on port {port}",
            f"ended with status {code}",
            "If the port is in use, choose another: --port 8502",
        )


@app.command()
def dashboard(
    db: Db = None,
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8501,
) -> None:
    """Serve the dashboard of what was run before, on 127.0.0.1."""
    _serve(database_of(db), port, load_settings())


@app.command()
def score(
    in_: Annotated[Path | None, typer.Option("--in", help="JSON Lines of sentences.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Where to write the scores.")] = None,
    db: LiveDb = None,
    json: Json = False,
) -> None:
    """Score what is pending in the database, or a file (--in, --out)."""
    from moneygood import pipeline, reading
    from moneygood.store import Store

    settings = load_settings()
    tell_changed(settings)
    console = Console(json)
    if in_ is not None or out is not None:
        if in_ is None or out is None:
            raise typer.BadParameter("file mode wants both --in FILE and --out FILE")
        from moneygood.nlp.files import score_file

        rows = score_file(reading.make_scorer(settings.scoring), in_, out)
        console.result({"rows": rows, "out": str(out)}, lambda: [f"{rows} sentences: {out}"])
        return
    path = db or settings.database("live")
    version = pipeline.current_version(settings)
    with pipeline.only_writer(path), Store(path) as store, console.progress() as progress:
        done = reading.score_pending(store, settings.scoring, version=version, progress=progress)
    console.result(
        done,
        lambda: [
            f"{done.documents} documents, {done.sentences} sentences, {done.mentions} mentions"
            f" by {done.scorer}: {path}"
        ],
    )


@app.command()
def evaluate(
    file: Annotated[Path, typer.Argument(help="Labelled sentences (annotation guide's format).")],
    json: Json = False,
) -> None:
    """Precision, recall, F1, stance, rung and calibration against labels."""
    from moneygood.nlp.evaluate import evaluate as compare
    from moneygood.nlp.examples import read_examples
    from moneygood.nlp.own.shelf import trained_facts
    from moneygood.reading import make_scorer, own_heads
    from moneygood.ui.console import evaluation_lines

    settings = load_settings().scoring
    own = [facts.words.id for facts in trained_facts(own_heads(settings))]
    examples = read_examples(file, own)
    if not examples:
        raise MoneygoodError(str(file), "holds no sentences")
    scores = make_scorer(settings).score([e.sentence for e in examples])
    result = compare(examples, scores)
    Console(json).result(result, lambda: evaluation_lines(result))


@app.command()
def index(as_of: AsOf = "", db: Db = None, json: Json = False) -> None:
    """Compute every series from what is scored and keep it as a vintage.

    With --as-of it is computed and shown from what was available by then, and not kept.
    """
    from moneygood import measure

    wanted = moment(as_of)

    def work(job: _Job) -> list[measure.Measured]:
        done = measure.index(
            job.store,
            job.settings,
            scorer=job.scorer,
            as_of=wanted or job.now,
            keep=not as_of,
            progress=job.progress,
        )
        if not as_of:
            job.store.save_mode(job.mode, job.now, job.scorer)
        return done

    _measure(work, db, json)


@app.command()
def relate(db: Db = None, json: Json = False) -> None:
    """Relate the narratives with Treasury yields: correlation and divergence."""
    from moneygood import measure

    _measure(
        lambda job: measure.relate(
            job.store, job.settings, scorer=job.scorer, as_of=job.now, progress=job.progress
        ),
        db,
        json,
    )


@dataclass(frozen=True, slots=True)
class _Job:
    """What a measuring command works on."""

    store: Store
    settings: Settings
    mode: str
    scorer: str
    now: datetime
    progress: Progress


def _measure(work: Callable[[_Job], list[Measured]], db: Path | None, json: bool) -> None:
    from moneygood import pipeline, reads
    from moneygood.store import Store

    settings = load_settings()
    path = database_of(db)
    if not path.exists():
        raise MoneygoodError(
            str(path), "there is no database yet", "Run `moneygood run --sample` first"
        )
    console = Console(json)
    with pipeline.only_writer(path), Store(path) as store, console.progress() as progress:
        known = reads.mode(store)
        sample = known is not None and known.mode == "sample"
        job = _Job(
            store=store,
            settings=settings,
            mode="sample" if sample else "live",
            scorer=pipeline.current_version(settings),
            now=pipeline.SAMPLE_NOW if sample else utc_now(),
            progress=progress,
        )
        done = work(job)
    console.result(
        done, lambda: [f"{m.series:24} {m.state:12} {m.points:5} {m.reason}" for m in done]
    )


@app.command()
def alerts(
    check: Annotated[bool, typer.Option("--check", help="Only check the rule file.")] = False,
    rules: Annotated[Path | None, typer.Option(help="A rule file of your own.")] = None,
    db: Db = None,
    json: Json = False,
) -> None:
    """Show the state of every alert rule, or check a rule file."""
    from moneygood import reads
    from moneygood.alerting import rules_path
    from moneygood.signals.rules import load_rules
    from moneygood.store import Store
    from moneygood.ui.console import alert_lines

    console = Console(json)
    file = rules or rules_path(load_settings().alerts.rules)
    if rules and not check:
        raise typer.BadParameter("--rules is for --check; set alerts.rules to use a file")
    if check:
        found = load_rules(file)
        console.result(
            {"file": str(file), "rules": [r.name for r in found]},
            lambda: [f"{file}: {len(found)} rules: {', '.join(r.name for r in found)}"],
        )
        return
    with Store(database_of(db), readonly=True) as store:
        frame = reads.alerts(store)
    frame["key"] = [f"{r['rule']} {sorted(r['labels'].items())}" for r in frame.to_dict("records")]
    latest = frame.drop_duplicates("key").drop(columns="key")
    console.result(latest.to_dict("records"), lambda: alert_lines(latest))


@app.command()
def export(
    what: Annotated[str, typer.Argument(help="index, evidence, yields or relations.")],
    out: Annotated[Path, typer.Argument(help="File to write; .csv or .parquet.")],
    wide: Annotated[bool, typer.Option(help="One column a series.")] = False,
    as_of: AsOf = "",
    db: Db = None,
    json: Json = False,
) -> None:
    """Write a table for models: CSV or Parquet, with a manifest beside it."""
    from moneygood.store import Store
    from moneygood.ui.exports import export as write

    kinds = {".csv": "csv", ".parquet": "parquet"}
    if out.suffix not in kinds:
        raise typer.BadParameter(f"{out}: end the name in .csv or .parquet")
    wanted = moment(as_of)
    with Store(database_of(db), readonly=True) as store:
        path = write(
            store,
            what,
            out,
            fmt="csv" if out.suffix == ".csv" else "parquet",
            wide=wide,
            as_of=wanted,
        )
    Console(json).result({"out": str(path)}, lambda: [str(path)])


@app.command()
def doctor(
    migrate: Annotated[bool, typer.Option(help="Bring the databases' schema up to date.")] = False,
    json: Json = False,
) -> None:
    """Check the installation: model, device, settings, databases, sources, rules."""
    from moneygood.ui.doctor import examine

    report = examine(load_settings(), migrate=migrate)
    Console(json).result(
        report, lambda: [f"{'ok  ' if c.ok else 'FAIL'} {c.subject}: {c.finding}" for c in report]
    )
    if not all(check.ok for check in report):
        raise typer.Exit(1)


def main() -> None:
    """Entry point: errors on purpose are one line on stderr and status 1."""
    try:
        app()
    except MoneygoodError as error:
        typer.echo(f"moneygood: {error}", err=True)
        raise SystemExit(1) from error


if __name__ == "__main__":
    main()
