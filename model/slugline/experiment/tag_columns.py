"""The tags over which a model is measured: those of its head, and those that it knows by name."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from slugline.article import Article, Labels
from slugline.bundle import Bundle
from slugline.corpus.tags import tag_key
from slugline.decide import NOT_MENTIONED
from slugline.evaluate.metrics import Flags
from slugline.experiment.joined import joined
from slugline.names import NameModel
from slugline.predict import Predictor
from slugline.verdicts import Verdicts

_TOGETHER = 1024  # articles that are copied at once


@dataclass(frozen=True, slots=True, eq=False)
class TagVerdicts:
    """What a model says of the tags `labels`, L of them, in N articles: arrays, or of a label tree both sparse."""

    labels: tuple[str, ...]
    probability: NDArray[np.float64] | csr_array  # (N, L)
    decided: Flags  # (N, L)


@dataclass(frozen=True, slots=True, eq=False)
class TagColumns:
    """N annotated articles, `rows` of all, over L tags; `unknown` are each article's true tags that no column has.

    What is (N, L) are arrays, or of a label tree all sparse.
    """

    rows: list[int]
    labels: tuple[str, ...]
    truth: Flags  # (N, L)
    probability: NDArray[np.float64] | csr_array  # (N, L)
    decided: Flags  # (N, L)
    unknown: list[list[str]]


def said_of(predictor: Predictor, articles: Sequence[Article]) -> tuple[Verdicts, TagVerdicts]:
    """The verdicts, without columns of tags, and what they say of tags. What a label tree says of N articles with k
    candidates each takes the memory of N times k numbers.
    """
    head = predictor.bundle.tags
    if "tree" not in predictor.bundle.sections or head is None:
        verdicts = predictor.verdicts(articles)
        of_tags = TagVerdicts(verdicts.tag_labels, verdicts.tag_probabilities, verdicts.tag_decisions)
        return _without_tags(verdicts), of_tags
    tags = predictor.labels(by_name=False)
    numbers = {label: number for number, label in enumerate(tags)}
    parts: list[Verdicts] = []
    cells: list[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64], NDArray[np.bool_]]] = []
    count = 0
    for block in predictor.verdict_blocks(articles):
        place, column = np.nonzero(block.tag_scores > NOT_MENTIONED)
        own = np.array([numbers[label] for label in block.tag_labels], dtype=np.int64)
        said = block.tag_probabilities[place, column], block.tag_decisions[place, column]
        cells.append((place + count, own[column], *said))
        parts.append(_without_tags(block))
        count += len(block.known)
    row, number, probability, decided = (np.concatenate(own) for own in zip(*cells, strict=True))
    columns, place = np.unique(number, return_inverse=True)
    shape = count, len(columns)
    given = np.flatnonzero(decided)
    return joined(parts), TagVerdicts(
        tuple(tags[number] for number in columns.tolist()),
        csr_array((probability, (row, place)), shape=shape),
        csr_array((decided[given], (row[given], place[given])), shape=shape),
    )


def tag_columns(bundle: Bundle, verdicts: TagVerdicts, labels: Sequence[Labels]) -> TagColumns:
    """What is to be measured of `verdicts`: the tags of the head, and of those that the model knows by name alone the
    ones that an article mentions or has. Tags of `labels` have the names that the model's have now (`labels_now`).

    A tag that the model knows by name and an article has without mentioning it has the probability 0 there.
    """
    rows = [number for number, label in enumerate(labels) if label.tags is not None]
    names = bundle.sections.get("names")
    by_name = names.labels[names.heads :] if isinstance(names, NameModel) else ()
    if "tree" in bundle.sections and bundle.tags is not None:
        # Only the candidates of these articles have columns.
        by_name = (*by_name, *bundle.tags.labels)
    if bundle.manifest.edits:
        by_name = bundle.tag_vocabulary().now(by_name)
    known = {tag_key(tag): tag for tag in (*by_name, *verdicts.labels)}
    column = {tag_key(tag): number for number, tag in enumerate(verdicts.labels)}
    cells: list[tuple[int, int]] = []
    unknown: list[list[str]] = [[] for _ in rows]
    more: list[str] = []
    for row, number in enumerate(rows):
        for tag in sorted(labels[number].tags or ()):
            key = tag_key(tag)
            if key not in known:
                unknown[row].append(tag)
                continue
            if key not in column:
                column[key] = len(column)
                more.append(known[key])
            cells.append((row, column[key]))
    found = np.array(cells, dtype=np.int64).reshape(-1, 2).T
    shape = len(rows), len(verdicts.labels) + len(more)
    known_labels = (*verdicts.labels, *more)
    if not isinstance(verdicts.probability, np.ndarray):
        probability, decided = (
            _widened(csr_array(one)[rows], shape) for one in (verdicts.probability, verdicts.decided)
        )
        true = csr_array((np.ones(found.shape[1], dtype=bool), tuple(found)), shape=shape)
        return TagColumns(rows, known_labels, true, probability, decided, unknown)
    truth = np.zeros(shape, dtype=bool)
    truth[tuple(found)] = True
    dense, given = (_copied(one, rows, shape) for one in (verdicts.probability, np.asarray(verdicts.decided)))
    return TagColumns(rows, known_labels, truth, dense, given, unknown)


def _without_tags(verdicts: Verdicts) -> Verdicts:
    nothing = np.zeros((len(verdicts.known), 0))
    none = dataclasses.replace(verdicts, tag_scores=nothing, tag_probabilities=nothing, tag_labels=(), origin=None)
    return dataclasses.replace(none, tag_decisions=nothing.astype(bool))


def _copied(values: NDArray[Any], rows: list[int], shape: tuple[int, int]) -> NDArray[Any]:
    """These rows, with further columns of zeros; large arrays are not copied where there is no need, nor twice."""
    if values.shape == shape:
        return values
    wider = np.zeros(shape, dtype=values.dtype)
    for start in range(0, len(rows), _TOGETHER):
        own = slice(start, start + _TOGETHER)
        wider[own, : values.shape[1]] = values[rows[own]]
    return wider


def _widened(values: csr_array, shape: tuple[int, int]) -> csr_array:
    """With further columns, in which there is nothing."""
    return csr_array((values.data, values.indices, values.indptr), shape=shape)


def training_articles(columns: TagColumns, trained: Mapping[str, int]) -> dict[str, int]:
    """How many training articles each tag of `columns` had, as the model file's `trained` counts say."""
    by_key = {tag_key(tag): count for tag, count in trained.items()}
    every = (*columns.labels, *(tag for own in columns.unknown for tag in own))
    return {tag: by_key.get(tag_key(tag), 0) for tag in every}
