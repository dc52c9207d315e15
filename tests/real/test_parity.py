"""Predictor and scikit-learn pipeline on 500 held-out articles of Reuters-21578."""

from __future__ import annotations

import numpy as np

from slugline.config import Config, CorpusConfig, SplitConfig, replace
from slugline.corpus.load import load_corpus
from slugline.corpus.split import make_split
from slugline.learn.train import train
from slugline.predict import Predictor
from support import sklearn_scores


def test_every_score_of_500_articles_agrees(real_corpus):
    path = real_corpus("reuters21578") / "reuters21578.tar.gz"
    corpus = load_corpus(CorpusConfig(str(path), families=("topics",)))
    learn, held_out = make_split(corpus, SplitConfig(method="official")).indices(corpus)
    learn, held_out = learn[::4], held_out[:500]
    config = replace(Config(), "learn", folds=2, weights="float32", keep=1.0)
    config = replace(config, "names", enabled="never")
    model = train([corpus.articles[i] for i in learn], [corpus.labels[i] for i in learn], None, config)
    asked = [corpus.articles[i] for i in held_out]
    expected, found = sklearn_scores(model, asked)["tags"], Predictor(model.bundle()).scores(asked)["tags"]
    assert expected.shape == found.shape == (500, len(model.tags.labels))
    assert np.abs(expected - found).max() <= 1e-5
