"""Commands about narratives of the user's own: list, new, check, train."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from moneygood.errors import ModelError, MoneygoodError
from moneygood.settings import Settings, load_settings
from moneygood.ui.console import Console
from moneygood.ui.options import Json

if TYPE_CHECKING:
    from moneygood.teaching import Taught

Named = Annotated[str, typer.Argument(help="Id of a narrative, or its file.")]

narratives = typer.Typer(
    name="narratives",
    help="Narratives as data: list them, begin one, check and train it.",
    no_args_is_help=True,
)


@narratives.command(name="list")
def list_(json: Json = False) -> None:
    """Show the built-in narratives and your own: trained, changed, stale, not trained, broken."""
    from moneygood.nlp.narratives import load_definitions
    from moneygood.nlp.own.shelf import shelf
    from moneygood.teaching import base_version

    settings = load_settings()
    shown: list[dict[str, Any]] = [
        {"id": d.id, "name": d.title, "state": "built in", "path": "", "remedy": "", "report": None}
        for d in load_definitions()
    ]
    for own in shelf(settings.scoring.narratives, base_version(settings)):
        row = {"id": own.id, "name": own.name, "state": str(own.state), "path": str(own.path)}
        shown.append({**row, "remedy": own.remedy, "report": own.report})
    lines = [f"{r['id']:20} {r['state']:12} {r['name'] or r['path']}" for r in shown]
    for i in reversed(range(len(shown))):
        if shown[i]["remedy"]:
            lines.insert(i + 1, f"  {shown[i]['remedy']}")
    Console(json).result(shown, lambda: lines)


@narratives.command()
def new(
    id_: Annotated[str, typer.Argument(metavar="ID", help="Small letters, digits, underscores.")],
    json: Json = False,
) -> None:
    """Write a commented file to fill in."""
    from moneygood.nlp.own.shelf import begin

    settings = load_settings()
    path = begin(id_, settings.scoring.narratives)
    Console(json).result(
        {"id": id_, "path": str(path)},
        lambda: [str(path), f"Fill it in, then: moneygood narratives check {id_}"],
    )


@narratives.command()
def check(
    named: Annotated[str, typer.Argument(help="Id or file; default: all of your own.")] = "",
    quick: Annotated[
        bool, typer.Option("--quick", help="Only the file, no trial training.")
    ] = False,
    json: Json = False,
) -> None:
    """Say what is wrong with a definition, with line, key and remedy; then try it. Exit 1 if wrong.

    The trial trains and cross-validates it, a few seconds, and keeps nothing.
    """
    from moneygood.nlp.own.definition import examine
    from moneygood.nlp.own.shelf import read_apart
    from moneygood.teaching import Teacher, taught

    settings = load_settings()
    found: list[dict[str, Any]] = []
    lines: list[str] = []
    teacher = None
    for path in _paths(named, settings):
        narrative, problems = examine(path)
        said = [str(p) for p in problems if not p.warning]
        warned = [str(p) for p in problems if p.warning]
        tried = None
        if narrative is not None:
            try:
                read_apart(path, settings.scoring.narratives)
            except ModelError as error:
                said.append(str(error))
        if narrative is not None and not said and not quick:
            teacher = teacher or Teacher(settings)
            tried = taught(narrative, teacher.fit(narrative))
            warned += [f"{path}: {w}" for w in tried.warnings]
        found.append(
            {
                "path": str(path),
                "ok": not said,
                "errors": said,
                "warnings": warned,
                "report": tried.report if tried else None,
            }
        )
        lines += [f"FAIL {s}" for s in said] + ([f"ok   {path}"] if not said else [])
        lines += _figures(tried) if tried else []
        lines += [f"warn {w}" for w in warned]
    Console(json).result(found, lambda: lines or ["there is no narrative of your own to check"])
    if not all(f["ok"] for f in found):
        raise typer.Exit(1)


@narratives.command()
def train(
    named: Annotated[
        str, typer.Argument(help="Id or file; default: all of your own that are not up to date.")
    ] = "",
    json: Json = False,
) -> None:
    """Train a narrative, say how well it does, and keep its head beside its file."""
    from moneygood.nlp.own.shelf import State, read_apart, shelf
    from moneygood.teaching import Teacher, base_version

    settings = load_settings()
    places = settings.scoring.narratives
    paths = _paths(named, settings)
    if not named:
        kept = {s.path for s in shelf(places, base_version(settings)) if s.state is State.TRAINED}
        paths = [path for path in paths if path not in kept]
    wanted = [read_apart(path, places) for path in paths]
    start = time.monotonic()
    teacher = Teacher(settings) if wanted else None
    ready = time.monotonic() - start
    done: list[dict[str, Any]] = []
    lines: list[str] = []
    for narrative in wanted:
        assert teacher is not None
        start = time.monotonic()
        one = teacher.teach(narrative)
        seconds = round(time.monotonic() - start, 1)
        done.append({"taught": one, "seconds": seconds})
        lines += [f"{one.id}: trained in {seconds} s: {one.head}", *_figures(one)]
        lines += [f"warn {w}" for w in one.warnings]
    if done:
        lines.append(f"{ready:.1f} s to load the encoder and the background")
    Console(json).result(done, lambda: lines or ["nothing to train: all are up to date"])


def _paths(named: str, settings: Settings) -> list[Path]:
    from moneygood.narrative_files import narrative_files
    from moneygood.nlp.own.shelf import find_narrative

    places = settings.scoring.narratives
    return [find_narrative(named, places)] if named else list(narrative_files(places))


def _figures(one: Taught) -> list[str]:
    r = one.report
    precision = "none found" if r.precision is None else f"{r.precision:.2f}"
    return [
        f"  cross-validated: precision {precision}, recall {r.recall:.2f}, stance"
        f" {r.stance_accuracy:.2f} on {r.exemplars} exemplars and {r.counter_exemplars}"
        " counter-exemplars",
        f"  false calls: {r.called} of {r.background} sentences on other things"
        f" ({r.false_call_rate:.2%})",
    ]


def tell_changed(settings: Settings) -> None:
    """Say on standard error which narratives are scored as they were before an edit."""
    from moneygood.nlp.own.shelf import changed

    try:
        names = changed(settings.scoring.narratives)
    except MoneygoodError:
        return  # said, with its remedy, by what loads the heads
    for name in names:
        typer.echo(
            f"narrative {name}: its file was changed since it was trained; scored as it was."
            f" Run `moneygood narratives train {name}`",
            err=True,
        )
