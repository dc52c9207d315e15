"""What `slugline tags` and `slugline event-types` do: list the labels of a model, and edit them after training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from slugline.cli import console, options

if TYPE_CHECKING:
    from slugline.experiment.label_edits import LabelRow
    from slugline.vocabulary_edits import Edit, Tag

Out = Annotated[
    Path | None, typer.Option("--out", "-o", help="Write a new model file; if not given, the model is written anew.")
]
Who = Annotated[str | None, typer.Option("--who", help="Whose edit it is; if not given: the user's name.")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="What it is called now.")]
Names = Annotated[list[str], typer.Argument(metavar="NAME...", help="What they are called now.")]
Text = Annotated[str, typer.Argument(metavar="TEXT", help="Only those with this in one of their names.")]
EditedOnly = Annotated[bool, typer.Option("--edited", help="Only what edits have changed.")]


@dataclass(frozen=True, slots=True)
class Kind:
    """A head of the model, and what its labels are called, one and several."""

    head: str
    one: str
    many: str


def add_edits(app: typer.Typer, kind: Kind, merging: str, retiring: str) -> None:
    """Give `app` the commands that edit labels of this kind, and `history`."""

    def edit(model: Path | None, out: Path | None, who: str | None, asked: list[tuple[str, str, str | None]]) -> None:
        from slugline.experiment.label_edits import edit_labels
        from slugline.vocabulary_edits import Edit

        path = options.find_model(model)
        edits = [Edit(action, name, to, head=kind.head) for action, name, to in asked]
        done = edit_labels(path, edits, out=out, who=who)
        for one in done.edits:
            console.out(console.printable(one.said))
        console.err(f"slugline: wrote {done.out} ({done.digest[:19]}…, before {done.before[:19]}…)")

    a = "an" if kind.one[0] in "aeiou" else "a"

    @app.command(
        help=f"Give {a} {kind.one} another name. Articles that have it under the old one are still understood."
    )
    def rename(
        name: Name,
        to: Annotated[str, typer.Argument(metavar="TO", help="What it is to be called.")],
        model: options.Model = None,
        out: Out = None,
        who: Who = None,
    ) -> None:
        edit(model, out, who, [("rename", name, to)])

    @app.command(
        help=f"Give {a} {kind.one} other names, under which it is found in articles and in files of {kind.many}."
    )
    def alias(
        name: Name,
        others: Annotated[list[str], typer.Argument(metavar="OTHER...", help="Other names of it.")],
        remove: Annotated[bool, typer.Option("--remove", help="Take these names away from it.")] = False,
        model: options.Model = None,
        out: Out = None,
        who: Who = None,
    ) -> None:
        edit(model, out, who, [("unalias" if remove else "alias", name, other) for other in others])

    @app.command(help=merging)
    def merge(
        names: Names,
        into: Annotated[str, typer.Option("--into", metavar="NAME", help="What they become part of.")],
        model: options.Model = None,
        out: Out = None,
        who: Who = None,
    ) -> None:
        edit(model, out, who, [("merge", name, into) for name in names])

    @app.command(help=retiring)
    def retire(names: Names, model: options.Model = None, out: Out = None, who: Who = None) -> None:
        edit(model, out, who, [("retire", name, None) for name in names])

    @app.command(help=f"Give back {kind.many} that were retired, or that were merged into another.")
    def restore(names: Names, model: options.Model = None, out: Out = None, who: Who = None) -> None:
        edit(model, out, who, [("restore", name, None) for name in names])

    @app.command(
        help=f"Show every edit of a model's {kind.many}: when, by whom, what, and the digest of the model before it."
    )
    def history(model: options.Model = None, form: options.Form = options.Format.table) -> None:
        from slugline.bundle import read_bundle
        from slugline.experiment.label_edits import vocabulary_of

        bundle = read_bundle(options.find_model(model))
        edits = vocabulary_of(bundle, kind.head).edits
        if form is options.Format.json:
            console.out_json({"model": bundle.digest, "edits": [one.to_dict() for one in edits]})
        elif edits:
            console.out(_history(edits, bundle.digest))
        else:
            console.err(f"slugline: the {kind.many} of this model have not been edited")


def show(kind: Kind, text: str, model: Path | None, edited: bool, form: options.Format) -> None:
    """Show the labels of this kind by their present names."""
    from slugline.bundle import read_bundle
    from slugline.experiment.label_edits import label_rows

    rows = label_rows(read_bundle(options.find_model(model)), kind.head, text, edited=edited)
    if form is options.Format.json:
        console.out_json([row.to_dict() for row in rows])
    elif rows:
        console.out(_table(rows, kind))
    else:
        none = f"no such {kind.one}" if text else f"no {kind.one} has been edited" if edited else f"no {kind.many}"
        console.err(f"slugline: {none}")


def _table(rows: Sequence[LabelRow], kind: Kind) -> str:
    widest = min(40 if kind.head == "tags" else 32, max(len(row.tag.name) for row in rows))
    groups = max(len("known by"), *(min(28, len(row.group or "")) for row in rows))
    third = 4 if kind.head == "tags" else groups - 4
    shown = [
        (
            console.short(row.tag.name, widest),
            "-" if row.articles is None else f"{row.articles:,}",
            ("name" if row.by_name else "text") if kind.head == "tags" else console.short(row.group or "", groups),
            console.short(_others(row.tag), max(12, 62 - max(3, widest) - third)),
        )
        for row in rows
    ]
    third_name = "known by" if kind.head == "tags" else "group"
    return console.table((kind.one, "articles", third_name, "other names"), shown, right=(1,))


def _others(tag: Tag) -> str:
    said = [f"= {part.name}" for part in tag.parts]
    said += [*(f"was {name}" for name in tag.former), *tag.aliases]
    return ("retired; " if tag.retired else "") + ", ".join(said) if said else "retired" if tag.retired else ""


def _history(edits: Sequence[Edit], digest: str) -> str:
    rows = [(edit.time[:16].replace("T", " "), console.short(edit.who, 12), _short(edit.model)) for edit in edits]
    said = [console.short(edit.said, 38) for edit in edits]
    lines = [(when, who, what, model) for (when, who, model), what in zip(rows, said, strict=True)]
    table = console.table(("when (UTC)", "who", "what", "model before"), lines)
    return f"{table}\n" + console.dim(f"now {digest}")


def _short(digest: str) -> str:
    return digest.removeprefix("sha256:")[:8]
