"""Learning names: what is counted, what is learned, and when it is used."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slugline.article import Article, Labels
from slugline.config import Config, ViewConfig, replace
from slugline.learn.name_pairs import find_pairs
from slugline.learn.names import choose_threshold
from slugline.learn.train import train
from slugline.names import NAME_FEATURES
from slugline.predict import Predictor

PLACES = ("Aleppo", "Bergen", "Cairo", "Dakar", "Essen", "Fes", "Gaza", "Hanoi", "Izmir", "Jaipur", "Kabul", "Lagos")
FILLER = ("bank", "storm", "court", "strike", "vote", "film", "match", "bridge", "river", "school", "mayor", "price")


def corpus(count: int = 240, *, tagged: bool = True) -> tuple[list[Article], list[Labels]]:
    """Articles about a place: it is a tag where it is in the headline, and not where it is mentioned in passing."""
    random = np.random.default_rng(0)
    articles, labels = [], []
    for number in range(count):
        here, there = random.choice(len(PLACES), 2, replace=False)
        words = " ".join(random.choice(FILLER, 30))
        articles.append(Article(str(number), f"The {words.split()[0]} of {PLACES[here]}", f"{words} {PLACES[there]}."))
        own = {"News" if number % 2 else "Other"}
        if tagged:
            own.add(PLACES[here])
        labels.append(Labels(frozenset(own)))
    return articles, labels


def test_what_is_known_of_a_tag_comes_from_the_other_folds() -> None:
    articles = [Article(str(n), "", text) for n, text in enumerate(["Oil falls", "Oil rises", "No oil", "Oil again"])]
    labels = [Labels(frozenset({"Oil"})), Labels(frozenset()), Labels(frozenset({"Gas"})), Labels(frozenset({"Oil"}))]
    pairs = find_pairs(articles, labels, np.array([0, 0, 1, 1]), ("Oil",), {})
    assert pairs.labels == ("Oil", "Gas")
    assert pairs.true_tags == 3
    assert pairs.truth.tolist() == [True, False, False, True]
    tagged = pairs.features[:, NAME_FEATURES.index("log of articles with the tag")]
    assert np.expm1(tagged).tolist() == pytest.approx([1, 1, 1, 1])
    assert pairs.counts.tagged.tolist() == [2, 1]
    assert pairs.counts.mentioned.tolist() == [4, 0]
    assert pairs.counts.both.tolist() == [2, 0]


def test_a_tag_of_one_fold_is_new_there_unless_a_vocabulary_has_it() -> None:
    articles = [Article("1", "", "Oil falls"), Article("2", "", "Gas rises")]
    labels = [Labels(frozenset({"Oil"})), Labels(frozenset({"Gas"}))]
    folds = np.array([0, 1])
    assert find_pairs(articles, labels, folds, (), {}).offered.tolist() == [False, False]
    assert find_pairs(articles, labels, folds, (), {"oil": ()}).offered.tolist() == [True, False]


@given(st.lists(st.tuples(st.integers(-3, 3), st.booleans()), max_size=12), st.integers(0, 5), st.integers(0, 5))
def test_the_threshold_is_the_best_there_is(pairs: list[tuple[int, bool]], hits: int, wrong: int) -> None:
    scores = np.array([score for score, _ in pairs], dtype=np.float64)
    truth = np.array([right for _, right in pairs], dtype=bool)
    actual = hits + int(truth.sum()) + 2
    threshold, quality = choose_threshold(scores, truth, hits, hits + wrong, actual)

    def measured(at: float) -> float:
        given_ = scores >= at
        return 2 * (hits + np.count_nonzero(given_ & truth)) / (hits + wrong + np.count_nonzero(given_) + actual)

    assert measured(threshold) == pytest.approx(quality)
    assert quality == pytest.approx(max(measured(at) for at in [*scores, np.inf]))


def test_names_find_a_tag_that_was_never_trained() -> None:
    articles, labels = corpus()
    config = replace(Config(), "names", enabled="always")
    trained = train(articles, labels, None, config)
    predictor = Predictor(trained.bundle()).with_names({"Oslo": ()})
    about = Article("new", "The storm of Oslo", " ".join(FILLER * 3) + " Cairo.")
    probability = {tag.tag: tag.probability for tag in predictor.predict([about], top=99)[0].tags}
    assert probability["Oslo"] > 0.5 > probability["Cairo"]


def test_names_are_used_where_they_pay_and_only_there() -> None:
    articles, labels = corpus()
    words = replace(replace(Config(), "features", views=(ViewConfig(),)), "tags", C=1.0)
    auto = train(articles, labels, None, words)
    assert auto.summary()["tags"]["names"]["used"]
    assert "names" in auto.bundle().sections
    never = train(articles, labels, None, replace(words, "names", enabled="never"))
    assert "names" not in never.summary()["tags"]
    assert "names" not in never.bundle().sections
    nameless = train(*corpus(tagged=False), None, words)
    assert not nameless.summary()["tags"]["names"]["used"]
    assert "names" not in nameless.bundle().sections
