"""What is pasted is shown as text, nothing is asked of anybody else, and what was typed and judged is not lost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

SCRIPT = '<script>window.hacked = 1</script><img src="http://example.com/x.png" onerror="window.hacked = 2">'
TEXT = f'Rebels {SCRIPT} took Aleppo in Syria. "><svg onload=window.hacked=3> javascript:alert(1) {{{{ 7 * 7 }}}}'


def unhurt(desk: Any) -> None:
    assert desk.page.evaluate("window.hacked") is None
    assert desk.outside() == []
    assert desk.complaints == []


def test_an_article_of_scripts_is_text(desk: Any) -> None:
    page = desk.read(TEXT, f"Title {SCRIPT}")
    assert SCRIPT in page.text_content(".story")
    assert "{{ 7 * 7 }}" in page.text_content(".story")
    assert page.locator(".story script, .story img, .story svg").count() == 0
    page.fill("#tag", SCRIPT)
    page.get_by_role("button", name="Why not?").click()
    page.wait_for_selector("#tag-error")
    assert page.input_value("#tag") == SCRIPT
    page.get_by_role("button", name="Edit the text").click()
    page.wait_for_selector("#body")
    assert page.input_value("#body") == TEXT
    unhurt(desk)


def test_a_table_of_scripts_is_text(desk: Any, tmp_path: Path) -> None:
    file = tmp_path / "several.jsonl"
    file.write_text(
        '{"title": "<b>bold</b><script>window.hacked=1</script>", "body": "Syria."}\n{"title": "b", "body": "c"}'
    )
    page = desk.open()
    page.set_input_files("#file", file)
    page.get_by_role("button", name="Predict tags").click()
    page.wait_for_selector("[data-several]")
    assert page.text_content("#open-0") == "<b>bold</b><script>window.hacked=1</script>"
    page.click("#open-0")
    page.wait_for_selector("#judging")
    unhurt(desk)


def test_a_page_is_uploaded_and_read(desk: Any, tmp_path: Path) -> None:
    pytest.importorskip("trafilatura", reason="the extra html is not installed")
    file = tmp_path / "page.html"
    paragraph = "Rebels said on Monday that the Syrian army had left the airport of Aleppo after heavy shelling. " * 4
    file.write_text(
        f"<html><head><title>Rebels at the airport</title></head><body><article><h1>Rebels at the airport</h1>"
        f"<p>{paragraph}</p><p>{paragraph}</p><script>window.hacked = 1</script></article></body></html>"
    )
    page = desk.open()
    page.set_input_files("#file", file)
    page.get_by_role("button", name="Predict tags").click()
    page.wait_for_selector("#judging")
    assert "left the airport" in page.text_content(".story")
    unhurt(desk)


def test_an_error_loses_nothing_that_was_typed(desk: Any) -> None:
    page = desk.read('{"title": "one"', "")
    assert page.input_value("#body") == '{"title": "one"'
    assert page.get_attribute("#body", "aria-invalid") == "true"
    assert "body-error" in page.get_attribute("#body", "aria-describedby")
    unhurt(desk)


def test_a_server_that_does_not_answer_loses_nothing(desk: Any) -> None:
    page = desk.read("Rebels took the airport of Aleppo in Syria.")
    page.focus("#skip-t0")
    page.keyboard.press("a")
    page.fill("#who", "anna")
    page.route("**/article", lambda route: route.abort())
    page.click("#save")
    page.wait_for_selector("#trouble")
    assert "Nothing is lost" in page.text_content("#trouble")
    page.unroute("**/article")
    page.click("#save")
    page.wait_for_selector("#note.good")
    assert page.is_checked("#accept-t0")


def test_what_is_pressed_in_haste_is_done_in_order(desk: Any, log: Path) -> None:
    from slugline import feedback

    page = desk.read("Rebels took the airport of Aleppo in Syria.")
    page.fill("#who", "dora")
    page.fill("#tag", "Sudan")
    page.evaluate("document.querySelector('[name=do][value=add]').click(); document.querySelector('#save').click();")
    page.wait_for_selector("#note.good")
    answer = list(feedback.read(log))[-1]
    assert (answer.who, answer.added) == ("dora", ("Sudan",))


def test_without_a_log_nothing_can_be_judged(make_desk: Callable[..., Any], start_server: Callable[..., str]) -> None:
    desk = make_desk(start_server())
    page = desk.read("Rebels took the airport of Aleppo in Syria.")
    assert page.locator("input[type=radio], #save").count() == 0
    page.fill("#tag", "Sudan")
    page.keyboard.press("Enter")
    page.wait_for_selector("#row-o0 .why[aria-pressed=true]")
    unhurt(desk)
