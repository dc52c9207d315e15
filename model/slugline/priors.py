"""Class shares that have changed since training, found on a batch of articles, and probabilities put right.

A model gives probabilities that fit the shares of its training articles. Where only the shares have changed (more
disasters, fewer elections), Saerens, Latinne and Decaestecker (2002, "Adjusting the outputs of a classifier to new a
priori probabilities: a simple procedure") find the new ones without labels, by expectation maximisation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from slugline.errors import ModelFileError, SluglineError

if TYPE_CHECKING:
    from numpy.typing import NDArray

FEWEST = 300
"""Articles below which new shares are not looked for: they would be noise."""

STRENGTH = 1000.0
"""The old shares count as much as this many articles: with less, a batch whose words have changed is misread."""

_MAX_ITERATIONS = 1000


@dataclass(frozen=True, slots=True)
class Priors:
    """The mean calibrated probability of each event type over the training articles: a section of the model file.

    It is this, and not the share of the labels, that the model's probabilities fit.
    """

    event_type: dict[str, float] = field(default_factory=dict)

    @property
    def labels(self) -> tuple[str, ...]:
        """None: the section adds no label to the self-test."""
        return ()

    def describe(self) -> dict[str, Any]:
        """What the manifest says of it: plain JSON."""
        return {"event_type": self.event_type}

    def arrays(self) -> dict[str, NDArray[Any]]:
        """It has no array."""
        return {}

    @classmethod
    def read(cls, about: dict[str, Any], arrays: dict[str, NDArray[Any]], heads: Mapping[str, Any]) -> Self:
        """The section from what `describe` gave. Raises ValueError or TypeError where it is not sound."""
        shares = about["event_type"]
        if arrays or not isinstance(shares, dict) or not heads:
            raise ValueError("priors are not an object of numbers")
        for label, share in shares.items():
            if type(share) not in (int, float) or not 0 < share <= 1:
                raise ValueError(f"the share of {label!r} is not between 0 and 1")
        return cls({label: float(share) for label, share in shares.items()})

    def of(self, labels: tuple[str, ...]) -> NDArray[np.float64] | None:
        """The shares of these labels, (K,), summing to 1; None where one is not known."""
        if not labels or not set(labels) <= set(self.event_type):
            return None
        shares = np.array([self.event_type[label] for label in labels])
        return np.asarray(shares / shares.sum())


@dataclass(frozen=True, slots=True)
class Shift:
    """The shares of event types that a model was trained with, and those found on a batch of `articles`."""

    articles: int
    old: dict[str, float]
    new: dict[str, float]

    def ratio(self, labels: tuple[str, ...]) -> NDArray[np.float64]:
        """New share over old of each label, (K,)."""
        return np.array([self.new[label] / self.old[label] for label in labels])


def find_shift(probability: NDArray[np.float64], labels: tuple[str, ...], priors: Priors | None) -> Shift:
    """The shift of a batch with probabilities (N, K) of these labels.

    Raises SluglineError for fewer than FEWEST articles, ModelFileError where the model file lacks its shares.
    """
    prior = None if priors is None else priors.of(labels)
    if prior is None:
        raise ModelFileError(
            "does not hold the shares of its event types", expected="a model with event types, trained by this version"
        )
    if len(probability) < FEWEST:
        raise SluglineError(
            "too few articles with known words to find new shares of event types",
            found=len(probability),
            expected=f"{FEWEST} or more",
        )
    shares, _ = adapt(probability, prior)
    old, new = (dict(zip(labels, part.tolist(), strict=True)) for part in (prior, np.maximum(shares, 1e-6)))
    return Shift(len(probability), old, new)


def adapt(
    probability: NDArray[np.float64], prior: NDArray[np.float64], strength: float = STRENGTH
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """New class shares (K,) of a batch, and its probabilities (N, K) under them.

    `probability` (N, K) are calibrated, rows summing to 1, under the shares `prior` (K,), all above 0. `strength` is
    how many articles the old shares count for. Raises ValueError where shapes disagree or a share is not positive.

    >>> old = np.array([0.5, 0.5])
    >>> shares, _ = adapt(np.array([[0.9, 0.1]] * 90 + [[0.1, 0.9]] * 10), old, strength=0.0)
    >>> bool(shares[0] > 0.95)
    True
    """
    rows, classes = probability.shape
    if prior.shape != (classes,) or not (prior > 0).all():
        raise ValueError(f"{classes} classes need as many shares above 0: {prior}")
    shares = prior.copy()
    for _ in range(_MAX_ITERATIONS):
        new = (_under(probability, shares / prior).sum(axis=0) + strength * prior) / (rows + strength)
        moved = float(np.abs(new - shares).max())
        shares = new
        if moved < 1e-7:
            break
    return shares, _under(probability, shares / prior)


def _under(probability: NDArray[np.float64], ratio: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probabilities (N, K) times the ratio of shares (K,), rows summing to 1 again."""
    raised = probability * ratio
    return np.asarray(raised / np.maximum(raised.sum(axis=1, keepdims=True), 1e-300))
