"""A polite GET against a real server: robots, pace, waiting, tries, contact, walls."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
import stamina
from hostile_server import Answer, HostileServer, answer, echo, in_turn, raw, reset

from moneygood.collectors.sources import Source, SourceKind
from moneygood.collectors.visit import Get
from moneygood.collectors.web.errors import passing
from moneygood.collectors.web.hosts import MemoryHosts, RobotsText
from moneygood.collectors.web.http import Response
from moneygood.collectors.web.polite import polite, retry_after
from moneygood.errors import FetchError
from moneygood.records import Validator

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
GOOD = answer(body=b"text")


class Clock:
    """A clock that moves only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = NOON
        self.slept: list[float] = []

    def __call__(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def hosts() -> MemoryHosts:
    return MemoryHosts()


@pytest.fixture(autouse=True)
def _no_backoff() -> Iterator[None]:
    with stamina.set_testing(True, attempts=3):
        yield


def getter(server: HostileServer, hosts: MemoryHosts, clock: Clock, **changes: object) -> Get:
    values: dict[str, object] = {
        "name": "wire",
        "kind": SourceKind.FEED,
        "url": f"{server.url}/feed",
        "allow_private": True,
        "rate": 10.0,
    }
    source = Source(**(values | changes))  # type: ignore[arg-type]
    return polite(source, hosts=hosts, contact="desk@firm.example", clock=clock, sleep=clock.sleep)


def robots(text: str, **routes: Answer) -> dict[str, Answer]:
    pages = {f"/{name}": route for name, route in routes.items()}
    return {"/robots.txt": answer(body=text.encode()), "/page": GOOD, "/feed": GOOD} | pages


def test_robots_is_heeded_read_once_a_day_and_not_asked_for_the_feed_itself(
    hosts: MemoryHosts, clock: Clock
) -> None:
    text = "User-agent: *\nDisallow: /\nUser-agent: moneygood\nDisallow: /shut\nDisallow: /feed"
    with HostileServer(robots(text)) as server:
        get = getter(server, hosts, clock)
        assert get(f"{server.url}/feed").body == b"text"
        assert server.paths() == ["/feed"]
        for _ in range(2):
            assert get(f"{server.url}/page").body == b"text"
        with pytest.raises(FetchError, match=r"robots\.txt forbids"):
            get(f"{server.url}/shut/it")
        assert server.paths() == ["/feed", "/robots.txt", "/page", "/page"]
        clock.now += timedelta(days=1, minutes=1)
        getter(server, hosts, clock)(f"{server.url}/page")
        assert server.paths()[4:] == ["/robots.txt", "/page"]


def test_a_source_may_be_told_to_heed_no_robots(hosts: MemoryHosts, clock: Clock) -> None:
    with HostileServer(robots("User-agent: *\nDisallow: /")) as server:
        get = getter(server, hosts, clock, robots=False)
        assert get(f"{server.url}/page").body == b"text"
        assert server.paths() == ["/page"]


def test_no_robots_allows_everything(hosts: MemoryHosts, clock: Clock) -> None:
    with HostileServer({"/page": GOOD}) as server:
        assert getter(server, hosts, clock)(f"{server.url}/page").body == b"text"


@pytest.mark.parametrize("bad", [answer(503), answer(429), raw(b""), answer(500)])
def test_robots_that_cannot_be_read_forbids_for_now(
    hosts: MemoryHosts, clock: Clock, bad: Answer
) -> None:
    with HostileServer({"/robots.txt": bad, "/page": GOOD}) as server:
        get = getter(server, hosts, clock)
        for _ in range(3):
            with pytest.raises(FetchError, match=r"robots\.txt cannot be read") as caught:
                get(f"{server.url}/page")
            assert "next visit" in caught.value.remedy
        asked = server.paths()
        assert set(asked) == {"/robots.txt"}
        assert len(asked) <= 3  # tried, then remembered for this visit
        server.routes["/robots.txt"] = answer(404)
        clock.now += timedelta(hours=1)
        assert getter(server, hosts, clock)(f"{server.url}/page").body == b"text"


def test_an_old_copy_is_heeded_while_robots_cannot_be_read(
    hosts: MemoryHosts, clock: Clock
) -> None:
    with HostileServer({"/robots.txt": answer(500), "/page": GOOD}) as server:
        old = RobotsText("User-agent: *\nDisallow: /shut", NOON - timedelta(days=3))
        hosts.keep_robots(server.url, old)
        get = getter(server, hosts, clock)
        assert get(f"{server.url}/page").body == b"text"
        with pytest.raises(FetchError, match="forbids"):
            get(f"{server.url}/shut")


def test_a_huge_robots_is_read_up_to_500_kb(hosts: MemoryHosts, clock: Clock) -> None:
    text = "User-agent: *\nDisallow: /early\n" + "# filler\n" * 60_000 + "Disallow: /late\n"
    with HostileServer(robots(text, late=GOOD)) as server:
        get = getter(server, hosts, clock)
        assert get(f"{server.url}/late").body == b"text"
        with pytest.raises(FetchError, match="forbids"):
            get(f"{server.url}/early")


def test_a_crawl_delay_is_kept_and_a_long_one_is_a_failure(
    hosts: MemoryHosts, clock: Clock
) -> None:
    with HostileServer(robots("User-agent: *\nCrawl-delay: 7")) as server:
        get = getter(server, hosts, clock)
        for _ in range(3):
            get(f"{server.url}/page")
        assert clock.now - NOON >= timedelta(seconds=14)
    with HostileServer(robots("User-agent: *\nCrawl-delay: 31")) as server:
        get = getter(server, MemoryHosts(), clock)
        with pytest.raises(FetchError, match="31 seconds between"):
            get(f"{server.url}/page")


def test_the_rate_of_the_source_is_kept(hosts: MemoryHosts, clock: Clock) -> None:
    with HostileServer({"/feed": GOOD}) as server:
        get = getter(server, hosts, clock, rate=0.5)
        for _ in range(6):
            get(f"{server.url}/feed")
    # Three at once, then one every two seconds.
    assert clock.now - NOON == timedelta(seconds=6)


def test_a_short_retry_after_is_waited_out(hosts: MemoryHosts, clock: Clock) -> None:
    busy = in_turn(answer(429, Retry_After="7"), GOOD)
    with HostileServer({"/feed": busy}) as server:
        assert getter(server, hosts, clock)(f"{server.url}/feed").body == b"text"
    assert clock.slept == pytest.approx([7])


@pytest.mark.parametrize(
    ("header", "until"),
    [
        ({"Retry_After": "90"}, "12:01:30"),
        ({"Retry_After": format_datetime(NOON + timedelta(minutes=5), usegmt=True)}, "12:05:00"),
        ({}, "12:01:00"),
    ],
)
def test_a_long_retry_after_holds_the_host_for_everybody(
    hosts: MemoryHosts, clock: Clock, header: dict[str, str], until: str
) -> None:
    with HostileServer({"/feed": answer(429, b"", **header)}) as server:
        with pytest.raises(FetchError, match=f"429 and asks not to be asked before .*{until}"):
            getter(server, hosts, clock)(f"{server.url}/feed")
        server.routes["/feed"] = GOOD
        if until != "12:01:00":
            with pytest.raises(FetchError, match=f"not to be asked before .*{until}"):
                getter(server, hosts, clock, name="other")(f"{server.url}/feed")
            assert len(server.asked) == 1
        clock.now = NOON + timedelta(hours=1)
        assert getter(server, hosts, clock)(f"{server.url}/feed").body == b"text"


@pytest.mark.parametrize(
    "bad", [answer(500), answer(502), answer(503), answer(504), raw(b""), reset(b"HTTP/1.1 2")]
)
def test_what_may_pass_is_tried_again(hosts: MemoryHosts, clock: Clock, bad: Answer) -> None:
    with HostileServer({"/feed": in_turn(bad, bad, GOOD)}) as server:
        assert getter(server, hosts, clock)(f"{server.url}/feed").body == b"text"
        assert len(server.asked) == 3


def test_three_tries_at_most(hosts: MemoryHosts, clock: Clock) -> None:
    with HostileServer({"/feed": answer(503)}) as server:
        with pytest.raises(FetchError, match="answered 503"):
            getter(server, hosts, clock)(f"{server.url}/feed")
        assert len(server.asked) == 3


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 501])
def test_what_will_not_pass_is_not_tried_again(
    hosts: MemoryHosts, clock: Clock, status: int
) -> None:
    with HostileServer({"/feed": answer(status)}) as server:
        with pytest.raises(FetchError, match=f"answered {status}"):
            getter(server, hosts, clock)(f"{server.url}/feed")
        assert len(server.asked) == 1


def test_validators_headers_and_contact_are_sent(hosts: MemoryHosts, clock: Clock) -> None:
    routes = {"/feed": answer(304), "/key": echo("x-key"), "/agent": echo("user-agent")}
    with HostileServer(routes) as server:
        get = getter(server, hosts, clock)
        url = f"{server.url}/feed"
        found = get(url, validator=Validator(url, '"v1"', "Mon, 02 Mar 2026 10:00:00 GMT"))
        assert (found.status, found.body) == (304, b"")
        sent = server.asked[0].headers
        assert sent["if-none-match"] == '"v1"'
        assert sent["if-modified-since"].startswith("Mon")
        assert get(f"{server.url}/key", headers={"X-Key": "k"}).body == b"k"
        assert b"desk@firm.example" in get(f"{server.url}/agent").body


def test_what_a_later_visit_may_have_is_told_from_what_it_will_not(
    hosts: MemoryHosts, clock: Clock
) -> None:
    shut = "User-agent: *\nDisallow: /shut"
    routes = {
        "/down": answer(503), "/lost": raw(b""), "/gone": answer(404), "/no": answer(403),
        "/busy": answer(429, Retry_After="600"),
    }  # fmt: skip
    with HostileServer(robots(shut) | routes) as server:
        get = getter(server, hosts, clock)
        found = {}
        for path in ("gone", "no", "shut", "down", "lost", "busy", "page"):
            with pytest.raises(FetchError) as caught:
                get(f"{server.url}/{path}")
            found[path] = passing(caught.value)
    # The page is not asked for while its host wants a pause.
    assert [path for path, later in found.items() if later] == ["down", "lost", "busy", "page"]
    with HostileServer({"/robots.txt": answer(503)}) as server:
        with pytest.raises(FetchError) as caught:
            getter(server, hosts, clock)(f"{server.url}/page")
        assert passing(caught.value)


def test_a_wall_answered_with_200_is_an_error(hosts: MemoryHosts, clock: Clock) -> None:
    page = b"<html><title>Just a moment...</title><script>window._cf_chl_opt={}</script></html>"
    with HostileServer({"/feed": answer(body=page, Content_Type="text/html")}) as server:
        with pytest.raises(FetchError, match="Cloudflare bot check instead"):
            getter(server, hosts, clock)(f"{server.url}/feed")
        assert len(server.asked) == 1


@pytest.mark.parametrize("url", ["javascript:alert(1)", "ftp://a.example/x", "http://[::1", ""])
def test_other_addresses_are_refused_before_anything_is_asked(
    hosts: MemoryHosts, clock: Clock, url: str
) -> None:
    with HostileServer({}) as server:
        with pytest.raises(FetchError, match="not an http"):
            getter(server, hosts, clock)(url)
        assert server.asked == []


def sec(hosts: MemoryHosts, clock: Clock, contact: str, asked: list[str], rate: float) -> Get:
    def fetch(url: str, **_: object) -> Response:
        asked.append(url)
        return Response(url, 200, b"")

    source = Source("filings", SourceKind.FEED, url="https://www.sec.gov/feed", rate=rate)
    return polite(source, hosts=hosts, contact=contact, fetch=fetch, clock=clock, sleep=clock.sleep)


@pytest.mark.parametrize("host", ["www.sec.gov", "data.sec.gov", "SEC.gov", "efts.sec.gov."])
def test_sec_is_not_asked_without_a_contact(hosts: MemoryHosts, clock: Clock, host: str) -> None:
    asked: list[str] = []
    with pytest.raises(FetchError) as caught:
        sec(hosts, clock, " ", asked, 1.0)(f"https://{host}/x")
    assert asked == []
    wanted = 'Set contact = "you@firm.example" in moneygood.toml; SEC requires it.'
    assert caught.value.remedy == wanted


def test_all_hosts_of_sec_share_eight_requests_a_second(hosts: MemoryHosts, clock: Clock) -> None:
    asked: list[str] = []
    get = sec(hosts, clock, "desk@firm.example", asked, 10.0)
    for number in range(24):
        get(f"https://{('www', 'data', 'efts')[number % 3]}.sec.gov/{number}")
    seconds = (clock.now - NOON).total_seconds()
    assert seconds >= (len(asked) - 1) / 8 - 1e-3


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0), ("120", 120), (" 5 ", 5), ("99999999999999", 86_400), ("", None),
        ("soon", None), ("-5", None), ("1e9", None), ("Mon, 02 Mar 2026 12:00:30 GMT", 30),
        ("Mon, 02 Mar 2020 12:00:30 GMT", 0), ("Fri, 31 Dec 9999 23:59:59 GMT", 86_400),
    ],
)  # fmt: skip
def test_retry_after(value: str, seconds: float | None) -> None:
    assert retry_after(value, NOON) == seconds


def test_no_key_is_shown(hosts: MemoryHosts, clock: Clock) -> None:
    bad = {"/feed": answer(500), "/held": answer(429, Retry_After="600")}
    text = "User-agent: *\nDisallow: /shut"
    with HostileServer(robots(text, **{k[1:]: v for k, v in bad.items()})) as server:
        get = getter(server, hosts, clock)
        for path in ("feed", "shut", "held", "page"):
            with pytest.raises(FetchError) as caught:
                get(f"{server.url}/{path}?api_key=hush")
            assert "hush" not in str(caught.value)
            assert "api_key=***" in str(caught.value)
