"""What a model said of every held-out article, beside what is true: kept with a run, so that runs can be compared.

The file is gzipped JSON Lines: a first line about the model's labels, then one line for each article.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from slugline.article import Article
from slugline.errors import SluglineError
from slugline.evaluate.metrics import Flags
from slugline.evaluate.ranking import rank
from slugline.files import atomic_path
from slugline.json_text import loads

FILE = "predictions.jsonl.gz"
"""The name of the file among those of a run."""
FORMAT = 1
_TOP = 5
_SNIPPET = 200


@dataclass(frozen=True, slots=True)
class TagOutcome:
    """One article's tags. `true` holds all true tags, those that the model does not know too; `decided` the model's.

    `probability` has the decided, the true known and the 5 most probable tags, most probable first. `precision_at_3`
    is the article's part of that metric (None: no true tag of the model).
    """

    true: tuple[str, ...]
    decided: tuple[str, ...]
    probability: dict[str, float]
    precision_at_3: float | None


@dataclass(frozen=True, slots=True)
class EventOutcome:
    """One article's event type; `decided` is None where the model abstained. `probability` has the true type (if known
    to the model), the decided and the most probable one.
    """

    true: str
    decided: str | None
    probability: dict[str, float]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One article. A head is None where the model or the article's labels lack it. `text` is a digest of the text.

    `title` and `snippet` (the first characters of the body) are for showing and are not stored in the file.
    """

    id: str
    text: str
    tags: TagOutcome | None = None
    event_type: EventOutcome | None = None
    title: str = ""
    snippet: str = ""


@dataclass(frozen=True, slots=True)
class Outcomes:
    """All held-out articles, and the labels that the model knows (`event_types` at `level`: "type" or "group")."""

    rows: tuple[Outcome, ...]
    tags: tuple[str, ...] = ()
    event_types: tuple[str, ...] = ()
    level: str = "type"

    def write(self, path: str | Path) -> None:
        """Write the file, atomically; the same outcomes give the same bytes. Raises OutputError."""
        about = {"format": FORMAT, "tags": self.tags, "event_types": self.event_types, "level": self.level}
        lines = [about, *map(_to_dict, self.rows)]
        text = "".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in lines)
        with atomic_path(path) as temporary:
            # A lone surrogate stands for a byte of a file name that is no UTF-8: an article's id may hold one.
            temporary.write_bytes(gzip.compress(text.encode("utf-8", "surrogatepass"), mtime=0))

    @classmethod
    def read(cls, path: str | Path) -> Outcomes:
        """Read such a file. Raises SluglineError where it is none, or one of a newer Slugline."""
        try:
            text = gzip.decompress(Path(path).read_bytes()).decode("utf-8", "surrogatepass")
            about, *lines = [loads(line) for line in text.splitlines()]
            if about["format"] != FORMAT:
                raise SluglineError(
                    "predictions of another Slugline", file=path, found=about["format"], expected=f"format {FORMAT}"
                )
            rows = tuple(map(_from_dict, lines))
            return cls(rows, tuple(about["tags"]), tuple(about["event_types"]), str(about["level"]))
        except (OSError, EOFError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise SluglineError(f"not a file of predictions ({error})", file=path) from error


def outcome_rows(articles: Sequence[Article]) -> list[Outcome]:
    """The articles' rows, still without heads."""
    return [
        Outcome(
            article.id,
            hashlib.sha256(article.text.encode("utf-8", "surrogatepass")).hexdigest()[:12],
            title=article.title,
            snippet=" ".join(article.body[: 2 * _SNIPPET].split())[:_SNIPPET],
        )
        for article in articles
    ]


def tag_outcomes(
    tags: Sequence[str],
    truth: Flags,
    unseen: Sequence[Sequence[str]],
    probability: NDArray[np.float64] | csr_array,
    decided: Flags,
) -> list[TagOutcome]:
    """One for each of N articles; arrays are (N, L), columns in the order of `tags`; `unseen` are further true tags.

    They are arrays, or all three sparse.
    """
    ranked = rank(truth, probability).precision(3)
    found = []
    for row in range(truth.shape[0]):
        true, given = _set(truth, row), _set(decided, row)
        said = _chances(probability, row, {*true, *given})
        shown = sorted(said, key=lambda tag: (-said[tag], tag))
        found.append(
            TagOutcome(
                (*(tags[tag] for tag in true), *unseen[row]),
                tuple(tags[tag] for tag in given),
                {tags[tag]: said[tag] for tag in shown},
                None if np.isnan(ranked[row]) else float(ranked[row]),
            )
        )
    return found


def _set(flags: Flags, row: int) -> list[int]:
    """The columns in which a row is set, in order."""
    own = np.flatnonzero(flags[row]) if isinstance(flags, np.ndarray) else np.sort(_cells(flags, row)[0])
    found: list[int] = own.tolist()
    return found


def _cells(values: csr_array, row: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """The columns of a row and what is in them."""
    part = slice(values.indptr[row], values.indptr[row + 1])
    return values.indices[part], values.data[part]


def _chances(values: NDArray[np.float64] | csr_array, row: int, columns: set[int]) -> dict[int, float]:
    """The values of a row in these columns, and the largest _TOP."""
    if isinstance(values, np.ndarray):
        own = values[row]
        return {column: float(own[column]) for column in {*columns, *_best(own, _TOP)}}
    held = dict(zip(*(array.tolist() for array in _cells(values, row)), strict=True))
    # Of equal values the first columns, also where all others are 0.
    others = [column for column in range(min(values.shape[1], len(held) + _TOP)) if column not in held]
    best = sorted([*held, *others], key=lambda column: (-held.get(column, 0.0), column))[:_TOP]
    return {column: held.get(column, 0.0) for column in {*columns, *best}}


def _best(values: NDArray[np.float64], count: int) -> list[int]:
    """The places of the largest values, of equal ones the first; most of many values are never sorted."""
    if len(values) > count:
        candidates = np.flatnonzero(values >= np.partition(values, -count)[-count])
    else:
        candidates = np.arange(len(values))
    best: list[int] = candidates[np.argsort(-values[candidates], kind="stable")[:count]].tolist()
    return best


def event_outcomes(
    types: Sequence[str],
    truth: Sequence[str],
    probability: NDArray[np.float64],
    decided: Sequence[str | None],
) -> list[EventOutcome]:
    """One for each of N articles; `probability` is (N, K), columns in the order of `types`."""
    column = {label: number for number, label in enumerate(types)}
    found = []
    for row, (true, given) in enumerate(zip(truth, decided, strict=True)):
        chosen = {types[int(probability[row].argmax())], *(label for label in (true, given) if label in column)}
        said = {label: float(probability[row, column[label]]) for label in chosen}
        found.append(EventOutcome(true, given, dict(sorted(said.items(), key=lambda item: (-item[1], item[0])))))
    return found


def _to_dict(row: Outcome) -> dict[str, Any]:
    said: dict[str, Any] = {"id": row.id, "text": row.text}
    if row.tags is not None:
        said["tags"] = {
            "true": row.tags.true,
            "decided": row.tags.decided,
            "probability": _rounded(row.tags.probability),
            "precision_at_3": None if row.tags.precision_at_3 is None else round(row.tags.precision_at_3, 6),
        }
    if row.event_type is not None:
        said["event_type"] = {
            "true": row.event_type.true,
            "decided": row.event_type.decided,
            "probability": _rounded(row.event_type.probability),
        }
    return said


def _from_dict(said: dict[str, Any]) -> Outcome:
    tags, event = said.get("tags"), said.get("event_type")
    return Outcome(
        said["id"],
        said["text"],
        tags and TagOutcome(tuple(tags["true"]), tuple(tags["decided"]), tags["probability"], tags["precision_at_3"]),
        event and EventOutcome(event["true"], event["decided"], event["probability"]),
    )


def _rounded(probability: dict[str, float]) -> dict[str, float]:
    return {label: round(value, 4) for label, value in probability.items()}
