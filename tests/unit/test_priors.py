from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from slugline.bundle import read_bundle, write_bundle
from slugline.errors import ModelFileError, SluglineError
from slugline.predict import Predictor
from slugline.priors import FEWEST, Priors, adapt
from small_model import ARTICLES, TYPES, UNKNOWN, small_bundle


def batch(shares: list[float], rows: int = 4000) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Probabilities of a model trained on even shares, the truth, and the old shares."""
    random = np.random.default_rng(0)
    classes = len(shares)
    truth = random.choice(classes, rows, p=shares)
    # Normal scores of one class each, so that the even-shares posterior is the softmax of them.
    seen = random.normal(0, 1, (rows, classes)) + 1.5 * np.eye(classes)[truth]
    logits = 1.5 * seen
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True), truth, np.full(classes, 1 / classes)


def test_new_shares_are_found_and_decide_better():
    probability, truth, old = batch([0.7, 0.2, 0.1])
    shares, adapted = adapt(probability, old, strength=0.0)
    np.testing.assert_allclose(shares, [0.7, 0.2, 0.1], atol=0.04)
    np.testing.assert_allclose(adapted.sum(axis=1), 1)
    assert (adapted.argmax(axis=1) == truth).mean() > (probability.argmax(axis=1) == truth).mean() + 0.02


def test_unchanged_shares_stay():
    probability, _, old = batch([1 / 3, 1 / 3, 1 / 3])
    shares, adapted = adapt(probability, old)
    np.testing.assert_allclose(shares, old, atol=0.03)
    np.testing.assert_allclose(adapted, probability, atol=0.06)


def test_the_old_shares_hold_a_small_batch():
    probability, _, old = batch([0.7, 0.2, 0.1], rows=50)
    held, _ = adapt(probability, old, strength=1000.0)
    free, _ = adapt(probability, old, strength=0.0)
    assert np.abs(held - old).sum() < 0.2 * np.abs(free - old).sum()


def test_a_class_that_never_comes_keeps_its_probabilities_finite():
    probability = np.array([[1.0, 0.0], [0.9, 0.1]])
    shares, adapted = adapt(probability, np.array([0.5, 0.5]), strength=0.0)
    assert np.isfinite(shares).all()
    assert np.isfinite(adapted).all()


@pytest.mark.parametrize("prior", [np.array([1.0, 0.0]), np.array([1.0])])
def test_shares_that_cannot_be_are_refused(prior):
    with pytest.raises(ValueError, match="shares above 0"):
        adapt(np.array([[0.5, 0.5]]), prior)


def test_shares_are_those_of_the_labels_asked_for():
    priors = Priors({"flood": 0.2, "vote": 0.6, "crash": 0.2})
    np.testing.assert_allclose(priors.of(("vote", "flood", "crash")), [0.6, 0.2, 0.2])
    assert priors.of(("vote", "strike")) is None
    assert priors.of(()) is None


@pytest.mark.parametrize("shares", [None, [0.5], {"a": 0}, {"a": "0.5"}, {"a": 1.5}, {"a": True}])
def test_damaged_shares_are_refused(shares):
    with pytest.raises(ValueError, match=r"priors|share"):
        Priors.read({"event_type": shares}, {}, {"event_type": None})


def test_what_is_written_is_read():
    priors = Priors({"flood": 0.25, "vote": 0.75})
    assert Priors.read(priors.describe(), priors.arrays(), {"event_type": None}) == priors


def small_predictor(**shares: float) -> Predictor:
    bundle = small_bundle()
    given = dict.fromkeys(TYPES, 0.2) | shares
    return Predictor(dataclasses.replace(bundle, sections={"priors": Priors(given)}))


def test_a_batch_is_predicted_under_its_own_shares():
    predictor = small_predictor()
    many = [ARTICLES[number % 2] for number in range(2000)]
    adapted, shift = predictor.adapted(many)
    before, after = (one.verdicts(ARTICLES[:2]).event_probabilities for one in (predictor, adapted))
    np.testing.assert_allclose(after.sum(axis=1), 1)
    ratio = np.array([shift.new[label] / shift.old[label] for label in TYPES])
    np.testing.assert_allclose(after, before * ratio / (before * ratio).sum(axis=1, keepdims=True))
    assert sum(shift.new.values()) == pytest.approx(1, abs=1e-4)
    assert shift.articles == 2000
    for prediction, row in zip(adapted.predict(ARTICLES[:2]), after, strict=True):
        assert prediction.event_type.probability == pytest.approx(row.max())


def test_what_decides_is_the_adapted_probability():
    """A type that was said to be nearly all of training, and is not in this batch, loses its place."""
    predictor = small_predictor()
    best = predictor.verdicts(ARTICLES[:1]).event_decisions[0]
    shifted = small_predictor(**{best: 50.0 * 0.2})
    adapted, shift = shifted.adapted([ARTICLES[number % 4] for number in range(5000)])
    assert shift.new[best] < shift.old[best]
    assert adapted.verdicts(ARTICLES[:1]).event_probabilities.argmax() != TYPES.index(best)
    assert adapted.verdicts(ARTICLES[:1]).event_decisions[0] != best


def test_too_few_articles_are_refused():
    with pytest.raises(SluglineError, match=f"{FEWEST} or more"):
        small_predictor().adapted(ARTICLES * 10)
    # Articles without a term that the model knows say nothing of shares.
    with pytest.raises(SluglineError, match="found 0"):
        small_predictor().adapted([UNKNOWN] * FEWEST)


def test_a_model_without_its_shares_says_so():
    with pytest.raises(ModelFileError, match="shares"):
        Predictor(small_bundle()).adapted(ARTICLES * FEWEST)


def test_the_model_file_keeps_the_shares(tmp_path):
    path = tmp_path / "model.safetensors"
    predictor = small_predictor(Sports=0.5)
    write_bundle(path, predictor.bundle)
    assert read_bundle(path).sections["priors"] == predictor.bundle.sections["priors"]
