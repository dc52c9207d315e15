"""`slugline event-types`: the event types and groups of a model, and editing them after training."""

from __future__ import annotations

import typer

from slugline.cli import options
from slugline.cli.vocabulary import EditedOnly, Kind, Text, add_edits, show

app = typer.Typer(no_args_is_help=True)
EVENT_TYPES = Kind("event_type", "event type", "event types")


@app.command("list")
def list_(
    text: Text = "",
    model: options.Model = None,
    edited: EditedOnly = False,
    form: options.Form = options.Format.table,
) -> None:
    """List the event types and groups of a model by their present names, with their training articles."""
    show(EVENT_TYPES, text, model, edited, form)


add_edits(
    app,
    EVENT_TYPES,
    merging="Make types part of another type, or of a group: their own one, if the model is to name that alone. "
    "A group becomes part of another group.",
    retiring="Let the model never give these types again: an article of such a type has none. A group takes its types "
    "with it.",
)
