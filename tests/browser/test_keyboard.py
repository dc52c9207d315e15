"""From an empty page to a saved judgement without a mouse: by Tab, arrows, Space and Enter, and by the letters."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from slugline import feedback

pytestmark = pytest.mark.slow

TITLE = "Syrian rebels seize an airport near Aleppo"
TEXT = "Rebels said on Monday that the Syrian army had left the airport of Aleppo after heavy shelling in Syria."


def focused(page: Any) -> str:
    """What has the focus: its id, else its name and value."""
    found: str = page.evaluate(
        "(() => { const one = document.activeElement; return one.id || `${one.name} ${one.value}`; })()"
    )
    return found


def tab_to(page: Any, wanted: str, most: int = 80) -> None:
    """Press Tab until `wanted` has the focus, which must be seen."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if focused(page) == wanted:
            assert page.evaluate(
                "(() => { const one = document.activeElement; const style = (e) => getComputedStyle(e).outlineStyle;"
                " return style(one) !== 'none' || (one.nextElementSibling && style(one.nextElementSibling) !== 'none');"
                " })()"
            ), f"no visible focus on {wanted}"
            return
    raise AssertionError(f"{wanted} is not reached by Tab; at {focused(page)}")


def saved(log: Path) -> feedback.Feedback:
    return list(feedback.read(log))[-1]


def test_from_predict_to_saved_by_tab_arrows_space_and_enter(desk: Any, log: Path) -> None:
    page = desk.open()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip-link"
    page.keyboard.press("Enter")
    tab_to(page, "title")
    page.keyboard.type(TITLE)
    page.keyboard.press("Tab")
    page.keyboard.type(TEXT)
    tab_to(page, "do predict")
    page.keyboard.press("Enter")
    page.wait_for_selector("#judging")

    # A group of choices is one stop of Tab; its arrows choose.
    tab_to(page, "skip-t0")
    first = page.locator("#row-t0 input").first.get_attribute("name").removeprefix("tag:")
    page.keyboard.press("ArrowRight")
    assert focused(page) == "accept-t0"
    tab_to(page, "skip-t1")
    second = page.locator("#row-t1 input").first.get_attribute("name").removeprefix("tag:")
    page.keyboard.press("ArrowLeft")
    assert focused(page) == "reject-t1"

    tab_to(page, "tag")
    page.keyboard.type("suda")
    page.wait_for_selector("#tag-options li")
    assert page.get_attribute("#tag", "aria-expanded") == "true"
    page.keyboard.press("ArrowDown")
    chosen = page.text_content(f"#{page.get_attribute('#tag', 'aria-activedescendant')}")
    page.keyboard.press("Enter")
    assert page.input_value("#tag") == chosen
    assert page.get_attribute("#tag", "aria-expanded") == "false"
    # Once more, and what stands in the field is added.
    page.keyboard.press("Enter")
    page.wait_for_selector("#row-a0")
    assert focused(page) == "tag"
    # Not by a function: the page's policy forbids text that becomes code.
    page.locator("#live-region", has_text="is added").wait_for(state="attached")

    tab_to(page, "save")
    page.keyboard.press("Enter")
    page.wait_for_selector("#who-error")
    assert focused(page) == "who"
    page.keyboard.type("anna")
    tab_to(page, "save")
    page.keyboard.press("Enter")
    page.wait_for_selector("#note.good")
    assert focused(page) == "save"

    answer = saved(log)
    assert (answer.who, answer.accepted, answer.rejected, answer.added) == ("anna", (first,), (second,), (chosen,))
    assert answer.title is None
    assert desk.complaints == []


def test_the_letters_judge_and_can_be_turned_off(desk: Any, log: Path) -> None:
    desk.read(TEXT, TITLE)
    page = desk.page
    page.keyboard.press("j")
    assert focused(page) == "skip-e0"
    page.keyboard.press("a")
    assert focused(page) == "accept-e0"
    page.keyboard.press("j")
    page.keyboard.press("r")
    assert page.is_checked("#reject-t0")
    page.keyboard.press("u")
    assert page.is_checked("#skip-t0")
    page.keyboard.press("k")
    page.keyboard.press("w")
    page.wait_for_selector("#why-e0[aria-pressed=true]")
    assert focused(page) == "accept-e0"
    page.keyboard.press("t")
    # Letters in a field are text.
    page.keyboard.type("jar")
    assert page.input_value("#tag") == "jar"
    page.fill("#tag", "")
    page.fill("#who", "ben")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#note.good")
    assert saved(log).event_type is not None
    assert saved(log).who == "ben"

    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("?")
    assert page.get_attribute("#keys", "open") is not None
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.focus("#skip-t0")
    page.keyboard.press("a")
    assert page.is_checked("#skip-t0")


def test_the_next_article_and_back(desk: Any) -> None:
    page = desk.read("\n".join(f'{{"title": "Article {number}", "body": "{TEXT}"}}' for number in range(3)))
    page.focus("#open-0")
    page.keyboard.press("Enter")
    page.wait_for_selector("#judging")
    page.keyboard.press("n")
    page.wait_for_selector("text=Article 2 of 3")
    page.keyboard.press("j")
    page.keyboard.press("a")
    page.keyboard.press("p")
    # What was judged and not saved is not left behind at the first press.
    page.wait_for_selector("#note.bad")
    assert page.is_checked("#accept-e0")
    page.keyboard.press("p")
    page.wait_for_selector("text=Article 1 of 3")


def test_everything_without_javascript(make_desk: Callable[..., Any], log: Path) -> None:
    desk = make_desk(java_script_enabled=False)
    page = desk.read(TEXT, TITLE)
    page.locator("#why-t1").click()
    page.wait_for_selector("#why-t1[aria-pressed=true]")
    assert page.locator(".story mark.for").count() > 0
    page.locator("label", has=page.locator("#accept-t0")).click()
    page.fill("#tag", "Sudan")
    page.keyboard.press("Enter")
    page.wait_for_selector("#row-a0")
    assert page.is_checked("#accept-t0")
    page.select_option("#event-type", "none")
    page.fill("#who", "cleo")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_selector("#note.good")
    assert "Saved: 1 tag accepted, 1 tag added, event type corrected." in page.text_content("#note")
    answer = saved(log)
    assert (answer.who, answer.added) == ("cleo", ("Sudan",))
    assert answer.event_type == feedback.EventAnswer("corrected", None)
