"""POST /v1/predict says what `slugline predict` says."""

from __future__ import annotations

from slugline.article import Article
from slugline.predict import Predictor
from small_model import ARTICLES


def sent(article: Article) -> dict[str, str]:
    return {"id": article.id, "title": article.title, "body": article.body}


def test_one_article_and_a_batch_are_answered_as_the_predictor_says(client, small_file):
    expected = [prediction.to_dict() for prediction in Predictor.load(small_file).predict(ARTICLES)]
    for article, prediction in zip(ARTICLES, expected, strict=True):
        answer = client.post("/v1/predict", json=sent(article))
        assert answer.status_code == 200, answer.text
        assert answer.json() == prediction
    assert client.post("/v1/predict", json=[sent(article) for article in ARTICLES]).json() == expected


def test_top_gives_the_most_probable_tags_decided_or_not(client):
    tags = client.post("/v1/predict?top=3", json=sent(ARTICLES[0])).json()["tags"]
    assert len(tags) == 3
    assert [tag["probability"] for tag in tags] == sorted((tag["probability"] for tag in tags), reverse=True)
