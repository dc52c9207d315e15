"""The model file: one safetensors file with every array and a JSON manifest, written atomically and read by mapping."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from slugline.features.vocabulary import Vocabulary

FORMAT = 1
"""The format number that this version writes."""


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
        """Compress `coef` (L, d), dropping zeros, `block` terms at a time. Missing thresholds and offsets are 0, slopes 1.

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


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a model file says of itself. Every value is plain JSON.

    `config` is `Config.to_dict()`. `corpus` holds name, digest, articles, train, held_out, split method and digest,
    dates and licence, where known. `groups` gives each event-type label its taxonomy group. `metrics` is what evaluate
    wrote, head by head. `self_test` is a list of `{"title", "body", "scores": {head: {label: score}}}`.
    """

    config: dict[str, Any]
    corpus: dict[str, Any] = field(default_factory=dict)
    groups: dict[str, str] = field(default_factory=dict)
    metrics: dict[str, Any] = field(default_factory=dict)
    self_test: list[dict[str, Any]] = field(default_factory=list)
    libraries: dict[str, str] = field(default_factory=dict)
    slugline: str = ""
    format: int = FORMAT


@dataclass(frozen=True, slots=True, eq=False)
class Bundle:
    """A whole model. `idf` is float64 (d,). `digest` and `path` are empty until it has been written and read."""

    manifest: Manifest
    vocabulary: Vocabulary
    idf: NDArray[np.float64]
    tags: LinearHead | None = None
    event_type: LinearHead | None = None
    digest: str = ""
    path: Path | None = None
