"""Many linear classifiers over the same terms: their weights, their scores, and the reasons for a score."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from slugline.errors import ModelFileError
from slugline.features.arrays import ragged
from slugline.records import record

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from slugline.features.tfidf import Rows

HEAD_ARRAYS = ("indptr", "indices", "weights", "scale", "intercept", "thresholds", "slope", "offset")
"""A head's arrays."""

WEIGHT_DTYPES = (np.int8, np.float16, np.float32)
"""How weights may be kept. Whole numbers are multiples of their label's scale."""

# A whole number of so many bits, times one of 7, is still a whole number that float64 holds: sums of them are exact.
_BITS = 45

# Products summed at a time: small enough for the processor's cache, large enough that numpy's overhead does not count.
_CHUNK = 1 << 17


@record(frozen=True, slots=True, eq=False)
class LinearHead:
    """The weights of L linear classifiers over d terms, and how their scores become probabilities and decisions.

    The score of label l is the sum of weight times value over an article's terms, plus `intercept[l]`; its probability
    is sigmoid (tags) of `slope[l] * score + offset[l]`, or softmax over labels (event type) of `decide.event_logits`. A
    tag is decided where its score is at least `thresholds[l]` (+inf: never). The weights are compressed rows: those of
    term i are `weights[indptr[i]:indptr[i + 1]]`, each times its label's `scale`, for the labels
    `indices[indptr[i]:indptr[i + 1]]`. Weights are kept as they are stored and may be memory-mapped; they become
    float64 where they are used.

    `rule` names how tags are decided, one of `decide.TAG_RULES` (event type: "argmax"). With `fallback`, an article
    with no tag at its threshold gets the one with the highest score minus threshold, if its probability is
    `fallback_from` or more; by the rule "rank" at most `rank` tags are given. The event type abstains where its
    probability is below `abstain_below`; `power` is that of `decide.event_logits`.
    """

    labels: tuple[str, ...]
    indptr: NDArray[np.integer[Any]]  # (d + 1,) uint32 or int64
    indices: NDArray[np.integer[Any]]  # (nnz,) uint8, uint16 or int32
    weights: NDArray[Any]  # (nnz,) one of WEIGHT_DTYPES
    scale: NDArray[np.float32]  # (L,)
    intercept: NDArray[np.float64]  # (L,)
    thresholds: NDArray[np.float64]  # (L,)
    slope: NDArray[np.float64]  # (L,)
    offset: NDArray[np.float64]  # (L,)
    rule: str
    fallback: bool = False
    abstain_below: float = 0.0
    fallback_from: float = 0.0
    rank: int = 0
    power: float = 0.0

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
        dtype: type[np.generic] = np.float32,
        cutoff: NDArray[np.float64] | None = None,
        block: int = 4096,
    ) -> LinearHead:
        """Compress `coef` (L, d), `block` terms at a time, keeping weights in `dtype`, one of WEIGHT_DTYPES.

        Zeros are dropped, and weights not above their label's `cutoff` (L,). int8 keeps the nearest of 255 multiples of
        a label's scale, 1/127 of its largest weight. Thresholds and offsets that are not given are 0, slopes 1.
        Raises ValueError where shapes disagree or a value is not finite.
        """
        count, terms = coef.shape
        if len(labels) != count or intercept.shape != (count,):
            raise ValueError(f"{len(labels)} labels, coef {coef.shape}, intercept {intercept.shape}")
        scale = np.ones(count, dtype=np.float32)
        if dtype is np.int8 and terms:
            largest = np.array([max(row.max(), -row.min()) for row in coef], dtype=np.float32)
            scale = np.where(largest > 0, largest / np.float32(127), np.float32(1))
        indptr = np.zeros(terms + 1, dtype=np.int64)
        narrow = np.uint8 if count <= 1 << 8 else np.uint16 if count <= 1 << 16 else np.int32
        indices: list[NDArray[Any]] = [np.zeros(0, narrow)]
        weights: list[NDArray[Any]] = [np.zeros(0, dtype)]
        for start in range(0, terms, block):
            part = np.ascontiguousarray(coef[:, start : start + block].T, dtype=np.float32)
            if not np.isfinite(part).all():
                raise ValueError("coef holds a value that is not finite")
            if cutoff is not None:
                part[np.abs(part) <= cutoff.astype(np.float32)] = 0
            kept = (np.rint(part / scale) if dtype is np.int8 else part).astype(dtype)
            if not np.isfinite(kept).all():
                raise ValueError(f"coef holds a value too large for {np.dtype(dtype).name}")
            rows, columns = np.nonzero(kept)
            indptr[start + 1 : start + 1 + len(part)] = np.bincount(rows, minlength=len(part))
            indices.append(columns.astype(narrow))
            weights.append(kept[rows, columns])
        return cls(
            labels=tuple(labels),
            indptr=np.cumsum(indptr).astype(np.uint32 if indptr.sum() < 1 << 32 else np.int64),
            indices=np.concatenate(indices),
            weights=np.concatenate(weights),
            scale=scale,
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

        An article's scores do not depend on the others in `rows`: weights that are whole numbers are added up exactly
        (`fixed_point`), others one after the other. Raises ModelFileError where the weights are damaged.
        """
        values, shift = self.values(rows)
        return self.finished(self.sums(rows, values), shift)

    def values(self, rows: Rows) -> tuple[NDArray[np.float64], NDArray[np.int32] | None]:
        """The values that weights are multiplied with, and by how many bits each article's are shifted (None: not)."""
        return fixed_point(rows) if self.weights.dtype == np.int8 else (rows.values, None)

    def finished(self, sums: NDArray[np.float64], shift: NDArray[np.int32] | None) -> NDArray[np.float64]:
        """Scores from sums of weight times value, (N, L). Raises ModelFileError where one is not finite."""
        if shift is not None:
            sums = np.ldexp(sums, -shift[:, None])
        with np.errstate(invalid="ignore", over="ignore"):
            scores: NDArray[np.float64] = sums * self.scale + self.intercept
        if not np.isfinite(scores).all():
            raise ModelFileError("damaged: a score is not a finite number")
        return scores

    def sums(self, rows: Rows, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Of each of N articles and L labels the sum of weight times value, (N, L), added up in the order of terms.

        `values` are those of `rows`, or whole numbers in their place. Raises ModelFileError for damaged weights.
        """
        count = len(self.labels)
        out = np.empty((len(rows), count))
        starts = self.indptr[rows.indices].astype(np.int64)
        stops = self.indptr[rows.indices + 1].astype(np.int64)
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
            contributions = np.repeat(values[low:high], each)
            contributions *= self.weights[places]
            sums = np.bincount(cells, weights=contributions, minlength=(last - first) * count)
            out[first:last] = sums.reshape(last - first, count)
            first = last
        return out

    def contributions(self, indices: NDArray[np.int64], values: NDArray[np.float64], label: int) -> NDArray[np.float64]:
        """What each term of one article adds to one label's score: weight times scale times value, float64 (terms,).

        Their sum and `intercept[label]` are the score.
        """
        starts = self.indptr[indices].astype(np.int64)
        lengths = self.indptr[indices + 1].astype(np.int64) - starts
        places = ragged(starts, lengths)
        at = np.flatnonzero(self.indices[places] == label)
        owner = np.searchsorted(np.cumsum(lengths), at, side="right")
        # All of them, so that a file which repeats a label still explains the score that it gives.
        weights = np.bincount(owner, weights=self.weights[places[at]], minlength=len(indices))
        return np.asarray(weights * values * float(self.scale[label]))


def fixed_point(rows: Rows) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """Values as whole numbers (nnz,), and by how many bits each article's were shifted for that, (N,).

    They are rounded at about 1e-11 of the article's largest. A sum of whole numbers times int8 weights is exact in
    float64 in whatever order it is made, on any processor and by any library, as no partial sum needs more than 53
    bits.
    """
    counts = np.diff(rows.indptr)
    full = np.flatnonzero(counts)
    largest = np.zeros(len(counts))
    if len(full):
        largest[full] = np.maximum.reduceat(np.abs(rows.values), rows.indptr[full])
    shift = _BITS - np.frexp(largest)[1] - np.frexp(counts.astype(np.float64))[1]
    return np.rint(np.ldexp(rows.values, np.repeat(shift, counts))), shift
