"""A narrative's file: what it may hold, and what is said of every fault."""

from __future__ import annotations

from pathlib import Path

import pytest

from moneygood.errors import ModelError
from moneygood.nlp.own.definition import Exemplar, Problem, examine, read_narrative
from moneygood.records import Stance

EXAMPLE = Path(__file__).parents[3] / "docs" / "narratives" / "tariffs_once.toml"

HEAD = 'id = "rain_soon"\nname = "Rain"\ndescription = "It will rain."\n'
PHRASES = '[phrases]\nwet = ["rain*", "shower|showers"]\n'
CARRY = "".join(f'[[exemplars]]\ntext = "Rain is coming, version {i}."\n' for i in range(10))
COUNTER = "".join(f'[[counter_exemplars]]\ntext = "It rained on day {i}."\n' for i in range(10))
GOOD = HEAD + PHRASES + CARRY + COUNTER


def said(text: str, folder: Path) -> tuple[list[Problem], bool]:
    file = folder / "rain.toml"
    file.write_text(text, "utf-8")
    narrative, problems = examine(file)
    assert all(p.file == str(file) for p in problems)
    return list(problems), narrative is not None


def test_a_good_file_has_no_fault(tmp_path: Path) -> None:
    assert said(GOOD, tmp_path) == ([], True)
    found = read_narrative(tmp_path / "rain.toml")
    assert found.id == "rain_soon"
    assert found.words.question == "Rain"
    assert found.exemplars[0] == Exemplar("Rain is coming, version 0.", "", Stance.AFFIRM)
    assert len(found.counters) == 10


def test_the_worked_example_has_no_fault() -> None:
    narrative, problems = examine(EXAMPLE)
    assert problems == ()
    assert narrative is not None
    assert {e.stance for e in narrative.exemplars} == set(Stance)


def test_exemplars_may_be_texts_alone(tmp_path: Path) -> None:
    listed = ", ".join(f'"Rain is coming, version {i}."' for i in range(10))
    text = HEAD + f"exemplars = [{listed}]\n" + PHRASES + COUNTER
    assert said(text, tmp_path) == ([], True)


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


def replaced(old: str, new: str, text: str = GOOD) -> str:
    assert old in text
    return text.replace(old, new, 1)


FAULTS = {
    "no id": (replaced('id = "rain_soon"\n', ""), None, "id", "is missing", 'Add id = "'),
    "no name": (replaced('name = "Rain"\n', ""), None, "name", "is missing", 'Add name = "'),
    "no description": (
        replaced('description = "It will rain."\n', ""), None, "description", "is missing", "Add",
    ),
    "empty name": (replaced('"Rain"', '" "'), "name = ", "name", "is empty", "Write name ="),
    "wrong type": (replaced('"Rain"', "7"), "name = ", "name", "a number, not a text", "quotes"),
    "built in": (
        replaced("rain_soon", "jevons"), "id = ", "id", "'jevons' is a built-in", "another id",
    ),
    "a series": (replaced("rain_soon", "y10"), "id = ", "id", "another series", "another id"),
    "no id at all": (replaced("rain_soon", "Rain soon"), "id = ", "id", "cannot be an id", "small"),
    "unknown key": (
        replaced("name =", "nane ="), "nane =", "nane", "no key of a narrative", "mean 'name'?",
    ),
    "unknown table": (
        GOOD + '[[countr_exemplars]]\ntext = "x"\n',
        "[[countr", "countr_exemplars", "no key", "mean 'counter_exemplars'?",
    ),
    "unknown key of an exemplar": (
        replaced('text = "Rain is coming, version 3."', 'txt = "Rain."'),
        'txt = "Rain."', "exemplars[4].txt", "no key", "mean 'text'?",
    ),
    "exemplar without text": (
        replaced('text = "Rain is coming, version 3."', 'context = "So?"'),
        None, "exemplars[4].text", "is missing or empty", "Add text",
    ),
    "exemplar of a wrong type": (
        replaced('text = "Rain is coming, version 3."', "text = 3"),
        "text = 3", "exemplars[4].text", "a number, not a text", "quotes",
    ),
    "long exemplar": (
        replaced("version 3.", "very " * 300),
        "very very", "exemplars[4].text", "characters", "one sentence",
    ),
    "unknown stance": (
        replaced('version 3."\n', 'version 3."\nstance = "afirm"\n'),
        'stance = "afirm"', "exemplars[4].stance", "'afirm' is unknown", "did you mean 'affirm'?",
    ),
    "no exemplars": (HEAD + PHRASES + COUNTER, None, "exemplars", "is missing", "at least 5"),
    "one bracket": (
        HEAD + PHRASES + '[exemplars]\ntext = "Rain."\n' + COUNTER,
        "[exemplars]", "exemplars", "a table, not a list", "two brackets",
    ),
    "too few": (
        HEAD + PHRASES + '[[exemplars]]\ntext = "Rain."\n' + COUNTER,
        "[[exemplars]]", "exemplars", "holds 1, too few", "at least 5",
    ),
    "twice": (
        replaced("version 7.", "VERSION  3."),
        "VERSION  3.", "exemplars", "stands twice", "Delete one",
    ),
    "both": (
        replaced("It rained on day 4.", "Rain is coming, version 2."),
        None, "counter_exemplars", "is an exemplar too", "Decide",
    ),
    "bad pattern": (
        HEAD + "patterns = ['rain', 'sn(ow']\n" + PHRASES + CARRY + COUNTER,
        "patterns", "patterns[2]", "missing ): sn(ow at character 1", "RE2",
    ),
    "look-around": (
        HEAD + "patterns = ['rain(?!ed)']\n" + PHRASES + CARRY + COUNTER,
        "patterns", "patterns[1]", "(?! at character 5", "no look-around",
    ),
    "empty pattern": (
        HEAD + "patterns = ['x*']\n" + PHRASES + CARRY + COUNTER,
        "patterns", "patterns[1]", "matches where nothing stands", "nothing empty",
    ),
    "pattern of a wrong type": (
        HEAD + "patterns = [3]\n" + PHRASES + CARRY + COUNTER,
        "patterns", "patterns[1]", "a number, not a text", "single quotes",
    ),
    "patterns not a list": (
        HEAD + "patterns = 'rain'\n" + PHRASES + CARRY + COUNTER,
        "patterns", "patterns", "a text, not a list", "patterns = [",
    ),
    "phrases not a table": (
        HEAD + 'phrases = ["rain"]\n' + CARRY + COUNTER,
        "phrases", "phrases", "a list, not a table", "[phrases]",
    ),
    "group not a list": (
        replaced('["rain*", "shower|showers"]', '"rain*"'),
        "wet =", "phrases.wet", "a text, not a list", "wet = [",
    ),
    "empty group": (
        replaced('["rain*", "shower|showers"]', "[]"), "wet =", "phrases.wet", "no phrase", "Add",
    ),
    "empty phrase": (
        replaced('"rain*"', '" "'), "wet =", "phrases.wet", "empty phrase", "words in quotes",
    ),
    "empty alternative": (
        replaced("shower|showers", "shower |showers"),
        "wet =", "phrases.wet", "empty alternative", "both sides",
    ),
    "star inside": (
        replaced("rain*", "ra*n"), "wet =", "phrases.wet", "a * inside a word", "patterns",
    ),
    "star alone": (replaced("rain*", "*"), "wet =", "phrases.wet", "a * with no word", "letters"),
    "too many wordings": (
        replaced('"rain*"', '"a* b* c* d*"'), "wet =", "phrases.wet", "too many", "a pattern",
    ),
    "phrase twice": (
        replaced('"rain*"', '"Shower|showers"'), "wet =", "phrases.wet", "stands twice", "Delete",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_named_with_line_key_and_remedy(name: str, tmp_path: Path) -> None:
    text, part, key, reason, remedy = FAULTS[name]
    problems, fine = said(text, tmp_path)
    assert not fine
    fault = next(p for p in problems if p.key == key)
    assert reason in fault.reason
    assert remedy in fault.remedy
    assert not fault.warning
    if part:
        assert fault.line == line_of(text, part)
    with pytest.raises(ModelError):
        read_narrative(tmp_path / "rain.toml")


def test_a_fault_is_the_only_one_told_where_there_is_one(tmp_path: Path) -> None:
    for name in ("built in", "unknown stance", "bad pattern", "twice", "both", "star inside"):
        assert len(said(FAULTS[name][0], tmp_path)[0]) == 1, name


def test_every_fault_of_a_file_is_told_at_once(tmp_path: Path) -> None:
    text = replaced('"Rain"', "7", replaced("rain_soon", "jevons"))
    assert [p.key for p in said(text, tmp_path)[0]] == ["id", "name"]


def test_the_message_reads_as_a_sentence_with_its_place(tmp_path: Path) -> None:
    (fault,) = said(FAULTS["unknown stance"][0], tmp_path)[0]
    line = line_of(FAULTS["unknown stance"][0], 'stance = "afirm"')
    assert str(fault) == (
        f"{tmp_path / 'rain.toml'} line {line}: exemplars[4].stance: 'afirm' is unknown."
        " Use affirm, doubt, neutral; did you mean 'affirm'?"
    )


def test_a_second_fault_is_placed_where_it_stands_again(tmp_path: Path) -> None:
    text = replaced("version 7.", "version 3.")
    (fault,) = said(text, tmp_path)[0]
    first = line_of(text, "version 3.")
    assert fault.line == first + 8


@pytest.mark.parametrize(
    ("text", "key", "reason"),
    [
        (HEAD + CARRY + COUNTER, "phrases", "nothing in a text will be marked"),
        (
            HEAD + PHRASES + "".join(CARRY.partition("[[")[1:])[:300].rpartition("[[")[0] + COUNTER,
            "exemplars",
            "rough",
        ),
        (
            replaced('It rained on day 4."\n', 'It rained on day 4."\nstance = "doubt"\n'),
            "counter_exemplars[5].stance",
            "is not used",
        ),
    ],
)
def test_what_is_weak_is_a_warning(text: str, key: str, reason: str, tmp_path: Path) -> None:
    problems, fine = said(text, tmp_path)
    assert fine
    assert [(p.key, p.warning) for p in problems] == [(key, True)]
    assert reason in problems[0].reason


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"gone\.toml: cannot be read .* narratives new ID"):
        read_narrative(tmp_path / "gone.toml")
    latin = tmp_path / "latin.toml"
    latin.write_bytes('id = "ü"'.encode("latin-1"))
    with pytest.raises(ModelError, match=r"latin\.toml: is not UTF-8"):
        read_narrative(latin)
    (fault,), _ = said('id = "a"\nname = b\n', tmp_path)
    assert fault.line == 2
    assert "is not valid TOML" in fault.reason


def test_the_digest_is_of_what_training_reads(tmp_path: Path) -> None:
    file = tmp_path / "rain.toml"

    def digest(text: str) -> str:
        file.write_text(text, "utf-8")
        return read_narrative(file).digest

    before = digest(GOOD)
    assert digest("# a remark\n" + replaced('"Rain"', '"Wet days"')) == before
    assert digest(replaced("version 3.", "version 30.")) != before
    assert digest(replaced("rain*", "rains")) != before
