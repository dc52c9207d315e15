"""A head's classifiers as a problem over row files: which rows, which columns, which labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from slugline.learn.stream.kernel import take_rows
from slugline.learn.stream.rows import RowFiles

_KEYS = ("deal", "fold", "id", "day")


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Rows of some files that a head learns from, with their places in their files and their labels.

    `pieces` are, for each file, its number and where its rows begin and end here.
    """

    pieces: tuple[tuple[int, int, int], ...]
    place: NDArray[np.int64]  # (n,)
    indptr: NDArray[np.int64]  # (n + 1,)
    indices: NDArray[np.int32]  # (nnz,) of the head's own columns
    data: NDArray[np.float32]  # (nnz,)
    square: NDArray[np.float32]  # (n,), every row's squared length, plus 1 for the intercept
    truth: NDArray[np.bool_]  # (n, L)
    keys: dict[str, NDArray[Any]]  # "deal", "fold", "id", "day" of each row, where they were asked for

    def __len__(self) -> int:
        return len(self.place)

    def matrix(self, width: int, chosen: NDArray[np.bool_] | None = None) -> csr_matrix:
        """The rows, or those `chosen` (n,), as float32 (m, width)."""
        found = csr_matrix((self.data, self.indices, self.indptr), shape=(len(self), width))
        return found if chosen is None else found[chosen]


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """L one-against-rest problems over the rows that are annotated for a head.

    `column` (d,) is the place of each term among the head's own `width` columns, -1 where the head does not learn from
    it. `event_column` is the label of each event type, -1 where it is none of them, and `event_used` says whether rows
    of each type take part; both are None for tags.
    """

    files: RowFiles
    column: NDArray[np.int32]
    width: int
    labels: tuple[str, ...]
    event_column: NDArray[np.int32] | None = None
    event_used: NDArray[np.bool_] | None = None

    def block(self, group: Sequence[int], labels: slice, *, keys: bool = True) -> Block:
        """The rows of the files numbered in `group`, one after the other, with `keys` or without."""
        wanted = _KEYS if keys else ()
        entries = sum(self.files.entries(number) for number in group)
        # Of the rows that do not take part nothing is written, so that they take no memory.
        indices, data = np.empty(entries, dtype=np.int32), np.empty(entries, dtype=np.float32)
        parts: list[_Part] = []
        end = 0
        for number in group:
            parts.append(self._part(number, labels, wanted, indices[end:], data[end:]))
            end += int(parts[-1].lengths.sum())
        lengths = np.concatenate([part.lengths for part in parts])
        ends = np.concatenate([[0], np.cumsum([len(part.place) for part in parts])]).tolist()
        return Block(
            tuple(zip(group, ends[:-1], ends[1:], strict=True)),
            np.concatenate([part.place for part in parts]),
            np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
            indices[:end],
            data[:end],
            np.concatenate([part.square for part in parts]),
            np.concatenate([part.truth for part in parts]),
            {key: np.concatenate([part.keys[key] for part in parts]) for key in wanted},
        )

    def _part(
        self,
        number: int,
        labels: slice,
        keys: Sequence[str],
        indices: NDArray[np.int32],
        data: NDArray[np.float32],
    ) -> _Part:
        """The rows of one file, whose entries are written to the beginning of `indices` and `data`."""
        kind = ("tag", "tag_ptr", "tagged") if self.event_column is None else ("event",)
        arrays = self.files.load(number, "indptr", "indices", "data", *keys, *kind)
        count = len(arrays["indptr"]) - 1
        low, high = labels.start, labels.stop
        truth = np.zeros((count, high - low), dtype=np.bool_)
        if self.event_column is None or self.event_used is None:
            used = arrays["tagged"]
            rows = np.repeat(np.arange(count), np.diff(arrays["tag_ptr"]))
            places = arrays["tag"]
        else:
            used = np.append(self.event_used, False)[arrays["event"]]
            rows, places = np.arange(count), np.append(self.event_column, -1)[arrays["event"]]
        mine = (places >= low) & (places < high)
        truth[rows[mine], places[mine] - low] = True
        place = np.flatnonzero(used)
        lengths, square = np.zeros(len(place), dtype=np.int64), np.zeros(len(place), dtype=np.float32)
        take_rows(
            arrays["indptr"], arrays["indices"], arrays["data"], place, self.column, indices, data, lengths, square
        )
        return _Part(place, lengths, square, truth[used], {key: arrays[key][used] for key in keys})


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """As `Block`, of one file: `lengths` (n,) are the entries of each row."""

    place: NDArray[np.int64]
    lengths: NDArray[np.int64]
    square: NDArray[np.float32]
    truth: NDArray[np.bool_]
    keys: dict[str, NDArray[Any]]


def own_columns(view: NDArray[np.uint8], heads: Sequence[str], head: str) -> tuple[NDArray[np.int32], int]:
    """The place of each term (d,) among those that `head` learns from, and how many these are.

    `view` (d,) is each term's view, `heads` what each view says of its heads.
    """
    mine = np.array([wanted in ("both", head) for wanted in heads])[view]
    column = np.full(len(view), -1, dtype=np.int32)
    column[mine] = np.arange(np.count_nonzero(mine))
    return column, int(np.count_nonzero(mine))
