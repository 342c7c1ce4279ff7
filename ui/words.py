"""What the figures say, in words, by explicit rules; pure functions.

A rule never says more than the band allows: where a 90% band holds the value
that would mean "nothing there", the words are "no clear ..." or "no evidence".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from moneygood.market_days import NEW_YORK, market_days
from moneygood.ui.names import RUNGS, pretty, title
from moneygood.ui.shape import BACK, Reading

MINUS = "\u2212"
NO_DATA = "no data"

SAMPLE_NOTICE = (
    "Illustrative sample: texts and companies are invented; "
    "yields are the public Treasury par yields."
)
BASE_WORDS = (
    "100 is the average of the base period. An index reads the share of novel texts that carry "
    "the narrative, each source measured against its own variation."
)
BAND_WORDS = "The shaded band holds 90% of what sampling alone could give on that many texts."
RELATION_STATES = {
    "aligned": ("Aligned", "green", "the yield stands where its relation to the narrative puts it"),
    "diverging": ("Diverging", "red", "the yield has left where its relation to it puts it"),
    "unrelated": ("No evidence", "gray", "no relation between the two can be told from chance"),
    "no data": ("No data", "gray", "too few market days with both"),
}


@dataclass(frozen=True, slots=True)
class Pair:
    """Where one narrative and one yield stand together on a day."""

    narrative: str
    series: str
    state: str = NO_DATA
    corr: float | None = None
    lo: float | None = None
    hi: float | None = None
    n: int = 0
    z: float | None = None
    fit: float | None = None


def signed(value: float | None, digits: int = 2) -> str:
    """``+0.12`` or ``−0.12`` with a real minus; "no data" for None."""
    if value is None or value != value:
        return NO_DATA
    text = f"{abs(value):.{digits}f}"
    if float(text) == 0:
        return text
    return (MINUS if value < 0 else "+") + text


def plain(value: float | None, digits: int = 0) -> str:
    """The value rounded, with a real minus; "no data" for None."""
    if value is None or value != value:
        return NO_DATA
    text = f"{value:.{digits}f}"
    return text.lstrip("-") if float(text) == 0 else text.replace("-", MINUS)


def figure(value: float) -> str:
    """A value of unknown scale to about three digits."""
    return plain(value, 0 if abs(value) >= 20 else 2)


def day_words(day: date | None) -> str:
    """``27 March 2025``; "no data" for None."""
    return f"{day.day} {day:%B %Y}" if day else NO_DATA


def band_words(reading: Reading, digits: int) -> str:
    """``90% band 96 to 131``; "" without a band."""
    if reading.lo is None or reading.hi is None:
        return ""
    return f"90% band {plain(reading.lo, digits)} to {plain(reading.hi, digits)}"


def rests_on(reading: Reading) -> str:
    """What a reading rests on: texts, sources and the trailing window."""
    texts = f"{reading.documents} text{'s' * (reading.documents != 1)}"
    sources = f"{reading.sources} source{'s' * (reading.sources != 1)}"
    return f"{texts} of {sources} in the {reading.window} market days to {day_words(reading.day)}"


def clock_words(moment: datetime) -> str:
    """``27 March 2025, 09:00``, in New York."""
    local = moment.astimezone(NEW_YORK)
    return f"{local.day} {local:%B %Y, %H:%M}"


def as_of_words(as_of: datetime) -> str:
    """The moment in New York time, said to be so."""
    return f"{clock_words(as_of)} New York"


def staleness(as_of: datetime, now: datetime, *, newest: date | None = None) -> tuple[str, bool]:
    """How old the data is in market days, and whether that is too old to act on.

    A run of today on old texts is old: ``newest`` is the day of the last reading.
    """
    first, last = as_of.astimezone(NEW_YORK).date(), now.astimezone(NEW_YORK).date()
    silent = len(market_days(newest, first)) - 1 if newest else 0
    if silent > 2:
        return f"no texts since {day_words(newest)}, {silent} market days before the last run", True
    behind = max(len(market_days(first, last)) - 1, 0)
    if behind <= 1:
        return "up to date", False
    return f"{behind} market days old; run `moneygood run` to bring it up to date", True


def headline(narratives: Sequence[Reading]) -> str:
    """Which narrative stands furthest above its base, if any is clear of it."""
    present = [r for r in narratives if r.value is not None]
    if not present:
        return "No narrative has a reading on this day."
    top = max(present, key=lambda r: r.value or 0.0)
    if top.lo is not None and top.lo > 100:
        return (
            f"{title(top.series)} stands furthest above its base: {plain(top.value)} against 100 "
            f"({band_words(top, 0)})."
        )
    if (top.value or 0) > 100:
        return (
            f"No narrative is clearly above its base; {title(top.series)} is highest, "
            f"at {plain(top.value)}."
        )
    return f"No narrative is above its base; {title(top.series)} is highest, at {plain(top.value)}."


def balance_words(balance: Reading) -> str:
    """Who outweighs whom, and the change over five market days."""
    if balance.value is None:
        return "The balance of soothing and doubt has no reading on this day."
    if balance.lo is not None and balance.lo > 0:
        who = "Soothing outweighs doubt"
    elif balance.hi is not None and balance.hi < 0:
        who = "Doubt outweighs soothing"
    else:
        who = "Neither soothing nor doubt clearly outweighs the other"
    if balance.change is None:
        moved = f"the change over {BACK} market days is not known"
    elif abs(balance.change) < 0.005:
        moved = f"unchanged over {BACK} market days"
    else:
        moved = f"{signed(balance.change)} in {BACK} market days"
    return f"{who}: balance {signed(balance.value)}, {moved}."


def nearest_rung(value: float) -> str:
    """Name of the rung an expected height is nearest to."""
    return list(RUNGS.values())[min(max(round(value), 0), len(RUNGS) - 1)]


def retreat_words(retreat: Reading) -> str:
    """On which rung of the ladder reassurance stands."""
    if retreat.value is None:
        return "No reassurance on AI spending to place on the ladder of retreat."
    return (
        f"Reassurance stands nearest to {nearest_rung(retreat.value).lower()} "
        f"({plain(retreat.value, 1)} from 0 denial to 2 money-good)."
    )


def pair_words(pair: Pair) -> str:
    """Whether a narrative and a yield go together, with z where they part."""
    words = verdicts([pair])
    if pair.state == "diverging" and pair.z is not None:
        return f"{words.rstrip('.')} (z {signed(pair.z, 1)})."
    return words


def verdicts(pairs: Sequence[Pair]) -> str:
    """How one narrative stands with every maturity, maturities of one state together."""
    said = []
    for state, words in (
        ("diverging", "{name} and the {yields} are diverging."),
        ("aligned", "{name} and the {yields} are aligned."),
        ("unrelated", "There is no evidence that {lower} and the {yields} go together."),
        ("no data", "There are too few days to relate {lower} to the {yields}."),
    ):
        there = [title(p.series) for p in pairs if p.state == state]
        if there:
            name = title(pairs[0].narrative)
            joined = " and ".join([", ".join(there[:-1]), there[-1]] if there[1:] else there)
            yields = f"{joined} yield{'s' * (len(there) > 1)}"
            lower = name.lower() if name == "Balance" else name
            said.append(words.format(name=name, lower=lower, yields=yields))
    return " ".join(said)


def humanise(summary: str) -> str:
    """A rule's summary with series ids and ISO days in a reader's words."""
    text = re.sub(
        r"\b(y\d+|ai_capex|deepseek|jevons|money_good)\b",
        lambda found: f"the {title(found[0])} yield" if found[0][0] == "y" else title(found[0]),
        summary,
    )
    text = re.sub(r"\b(\d{4}-\d\d-\d\d)\b", lambda f: _iso_words(f[0]), text)
    return text[:1].upper() + text[1:]


def _iso_words(text: str) -> str:
    try:
        return day_words(date.fromisoformat(text))
    except ValueError:
        return text


def rule_title(rule: str) -> str:
    """``NarrativeYieldDivergence`` and ``narrative-yield-divergence`` as words."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z][a-z])", " ", rule)
    words = pretty(apart)
    words = words[:1] + re.sub(r" ([A-Z])(?=[a-z])", lambda m: " " + m[1].lower(), words[1:])
    words = re.sub(r"\bdeep seek\b", "DeepSeek", words, flags=re.I)
    return re.sub(r"\bmoney good\b", "money-good", words)


def correlation_words(pair: Pair) -> str:
    """The correlation with band and n, or that there is no evidence of one."""
    if pair.corr is None or pair.lo is None or pair.hi is None:
        return "no data"
    figures = f"{signed(pair.corr)} ({signed(pair.lo)} to {signed(pair.hi)}, n {pair.n})"
    return f"no evidence: {figures}" if pair.lo <= 0 <= pair.hi else figures


def lag_words(hours: float | None) -> str:
    """A time from publication to first sight: ``15 min``, ``2 h``, ``3 days``; "" for None."""
    if hours is None or hours != hours:
        return ""
    minutes = max(round(60 * hours), 0)
    if minutes < 60:
        return f"{minutes} min"
    if round(hours) < 48:
        return f"{round(hours)} h"
    return f"{round(hours / 24)} days"
