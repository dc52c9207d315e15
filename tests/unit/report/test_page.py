"""The report as a file: complete, escaped, asking for nothing."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from report_sample import HOSTILE, events_part, sample, tags_part

pytest.importorskip("altair", reason="the extra report is not installed")
pytest.importorskip("vl_convert", reason="the extra report is not installed")

from slugline.report import Report, render
from slugline.report.tables import LABELS_SHOWN


class Page(HTMLParser):
    """What a page holds: elements with their attributes, and its text outside of scripts and styles."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self._raw = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._raw = tag in ("script", "style")

    def handle_endtag(self, tag: str) -> None:
        self._raw = False

    def handle_data(self, data: str) -> None:
        if not self._raw:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(scope="module")
def html() -> str:
    return render(sample())


@pytest.fixture(scope="module")
def page(html: str) -> Page:
    return Page(html)


def test_it_has_every_section(page: Page) -> None:
    sections = [one["id"] for one in page.all("section")]
    assert sections == ["glance", "tags", "event-type", "splits", "drift", "errors", "suspects", "made"]
    linked = [one["href"] for one in page.all("a") if (one["href"] or "").startswith("#")]
    assert {f"#{name}" for name in sections} <= set(linked)


def test_short_and_long_articles_are_measured_apart(page: Page) -> None:
    assert "words articles micro-F1 95 % interval 25-49 21 0.500 0.400 to 0.600" in page.text


def test_edits_of_the_labels_are_told(page: Page) -> None:
    said = "2 edits since training, after which these figures were measured; before them it was sha256:before"
    assert f"edits of its labels {said}" in page.text


def test_headline_numbers_have_intervals_a_rule_and_a_label_set(page: Page) -> None:
    found = sample().evaluation["tags"]
    metric = found["metrics"]["micro_f1"]
    assert f"Micro-F1 {metric['value']:.3f} {metric['low']:.3f} to {metric['high']:.3f}" in page.text
    held = found["label_sets"]["held-out"]["labels"]
    assert f"Measured over 6 tags of the model, {held} of them in the 60 articles" in page.text
    assert "Decided: a threshold of its own for each tag, chosen by cross-validation (rule scutfbr )" in page.text
    assert "95 % of 50 bootstrap resamples" in page.text


def test_nothing_is_asked_for_from_anywhere(html: str, page: Page) -> None:
    for tag, attributes in page.elements:
        for name in ("src", "href", "data", "action", "poster", "srcset", "xlink:href"):
            value = attributes.get(name)
            assert value is None or value.startswith("#"), (tag, name, value)
    styles = re.findall(r"<style>(.*?)</style>", html, re.DOTALL)
    assert styles
    assert not any("@import" in one or re.search(r"url\((?!#)", one) for one in styles)
    policy = next(one["content"] for one in page.all("meta") if one.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe-eval" not in policy
    assert "'unsafe-inline'" not in policy.split("style-src")[0]


def test_hostile_text_stays_text(html: str, page: Page) -> None:
    assert "window.broken = 1</script>" not in html
    assert not any("onerror" in attributes for _, attributes in page.elements)
    assert not page.all("img")
    # Charts' data, Vega and our own: no script that an article brought.
    scripts = page.all("script")
    charts = [one for one in scripts if one.get("type") == "application/json"]
    assert len(charts) == len(page.all("figure"))
    assert len(scripts) == len(charts) + 2
    assert " ".join(HOSTILE.split()) in page.text


def test_charts_have_a_title_a_text_and_a_table(html: str, page: Page) -> None:
    pictures = [one for one in page.all("div") if one.get("role") == "img"]
    assert len(pictures) == len(page.all("figure")) == len(page.all("figcaption")) == 6
    assert all(one["aria-label"] for one in pictures)
    assert html.count('<svg class="still"') == 6
    assert page.text.count("The same as a table") == 6
    for title in ("Recall", "Precision", "Observed share", "Stated probability (mean of the bin)", "Share of articles"):
        assert f">{title}<" in html


def test_ids_are_unique(page: Page) -> None:
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_every_tag_has_its_row(html: str) -> None:
    table = next(one for one in re.findall(r"<table class=\"labels\">.*?</table>", html, re.DOTALL) if "Syria" in one)
    assert table.count('<th scope="row">') == 6
    row = next(one for one in table.split("<tr>") if ">Syria<" in one)
    score = next(one for one in sample().evaluation["tags"]["per_label"] if one["label"] == "Syria")
    assert f'data-sort="{score["support"]}">{score["support"]}<' in row
    assert f">{score['precision']:.2f}<small>" in row
    assert ">0.31<" in row
    assert ">never<" in next(one for one in table.split("<tr>") if ">Economy<" in one)


def test_the_same_data_gives_the_same_page(html: str) -> None:
    assert render(sample()) == html


def test_it_is_small(html: str) -> None:
    assert len(html.encode()) < 1_500_000


def test_only_tags_and_only_event_types() -> None:
    tags = Page(render(sample(event_type=None)))
    assert "event-type" not in [one["id"] for one in tags.all("section")]
    events = Page(render(sample(tags=None)))
    assert "tags" not in [one["id"] for one in events.all("section")]
    assert "true \\ given" in events.text


def test_thousands_of_tags_are_limited_with_a_note() -> None:
    labels = [f"tag {number}" for number in range(LABELS_SHOWN + 500)]
    made = render(sample(tags=tags_part(labels), event_type=None))
    assert made.count('<th scope="row">tag ') < LABELS_SHOWN + 100
    assert "500 more tags are not shown" in Page(made).text
    assert len(made.encode()) < 3_000_000


@pytest.mark.parametrize("articles", [1, 2])
def test_tiny_held_out_sets(articles: int) -> None:
    few = {"articles": articles, "tags": tags_part(["a", "b"], articles), "event_type": events_part(articles)}
    assert f"Only {articles} article" in Page(render(sample(**few))).text


def test_an_older_model_file_that_knows_little() -> None:
    report = Report({**sample().evaluation, "part": "all", "includes_training": True})
    page = Page(render(report))
    assert "Some of these articles trained the model" in page.text
    assert "slugline evaluate --report FILE --splits" in page.text
    assert "Training" not in [word.strip() for word in page.words]
