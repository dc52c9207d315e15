"""Several corpora as one."""

from __future__ import annotations

from pathlib import Path

import pytest

from slugline.article import Article, Labels
from slugline.config import Config, CorpusConfig, with_corpora
from slugline.corpus.corpus import Corpus, Record
from slugline.corpus.join import join, source_of
from slugline.corpus.load import entry_for, joined_name, load_corpus
from slugline.errors import ConfigError


def corpus(name: str, *tags: set[str] | None) -> Corpus:
    labels = [Labels(None if own is None else frozenset(own)) for own in tags]
    return Corpus(name, tuple(Record(Article(str(n), body="x"), one) for n, one in enumerate(labels)))


def test_ids_stay_unique_and_say_their_source() -> None:
    both = join("both", [corpus("a", {"x"}, None), corpus("b", {"y"})])
    assert [article.id for article in both.articles] == ["a:0", "a:1", "b:0"]
    assert [source_of(article.id, ["a", "b"]) for article in both.articles] == ["a", "a", "b"]
    assert [one.name for one in both.sources] == ["a", "b"]


def test_tags_get_one_spelling_and_not_annotated_stays_so() -> None:
    parts = [corpus("a", {"Middle East"}, {"Middle East"}, None), corpus("b", {"middle-east"}, {"d r congo"})]
    labels = join("both", parts, ["D R Congo"]).labels
    assert [one.tags for one in labels] == [{"Middle East"}, {"Middle East"}, None, {"Middle East"}, {"D R Congo"}]


def test_the_digest_is_over_all_of_them_and_their_order() -> None:
    first, second = corpus("a", {"x"}), corpus("b", {"y"})
    digests = {join("j", parts).digest for parts in ([first, second], [second, first], [first])}
    assert len(digests) == 3
    assert join("j", [first, second]).digest == join("other", [first, second]).digest


def test_two_sources_of_one_name_are_refused() -> None:
    with pytest.raises(ConfigError, match="two sources of one name"):
        join("j", [corpus("a", {"x"}), corpus("a", {"y"})])


def test_sources_are_read_by_their_own_options(tmp_path: Path) -> None:
    (tmp_path / "one.csv").write_text("id,text,keywords,kind\n1,some words,Congo,AID\n", encoding="utf-8")
    (tmp_path / "two.csv").write_text("id,text,tags,event_type\n1,other words,DRC,trial\n", encoding="utf-8")
    one = CorpusConfig(str(tmp_path / "one.csv"), fields={"event_type": "kind"}, map="plover")
    two = CorpusConfig(str(tmp_path / "two.csv"), aliases="default")
    read = load_corpus(CorpusConfig(sources=(one, two)))
    assert read.name == "one.csv+two.csv"
    assert [label.event_type for label in read.labels] == ["displacement_and_aid", "trial"]
    assert [label.tags for label in read.labels] == [{"Congo"}, {"DR Congo"}]
    assert entry_for(CorpusConfig(sources=(one, two))) is None
    assert joined_name(CorpusConfig("mine", sources=(one, two))) == "mine"


def test_corpora_of_a_command_replace_those_of_the_configuration() -> None:
    config = Config(CorpusConfig("mine", reader="jsonl"))
    assert with_corpora(config, [], {"reader": None}) == config
    assert with_corpora(config, ["b"], {}).corpus == CorpusConfig("b", reader="jsonl")
    several = with_corpora(config, ["a", "b"], {"map": "iptc", "aliases": None})
    assert several.corpus == CorpusConfig(sources=(CorpusConfig("a", map="iptc"), CorpusConfig("b", map="iptc")))
    again = with_corpora(several, [], {"skip_bad": True}).corpus
    assert [one.skip_bad for one in again.sources] == [True, True]
    assert with_corpora(several, ["c"], {}).corpus == CorpusConfig("c")
