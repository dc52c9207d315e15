"""The page in a real browser: headless Chromium over a server of this process, which asks nothing of anybody else.

Tests are skipped without one: `apt-get install chromium`, or any Chromium or Chrome that SLUGLINE_CHROMIUM names.
"""

from __future__ import annotations

import os
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from slugline.resources import shipped_model

pytest.importorskip("fastapi", reason="the extra serve is not installed")
pytest.importorskip("playwright", reason="playwright (extra dev) is not installed")

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
PHONE, DESKTOP = {"width": 360, "height": 740}, {"width": 1280, "height": 900}


@dataclass
class Desk:
    """A browser window on the page: `page`, the server's address, and everything that the browser asked for or said."""

    page: Page
    address: str
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str = "/") -> Page:
        answer = self.page.goto(self.address + path)
        assert answer is not None
        assert answer.ok or path == "/static/nothing", self.page.content()
        return self.page

    def read(self, body: str, title: str = "") -> Page:
        """Have an article predicted."""
        page = self.open()
        page.fill("#title", title)
        page.fill("#body", body)
        page.get_by_role("button", name="Predict tags").click()
        page.wait_for_selector("#judging, [data-several], .field-error")
        return page

    def outside(self) -> list[str]:
        """What was asked of anybody but the server."""
        return [one for one in self.requests if not one.startswith(self.address + "/")]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    found = os.environ.get("SLUGLINE_CHROMIUM") or next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("Chromium is not installed: apt-get install chromium, or set SLUGLINE_CHROMIUM to one")
    with sync_playwright() as playwright:
        # Containers run as root, and have a small /dev/shm.
        options = ["--no-sandbox", "--disable-dev-shm-usage"]
        started = playwright.chromium.launch(executable_path=found, args=options)
        yield started
        started.close()


@pytest.fixture(scope="session")
def start_server() -> Iterator[Callable[..., str]]:
    """`start_server(**settings)` starts a server of the shipped model, and is its address."""
    with ExitStack() as stack:
        yield lambda **settings: stack.enter_context(_Running(settings))


class _Running:
    def __init__(self, settings: dict[str, Any]) -> None:
        import uvicorn

        from slugline.serve.app import create_app
        from slugline.serve.settings import Settings

        app = create_app(Settings(**{"model": shipped_model()} | settings))
        self.server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="on"))
        self.socket = socket.socket()
        self.socket.bind(("127.0.0.1", 0))
        self.thread = threading.Thread(target=self.server.run, kwargs={"sockets": [self.socket]}, daemon=True)

    def __enter__(self) -> str:
        self.thread.start()
        while not self.server.started:
            assert self.thread.is_alive(), "the server did not start"
            time.sleep(0.01)
        return f"http://127.0.0.1:{self.socket.getsockname()[1]}"

    def __exit__(self, *_: object) -> None:
        self.server.should_exit = True
        self.thread.join(10)


@pytest.fixture(scope="session")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The feedback log of `server`."""
    return tmp_path_factory.mktemp("log") / "feedback.jsonl"


@pytest.fixture(scope="session")
def server(start_server: Callable[..., str], log: Path) -> str:
    return start_server(feedback=log)


@pytest.fixture
def make_desk(browser: Browser, server: str) -> Iterator[Callable[..., Desk]]:
    """`make_desk(**options)` opens a window, `options` being Playwright's of a context; `address` another server's."""
    contexts: list[BrowserContext] = []

    def made(address: str = server, **options: Any) -> Desk:
        context = browser.new_context(**{"viewport": DESKTOP, "reduced_motion": "reduce"} | options)
        contexts.append(context)
        context.set_default_timeout(15_000)
        desk = Desk(context.new_page(), address)
        context.on("request", lambda request: desk.requests.append(request.url))
        context.on("weberror", lambda error: desk.complaints.append(str(error.error)))

        def heard(message: Any) -> None:
            # A form that comes back with an error is answered with 4xx, which Chromium notes.
            if message.type in ("error", "warning") and "the server responded with a status of 4" not in message.text:
                desk.complaints.append(message.text)

        context.on("console", heard)
        return desk

    yield made
    for context in contexts:
        context.close()


@pytest.fixture
def desk(make_desk: Callable[..., Desk]) -> Desk:
    return make_desk()
