"""The whole job on real texts: ``python bench/real.py --shared ../shared/data``.

Imports every headline dump, 150 earnings calls, Treasury yields and prices
into a fresh database, scores, indexes, relates and checks alerts; prints
seconds and peak memory per stage, counts, and the strongest sentences per
narrative, for reading. Nothing of the texts is kept in the repository.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import resource
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from moneygood import pipeline, reads
from moneygood.gather import import_files
from moneygood.reading import score_pending
from moneygood.records import Narrative
from moneygood.settings import load_settings
from moneygood.store import Store

CALLS = 150
STRONGEST = 10
SEED = 7


@contextmanager
def stage(name: str) -> Iterator[None]:
    """Print the seconds a stage took and the process's peak memory after it."""
    start = time.monotonic()
    yield
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{name:12} {time.monotonic() - start:8.1f} s   peak {peak:7.0f} MB", flush=True)


def dated_calls(shared: Path, out: Path, count: int) -> int:
    """Write calls with the dates of the events table as JSON Lines; returns how many."""
    with (shared / "transcripts" / "sp500_events.csv").open(encoding="utf-8") as file:
        dates = {
            (row["symbol"], row["year"], row["quarter"]): row["conference_date"]
            for row in csv.DictReader(file)
        }
    files = sorted((shared / "transcripts" / "sp500").glob("*.txt"))
    random.Random(SEED).shuffle(files)
    written = 0
    with out.open("w", encoding="utf-8") as sink:
        for path in files:
            ticker, year, quarter = path.stem.split("_")
            published = dates.get((ticker, year, quarter.removeprefix("Q")))
            if published is None or written == count:
                continue
            row = {
                "title": f"{ticker} {quarter} {year} earnings call",
                "body": path.read_text("utf-8", "replace"),
                "published": published,
                "kind": "transcript",
                "source": "calls",
                "tickers": [ticker],
                "guid": path.stem,
            }
            sink.write(json.dumps(row) + "\n")
            written += 1
    return written


def main() -> None:
    """Command line: see the module's first lines."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--shared", type=Path, default=Path("../shared/data"))
    parser.add_argument("--db", type=Path, default=None, help="keep the database here")
    parser.add_argument("--calls", type=int, default=CALLS)
    parser.add_argument("--dumps", type=int, default=0, help="only so many headline dumps")
    arguments = parser.parse_args()
    shared: Path = arguments.shared
    settings = load_settings()
    now = datetime.now(UTC)
    with tempfile.TemporaryDirectory() as folder:
        path = arguments.db or Path(folder) / "real.db"
        calls = Path(folder) / "calls.jsonl"
        print(f"{dated_calls(shared, calls, arguments.calls)} calls with a date")
        dumps = sorted((shared / "news" / "headlines_2026").iterdir())
        dumps = dumps[: arguments.dumps or len(dumps)]
        version = pipeline.current_version(settings)
        with pipeline.only_writer(path), Store(path) as store:
            for name, paths in (
                ("headlines", dumps),
                ("calls", [calls]),
                ("yields", [shared / "treasury" / "par_yields_1990_2026.csv"]),
                ("prices", [shared / "prices"]),
            ):
                with stage(name):
                    got = import_files(store, paths, now=now)
                print(f"  {got.new} new of {got.seen}, {got.failed} failed")
            with stage("score"):
                read = score_pending(store, settings.scoring, version=version)
            print(f"  {read.documents} documents, {read.sentences} sentences")
            with stage("measure"):
                measured, related, alerts = pipeline.measure_all(
                    store, settings, mode="live", version=version, as_of=now
                )
            for m in (*measured, *related):
                print(f"  {m.series:28} {m.state:12} {m.points:6} {m.reason}")
            print(f"  {len(alerts)} alert evaluations")
            print(json.dumps(reads.counts(store, version), indent=1))
            for narrative in Narrative:
                frame = reads.evidence(
                    store,
                    narrative,
                    datetime(1990, 1, 1, tzinfo=UTC).date(),
                    now.date(),
                    scorer=version,
                    limit=200,
                ).drop_duplicates("text")
                print(f"\n== {narrative}")
                for row in frame.head(STRONGEST).to_dict("records"):
                    print(
                        f"{row['probability']:.3f} {row['stance']:8} {row['rung']:11}"
                        f" [{row['source']} {row['day']:%Y-%m-%d}] {row['text'][:300]}"
                    )


if __name__ == "__main__":
    main()
