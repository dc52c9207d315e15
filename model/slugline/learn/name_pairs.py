"""The training articles' mentions of tags by name, and what was known of each tag when it was mentioned."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from slugline.article import Article, Labels
from slugline.corpus.tags import tag_key
from slugline.features.mentions import Mentions, NameTable, find_mentions
from slugline.names import NAME_FEATURES, TagCounts, name_features


@dataclass(frozen=True, slots=True, eq=False)
class NamePairs:
    """P mentions in the training articles of T tags, the first `heads` of which have a column.

    `offered` says of each whether the model would know the tag without the articles of this fold: from another fold,
    or from a vocabulary. `rare`: the other folds have no more articles of the tag than a tag without a column may have;
    these pairs are what such tags look like, whether they got a column in the end or not. There are `true_tags` true
    (article, tag) pairs, mentioned or not.
    """

    labels: tuple[str, ...]  # T
    heads: int
    table: NameTable
    mentions: Mentions
    truth: NDArray[np.bool_]  # (P,)
    features: NDArray[np.float64]  # (P, 18), each fold's by the counts of the others
    silence: NDArray[np.float64]  # (folds, heads)
    counts: TagCounts  # of all training articles
    offered: NDArray[np.bool_]  # (P,)
    rare: NDArray[np.bool_]  # (P,)
    true_tags: int


def find_pairs(
    articles: Sequence[Article],
    labels: Sequence[Labels],
    folds: NDArray[np.int64],
    heads: tuple[str, ...],
    names: Mapping[str, Iterable[str]],
) -> NamePairs:
    """Every mention in the annotated `articles` of a tag of theirs or of `names` (tag to its other names).

    The tags are those of `heads`, then the others sorted. What is known of a tag is counted on the other folds alone,
    so that a tag whose articles are all in one fold looks there as a tag looks that is not yet trained.
    """
    known = set(heads)
    key_of = {tag: tag_key(tag) for tag in {tag for one in labels for tag in one.tags or ()}}
    keys = {key_of[tag]: tag for one in labels for tag in one.tags or ()}
    aliases: dict[str, list[str]] = {}
    for tag, others in names.items():
        spelled = keys.setdefault(tag_key(tag), tag)
        aliases.setdefault(spelled, []).extend(others if spelled == tag else (tag, *others))
    every = (*heads, *sorted(set(keys.values()) - known))
    number = {tag: place for place, tag in enumerate(every)}
    table = NameTable.build(every, aliases)
    mentions = find_mentions(articles, table)
    rows = [(row, number[tag]) for row, one in enumerate(labels) for tag in sorted(one.tags or ())]
    tag_of = np.array(rows, dtype=np.int64).reshape(-1, 2)
    article, true = tag_of[:, 0], tag_of[:, 1]
    pair = mentions.article * len(every) + mentions.tag
    truth = np.isin(pair, article * len(every) + true)

    def counts(inside: NDArray[np.bool_]) -> TagCounts:
        mentioned = inside[mentions.article]
        return TagCounts(
            int(inside.sum()),
            np.bincount(true[inside[article]], minlength=len(every)),
            np.bincount(mentions.tag[mentioned], minlength=len(every)),
            np.bincount(mentions.tag[mentioned & truth], minlength=len(every)),
        )

    features = np.zeros((len(mentions), len(NAME_FEATURES)))
    numbers = np.unique(folds)
    silence = np.zeros((len(numbers), len(heads)))
    offered = np.zeros(len(mentions), dtype=bool)
    known_from = np.zeros(len(mentions), dtype=np.int64)
    given = np.array([label in aliases for label in every], dtype=bool)
    for place, fold in enumerate(numbers):
        rest = counts(folds != fold)
        held_out = folds[mentions.article] == fold
        part = Mentions(mentions.article[held_out], mentions.tag[held_out], mentions.values[held_out])
        features[held_out] = name_features(part, rest)
        silence[place] = rest.silence()[: len(heads)]
        known_from[held_out] = rest.tagged[part.tag]
        offered[held_out] = (rest.tagged[part.tag] > 0) | given[part.tag]
    everything = counts(np.ones(len(articles), dtype=bool))
    rare = known_from <= everything.tagged[len(heads) :].max(initial=0)
    return NamePairs(every, len(heads), table, mentions, truth, features, silence, everything, offered, rare, len(rows))
