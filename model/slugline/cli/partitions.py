"""`slugline predict --out`: partitioned files in, a folder of predictions out, here or on a cluster."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from slugline.cli import console

if TYPE_CHECKING:
    from pathlib import Path

    from slugline.cluster.writing import Format

MEGABYTE = 1_000_000

Out = Annotated[
    str | None,
    typer.Option(
        "--out",
        "-o",
        metavar="FOLDER",
        help="Write a file of predictions for each chunk of the input, and a manifest, to a folder on any fsspec path.",
    ),
]
ChunkSize = Annotated[
    int, typer.Option("--chunk-size", min=1, metavar="MB", help="With --out: megabytes of input in a chunk.")
]


def predict_partitions(
    files: Sequence[str],
    out: str,
    model: Path,
    form: str | None,
    *,
    vocabulary: str | None,
    top: int | None,
    explain: bool,
    skip_bad: bool,
    cluster: str | None,
    jobs: int,
    chunk_size: int,
    patience: float,
) -> None:
    """Predict partitioned files and say what was done. Raises typer.BadParameter for options that do not go together.

    See `slugline.cluster.batch.predict_files`.
    """
    output = _format(form)
    if not files or "-" in files:
        raise typer.BadParameter("needs files, globs or folders, not standard input", param_hint="--out")
    from slugline.cluster.batch import predict_files

    with console.progress_bar() as progress:
        summary = predict_files(
            files,
            out,
            model,
            vocabulary=vocabulary,
            output=output,
            top=top,
            explain=explain,
            skip_bad=skip_bad,
            cluster=cluster or ("local" if jobs > 1 else None),
            jobs=jobs,
            chunk_bytes=chunk_size * MEGABYTE,
            patience=patience,
            progress=progress,
        )
    for error in summary.errors:
        console.err(f"slugline: skipped: {error}")
    if summary.bad_rows:
        console.err(f"slugline: {summary.bad_rows:,} bad rows skipped")
    header = ("chunks", "done before", "articles", "bad rows", "seconds")
    cells = (summary.chunks, summary.found_done, summary.articles, summary.bad_rows, summary.seconds)
    shown = [f"{cell:,.1f}" if isinstance(cell, float) else f"{cell:,}" for cell in cells]
    console.out(console.table(header, [shown], right=range(len(header))))
    console.err(f"slugline: wrote {out}")


def _format(form: str | None) -> Format:
    if form is None or form == "jsonl":
        return "jsonl"
    if form == "parquet":
        return "parquet"
    raise typer.BadParameter(f"{form} cannot be written to a folder: jsonl or parquet can", param_hint="--format")
