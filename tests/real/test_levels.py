"""The real corpora in the terms of the taxonomy."""

from __future__ import annotations

import gzip
import json

import pytest

from slugline.config import CorpusConfig
from slugline.corpus.load import load_corpus
from slugline.corpus.taxonomy import Taxonomy


@pytest.mark.parametrize(("name", "file", "mended"), [("wcep", "events", 0), ("wcep_linked", "events-2025", 11)])
def test_every_heading_of_the_portal_is_a_group(real_corpus, name, file, mended):
    path = real_corpus(name) / f"{file}.jsonl.gz"
    groups = set(Taxonomy.load().groups)
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        written = [json.loads(line)["category"] for line in stream]
    assert sum(category not in groups for category in written) == mended
    read = [one.event_type for one in load_corpus(CorpusConfig(str(path))).labels]
    assert len(read) == len(written)
    assert set(read) == groups


def test_several_corpora_keep_what_each_annotates(real_corpus):
    sources = (CorpusConfig("starter"), CorpusConfig(str(real_corpus("wcep_linked"))))
    read = load_corpus(CorpusConfig(sources=sources))
    assert read.name == "starter+wcep_linked"
    assert len(read) == 472 + 5459
    assert {article.id.partition(":")[0] for article in read.articles} == {"starter", "wcep_linked"}
    assert len({article.id for article in read.articles}) == len(read)
    # One tag in both, spelled once.
    tags = [frozenset().union(*(one.tags or () for one in corpus.labels)) for corpus in read.sources]
    assert {"Russia", "Ukraine"} <= tags[0] & tags[1]
