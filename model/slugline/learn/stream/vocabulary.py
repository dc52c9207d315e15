"""The second pass: which terms a model has, counted exactly on the training articles, and how they are spelled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from slugline.config import FeatureConfig, ViewConfig
from slugline.errors import CorpusError
from slugline.features.tfidf import Tfidf, smooth_idf
from slugline.features.vocabulary import Vocabulary
from slugline.learn.stream.plan import Plan
from slugline.learn.stream.sides import TRAINING
from slugline.learn.stream.spool import Spool
from slugline.progress import Progress, silent

_NAME = "vocabulary"


@dataclass(frozen=True, slots=True, eq=False)
class Terms:
    """The model's terms: `hashes` ascending, the column of each, and the view that each column belongs to."""

    hashes: NDArray[np.uint64]  # (d,)
    columns: NDArray[np.int32]  # (d,)
    view: NDArray[np.uint8]  # (d,) by column
    tfidf: Tfidf
    min_df: tuple[int, ...]

    def find(self, hashes: NDArray[np.uint64]) -> NDArray[np.int32]:
        """The column of each of these terms, int32 (U,); -1 where the model does not have it."""
        place = np.minimum(np.searchsorted(self.hashes, hashes), len(self.hashes) - 1)
        return np.where(self.hashes[place] == hashes, self.columns[place], np.int32(-1))


def fix_vocabulary(plan: Plan, config: FeatureConfig, spool: Spool, most: int, progress: Progress = silent) -> Terms:
    """Count the candidates of the first pass exactly on the training articles, and choose as `fit_tfidf` does.

    Where more than `most` terms are left, the rarest go: `min_df` of every view is raised until they fit, and the
    result says to what. Raises CorpusError if no term is left.
    """
    if not spool.has(_NAME):
        candidates = spool.load("candidates")["hash"]
        counted = _count(plan, spool, candidates, progress)
        chosen, raised = _choose(counted, config.views, plan.trained.articles, most, spool, plan)
        spelled = _spell(spool, plan, candidates[chosen])
        order = np.array(sorted(range(len(chosen)), key=spelled.__getitem__), dtype=np.int64)
        columns = np.empty(len(order), dtype=np.int32)
        columns[order] = np.arange(len(order))
        blob = np.frombuffer(b"".join(spelled[place] for place in order), dtype=np.uint8)
        offsets = np.zeros(len(order) + 1, dtype=np.int64)
        np.cumsum([len(spelled[place]) for place in order], out=offsets[1:])
        idf = smooth_idf(counted.articles[chosen][order], plan.trained.articles).astype(np.float32)
        spool.save(
            _NAME,
            {
                "hash": candidates[chosen],
                "column": columns,
                "view": counted.view[chosen][order],
                "blob": blob,
                "offsets": offsets.astype(np.uint32) if offsets[-1] < 1 << 32 else offsets,
                "idf": idf,
                "min_df": np.array(raised, dtype=np.int64),
            },
        )
    kept = spool.load(_NAME)
    tfidf = Tfidf(Vocabulary(kept["blob"], kept["offsets"]), kept["idf"], config)
    return Terms(kept["hash"], kept["column"], kept["view"], tfidf, tuple(kept["min_df"].tolist()))


@dataclass(frozen=True, slots=True, eq=False)
class _Counted:
    """Of each candidate: training articles with it, occurrences in them, and its view; (T,) each."""

    articles: NDArray[np.int64]
    occurrences: NDArray[np.int64]
    view: NDArray[np.uint8]


def _count(plan: Plan, spool: Spool, candidates: NDArray[np.uint64], progress: Progress) -> _Counted:
    articles = np.zeros(len(candidates), dtype=np.int64)
    occurrences = np.zeros(len(candidates), dtype=np.int64)
    view = np.zeros(len(candidates), dtype=np.uint8)
    for number, _, chunk, sides in plan.chunks(spool, "hash", "view", "term", "article", "count"):
        progress("choosing terms", number, len(plan.sizes))
        used = (sides == TRAINING)[chunk["article"]]
        size = len(chunk["hash"])
        own = np.bincount(chunk["term"][used], minlength=size)
        times = np.bincount(chunk["term"][used], weights=chunk["count"][used], minlength=size).astype(np.int64)
        place = np.minimum(np.searchsorted(candidates, chunk["hash"]), max(len(candidates) - 1, 0))
        known = candidates[place] == chunk["hash"] if len(candidates) else np.zeros(size, dtype=bool)
        # A chunk has a term once, so that no place comes twice.
        articles[place[known]] += own[known]
        occurrences[place[known]] += times[known]
        view[place[known]] = chunk["view"][known]
    progress("choosing terms", len(plan.sizes), len(plan.sizes))
    return _Counted(articles, occurrences, view)


def _choose(
    counted: _Counted, views: Sequence[ViewConfig], articles: int, most: int, spool: Spool, plan: Plan
) -> tuple[NDArray[np.int64], list[int]]:
    """The numbers of the candidates to keep, ascending, and the least articles that each view came to ask for."""
    least = [view.min_df for view in views]
    while True:
        kept: list[NDArray[np.int64]] = []
        for number, view in enumerate(views):
            within = (counted.articles >= least[number]) & (counted.articles <= view.max_df * articles)
            found = np.flatnonzero(within & (counted.view == number))
            if view.max_terms and len(found) > view.max_terms:
                found = _most_frequent(found, counted, view.max_terms, spool, plan)
            kept.append(found)
        chosen = np.sort(np.concatenate(kept))
        if not len(chosen):
            limits = ", ".join(f"{low} and at most {view.max_df:.0%}" for low, view in zip(least, views, strict=True))
            raise CorpusError(
                "no term to learn from",
                found=f"no term in at least {limits} of {articles} articles",
                expected="more articles, a smaller min_df or a larger max_df in features.views, or more memory",
            )
        if len(chosen) <= most:
            return chosen, least
        least = [low + 1 for low in least]


def _most_frequent(
    found: NDArray[np.int64], counted: _Counted, most: int, spool: Spool, plan: Plan
) -> NDArray[np.int64]:
    """The `most` terms that occur most; of those that occur as often as the last, the first in order."""
    times = counted.occurrences[found]
    last = np.partition(times, len(times) - most)[len(times) - most]
    sure, equal = found[times > last], found[times == last]
    spelled = _spell(spool, plan, spool.load("candidates")["hash"][equal])
    order = sorted(range(len(equal)), key=spelled.__getitem__)[: most - len(sure)]
    return np.concatenate([sure, equal[order]])


def _spell(spool: Spool, plan: Plan, hashes: NDArray[np.uint64]) -> list[bytes]:
    """The UTF-8 bytes of the terms with these `hashes`, which ascend."""
    spelled: list[bytes] = [b""] * len(hashes)
    for number in range(len(plan.sizes)):
        chunk = spool.load(f"chunk-{number:06d}", "hash", "entered", "blob", "offsets")
        own = chunk["hash"][chunk["entered"]]
        place = np.minimum(np.searchsorted(hashes, own), max(len(hashes) - 1, 0))
        whole, ends = chunk["blob"].tobytes(), chunk["offsets"].tolist()
        for term in np.flatnonzero(hashes[place] == own).tolist() if len(hashes) else ():
            spelled[place[term]] = whole[ends[term] : ends[term + 1]]
    return spelled
