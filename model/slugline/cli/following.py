"""`slugline predict --follow`: each article of a growing file of JSON Lines, predicted as soon as it is written."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import typer

from slugline.cli import console
from slugline.cli.predicting import Format, asked, explains, opened_model, show, show_explained

if TYPE_CHECKING:
    from slugline.article import Article
    from slugline.errors import CorpusError

T = TypeVar("T")


def refuse(files: Sequence[str], form: str | None, others: dict[str, Any]) -> None:
    """Raise typer.BadParameter for what cannot be done while a file grows.

    `others` are options, by name, that must not have been given (their values be true).
    """
    if len(files) != 1:
        raise typer.BadParameter("needs one file of JSON Lines, or - for standard input", param_hint="--follow")
    given = [name for name, value in others.items() if value]
    if given:
        raise typer.BadParameter(f"does not go with {' and '.join(given)}", param_hint="--follow")
    if form in ("json", "parquet"):
        raise typer.BadParameter(f"{form} needs an end; jsonl, csv and table do not", param_hint="--follow")


def follow_articles(
    file: str,
    model: Path | None,
    form: Format,
    top: int | None,
    explain: bool,
    vocabulary: str | None,
    skip_bad: bool,
    why_not: list[str] | None = None,
    text: bool | None = None,
) -> None:
    """Predict the articles of `file` as they come, until a signal; of standard input, until its end.

    What was predicted is written out before the next line is waited for. Raises CorpusError for a line that is no
    article, unless `skip_bad`; what stands before it is answered first.
    """
    predictor = opened_model(model, vocabulary, copy=True)
    with console.skipping(skip_bad) as on_bad:
        batches = _batches(file, on_bad)
        explain = explains(form, explain, why_not, text)
        if form is Format.jsonl and not explain:
            for articles in batches:
                lines = predictor.predict_lines(articles, top=top, ascii_only=console.ascii_only())
                sys.stdout.writelines(map(console.safe_json, lines))
                sys.stdout.flush()
        elif explain:
            tags, types = asked(predictor, why_not)
            found = _each(batches, lambda articles: predictor.explain_stream(articles, tags=tags, types=types, top=top))
            show_explained(found, form, text)
        else:
            predictions = _each(batches, lambda articles: predictor.predict(articles, top=top))
            show(predictions, form, heads=predictor.bundle.heads, many=True)


def _each(batches: Iterator[list[Article]], made_of: Callable[[list[Article]], Iterable[T]]) -> Iterator[T]:
    for articles in batches:
        yield from made_of(articles)
        # Whoever asks for the next one has written all of these.
        sys.stdout.flush()


def _batches(file: str, on_bad: Callable[[CorpusError], None]) -> Iterator[list[Article]]:
    """The articles that are there at once, again and again."""
    from slugline.corpus.follow import follow
    from slugline.corpus.readers import ReadOptions
    from slugline.corpus.readers.fields import FieldMap
    from slugline.corpus.readers.jsonl import line_rows
    from slugline.errors import CorpusError

    name = "stdin" if file == "-" else file
    options = ReadOptions(on_bad=on_bad)
    fields = FieldMap(name, options, labels=False)
    for lines in follow(file, tell=lambda text: console.err(f"slugline: {text}")):
        articles: list[Article] = []
        failed: CorpusError | None = None
        try:
            for record in fields.records(line_rows(lines.texts, name, options, lines.first)):
                articles.append(record.article)  # noqa: PERF401  # those before a bad line are kept
        except CorpusError as error:
            failed = error
        if articles:
            yield articles
        if failed is not None:
            raise failed
