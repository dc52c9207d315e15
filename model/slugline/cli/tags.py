"""`slugline tags`: the tags of a model, and editing them after training."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from slugline.cli import console, options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from slugline.experiment.tag_edits import TagRow
    from slugline.vocabulary_edits import Edit, Tag

app = typer.Typer(no_args_is_help=True)

Out = Annotated[
    Path | None, typer.Option("--out", "-o", help="Write a new model file; if not given, the model is written anew.")
]
Who = Annotated[str | None, typer.Option("--who", help="Whose edit it is; if not given: the user's name.")]
OneTag = Annotated[str, typer.Argument(metavar="TAG", help="A tag by its present name.")]
Tags = Annotated[list[str], typer.Argument(metavar="TAG...", help="Tags by their present names.")]


@app.command("list")
def list_(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="Only tags with this in one of their names.")] = "",
    model: options.Model = None,
    edited: Annotated[bool, typer.Option("--edited", help="Only tags that edits have changed.")] = False,
    toml: Annotated[
        bool, typer.Option("--toml", help="New names as an alias file, for the next training (train --aliases).")
    ] = False,
    form: options.Form = options.Format.table,
) -> None:
    """List the tags of a model by their present names, with their training articles and other names."""
    from slugline.bundle import read_bundle
    from slugline.experiment.tag_edits import alias_file, tag_rows

    bundle = read_bundle(options.find_model(model))
    if toml:
        console.out(alias_file(bundle.tag_vocabulary()).rstrip("\n"))
        return
    rows = tag_rows(bundle, text, edited=edited)
    if form is options.Format.json:
        console.out_json([row.to_dict() for row in rows])
    elif rows:
        console.out(_table(rows))
    else:
        console.err(
            "slugline: no such tag" if text else "slugline: no tag has been edited" if edited else "slugline: no tags"
        )


@app.command()
def rename(
    tag: OneTag,
    to: Annotated[str, typer.Argument(metavar="NAME", help="What it is to be called.")],
    model: options.Model = None,
    out: Out = None,
    who: Who = None,
) -> None:
    """Give a tag another name. Articles that have it under the old one are still understood."""
    _edit(model, out, who, [("rename", tag, to)])


@app.command()
def alias(
    tag: OneTag,
    names: Annotated[list[str], typer.Argument(metavar="NAME...", help="Other names of it.")],
    remove: Annotated[bool, typer.Option("--remove", help="Take these names away from it.")] = False,
    model: options.Model = None,
    out: Out = None,
    who: Who = None,
) -> None:
    """Give a tag other names, under which it is found in articles and in files of tags."""
    _edit(model, out, who, [("unalias" if remove else "alias", tag, name) for name in names])


@app.command()
def merge(
    tags: Tags,
    into: Annotated[str, typer.Option("--into", metavar="TAG", help="The tag that they become part of.")],
    model: options.Model = None,
    out: Out = None,
    who: Who = None,
) -> None:
    """Make several tags one. It is given where any of them would have been."""
    _edit(model, out, who, [("merge", tag, into) for tag in tags])


@app.command()
def retire(tags: Tags, model: options.Model = None, out: Out = None, who: Who = None) -> None:
    """Let the model never give these tags again."""
    _edit(model, out, who, [("retire", tag, None) for tag in tags])


@app.command()
def restore(tags: Tags, model: options.Model = None, out: Out = None, who: Who = None) -> None:
    """Give back tags that were retired, or that were merged into another."""
    _edit(model, out, who, [("restore", tag, None) for tag in tags])


@app.command()
def history(model: options.Model = None, form: options.Form = options.Format.table) -> None:
    """Show every edit of a model's tags: when, by whom, what, and the digest of the model before it."""
    from slugline.bundle import read_bundle

    bundle = read_bundle(options.find_model(model))
    edits = bundle.tag_vocabulary().edits
    if form is options.Format.json:
        console.out_json({"model": bundle.digest, "edits": [edit.to_dict() for edit in edits]})
    elif edits:
        console.out(_history(edits, bundle.digest))
    else:
        console.err("slugline: the tags of this model have not been edited")


def _edit(model: Path | None, out: Path | None, who: str | None, asked: list[tuple[str, str, str | None]]) -> None:
    from slugline.experiment.tag_edits import edit_tags
    from slugline.vocabulary_edits import Edit

    path = options.find_model(model)
    done = edit_tags(path, [Edit(action, tag, to) for action, tag, to in asked], out=out, who=who)
    for edit in done.edits:
        console.out(console.printable(edit.said))
    console.err(f"slugline: wrote {done.out} ({done.digest[:19]}…, before {done.before[:19]}…)")


def _table(rows: Sequence[TagRow]) -> str:
    widest = min(40, max(len(row.tag.name) for row in rows))
    shown = [
        (
            console.short(row.tag.name, widest),
            "-" if row.articles is None else f"{row.articles:,}",
            "name" if row.by_name else "text",
            console.short(_others(row.tag), 58 - max(3, widest)),
        )
        for row in rows
    ]
    return console.table(("tag", "articles", "known by", "other names"), shown, right=(1,))


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
