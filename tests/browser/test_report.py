"""The HTML report in a real browser: opened from a file, by mouse and by keys, without a script, and by axe-core."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from axe import faults
from report_sample import sample

pytest.importorskip("altair", reason="the extra report is not installed")
pytest.importorskip("vl_convert", reason="the extra report is not installed")
pytest.importorskip("playwright", reason="playwright (extra dev) is not installed")

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

UNDRAWN = "figure.chart:not(.drawn)"
SHOWN = "table.labels >> nth=0 >> tbody tr:not([hidden]) th"


@dataclass
class Opened:
    """The report in a window, with what the browser asked for and what it complained of."""

    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from slugline.report import render

    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(render(sample()), encoding="utf-8")
    return path


@pytest.fixture
def opened(browser: Browser, file: Path) -> Iterator[Callable[..., Opened]]:
    """`opened(**options)` opens the report, `options` being Playwright's of a context."""
    contexts: list[BrowserContext] = []

    def made(**options: Any) -> Opened:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}} | options)
        contexts.append(context)
        found = Opened(context.new_page())
        context.on("request", lambda request: found.requests.append(request.url))
        context.on("weberror", lambda error: found.complaints.append(str(error.error)))
        found.page.on("console", lambda message: found.complaints.append(message.text))
        found.page.goto(file.as_uri())
        if options.get("java_script_enabled", True):
            found.page.locator(UNDRAWN).first.wait_for(state="detached")
        return found

    yield made
    for context in contexts:
        context.close()


def test_charts_are_drawn_and_nothing_is_asked_of_anybody(opened: Callable[..., Opened], file: Path) -> None:
    report = opened()
    assert report.page.locator("figure.chart .live svg").count() == 6
    assert report.page.locator("figure.chart .still:visible").count() == 0
    assert report.requests == [file.as_uri()]
    assert report.complaints == []


def test_text_of_articles_is_never_run(opened: Callable[..., Opened]) -> None:
    report = opened()
    assert report.page.evaluate("window.broken") is None
    # Were something to get through after all, the policy would stop it.
    report.page.evaluate(
        "document.body.append(Object.assign(document.createElement('script'), {textContent: 'window.broken = 2'}))"
    )
    assert report.page.evaluate("window.broken") is None
    assert any("Content Security Policy" in said for said in report.complaints)


def test_tags_are_filtered_by_name_and_support(opened: Callable[..., Opened]) -> None:
    page = opened().page
    name = page.get_by_label("Filter by name").first
    name.fill("ÜBER")
    assert page.locator(SHOWN).all_inner_texts() == ["Übersee"]
    assert page.get_by_role("status").first.inner_text() == "1 of 6 shown"
    name.fill("")
    page.get_by_label("Held out at least").first.fill("9999")
    assert page.locator(SHOWN).count() == 0
    page.get_by_label("Held out at least").first.fill("")
    assert page.locator(SHOWN).count() == 6


def test_tags_are_sorted_by_keys_alone(opened: Callable[..., Opened]) -> None:
    page = opened().page
    table = page.locator("table.labels").first
    table.get_by_role("button", name="Tag").focus()
    page.keyboard.press("Enter")
    names = page.locator(SHOWN).all_inner_texts()
    assert [name for name in names if name.isalpha()] == ["Economy", "Sport", "Syria", "Übersee", "Weather"]
    assert table.locator("th[aria-sort]").get_attribute("aria-sort") == "ascending"
    for _ in range(4):
        page.keyboard.press("Tab")
    page.keyboard.press("Space")
    held = [int(text) for text in table.locator("tbody td:nth-child(5)").all_inner_texts()]
    assert held == sorted(held, reverse=True)
    page.keyboard.press("Space")
    held = [int(text) for text in table.locator("tbody td:nth-child(5)").all_inner_texts()]
    assert held == sorted(held)
    assert table.locator("th[aria-sort]").count() == 1


def test_it_is_complete_without_a_script(opened: Callable[..., Opened]) -> None:
    page = opened(java_script_enabled=False).page
    assert page.locator("figure.chart .still:visible").count() == 6
    assert page.locator(SHOWN).count() == 6
    assert page.locator(".finder:visible").count() == 0


def test_it_prints(opened: Callable[..., Opened]) -> None:
    page = opened().page
    page.emulate_media(media="print")
    assert page.locator("figure.chart .still:visible").count() == 6
    assert page.locator("figure.chart .live:visible").count() == 0
    assert page.locator("nav:visible, .finder:visible").count() == 0
    assert page.pdf(format="A4").startswith(b"%PDF")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing_and_nothing_is_cut_off(opened: Callable[..., Opened], scheme: str, width: int) -> None:
    page = opened(viewport={"width": width, "height": 800}, color_scheme=scheme).page
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
