"""Markdown as plain text."""

from __future__ import annotations

import time

import pytest

from moneygood.collectors.files.markdown import plain_markdown


@pytest.mark.parametrize(
    ("marked", "words"),
    [
        ("## Spending\n\n- more halls\n- more power", "Spending\nmore halls\nmore power"),
        ("> quoted\n* * *\nafter\n----\nend", "quoted\nafter\nend"),
        ("see [the **note**](https://a.example/x)", "see the note"),
        ("before\n```python\nx = 1\n```\nafter", "before\nafter"),
        ("before\n```\nnothing closes this", "before\n```\nnothing closes this"),
        ("a #hashtag and C# stay", "a #hashtag and C# stay"),
        (r"\$80 bn and snake_case_name", "$80 bn and snake_case_name"),
    ],
)
def test_marks_go_and_words_stay(marked: str, words: str) -> None:
    assert plain_markdown(marked) == words


@pytest.mark.parametrize(
    "part", [" \n", "\t\t \n", "```a\n", "- - - x\n", "#", "> ", "*a", "_ ", "[a", "![", "\\"]
)
def test_no_mark_repeated_without_end_takes_long(part: str) -> None:
    start = time.process_time()
    plain_markdown(part * (300_000 // len(part)))
    assert time.process_time() - start < 3.0
