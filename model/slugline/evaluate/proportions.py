"""Intervals of proportions from counts alone, for one label at a time: Wilson's score interval (1927)."""

from __future__ import annotations

from statistics import NormalDist


def wilson(hits: int, trials: int, confidence: float = 0.95) -> tuple[float, float] | None:
    """The interval of the proportion `hits / trials`; None of no trials.

    Sound for few trials and near 0 and 1, where the usual one is not (Brown, Cai and DasGupta 2001).

    >>> low, high = wilson(8, 10)
    >>> round(low, 3), round(high, 3)
    (0.49, 0.943)
    """
    if trials == 0:
        return None
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share, square = hits / trials, z * z
    middle = (share + square / (2 * trials)) / (1 + square / trials)
    reach = z / (1 + square / trials) * (share * (1 - share) / trials + square / (4 * trials**2)) ** 0.5
    return max(0.0, middle - reach), min(1.0, middle + reach)


def f1_interval(hits: int, decided: int, actual: int, confidence: float = 0.95) -> tuple[float, float] | None:
    """The interval of F1 of a label that `actual` articles have, `decided` were given and `hits` both.

    F1 is 2J / (1 + J) of the Jaccard index J, the share of hits among the articles that have the label or were given
    it; the interval is Wilson's of J, carried over. None where there is no such article.
    """
    found = wilson(hits, decided + actual - hits, confidence)
    return None if found is None else (2 * found[0] / (1 + found[0]), 2 * found[1] / (1 + found[1]))
