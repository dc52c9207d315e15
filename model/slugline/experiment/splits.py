"""One configuration under several splits, side by side: how much of a figure is the split's doing."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from slugline.config import Config, SplitConfig, replace
from slugline.corpus.corpus import Corpus
from slugline.corpus.dedupe import near_duplicate_groups
from slugline.corpus.split import NOTHING, make_split
from slugline.corpus.taxonomy import Taxonomy
from slugline.errors import CorpusError
from slugline.evaluate.results import Metric
from slugline.experiment.evaluate import evaluate_model
from slugline.experiment.evaluation import Evaluation
from slugline.experiment.names import other_names
from slugline.experiment.prepare import Part, Prepared, both_sides, cut, prepare, with_log
from slugline.learn.train import train
from slugline.predict import Predictor
from slugline.progress import Progress, silent

if TYPE_CHECKING:
    from slugline.experiment.feedback import FeedbackUse

NEAR_DUPLICATE = SplitConfig().near_duplicate
"""Which articles count as near-duplicates where the configuration says that none do."""
_DATED = 0.9

MEANING = {
    "random": "articles by chance, copies of training articles among the held-out ones",
    "grouped": "by chance, near-duplicates on one side",
    "temporal": "the latest articles are held out, near-duplicates on one side",
    "official": "the corpus's own",
}
"""Every kind of split that can be compared, in the order in which they are shown."""


@dataclass(frozen=True)
class SplitResult:
    """The configuration trained and evaluated under one split.

    `straddling` counts the held-out articles with a near-duplicate in the training part. `evaluation.tags` and
    `.event_type` are measured as by `slugline evaluate`, with intervals. `feedback` says what a log of feedback changed
    in the training part, `train` being without the articles that it added.
    """

    name: str
    train: int
    held_out: int
    straddling: int
    train_to: dt.date | None
    held_out_from: dt.date | None
    evaluation: Evaluation
    feedback: FeedbackUse | None = None

    def metrics(self, head: str) -> dict[str, Metric]:
        """The metrics of "tags" or "event_type"; {} where there is no such head."""
        found = self.evaluation.tags if head == "tags" else self.evaluation.event_type
        return {} if found is None else found.metrics

    def to_dict(self) -> dict[str, Any]:
        """The fields; per head the metrics with intervals, and what they were measured on."""
        return {
            "split": self.name,
            "is": MEANING[self.name],
            "train": self.train,
            "held_out": self.held_out,
            "straddling": self.straddling,
            "train_to": None if self.train_to is None else self.train_to.isoformat(),
            "held_out_from": None if self.held_out_from is None else self.held_out_from.isoformat(),
            **self.evaluation.summary(),
        } | ({} if self.feedback is None else {"feedback": self.feedback.to_dict()})


@dataclass(frozen=True)
class SplitComparison:
    """The results by split, on the same articles; `notes` say which split is missing, and why."""

    corpus: str
    articles: int
    config: Config
    results: tuple[SplitResult, ...]
    notes: tuple[str, ...] = ()

    def difference(self, head: str, metric: str, one: str, other: str) -> float | None:
        """The metric under split `one` minus that under `other`; None where either is missing."""
        found = {result.name: result.metrics(head).get(metric) for result in self.results}
        first, second = found.get(one), found.get(other)
        if first is None or second is None or first.value is None or second.value is None:
            return None
        return first.value - second.value

    def to_dict(self) -> dict[str, Any]:
        """The JSON object documented in docs/evaluation.md."""
        return {
            "corpus": self.corpus,
            "articles": self.articles,
            "splits": [result.to_dict() for result in self.results],
            "notes": list(self.notes),
            "config": self.config.to_dict(),
        }


def compare_splits(config: Config, *, jobs: int = 1, progress: Progress = silent) -> SplitComparison:
    """Train and evaluate `config` under random, grouped and temporal splits, and the official one if there is one.

    The articles are those that the configuration's own split uses, and the share held out is that split's, so that the
    sizes compare. Cross-validation within training keeps near-duplicates together under each of them: only the split
    differs. A log of feedback (`learn.feedback`) changes the training part of each split as it does for training, and
    what it says of articles that the split holds out is not used. Deterministic. Raises SluglineError for whatever is
    at fault, CorpusError where no split can be made.
    """
    if config.split.method == NOTHING:
        # There is no share of its own to compare with: that of a corpus's usual split is taken.
        config = replace(config, "split", method="auto")
    base = prepare(config, progress)
    config = base.config
    used = {*base.split.train, *base.split.held_out}
    corpus = Corpus(base.corpus.name, tuple(one for one in base.corpus.records if one.article.id in used))
    groups = near_duplicate_groups(corpus.articles, config.split.near_duplicate or NEAR_DUPLICATE, progress)
    alone = np.arange(len(corpus), dtype=np.int64)
    share = min(max(len(base.split.held_out) / len(used), 0.01), 0.9)
    plain = SplitConfig("random", share, config.split.near_duplicate, seed=config.split.seed)
    splits = {"random": make_split(corpus, plain, alone), "grouped": make_split(corpus, plain, groups)}
    notes = []
    dates = [article.date for article in corpus.articles if article.date is not None]
    if base.split.method == "temporal" and config.split.file is None:
        splits["temporal"] = base.split
    elif len(dates) >= _DATED * len(corpus) and len(set(dates)) > 1:
        splits["temporal"] = make_split(corpus, dataclasses.replace(plain, method="temporal"), groups)
    else:
        notes.append(f"no temporal split: {len(dates):,} of {len(corpus):,} articles are dated")
    if base.split.method == "official":
        splits["official"] = base.split
    results = []
    for number, (name, split) in enumerate(splits.items()):
        progress("splits", number, len(splits))
        results.append(_result(name, Prepared(config, base.corpus, split, *cut(corpus, groups, split)), jobs, progress))
    progress("splits", len(splits), len(splits))
    return SplitComparison(corpus.name, len(corpus), config, tuple(results), tuple(notes))


def _result(name: str, prepared: Prepared, jobs: int, progress: Progress) -> SplitResult:
    config, train_part, held_out = prepared.config, prepared.train, prepared.held_out
    straddling = int(np.isin(held_out.groups, train_part.groups).sum())
    sizes = len(train_part), len(held_out)
    if config.tags.label_set == "both-sides":
        train_part, held_out = both_sides(train_part, held_out)
    made = with_log(dataclasses.replace(prepared, train=train_part, held_out=held_out), progress)
    train_part = made.train
    try:
        names = other_names(config, train_part.labels)
        trained = train(
            train_part.articles,
            train_part.labels,
            train_part.groups,
            config,
            jobs=jobs,
            names=names,
            partial=train_part.partial,
        )
        types = () if trained.event_type is None else trained.event_type.labels
        evaluation = evaluate_model(
            Predictor(trained.bundle(config=config, groups=_groups_of(types, config))),
            held_out.articles,
            held_out.labels,
            config.evaluate,
            corpus=prepared.corpus.name,
            part="held-out",
        )
    except CorpusError as error:
        error.message = f"{name} split: {error.message}"
        error.file = error.file or prepared.corpus.name
        raise
    dates = max(_dates(train_part), default=None), min(_dates(held_out), default=None)
    return SplitResult(name, *sizes, straddling, *dates, evaluation, made.feedback)


def _groups_of(types: Sequence[str], config: Config) -> dict[str, str]:
    """The group of each type that the taxonomy knows."""
    file = config.event_type.taxonomy
    taxonomy = Taxonomy.load(None if file is None else Path(file))
    found = {label: taxonomy.group_of(label) for label in types}
    return {label: group for label, group in found.items() if group is not None}


def _dates(part: Part) -> Sequence[dt.date]:
    return [article.date for article in part.articles if article.date is not None]
