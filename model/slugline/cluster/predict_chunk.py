"""One chunk: its articles read, predicted, and written as one file of the output folder."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from slugline.cluster.chunks import Chunk
from slugline.cluster.manifest import Done, part_name, record_name
from slugline.cluster.reading import chunk_articles
from slugline.cluster.storage import Folder, sha256_of, storage_errors
from slugline.cluster.writing import Format, write_predictions
from slugline.errors import CorpusError
from slugline.predict import Predictor

ERRORS = 20
"""Errors of bad rows that a chunk's record keeps; all are counted."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be done with chunk `number` of a job; `out` is the address of the output folder."""

    number: int
    chunk: Chunk
    out: str
    output: Format
    top: int | None
    explain: bool
    skip_bad: bool


def predict_chunk(predictor: Predictor, order: Order) -> Done:
    """Predict a chunk and write its file, then its record; doing it again, also at the same time, changes no byte.

    Raises CorpusError for a bad row that may not be skipped, OutputError, OSError of a storage elsewhere.
    """
    errors: list[str] = []
    bad = 0

    def on_bad(error: CorpusError) -> None:
        nonlocal bad
        if not order.skip_bad:
            raise error
        bad += 1
        if len(errors) < ERRORS:
            errors.append(str(error))

    folder = Folder(order.out)
    name = part_name(order.number, order.output)
    articles = chunk_articles(order.chunk, on_bad)
    with storage_errors():
        with folder.writing(name) as temporary:
            count = write_predictions(
                temporary, predictor, articles, order.output, top=order.top, explain=order.explain
            )
            size, digest = temporary.stat().st_size, sha256_of(temporary)
        done = Done(name, size, digest, count, bad, errors)
        folder.write_json(record_name(order.number), asdict(done))
    return done
