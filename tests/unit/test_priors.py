from __future__ import annotations

import numpy as np
import pytest

from slugline.priors import Priors, adapt


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
