"""`slugline card`: what a model file says of itself."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from slugline.cli import console, options


class CardFormat(StrEnum):
    """For a person or a page, or for a machine."""

    markdown = "markdown"
    json = "json"


def card(
    model: options.Model = None,
    form: Annotated[CardFormat, typer.Option("--format", help="How the card is written.")] = CardFormat.markdown,
    name: Annotated[
        str | None, typer.Option("--name", help="What the model is called; if not given: its file.")
    ] = None,
    notes: Annotated[
        Path | None,
        typer.Option("--notes", metavar="FILE", help="Markdown of one's own that becomes part of the card."),
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Write the card to this file.")] = None,
) -> None:
    """Show a model's card: what it was trained on, how good it is, where it is weak, how to make it again."""
    import json

    from slugline.bundle import read_bundle
    from slugline.errors import SluglineError
    from slugline.experiment.card import model_card
    from slugline.experiment.card_facts import card_facts
    from slugline.files import check_writable, write_text

    path = options.find_model(model)
    if out is not None:
        check_writable(out, path, notes)
    bundle = read_bundle(path)
    called = name or path.stem
    if form is CardFormat.json:
        text = json.dumps({"name": called, **card_facts(bundle)}, ensure_ascii=console.ascii_only(), indent=1) + "\n"
    else:
        try:
            said = "" if notes is None else notes.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise SluglineError(f"cannot read ({getattr(error, 'strerror', None) or error})", file=notes) from error
        text = model_card(bundle, name=called, notes=said)
    if out is None:
        console.out(text.rstrip("\n"))
    else:
        write_text(out, text)
        console.err(f"slugline: wrote {out}")
