"""What a model says of articles like those it was trained on: what later articles are compared with.

Its own training articles would not do: a model is surer of what it has learned. These are the scores of the
cross-validation, each article's by classifiers fitted on the other folds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from slugline.records import record

if TYPE_CHECKING:
    from numpy.typing import NDArray

POINTS = 101
"""Quantiles that a distribution is kept as: the least value, 99 percentiles, the greatest."""

MEASURES = ("unknown_words", "tags", "event_type")
"""What is measured of each article: the share of its words that are unknown, and the probability of its best tag and of
its best event type."""


@record(frozen=True, slots=True, eq=False)
class Reference:
    """A section of the model file. `articles` are how many training articles each of MEASURES was taken of, `quantiles`
    their values there, (POINTS,); `decided` how many of them each tag and each event type would have been decided for.
    """

    articles: Mapping[str, int] = field(default_factory=dict)
    quantiles: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    decided: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    @property
    def labels(self) -> tuple[str, ...]:
        """None: the section adds no label to the self-test."""
        return ()

    def describe(self) -> dict[str, Any]:
        """What the manifest says of it: plain JSON."""
        return {
            "articles": dict(sorted(self.articles.items())),
            "decided": {head: dict(sorted(counts.items())) for head, counts in sorted(self.decided.items())},
        }

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Its arrays by key."""
        return {name: np.asarray(values, dtype=np.float32) for name, values in sorted(self.quantiles.items())}

    @classmethod
    def read(cls, about: dict[str, Any], arrays: dict[str, NDArray[Any]], heads: Mapping[str, Any]) -> Self:  # noqa: ARG003
        """The section from what `describe` and `arrays` gave. Raises ValueError, KeyError or TypeError."""
        articles, decided = about["articles"], about["decided"]
        if not isinstance(articles, dict) or set(articles) != set(arrays) or not set(arrays) <= set(MEASURES):
            raise ValueError("the reference has other measures than it says")
        if any(type(count) is not int or count < 1 for count in articles.values()):
            raise ValueError("the reference is of no article")
        for name, values in arrays.items():
            sound = values.shape == (POINTS,) and values.dtype == np.float32 and np.isfinite(values).all()
            if not sound or (np.diff(values) < 0).any():
                raise ValueError(f"the quantiles of {name!r} do not ascend")
        if not isinstance(decided, dict) or not set(decided) <= {"tags", "event_type"}:
            raise ValueError("the reference has decisions of other heads")
        for counts in decided.values():
            if not isinstance(counts, dict) or any(type(n) is not int or n < 0 for n in counts.values()):
                raise ValueError("the reference's decisions are not counts")
        return cls(articles, {name: values.astype(np.float64) for name, values in arrays.items()}, decided)

    def joined(self, other: Reference) -> Reference:
        """This and what another has beside it."""
        return Reference(
            {**self.articles, **other.articles},
            {**self.quantiles, **other.quantiles},
            {**self.decided, **other.decided},
        )


def reference_of(
    measure: str,
    values: NDArray[np.float64],
    labels: tuple[str, ...] = (),
    counts: NDArray[np.integer[Any]] | None = None,
) -> Reference:
    """The reference of one of MEASURES from its values (n,), and of how many articles each label was decided for."""
    if not len(values):
        return Reference()
    decided: dict[str, dict[str, int]] = {}
    if counts is not None:
        pairs = zip(labels, counts.tolist(), strict=True)
        decided[measure] = {label: int(count) for label, count in pairs if count}
    quantiles = np.quantile(values, np.linspace(0.0, 1.0, POINTS)).astype(np.float32).astype(np.float64)
    return Reference({measure: len(values)}, {measure: quantiles}, decided)
