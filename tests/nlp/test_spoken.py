"""Speech recognition's spellings become those of writing, and offsets lead back."""

from __future__ import annotations

import time
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moneygood.nlp.examples import Example
from moneygood.nlp.numerals import WORDS, cardinal
from moneygood.nlp.scorer import Scorer
from moneygood.nlp.spoken import Spoken, load_rules, normalise, written
from moneygood.nlp.train import material
from moneygood.nlp.version import SPOKEN, scorer_version
from moneygood.reading import make_scorer
from moneygood.records import Sentence
from moneygood.settings import load_settings

NAMES = {
    "what deep seek has done": "what DeepSeek has done",
    "the deep-seek moment": "the DeepSeek moment",
    "DeepSeq's models": "DeepSeek's models",
    "on the deep-sea news": "on the DeepSeek news",
    "Jevron's paradox holds": "Jevons paradox holds",
    "Javan’s Paradox holds": "Jevons paradox holds",
    "our cap ex and cap-ex plans": "our capex and capex plans",
    "lower cap backs": "lower capex",
    "hyper scalers and a hyper-scaler": "hyperscalers and a hyperscaler",
    "racks of G P U s, each G-P-U": "racks of GPUs, each GPU",
    "chat GPT answers": "ChatGPT answers",
}
FIGURES = {
    "ninety billion": "90 billion",
    "Seventy five to eighty billion dollars": "75 to 80 billion dollars",
    "one point five trillion": "1.5 trillion",
    "one point oh five percent": "1.05 percent",
    "twenty seven point four billion": "27.4 billion",
    "two and a half billion": "2.5 billion",
    "a hundred and twenty basis points": "120 basis points",
    "two to three hundred million": "200 to 300 million",
    "five to 600 million": "500 to 600 million",
    "five to 10 percent": "5 to 10 percent",
    "one billion to two billion": "1 billion to 2 billion",
    "between two and three percent": "between 2 and 3 percent",
    "a twenty-five-billion plan": "a 25 billion plan",
    "six hundred thousand dollars": "600 thousand dollars",
}
LEFT_ALONE = (
    "",
    "We deep seek answers, and they would deep seek too.",
    "Deep-sea mining and the deepsea ports wait.",
    "A small cap ex-Japan fund, mid-cap ex energy.",
    "I think a I would say it is.",
    "An open AI research community.",
    "One of the best, for a million reasons.",
    "Twenty twenty five was the year, twenty twenty six is next.",
    "Phase two three gigawatts.",
    "Two thousand five hundred megawatts.",
    "Two and three percent.",
    "Five people in nine cities.",
    "Several hundred million.",
    "The 2 point five percent.",
    "The Abilene paradox.",
    "Someone deepened a recapex.",
)

_pieces = st.sampled_from(
    [
        *(*NAMES, *FIGURES, *LEFT_ALONE),
        *(*WORDS, "million", "billion", "percent", "dollars", "and", "a", "half", "to", "point"),
        *("oh", "thousand", "between", "deep", "seek", "sea", "seeking", "cap", "x", "ex", "chat"),
        *("g", "p", "u", "s", "gpt", "hyper", "scalers", "jevron", "'s", "paradox", "7", "1.5"),
        *("İ", "ſ", "é", "日本", "news", "for", "we", ".", "\n", "–", "bps"),
    ]
)
speech = st.lists(
    st.tuples(_pieces, st.sampled_from([" ", "-", "  ", "", " - ", ", "])), max_size=14
)
speech_text = speech.map(lambda parts: "".join(word + gap for word, gap in parts))


@pytest.mark.parametrize("said", [*NAMES, *FIGURES])
def test_what_was_said_is_written_as_written(said: str) -> None:
    assert normalise(said).text == (NAMES | FIGURES)[said]


@pytest.mark.parametrize("text", LEFT_ALONE)
def test_what_is_no_slip_is_left_alone(text: str) -> None:
    assert normalise(text) == Spoken(text)


def test_a_span_leads_back_to_all_the_words_it_was_made_of() -> None:
    said = "So deep seek, Jevron's paradox and seventy-five billion."
    spoken = normalise(said)

    def original(new: str) -> str:
        start = spoken.text.index(new)
        begin, end = spoken.original(start, start + len(new))
        return said[begin:end]

    assert original("DeepSeek") == original("pSe") == "deep seek"
    assert original("So Deep") == "So deep seek"
    assert original("75 billion") == "seventy-five billion"
    assert original("paradox and") == "Jevron's paradox and"
    assert original("DeepSeek, Jevons") == "deep seek, Jevron's paradox"
    assert original(" and ") == " and "
    assert spoken.original(0, len(spoken.text)) == (0, len(said))


@given(st.text(alphabet=st.characters(exclude_characters="acdefghjknostzACDEFGHJKNOSTZ")))
def test_text_without_a_rules_words_comes_back_as_it_is(text: str) -> None:
    spoken = normalise(text)
    assert spoken == Spoken(text)
    assert all(spoken.original(i, i + 1) == (i, i + 1) for i in range(len(text)))


@settings(max_examples=400, deadline=None)
@given(speech_text)
def test_normalising_twice_is_normalising_once(text: str) -> None:
    once = normalise(text).text
    assert normalise(once).text == once


@settings(max_examples=400, deadline=None)
@given(speech_text)
def test_replacements_account_for_every_character(text: str) -> None:
    spoken = normalise(text)
    rebuilt, new, old = "", 0, 0
    for piece in spoken.pieces:
        begin, end = piece.original
        assert old <= begin < end
        assert new <= piece.start < piece.end
        assert spoken.text[new : piece.start] == text[old:begin]
        rebuilt += spoken.text[new : piece.start] + text[begin:end]
        new, old = piece.end, end
    assert rebuilt + spoken.text[new:] == text


@settings(max_examples=200, deadline=None)
@given(speech_text, st.data())
def test_offsets_are_monotone_and_cover_whole_replacements(text: str, data: st.DataObject) -> None:
    spoken = normalise(text)
    start = data.draw(st.integers(0, len(spoken.text)))
    end = data.draw(st.integers(start, len(spoken.text)))
    begin, stop = spoken.original(start, end)
    assert 0 <= begin <= stop <= len(text)
    for piece in spoken.pieces:
        if piece.start < end and start < piece.end and start < end:
            assert begin <= piece.original[0]
            assert piece.original[1] <= stop
    later = spoken.original(min(start + 1, len(spoken.text)), len(spoken.text))
    assert later[0] >= begin


@given(st.integers(1, 999))
def test_every_whole_number_is_read(number: int) -> None:
    said = _in_words(number)
    assert cardinal(said.split(), 0) == (str(number), len(said.split()))
    assert normalise(f"{said} billion").text == f"{number} billion"


def _in_words(number: int) -> str:
    """The number as it is said, made the other way round: from a table of names."""
    small = ["", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
    small += ["eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen"]
    small += ["eighteen", "nineteen"]
    tens = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
    hundreds, rest = divmod(number, 100)
    words = [small[hundreds], "hundred"] if hundreds else []
    if rest >= 20:
        words += [tens[rest // 10 - 2], *([small[rest % 10]] if rest % 10 else [])]
    elif rest:
        words.append(small[rest])
    return " ".join(words)


def test_no_rule_writes_what_a_rule_changes() -> None:
    for row in tomllib.loads(SPOKEN.read_text("utf-8"))["rule"]:
        assert normalise(row["write"]).text == row["write"]
    assert len({rule.name for rule in load_rules().rules}) == len(load_rules().rules)


@pytest.mark.parametrize(
    "endless", ["one ", "one-", "a hundred ", "one and a half ", "deep ", "g p ", "deep" + " " * 9]
)
def test_time_grows_with_the_length_only(endless: str) -> None:
    def seconds(length: int) -> float:
        text = endless * (length // len(endless))
        start = time.perf_counter()
        normalise(text)
        return time.perf_counter() - start

    seconds(1_000)
    assert seconds(400_000) < 5  # quadratic time takes minutes


def test_a_sentence_keeps_its_offsets() -> None:
    plain = Sentence("Nothing here.", start=5, end=18)
    assert written(plain) is plain
    said = Sentence("Our cap ex.", context="On deep seek.", start=5, end=16)
    assert written(said) == Sentence("Our capex.", context="On DeepSeek.", start=5, end=16)


@pytest.fixture(scope="module")
def scorer() -> Scorer:
    shipped = load_settings().scoring
    return make_scorer(shipped.model_copy(update={"device": "cpu", "threads": 1}))


def test_said_and_written_are_scored_alike_and_spans_are_the_sayings(scorer: Scorer) -> None:
    said = Sentence(
        "Then deep seek came, and we still spend ninety billion on cap ex for GPUs.",
        context="You know Jevron's paradox.",
    )
    other = written(said)
    assert other.text != said.text
    heard, read = scorer.score([said, other])
    assert heard.sentence is said
    for one, two in zip(heard.judgements, read.judgements, strict=True):
        assert (one.present, one.stance) == (two.present, two.stance)
        assert one.probability == pytest.approx(two.probability, abs=2e-4)
    spans = {j.narrative: [said.text[a:b] for a, b in j.spans] for j in heard.judgements}
    assert "deep seek" in spans["deepseek"]
    assert {"billion on", "cap ex"} <= set(spans["ai_capex"])


def test_training_reads_as_scoring_does(scorer: Scorer) -> None:
    said = Sentence("Then deep seek came.", context="You know Jevron's paradox.")
    examples = [Example("", s, (), None, frozenset(), False) for s in (said, written(said))]
    data = material(examples, scorer.encoder, scorer.phrases)
    assert data.tokens[0] == data.tokens[1]
    assert (data.side[0] == data.side[1]).all()


def test_other_rules_make_another_scorer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = scorer_version()
    other = tmp_path / "spoken.toml"
    other.write_bytes(SPOKEN.read_bytes() + b"\n")
    monkeypatch.setattr("moneygood.nlp.version.SPOKEN", other)
    assert scorer_version() != before
