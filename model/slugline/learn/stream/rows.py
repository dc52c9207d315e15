"""The third pass: TF-IDF rows of the training articles with their labels, in files that fitting reads repeatedly."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from slugline.config import LearnConfig
from slugline.features.tfidf import weigh
from slugline.learn.stream.deal import Dealer
from slugline.learn.stream.plan import Plan
from slugline.learn.stream.sides import TRAINING
from slugline.learn.stream.spool import Spool
from slugline.learn.stream.vocabulary import Terms
from slugline.progress import Progress, silent


@dataclass(frozen=True, slots=True, eq=False)
class RowFiles:
    """The training rows on disk: the first row of every file, and one more, the number of all.

    `counts` are the entries of each file's rows. A file has the compressed rows (`indptr` int64, `indices` int32,
    `data` float32), `tag_ptr` and `tag` (columns of the tags to learn), `tagged`, `event` (numbers of event types, -1:
    not annotated), `row` (places in the chunk), and keys: `deal` (the fold of the tag head), `fold` (articles of the
    same words share it), `id`, and `day`.
    """

    spool: Spool
    starts: NDArray[np.int64]
    counts: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def rows(self) -> int:
        """How many training articles there are."""
        return int(self.starts[-1])

    def entries(self, number: int) -> int:
        """How many entries the rows of one file have."""
        return int(self.counts[number])

    def load(self, number: int, *keys: str) -> dict[str, NDArray[Any]]:
        """Arrays of one file, all by default."""
        return self.spool.load(f"rows-{number:06d}", *keys)

    def each(self, *keys: str) -> Iterator[tuple[int, dict[str, NDArray[Any]]]]:
        """Every file's first row and arrays."""
        for number in range(len(self)):
            yield int(self.starts[number]), self.load(number, *keys)


def make_rows(
    plan: Plan, terms: Terms, tags: Sequence[str], learn: LearnConfig, spool: Spool, progress: Progress = silent
) -> RowFiles:
    """Weigh the terms of every chunk's training articles, or of what is not yet done; chunks are removed when done."""
    column = plan.columns(tags)
    counts = np.array([plan.trained.tags[tag] for tag in tags], dtype=np.int64)
    dealer = Dealer(counts, learn.folds, learn.seed, plan.sides.alike)
    sizes: list[int] = []
    entries: list[int] = []
    start = 0
    for number, size in enumerate(plan.sizes):
        progress("weighing terms", number, len(plan.sizes))
        name, chunk_name = f"rows-{number:06d}", f"chunk-{number:06d}"
        if spool.has(name):
            arrays = spool.load(name, "row", "tag", "tag_ptr", "deal", "indptr")
            dealer.replay(start, arrays["row"], arrays, size)
        else:
            arrays = _rows(spool.load(chunk_name), start, plan, terms, column)
            arrays["deal"] = dealer.deal(start, arrays["row"], arrays, size)
            spool.save(name, arrays)
        spool.remove(chunk_name)
        sizes.append(len(arrays["row"]))
        entries.append(int(arrays["indptr"][-1]))
        start += size
    progress("weighing terms", len(plan.sizes), len(plan.sizes))
    starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    return RowFiles(spool, starts, np.array(entries, dtype=np.int64))


def _rows(
    chunk: dict[str, NDArray[Any]], start: int, plan: Plan, terms: Terms, column: NDArray[np.int32]
) -> dict[str, NDArray[Any]]:
    sides = plan.sides_of(chunk, start)
    mine = np.flatnonzero(sides == TRAINING)
    place = np.full(len(sides), -1)
    place[mine] = np.arange(len(mine))
    column_of = terms.find(chunk["hash"])
    used = np.flatnonzero((column_of >= 0)[chunk["term"]] & (place >= 0)[chunk["article"]])
    # By column first: then by article is a stable sort of small numbers.
    used = used[np.argsort(column_of[chunk["term"][used]], kind="stable")]
    used = used[np.argsort(chunk["article"][used], kind="stable")]
    term = chunk["term"][used]
    article = place[chunk["article"][used]]
    values = weigh(
        article, chunk["view"][term], column_of[term], chunk["count"][used], terms.tfidf.idf, terms.tfidf.config
    )
    articles = np.repeat(place, np.diff(chunk["tag_ptr"]))
    own = column[chunk["tag"]] if len(column) else np.zeros(0, dtype=np.int32)
    kept = (articles >= 0) & (own >= 0)
    # Two raw tags of an article may be one; np.unique also brings them into order.
    pairs = np.unique(articles[kept] * (len(column) + 1) + own[kept])
    days = plan.sides.effective(chunk["day"], start)
    return {
        "indptr": np.concatenate([[0], np.cumsum(np.bincount(article, minlength=len(mine)))]).astype(np.int64),
        "indices": column_of[term],
        "data": values.astype(np.float32),
        "tag": (pairs % (len(column) + 1)).astype(np.int32),
        "tag_ptr": np.concatenate([[0], np.cumsum(np.bincount(pairs // (len(column) + 1), minlength=len(mine)))]),
        "row": mine,
        "tagged": chunk["tagged"][mine],
        "event": chunk["event"][mine],
        "fold": chunk["shingle"][mine],
        "id": chunk["id"][mine],
        "day": days[mine],
    }
