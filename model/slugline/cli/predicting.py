"""What `slugline predict` does: articles in, predictions out.

Without typer, which takes longer to import than an article to predict.
"""

from __future__ import annotations

import contextlib
import gc
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING

from slugline.article import Article, EventTypeScore, Prediction, TagScore, group_reasons
from slugline.cli import compact, console
from slugline.cli.meter import Meter
from slugline.cli.model import find_model
from slugline.errors import CorpusError

if TYPE_CHECKING:
    from slugline.predict import Predictor

SMALLEST_SHOWN = 0.005
"""A contribution that rounds to 0.00 is no reason."""


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
) -> None:
    """Predict the articles of `files`, or of standard input; the arguments are those of `slugline predict`."""
    predictor = opened_model(model, vocabulary)
    with skipping(skip_bad) as on_bad:
        batch: Iterable[Article] = _articles(files, on_bad)
        if adapt_priors:
            batch = list(batch)
            predictor, shift = predictor.adapted(batch)
            console.err_shift(shift)
        with Meter(lambda: _total(files)) as meter:
            if form is Format.jsonl and not explain:
                for lines in _lines(predictor, batch, jobs, top):
                    sys.stdout.write(lines)
                    meter.count(lines.count("\n"))
            else:
                predictions = _predictions(predictor, batch, jobs, top, explain)
                show(_counted(predictions, meter), form, explain=explain, heads=predictor.bundle.heads)


def opened_model(model: Path | None, vocabulary: str | None) -> Predictor:
    """The predictor of the model file that is meant, with the names of a vocabulary file."""
    if "numpy" not in sys.modules:
        # Products here are too small for several threads, which would only wait for each other; and a process with one
        # thread can be copied for --jobs.
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from slugline.predict import Predictor

    predictor = Predictor.load(find_model(model))
    if vocabulary is not None:
        from slugline.corpus.vocabularies import read_vocabulary

        language = predictor.bundle.manifest.config.get("names", {}).get("language", "en")
        predictor = predictor.with_names(read_vocabulary(vocabulary, language))
    # What is there now stays, and need not be looked through for garbage while articles go by.
    gc.freeze()
    gc.enable()
    return predictor


@contextlib.contextmanager
def skipping(skip_bad: bool) -> Iterator[Callable[[CorpusError], None]]:
    """What is to be called with the error of a bad row: it raises, or tells and counts, and the sum is told at last."""
    bad = 0

    def on_bad(error: CorpusError) -> None:
        nonlocal bad
        if not skip_bad:
            raise error
        bad += 1
        console.err(f"slugline: skipped: {error}")

    yield on_bad
    if bad:
        console.err(f"slugline: {bad} bad rows skipped")


def _articles(files: list[str] | None, on_bad: Callable[[CorpusError], None]) -> Iterator[Article]:
    from slugline.corpus.inputs import expanded
    from slugline.corpus.readers.articles import read_articles

    for name in expanded(files or ["-"]):
        if name == "-" and sys.stdin.isatty():
            console.err("slugline: reading an article from the terminal; end it with Ctrl-D")
        yield from read_articles(name, on_bad=on_bad)


def _total(files: list[str] | None) -> int | None:
    from slugline.corpus.inputs import count_articles, expanded

    return count_articles(expanded(files or ["-"]))


def _counted(predictions: Iterable[Prediction], meter: Meter) -> Iterator[Prediction]:
    for prediction in predictions:
        yield prediction
        meter.count()


def _lines(predictor: Predictor, articles: Iterable[Article], jobs: int, top: int | None) -> Iterator[str]:
    if jobs == 1:
        return predictor.predict_lines(articles, top=top, ascii_only=console.ascii_only())
    from slugline import pool

    return pool.predict_lines(predictor, articles, jobs, top=top, ascii_only=console.ascii_only())


def _predictions(
    predictor: Predictor, articles: Iterable[Article], jobs: int, top: int | None, explain: bool
) -> Iterator[Prediction]:
    if jobs == 1:
        return predictor.predict_stream(articles, top=top, explain=explain)
    # Not imported for one article: it brings multiprocessing.
    from slugline import pool

    return pool.predict_stream(predictor, articles, jobs, top=top, explain=explain)


def show(
    predictions: Iterable[Prediction],
    form: Format,
    *,
    explain: bool,
    heads: Iterable[str] = ("tags", "event_type"),
    many: bool = False,
) -> None:
    """Write predictions to stdout as they come.

    For a person, a card for each of a few articles, or one line for each of many (or where `many` says that there will
    be), unless they are to be explained. `heads` are those of the model.
    """
    if form is Format.jsonl:
        for prediction in predictions:
            console.out_json(prediction.to_dict(explain=explain), indent=None)
    elif form is Format.json:
        console.out_json_list(prediction.to_dict(explain=explain) for prediction in predictions)
    elif form is Format.csv:
        import csv

        from slugline.cli import predicted_csv

        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(predicted_csv.COLUMNS)
        writer.writerows(map(predicted_csv.cells, predictions))
    else:
        waiting = iter(predictions)
        first = [] if explain or many else list(islice(waiting, compact.FEWEST))
        if not many and len(first) < compact.FEWEST:
            width = min(console.WIDTH, console.width())
            for number, prediction in enumerate(chain(first, waiting)):
                console.out(("\n" if number else "") + card(prediction, explain=explain, width=width))
            return
        for line in compact.compact(chain(first, waiting), heads, console.width()):
            console.out(line)


def card(prediction: Prediction, *, explain: bool, width: int = console.WIDTH) -> str:
    """One prediction for a person to read, `width` columns wide."""
    title = console.printable(prediction.title or prediction.id)
    lines = [console.bold(title if len(title) <= width else title[: width - 1] + "…")]
    event = prediction.event_type
    if event is None:
        lines.append("  event type  " + console.dim("none decided"))
    else:
        lines += _event_lines(event)
        if explain:
            lines += _reasons(event, width)
            if event.group_evidence:
                lines.append(f"{'':14}group {console.printable(event.group or '')}")
                lines += _reasons(group_reasons(event), width)
    if not prediction.tags:
        lines.append("  tags        " + console.dim("none decided"))
    for number, tag in enumerate(prediction.tags):
        label = "tags" if number == 0 else ""
        note = "" if tag.decided else console.dim("  below its threshold")
        lines.append(f"  {label:<10}  {_row(tag.tag, tag.probability)}{note}")
        if explain:
            lines += _reasons(tag, width)
    return "\n".join(lines)


def _event_lines(event: EventTypeScore) -> list[str]:
    """The type, and its group where that is another name, each with its probability."""
    if event.type is None:
        return [f"  event group {_row(event.group or '?', event.probability)}"]
    lines = [f"  event type  {_row(event.type, event.probability)}"]
    if event.group is not None and event.group_probability is not None:
        lines.append(f"  its group   {_row(event.group, event.group_probability)}")
    return lines


def _row(name: str, probability: float) -> str:
    return f"{console.printable(name):<24}  {compact.percent(probability):>3} %"


def _reasons(score: TagScore | EventTypeScore, width: int) -> list[str]:
    """The strongest terms for and against, as many as fit a line each, and what makes up the rest of the score."""
    lines, shown = [], 0.0
    for label, sign in (("for", 1), ("against", -1)):
        line = f"{'':14}{label:<9}"
        for item in score.evidence:
            piece = f" {console.printable(item.term)} {item.contribution:+.2f}"
            if sign * item.contribution < SMALLEST_SHOWN:
                continue
            if len(line) + len(piece) > width:
                break
            line += piece + ","
            shown += item.contribution
        if line.endswith(","):
            lines.append(console.dim(line[:-1]))
    rest = sum(item.contribution for item in score.evidence) - shown
    total = f"other terms {rest:+.2f}, intercept {score.intercept:+.2f}, score {score.score:+.2f}"
    return [*lines, console.dim(f"{'':14}{total}")]
