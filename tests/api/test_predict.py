"""POST /v1/predict says what `slugline predict` says."""

from __future__ import annotations

import json

from api.asked import JSON, sent
from slugline.article import Article
from slugline.predict import Predictor
from small_model import ARTICLES


def test_one_article_and_a_batch_are_answered_as_the_predictor_says(client, small_file):
    expected = [prediction.to_dict() for prediction in Predictor.load(small_file).predict(ARTICLES)]
    for article, prediction in zip(ARTICLES, expected, strict=True):
        answer = client.post("/v1/predict", json=sent(article))
        assert answer.status_code == 200, answer.text
        assert answer.json() == prediction
    assert client.post("/v1/predict", json=[sent(article) for article in ARTICLES]).json() == expected


def test_a_batch_is_answered_in_its_order_whatever_its_slices(client):
    batch = [{"id": str(number), "body": ARTICLES[number % 4].body * (1 + number % 7 * 30)} for number in range(300)]
    found = client.post("/v1/predict", json=batch).json()
    assert [prediction["id"] for prediction in found] == [str(number) for number in range(300)]
    assert found[7] == client.post("/v1/predict", json=batch[7]).json()


def test_an_empty_batch_is_answered_with_none(client):
    assert client.post("/v1/predict", json=[]).json() == []


def test_top_gives_the_most_probable_tags_decided_or_not(client):
    tags = client.post("/v1/predict?top=3", json=sent()).json()["tags"]
    assert len(tags) == 3
    assert [tag["probability"] for tag in tags] == sorted((tag["probability"] for tag in tags), reverse=True)


def test_articles_without_an_id_are_numbered(client):
    batch = [{"title": "Rebels"}, {"id": "mine", "body": "Storm"}, {"body": ""}]
    assert [found["id"] for found in client.post("/v1/predict", json=batch).json()] == ["1", "mine", "3"]


def test_ends_of_lines_that_unicode_has_and_json_has_not_break_nothing(client):
    odd = {"id": "a\u2028b\x85c\x0bd", "title": "Storm\u2028coast"}
    assert client.post("/v1/predict", json=[odd, odd]).json()[1]["id"] == odd["id"]


def test_an_article_in_any_language_of_unicode_comes_back(client):
    title = "Élection à Paris — 選挙 🗳"
    raw = json.dumps({"title": title}, ensure_ascii=True).encode()
    assert client.post("/v1/predict", content=raw, headers=JSON).json()["title"] == title


def test_mojibake_is_mended_as_everywhere(client):
    spoiled, sound = {"title": "Ã‰lection Ã  Paris"}, Article("1", "Élection à Paris")
    assert client.post("/v1/predict", json=spoiled).json()["title"] == sound.title
