"""What `slugline predict` does: articles in, predictions out.

Without typer, which takes longer to import than an article to predict.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from slugline.article import Article, EventTypeScore, Prediction, TagScore, group_reasons
from slugline.cli import console
from slugline.cli.model import find_model
from slugline.errors import CorpusError

if TYPE_CHECKING:
    from slugline.predict import Predictor

CSV_COLUMNS = (
    "id",
    "title",
    "event_type",
    "event_group",
    "event_probability",
    "tags",
    "tag_probabilities",
    "model",
    "event_group_probability",
)
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
    if "numpy" not in sys.modules:
        # Products here are too small for several threads, which would only wait for each other; and a process with one
        # thread can be copied for --jobs.
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from slugline.corpus.readers.articles import read_articles
    from slugline.predict import Predictor

    predictor = Predictor.load(find_model(model))
    if vocabulary is not None:
        from slugline.corpus.vocabularies import read_vocabulary

        language = predictor.bundle.manifest.config.get("names", {}).get("language", "en")
        predictor = predictor.with_names(read_vocabulary(vocabulary, language))
    # What is there now stays, and need not be looked through for garbage while articles go by.
    gc.freeze()
    gc.enable()
    bad: list[CorpusError] = []

    def report_bad(error: CorpusError) -> None:
        if not skip_bad:
            raise error
        bad.append(error)
        console.err(f"slugline: skipped: {error}")

    def articles() -> Iterator[Article]:
        for name in files or ["-"]:
            if name == "-" and sys.stdin.isatty():
                console.err("slugline: reading an article from the terminal; end it with Ctrl-D")
            yield from read_articles(name, on_bad=report_bad)

    batch: Iterable[Article] = articles()
    if adapt_priors:
        batch = list(batch)
        predictor, shift = predictor.adapted(batch)
        console.err_shift(shift)
    if form is Format.jsonl and not explain:
        for lines in _lines(predictor, batch, jobs, top):
            sys.stdout.write(lines)
    else:
        show(_predictions(predictor, batch, jobs, top, explain), form, explain=explain)
    if bad:
        console.err(f"slugline: {len(bad)} bad rows skipped")


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


def show(predictions: Iterable[Prediction], form: Format, *, explain: bool) -> None:
    """Write predictions to stdout as they come."""
    if form is Format.jsonl:
        for prediction in predictions:
            console.out_json(prediction.to_dict(explain=explain), indent=None)
    elif form is Format.json:
        console.out_json([prediction.to_dict(explain=explain) for prediction in predictions])
    elif form is Format.csv:
        import csv

        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(CSV_COLUMNS)
        writer.writerows(_csv_row(prediction) for prediction in predictions)
    else:
        for number, prediction in enumerate(predictions):
            console.out(("\n" if number else "") + card(prediction, explain=explain))


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
    # No classifier is certain: what rounds to 100 is shown as more than 99.
    shown = ">99" if probability > 0.995 else f"{100 * probability:.0f}"
    return f"{console.printable(name):<24}  {shown:>3} %"


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


def _csv_row(prediction: Prediction) -> list[str]:
    event = prediction.event_type
    decided = [tag for tag in prediction.tags if tag.decided] or list(prediction.tags)
    return [
        prediction.id,
        prediction.title,
        "" if event is None else event.type or "",
        "" if event is None else event.group or "",
        "" if event is None else f"{event.probability:.4f}",
        "; ".join(tag.tag for tag in decided),
        "; ".join(f"{tag.probability:.4f}" for tag in decided),
        prediction.model,
        "" if event is None or event.group_probability is None else f"{event.group_probability:.4f}",
    ]
