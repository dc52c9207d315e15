"""Options that several commands share, so that they read and mean the same everywhere."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from slugline.cli.model import MODEL as MODEL
from slugline.cli.model import find_model as find_model
from slugline.cli.training import Format as Format

if TYPE_CHECKING:
    from slugline.config import CorpusConfig


Form = Annotated[Format, typer.Option("--format", help="How the result is shown.")]
Model = Annotated[
    Path | None,
    typer.Option(
        "--model",
        "-m",
        envvar="SLUGLINE_MODEL",
        help="The model file; if not given: ./model.safetensors, else news-en, which comes with Slugline.",
    ),
]
Reader = Annotated[str | None, typer.Option("--reader", help="The corpus's reader, if its content does not tell.")]
Field = Annotated[
    list[str] | None, typer.Option("--field", metavar="NAME=COLUMN", help="Read field NAME from COLUMN; repeatable.")
]
Families = Annotated[
    str | None, typer.Option("--families", help="Label families that become tags, such as topics,places.")
]
Aliases = Annotated[
    str | None, typer.Option("--aliases", metavar="FILE|default|none", help="TOML file of tag aliases.")
]
Encoding = Annotated[str | None, typer.Option("--encoding", help="The corpus's encoding, where it is not found.")]
Vocabulary = Annotated[
    str | None,
    typer.Option("--vocabulary", metavar="FILE", help="More tags and names, found by name: TXT, CSV, JSON, SKOS."),
]
AdaptPriors = Annotated[
    bool,
    typer.Option("--adapt-priors", help="Find the shares of event types in these articles, and predict under them."),
]
Report = Annotated[
    Path | None, typer.Option("--report", metavar="FILE", help="Write an HTML report, one file that needs no network.")
]
SkipBad = Annotated[bool, typer.Option("--skip-bad", help="Report and skip bad rows instead of stopping at the first.")]
Map = Annotated[
    str | None,
    typer.Option("--map", metavar="SCHEME|FILE", help="Map event types: plover, acled, iptc, taxonomy or a TOML file."),
]
Strict = Annotated[bool, typer.Option("--strict", help="Stop at event types that --map does not know.")]
WhyNot = Annotated[
    list[str] | None,
    typer.Option("--why-not", metavar="NAME", help="Also explain this tag or event type, given or not; repeatable."),
]
Text = Annotated[
    bool | None,
    typer.Option(
        "--text/--no-text",
        show_default="on a terminal",
        help="Show where in the article's text the words of --explain stand.",
    ),
]
PredictJobs = Annotated[
    int, typer.Option("--jobs", "-j", min=1, help="Processes; the output is the same for any number.")
]
Cluster = Annotated[
    str | None,
    typer.Option(
        "--cluster",
        metavar="ADDRESS",
        help="Work on a Dask cluster: tcp://HOST:PORT, or local, which starts --jobs workers here.",
    ),
]
WorkerTimeout = Annotated[
    float, typer.Option("--worker-timeout", min=1, metavar="SECONDS", help="Give up after so long without a worker.")
]
Jobs = Annotated[
    int, typer.Option("--jobs", "-j", min=1, help="Threads or processes; the model is the same for any number.")
]


def parse_fields(pairs: list[str] | None) -> dict[str, str] | None:
    """`["body=text"]` as `{"body": "text"}`; None where nothing was given. Raises typer.BadParameter."""
    if not pairs:
        return None
    fields: dict[str, str] = {}
    for pair in pairs:
        name, sign, column = pair.partition("=")
        if not (name and sign and column):
            raise typer.BadParameter(f"{pair!r} is not NAME=COLUMN, such as body=text", param_hint="--field")
        fields[name.strip()] = column.strip()
    return fields


Feedback = Annotated[
    str | None,
    typer.Option(
        "--feedback", metavar="LOG", help="Train with what people said of predictions: see `slugline review`."
    ),
]


def parse_families(names: str | None) -> tuple[str, ...] | None:
    """`"topics,places"` as a tuple; None where nothing was given."""
    return None if names is None else tuple(name.strip() for name in names.split(",") if name.strip())


def corpus_config(
    name: str,
    reader: str | None,
    field: list[str] | None,
    families: str | None,
    aliases: str | None,
    encoding: str | None,
    skip_bad: bool,
    map_: str | None = None,
    strict: bool = False,
) -> CorpusConfig:
    """The corpus that a command was given, what was not said taking its default."""
    from slugline.config import CorpusConfig

    said: dict[str, Any] = {
        "reader": reader,
        "fields": parse_fields(field),
        "families": parse_families(families),
        "aliases": aliases,
        "encoding": encoding,
        "skip_bad": skip_bad or None,
        "map": map_,
        "map_strict": strict or None,
    }
    return CorpusConfig(name=name, **{key: value for key, value in said.items() if value is not None})
