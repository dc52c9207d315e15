"""Writing the HTML report of an evaluation, with what was asked for beside it."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

from slugline.cli import console
from slugline.cli.splits import model_config

if TYPE_CHECKING:
    from slugline.config import CorpusConfig
    from slugline.experiment.evaluation import Evaluation
    from slugline.progress import Progress


def write_report(
    path: Path,
    model: Path,
    evaluation: Evaluation,
    corpus: CorpusConfig | None,
    splits: bool,
    feedback: str | None,
    suspects: bool,
    progress: Progress,
) -> None:
    """Write the report to `path`; `splits` and `suspects` are measured first, with the model's configuration, on
    `corpus` or, if it is None, the one that the model was trained on (suspects among its training articles);
    splits with the log `feedback`, or the one that the model was trained with.
    """
    from slugline.bundle import read_bundle
    from slugline.config import Config
    from slugline.experiment.report import html_report
    from slugline.experiment.splits import compare_splits
    from slugline.files import write_text

    bundle = read_bundle(model)
    config = Config.from_dict(bundle.manifest.config, file=model)
    if corpus is not None:
        config = dataclasses.replace(config, corpus=corpus)
    compared = compare_splits(model_config(bundle, corpus, feedback), progress=progress) if splits else None
    doubted = None
    if suspects:
        from slugline.experiment.suspects import find_suspects

        doubted = find_suspects(config, train_only=corpus is None, progress=progress)
    html = html_report(
        bundle,
        evaluation,
        splits=compared,
        suspects=doubted,
        command=console.command(),
        written=f"{dt.datetime.now(dt.UTC):%Y-%m-%d %H:%M} UTC",
    )
    write_text(path, html)
