"""Damaged input through every parser: ``python -m bench.fuzz ../shared/data --each 10000``.

Each input comes from a seed file by one to six changes (``tests/support/mutations``)
and is the same for the same ``--seed``, parser and number. Inputs run in child
processes, two at a time, each watched: an exception that escapes is a crash; more
than 5 s of processor time or 60 s by the clock is a hang (the child is killed and
goes on behind it); growth of the child's peak memory over 300 MB is reported.
Parsers built on libraries that can be made slow (web pages, pdf, docx, mail) run
as they do in the product, in a worker that is stopped after 5 s or 300 MB; how
often it was stands among the outcomes, and their seconds are the worker's.
Offending inputs are written to ``--out``.

``--atheris NAME`` fuzzes one parser guided by coverage until stopped, where
atheris is installed (``pip install atheris``; an option, never a dependency).
"""

from __future__ import annotations

import argparse
import functools
import logging
import multiprocessing
import multiprocessing.connection
import os
import random
import resource
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))

from mutations import mutated
from parsers import PARSERS, SLOW_LIBRARIES, names, run, run_named

from moneygood.collectors.web.workers import Workers
from moneygood.errors import CollectError

HANG = 5.0
"""Most seconds of processor time for one input."""
STUCK = 60.0
"""Most seconds by the clock for one input, for one that only sleeps."""
MEMORY = 300
"""Most MB by which the peak may grow over the baseline."""
CEILING = 4_000_000_000
AT_ONCE = 2
BATCH = 200


@dataclass(slots=True)
class Report:
    """What became of one parser's inputs."""

    inputs: int = 0
    crashes: int = 0
    hangs: int = 0
    heavy: int = 0
    slowest: float = 0.0
    growth: float = 0.0
    outcomes: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)


def damaged(name: str, seeds: list[bytes], seed: int, number: int) -> bytes:
    """Input ``number`` of a parser: always the same bytes."""
    rng = random.Random(f"{seed}:{name}:{number}")
    return mutated(rng.choice(seeds), rng.choice(seeds), rng)


def serve(pipe: Connection, name: str, shared: Path, seed: int, first: int, last: int) -> None:
    """Child: run inputs ``first`` to ``last``, telling the parent before and after each."""
    logging.disable(logging.CRITICAL)
    sys.setswitchinterval(1)
    parser, seeds = PARSERS[name], PARSERS[name].inputs(shared)
    for data in seeds[:20]:
        try:
            run(parser, data)
        except Exception:
            continue
    resource.setrlimit(resource.RLIMIT_AS, (CEILING, CEILING))
    clock: Callable[[], float] = time.process_time
    work: Callable[[bytes], Counter[str]] = functools.partial(run, parser)
    if name in SLOW_LIBRARIES:
        clock = time.monotonic
        work = functools.partial(in_worker, Workers(1, seconds=HANG, megabytes=MEMORY), name)
    baseline = peak()
    for number in range(first, last):
        data = damaged(name, seeds, seed, number)
        pipe.send(("start", number))
        start = clock()
        try:
            found, error = dict(work(data)), ""
        except BaseException:
            found, error = {"crash": 1}, traceback.format_exc()
        grown = peak() - baseline
        pipe.send(("done", number, clock() - start, grown, found, error))
        if grown > MEMORY:
            # The peak never falls: a fresh process measures the next one.
            break
    pipe.send(("end", 0))


def in_worker(workers: Workers, name: str, data: bytes) -> Counter[str]:
    """One input in a worker; being stopped is an outcome, for the product says so."""
    try:
        return workers.run(run_named, name, data)
    except CollectError as error:
        return Counter({"stopped" if "was stopped" in error.reason else "failures": 1})


def peak() -> float:
    """Peak memory of this process in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@dataclass(slots=True)
class Child:
    """One child at work on a stretch of one parser's inputs."""

    name: str
    last: int
    process: BaseProcess
    pipe: Connection
    number: int
    since: float = 0.0
    cpu: float = 0.0
    running: bool = False


def launch(name: str, shared: Path, seed: int, first: int, last: int) -> Child:
    """Start a child on inputs ``first`` to ``last``."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=serve, args=(theirs, name, shared, seed, first, last))
    process.start()
    theirs.close()
    return Child(name, last, process, ours, first)


class Watch:
    """Runs the children and gathers their reports."""

    def __init__(self, shared: Path, seed: int, out: Path) -> None:
        self.shared, self.seed, self.out = shared, seed, out
        self.reports: dict[str, Report] = {}

    def all(self, chosen: list[str], each: int) -> None:
        """Every chosen parser, two children at once; prints each report when it is done."""
        waiting = [(name, 0) for name in reversed(chosen)]
        children: list[Child] = []
        print(HEAD, flush=True)
        while waiting or children:
            while waiting and len(children) < AT_ONCE:
                name, first = waiting.pop()
                self.reports.setdefault(name, Report())
                children.append(launch(name, self.shared, self.seed, first, each))
            multiprocessing.connection.wait([child.pipe for child in children], timeout=0.5)
            for child in list(children):
                upto = self.follow(child)
                if upto is None:
                    continue
                children.remove(child)
                child.process.join()
                child.pipe.close()
                if upto < child.last:
                    waiting.append((child.name, upto))
                else:
                    print(line(child.name, self.reports[child.name]), flush=True)

    def follow(self, child: Child) -> int | None:
        """Take what a child says; the number to go on from once it has ended."""
        try:
            while child.pipe.poll():
                message = child.pipe.recv()
                if message[0] == "start":
                    child.number, child.running = message[1], True
                    child.since, child.cpu = time.monotonic(), spent(child.process)
                elif message[0] == "done":
                    child.running = False
                    child.number = message[1] + 1
                    self.done(child.name, *message[1:])
                else:
                    return child.number
        except (EOFError, ConnectionResetError):
            self.fault(child.name, child.number, "died", f"exit {child.process.exitcode}")
            return child.number + 1
        late = child.running and (
            spent(child.process) - child.cpu > HANG or time.monotonic() - child.since > STUCK
        )
        if late and not child.pipe.poll():
            child.process.kill()
            self.fault(child.name, child.number, "hang", f"over {HANG} s")
            return child.number + 1
        return None

    def done(
        self,
        name: str,
        number: int,
        seconds: float,
        grown: float,
        found: dict[str, int],
        error: str,
    ) -> None:
        """Count one input that came to an end."""
        report = self.reports[name]
        report.inputs += 1
        report.slowest = max(report.slowest, seconds)
        report.growth = max(report.growth, grown)
        report.outcomes.update(found.keys())
        if error:
            report.crashes += 1
            report.kinds[error.strip().splitlines()[-1][:100]] += 1
            self.keep(name, number, "crash", error)
        if grown > MEMORY:
            report.heavy += 1
            self.keep(name, number, "memory", f"{grown:.0f} MB")
        if seconds > HANG / 2:
            self.keep(name, number, "slow", f"{seconds:.1f} s")

    def fault(self, name: str, number: int, sort: str, note: str) -> None:
        """Count one input that did not come to an end."""
        report = self.reports[name]
        report.inputs += 1
        if sort == "hang":
            report.hangs += 1
            report.slowest = max(report.slowest, HANG)
        else:
            report.crashes += 1
        report.kinds[f"{sort}: {note}"] += 1
        self.keep(name, number, sort, note)

    def keep(self, name: str, number: int, sort: str, note: str) -> None:
        """Write an offending input and what it did."""
        self.out.mkdir(parents=True, exist_ok=True)
        path = self.out / f"{name}-{sort}-{self.seed}-{number}"
        path.write_bytes(damaged(name, PARSERS[name].inputs(self.shared), self.seed, number))
        path.with_suffix(".txt").write_text(note, encoding="utf-8")


def spent(process: BaseProcess) -> float:
    """Processor seconds of a child so far; 0 where the system does not say."""
    try:
        fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError):
        return 0.0


HEAD = (
    f"{'parser':18} {'inputs':>7} {'crashes':>8} {'hangs':>6} {'>300 MB':>8} {'slowest s':>10} "
    f"{'peak +MB':>9}  outcomes (inputs with)"
)


def line(name: str, report: Report) -> str:
    """One parser's row."""
    outcomes = ", ".join(f"{sort} {count}" for sort, count in report.outcomes.most_common())
    row = (
        f"{name:18} {report.inputs:7} {report.crashes:8} {report.hangs:6} {report.heavy:8} "
        f"{report.slowest:10.2f} {report.growth:9.0f}  {outcomes}"
    )
    kinds = "".join(f"\n    {count} x {kind}" for kind, count in report.kinds.most_common(8))
    return row + kinds


def guided(name: str, shared: Path) -> None:
    """Coverage-guided fuzzing of one parser with atheris, until stopped."""
    try:
        import atheris  # type: ignore[import-untyped,import-not-found,unused-ignore]
    except ImportError:
        raise SystemExit("atheris is not installed: pip install atheris") from None
    logging.disable(logging.CRITICAL)
    parser = PARSERS[name]
    with atheris.instrument_imports(include=["moneygood.collectors"]):
        for data in parser.inputs(shared)[:20]:
            run(parser, data)
    corpus = Path("/tmp") / f"moneygood-fuzz-{name}"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(parser.inputs(shared)):
        (corpus / f"seed-{number}").write_bytes(data)
    atheris.Setup(
        [sys.argv[0], str(corpus), "-timeout=5", "-rss_limit_mb=1500"],
        lambda data: run(parser, data),
    )
    atheris.Fuzz()


def main() -> int:
    """Run the parsers asked for; 1 when anything crashed, hung or grew too far."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shared", type=Path, nargs="?", default=Path("../shared/data"))
    parser.add_argument("--each", type=int, default=1000, help="inputs for each parser")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--parsers", default="", help="names, separated by commas")
    parser.add_argument("--out", type=Path, default=Path("/tmp/moneygood-fuzz"))
    parser.add_argument("--atheris", metavar="NAME", default="")
    asked = parser.parse_args()
    if asked.atheris:
        guided(asked.atheris, asked.shared)
    chosen = names([name for name in asked.parsers.split(",") if name])
    watch = Watch(asked.shared, asked.seed, asked.out)
    watch.all(chosen, asked.each)
    bad = sum(r.crashes + r.hangs + r.heavy for r in watch.reports.values())
    total = sum(r.inputs for r in watch.reports.values())
    print(f"{total} inputs, {bad} crashes, hangs or memory over {MEMORY} MB", flush=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
