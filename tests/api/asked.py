"""What tests of the API share."""

from __future__ import annotations

from typing import Any

from slugline.article import Article
from small_model import ARTICLES

JSON = {"Content-Type": "application/json"}


def sent(article: Article = ARTICLES[0]) -> dict[str, str]:
    """An article as it is sent."""
    return {"id": article.id, "title": article.title, "body": article.body}


def assert_error(answer: Any, status: int, code: str, *parts: str, field: str | None = None) -> None:
    """The answer is that error, in the one shape that errors have."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    assert list(answer.json()) == ["error"]
    error = answer.json()["error"]
    assert sorted(error) == ["code", "field", "message"]
    assert (error["code"], error["field"]) == (code, field)
    for part in parts:
        assert part in error["message"], error
