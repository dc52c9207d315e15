"""The table of several articles."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from slugline.feedback import article_digest, judged
from slugline.serve.page_words import percent, type_name

if TYPE_CHECKING:
    from pathlib import Path

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


def by_worth(
    predictor: Predictor, articles: Sequence[Article], saved: Collection[int], log: Path | None
) -> tuple[list[int], set[int]]:
    """The numbers of all articles, those most worth a person's minute first, as `slugline review` picks them; and the
    numbers of those that have been judged, which are `saved` or in the `log`, by whomever.

    What repeats an article comes last, and after it what was judged. Raises CorpusError where the log cannot be read.
    """
    from slugline.picks import pick

    digests = [article_digest(article) for article in articles]
    reviewed = {digests[number] for number in saved if number < len(digests)} | (judged(log) if log else set())
    places: dict[str, int] = {}
    for number, digest in enumerate(digests):
        places.setdefault(digest, number)
    first = [places[one.digest] for one in pick(predictor, articles, len(articles), reviewed=reviewed)]
    done = {number for number, digest in enumerate(digests) if digest in reviewed}
    taken = set(first)
    rest = sorted((number for number in range(len(articles)) if number not in taken), key=done.__contains__)
    return [*first, *rest], done


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
