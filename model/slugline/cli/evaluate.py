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
    model: options.Model = None,
    part: Annotated[Part, typer.Option(help="auto: held-out of the model's own corpus, all of another.")] = Part.auto,
    reader: options.Reader = None,
    field: options.Field = None,
    families: options.Families = None,
    aliases: options.Aliases = None,
    encoding: options.Encoding = None,
    skip_bad: options.SkipBad = False,
    map_: options.Map = None,
    strict: options.Strict = False,
    adapt_priors: options.AdaptPriors = False,
    splits: Annotated[
        bool, typer.Option("--splits", help="Train the model's configuration again, under several splits side by side.")
    ] = False,
    feedback: options.Feedback = None,
    report: options.Report = None,
    suspects: Annotated[
        bool, typer.Option("--suspects", help="Also look for labels that look wrong, for --report.")
    ] = False,
    form: options.Form = options.Format.table,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Also write the JSON object to this file.")] = None,
    false_positives: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="List the N most probable tags that the corpus lacks.")
    ] = None,
    judge: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write those tags (100 of them) as CSV for a person to judge.")
    ] = None,
    spread: Annotated[
        bool, typer.Option("--spread", help="Draw them at random from every band of probability instead.")
    ] = False,
    judged: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Correct precision and F1 by a file that was judged.")
    ] = None,
) -> None:
    """Evaluate a model on its held-out set, or on all articles of another corpus."""
    import json

    from slugline.cli.judge_tables import judge_blocks
    from slugline.cli.report import write_report
    from slugline.cli.tables import evaluation_tables
    from slugline.experiment.evaluate import evaluate_corpus
    from slugline.experiment.judge import judging
    from slugline.experiment.report import require
    from slugline.files import check_writable, write_text

    if spread and false_positives is None and judge is None:
        raise typer.BadParameter("goes with --false-positives or --judge", param_hint="--spread")
    if suspects and report is None:
        raise typer.BadParameter("goes with --report", param_hint="--suspects")
    if feedback is not None and not splits:
        raise typer.BadParameter("goes with --splits", param_hint="--feedback")
    path = options.find_model(model)
    if report is not None:
        require()
    for written in (out, judge, report):
        if written is not None:
            check_writable(written, path, corpus, judged, feedback)
    chosen = None
    if corpus is not None:
        chosen = options.corpus_config(corpus, reader, field, families, aliases, encoding, skip_bad, map_, strict)
    if splits and report is None:
        from slugline.cli.splits import model_splits

        model_splits(path, chosen, feedback, form, out)
        return
    with console.progress_bar() as progress:
        evaluation = evaluate_corpus(
            path,
            chosen,
            part=part.value,
            progress=progress,
            on_shift=console.err_shift if adapt_priors else None,
            explain=report is not None,
        )
        if report is not None:
            write_report(report, path, evaluation, chosen, splits, feedback, suspects, progress)
    console.err_skipped(evaluation.skipped)
    console.err_unmapped(evaluation.unmapped)
    found = judging(evaluation.outcomes, count=false_positives, spread=spread, file=judge, judged=judged)
    said = evaluation.to_dict() | found.to_dict()
    if out is not None:
        write_text(out, json.dumps(said, ensure_ascii=False, indent=1) + "\n")
    if form is options.Format.json:
        console.out_json(said)
    else:
        console.out("\n\n".join([evaluation_tables(evaluation), *judge_blocks(found)]))
    if report is not None:
        console.err(f"slugline: wrote the report {report}")
    if judge is not None:
        console.err(f"slugline: wrote {len(found.chosen)} tags to {judge}; fill in its last column: yes, no or unsure")
