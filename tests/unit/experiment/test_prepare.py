"""Preparing a corpus: the split is repeatable, and the label set of the Reuters papers is cut out exactly."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest

from slugline.article import Article, Labels
from slugline.config import Config, replace
from slugline.errors import ConfigError, CorpusError
from slugline.experiment.prepare import Part, both_sides, prepare


def part(*tags: set[str]) -> Part:
    articles = tuple(Article(str(number), "Title", "Body") for number in range(len(tags)))
    return Part(articles, tuple(Labels(frozenset(each)) for each in tags), np.arange(len(tags)))


def test_both_sides_keeps_shared_tags_and_the_articles_that_have_one():
    train, held_out = both_sides(part({"a", "b"}, {"b"}, {"c"}, set()), part({"b", "d"}, {"d"}, {"c"}))
    assert [label.tags for label in train.labels] == [{"b"}, {"b"}, {"c"}]
    assert [article.id for article in train.articles] == ["0", "1", "2"]
    assert [label.tags for label in held_out.labels] == [{"b"}, {"c"}]
    assert held_out.groups.tolist() == [0, 2]


def test_both_sides_trains_every_tag_of_the_set_however_rare():
    config = replace(Config(), "tags", label_set="both-sides")
    assert prepare(config).config.tags.min_articles == 1
    assert prepare(Config()).config.tags.min_articles == 3


def test_both_sides_without_a_shared_tag_is_an_error():
    with pytest.raises(CorpusError, match="both sides"):
        both_sides(part({"a"}), part({"b"}))


def test_nothing_held_out_and_a_label_set_of_both_sides_exclude_each_other():
    with pytest.raises(ConfigError, match="both-sides needs a held-out part"):
        replace(replace(Config(), "tags", label_set="both-sides"), "split", method="none")


def test_nothing_held_out_and_a_recorded_split_that_holds_out_exclude_each_other(tmp_path):
    first = prepare(Config())
    first.split.save(tmp_path / "split.json")
    config = replace(Config(), "split", method="none", file=str(tmp_path / "split.json"))
    with pytest.raises(ConfigError, match="a recorded split and none at once"):
        prepare(config)
    everything = prepare(replace(Config(), "split", method="none"))
    everything.split.save(tmp_path / "split.json")
    assert prepare(config).split == everything.split
    assert (len(everything.train), len(everything.held_out)) == (len(everything.corpus), 0)


def test_the_starter_corpus_is_split_by_time_and_copies_stay_together():
    prepared = prepare(Config())
    assert prepared.split.method == "temporal"
    assert prepared.config.split.method == "temporal"
    last = max(article.date for article in prepared.train.articles if article.id.count("copy") == 0)
    assert last <= min(article.date for article in prepared.held_out.articles)
    assert not {article.id.removesuffix("-copy") for article in prepared.train.articles} & {
        article.id.removesuffix("-copy") for article in prepared.held_out.articles
    }
    assert prepared.describe()["straddling"] == 0


def test_the_configuration_of_a_prepared_corpus_repeats_its_split():
    first = prepare(replace(Config(), "split", method="random", seed=3))
    second = prepare(Config.from_dict(json.loads(json.dumps(first.config.to_dict()))))
    assert first.describe() == second.describe()
    other = prepare(dataclasses.replace(first.config, split=dataclasses.replace(first.config.split, seed=4)))
    assert other.split.digest != first.split.digest
