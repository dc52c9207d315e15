"""The tags over which a model is measured: those of its head, and those that it knows by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from slugline.article import Labels
from slugline.bundle import Bundle
from slugline.corpus.tags import tag_key
from slugline.names import NameModel
from slugline.verdicts import Verdicts


@dataclass(frozen=True, slots=True, eq=False)
class TagColumns:
    """N annotated articles, `rows` of all, over L tags; `unknown` are each article's true tags that no column has."""

    rows: list[int]
    labels: tuple[str, ...]
    truth: NDArray[np.bool_]  # (N, L)
    probability: NDArray[np.float64]  # (N, L)
    decided: NDArray[np.bool_]  # (N, L)
    unknown: list[list[str]]


def tag_columns(bundle: Bundle, verdicts: Verdicts, labels: Sequence[Labels]) -> TagColumns:
    """What is to be measured of `verdicts`: the tags of the head, and of those that the model knows by name alone the
    ones that an article mentions or has.

    A tag that the model knows by name and an article has without mentioning it has the probability 0 there.
    """
    rows = [number for number, label in enumerate(labels) if label.tags is not None]
    names = bundle.sections.get("names")
    by_name = names.labels[names.heads :] if isinstance(names, NameModel) else ()
    if "tree" in bundle.sections and bundle.tags is not None:
        # Only the candidates of these articles have columns.
        by_name = (*by_name, *bundle.tags.labels)
    known = {tag_key(tag): tag for tag in (*by_name, *verdicts.tag_labels)}
    column = {tag_key(tag): number for number, tag in enumerate(verdicts.tag_labels)}
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
    truth = np.zeros((len(rows), len(verdicts.tag_labels) + len(more)), dtype=bool)
    if cells:
        truth[tuple(np.array(cells).T)] = True
    wider = ((0, 0), (0, len(more)))
    return TagColumns(
        rows,
        (*verdicts.tag_labels, *more),
        truth,
        np.pad(verdicts.tag_probabilities[rows], wider),
        np.pad(verdicts.tag_decisions[rows], wider),
        unknown,
    )


def training_articles(columns: TagColumns, trained: Mapping[str, int]) -> dict[str, int]:
    """How many training articles each tag of `columns` had, as the model file's `trained` counts say."""
    by_key = {tag_key(tag): count for tag, count in trained.items()}
    every = (*columns.labels, *(tag for own in columns.unknown for tag in own))
    return {tag: by_key.get(tag_key(tag), 0) for tag in every}
