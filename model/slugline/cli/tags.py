"""`slugline tags`: the tags of a model, and editing them after training."""

from __future__ import annotations

from typing import Annotated

import typer

from slugline.cli import console, options
from slugline.cli.vocabulary import EditedOnly, Kind, Text, add_edits, show

app = typer.Typer(no_args_is_help=True)
TAGS = Kind("tags", "tag", "tags")


@app.command("list")
def list_(
    text: Text = "",
    model: options.Model = None,
    edited: EditedOnly = False,
    toml: Annotated[
        bool, typer.Option("--toml", help="New names as an alias file, for the next training (train --aliases).")
    ] = False,
    form: options.Form = options.Format.table,
) -> None:
    """List the tags of a model by their present names, with their training articles and other names."""
    if toml:
        from slugline.bundle import read_bundle
        from slugline.experiment.label_edits import alias_file

        console.out(alias_file(read_bundle(options.find_model(model)).tag_vocabulary()).rstrip("\n"))
        return
    show(TAGS, text, model, edited, form)


add_edits(
    app,
    TAGS,
    merging="Make several tags one. It is given where any of them would have been.",
    retiring="Let the model never give these tags again.",
)
