"""`slugline search`: a configuration found by cross-validation."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from slugline.cli import console, options

if TYPE_CHECKING:
    from slugline.experiment.study import Trial


class Objective(StrEnum):
    """What is searched for; `slugline.experiment.search` has the same names, and is not imported for a help text."""

    mean = "mean"
    micro = "micro"
    macro = "macro"
    accuracy = "accuracy"


_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0}


def seconds(text: str) -> float:
    """`20m`, `90s`, `1h30m` or a number of seconds. Raises typer.BadParameter.

    >>> seconds("1h30m"), seconds("90")
    (5400.0, 90.0)
    """
    found = re.findall(r"(?<![\d.])(\d++(?:\.\d++)?)([hms])", text)
    if re.fullmatch(r"\d+(\.\d+)?", text):
        total = float(text)
    elif found and "".join(number + unit for number, unit in found) == text:
        total = sum(float(number) * _UNITS[unit] for number, unit in found)
    else:
        raise typer.BadParameter(f"{text!r} is not a time such as 20m, 90s or 1h30m", param_hint="--budget")
    if not total:
        raise typer.BadParameter("no time at all", param_hint="--budget")
    return total


def search(
    corpus: Annotated[
        str | None, typer.Argument(help="A file, a folder or a name of `slugline corpus list`; if not given: starter.")
    ] = None,
    budget: Annotated[
        str | None, typer.Option(metavar="TIME", help="Begin no trial after this time: 20m, 90s, 1h30m. Default: 20m.")
    ] = None,
    trials: Annotated[int | None, typer.Option(min=1, help="Trials of the study in all, those of before too.")] = None,
    config: Annotated[
        Path | None, typer.Option("--config", "-c", help="Start from this TOML file, and search around it.")
    ] = None,
    out: Annotated[Path, typer.Option("--out", "-o", help="The configuration file to write.")] = Path("best.toml"),
    objective: Annotated[
        Objective, typer.Option(help="mean of micro-F1 (accuracy) and macro-F1, or one of them; accuracy: types alone.")
    ] = Objective.mean,
    study: Annotated[
        str | None, typer.Option(metavar="NAME", help="The study's name; it is made or gone on with.")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume/--fresh", help="Go on with the trials of before, or begin a study anew.")
    ] = True,
    reader: options.Reader = None,
    field: options.Field = None,
    families: options.Families = None,
    aliases: options.Aliases = None,
    encoding: options.Encoding = None,
    skip_bad: options.SkipBad = False,
    feedback: options.Feedback = None,
    seed: Annotated[int, typer.Option(min=0, max=2**31 - 1, help="Seed of the trials that are chosen.")] = 0,
    jobs: options.Jobs = 1,
    track: Annotated[bool, typer.Option("--track/--no-track", help="Record each trial in MLflow's store.")] = True,
    form: options.Form = options.Format.table,
) -> None:
    """Search for a better configuration, by cross-validation on the training part of a corpus."""
    from slugline.cli.search_tables import search_tables
    from slugline.config import Config, load_config, replace
    from slugline.experiment.search import SearchPlan
    from slugline.experiment.search import search as run_search

    limit = None if budget is None else seconds(budget)
    if budget is None and trials is None:
        limit = seconds("20m")
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
    plan = SearchPlan(objective.value, limit, trials, study, not resume, seed)
    with console.progress_bar() as progress:
        result = run_search(chosen, plan, out, inputs=(config,), jobs=jobs, track=track, progress=progress, told=_told)
    if form is options.Format.json:
        console.out_json(result.to_dict())
    else:
        console.out(search_tables(result))
    if result.feedback is not None:
        console.err(f"slugline: feedback: {result.feedback.summary()}")
    console.err(f"slugline: wrote {out}; study {result.study}, ended because {result.ended}")


def _told(trial: Trial, best: Trial | None) -> None:
    """One line for each trial."""
    what = trial.state if trial.value is None else f"{trial.value:.4f}"
    so_far = "" if best is None else f"; best {best.value:.4f} (trial {best.number})"
    why = "" if trial.error is None else f": {console.printable(trial.error)}"
    console.err(f"trial {trial.number}: {what} in {trial.seconds:.0f} s{so_far}{why}")
