"""The table of several articles."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from slugline.feedback import article_digest
from slugline.serve.page_view import percent, type_name

if TYPE_CHECKING:
    from slugline.article import Article, Prediction
    from slugline.predict import Predictor
    from slugline.serve.work import Stop

_TAGS = 8
_AT_ONCE = 16


def several_rows(
    predictor: Predictor, articles: Sequence[Article], saved: Collection[int], stop: Stop
) -> list[dict[str, Any]]:
    """What the table shows of each article; those whose numbers are in `saved` have been judged.

    Raises StoppedError where nobody waits any more.
    """
    rows = []
    for number, said in enumerate(predictor.predict_stream(articles, batch=_AT_ONCE)):
        stop.check()
        rows.append(_row(number, said, number in saved))
    return rows


def by_worth(predictor: Predictor, articles: Sequence[Article]) -> list[int]:
    """The numbers of all articles, those most worth a person's minute first, as `slugline review` picks them; what
    repeats one of them comes last.
    """
    from slugline.picks import pick

    places: dict[str, int] = {}
    for number, article in enumerate(articles):
        places.setdefault(article_digest(article), number)
    first = [places[one.digest] for one in pick(predictor, articles, len(articles))]
    taken = set(first)
    return [*first, *(number for number in range(len(articles)) if number not in taken)]


def _row(number: int, said: Prediction, saved: bool) -> dict[str, Any]:
    event = said.event_type
    return {
        "number": number,
        "title": said.title or said.id,
        "event": "" if event is None else type_name(event.type or event.group or ""),
        "event_percent": "" if event is None else percent(event.probability),
        "tags": [{"name": tag.tag, "percent": percent(tag.probability)} for tag in said.tags[:_TAGS]],
        "more": max(0, len(said.tags) - _TAGS),
        "saved": saved,
    }
