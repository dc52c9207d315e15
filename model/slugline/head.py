"""Many linear classifiers over the same terms: their weights, their scores, and the reasons for a score."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from slugline.errors import ModelFileError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from slugline.features.tfidf import Rows

HEAD_ARRAYS = {
    "indptr": np.int64,
    "indices": np.int32,
    "weights": np.float32,
    "intercept": np.float64,
    "thresholds": np.float64,
    "slope": np.float64,
    "offset": np.float64,
}
"""A head's arrays and their dtypes."""

# Products summed at a time: small enough for the processor's cache, large enough that numpy's overhead does not count.
_CHUNK = 1 << 17


@dataclass(frozen=True, slots=True, eq=False)
class LinearHead:
    """The weights of L linear classifiers over d terms, and how their scores become probabilities and decisions.

    The score of label l is the sum of weight times value over an article's terms, plus `intercept[l]`; its probability
    is sigmoid (tags) or softmax over labels (event type) of `slope[l] * score + offset[l]`. A tag is decided where its
    score is at least `thresholds[l]` (+inf: never). The weights are compressed rows: those of term i are
    `weights[indptr[i]:indptr[i + 1]]` for the labels `indices[indptr[i]:indptr[i + 1]]`.

    `rule` names how thresholds were chosen ("scutfbr", "scut", "zero"; event type: "argmax"). With `fallback`, an
    article with no tag at its threshold gets the one with the highest score minus threshold. The event type abstains
    where its probability is below `abstain_below`.
    """

    labels: tuple[str, ...]
    indptr: NDArray[np.int64]  # (d + 1,)
    indices: NDArray[np.int32]  # (nnz,)
    weights: NDArray[np.float32]  # (nnz,)
    intercept: NDArray[np.float64]  # (L,)
    thresholds: NDArray[np.float64]  # (L,)
    slope: NDArray[np.float64]  # (L,)
    offset: NDArray[np.float64]  # (L,)
    rule: str
    fallback: bool = False
    abstain_below: float = 0.0

    @classmethod
    def from_dense(
        cls,
        labels: tuple[str, ...],
        coef: NDArray[np.float64],
        intercept: NDArray[np.float64],
        *,
        thresholds: NDArray[np.float64] | None = None,
        slope: NDArray[np.float64] | None = None,
        offset: NDArray[np.float64] | None = None,
        rule: str = "zero",
        fallback: bool = False,
        abstain_below: float = 0.0,
        block: int = 4096,
    ) -> LinearHead:
        """Compress `coef` (L, d), dropping zeros, `block` terms at a time.

        Thresholds and offsets that are not given are 0, slopes 1.
        Raises ValueError where shapes disagree or a value is not finite.
        """
        count, terms = coef.shape
        if len(labels) != count or intercept.shape != (count,):
            raise ValueError(f"{len(labels)} labels, coef {coef.shape}, intercept {intercept.shape}")
        indptr = np.zeros(terms + 1, dtype=np.int64)
        indices: list[NDArray[np.int32]] = []
        weights: list[NDArray[np.float32]] = []
        for start in range(0, terms, block):
            part = np.ascontiguousarray(coef[:, start : start + block].T, dtype=np.float32)
            if not np.isfinite(part).all():
                raise ValueError("coef holds a value that is not finite")
            rows, columns = np.nonzero(part)
            indptr[start + 1 : start + 1 + len(part)] = np.bincount(rows, minlength=len(part))
            indices.append(columns.astype(np.int32))
            weights.append(part[rows, columns])
        return cls(
            labels=tuple(labels),
            indptr=np.cumsum(indptr),
            indices=np.concatenate(indices) if indices else np.zeros(0, np.int32),
            weights=np.concatenate(weights) if weights else np.zeros(0, np.float32),
            intercept=np.asarray(intercept, dtype=np.float64),
            thresholds=np.zeros(count) if thresholds is None else np.asarray(thresholds, dtype=np.float64),
            slope=np.ones(count) if slope is None else np.asarray(slope, dtype=np.float64),
            offset=np.zeros(count) if offset is None else np.asarray(offset, dtype=np.float64),
            rule=rule,
            fallback=fallback,
            abstain_below=abstain_below,
        )

    def scores(self, rows: Rows) -> NDArray[np.float64]:
        """The score of each of N articles for each of L labels, (N, L) float64.

        An article's scores do not depend on the others in `rows`. Raises ModelFileError where the weights are damaged.
        """
        count = len(self.labels)
        out = np.empty((len(rows), count))
        starts, stops = self.indptr[rows.indices], self.indptr[rows.indices + 1]
        products = np.zeros(len(rows.indices) + 1, dtype=np.int64)
        np.cumsum(stops - starts, out=products[1:])
        upto = products[rows.indptr]
        first = 0
        while first < len(rows):
            last = max(first + 1, int(np.searchsorted(upto, upto[first] + _CHUNK, side="right")) - 1)
            last = min(last, len(rows))
            low, high = int(rows.indptr[first]), int(rows.indptr[last])
            each = stops[low:high] - starts[low:high]
            places = np.repeat(starts[low:high] - (products[low:high] - products[low]), each)
            places += np.arange(len(places))
            labels = self.indices[places]
            if len(labels) and not (labels.min() >= 0 and labels.max() < count):
                raise ModelFileError("damaged: a weight belongs to no label")
            article = np.repeat(np.arange(last - first), np.diff(rows.indptr[first : last + 1]))
            cells = np.repeat(article * count, each) + labels
            contributions = self.weights[places] * np.repeat(rows.values[low:high], each)
            sums = np.bincount(cells, weights=contributions, minlength=(last - first) * count)
            out[first:last] = sums.reshape(last - first, count) + self.intercept
            first = last
        if not np.isfinite(out).all():
            raise ModelFileError("damaged: a score is not a finite number")
        return out

    def contributions(self, indices: NDArray[np.int64], values: NDArray[np.float64], label: int) -> NDArray[np.float64]:
        """What each term of one article adds to the score of one label: weight times value, float64 (terms,).

        Their sum and `intercept[label]` are the score.
        """
        found = np.zeros(len(indices))
        for place, (term, value) in enumerate(zip(indices.tolist(), values.tolist(), strict=True)):
            start, stop = int(self.indptr[term]), int(self.indptr[term + 1])
            at = np.flatnonzero(self.indices[start:stop] == label)
            # All of them, so that a file which repeats a label still explains the score that it gives.
            found[place] = float(self.weights[start:stop][at].astype(np.float64).sum()) * value
        return found
