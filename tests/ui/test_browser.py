"""Every page in Chromium, on a desk and on a telephone."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from fakes import build_store

from moneygood.ui.serve import dashboard_command, dashboard_environment

pytestmark = [pytest.mark.browser, pytest.mark.slow]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PATHS = ("", "narrative", "narrative?narrative=balance", "yields", "alerts", "sources")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A running dashboard on a free port of 127.0.0.1."""
    path = build_store(tmp_path_factory.mktemp("browser") / "sample.db")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    server = subprocess.Popen(
        dashboard_command(path, port=port, address="127.0.0.1"),
        env=dashboard_environment(path),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        base = f"http://127.0.0.1:{port}"
        _wait(base, server)
        yield base
    finally:
        server.terminate()
        server.wait(10)


def _wait(base: str, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and server.poll() is None:
        try:
            urllib.request.urlopen(f"{base}/_stcore/health", timeout=1).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    pytest.fail("the dashboard's server did not start")


@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed (apt install chromium)")
def test_pages_load_and_fit_wide_and_narrow(address: str) -> None:
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as api:
        browser = api.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        asked: list[str] = []
        for width, height, scheme in ((1440, 1000, "light"), (390, 844, "dark")):
            context = browser.new_context(
                viewport={"width": width, "height": height}, color_scheme=scheme
            )
            page = context.new_page()
            page.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
            page.on("request", lambda request: asked.append(request.url))
            for path in PATHS:
                page.goto(f"{address}/{path}")
                page.wait_for_selector("h2", timeout=30_000)
                page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
                assert page.locator("[data-testid=stException]").count() == 0, path
                assert page.locator("a[href^='javascript']").count() == 0, path
                main = page.locator("[data-testid=stMain]")
                wide = main.evaluate("e => e.scrollWidth - e.clientWidth")
                assert wide <= 0, f"{path} scrolls sideways at {width}"
                body = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
                assert body <= 0, f"{path} is wider than the screen at {width}"
                if path == "sources":
                    _strip_shows_its_newest_day(page)
            context.close()
        browser.close()
    elsewhere = {u for u in asked if not u.startswith((address, "data:", "blob:"))}
    assert not elsewhere, f"the page asked other hosts: {elsewhere}"


def _strip_shows_its_newest_day(page: Any) -> None:
    """Cells keep a width that can be seen; on a narrow screen the newest are in view."""
    cells = page.locator(".mg-days i[class]")
    assert cells.count() > 20
    last = page.locator(".mg-days i").last.bounding_box()
    around = page.locator(".mg-scroll").bounding_box()
    assert last["width"] >= 7
    assert around["x"] <= last["x"]
    assert last["x"] + last["width"] <= around["x"] + around["width"] + 1
