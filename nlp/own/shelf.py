"""Which narratives of the user's are there, and whether they can be scored. Loads no model."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from moneygood.errors import ModelError
from moneygood.narrative_files import head_of, narrative_files
from moneygood.nlp.own.definition import OwnNarrative, examine, id_fault, read_narrative
from moneygood.nlp.own.head import Facts, Report, load_facts

TEMPLATE = Path(__file__).with_name("template.toml")


class State(StrEnum):
    """``CHANGED``: scored as it was when trained. ``STALE``: its head does not fit the weights."""

    TRAINED = "trained"
    CHANGED = "changed"
    STALE = "stale"
    UNTRAINED = "not trained"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Shelved:
    """One definition file; ``remedy`` says what to do where the state is not ``TRAINED``."""

    id: str
    name: str
    path: Path
    state: State
    remedy: str = ""
    report: Report | None = None


def shelf(places: Iterable[Path], base: str) -> list[Shelved]:
    """Every definition file of folders and single files; ``base`` is the scorer's own version."""
    return [_shelved(path, base) for path in narrative_files(places)]


def _shelved(path: Path, base: str) -> Shelved:
    narrative, problems = examine(path)
    if narrative is None:
        first = next(p for p in problems if not p.warning)
        return Shelved(path.stem, "", path, State.BROKEN, str(first))
    name, train = narrative.words.title, f"Run `moneygood narratives train {narrative.id}`"
    if not head_of(path).is_file():
        return Shelved(narrative.id, name, path, State.UNTRAINED, train)
    try:
        facts = load_facts(head_of(path))
    except ModelError as error:
        return Shelved(narrative.id, name, path, State.BROKEN, str(error))
    state, remedy = State.TRAINED, ""
    if facts.base != base:
        state, remedy = State.STALE, train
    elif facts.digest != narrative.digest:
        state, remedy = State.CHANGED, train
    return Shelved(narrative.id, name, path, state, remedy, facts.report)


def heads_in_force(places: Iterable[Path], base: str) -> tuple[Path, ...]:
    """The heads that are scored. A narrative that was never trained has none.

    Raises ModelError for one that was trained with other weights or cannot be read,
    and for two of one id.
    """
    found: dict[str, Path] = {}
    for path in narrative_files(places):
        head = head_of(path)
        if not head.is_file():
            continue
        facts = load_facts(head)
        name = facts.words.id
        if facts.base != base:
            raise ModelError(
                f"narrative {name}",
                f"was trained with other weights ({facts.base}, now {base})",
                f"Run `moneygood narratives train {name}`, or move {head} away",
            )
        if name in found:
            raise _clash(name, found[name], head)
        found[name] = head
    return tuple(found.values())


def changed(places: Iterable[Path]) -> list[str]:
    """Narratives edited since they were trained: scored as they were then."""
    names = []
    for path in narrative_files(places):
        if head_of(path).is_file():
            narrative, facts = examine(path)[0], load_facts(head_of(path))
            if narrative is None or narrative.digest != facts.digest:
                names.append(facts.words.id)
    return names


def trained_facts(heads: Iterable[Path]) -> list[Facts]:
    """What is told of heads, in order."""
    return [load_facts(head) for head in heads]


def find_narrative(named: str, places: Sequence[Path]) -> Path:
    """The definition file of an id, or the file named. Raises ModelError where there is none."""
    path = Path(named)
    if path.suffix == ".toml" or path.is_file():
        return path
    files = narrative_files(places)
    by_id = {narrative.id: file for file in files if (narrative := examine(file)[0])}
    for file in files:
        by_id.setdefault(file.stem, file)
    if named not in by_id:
        told = ", ".join(by_id) or "none"
        raise ModelError(
            f"narrative {named!r}",
            f"is not in {' or '.join(map(str, places))}",
            f"There is: {told}. Make it: moneygood narratives new {named}",
        )
    return by_id[named]


def read_apart(path: Path, places: Iterable[Path]) -> OwnNarrative:
    """The narrative of a file, if no other file has its id. Raises ModelError."""
    narrative = read_narrative(path)
    for other in narrative_files(places):
        if other.resolve() != path.resolve():
            found = examine(other)[0]
            if found is not None and found.id == narrative.id:
                raise _clash(narrative.id, other, path)
    return narrative


def begin(name: str, places: Sequence[Path]) -> Path:
    """Write the template of a new narrative into the first folder. Raises ModelError."""
    if fault := id_fault(name) if name else ("has no id", "Give one"):
        raise ModelError(f"narrative {name!r}", *fault)
    folder = next((p for p in places if p.suffix != ".toml"), None)
    if folder is None:
        raise ModelError("scoring.narratives", "names no folder", "Add one to the setting")
    path = folder / f"{name}.toml"
    title = name.replace("_", " ").capitalize()
    text = TEMPLATE.read_text("utf-8").replace("ID", name).replace("NAME", title)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        raise ModelError(str(path), "exists already", "Edit it, or choose another id") from error
    except OSError as error:
        reason = f"cannot be written ({error.strerror})"
        raise ModelError(str(path), reason, "Make the folder writable") from error
    return path


def _clash(name: str, one: Path, other: Path) -> ModelError:
    return ModelError(
        str(other), f"has the id {name!r} of {one}", "Give one of them another id, or delete it"
    )
