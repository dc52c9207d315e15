"""`slugline evaluate`: a model file measured on labelled articles."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from slugline.cli import console, options


class Part(StrEnum):
    """Which articles of the corpus are evaluated."""

    auto = "auto"
    held_out = "held-out"
    all = "all"


def evaluate(
    corpus: Annotated[
        str | None, typer.Argument(help="A file, a folder or a name; if not given: the one the model was trained on.")
    ] = None,
    model: options.Model = options.MODEL,
    part: Annotated[Part, typer.Option(help="auto: held-out of the model's own corpus, all of another.")] = Part.auto,
    reader: options.Reader = None,
    field: options.Field = None,
    families: options.Families = None,
    aliases: options.Aliases = None,
    encoding: options.Encoding = None,
    skip_bad: options.SkipBad = False,
    map_: options.Map = None,
    strict: options.Strict = False,
    form: options.Form = options.Format.table,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Also write the JSON object to this file.")] = None,
) -> None:
    """Evaluate a model on its held-out set, or on all articles of another corpus."""
    import json

    from slugline.cli.tables import evaluation_tables
    from slugline.experiment.evaluate import evaluate_corpus
    from slugline.files import check_writable, write_text

    if out is not None:
        check_writable(out, model, corpus)
    chosen = None
    if corpus is not None:
        chosen = options.corpus_config(corpus, reader, field, families, aliases, encoding, skip_bad, map_, strict)
    with console.progress_bar() as progress:
        evaluation = evaluate_corpus(model, chosen, part=part.value, progress=progress)
    console.err_skipped(evaluation.skipped)
    console.err_unmapped(evaluation.unmapped)
    if out is not None:
        write_text(out, json.dumps(evaluation.to_dict(), ensure_ascii=False, indent=1) + "\n")
    if form is options.Format.json:
        console.out_json(evaluation.to_dict())
    else:
        console.out(evaluation_tables(evaluation))
