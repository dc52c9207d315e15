"""POST /v1/feedback keeps what somebody says, and no more."""

from __future__ import annotations

import base64
from concurrent.futures import ThreadPoolExecutor

import pytest

from api.asked import assert_error, sent
from slugline.feedback import EventAnswer, article_digest, read
from small_model import ARTICLES

ANSWER = {
    "article": sent(),
    "tags": {"accepted": ["Syria"], "rejected": ["Weather"], "added": ["Aleppo"], "complete": True},
    "event_type": {"corrected": "armed_conflict"},
    "who": "anna",
}


def test_an_answer_is_in_the_log_when_the_server_says_so(make_client, tmp_path):
    client, log = make_client(feedback=tmp_path / "log.jsonl"), tmp_path / "log.jsonl"
    answer = client.post("/v1/feedback", json=ANSWER)
    assert answer.status_code == 201, answer.text
    (kept,) = read(log)
    said = answer.json()
    assert said == {"article": article_digest(ARTICLES[0]), "model": kept.model, "time": kept.time, "text_kept": False}
    assert kept.model == client.get("/v1/model").json()["digest"]
    assert (kept.accepted, kept.rejected, kept.added, kept.complete) == (("Syria",), ("Weather",), ("Aleppo",), True)
    assert (kept.who, kept.event_type) == ("anna", EventAnswer("corrected", "armed_conflict"))
    assert "slugline_feedback_total 1.0" in client.get("/metrics").text


def test_the_text_is_kept_only_if_asked_for(make_client, tmp_path):
    without, with_text = tmp_path / "without.jsonl", tmp_path / "with.jsonl"
    make_client(feedback=without).post("/v1/feedback", json=ANSWER)
    make_client(feedback=with_text, keep_text=True).post("/v1/feedback", json=ANSWER)
    assert "Aleppo on Monday" not in without.read_text()
    (kept,) = read(with_text)
    assert (kept.title, kept.body) == (ARTICLES[0].title, ARTICLES[0].body)


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (None, None),
        ({"accepted": None}, EventAnswer("accepted", None)),
        ({"rejected": "economy"}, EventAnswer("rejected", "economy")),
    ],
)
def test_what_is_said_of_the_event_type(make_client, tmp_path, event, expected):
    log = tmp_path / "log.jsonl"
    assert make_client(feedback=log).post("/v1/feedback", json=ANSWER | {"event_type": event}).status_code == 201
    assert next(read(log)).event_type == expected


@pytest.mark.parametrize("event", [{}, {"accepted": "a", "rejected": "b"}, {"liked": "a"}, "economy"])
def test_two_answers_or_none_about_the_event_type_are_refused(make_client, tmp_path, event):
    log = tmp_path / "log.jsonl"
    assert make_client(feedback=log).post("/v1/feedback", json=ANSWER | {"event_type": event}).status_code == 422
    assert not log.exists()


def test_an_answer_that_contradicts_itself_is_refused(make_client, tmp_path):
    client = make_client(feedback=tmp_path / "log.jsonl")
    answer = client.post("/v1/feedback", json=ANSWER | {"tags": {"added": ["Syria"], "rejected": ["Syria"]}})
    assert_error(answer, 409, "contradiction", field="tags.rejected")


def test_without_a_log_nothing_is_kept(client):
    assert_error(client.post("/v1/feedback", json=ANSWER), 404, "feedback_off", "--feedback LOG")


def test_a_log_that_cannot_be_written_is_an_error_of_the_server(make_client, tmp_path):
    (tmp_path / "folder").mkdir()
    answer = make_client(feedback=tmp_path / "folder").post("/v1/feedback", json=ANSWER)
    assert_error(answer, 500, "feedback_unwritten", "cannot write")


def test_the_name_given_with_the_token_is_who_says_it(make_client, tmp_path):
    log, token = tmp_path / "log.jsonl", "a-token-of-some-length"
    client = make_client(feedback=log, token=token)
    basic = {"Authorization": "Basic " + base64.b64encode(f"Jörg:{token}".encode()).decode()}
    client.post("/v1/feedback", json={"article": sent()}, headers=basic)
    client.post("/v1/feedback", json={"article": sent(), "who": "anna"}, headers=basic)
    client.post("/v1/feedback", json={"article": sent()}, headers={"Authorization": f"Bearer {token}"})
    assert [kept.who for kept in read(log)] == ["Jörg", "anna", ""]


def test_many_at_once_all_arrive(make_client, tmp_path):
    log = tmp_path / "log.jsonl"
    client = make_client(feedback=log, limits={"requests": 64})
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: client.post("/v1/feedback", json=ANSWER | {"who": str(n)}), range(40)))
    assert {answer.status_code for answer in answers} == {201}
    assert sorted(int(kept.who) for kept in read(log)) == list(range(40))
