"""The tag head: one-vs-rest over tags; fitted, given its thresholds and calibrated."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from slugline.article import Article, Labels
from slugline.config import Config
from slugline.decide import sigmoid
from slugline.learn.calibration import cross_calibrate_tags
from slugline.learn.estimators import TREE, Problem, find_estimator
from slugline.learn.folds import choose_folds
from slugline.learn.heads import TrainedHead
from slugline.learn.kept import Kept
from slugline.learn.name_pairs import find_pairs
from slugline.learn.names import TagScores, add_names
from slugline.learn.parallel import Jobs, beside
from slugline.learn.partial import PartialRows, PartialTags, folds_beside
from slugline.learn.plain import plain_tags
from slugline.learn.selection import calibration_error, log_loss
from slugline.learn.thresholds import Thresholds, choose_thresholds
from slugline.progress import Progress, silent
from slugline.reference import reference_of


def tag_labels(labels: Sequence[Labels], min_articles: int) -> tuple[str, ...]:
    """The tags that at least `min_articles` articles have, sorted.

    >>> tag_labels([Labels(frozenset({"b", "a"})), Labels(frozenset({"a"})), Labels(None)], 2)
    ('a',)
    """
    counts = Counter(tag for one in labels for tag in one.tags or ())
    return tuple(sorted(tag for tag, count in counts.items() if count >= min_articles))


def train_tags(
    X: csr_matrix,
    labels: Sequence[Labels],
    groups: NDArray[np.int64],
    names: tuple[str, ...],
    config: Config,
    *,
    articles: Sequence[Article] | None = None,
    other_names: Mapping[str, Iterable[str]] | None = None,
    progress: Progress = silent,
    jobs: Jobs = 1,
    kept: Kept | None = None,
    partial: Sequence[PartialTags] = (),
) -> TrainedHead:
    """Fit the tags `names` on the rows of X whose tags were annotated.

    With `articles`, the texts behind X, tags are also found by name as `config.names` says; `other_names` maps tags,
    trained or not, to more names of theirs. `partial` are articles that are not annotated and of which some tags are
    known nevertheless; a tree passes them over. Thresholds and probabilities come from out-of-fold scores, unless
    `config.learn.folds` is 0. An annotated article without any of these tags is a negative for all of them. Raises
    CorpusError if there are not two distinct annotated articles, ConfigError for an unknown estimator.
    """
    tags, learn = config.tags, config.learn
    if tags.estimator == TREE:
        from slugline.learn.tree.head import train_tree

        dates = None if articles is None else [article.date for article in articles]
        return train_tree(X, labels, groups, names, config, dates=dates, progress=progress, jobs=jobs)
    rows = np.array([number for number, one in enumerate(labels) if one.tags is not None])
    column = {name: number for number, name in enumerate(names)}
    truth = np.zeros((len(rows), len(names)), dtype=bool)
    for place, number in enumerate(rows):
        for tag in labels[number].tags or ():
            if tag in column:
                truth[place, column[tag]] = True
    own = X[rows]
    more = PartialRows.of(X, names, partial)
    if not learn.folds:
        return plain_tags(own, truth, names, config, progress, jobs, more)
    estimator = find_estimator(tags.estimator, field="tags.estimator")
    days = None if articles is None else [articles[number].date for number in rows]
    # "auto" is random here: thresholds from stretches of time lose more of micro-F1 than they gain of macro-F1.
    mine = [labels[number] for number in rows]
    folds = choose_folds(mine, groups[rows], days, learn, by_time=learn.folds_by == "time").numbers
    pairs = None
    if articles is not None and config.names.enabled != "never":
        find = find_pairs if kept is None else kept.find_pairs
        texts, others = [articles[number] for number in rows], other_names or {}
        # Looking for names is Python, fitting is not.
        pairs = beside(jobs, lambda: find(texts, mine, folds, names, others))
    problem = Problem(own, truth, tags.C, learn.seed)
    weights, scores = estimator.cross_fit(
        problem, folds, jobs, progress=progress, what="tags", starts=None if kept is None else kept.starts
    )
    if more is not None:
        theirs = folds_beside(folds, groups[rows], groups[more.articles])
        more.cross_fit(estimator, problem, folds, theirs, weights, scores, jobs, progress)
    known = np.diff(own.indptr) > 0
    calibration, logits = cross_calibrate_tags(scores, truth, folds, jobs)

    plain = scores
    made: list[tuple[NDArray[np.float64], Thresholds]] = []

    def choose(scores: NDArray[np.float64]) -> Thresholds:
        """The thresholds of these scores; they are asked for again once it is known which scores are used."""
        for others, found in made:
            if others is scores:
                return found
        made.append((scores, choose_anew(scores)))
        return made[-1][1]

    def choose_anew(scores: NDArray[np.float64]) -> Thresholds:
        return choose_thresholds(
            scores,
            truth,
            folds,
            known,
            rule=tags.threshold,
            shrink=tags.threshold_shrink,
            fallback=tags.fallback,
            min_probability=tags.min_probability,
            calibration=calibration if scores is plain else None,
        )

    named = None
    if pairs is not None:
        progress("learning names", 0, 1)
        head = TagScores(scores, truth, folds, known, calibration, logits)
        named = add_names(pairs(), head, weights, choose, always=config.names.enabled == "always", jobs=jobs)
        scores, weights = named.scores, named.weights
        progress("learning names", 1, 1)
    chosen = choose(scores)
    measured: dict[str, Any] = {"articles": len(rows), "labels": len(names), "folds": len(np.unique(folds))}
    measured |= {"rule": chosen.rule, "fallback": chosen.fallback, "fallback_from": chosen.fallback_from}
    measured |= {"micro_f1": chosen.micro_f1, "macro_f1": chosen.macro_f1}
    if named is not None:
        measured["names"] = named.measured
    if scores is not plain:
        _, logits = cross_calibrate_tags(scores, truth, folds, jobs)
    probability = sigmoid(logits)
    given = chosen.decide(scores, known).sum(axis=0)
    measured |= {"ece": calibration_error(probability, truth), "log_loss": log_loss(probability, truth)}
    return TrainedHead(
        names,
        weights,
        chosen.values,
        chosen.calibration,
        chosen.rule,
        chosen.fallback,
        cross_validated=measured,
        names=None if named is None else named.model,
        fallback_from=chosen.fallback_from,
        rank=chosen.rank,
        reference=reference_of("tags", probability.max(axis=1), names, given),
    )
