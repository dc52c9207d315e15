"""Predictions as a file: the documented JSON object, one a line, or the same object as a row of Parquet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Literal

from slugline.article import Article
from slugline.errors import MissingExtraError
from slugline.explanation_json import explanation_json
from slugline.predict import Predictor

Format = Literal["jsonl", "parquet"]

_ROWS = 8192
"""Rows of a row group."""
_EXPLAINED_ROWS = 256
"""Each may have thousands of marks."""


def write_predictions(
    path: Path,
    predictor: Predictor,
    articles: Iterable[Article],
    form: Format,
    *,
    top: int | None = None,
    explain: bool = False,
) -> int:
    """Write the predictions of articles as they come, and return how many; the same articles give the same bytes.

    Raises MissingExtraError for Parquet without pyarrow, and what reading the articles raises.
    """
    if form == "jsonl" and not explain:
        return _write_text(path, predictor.predict_lines(articles, top=top))
    if not explain:
        return _write_parquet(path, (one.to_dict() for one in predictor.predict_stream(articles, top=top)))
    explained = predictor.explain_stream(articles, top=top)
    if form == "jsonl":
        return _write_text(path, (explanation_json(one) + "\n" for one in explained))
    return _write_parquet(path, (one.to_dict() for one in explained), explain=True)


def _write_text(path: Path, lines: Iterable[str]) -> int:
    count = 0
    # As `slugline predict` writes to stdout.
    with path.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as stream:
        for text in lines:
            stream.write(text)
            count += text.count("\n")
    return count


def _write_parquet(path: Path, rows: Iterator[dict[str, Any]], *, explain: bool = False) -> int:
    schema = parquet_schema(explain=explain)
    import pyarrow as pa
    import pyarrow.parquet as pq

    count = 0
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        while block := list(islice(rows, _EXPLAINED_ROWS if explain else _ROWS)):
            writer.write_table(pa.Table.from_pylist(block, schema=schema))
            count += len(block)
    return count


def parquet_schema(*, explain: bool = False) -> Any:
    """The columns of predictions in Parquet: those of the JSON object. Raises MissingExtraError without pyarrow."""
    try:
        import pyarrow as pa
    except ImportError as error:
        raise MissingExtraError("writing Parquet", "parquet") from error
    term = pa.struct([("term", pa.string()), ("contribution", pa.float64())])
    numbers = [("score", pa.float64()), ("intercept", pa.float64())]
    parts = [*numbers, ("terms", pa.list_(term)), ("other_terms", pa.float64())]
    evidence = pa.struct(parts)
    event = [("type", pa.string()), ("group", pa.string())]
    event += [("probability", pa.float64()), ("group_probability", pa.float64())]
    tag = [("tag", pa.string()), ("probability", pa.float64()), ("decided", pa.bool_())]
    more = []
    if explain:
        mark = [("field", pa.string()), ("start", pa.int32()), ("end", pa.int32()), ("contribution", pa.float64())]
        marks = pa.list_(pa.struct(mark))
        threshold = pa.struct([("score", pa.float64()), ("probability", pa.float64())])
        event += [("evidence", evidence), ("group_evidence", evidence), ("marks", marks), ("group_marks", marks)]
        of_tag = pa.struct([*parts, ("member", pa.string())])
        tag += [("evidence", of_tag), ("threshold", threshold), ("missing", threshold)]
        tag += [("why", pa.string()), ("asked", pa.bool_()), ("marks", marks)]
        alone = pa.struct([*event, ("needed", pa.float64()), ("why", pa.string())])
        near = [("id", pa.string()), ("title", pa.string()), ("date", pa.string()), ("similarity", pa.float64())]
        near += [("tags", pa.list_(pa.string())), ("event_type", pa.string())]
        text = pa.struct([("title", pa.string()), ("body", pa.string())])
        more = [("nearest_event", alone), ("asked_events", pa.list_(alone))]
        more += [("neighbours", pa.list_(pa.struct(near))), ("text", text)]
    return pa.schema(
        [
            ("id", pa.string()),
            ("title", pa.string()),
            ("event_type", pa.struct(event)),
            ("tags", pa.list_(pa.struct(tag))),
            ("model", pa.string()),
            *more,
        ]
    )
