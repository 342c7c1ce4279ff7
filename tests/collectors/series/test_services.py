"""Sources of figures, visited: addresses asked, keys kept out of sight, unchanged answers."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moneygood.collectors.series.fred_api import parse_fred_api
from moneygood.collectors.series.sources import (
    read_fred_api,
    read_prices,
    read_tiingo,
    read_yfinance,
    read_yields,
)
from moneygood.collectors.series.tiingo import parse_tiingo
from moneygood.collectors.sources import Source, SourceKind
from moneygood.collectors.visit import Visit
from moneygood.collectors.web.http import Response
from moneygood.errors import FetchError
from moneygood.records import Collected, Validator

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
KEYS = {"fred": "s3cretf", "tiingo": "s3crett"}
FRED = Source("fred", SourceKind.FRED_API, code="DGS10")
TIINGO = Source("tiingo", SourceKind.TIINGO, tickers=("AAA", "BRK.B"), currency="USD")
YAHOO = Source("yahoo", SourceKind.YFINANCE, tickers=("AAA",))
Answer = Callable[[str], bytes | Exception]


@dataclass
class Server:
    """Answers by address; what was asked is kept."""

    answer: Answer
    etag: str = ""
    asked: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)

    def __call__(
        self, url: str, *, validator: Validator | None = None, headers: Mapping[str, str] = {}
    ) -> Response:
        self.asked.append((url, headers))
        if validator is not None and validator.etag == self.etag:
            return Response(url, 304, b"")
        body = self.answer(url)
        if isinstance(body, Exception):
            raise body
        return Response(url, 200, body, {"etag": self.etag} if self.etag else {})

    @property
    def queries(self) -> list[dict[str, list[str]]]:
        return [parse_qs(urlsplit(url).query) for url, _ in self.asked]


def visit(server: Server, **named: Any) -> Visit:
    return Visit(NOW, server, keys=named.pop("keys", KEYS), **named)


def page(*rows: tuple[str, str, str], count: int | None = None, until: str = "9999-12-31") -> bytes:
    observations = [
        {"realtime_start": start, "realtime_end": until, "date": day, "value": value}
        for day, start, value in rows
    ]
    return json.dumps(
        {
            "realtime_start": "2026-03-02",
            "realtime_end": "2026-03-02" if until == "2026-03-02" else until,
            "count": len(rows) if count is None else count,
            "observations": observations,
        }
    ).encode()


def values(found: Collected) -> list[tuple[str, float]]:
    return [(str(o.date), o.value) for o in found.observations]


def test_fred_values_are_texts_and_points_are_missing() -> None:
    now = "2026-03-02"
    data = page(("2026-02-26", now, "4.05"), ("2026-02-27", now, "."), until=now)
    server = Server(lambda _: data, etag="v1")
    found = read_fred_api(FRED, visit(server))
    assert values(found) == [("2026-02-26", 4.05)]
    (only,) = found.observations
    assert (only.series, only.unit, only.vintage) == ("y10", "percent", False)
    assert only.first_seen_at == NOW
    (query,) = server.queries
    assert (query["series_id"], query["api_key"]) == (["DGS10"], ["s3cretf"])
    (validator,) = found.validators
    assert "s3cretf" not in validator.url
    again = read_fred_api(FRED, visit(server, validators={validator.url: validator}))
    assert again.unchanged


def test_fred_pages_are_followed() -> None:
    def answer(url: str) -> bytes:
        offset = int(parse_qs(urlsplit(url).query).get("offset", ["0"])[0])
        return page((f"2026-02-{offset + 2:02d}", "2026-03-02", "4.0"), count=3)

    found = read_fred_api(FRED, visit(Server(answer)))
    assert [day for day, _ in values(found)] == ["2026-02-02", "2026-02-03", "2026-02-04"]


def test_fred_vintages_are_first_seen_when_they_came_out() -> None:
    """A value, its revision, and the same value cut at the edge of a question."""

    def answer(url: str) -> bytes | Exception:
        start = parse_qs(urlsplit(url).query)["realtime_start"][0]
        if start < "2015":
            return FetchError(url, "the server answered 400")
        if start < "2020":
            return page(("2019-12-30", "2019-12-31", "1.90"), until="2019-12-31")
        if start < "2025":
            return page(
                ("2019-12-30", "2020-01-01", "1.90"),
                ("2019-12-30", "2020-01-03", "1.91"),
                until="2024-12-31",
            )
        return page(("2019-12-30", "2025-01-01", "1.91"))

    source = Source("alfred", SourceKind.FRED_API, code="DGS10", history=True)
    server = Server(answer)
    found = read_fred_api(source, visit(server))
    assert not found.failures
    assert [(o.value, o.first_seen_at, o.vintage) for o in found.observations] == [
        (1.90, datetime(2019, 12, 31, 23, tzinfo=UTC), True),
        (1.91, datetime(2020, 1, 3, 23, tzinfo=UTC), True),
    ]
    starts = [q["realtime_start"][0] for q in server.queries]
    ends = [q["realtime_end"][0] for q in server.queries]
    assert (starts[0], ends[-1]) == ("1776-07-04", "9999-12-31")
    gaps = [(date.fromisoformat(s) - date.fromisoformat(e)).days
            for s, e in zip(starts[1:], ends, strict=False)]  # fmt: skip
    assert set(gaps) == {1}


def test_a_download_of_the_present_is_no_vintage() -> None:
    data = page(("2020-01-02", "2026-03-02", "1.9"), until="2026-03-02")
    found = parse_fred_api(data, source="f", series="y10", now=NOW, history=True).collected
    (only,) = found.observations
    assert not only.vintage
    assert only.first_seen_at == datetime(2020, 1, 2, 23, tzinfo=UTC)


def test_no_key_is_told_with_its_setting() -> None:
    server = Server(lambda _: b"")
    for reader, source, setting in (
        (read_fred_api, FRED, "MONEYGOOD_KEYS__FRED"),
        (read_tiingo, TIINGO, "MONEYGOOD_KEYS__TIINGO"),
    ):
        (failure,) = reader(source, visit(server, keys={})).failures
        assert setting in failure.remedy
    assert not server.asked


@pytest.mark.parametrize(
    "answer",
    [
        lambda url: FetchError(url, f"{url} answered 400", f"see {url}"),
        lambda url: json.dumps({"error_code": 400, "error_message": "Bad Request."}).encode(),
        lambda url: b"<html>captcha</html>",
        lambda url: b"",
        lambda url: b"[" * 100_000,
        lambda url: b'{"observations": [1, null, {"date": "2026-02-26"}, {"date": 5}]}',
    ],
)
def test_wrong_answers_are_told_without_the_key(answer: Answer) -> None:
    for reader, source in ((read_fred_api, FRED), (read_tiingo, TIINGO)):
        found = reader(source, visit(Server(answer)))
        assert found.failures
        assert not found.observations
        assert all(f.remedy for f in found.failures)
        assert "s3cret" not in repr(found)


def test_an_unknown_code_needs_a_series() -> None:
    source = Source("fred", SourceKind.FRED_API, code="VIXCLS")
    (failure,) = read_fred_api(source, visit(Server(lambda _: b""))).failures
    assert "series" in failure.remedy
    named = Source("fred", SourceKind.FRED_API, code="VIXCLS", series="vix")
    data = page(("2026-02-26", "2026-03-02", "61.5"), until="2026-03-02")
    (only,) = read_fred_api(named, visit(Server(lambda _: data))).observations
    assert (only.series, only.value, only.unit) == ("vix", 61.5, "index")


def bars(*rows: tuple[str, float, float]) -> bytes:
    return json.dumps(
        [
            {"date": f"{day}T00:00:00.000Z", "close": close, "adjClose": adjusted,
             "divCash": 0.0, "splitFactor": 1.0, "volume": 1}
            for day, close, adjusted in rows
        ]
    ).encode()  # fmt: skip


def test_tiingo_gives_adjusted_closes() -> None:
    def answer(url: str) -> bytes | Exception:
        if "/brk-b/" in url:
            return FetchError(url, "the server answered 404", "Check.")
        return bars(("2026-02-26", 200, 100), ("2026-02-27", 101, 101), ("2026-03-02", 9, 9))

    server = Server(answer)
    found = read_tiingo(TIINGO, visit(server))
    assert values(found) == [("2026-02-26", 100.0), ("2026-02-27", 101.0)]
    assert {(o.series, o.unit, o.currency) for o in found.observations} == {
        ("price:AAA", "price", "USD"),
    }
    assert found.skipped == 1
    (failure,) = found.failures
    assert failure.subject == "BRK.B"
    assert all(headers == {"Authorization": "Token s3crett"} for _, headers in server.asked)
    assert all("s3cret" not in url for url, _ in server.asked)
    assert server.queries[0]["startDate"] == ["2024-01-01"]


def test_tiingo_unchanged_and_its_own_errors() -> None:
    server = Server(lambda _: bars(("2026-02-26", 100, 100)), etag="v1")
    first = read_tiingo(TIINGO, visit(server))
    assert len(first.validators) == 2
    kept = {v.url: v for v in first.validators}
    assert read_tiingo(TIINGO, visit(server, validators=kept)).unchanged
    wrong = parse_tiingo(b'{"detail": "Not found."}', source="t", ticker="zzz", now=NOW)
    (failure,) = wrong.failures
    assert (failure.subject, failure.reason) == ("ZZZ", "Not found.")
    text = parse_tiingo(b"Error: over the hourly allowance", source="t", ticker="zzz", now=NOW)
    assert "hourly allowance" in text.failures[0].reason


@pytest.fixture
def yfinance(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    module = ModuleType("yfinance")
    monkeypatch.setitem(sys.modules, "yfinance", module)
    return module


def ticker(frame: pd.DataFrame, currency: str | None = "USD") -> Callable[[str], Any]:
    def history(**asked: object) -> pd.DataFrame:
        assert (asked["auto_adjust"], asked["interval"]) == (True, "1d")
        return frame

    metadata = {"currency": currency} if currency else None
    return lambda symbol: SimpleNamespace(history=history, history_metadata=metadata)


def test_yfinance_gives_adjusted_closes(yfinance: ModuleType) -> None:
    days = pd.to_datetime(["2026-02-26", "2026-02-27", "2026-03-02"]).tz_localize(
        "America/New_York"
    )
    frame = pd.DataFrame({"Close": [250.0, float("nan"), 252.0]}, index=days)
    yfinance.Ticker = ticker(frame, "GBp")  # type: ignore[attr-defined]
    found = read_yfinance(YAHOO, visit(Server(lambda _: b"")))
    assert values(found) == [("2026-02-26", 2.5)]
    assert (found.observations[0].currency, found.skipped) == ("GBP", 1)


def test_whatever_yfinance_does_is_told(
    yfinance: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = visit(Server(lambda _: b""))
    yfinance.Ticker = ticker(pd.DataFrame())  # type: ignore[attr-defined]
    assert read_yfinance(YAHOO, there).failures[0].reason == "no prices came"

    def refuse(symbol: str) -> None:
        raise RuntimeError("Too Many Requests")

    yfinance.Ticker = refuse  # type: ignore[attr-defined]
    assert "Too Many Requests" in read_yfinance(YAHOO, there).failures[0].reason
    monkeypatch.setitem(sys.modules, "yfinance", None)
    assert "moneygood[yfinance]" in read_yfinance(YAHOO, there).failures[0].remedy


def test_a_curve_is_asked_again_only_when_changed() -> None:
    source = Source("ust", SourceKind.TREASURY_CSV, "https://a.example/{year}.csv", series="real")
    server = Server(lambda _: b"Date,10 YR\n02/26/2026,2.1\n02/27/2026,2.2\n", etag="v1")
    first = read_yields(source, visit(server))
    assert [(o.series, o.value) for o in first.observations] == [("real10", 2.1), ("real10", 2.2)]
    assert [v.url for v in first.validators] == ["https://a.example/2026.csv"]
    kept = {v.url: v for v in first.validators}
    assert read_yields(source, visit(server, validators=kept)).unchanged
    late = read_yields(source, visit(server, since=datetime(2026, 2, 27, tzinfo=UTC)))
    assert (len(late.observations), late.skipped, late.validators) == (1, 1, ())


def test_an_answer_without_figures_leaves_no_validator() -> None:
    source = Source("ust", SourceKind.TREASURY_CSV, "https://a.example/x.csv")
    found = read_yields(source, visit(Server(lambda _: b"<html>maintenance</html>", etag="v1")))
    assert (len(found.failures), found.validators) == (1, ())


def test_a_folder_of_prices(tmp_path: Path) -> None:
    (tmp_path / "AAA.csv").write_text("date,close\n2026-02-26,10\n")
    (tmp_path / "backup_AAA.csv").write_text("date,close\n2026-02-26,11\n")
    (tmp_path / "BBB.csv").write_text("not a table")
    frame = pd.DataFrame({"date": ["2026-02-26"], "close": [5.0]})
    frame.to_parquet(tmp_path / "CCC.parquet")
    (tmp_path / "notes.txt").write_text("x")
    source = Source("prices", SourceKind.PRICES, path=str(tmp_path), currency="USD")
    found = read_prices(source, visit(Server(lambda _: b"")))
    assert [(o.series, o.value, o.currency) for o in found.observations] == [
        ("price:AAA", 10.0, "USD"),
        ("price:CCC", 5.0, "USD"),
    ]
    assert [f.subject for f in found.failures] == ["BBB.csv: answer", "backup_AAA.csv"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(
        st.sampled_from(
            ["observations", "date", "value", "realtime_start", "close", "adjClose", "detail",
             "splitFactor", "divCash", "count", "error_message"]
        ),
        inner | st.sampled_from(["2026-02-26", "4.5", "."]),
        max_size=5,
    ),
    max_leaves=25,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200), JSON)
def test_any_json_and_any_bytes(data: bytes, value: object) -> None:
    for candidate in (data, json.dumps(value).encode(), b'{"observations": [' + data):
        for history in (False, True):
            fred = parse_fred_api(candidate, source="f", series="y10", now=NOW, history=history)
            prices = parse_tiingo(candidate, source="t", ticker="A", now=NOW, history=history)
            for found in (fred.collected, prices):
                assert all(abs(o.value) < 1e300 for o in found.observations)
                assert all(o.first_seen_at <= NOW for o in found.observations)
                order = [(o.series, o.date, o.first_seen_at) for o in found.observations]
                assert order == sorted(order)
                assert len(found.failures) <= 21


def test_real_fred_answers(shared: Path) -> None:
    for name, series, rows in (("FEDFUNDS", "policy", 828), ("daily_DEXJPUS", "usdjpy", 6102)):
        data = (
            shared / "treasury" / "wire_fred" / f"fred_api_observations_{name}.json"
        ).read_bytes()
        read = parse_fred_api(data, source="f", series=series, now=NOW, history=True)
        assert len(read.collected.observations) == rows
        given = {r["date"]: r["value"] for r in json.loads(data)["observations"]}
        assert {str(o.date): o.value for o in read.collected.observations} == {
            day: float(value) for day, value in given.items() if value != "."
        }
