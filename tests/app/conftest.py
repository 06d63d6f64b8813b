"""A served demo home whose model says what a test wants it to say."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI
from fastapi.testclient import TestClient

from agents.endpoints import Endpoint
from agents.endpoints.scripted import scripted
from app.api.routes import COOKIE
from app.api.server import build
from app.assembly import Lakewright
from app.scopes import ALL
from app.settings import Settings
from app.ui.session import Visit

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# Without these a browser looks for updates and its maker's services.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)
STILL = """
    const still = new CSSStyleSheet();
    still.replaceSync('*, *::before, *::after { transition: none !important }');
    document.adoptedStyleSheets = [still];
"""
"""Colours are there at once, and what looks at them need not wait."""


@dataclass
class Script:
    """What the model will say: set `replies` before asking."""

    replies: tuple[str | Exception, ...] = ()

    def open(self) -> Endpoint:
        return scripted(*self.replies, name="embedded", instruct=False)


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
def lakewright(demo_home: Path, script: Script) -> Iterator[Lakewright]:
    """The demo home, open, with a scripted model in the place of the real one."""
    opened = Lakewright.open(Settings.load(demo_home))
    opened.__dict__["endpoints"] = {"embedded": script.open}
    yield opened
    opened.close()


@pytest.fixture
def client(lakewright: Lakewright) -> Iterator[TestClient]:
    """The API over the demo home; it keeps no errors from the test."""
    with TestClient(build(lakewright, chat=False), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def owner(lakewright: Lakewright) -> dict[str, str]:
    return bearer(lakewright, "owner")


@pytest.fixture
def support(lakewright: Lakewright) -> dict[str, str]:
    return bearer(lakewright, "support-ca")


def bearer(lakewright: Lakewright, principal: str) -> dict[str, str]:
    """The header that signs in as a principal."""
    secret, _ = lakewright.tokens.create(principal, 1, ALL)
    return {"Authorization": f"Bearer {secret}"}


def visiting(lakewright: Lakewright, principal: str, scopes: tuple[str, ...] = ALL, **headers: str) -> Visit:
    """A page that a principal has opened, whose next events come from their browser; `headers` with their proof."""
    from gradio.context import LocalContext

    secret, _ = lakewright.tokens.create(principal, 1, scopes)
    cookie = lakewright.seal.close(secret)
    sent = {"x-csrf-token": lakewright.seal.proof(cookie), "host": "lake.example", **headers}
    LocalContext.request.set(SimpleNamespace(cookies={COOKIE: cookie}, headers=sent))  # type: ignore[arg-type]
    return Visit(principal)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium. Where CI=true it must be there; elsewhere these tests are skipped without it.

    As long as it is open, an event loop runs in the thread of the tests, and no other one can."""
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail("No Chromium was found: run `make services`.")
        pytest.skip("No Chromium was found: run `make services`.")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        yield launched
        launched.close()


@contextmanager
def running(app: FastAPI) -> Iterator[str]:
    """The address of a server of this application."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.05)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}/"
    finally:
        server.should_exit = True
        thread.join(20)


@pytest.fixture
def url(lakewright: Lakewright) -> Iterator[str]:
    """The served demo home."""
    with running(build(lakewright)) as address:
        yield address


@pytest.fixture
def api(lakewright: Lakewright) -> Iterator[str]:
    """The served demo home without its pages."""
    with running(build(lakewright, chat=False)) as address:
        yield address


@pytest.fixture
def page(browser: Any, url: str) -> Iterator[Any]:
    """The chat, open; it may speak with its own server only, and its scripts must not fail."""
    opened = browser.new_page(viewport={"width": 1100, "height": 1000})
    opened.set_default_timeout(60_000)  # A machine that does other things as well takes its time.
    opened.add_init_script(STILL)
    elsewhere, faults = [], []
    opened.on("request", lambda request: elsewhere.append(request.url) if not _own(request.url, url) else None)
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.goto(url)
    yield opened
    opened.close()
    assert elsewhere == []
    assert faults == []


def _own(address: str, url: str) -> bool:
    return address.startswith((url, "data:", "blob:"))


def picture(page: Any, name: str) -> None:
    """What the page looks like, in the folder SCREENSHOTS, where somebody wants to see it."""
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


def sign_in(page: Any, lakewright: Lakewright, principal: str) -> None:
    secret, _ = lakewright.tokens.create(principal, 1, ALL)
    page.locator("#token input, #token textarea").fill(secret)
    page.locator("#sign-in").click()
    page.get_by_text(f"Signed in as {principal}").wait_for()
