"""`slugline corpus suspects`: the articles whose labels look wrong, in order."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from slugline.cli import console, options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from slugline.experiment.suspects import Suspect, Suspects

_TITLE = 28
_LABEL = 18


def suspects(
    corpus: Annotated[
        str, typer.Argument(metavar="CORPUS", help="A file, a folder, or a name of `slugline corpus list`.")
    ],
    config: Annotated[
        Path | None, typer.Option("--config", "-c", help="Judge by classifiers of this TOML file's configuration.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Also write all of them to this CSV file.")] = None,
    top: Annotated[int, typer.Option("--top", "-n", min=1, help="Show so many of each kind.")] = 20,
    train_only: Annotated[bool, typer.Option("--train-only", help="Look at the training part alone.")] = False,
    reader: options.Reader = None,
    field: options.Field = None,
    families: options.Families = None,
    aliases: options.Aliases = None,
    encoding: options.Encoding = None,
    skip_bad: options.SkipBad = False,
    jobs: options.Jobs = 1,
    form: options.Form = options.Format.table,
) -> None:
    """List labels that look wrong or missing, most suspect first, by classifiers that have not seen the article."""
    from slugline.config import Config, load_config, replace
    from slugline.experiment.suspects import find_suspects, write_suspects
    from slugline.files import check_writable

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
    if out is not None:
        check_writable(out, corpus, config, chosen.corpus.aliases)
    with console.progress_bar() as progress:
        found = find_suspects(chosen, train_only=train_only, jobs=jobs, progress=progress)
    console.err_skipped(found.skipped)
    if out is not None:
        write_suspects(out, [*found.event_types, *found.tags])
        console.err(f"slugline: wrote {len(found.event_types) + len(found.tags):,} suspects to {out}")
    if form is options.Format.json:
        console.out_json(found.to_dict(top))
    else:
        console.out(suspects_text(found, top))


def suspects_text(found: Suspects, top: int) -> str:
    """The first `top` of each kind, in 80 columns."""
    blocks = [f"{console.bold(found.corpus)}: {found.articles:,} articles"]
    for title, head, suspects in (
        ("event types", "event_type", found.event_types),
        ("tags", "tags", found.tags),
    ):
        if head in found.judged:
            said = f"{len(suspects):,} suspects; {found.judged[head]:,} {title} were judged"
            blocks.append(f"{said}\n{_table(suspects[:top])}" if suspects else said)
    blocks.append(
        console.dim(
            "a suspect is no error: articles of a kind that is rare here look wrong as well;\n"
            "the lower the score, the less the given label is what others would suggest"
        )
    )
    return "\n\n".join(blocks)


def _table(suspects: Sequence[Suspect]) -> str:
    rows = []
    for one in suspects:
        label, suggested = _cut(one.label or "-", _LABEL), _cut(one.suggested or "-", _LABEL)
        rows.append((f"{one.score:.3f}", _cut(one.title or one.id, _TITLE), label, suggested))
    return console.table(("score", "article", "given", "suggested"), rows)


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"
