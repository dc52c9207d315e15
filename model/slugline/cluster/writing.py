"""Predictions as a file: the documented JSON object, one a line, or the same object as a row of Parquet."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Literal

from slugline.article import Prediction
from slugline.errors import MissingExtraError

Format = Literal["jsonl", "parquet"]

FORMATS: tuple[Format, ...] = ("jsonl", "parquet")

_ROWS = 8192
"""Rows of a row group."""


def write_predictions(path: Path, predictions: Iterable[Prediction], form: Format, *, explain: bool = False) -> int:
    """Write predictions as they come, and return how many; the same predictions give the same bytes.

    Raises MissingExtraError for Parquet without pyarrow.
    """
    found = (prediction.to_dict(explain=explain) for prediction in predictions)
    return _write_parquet(path, found, explain) if form == "parquet" else _write_lines(path, found)


def _write_lines(path: Path, rows: Iterator[dict[str, Any]]) -> int:
    count = 0
    # As `slugline predict` writes to stdout.
    with path.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as stream:
        for row in rows:
            stream.write(json.dumps(row, ensure_ascii=False) + "\n")
            count += 1
    return count


def _write_parquet(path: Path, rows: Iterator[dict[str, Any]], explain: bool) -> int:
    schema = parquet_schema(explain=explain)
    import pyarrow as pa
    import pyarrow.parquet as pq

    count = 0
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        while block := list(islice(rows, _ROWS)):
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
    evidence = pa.struct([*numbers, ("terms", pa.list_(term)), ("other_terms", pa.float64())])
    event = [("type", pa.string()), ("group", pa.string())]
    event += [("probability", pa.float64()), ("group_probability", pa.float64())]
    tag = [("tag", pa.string()), ("probability", pa.float64()), ("decided", pa.bool_())]
    if explain:
        event += [("evidence", evidence), ("group_evidence", evidence)]
        tag += [("evidence", evidence)]
    return pa.schema(
        [
            ("id", pa.string()),
            ("title", pa.string()),
            ("event_type", pa.struct(event)),
            ("tags", pa.list_(pa.struct(tag))),
            ("model", pa.string()),
        ]
    )
