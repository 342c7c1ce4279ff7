"""What `moneygood sources` and a dry run print."""

from __future__ import annotations

import pandas as pd

from moneygood import source_reads
from moneygood.records import Failure, Skip
from moneygood.store import Store
from moneygood.trying import Tried
from moneygood.ui.console import ERROR, source_lines, try_lines


def test_one_line_a_source_with_lag_revisions_and_last_error(store: Store) -> None:
    health = source_reads.source_health(store)
    lines = source_lines(health, source_reads.failures(store).iloc[:0])
    assert len(lines) == len(health)
    by = {line.split()[0]: line for line in lines}
    assert by["slate-desk"] == (
        "slate-desk               last visit 2025-03-25 13:00: 2 read, 2 new, 0 revised,"
        " 5 skipped, 0 failed; 19 documents held, lag 30 min;"
        " last error 2025-03-22: took over 30 s"
    )
    assert "lag" not in by["ledger-wire"]
    assert "last error" not in by["ember-feed"]


def test_an_error_of_many_lines_stays_on_one(store: Store) -> None:
    health = source_reads.source_health(store)
    health["last_error"] = "503\r\n\x1b[31mred\x1b[0m " + "long " * 99
    failed = pd.DataFrame(
        [{"source": "wire", "subject": "a\nb", "reason": "\x1b]0;t\x07bad", "remedy": ""}]
    )
    lines = source_lines(health, failed)
    assert len(lines) == len(health) + 1
    assert all(line.isprintable() for line in lines)
    assert all(len(line.partition("last error")[2]) <= ERROR + 13 for line in lines)


def test_without_visits_the_remedy_is_said(store: Store) -> None:
    none = source_reads.source_health(store).iloc[:0]
    (line,) = source_lines(none, source_reads.failures(store).iloc[:0])
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
