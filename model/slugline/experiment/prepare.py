"""A corpus made ready for an experiment: read, grouped, split, and its two parts cut out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from slugline.article import Article, Labels
from slugline.config import Config, replace
from slugline.corpus.corpus import Corpus
from slugline.corpus.dedupe import near_duplicate_groups
from slugline.corpus.join import source_of
from slugline.corpus.load import entry_for, joined_name, load_corpus
from slugline.corpus.split import NOTHING, Split, make_split
from slugline.errors import ConfigError, CorpusError
from slugline.progress import Progress, silent

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from slugline.experiment.feedback import FeedbackUse
    from slugline.learn.partial import PartialTags


@dataclass(frozen=True)
class Part:
    """One side of a split. `groups` (n,) numbers the near-duplicate groups of its articles.

    `partial` are those of its articles without tags of which some tags are known from feedback.
    """

    articles: tuple[Article, ...]
    labels: tuple[Labels, ...]
    groups: NDArray[np.int64]
    partial: tuple[PartialTags, ...] = ()

    def __len__(self) -> int:
        return len(self.articles)

    def of_source(self, name: str, sources: Sequence[str]) -> Part:
        """The articles that come from the corpus `name` of the joined `sources`."""
        return self._chosen([n for n, one in enumerate(self.articles) if source_of(one.id, sources) == name])

    def _chosen(self, numbers: Sequence[int]) -> Part:
        return Part(
            tuple(self.articles[number] for number in numbers),
            tuple(self.labels[number] for number in numbers),
            self.groups[list(numbers)],
        )


@dataclass(frozen=True)
class Prepared:
    """A split corpus. `config` has the corpus's own defaults filled in, so that it repeats the same split elsewhere.

    `held_out` is empty where nothing is held out. `feedback` says what a log of feedback changed in `train`.
    """

    config: Config
    corpus: Corpus
    split: Split
    train: Part
    held_out: Part
    feedback: FeedbackUse | None = None

    def describe(self) -> dict[str, Any]:
        """What a model file and a run say of their corpus: plain JSON."""
        dates = sorted(article.date for article in self.corpus.articles if article.date is not None)
        sources = source_facts(self)
        return {
            "name": self.corpus.name,
            "digest": self.corpus.digest,
            "articles": len(self.corpus),
            "skipped": len(self.corpus.skipped),
            "train": len(self.train),
            "held_out": len(self.held_out),
            "split": self.split.method,
            "split_digest": self.split.digest,
            "straddling": self.split.straddling,
            "first_date": dates[0].isoformat() if dates else None,
            "last_date": dates[-1].isoformat() if dates else None,
            "licence": "; ".join(dict.fromkeys(one["licence"] for one in sources if one["licence"])) or None,
            "unmapped": dict(self.corpus.unmapped),
            "sources": sources,
        } | ({} if self.feedback is None else {"feedback": self.feedback.to_dict()})


def prepare(config: Config, progress: Progress = silent, *, corpus: Corpus | None = None) -> Prepared:
    """Read the corpus of `config` (or take it as read), find its near-duplicate groups and split it.

    Raises CorpusError for a corpus that cannot be read or split, ConfigError for an impossible configuration.
    """
    config = replace(with_corpus_defaults(config), "corpus", name=joined_name(config.corpus))
    recorded = None if config.split.file is None else Split.load(config.split.file)
    if recorded is not None and config.split.method == NOTHING != recorded.method:
        raise ConfigError(
            "a recorded split and none at once", field="split.file", found=config.split.file, expected="one of the two"
        )
    corpus = corpus or load_corpus(config.corpus, progress, taxonomy=config.event_type.taxonomy)
    if config.learn.folds or config.split.method != NOTHING:
        groups = near_duplicate_groups(corpus.articles, config.split.near_duplicate, progress)
    else:
        # Nothing is divided, neither into sides nor into folds.
        groups = np.arange(len(corpus), dtype=np.int64)
    split = recorded or make_split(corpus, config.split, groups)
    # From here on the method is the one that was taken, not "auto".
    config = replace(config, "split", method=split.method)
    train, held_out = cut(corpus, groups, split)
    if config.tags.label_set == "both-sides":
        # Every tag on both sides is one of the set, however rare: with fewer tags, macro-F1 would not be comparable.
        config = replace(config, "tags", min_articles=1)
        train, held_out = both_sides(train, held_out)
    return Prepared(config, corpus, split, train, held_out)


def prepare_to_train(config: Config, progress: Progress = silent) -> Prepared:
    """`prepare`, and the training part as the log `learn.feedback` has it, where there is one: for all that trains.

    Raises what `prepare` raises, and CorpusError for a log that is at fault.
    """
    return with_log(prepare(config, progress), progress)


def with_log(prepared: Prepared, progress: Progress = silent) -> Prepared:
    """`prepared` with its training part as the log `learn.feedback` has it; `experiment.feedback` without a log is not
    imported.
    """
    if prepared.config.learn.feedback is None:
        return prepared
    from slugline.experiment.feedback import with_feedback

    return with_feedback(prepared, progress)


def with_corpus_defaults(config: Config) -> Config:
    """`config` with the split that the catalogue recommends for its corpus, where the user did not ask for another."""
    if config.split.file is not None:
        return config
    entry = entry_for(config.corpus)
    if entry is None or entry.split is None or config.split.method not in ("auto", entry.split.method):
        return config
    dates = (config.split.train_before, config.split.held_out_before)
    chosen = replace(config, "split", method=entry.split.method)
    if any(dates):
        return chosen
    return replace(chosen, "split", train_before=entry.split.train_before, held_out_before=entry.split.held_out_before)


def source_facts(prepared: Prepared) -> list[dict[str, Any]]:
    """Of each corpus that the whole was made of: counts, dates, licence and where it is described; plain JSON."""
    corpus, config = prepared.corpus, prepared.config.corpus
    sides = {"train": Counter[str | None](), "held_out": Counter[str | None]()}
    names = [one.name for one in corpus.sources]
    for side, part in (("train", prepared.train), ("held_out", prepared.held_out)):
        sides[side].update(source_of(article.id, names) for article in part.articles)
    facts = []
    for one, asked in zip(corpus.sources or (corpus,), config.sources or (config,), strict=True):
        entry = entry_for(asked)
        dates = sorted(article.date for article in one.articles if article.date is not None)
        facts.append(
            {
                "name": one.name,
                "digest": one.digest,
                "articles": len(one),
                **{side: counts[one.name if names else None] for side, counts in sides.items()},
                "tagged": sum(labels.tags is not None for labels in one.labels),
                "typed": sum(labels.event_type is not None for labels in one.labels),
                "first_date": dates[0].isoformat() if dates else None,
                "last_date": dates[-1].isoformat() if dates else None,
                "title": None if entry is None else entry.title,
                "licence": None if entry is None else entry.licence,
                "page": (entry.page or None) if entry is not None else None,
            }
        )
    return facts


def both_sides(train: Part, held_out: Part) -> tuple[Part, Part]:
    """Keep the tags that have an article on both sides, and the articles that have such a tag.

    This is how Reuters-21578 is used in the literature (90 topics, 7,770 and 3,019 articles; Joachims 1998, Yang and
    Liu 1999). It looks at the held-out labels to choose the label set, so it is for comparing with published figures.
    Raises CorpusError if no tag is on both sides.
    """
    vocabulary = frozenset.intersection(*(_tags_of(part.labels) for part in (train, held_out)))
    if not vocabulary:
        raise CorpusError("no tag has articles on both sides of the split", field="tags")
    return _restrict(train, vocabulary), _restrict(held_out, vocabulary)


def _tags_of(labels: Sequence[Labels]) -> frozenset[str]:
    return frozenset(tag for label in labels for tag in label.tags or ())


def _restrict(part: Part, vocabulary: frozenset[str]) -> Part:
    labels = [Labels((label.tags or frozenset()) & vocabulary, label.event_type) for label in part.labels]
    chosen = [number for number, label in enumerate(labels) if label.tags]
    return Part(
        tuple(part.articles[number] for number in chosen),
        tuple(labels[number] for number in chosen),
        part.groups[chosen],
    )


def cut(corpus: Corpus, groups: NDArray[np.int64], split: Split) -> tuple[Part, Part]:
    """The training and the held-out part; `groups` (n,) are the corpus's. Raises CorpusError if it lacks an article."""
    train, held_out = (_part(corpus, groups, side) for side in split.indices(corpus))
    return train, held_out


def _part(corpus: Corpus, groups: NDArray[np.int64], numbers: NDArray[np.int64]) -> Part:
    return Part(
        tuple(corpus.articles[number] for number in numbers),
        tuple(corpus.labels[number] for number in numbers),
        groups[numbers],
    )
