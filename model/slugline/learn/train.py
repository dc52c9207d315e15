"""Training: articles and their labels in, a fitted model out. The held-out part never comes here."""

from __future__ import annotations

import dataclasses
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from slugline.article import Article, Labels
from slugline.bundle import Bundle, Manifest, Section
from slugline.config import Config, FeatureConfig
from slugline.errors import ConfigError, CorpusError
from slugline.features.tfidf import Tfidf
from slugline.learn.estimators import TREE, find_estimator
from slugline.learn.event_levels import train_events
from slugline.learn.heads import TrainedHead, TrainedTree
from slugline.learn.kept import Kept
from slugline.learn.parallel import Jobs
from slugline.learn.partial import PartialTags
from slugline.learn.plain import check_plain
from slugline.learn.tag_head import train_tags
from slugline.learn.vectorize import Vectorize, fit_tfidf, head_rows
from slugline.neighbours import Neighbours
from slugline.priors import Priors
from slugline.progress import Progress, silent
from slugline.reference import Reference

MANY_TAGS = 5000
"""More tags than this are better learned by a tree; training says so."""

# Asked of the installation: importing one only to name it would take longer than training on a small corpus.
_LIBRARIES = ("numba", "numpy", "scikit-learn", "scipy")


@dataclass(frozen=True, slots=True, eq=False)
class TrainedModel:
    """What training made. A head is None where the corpus lacks it; `notes` says why, one line each.

    `seconds` are wall-clock times of the stages.
    """

    config: Config
    vectorizer: Tfidf
    tags: TrainedHead | None
    event_type: TrainedHead | None
    notes: tuple[str, ...] = ()
    seconds: dict[str, float] = field(default_factory=dict)
    event_group: TrainedHead | None = None
    neighbours: Neighbours | None = None

    @property
    def heads(self) -> dict[str, TrainedHead]:
        """The heads that there are: "tags", "event_type", "event_group"."""
        found = {"tags": self.tags, "event_type": self.event_type, "event_group": self.event_group}
        return {name: head for name, head in found.items() if head is not None}

    def bundle(
        self,
        *,
        corpus: dict[str, Any] | None = None,
        config: Config | None = None,
        groups: dict[str, str] | None = None,
    ) -> Bundle:
        """The model file's content, still without held-out metrics and self-test.

        `corpus` and `groups` go into the manifest as they are, and `config` (None: the one trained with) but for its
        views, which are those that the heads learned from.
        """
        manifest = Manifest(
            config=dataclasses.replace(config or self.config, features=self.config.features).to_dict(),
            corpus=corpus or {},
            groups=groups or {},
            libraries=libraries(),
        )
        heads = {name: head.linear_head(self.config.learn) for name, head in self.heads.items()}
        sections: dict[str, Section] = {}
        if self.tags is not None and self.tags.names is not None:
            sections["names"] = self.tags.names
        if isinstance(self.tags, TrainedTree) and self.tags.tree is not None:
            sections["tree"] = self.tags.tree
        if self.event_type is not None and self.event_type.priors:
            sections["priors"] = Priors(self.event_type.priors)
        reference = Reference()
        for trained in self.heads.values():
            reference = reference.joined(trained.reference)
        if reference.articles:
            sections["reference"] = reference
        if self.neighbours is not None:
            sections["neighbours"] = self.neighbours
        return Bundle(
            manifest,
            self.vectorizer.vocabulary,
            self.vectorizer.idf,
            heads.get("tags"),
            heads.get("event_type"),
            event_group=heads.get("event_group"),
            sections=sections,
        )

    def summary(self) -> dict[str, Any]:
        """Cross-validated measures of the training part, stage times and notes: plain JSON."""
        said: dict[str, Any] = {name: head.cross_validated for name, head in self.heads.items()}
        return said | {"terms": len(self.vectorizer.vocabulary), "seconds": self.seconds, "notes": list(self.notes)}


def train(
    articles: Sequence[Article],
    labels: Sequence[Labels],
    groups: NDArray[np.int64] | None,
    config: Config,
    progress: Progress = silent,
    jobs: Jobs = 1,
    *,
    kept: Kept | None = None,
    names: Mapping[str, Iterable[str]] | None = None,
    partial: Sequence[PartialTags] = (),
) -> TrainedModel:
    """Fit TF-IDF on all `articles` and each head on those annotated for it.

    `articles` are cleaned; `labels` belong to them; `groups` (n,) numbers near-duplicate groups, which stay in one fold
    of the cross-validation (None: none); `jobs` is the number of processes (-1: every core) and does not change a byte
    of the result; `kept` is for callers who train often on the same articles: what one training makes others need not
    make anew; `names` maps tags, trained or not, to their other names; `partial` are articles without tags in `labels`
    of which some tags are known (`learn.partial`). Raises CorpusError where there is nothing to
    learn: no labels at all, one label only, too few articles, no term; ConfigError for an unknown estimator or a head
    without a view; ValueError where the lengths disagree.
    """
    if groups is None:
        groups = np.arange(len(articles), dtype=np.int64)
    if not len(articles) == len(labels) == len(groups):
        raise ValueError(f"{len(articles)} articles, {len(labels)} labels, {len(groups)} groups")
    if config.tags.estimator != TREE:
        find_estimator(config.tags.estimator, field="tags.estimator")
    find_estimator(config.event_type.estimator, field="event_type.estimator")
    if not config.learn.folds:
        check_plain(config)
    tags, event_types, notes = what_to_learn(labels, config)
    if len(tags) > MANY_TAGS and config.tags.estimator != TREE:
        notes += (f'{len(tags):,} tags are many to learn one by one: tags.estimator = "{TREE}" takes seconds',)
    config = dataclasses.replace(
        config, features=views_of(config.features, tags=bool(tags), event_type=bool(event_types))
    )
    seconds: dict[str, float] = {}
    start = time.perf_counter()
    progress("vectorizing", 0, 1)
    vectorize: Vectorize = fit_tfidf if kept is None else kept.vectorize
    vectorizer, X = vectorize(articles, config.features, jobs=jobs)
    progress("vectorizing", 1, 1)
    seconds["vectorizing"] = time.perf_counter() - start
    tag_head = event_type_head = event_group_head = None
    if tags:
        start = time.perf_counter()
        tag_head = train_tags(
            head_rows(X, vectorizer, "tags"),
            labels,
            groups,
            tags,
            config,
            articles=articles,
            other_names=names,
            progress=progress,
            jobs=jobs,
            kept=kept,
            partial=partial,
        )
        seconds["tags"] = time.perf_counter() - start
    if event_types:
        start = time.perf_counter()
        own = head_rows(X, vectorizer, "event_type")
        event_type_head, event_group_head = train_events(
            own,
            labels,
            groups,
            config,
            dates=[article.date for article in articles],
            progress=progress,
            jobs=jobs,
            kept=kept,
        )
        seconds["event_type"] = time.perf_counter() - start
    neighbours = None
    if config.learn.keep_titles:
        from slugline.learn.neighbours import keep_neighbours

        neighbours = keep_neighbours([(articles, labels, X)], vectorizer.vocabulary)
    return TrainedModel(config, vectorizer, tag_head, event_type_head, notes, seconds, event_group_head, neighbours)


def libraries() -> dict[str, str]:
    """The versions of what a model is made with, by name."""
    return {name: version(name) for name in _LIBRARIES}


def views_of(features: FeatureConfig, *, tags: bool, event_type: bool) -> FeatureConfig:
    """The views that the heads to be trained learn from: the model file does not carry the others' terms.

    Raises ConfigError where a head has none.
    """
    trained = {"tags": tags, "event_type": event_type}
    for head in (name for name, wanted in trained.items() if wanted):
        if not any(view.heads in ("both", head) for view in features.views):
            raise ConfigError("no view", field="features.views", expected=f'heads = "both" or "{head}" in one of them')
    return FeatureConfig(tuple(view for view in features.views if view.heads == "both" or trained[view.heads]))


class NothingToLearnError(CorpusError):
    """The articles have no two labels to tell apart."""


def what_to_learn(labels: Sequence[Labels], config: Config) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """The tags and the event types that training on these labels learns, and notes on what it does not.

    Raises CorpusError if neither head has two sides to tell apart.
    """
    if not labels:
        raise CorpusError("nothing to train on", found="no article", expected="articles with tags or event types")
    tags = Counter(tag for one in labels for tag in one.tags or ())
    event_types = Counter(one.event_type for one in labels if one.event_type is not None)
    return labels_to_learn(tags, sum(one.tags is not None for one in labels), event_types, config)


def labels_to_learn(
    tags: Mapping[str, int], tagged: int, event_types: Mapping[str, int], config: Config
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """`what_to_learn` from how many articles have each label, and how many are annotated with tags (`tagged`)."""
    why: list[str] = []
    least = config.tags.min_articles
    chosen = tuple(sorted(tag for tag, count in tags.items() if count >= least))
    if not tags:
        why.append("no article has a tag")
    elif not chosen:
        why.append(f"no tag has {least} articles or more (tags.min_articles)")
    elif len(chosen) == 1 and tags[chosen[0]] == tagged:
        why.append(f"{chosen[0]!r} is the only tag, and every article has it")
        chosen = ()
    types = tuple(sorted(event_types))
    if not types:
        why.append("no article has an event type")
    elif len(types) == 1:
        why.append(f"{types[0]!r} is the only event type")
        types = ()
    if not chosen and not types:
        raise NothingToLearnError(f"nothing to learn: {'; '.join(why)}", expected="at least two labels to tell apart")
    return chosen, types, tuple(why)
