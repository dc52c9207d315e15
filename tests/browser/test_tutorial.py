"""Steps 6 and 7 of docs/tutorial.md: what it says to do on the page can be done, and gives what step 8 trains with."""

from __future__ import annotations

import re

import pytest

from docs.blocks import blocks
from slugline.feedback import read
from support import ROOT

TUTORIAL = ROOT / "docs" / "tutorial.md"
ARTICLE = next(block.text for block in blocks(TUTORIAL) if block.marks.get("file") == "ferry.txt")


pytestmark = pytest.mark.slow


@pytest.fixture
def corrected(make_desk, start_server, starter_run, tmp_path):
    """What stands on the page before and after predicting, and the log that is left."""
    log = tmp_path / "feedback.jsonl"
    desk = make_desk(start_server(model=starter_run.model, feedback=log, keep_text=True))
    page = desk.open()
    controls = [page.inner_text("body")]
    page.get_by_label("Text", exact=True).fill(ARTICLE)
    page.get_by_role("button", name="Predict tags").click()
    page.wait_for_selector("#judging")
    controls.append(page.inner_text("body"))
    for tag in ("Kidnapping", "Climate change"):
        page.get_by_role("radio", name=f"Reject {tag}").check(force=True)
    page.get_by_label("Another tag").fill("Storms")
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_role("button", name="Take out Storms").wait_for()
    page.get_by_role("button", name="Accept the rest").click()
    page.locator("#note", has_text="are accepted").wait_for()
    page.get_by_label("Your name").fill("anna")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_selector("#note.good")
    return controls, log


def test_the_tutorial_s_answer_is_given_on_the_page(corrected):
    _, log = corrected
    (said,) = read(log)
    assert said.who == "anna"
    assert set(said.rejected) == {"Kidnapping", "Climate change"}
    assert set(said.accepted) == {"Indonesia", "Shipping", "Asia", "Police"}
    assert said.added == ("Storms",)
    assert said.title == ARTICLE.splitlines()[0]
    assert said.body.startswith("An overloaded ferry")


def test_what_the_tutorial_names_is_on_the_page(corrected):
    controls, _ = corrected
    text = TUTORIAL.read_text(encoding="utf-8")
    steps = text[text.index("## 6.") : text.index("## 8.")]
    named = re.findall(r"\*\*(.+?)\*\*", steps)
    assert len(named) > 5
    for name in named:
        assert any(name.rstrip("?") in control for control in controls), name
