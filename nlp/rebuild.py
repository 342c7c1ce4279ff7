"""Labelled real sentences from texts at hand: ``python -m moneygood.nlp.rebuild TEXTS OUT``.

The project labelled sentences of calls, articles, digests and speeches that it may
not pass on. ``nlp/real_labels.jsonl`` holds the labels and, for each
sentence, the file it is in and its SHA-1. Whoever has the files gets the sentences
back in the annotation guide's format, ready for ``python -m moneygood.nlp.train --real``.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import tarfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from moneygood.nlp.examples import WRITTEN, read_json_lines

LABELS = WRITTEN.parent / "real_labels.jsonl"
CONTEXT = 400
"""Most characters of the sentence before, counted from its end."""
_MARKDOWN_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_MARKDOWN_MARK = re.compile(r"[#*_>`]+")
_WORDS = re.compile(r"\W+")


def fingerprint(sentence: str) -> str:
    """SHA-1 of a sentence's letters and digits in lower case, whatever stands between them."""
    letters = _WORDS.sub(" ", sentence.lower()).strip()
    return hashlib.sha1(letters.encode("utf-8", "replace")).hexdigest()


def plain_text(name: str, text: str) -> str:
    """A file's text as it was split for labelling: Markdown without marks and front matter."""
    if not name.endswith(".md"):
        return text
    return _MARKDOWN_MARK.sub(" ", _MARKDOWN_LINK.sub(r"\1", text.split("---", 2)[-1]))


def texts_in(root: Path, names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """(name, text) of files below ``root``; ``archive.tar.gz/member`` names a packed one."""
    packed: dict[str, set[str]] = defaultdict(set)
    for name in sorted(set(names)):
        archive, mark, member = name.partition(".tar.gz/")
        if mark:
            packed[archive + ".tar.gz"].add(member)
        elif (path := root / name).is_file():
            yield name, path.read_text(encoding="utf-8", errors="replace")
    for archive, members in packed.items():
        if not (root / archive).is_file():
            continue
        with tarfile.open(root / archive) as tar:
            for info in tar:
                if info.name in members and (file := tar.extractfile(info)):
                    yield f"{archive}/{info.name}", file.read().decode("utf-8", "replace")


def rebuild(root: Path, labels: Path = LABELS) -> Iterator[dict[str, Any]]:
    """The labelled sentences found below ``root``, as rows of the annotation guide's format."""
    from moneygood.nlp.sentences import pipeline

    wanted: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
    for _, row in read_json_lines(labels):
        wanted[row["file"]][row["sha1"]] = row
    for name, text in texts_in(root, wanted):
        open_rows = dict(wanted[name])
        before = ""
        for part in pipeline()(plain_text(name, text)[:1_000_000]).sents:
            sentence = part.text.strip()
            mark = fingerprint(sentence)
            if mark in open_rows:
                row = open_rows.pop(mark)
                kept = {k: v for k, v in row.items() if k not in ("file", "sha1")}
                yield {**kept, "text": sentence, "context": before[-CONTEXT:]}
            before = sentence


def main() -> None:
    """Command line: see the module's first lines."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("texts", type=Path, help="folder that holds the files")
    parser.add_argument("out", type=Path, help="the JSON Lines file to write")
    asked = parser.parse_args()
    found = 0
    with asked.out.open("w", encoding="utf-8") as file:
        for row in rebuild(asked.texts):
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
            found += 1
    known = sum(1 for _ in read_json_lines(LABELS))
    print(f"{found} of {known} labelled sentences found; written to {asked.out}")


if __name__ == "__main__":
    main()
