"""`slugline splits`: one configuration under random, grouped and temporal splits, side by side."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from slugline.cli import console, options

if TYPE_CHECKING:
    from slugline.bundle import Bundle
    from slugline.config import Config, CorpusConfig


def splits(
    corpus: Annotated[
        str | None, typer.Argument(help="A file, a folder or a name of `slugline corpus list`; if not given: starter.")
    ] = None,
    config: Annotated[
        Path | None, typer.Option("--config", "-c", help="A TOML file as in experiments/configs; options override it.")
    ] = None,
    reader: options.Reader = None,
    field: options.Field = None,
    families: options.Families = None,
    aliases: options.Aliases = None,
    encoding: options.Encoding = None,
    skip_bad: options.SkipBad = False,
    feedback: options.Feedback = None,
    jobs: options.Jobs = 1,
    form: options.Form = options.Format.table,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Also write the JSON object to this file.")] = None,
) -> None:
    """Train and evaluate one configuration under several splits, and show what the split makes of its figures."""
    from slugline.config import Config, load_config, replace

    chosen = replace(
        Config() if config is None else load_config(config),
        "corpus",
        name=corpus,
        reader=reader,
        fields=options.parse_fields(field),
        families=options.parse_families(families),
        aliases=aliases,
        encoding=encoding,
        skip_bad=skip_bad or None,
    )
    chosen = replace(chosen, "learn", feedback=feedback)
    show_splits(chosen, jobs, form, out, inputs=(corpus, config))


def model_splits(
    model: Path, corpus: CorpusConfig | None, feedback: str | None, form: options.Format, out: Path | None
) -> None:
    """The same with a model's own configuration, for `slugline evaluate --splits`."""
    from slugline.bundle import read_bundle

    config = model_config(read_bundle(model), corpus, feedback)
    show_splits(config, 1, form, out, inputs=(model,))


def model_config(bundle: Bundle, corpus: CorpusConfig | None, feedback: str | None) -> Config:
    """The configuration of a model, on `corpus` and with `feedback` where they are given.

    The log that the model was trained with is taken where it still is; that it is gone is said.
    """
    import dataclasses

    from slugline.config import Config, replace

    config = Config.from_dict(bundle.manifest.config, file=bundle.path)
    if corpus is not None:
        config = dataclasses.replace(config, corpus=corpus)
    own = config.learn.feedback
    if feedback is None and own is not None and not Path(own).exists():
        console.err(f"slugline: without the feedback that the model was trained with: {own} is not there (--feedback)")
        return dataclasses.replace(config, learn=dataclasses.replace(config.learn, feedback=None))
    return replace(config, "learn", feedback=feedback)


def show_splits(
    config: Config, jobs: int, form: options.Format, out: Path | None, inputs: tuple[str | Path | None, ...]
) -> None:
    """Compare the splits and show what was found."""
    import json

    from slugline.cli.splits_table import splits_table
    from slugline.experiment.splits import compare_splits
    from slugline.files import check_writable, write_text

    if out is not None:
        check_writable(out, *inputs, config.learn.feedback)
    with console.progress_bar() as progress:
        found = compare_splits(config, jobs=jobs, progress=progress)
    if out is not None:
        write_text(out, json.dumps(found.to_dict(), ensure_ascii=False, indent=1) + "\n")
    if form is options.Format.json:
        console.out_json(found.to_dict())
    else:
        console.out(splits_table(found))
    for result in found.results:
        if result.feedback is not None:
            console.err(f"slugline: {result.name} split: feedback: {result.feedback.summary()}")
