"""Whatever articles, labels, names and files hold is text in Chromium: page, report and card run none of it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from injection import PAYLOADS, RUN
from slugline.article import Article, Labels
from slugline.bundle import Bundle, read_bundle, write_bundle
from slugline.corpus.clean import clean_line
from slugline.neighbours import Neighbour
from slugline.predict import Predictor
from slugline.self_test import with_self_test
from slugline.vocabulary_edits import Edit
from small_model import ARTICLES, TAGS, TYPES, small_bundle

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.slow

NAMES = dict(zip(TAGS, PAYLOADS, strict=False))
KINDS = {"armed_conflict": PAYLOADS[0], "economy": PAYLOADS[1], "Sports": PAYLOADS[3], "own_type": PAYLOADS[6]}
FILE = "\"><img src=x onerror=window.hacked=1>'"


def hostile_bundle() -> Bundle:
    """The small model with payloads for names: tags, event types, groups, corpus, licence."""
    bundle = small_bundle()
    assert bundle.tags is not None
    assert bundle.event_type is not None
    manifest = bundle.manifest
    counts = {"tags": dict.fromkeys(NAMES.values(), 3), "event_type": dict.fromkeys(KINDS.values(), 2)}
    about = {"name": PAYLOADS[0], "licence": PAYLOADS[4], "title": PAYLOADS[1], "page": f"javascript:{RUN}"}
    about |= {"label_counts": counts | {"articles": {"tags": 4, "event_type": 4}}, "train": 9, "held_out": 4}
    edit = Edit("rename", NAMES["Weather"], PAYLOADS[7], who=PAYLOADS[2], time="2026-11-26T12:00:00Z", model="sha256:0")
    return dataclasses.replace(
        bundle,
        tags=dataclasses.replace(bundle.tags, labels=tuple(NAMES[tag] for tag in TAGS)),
        event_type=dataclasses.replace(bundle.event_type, labels=tuple(KINDS.get(kind, kind) for kind in TYPES)),
        manifest=dataclasses.replace(
            manifest,
            groups={KINDS["armed_conflict"]: PAYLOADS[1], KINDS["economy"]: PAYLOADS[5]},
            corpus=manifest.corpus | about,
            edits=[edit.to_dict()],
        ),
    )


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("hostile") / f"{FILE}.safetensors"
    write_bundle(path, with_self_test(hostile_bundle()))
    return path


@pytest.fixture(scope="module")
def address(start_server: Callable[..., str], model: Path) -> str:
    return start_server(model=model, feedback=model.with_name("feedback.jsonl"))


@pytest.fixture
def hostile_desk(make_desk: Callable[..., Any], address: str) -> Any:
    desk = make_desk(address)
    listen(desk.page, desk.complaints)
    return desk


def listen(page: Page, complaints: list[str]) -> None:
    """A dialog is a complaint as well."""

    def opened(dialog: Any) -> None:
        if dialog.type != "beforeunload":
            complaints.append(f"dialog: {dialog.message}")
        dialog.accept()

    page.on("dialog", opened)


def unhurt(desk: Any) -> None:
    page = desk.page
    assert page.evaluate("window.hacked") is None
    assert (
        page.locator("main :is(script, img, iframe, style, link, [onload], [onerror], a[href^='javascript:'])").count()
        == 0
    )
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert desk.outside() == []
    assert desk.complaints == []


def shown(page: Page, text: str, where: str = "main") -> bool:
    """Whether a text stands there, character by character, blanks apart."""
    return " ".join(text.split()) in " ".join((page.text_content(where) or "").split())


def test_an_article_is_text(hostile_desk: Any) -> None:
    together = " ".join(PAYLOADS)
    page = hostile_desk.read(
        "\n\n".join(f"Rebels {payload} seize Aleppo." for payload in PAYLOADS), f"Syria {together}"
    )
    for payload in PAYLOADS:
        assert shown(page, clean_line(payload), ".story"), payload
        assert shown(page, clean_line(payload), ".headline"), payload
    unhurt(hostile_desk)
    page.fill("#tag", together)
    page.fill("#who", together)
    page.click("#save")
    page.wait_for_selector("#note")
    assert page.input_value("#who") == together
    page.fill("#tag", "")
    page.select_option("#event-type", "none")
    page.click("#save")
    page.wait_for_selector("#note.good")
    page.get_by_role("button", name="Edit the text").click()
    page.wait_for_selector("textarea#body")
    assert all(payload in page.input_value("#body") for payload in PAYLOADS)
    assert together in page.input_value("#title")
    unhurt(hostile_desk)


def test_names_of_labels_are_text(hostile_desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from slugline.explain import Explainer

    near = tuple(Neighbour("7", payload, None, 0.25, (payload,), payload) for payload in PAYLOADS)
    monkeypatch.setattr(Explainer, "_neighbours", lambda *_: near)
    page = hostile_desk.read(ARTICLES[3].body, ARTICLES[0].title)
    for payload in NAMES.values():
        page.fill("#tag", payload)
        page.click("#ask")
        page.wait_for_selector("#evidence")
        page.wait_for_selector("#tag:not([aria-invalid])")
    for payload in (*NAMES.values(), *KINDS.values(), PAYLOADS[7]):
        assert shown(page, payload, "#judging"), payload
    assert all(shown(page, payload, ".neighbours") for payload in PAYLOADS)
    page.locator("#tag").press_sequentially("script")
    page.wait_for_selector("#tag-options li")
    assert "<script>" in (page.text_content("#tag-options") or "")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.click("#add")
    page.wait_for_selector("#note")
    unhurt(hostile_desk)
    # The model's own name is its file's.
    assert FILE in (page.text_content("footer") or "")


def test_files_and_what_is_in_them_are_text(hostile_desk: Any) -> None:
    page = hostile_desk.open()
    for name, content in (
        (f"{FILE}.txt", b""),
        (f"{FILE}.zip", b"PK\x03\x04\0\0"),
        (f"{FILE}.jsonl", b'{"a": "<script>"}'),
    ):
        page.set_input_files("#file", {"name": name, "mimeType": "text/plain", "buffer": content})
        page.get_by_role("button", name="Predict tags").click()
        page.wait_for_selector("#file-error")
        assert "<img src=x" in (page.text_content("#file-error") or "")
        unhurt(hostile_desk)
    rows = [{"id": payload, "title": payload, "body": f"Rebels {payload}"} for payload in PAYLOADS]
    lines = "\n".join(
        [*map(json.dumps, rows), '{"title": "half \\ud800 \\u0000", "body": "Rebels \\udfff took \\u0000 Aleppo"}']
    )
    file = {"name": f"{FILE}.jsonl", "mimeType": "text/plain", "buffer": lines.encode()}
    page.set_input_files("#file", file)
    page.get_by_role("button", name="Predict tags").click()
    page.wait_for_selector("[data-several]")
    assert all(shown(page, clean_line(payload), ".articles") for payload in PAYLOADS)
    unhurt(hostile_desk)
    page.click("#sort")
    page.wait_for_selector("#note.info")
    unhurt(hostile_desk)
    for number in (0, len(PAYLOADS)):
        page.click(f"#open-{number}")
        page.wait_for_selector("#judging")
        unhurt(hostile_desk)
        page.get_by_role("button", name="All 11 articles").click()
        page.wait_for_selector("[data-several]")


def test_ten_megabytes_in_a_line_are_refused_on_the_spot(hostile_desk: Any) -> None:
    page = hostile_desk.open()
    line = {
        "name": f"{FILE}.jsonl",
        "mimeType": "text/plain",
        "buffer": b'{"body": "' + b"<b>Aleppo" * 1_200_000 + b'"}',
    }
    page.set_input_files("#file", line)
    page.click("button.primary")
    page.wait_for_selector("#file-error")
    assert "10.3 MB" in (page.text_content("#file-error") or "")
    unhurt(hostile_desk)
    page.set_input_files("#file", [])
    # Chromium itself takes most of a minute to lay out ten megabytes in a field.
    page.evaluate("document.querySelector('form').dataset.most = 400000")
    page.fill("#body", "<b>Aleppo " * 45_000)
    page.click("button.primary")
    assert "0.4 MB" in (page.text_content("#body-error") or "")
    assert len(page.input_value("#body")) == 450_000
    unhurt(hostile_desk)


def test_a_line_without_a_place_to_break_it_fits(hostile_desk: Any) -> None:
    hostile_desk.read("Aleppo " + "x<b>" * 20_000)
    unhurt(hostile_desk)


def test_the_card_is_text(hostile_desk: Any) -> None:
    page = hostile_desk.open("/about")
    assert FILE in (page.text_content("h1") or "")
    assert shown(page, clean_line(PAYLOADS[4]))
    unhurt(hostile_desk)


def test_report_and_card_of_edited_labels_are_text(make_desk: Callable[..., Any], model: Path, tmp_path: Path) -> None:
    from markdown_it import MarkdownIt

    from slugline.config import EvaluateConfig
    from slugline.experiment.card import model_card
    from slugline.experiment.evaluate import evaluate_model
    from slugline.experiment.report import html_report

    pytest.importorskip("altair", reason="the extra report is not installed")
    pytest.importorskip("vl_convert", reason="the extra report is not installed")
    bundle = read_bundle(model)
    articles = [
        Article(payload, f"{ARTICLES[0].title} {payload}", f"{ARTICLES[3].body} {payload}") for payload in PAYLOADS
    ]
    kinds = [*KINDS.values()]
    labels = [Labels(frozenset({*PAYLOADS[:5]}), kinds[number % len(kinds)]) for number in range(len(articles))]
    found = evaluate_model(
        Predictor(bundle), articles, labels, EvaluateConfig(bootstrap=20), corpus=PAYLOADS[0], part="all", explain=True
    )
    report, card = tmp_path / "report.html", tmp_path / "card.html"
    report.write_text(html_report(bundle, found, command=PAYLOADS[0], run=PAYLOADS[1], written=PAYLOADS[3]), "utf-8")
    # With HTML let through, as some viewers do.
    made = MarkdownIt("commonmark", {"html": True}).enable("table").render(model_card(bundle, name=FILE))
    card.write_text(f"<!doctype html><meta charset=utf-8><body>{made}", encoding="utf-8")
    for file in (report, card):
        desk = make_desk(file.parent.as_uri())
        listen(desk.page, desk.complaints)
        desk.page.goto(file.as_uri())
        desk.page.locator("details").evaluate_all("(all) => all.forEach((one) => { one.open = true; })")
        assert desk.page.evaluate("window.hacked") is None
        assert desk.page.locator("img, iframe, link, [onload], [onerror], a[href^='javascript:']").count() == 0
        assert desk.outside() == []
        assert desk.complaints == []
    # The licence among others; what cannot be printed is left out of a card.
    assert shown(desk.page, PAYLOADS[4], "body")
