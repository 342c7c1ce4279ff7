"""The narrative index: hand-worked, against an independent computation, and its promises."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from moneygood.errors import DataError
from moneygood.market_days import market_days
from moneygood.signals.index import IndexMethod, IndexResult, narrative_index, share_index

SMALL = IndexMethod(window=1, min_documents=1, base_days=4, draws=50)
LATE = datetime(2027, 1, 1, tzinfo=UTC)
Frames = tuple[pd.DataFrame, pd.DataFrame]


def frames(rows: list[tuple[str, str, bool]], clusters: list[int] | None = None) -> Frames:
    """Documents (source, day, carries the narrative?) in order of arrival, noon UTC."""
    days = [pd.Timestamp(day) for _, day, _ in rows]
    documents = pd.DataFrame(
        {
            "doc": range(len(rows)),
            "source": [source for source, _, _ in rows],
            "kind": "news",
            "day": days,
            "available_at": [
                day.tz_localize("UTC") + timedelta(hours=12, seconds=i)
                for i, day in enumerate(days)
            ],
            "cluster": clusters or range(len(rows)),
            "sentences": 10,
        }
    )
    hits = [i for i, (_, _, hit) in enumerate(rows) if hit]
    mentions = pd.DataFrame(
        {
            "doc": pd.Series(hits, dtype="int64"),
            "position": pd.Series(0, index=range(len(hits)), dtype="int64"),
            "narrative": pd.Series("ai_capex", index=range(len(hits)), dtype="str"),
            "stance": pd.Series("affirm", index=range(len(hits)), dtype="str"),
            "rung": pd.Series("", index=range(len(hits)), dtype="str"),
        }
    )
    return documents, mentions


def texts(source: str, day: str, hits: int, of: int) -> list[tuple[str, str, bool]]:
    return [(source, day, i < hits) for i in range(of)]


def corpus(seed: int, days: int = 40, sources: int = 3, rate: float = 0.3) -> Frames:
    """A random corpus with gaps: days and sources without a text."""
    random = np.random.default_rng(seed)
    rows = []
    for day in market_days(date(2025, 1, 2), date(2026, 12, 31))[:days]:
        for source in range(sources):
            of = int(random.poisson(1.2))
            rows += texts(f"s{source}", str(day), int(random.binomial(of, rate)), of)
    rows.append(("s0", "2025-01-02", True))
    rows.sort(key=lambda row: row[1])
    return frames(rows)


def index(data: Frames, method: IndexMethod = SMALL, as_of: datetime = LATE) -> IndexResult:
    return narrative_index(*data, "ai_capex", as_of=as_of, method=method, seed=1)


def values(result: IndexResult) -> dict[str, float]:
    return {str(p.date): p.value for p in result.points}


def cut(data: Frames, as_of: datetime) -> Frames:
    documents, mentions = data
    documents = documents[documents["available_at"] <= as_of]
    return documents, mentions[mentions["doc"].isin(documents["doc"])]


# -- the method, by hand ------------------------------------------------------------


def test_four_steps_by_hand() -> None:
    rows = [
        *texts("A", "2025-03-03", 0, 2),
        *texts("B", "2025-03-03", 1, 4),
        *texts("A", "2025-03-04", 1, 2),
        *texts("A", "2025-03-05", 2, 2),
        *texts("B", "2025-03-05", 3, 4),
        *texts("A", "2025-03-06", 1, 2),
        *texts("B", "2025-03-06", 2, 4),
    ]
    result = index(frames(rows))
    # 1. shares: A 0, .5, 1, .5; B .25, absent, .75, .5
    # 2. standard deviations: A root(.5 / 3), B .25
    a, b = (0.5 / 3) ** 0.5, 0.25
    # 3. mean over the sources present
    z = [(0 / a + 0.25 / b) / 2, 0.5 / a, (1 / a + 0.75 / b) / 2, (0.5 / a + 0.5 / b) / 2]
    # 4. 100 is their mean
    level = sum(z) / 4
    assert result.base is not None
    assert {s.source: s.scale for s in result.base.sources} == pytest.approx({"A": a, "B": b})
    assert result.base.level == pytest.approx(level)
    assert [p.value for p in result.points] == pytest.approx([100 * v / level for v in z])
    assert [p.value for p in result.points] == pytest.approx(
        [32.99, 80.82, 179.80, 106.39], abs=0.01
    )
    assert [(p.documents, p.sources) for p in result.points] == [(6, 2), (2, 1), (6, 2), (6, 2)]


def oracle(data: Frames, window: int, minimum: int) -> pd.Series:
    """The same figures by pandas' own rolling, pivot and std, expanding base."""
    documents, mentions = data
    hit = documents["doc"].isin(mentions["doc"]).astype(float)
    calendar = pd.to_datetime(
        market_days(documents["day"].min().date(), documents["day"].max().date())
    )
    table = documents.assign(hit=hit).pivot_table(
        index="day", columns="source", values="hit", aggfunc=["sum", "count"], fill_value=0
    )
    table = table.reindex(calendar, fill_value=0)
    count = pd.DataFrame(table["count"])
    covered = count.sum(axis=1) > 0
    rolled = table.rolling(window, min_periods=1).sum()
    share = pd.DataFrame(rolled["sum"] / rolled["count"].replace(0, np.nan))[covered]
    scale = share.std(ddof=1)
    used = scale.index[(scale > 0) & (count.sum() >= minimum)]
    z = pd.Series((share[used] / scale[used]).mean(axis=1))
    texts_kept = pd.DataFrame(rolled["count"])[used].sum(axis=1)[covered]
    z = z.where(texts_kept >= minimum).dropna()
    return z.mul(100 / float(z.mean()))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("window", [1, 5])
def test_agrees_with_pandas_own_rolling_and_std(seed: int, window: int) -> None:
    data = corpus(seed)
    method = IndexMethod(window=window, min_documents=3, base_days=252, draws=50)
    expected = oracle(data, window, 3)
    found = values(index(data, method))
    assert list(found) == [str(d.date()) for d in expected.index]
    assert list(found.values()) == pytest.approx(expected.tolist())


@given(st.integers(0, 10_000))
@settings(max_examples=15, deadline=None)
def test_the_base_averages_100(seed: int) -> None:
    result = index(corpus(seed), IndexMethod(draws=50))
    if result.points:
        assert np.mean([p.value for p in result.points]) == pytest.approx(100)


# -- time ---------------------------------------------------------------------------


@given(st.integers(0, 10_000), st.integers(3, 39))
@settings(max_examples=15, deadline=None)
def test_sees_only_what_was_available(seed: int, day: int) -> None:
    data = corpus(seed)
    moment = datetime(2025, 1, 2, 18, tzinfo=UTC) + timedelta(days=day)
    method = IndexMethod(window=3, min_documents=2, base_days=10, draws=50)
    assert index(data, method, moment) == index(cut(data, moment), method, moment)


@given(st.integers(0, 10_000), st.integers(16, 50))
@settings(max_examples=15, deadline=None)
def test_a_complete_base_fixes_the_past(seed: int, day: int) -> None:
    data = corpus(seed)
    moment = datetime(2025, 1, 2, 18, tzinfo=UTC) + timedelta(days=day)
    method = IndexMethod(window=3, min_documents=2, base_days=10, draws=50)
    then, now = index(data, method, moment), index(data, method)
    if then.base is None or not then.base.complete:
        return
    assert now.base == then.base
    finished = [p for p in then.points if p.date < moment.date()]
    later = {p.date: p for p in now.points}
    for point in finished:
        same = later[point.date]
        assert (point.value, point.lo, point.hi) == (same.value, same.lo, same.hi)


def test_an_incomplete_base_grows() -> None:
    data = corpus(3)
    result = index(data, IndexMethod(draws=50))
    assert result.base is not None
    assert not result.base.complete
    assert result.base.end == max(p.date for p in result.points)


def test_a_narrative_first_seen_after_the_base_extends_it() -> None:
    days = [str(d) for d in market_days(date(2025, 1, 2), date(2025, 3, 31))]
    rows = [row for i, d in enumerate(days) for row in texts("A", d, (i >= 20) * (1 + i % 2), 4)]
    result = index(frames(rows))
    assert result.base is not None
    assert result.base.extended
    assert result.base.complete
    assert str(result.base.end) == days[29]  # the tenth day with a reading above zero
    assert result.points[0].value == 0.0
    assert result.points[25].value > 100


def test_before_it_was_ever_seen_there_is_no_evidence() -> None:
    rows = [row for d in ("2025-03-03", "2025-03-04") for row in texts("A", d, 0, 5)]
    result = index(frames(rows))
    assert (result.points, result.state) == ((), "no evidence")
    assert "ai_capex" in result.reason


def test_no_documents_is_no_data() -> None:
    documents, mentions = frames([("A", "2025-03-03", True)])
    assert index((documents.iloc[:0], mentions.iloc[:0])).state == "no data"
    early = datetime(2025, 3, 1, tzinfo=UTC)
    assert index((documents, mentions), as_of=early).state == "no data"


# -- coverage -------------------------------------------------------------------------


def test_a_day_without_texts_is_missing_not_zero() -> None:
    rows = [
        row
        for d, hits in (("2025-03-03", 1), ("2025-03-04", 2), ("2025-03-06", 0))
        for row in texts("A", d, hits, 3)
    ]
    data = frames(rows)
    for window in (1, 5):
        found = values(index(data, IndexMethod(window=window, min_documents=1, draws=50)))
        assert "2025-03-05" not in found
    assert values(index(data))["2025-03-06"] == 0.0


def test_thin_readings_are_left_out() -> None:
    rows = [*texts("A", "2025-03-03", 1, 5), *texts("A", "2025-03-04", 2, 4)]
    rows += texts("A", "2025-03-05", 3, 5)
    method = IndexMethod(window=1, min_documents=5, draws=50)
    assert list(values(index(frames(rows), method))) == ["2025-03-03", "2025-03-05"]


def test_sources_that_cannot_be_scaled_are_listed() -> None:
    rows = []
    for d, hits in (("2025-03-03", 1), ("2025-03-04", 3), ("2025-03-05", 2)):
        rows += texts("varies", d, hits, 4) + texts("always", d, 4, 4) + texts("never", d, 0, 4)
    rows += texts("rare", "2025-03-05", 1, 1)
    result = index(frames(rows), IndexMethod(window=1, min_documents=2, base_days=3, draws=50))
    assert result.base is not None
    assert [s.source for s in result.base.sources] == ["varies"]
    assert {s.source: s.reason for s in result.base.left_out} == {
        "always": "its share never changed in the base",
        "never": "its share never changed in the base",
        "rare": "1 documents in the base; 2 needed",
    }


def test_nothing_to_scale_is_no_data() -> None:
    rows = [row for d in ("2025-03-03", "2025-03-04") for row in texts("A", d, 3, 3)]
    assert index(frames(rows)).state == "no data"


@given(st.integers(0, 10_000))
@settings(max_examples=15, deadline=None)
def test_copies_change_nothing(seed: int) -> None:
    """Syndicated copies, a later one in the same cluster each, add no reading."""
    documents, mentions = corpus(seed)
    copies = documents.assign(
        doc=documents["doc"] + 10_000,
        source="copier",
        available_at=documents["available_at"] + timedelta(minutes=5),
    )
    copied = mentions.assign(doc=mentions["doc"] + 10_000)
    both = pd.concat([copies, documents]), pd.concat([copied, mentions])
    assert index(both) == index((documents, mentions))


def test_the_lower_id_is_novel_when_copies_arrive_together() -> None:
    rows = [*texts("A", "2025-03-03", 1, 3), *texts("A", "2025-03-04", 2, 3)]
    documents, mentions = frames(rows, clusters=[0, 0, 2, 3, 4, 5])
    documents["available_at"] = documents["available_at"].dt.floor("D")
    share = share_index(documents, mentions, "ai_capex", as_of=LATE, method=SMALL)
    assert share.points[0].value == 50.0  # documents 0 (a hit) and 2


@given(st.integers(0, 10_000))
@settings(max_examples=10, deadline=None)
def test_the_order_of_rows_does_not_matter(seed: int) -> None:
    documents, mentions = corpus(seed)
    mixed = documents.sample(frac=1, random_state=seed), mentions.sample(frac=1, random_state=seed)
    assert index(mixed) == index((documents, mentions))


# -- bands and the plain share ----------------------------------------------------------


@given(st.integers(0, 10_000))
@settings(max_examples=15, deadline=None)
def test_bands_hold_the_reading_and_depend_on_the_seed_alone(seed: int) -> None:
    data = corpus(seed)
    result = index(data, IndexMethod(min_documents=1, draws=50))
    assert all(0 <= p.lo <= p.value <= p.hi for p in result.points)
    assert result == index(data, IndexMethod(min_documents=1, draws=50))


def test_the_band_is_a_beta_interval_for_one_source() -> None:
    rows = [*texts("A", "2025-03-03", 3, 12), *texts("A", "2025-03-04", 6, 12)]
    method = IndexMethod(window=1, min_documents=1, base_days=2, draws=20_000)
    result = index(frames(rows), method)
    point = result.points[0]
    usual = 0.375  # the mean of 3/12 and 6/12; the prior weighs one text
    lo, hi = stats.beta(3 + usual, 9 + 1 - usual).ppf([0.05, 0.95])
    assert point.lo == pytest.approx(point.value * lo / 0.25, rel=0.03)
    assert point.hi == pytest.approx(point.value * hi / 0.25, rel=0.03)


def test_the_share_is_a_plain_percentage_on_every_covered_day() -> None:
    rows = [*texts("A", "2025-03-03", 1, 3), *texts("B", "2025-03-03", 0, 1)]
    rows += texts("A", "2025-03-05", 0, 1)
    data = frames(rows)
    one = share_index(*data, "ai_capex", as_of=LATE, method=SMALL)
    assert one.series == "ai_capex.share"
    assert values(one) == {"2025-03-03": 25.0, "2025-03-05": 0.0}
    lo, hi = stats.beta(1.5, 3.5).ppf([0.05, 0.95])
    assert (one.points[0].lo, one.points[0].hi) == pytest.approx((100 * lo, 100 * hi))
    assert one.points[1].lo == 0.0
    five = share_index(*data, "ai_capex", as_of=LATE, method=IndexMethod(window=5))
    assert values(five) == {"2025-03-03": 25.0, "2025-03-05": 20.0}
    never = share_index(*data, "jevons", as_of=LATE, method=SMALL)
    assert (never.state, values(never)) == ("ok", {"2025-03-03": 0.0, "2025-03-05": 0.0})


# -- input ------------------------------------------------------------------------------


def test_bad_frames_name_what_is_wrong() -> None:
    documents, mentions = frames([("A", "2025-03-03", True)])
    with pytest.raises(DataError, match="documents: no column cluster"):
        index((documents.drop(columns="cluster"), mentions))
    with pytest.raises(DataError, match="mentions: no column narrative"):
        index((documents, mentions.drop(columns="narrative")))
    with pytest.raises(DataError, match="document 0 appears twice"):
        index((pd.concat([documents, documents]), mentions))


def test_bad_methods_name_what_is_wrong() -> None:
    with pytest.raises(DataError, match=r"IndexMethod\.window: 0 is below 1"):
        IndexMethod(window=0)
    with pytest.raises(DataError, match=r"IndexMethod\.band"):
        IndexMethod(band=90)


def test_the_version_tells_every_parameter() -> None:
    assert IndexMethod().version == "share.v1/w5/m5/b252/q0.9/d400"


@pytest.mark.slow
def test_sixty_thousand_documents_in_three_seconds() -> None:
    random = np.random.default_rng(0)
    days = pd.to_datetime(market_days(date(2022, 1, 3), date(2026, 12, 31)))
    n, m = 60_000, 200_000
    day = days[np.sort(random.integers(0, len(days), n))]
    documents = pd.DataFrame(
        {
            "doc": np.arange(n),
            "source": random.integers(0, 25, n).astype(str),
            "day": day,
            "available_at": day.tz_localize("UTC"),
            "cluster": np.arange(n) // 2 * 2,
        }
    )
    mentions = pd.DataFrame(
        {
            "doc": random.integers(0, n, m),
            "position": 0,
            "narrative": random.choice(["ai_capex", "deepseek", "jevons", "reassurance"], m),
            "stance": "affirm",
            "rung": "",
        }
    )
    begun = time.perf_counter()
    result = narrative_index(
        documents, mentions, "jevons", as_of=LATE, method=IndexMethod(), seed=1
    )
    assert time.perf_counter() - begun < 3
    assert len(result.points) > 1_000
