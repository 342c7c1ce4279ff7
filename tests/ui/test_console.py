"""What `moneygood sources` and a dry run print."""

from __future__ import annotations

from datetime import date

import pandas as pd

from moneygood import source_reads
from moneygood.records import Failure, Skip
from moneygood.store import Store
from moneygood.trying import Tried
from moneygood.ui.console import ERROR, source_lines, try_lines
from moneygood.ui.coverage import source_states
from moneygood.ui.coverage_tables import failure_groups

LAST = date(2025, 3, 25)


def _lines(store: Store, health: pd.DataFrame, failed: pd.DataFrame) -> list[str]:
    states = source_states(health, source_reads.visit_days(store), last=LAST)
    return source_lines(health, failure_groups(failed, health), states)


def test_one_line_a_source_with_state_lag_revisions_and_last_error(store: Store) -> None:
    health = source_reads.source_health(store)
    lines = _lines(store, health, source_reads.failures(store).iloc[:0])
    assert len(lines) == len(health) + 1
    by = {line.split()[0]: line for line in lines}
    assert by["slate-desk"] == (
        "slate-desk     read                    last visit 2025-03-25 13:00 UTC: 2 read, 2 new,"
        " 5 left out; 19 texts held, lag 30 min; last error 2025-03-22: took over 30 s"
    )
    assert "lag" not in by["ledger-wire"]
    assert "last error" not in by["ember-feed"]
    assert lines[0].startswith("tide-bulletin  not visited for 4 days")
    assert lines[1].startswith("circuit-notes  failed in part")
    assert lines[-1].startswith("8 sources: 2 read,")


def test_a_source_of_figures_is_said_to_hold_no_texts(store: Store) -> None:
    lines = _lines(store, source_reads.source_health(store), source_reads.failures(store))
    (line,) = (line for line in lines if line.startswith("treasury"))
    assert line.endswith("480 read, 480 new")


def test_failures_alike_are_one_line(store: Store) -> None:
    failed = source_reads.failures(store)
    lines = _lines(store, source_reads.source_health(store), failed)
    said = [line for line in lines if line.startswith("failed ")]
    assert len(failed) == 11
    assert len(said) == 4
    assert said[0].startswith("failed 2025-03-25, 3 times since 2025-03-24: circuit-notes: https:")
    assert said[0].endswith("Nothing to do: it is asked again at the next visit.")


def test_an_error_of_many_lines_stays_on_one(store: Store) -> None:
    health = source_reads.source_health(store)
    health["last_error"] = "503\r\n\x1b[31mred\x1b[0m " + "long " * 99
    failed = pd.DataFrame(
        [
            {"at": pd.Timestamp(LAST), "source": "wire", "subject": "a\nb",
             "reason": "\x1b]0;t\x07bad", "remedy": ""}
        ]
    )  # fmt: skip
    lines = _lines(store, health, failed)
    assert len(lines) == len(health) + 2
    assert all(line.isprintable() for line in lines)
    assert all(len(line.partition("last error")[2]) <= ERROR + 13 for line in lines)


def test_without_visits_the_remedy_is_said(store: Store) -> None:
    none = source_reads.source_health(store).iloc[:0]
    (line,) = _lines(store, none, source_reads.failures(store).iloc[:0])
    assert "moneygood run --sample" in line


def test_a_dry_run_says_what_was_left_out_and_failed_on_a_line_each() -> None:
    tried = Tried(
        "wire",
        3,
        2,
        0,
        None,
        (Skip("language\nde", 4),),
        (Failure("wire", "x\x1b", "bad", "mend"),),
    )
    lines = try_lines([tried, Tried("post", 0, 0, 0, None, unchanged=True)])
    assert lines[0].split() == ["wire", "3", "texts,", "2", "new"]
    assert lines[1] == "  left out 4: language de"
    assert lines[2].startswith("  failed   ")
    assert "nothing new, says the server" in lines[3]
    assert lines[-1] == "dry run: nothing was stored"
    curve, away = try_lines([Tried("curve", 0, 0, 250, None), Tried("away", 0, 0, 0, None)])[:2]
    assert (curve.split(), away.split()) == (["curve", "250", "figures"], ["away", "nothing"])
    assert all(line.isprintable() for line in lines)
