"""Every page, dark on a phone and light on a desk: axe-core finds nothing, nothing is cut off, nobody else is asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from axe import faults

SEVERAL = (
    '{"title": "Rates rise again", "body": "The central bank raised its rate."}\n{"title": "Quake", "body": "Japan."}'
)

pytestmark = pytest.mark.slow


@pytest.fixture(params=["phone-dark", "desktop-light"])
def look(request: pytest.FixtureRequest, make_desk: Callable[..., Any]) -> Any:
    size, scheme = request.param.split("-")
    viewport = {"width": 360, "height": 740} if size == "phone" else {"width": 1280, "height": 900}
    return make_desk(viewport=viewport, color_scheme=scheme)


def sound(desk: Any) -> None:
    """Nothing for axe-core to find, nothing wider than the window, nothing asked of anybody else."""
    assert faults(desk.page) == []
    assert desk.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert desk.outside() == []
    assert desk.complaints == []


def test_the_start_and_its_errors(look: Any) -> None:
    look.open()
    sound(look)
    look.read("")
    assert look.page.locator("#body-error").is_visible()
    sound(look)


def test_an_article_with_everything_open(look: Any) -> None:
    page = look.open()
    page.fill("#title", "Not to be lost")
    page.get_by_role("button", name="Try an example").click()
    page.wait_for_selector("#note")
    assert page.input_value("#title") == "Not to be lost"
    sound(look)
    page.get_by_role("button", name="Try an example").click()
    page.wait_for_selector("#note", state="detached")
    page.get_by_role("button", name="Predict tags").click()
    page.wait_for_selector("#judging")
    sound(look)
    page.locator("details").evaluate_all("(all) => all.forEach((one) => { one.open = true; })")
    page.fill("#tag", "suda")
    page.wait_for_selector("#tag-options li")
    page.keyboard.press("ArrowDown")
    sound(look)
    page.keyboard.press("Escape")
    page.fill("#tag", "no such tag")
    page.get_by_role("button", name="Why not?").click()
    page.wait_for_selector("#tag-error")
    sound(look)


def test_several_articles_the_card_and_a_wrong_address(look: Any) -> None:
    look.read(SEVERAL)
    sound(look)
    look.open("/about")
    sound(look)
    look.open("/static/nothing")
    sound(look)
