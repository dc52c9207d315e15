"""The routes of the page, over a small model; the browser's part is in tests/browser."""

from __future__ import annotations

import dataclasses
import datetime as dt
import html
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from slugline import feedback
from slugline.bundle import write_bundle
from slugline.predict import Predictor
from slugline.self_test import with_self_test
from small_model import ARTICLES, small_bundle

pytest.importorskip("fastapi", reason="the extra serve is not installed")

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

    from slugline.article import Article

BASE = "http://127.0.0.1:8000"
PAGE = {"accept": "text/html"}
ARTICLE = {"title": ARTICLES[0].title, "body": ARTICLES[0].body, "id": "1"}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "small.safetensors"
    write_bundle(path, with_self_test(small_bundle()))
    return path


@pytest.fixture
def make_client(model: Path) -> Iterator[Callable[..., TestClient]]:
    from fastapi.testclient import TestClient

    from slugline.serve.app import create_app
    from slugline.serve.settings import Settings

    with ExitStack() as stack:
        yield lambda **settings: stack.enter_context(
            TestClient(create_app(Settings(**{"model": model} | settings)), base_url=BASE, headers=PAGE)
        )


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "feedback.jsonl"


@pytest.fixture
def client(make_client: Callable[..., TestClient], log: Path) -> TestClient:
    return make_client(feedback=log)


def press(client: TestClient, do: str, **fields: Any) -> Any:
    return client.post("/article", data={**ARTICLE, "do": do, **fields})


def decided(model: Path) -> list[str]:
    return [tag.tag for tag in Predictor.load(model).predict(ARTICLES[:1])[0].tags]


def test_the_policy_allows_what_pages_use_and_pages_use_nothing_else(client: TestClient) -> None:
    for answer in (client.get("/"), client.post("/", data={"do": "example"}), client.post("/", data=ARTICLE)):
        assert answer.status_code == 200
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert not re.search(r"\sstyle=|\son\w+=|<style|<script(?! src=\"/static/app.js\")", answer.text)
        own = re.findall(r'(?:src|href|action)="([^"]*)"', answer.text)
        assert all(address.startswith(("/", "#")) or "://" in address for address in own)
    assert client.get("/static/app.css").headers["content-type"].startswith("text/css")
    tag = client.get("/static/app.js").headers["etag"]
    assert client.get("/static/app.js", headers={"if-none-match": tag}).status_code == 304
    assert client.get("/static/../page.py").status_code == 404


def test_errors_are_pages_for_browsers_and_json_for_programs(client: TestClient) -> None:
    assert "<h1>Not found</h1>" in client.get("/nothing").text
    assert client.get("/nothing", headers={"accept": "*/*"}).json()["error"]["code"] == "not_found"
    assert client.get("/v1/nothing").json()["error"]["code"] == "not_found"
    assert client.get("/article", follow_redirects=False).headers["location"] == "/"
    foreign = client.post("/", data={"body": "x"}, headers={"origin": "http://evil.example"})
    assert foreign.status_code == 403
    assert "another web site" in foreign.text


def test_a_browser_without_the_token_is_asked_for_it_and_told_nothing(make_client: Callable[..., Any]) -> None:
    token = "a token that is long enough"
    client = make_client(token=token)
    refused = client.get("/")
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"].startswith("Basic")
    assert "<h1>Not signed in</h1>" in refused.text
    assert "small" not in refused.text
    assert "Model" not in refused.text
    # The name that was given there is the one to judge under.
    assert 'name="who" value="anna"' in client.get("/", auth=("anna", token)).text


def test_a_large_body_is_refused_with_a_page(make_client: Callable[..., TestClient]) -> None:
    from slugline.serve.settings import Limits

    answer = make_client(limits=Limits(body=1000)).post("/", data={"body": "x" * 2000})
    assert answer.status_code == 413
    assert "<h1>Too large</h1>" in answer.text


def test_an_error_comes_back_with_everything_that_was_sent(client: TestClient) -> None:
    answer = client.post("/", data={"title": "", "body": '{"title": "<i>', "who": "anna"})
    assert answer.status_code == 422
    assert '<p class="field-error" id="body-error">' in answer.text
    assert "{&#34;title&#34;: &#34;&lt;i&gt;</textarea>" in answer.text
    assert 'name="who" value="anna"' in answer.text


def test_a_saved_judgement_is_the_answer_in_the_log(client: TestClient, log: Path, model: Path) -> None:
    tags = decided(model)
    other = next(tag for tag in ("Syria", "Economy", "France", "Weather") if tag not in tags)
    said = {f"tag:{tags[0]}": "accept", **{f"tag:{tag}": "reject" for tag in tags[1:]}}
    answer = press(client, "save", who=" anna ", added=other, event_type="economy", complete="yes", **said)
    assert answer.status_code == 200
    assert "Saved: " in answer.text
    (kept,) = feedback.read(log)
    assert (kept.id, kept.who, kept.complete) == ("1", "anna", True)
    assert (kept.accepted, kept.rejected, kept.added) == ((tags[0],), tuple(tags[1:]), (other,))
    assert kept.digest == feedback.article_digest(ARTICLES[0])
    assert kept.model == Predictor.load(model).bundle.digest
    assert kept.event_type is not None
    assert kept.event_type.type == "economy"
    assert kept.body is None


def test_the_text_is_kept_only_where_the_server_was_told_to(make_client: Callable[..., Any], log: Path) -> None:
    client = make_client(feedback=log, keep_text=True)
    assert "the article with its text" in client.post("/", data=ARTICLE).text
    press(client, "save", who="anna", event_type="none")
    (kept,) = feedback.read(log)
    assert kept.body == ARTICLES[0].body
    assert kept.event_type == feedback.EventAnswer("corrected", None)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"event": "accept"}, "Please say who you are"),
        ({"who": "anna"}, "nothing to save yet"),
        ({"who": "anna", "event": "accept", "tag": "Syr"}, "is not added yet"),
        ({"who": "anna", "event": "accept", "model": "sha256:other"}, "Another model answers now"),
        ({"who": "anna", "event_type": "no such type"}, "no such event type"),
    ],
)
def test_what_cannot_be_saved_is_said_and_kept_in_the_form(
    client: TestClient, log: Path, fields: dict[str, str], said: str
) -> None:
    answer = press(client, "save", **fields)
    assert answer.status_code in (409, 422)
    assert said in answer.text
    assert not log.exists()
    for name in ("who", "tag"):
        if name in fields:
            assert re.search(rf'name="{name}" value="{fields[name]}"', answer.text)


def test_a_log_that_cannot_be_written_loses_nothing(make_client: Callable[..., Any], tmp_path: Path) -> None:
    client = make_client(feedback=tmp_path / "no such folder" / "log.jsonl")
    answer = press(client, "save", who="anna", event="accept", added="Never")
    assert answer.status_code == 503
    assert "could not be saved" in answer.text
    assert 'name="added" value="Never"' in answer.text


def test_tags_are_found_by_other_spellings_and_suggested(client: TestClient, model: Path) -> None:
    assert "never" not in decided(model)
    assert 'name="added" value="Never"' in press(client, "add", tag="  nEVer ").text
    assert 'name="added" value="Never"' in press(client, "enter", tag="never").text
    asked = press(client, "ask", tag="never")
    assert "Why not <strong>Never</strong>?" in asked.text
    wrong = press(client, "add", tag="Neverr")
    assert wrong.status_code == 422
    assert 'value="add:Never"' in wrong.text
    assert press(client, "add", tag=" ").status_code == 422
    first = decided(model)[0]
    assert f'name="tag:{first}" value="accept" checked' in press(client, "add", tag=first).text
    # What no page would send is passed over.
    assert press(client, "show:tag:nothing", shown="tag:<b>", added="nothing", asked="nothing").status_code == 200


def test_several_articles_are_opened_judged_and_counted(client: TestClient, log: Path) -> None:
    lines = (
        '{"id": "a", "title": "One", "body": "Rebels took Aleppo."}\n{"title": "", "body": "The bank raised its rate."}'
    )
    table = client.post("/", data={"body": lines})
    assert "<h1>2 articles</h1>" in table.text
    batch = {"batch": lines.replace('"title": ""', '"id": "b", "title": ""')}
    opened = client.post("/article", data=batch | {"do": "open:1"})
    assert "Article 2 of 2" in opened.text
    # Beyond the last one is the last one.
    assert "Article 2 of 2" in client.post("/article", data=batch | {"do": "open:99"}).text
    judged = {"at": "1", "event_type": "none", "who": "anna"}
    left = client.post("/article", data=batch | judged | {"do": "all"})
    assert left.status_code == 409
    assert "not saved" in left.text
    again = client.post("/article", data=batch | judged | {"do": "all", "leave": "all"})
    assert "0 of 2 judged and saved" in again.text
    saved = client.post("/article", data=batch | judged | {"do": "save"})
    assert 'name="saved" value="1"' in saved.text
    kept = re.search(r'name="kept" value="(\w+)"', saved.text)
    assert kept is not None
    table = client.post("/article", data=batch | judged | {"do": "all", "kept": kept[1], "saved": "1"})
    assert "1 of 2 judged and saved" in table.text
    assert [one.id for one in feedback.read(log)] == ["b"]
    assert client.post("/article", data={"batch": "broken", "do": "open:0"}).status_code == 422


def _sorted(client: TestClient, articles: list[Article], saved: str) -> tuple[str, list[str], list[str]]:
    """The page after sorting, the articles' ids in its order, and the ids of those that it calls judged."""
    from slugline.serve.page_articles import from_lines, to_lines

    text = client.post("/article", data={"batch": to_lines(articles), "do": "sort", "saved": saved}).text
    found = re.search(r'name="batch" value="([^"]*)"', text)
    assert found is not None
    ids = [one.id for one in from_lines(html.unescape(found[1]))]
    return text, ids, [ids[int(place)] for place in re.findall(r'name="saved" value="(\d+)"', text)]


def test_what_is_most_worth_judging_comes_first_and_what_was_judged_last(
    client: TestClient, model: Path, log: Path
) -> None:
    from slugline.picks import pick

    articles = [*ARTICLES, ARTICLES[0]]
    predictor = Predictor.load(model)
    feedback.append(log, feedback.Feedback.of(ARTICLES[1], model=predictor.bundle.digest, who="somebody else"))
    # As in the terminal: what is in the log, and here what was saved on this page, is not picked again.
    reviewed = feedback.judged(log) | {feedback.article_digest(ARTICLES[2])}
    best = [one.article.id for one in pick(predictor, articles, len(articles), reviewed=reviewed)]
    assert {ARTICLES[1].id, ARTICLES[2].id}.isdisjoint(best)
    text, ids, done = _sorted(client, articles, saved="2")
    assert ids[: len(best)] == best
    assert ids[-2:] == done == [ARTICLES[1].id, ARTICLES[2].id]
    assert sorted(ids) == sorted(one.id for one in articles)
    assert "doubts most" in text
    assert "judged already come last" in text


def test_sorting_with_a_damaged_log_says_so_and_logs_no_text(
    client: TestClient, log: Path, caplog: pytest.LogCaptureFixture
) -> None:
    log.write_text("what an article said\n")
    text, ids, done = _sorted(client, list(ARTICLES), saved="")
    assert "feedback log cannot be read" in text
    assert (ids, done) == ([one.id for one in ARTICLES], [])
    assert "not JSON" in caplog.text
    assert "what an article said" not in caplog.text


def test_the_example_takes_the_place_of_a_text_only_when_asked_twice(client: TestClient) -> None:
    typed = {"title": "Mine <b>", "body": "What I wrote.", "who": "anna", "do": "example"}
    asked = client.post("/", data=typed)
    assert asked.status_code == 200
    assert 'name="title" value="Mine &lt;b&gt;"' in asked.text
    assert "What I wrote.</textarea>" in asked.text
    assert 'name="leave" value="example"' in asked.text
    filled = client.post("/", data=typed | {"leave": "example"})
    assert "What I wrote." not in filled.text
    assert 'name="who" value="anna"' in filled.text
    assert re.search(r'name="title" value="[^"]+"', filled.text)
    assert "There is a text already" not in client.post("/", data={"do": "example"}).text


def test_the_event_type_that_came_nearest_is_shown_with_its_reason(
    make_client: Callable[..., Any], log: Path, tmp_path: Path
) -> None:
    path = tmp_path / "shy.safetensors"
    write_bundle(path, with_self_test(small_bundle(abstain_below=0.9999)))
    nearest = Predictor.load(path).explain(ARTICLES[0]).nearest_event
    assert nearest is not None
    client = make_client(model=path, feedback=log)
    answer = press(client, "show:event")
    assert "None decided; nearest came:" in answer.text
    assert "Why not <strong>" in answer.text
    assert "decided from &gt;99 % on" in answer.text
    assert "came nearest" in answer.text
    assert 'aria-pressed="true"' in answer.text
    # There is nothing to accept or reject.
    assert 'name="event"' not in answer.text
    # Without a tag, it is what is shown at first.
    tagless = tmp_path / "tagless.safetensors"
    write_bundle(tagless, with_self_test(dataclasses.replace(small_bundle(abstain_below=0.9999), tags=None)))
    assert "Why not <strong>" in make_client(model=tagless).post("/", data=ARTICLE).text


def test_without_a_log_there_is_nothing_to_judge_with(make_client: Callable[..., Any]) -> None:
    client = make_client()
    answer = press(client, "save", who="anna", event="accept")
    assert answer.status_code == 200
    assert "Judging is off" in answer.text
    assert "Saved" not in answer.text
    assert 'type="radio"' not in answer.text


def test_articles_that_the_page_could_not_carry_back_are_refused_at_once(make_client: Callable[..., Any]) -> None:
    from slugline.serve.settings import Limits

    client = make_client(limits=Limits(body=4000))
    lines = "\n".join(f'{{"body": "{"x" * 300}"}}' for _ in range(11))
    answer = client.post("/", data={"body": lines})
    assert answer.status_code == 422
    assert "Too much text in all" in answer.text


def test_ten_megabytes_in_a_line_are_refused_without_being_sent_back(make_client: Callable[..., Any]) -> None:
    from slugline.serve.settings import Limits

    client = make_client(limits=Limits(body=16 << 20))
    line = b'{"body": "' + b"<b>Aleppo" * 1_200_000 + b'"}'
    for content in (line, line[11:-2]):
        answer = client.post("/", files={"file": ("line.jsonl" if content is line else "line.txt", content)})
        assert answer.status_code == 422
        assert "characters; at most" in answer.text
        assert len(answer.text) < 10_000


@pytest.mark.parametrize(("missing", "heading"), [("tags", "Tags"), ("event_type", "Event type")])
def test_a_model_without_a_head_has_a_page_without_it(
    make_client: Callable[..., Any], log: Path, tmp_path: Path, missing: str, heading: str
) -> None:
    path = tmp_path / "half.safetensors"
    write_bundle(path, with_self_test(dataclasses.replace(small_bundle(), **{missing: None})))
    client = make_client(model=path, feedback=log)
    answer = client.post("/", data=ARTICLE)
    assert answer.status_code == 200
    assert f"<h2>{heading}</h2>" not in answer.text
    assert ("all its tags" in answer.text) is (missing != "tags")
    assert press(client, "add", tag="Syria").status_code in (200, 422)


def test_an_article_without_a_known_word_has_a_page(client: TestClient) -> None:
    answer = client.post("/", data={"title": "zzz", "body": "qqq xxx"})
    assert answer.status_code == 200
    assert "zzz" in answer.text


def test_the_nearest_training_articles_are_shown_as_text(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    from slugline.explain import Explainer
    from slugline.neighbours import Neighbour

    near = (
        Neighbour("7", "A <b>title</b>", dt.date(2024, 5, 1), 0.25, ("Syria", "Oil"), "armed_conflict"),
        Neighbour("8", "", None, 0.125, None, None),
    )
    monkeypatch.setattr(Explainer, "_neighbours", lambda *_: near)
    text = client.post("/", data=ARTICLE).text
    assert "A &lt;b&gt;title&lt;/b&gt;" in text
    assert "2024-05-01, likeness 0.25: Armed conflict, Syria, Oil" in text
    assert "likeness 0.12<" in text
