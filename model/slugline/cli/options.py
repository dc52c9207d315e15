"""Options that several commands share, so that they read and mean the same everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from slugline.config import CorpusConfig

MODEL_OPTION = typer.Option("--model", "-m", envvar="SLUGLINE_MODEL", help="The model file.")
READER_OPTION = typer.Option("--reader", help="The corpus's reader, if its content does not tell.")
FIELD_OPTION = typer.Option("--field", metavar="NAME=COLUMN", help="Read field NAME from COLUMN; repeatable.")
FAMILIES_OPTION = typer.Option("--families", help="Label families that become tags, such as topics,places.")
ALIASES_OPTION = typer.Option("--aliases", help="TOML file of tag aliases.")
ENCODING_OPTION = typer.Option("--encoding", help="The corpus's encoding, if it is not found by itself.")
SKIP_BAD_OPTION = typer.Option("--skip-bad", help="Report and skip bad rows instead of stopping at the first.")
JOBS_OPTION = typer.Option("--jobs", "-j", min=1, help="Processes; the model is the same for any number.")


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
    }
    return CorpusConfig(name=name, **{key: value for key, value in said.items() if value is not None})
