"""What `slugline predict` does: articles in, predictions out.

Without typer, which takes longer to import than an article to predict.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import StrEnum
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from slugline.cli import console
from slugline.cli.card import card
from slugline.cli.meter import Meter
from slugline.cli.model import find_model
from slugline.errors import CorpusError

if TYPE_CHECKING:
    from slugline.article import Article, Prediction
    from slugline.explanation import Explanation
    from slugline.predict import Predictor


T = TypeVar("T")
Asked = tuple[Sequence[str], Sequence[str]]

MANY = 11
"""From so many articles on each gets a line; fewer get a card each."""

_SMALL = 64 * 1024
"""Bytes of a file up to which its prediction takes a moment."""


class Format(StrEnum):
    """How predictions are shown."""

    table = "table"
    json = "json"
    jsonl = "jsonl"
    csv = "csv"


def predict_articles(
    files: list[str] | None = None,
    model: Path | None = None,
    form: Format = Format.table,
    top: int | None = None,
    explain: bool = False,
    vocabulary: str | None = None,
    adapt_priors: bool = False,
    skip_bad: bool = False,
    jobs: int = 1,
    why_not: list[str] | None = None,
    text: bool | None = None,
) -> None:
    """Predict the articles of `files`, or of standard input; the arguments are those of `slugline predict`."""
    explain = explains(form, explain, why_not, text)
    predictor = opened_model(model, vocabulary, copy=not _brief(files))
    with console.skipping(skip_bad) as on_bad:
        batch: Iterable[Article] = _articles(files, on_bad)
        if adapt_priors:
            batch = list(batch)
            predictor, shift = predictor.adapted(batch)
            console.err_shift(shift)
        with Meter(lambda: _total(files)) as meter:
            if form is Format.jsonl and not explain:
                for lines in _lines(predictor, batch, jobs, top):
                    sys.stdout.write(console.safe_json(lines))
                    meter.count(lines.count("\n"))
            elif explain:
                show_explained(
                    _counted(_explanations(predictor, batch, jobs, top, asked(predictor, why_not)), meter), form, text
                )
            else:
                show(_counted(_predictions(predictor, batch, jobs, top), meter), form, heads=predictor.bundle.heads)


def explains(form: Format, explain: bool, why_not: list[str] | None, text: bool | None) -> bool:
    """Whether reasons are shown: CSV has no room for them; who asks for a tag or for the text asks for reasons."""
    return form is not Format.csv and (explain or bool(why_not) or bool(text))


def opened_model(model: Path | None, vocabulary: str | None, *, copy: bool = False) -> Predictor:
    """The predictor of the model file that is meant, with the names of a vocabulary file; `copy` is `read_bundle`'s."""
    if "numpy" not in sys.modules:
        # Products here are too small for several threads, which would only wait for each other; and a process with one
        # thread can be copied for --jobs.
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from slugline.predict import Predictor

    predictor = Predictor.load(find_model(model), copy=copy)
    if vocabulary is not None:
        from slugline.corpus.vocabularies import read_vocabulary

        language = predictor.bundle.manifest.config.get("names", {}).get("language", "en")
        predictor = predictor.with_names(read_vocabulary(vocabulary, language))
    # What is there now stays, and need not be looked through for garbage while articles go by.
    gc.freeze()
    gc.enable()
    return predictor


def _brief(files: list[str] | None) -> bool:
    """Whether prediction takes a moment, because there is one small file. Longer than that, nobody may be expected to
    leave the model's file alone.
    """
    if files is None or len(files) != 1:
        return False
    path = Path(files[0])
    return path.is_file() and path.stat().st_size <= _SMALL


def _articles(files: list[str] | None, on_bad: Callable[[CorpusError], None]) -> Iterator[Article]:
    from slugline.corpus.readers.articles import read_articles

    for name in _expanded(files):
        if name == "-" and sys.stdin.isatty():
            console.err("slugline: reading an article from the terminal; end it with Ctrl-D")
        yield from read_articles(name, on_bad=on_bad)


def _total(files: list[str] | None) -> int | None:
    from slugline.corpus.inputs import count_articles

    return count_articles(_expanded(files))


def _expanded(files: list[str] | None) -> Iterable[str]:
    if files is None or not any(mark in name for name in files for mark in "*?["):
        return files or ["-"]
    from slugline.corpus.inputs import expanded

    return expanded(files)


def _counted(found: Iterable[T], meter: Meter) -> Iterator[T]:
    for one in found:
        yield one
        meter.count()


def _lines(predictor: Predictor, articles: Iterable[Article], jobs: int, top: int | None) -> Iterator[str]:
    if jobs == 1:
        return predictor.predict_lines(articles, top=top, ascii_only=console.ascii_only())
    from slugline import pool

    return pool.predict_lines(predictor, articles, jobs, top=top, ascii_only=console.ascii_only())


def _predictions(predictor: Predictor, articles: Iterable[Article], jobs: int, top: int | None) -> Iterator[Prediction]:
    if jobs == 1:
        return predictor.predict_stream(articles, top=top)
    # Not imported for one article: it brings multiprocessing.
    from slugline import pool

    return pool.predict_stream(predictor, articles, jobs, top=top)


def _explanations(
    predictor: Predictor, articles: Iterable[Article], jobs: int, top: int | None, why_not: Asked
) -> Iterator[Explanation]:
    tags, types = why_not
    if jobs == 1:
        return predictor.explain_stream(articles, tags=tags, types=types, top=top)
    from slugline import pool

    return pool.explain_stream(predictor, articles, jobs, tags=tags, types=types, top=top)


def asked(predictor: Predictor, names: Sequence[str] | None) -> Asked:
    """The tags, and the event types and groups, that these names mean. Raises SluglineError for one that is neither."""
    if not names:
        return (), ()
    from slugline.asked import labels_meant, tag_names, type_names

    tags, types = labels_meant(names, tag_names(predictor.labels(), predictor.vocabulary), type_names(predictor.events))
    return tags, types


def show_explained(explanations: Iterable[Explanation], form: Format, text: bool | None) -> None:
    """Write explanations to stdout as they come; a card has the article's `text` if so, None: on a terminal."""
    if form is Format.jsonl:
        from slugline.explanation_json import explanation_json

        for explanation in explanations:
            console.out(explanation_json(explanation, ascii_only=console.ascii_only()))
    elif form is Format.json:
        console.out_json_list(explanation.to_dict() for explanation in explanations)
    else:
        from slugline.cli import explaining

        explaining.show(explanations, text=text)


def show(
    predictions: Iterable[Prediction],
    form: Format,
    *,
    heads: Iterable[str] = ("tags", "event_type"),
    many: bool = False,
) -> None:
    """Write predictions to stdout as they come.

    For a person, a card for each of a few articles, or one line for each of many (or where `many` says that there will
    be). `heads` are those of the model.
    """
    if form is Format.jsonl:
        for prediction in predictions:
            console.out_json(prediction.to_dict(), indent=None)
    elif form is Format.json:
        console.out_json_list(prediction.to_dict() for prediction in predictions)
    elif form is Format.csv:
        import csv

        from slugline.cli import predicted_csv

        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(predicted_csv.COLUMNS)
        rows = map(predicted_csv.cells, predictions)
        # What steers a terminal belongs into a file, where whoever reads it finds it as it was.
        writer.writerows(map(console.printable, row) for row in rows) if sys.stdout.isatty() else writer.writerows(rows)
    else:
        waiting = iter(predictions)
        first = [] if many else list(islice(waiting, MANY))
        if not many and len(first) < MANY:
            width = min(console.WIDTH, console.width())
            for number, prediction in enumerate(chain(first, waiting)):
                console.out(("\n" if number else "") + card(prediction, width=width))
            return
        from slugline.cli.compact import compact

        for line in compact(chain(first, waiting), heads, console.width()):
            console.out(line)
