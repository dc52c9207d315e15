"""Which articles are most worth a person's minute: those that the model doubts, no two of them alike. Numpy alone.

Uncertainty sampling (Lewis and Gale 1994, "A sequential algorithm for training text classifiers"): a label is in doubt
where its calibrated probability is near the one that decides. Of a tag the doubt is exp(-d), d the distance in logits,
and a tag of few training articles counts for more; an article has the sum of its `_LABELS` most doubtful tags
(multi-label: Brinker 2006, "On active learning in multi-label classification"). Of the event type it is one minus the
lead of the best type over the second (Scheffer, Decomain and Wrobel 2001). Diversity is by maximal marginal relevance
(Carbonell and Goldstein 1998) over the cosine of TF-IDF rows: from the most doubtful articles, one after another, each
for its doubt less what it repeats of those taken before (Brinker 2003, "Incorporating diversity in active learning").
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from slugline.article import Article, Prediction
from slugline.bundle import label_counts
from slugline.corpus.clean import clean_articles
from slugline.decide import CUTS
from slugline.features.tfidf import Rows, Tfidf
from slugline.feedback import article_digest
from slugline.records import record

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from slugline.predict import Predictor
    from slugline.verdicts import Verdicts

METHOD = "uncertainty sampling (Lewis and Gale 1994) with maximal marginal relevance (Carbonell and Goldstein 1998)"

ALIKE = 0.8
"""Articles of at least this cosine are near-duplicates: a person sees one of them."""

_LABELS = 3
_DIVERSITY = 0.3
"""What a repeated article loses, as a share of the highest doubt, for a cosine of 1."""

_POOL, _POOL_PER_PICK = 1000, 20
"""At least so many of the most doubtful articles are looked at for diversity."""

_NEVER = 1e9

_SHOWN = 0.25
"""A tag is in doubt from here on: its odds are within a factor of four of those that decide."""

_ASKED = 4
"""So many tags that are not decided are asked about at most."""


@record(frozen=True, slots=True)
class Pick:
    """An article that a person should look at, cleaned. `prediction` has the decided tags and those in doubt.

    `worth` is its doubt when it was chosen; `doubtful` are the labels that make most of it, the most doubtful first.
    """

    article: Article
    prediction: Prediction
    digest: str
    worth: float
    doubtful: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """The prediction's JSON object with "digest", "worth" (4 decimals) and "doubtful"."""
        found = self.prediction.to_dict()
        return found | {"digest": self.digest, "worth": round(self.worth, 4), "doubtful": list(self.doubtful)}


class Doubts:
    """How much a model doubts what it says of articles."""

    def __init__(self, predictor: Predictor) -> None:
        self._limits = _limits(predictor)
        self._others = _others_limit(predictor)
        self._rarity = _rarity(predictor)
        self._leaves = predictor.events.levels.leaves

    def tags(self, verdicts: Verdicts) -> NDArray[np.float64]:
        """Of each tag in [0, 1], (N, L): 1 at its threshold, less by a factor of e for each logit away from it."""
        limits = np.array([self._limits.get(label, self._others) for label in verdicts.tag_labels])
        return np.asarray(np.exp(-np.abs(_logit(verdicts.tag_probabilities) - limits)))

    def weighed(self, verdicts: Verdicts) -> NDArray[np.float64]:
        """The same, rare tags counting for more: (N, L)."""
        weight = np.array([self._rarity(label) for label in verdicts.tag_labels])
        return np.asarray(self.tags(verdicts) * weight)

    def event_types(self, verdicts: Verdicts) -> NDArray[np.float64]:
        """Of the event type in [0, 1], (N,): one minus the lead of the best over the second."""
        chance = verdicts.event_probabilities
        if chance.shape[1] < 2:
            return np.zeros(len(chance))
        two = -np.partition(-chance, 1, axis=1)[:, :2]
        return np.asarray(1.0 - (two[:, 0] - two[:, 1]))

    def of(self, verdicts: Verdicts) -> NDArray[np.float64]:
        """Of the articles, (N,): their most doubtful tags and their event type; 0 where no word is known."""
        doubt = self.weighed(verdicts)
        width = min(_LABELS, doubt.shape[1])
        best = -np.partition(-doubt, width - 1, axis=1)[:, :width] if width else doubt
        return np.asarray((best.sum(axis=1) + self.event_types(verdicts)) * verdicts.known)

    def doubtful(self, verdicts: Verdicts, row: int) -> tuple[str, ...]:
        """The labels of one article that are in doubt, the most doubtful first."""
        doubt, weighed = self.tags(verdicts)[row], self.weighed(verdicts)[row]
        decided = verdicts.tag_decisions[row]
        found = [(-weighed[n], verdicts.tag_labels[n]) for n in np.flatnonzero((doubt >= _SHOWN) & decided).tolist()]
        open_ = [(-weighed[n], verdicts.tag_labels[n]) for n in np.flatnonzero((doubt >= _SHOWN) & ~decided).tolist()]
        found += sorted(open_)[:_ASKED]
        event = float(self.event_types(verdicts)[row])
        if event >= 0.5 and (leaf := self._leaves[int(verdicts.event_probabilities[row].argmax())]):
            found.append((-event, leaf))
        return tuple(label for _, label in sorted(found))


def pick(
    predictor: Predictor,
    articles: Iterable[Article],
    count: int,
    *,
    reviewed: Collection[str] = (),
    on_progress: Callable[[int], None] = lambda _: None,
) -> list[Pick]:
    """The `count` articles most worth a look, the most first; fewer where there are not so many that differ.

    `reviewed` are digests (`feedback.article_digest`) of articles to leave out; of equal articles one is looked at.
    `articles` may be many: only the most doubtful stay in memory. `on_progress` is told how many were read.
    """
    doubts = Doubts(predictor)
    seen = set(reviewed)
    pool: list[tuple[float, int, Article]] = []
    most = max(_POOL, _POOL_PER_PICK * count)
    number = 0
    for block in _blocks(articles, predictor.batch_size):
        for article, doubt in zip(block, doubts.of(predictor.verdicts(block)).tolist(), strict=True):
            number += 1
            if len(pool) < most or doubt > pool[0][0]:
                digest = article_digest(article)
                if digest in seen:
                    continue
                seen.add(digest)
                # Of equally doubtful ones the first.
                entry = (doubt, -number, article)
                heapq.heappush(pool, entry) if len(pool) < most else heapq.heapreplace(pool, entry)
        on_progress(number)
    pool.sort(reverse=True)
    bundle = predictor.bundle
    rows = Tfidf(bundle.vocabulary, bundle.idf, bundle.features).rows([article for _, _, article in pool])
    order = choose(np.array([doubt for doubt, _, _ in pool]), rows, len(bundle.idf), count)
    chosen = [pool[place][2] for place in order]
    return [made for block in _blocks(chosen, predictor.batch_size) for made in _picks(predictor, doubts, block)]


def choose(doubt: NDArray[np.float64], rows: Rows, terms: int, count: int) -> list[int]:
    """The numbers of at most `count` rows by maximal marginal relevance: high `doubt` (n,), unlike those before.

    No two of them have a cosine of `ALIKE` or more.
    """
    lengths = np.diff(rows.indptr)
    number = np.repeat(np.arange(len(rows)), lengths)
    norms = np.sqrt(np.bincount(number, weights=rows.values**2, minlength=len(rows)))
    values = rows.values / norms[number]
    nearest = np.zeros(len(rows))
    dense = np.zeros(terms)
    gain = doubt / max(float(doubt.max(initial=0.0)), 1e-12)
    left = np.ones(len(rows), dtype=bool)
    found: list[int] = []
    while len(found) < count and left.any():
        place = int(np.where(left, gain - _DIVERSITY * nearest, -np.inf).argmax())
        found.append(place)
        own = slice(int(rows.indptr[place]), int(rows.indptr[place + 1]))
        dense[rows.indices[own]] = values[own]
        cosine = np.bincount(number, weights=values * dense[rows.indices], minlength=len(rows))
        dense[rows.indices[own]] = 0.0
        np.maximum(nearest, cosine, out=nearest)
        left &= nearest < ALIKE
        left[place] = False
    return found


def _picks(predictor: Predictor, doubts: Doubts, block: list[Article]) -> Iterator[Pick]:
    verdicts = predictor.verdicts(block)
    worth = doubts.of(verdicts)
    # Every tag: one in doubt may be less probable than many that are not.
    predictions = predictor.predict(block, top=max(1, len(verdicts.tag_labels)))
    for row, (article, prediction) in enumerate(zip(block, predictions, strict=True)):
        labels = doubts.doubtful(verdicts, row)
        tags = tuple(tag for tag in prediction.tags if tag.decided or tag.tag in labels)
        tags = tuple(sorted(tags, key=lambda tag: not tag.decided))
        shown = Prediction(prediction.id, prediction.title, prediction.event_type, tags, prediction.model)
        yield Pick(article, shown, article_digest(article), float(worth[row]), labels)


def _blocks(articles: Iterable[Article], size: int) -> Iterator[list[Article]]:
    waiting = iter(articles)
    while block := clean_articles(list(islice(waiting, size))):
        yield block


def _logit(probability: NDArray[np.float64]) -> NDArray[np.float64]:
    chance = np.clip(probability, 1e-9, 1.0 - 1e-9)
    return np.asarray(np.log(chance) - np.log1p(-chance))


def _limits(predictor: Predictor) -> dict[str, float]:
    """The logit of the probability that decides, of each tag of the head."""
    head = predictor.bundle.tags
    if head is None:
        return {}
    found = np.zeros(len(head.labels))
    if head.rule in CUTS:
        found = head.slope.astype(np.float64) * head.thresholds.astype(np.float64) + head.offset
    # Of a tag that is never given, what is said is not in doubt.
    found = np.where(np.isfinite(found), found, _NEVER)
    return {_shown(predictor, label): limit for label, limit in zip(head.labels, found.tolist(), strict=True)}


def _shown(predictor: Predictor, label: str) -> str:
    """What a label of the model is called now; a retired one has no column."""
    return label if predictor.vocabulary is None else predictor.vocabulary.shown(label) or label


def _others_limit(predictor: Predictor) -> float:
    """The same of tags that are found by their name alone."""
    names = predictor.bundle.sections.get("names")
    return float(getattr(names, "threshold", 0.0))


def _rarity(predictor: Predictor) -> Callable[[str], float]:
    """What a tag's doubt counts: the logarithm of how rare it is in training, the mean over the tags being 1."""
    about = label_counts(predictor.bundle.manifest.corpus) or {"tags": {}, "articles": {"tags": 0}}
    counts = about["tags"]
    head = predictor.bundle.tags
    labels = () if head is None else head.labels
    having = np.array([counts.get(label, 0) for label in labels], dtype=np.float64)
    if not len(having) or having.max() <= 0:
        return lambda _: 1.0
    total = max(float(about["articles"]["tags"]), float(having.max()))
    weights = np.log1p(total / np.maximum(having, 1.0))
    mean = float(weights.mean())
    found = {_shown(predictor, label): weight for label, weight in zip(labels, (weights / mean).tolist(), strict=True)}
    return lambda label: found.get(label, 1.0)
