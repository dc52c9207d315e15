"""`slugline corpus`: what corpora there are, getting one, what is in it and what is wrong with it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from slugline.cli import console, options
from slugline.cli.suspects import suspects

if TYPE_CHECKING:
    from slugline.config import CorpusConfig
    from slugline.corpus.corpus import Corpus

app = typer.Typer(no_args_is_help=True)

CORPUS = typer.Argument(metavar="CORPUS", help="A file, a folder, or a name of `slugline corpus list`.")


@app.command("list")
def list_corpora(form: options.Form = options.Format.table) -> None:
    """List the corpora that have a name: how large they are, whether they are here, and under which licence."""
    from slugline.cli.corpus_tables import entries_table, entry_dict
    from slugline.corpus.catalogue import catalogue, present

    entries = [(entry, present(entry)) for entry in catalogue().values()]
    if form is options.Format.json:
        console.out_json([entry_dict(entry, here) for entry, here in entries])
        return
    console.out(entries_table(entries))


@app.command()
def get(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A name of `slugline corpus list`.")],
    source: Annotated[
        Path | None, typer.Option("--from", metavar="FILE|FOLDER", help="Take a copy from here, do not download.")
    ] = None,
) -> None:
    """Get a corpus into ./corpora/NAME and check it: a download, or a copy with --from or from $SLUGLINE_CORPORA."""
    from slugline.corpus.catalogue import get as get_corpus

    with console.progress_bar() as progress:
        path = get_corpus(name, source=source, progress=progress)
    console.out(str(path))


@app.command()
def check(
    corpus: Annotated[str, CORPUS],
    reader: options.Reader = None,
    field: options.Field = None,
    families: options.Families = None,
    aliases: options.Aliases = None,
    encoding: options.Encoding = None,
    skip_bad: options.SkipBad = False,
    map_: options.Map = None,
    strict: options.Strict = False,
    form: options.Form = options.Format.table,
) -> None:
    """Say what is wrong with a corpus: empty or repeated articles, tags that may be one, dates, boilerplate."""
    from slugline.cli.corpus_tables import findings_text
    from slugline.corpus.check import check as check_corpus
    from slugline.corpus.columns import unread_columns
    from slugline.corpus.load import find_source

    # Tags as they are written: what normalising merges is to be told.
    config = options.corpus_config(corpus, reader, field, families, aliases, encoding, skip_bad, map_, strict)
    loaded = _load(config, normalise=False)
    with console.progress_bar() as progress:
        findings = check_corpus(loaded, progress=progress, unread=unread_columns(find_source(config)))
    if form is options.Format.json:
        console.out_json(
            {
                "corpus": loaded.name,
                "articles": len(loaded),
                "skipped": len(loaded.skipped),
                "findings": [finding.to_dict() for finding in findings],
            }
        )
        return
    if findings:
        console.out(findings_text(findings))
    else:
        console.out(f"nothing wrong was found in the {len(loaded):,} articles of {loaded.name}")


@app.command()
def stats(
    corpus: Annotated[str, CORPUS],
    reader: options.Reader = None,
    field: options.Field = None,
    families: options.Families = None,
    aliases: options.Aliases = None,
    encoding: options.Encoding = None,
    skip_bad: options.SkipBad = False,
    map_: options.Map = None,
    strict: options.Strict = False,
    form: options.Form = options.Format.table,
) -> None:
    """Count what is in a corpus: articles, lengths, dates, parts, tags and event types."""
    from slugline.cli.corpus_tables import stats_table
    from slugline.corpus.stats import stats as corpus_stats

    loaded = _load(options.corpus_config(corpus, reader, field, families, aliases, encoding, skip_bad, map_, strict))
    counted = corpus_stats(loaded)
    if form is options.Format.json:
        console.out_json(counted.to_dict())
    else:
        console.out(stats_table(counted))


@app.command()
def convert(
    corpus: Annotated[str, CORPUS],
    out: Annotated[
        Path, typer.Argument(metavar="OUT", help="The file to write: .jsonl, .jsonl.gz, .csv, .tsv or .parquet.")
    ],
    reader: options.Reader = None,
    field: options.Field = None,
    families: options.Families = None,
    aliases: options.Aliases = None,
    encoding: options.Encoding = None,
    skip_bad: options.SkipBad = False,
    map_: options.Map = None,
    strict: options.Strict = False,
) -> None:
    """Write a corpus, cleaned and with its tags normalised, in the format that the name of OUT ends in."""
    from slugline.corpus.convert import write_corpus
    from slugline.files import check_writable

    check_writable(out, corpus)
    loaded = _load(options.corpus_config(corpus, reader, field, families, aliases, encoding, skip_bad, map_, strict))
    written = write_corpus(loaded, out)
    if written < len(loaded):
        console.err(f"slugline: {len(loaded) - written} articles without any text left out")
    console.err(f"slugline: wrote {written:,} articles to {out}")


app.command()(suspects)


def _load(config: CorpusConfig, *, normalise: bool = True) -> Corpus:
    """The corpus, its skipped rows told on stderr."""
    from slugline.corpus.load import load_corpus

    with console.progress_bar() as progress:
        loaded = load_corpus(config, progress, normalise=normalise)
    console.err_skipped(loaded.skipped)
    console.err_unmapped(loaded.unmapped)
    return loaded
