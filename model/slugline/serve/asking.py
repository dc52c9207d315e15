"""From what was sent to what is answered: articles within the limits, predicted in slices that can be stopped."""

from __future__ import annotations

from collections.abc import Sequence

from slugline.article import Article
from slugline.predict import Predictor
from slugline.serve.errors import ApiError
from slugline.serve.settings import Limits
from slugline.serve.state import State
from slugline.serve.work import Stop, Work

_SLICE = 200_000
"""Characters that are predicted between two looks at whether somebody still waits: some hundredths of a second."""

QUICK = 20_000
"""Characters of an article up to which it is predicted, or kept with an answer, in some hundredths of a second."""

_MOST = 256  # articles at once; more gain nothing


def check_articles(articles: Sequence[Article], limits: Limits) -> None:
    """Raise ApiError where there are too many articles, or one has too much text."""
    if len(articles) > limits.articles:
        message = f"{len(articles)} articles; at most {limits.articles} may be sent at once"
        raise ApiError(413, message, code="too_many_articles", field="body")
    for number, article in enumerate(articles):
        check_text(article, limits, f"{number}.body" if len(articles) > 1 else "body")


def check_text(article: Article, limits: Limits, field: str) -> None:
    """Raise ApiError where an article has too much text."""
    found = len(article.title) + len(article.body)
    if found > limits.text:
        message = f"title and body have {found} characters; an article may have at most {limits.text}"
        raise ApiError(413, message, code="text_too_long", field=field)


def lane(state: State, articles: Sequence[Article]) -> Work:
    """The threads in which to predict these articles."""
    quick = len(articles) == 1 and len(articles[0].title) + len(articles[0].body) <= QUICK
    return state.quick if quick else state.work


def predict_json(predictor: Predictor, articles: Sequence[Article], top: int | None, stop: Stop) -> list[str]:
    """The JSON object of each article's prediction. Raises StoppedError where nobody waits any more."""
    characters = sum(len(article.title) + len(article.body) for article in articles)
    batch = max(1, min(_MOST, len(articles) * _SLICE // max(1, characters)))
    found: list[str] = []
    for lines in predictor.predict_lines(articles, top=top, batch=batch):
        stop.check()
        # Not splitlines: there are more ends of lines in Unicode than in JSON.
        found += lines.split("\n")[:-1]
    return found
