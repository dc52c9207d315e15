from __future__ import annotations

import numpy as np
from scipy.optimize import minimize

from slugline.learn.platt import fit_platt, fit_platts


def labels(count: int = 12):
    random = np.random.default_rng(4)
    parts = []
    for label in range(count):
        size = int(random.integers(3, 400))
        truth = random.random(size) < random.random() ** 2
        parts.append((random.normal(size=size) * 10.0 ** (label % 3 - 1) + truth, truth, 0.5 + random.random(size)))
    return parts


def test_many_labels_at_once_are_fitted_as_each_alone():
    parts = labels()
    scores, truth, mass = (np.concatenate(part) for part in zip(*parts, strict=True))
    counts = np.array([len(part[0]) for part in parts])
    together = fit_platts(scores, truth, mass, counts, (2.0, -1.0), (0.1, 0.1))
    alone = [fit_platt(*part, prior=(2.0, -1.0), strength=(0.1, 0.1)) for part in parts]
    np.testing.assert_allclose(together, alone, rtol=1e-9)


def test_the_fit_is_the_optimum():
    for scores, truth, mass in labels():
        positives, negatives = mass[truth].sum(), mass[~truth].sum()
        target = np.where(truth, (positives + 1) / (positives + 2), 1 / (negatives + 2))

        def loss(point, scores=scores, target=target, mass=mass):
            value = point[0] * scores + point[1]
            away = np.asarray(point) - [2.0, -1.0]
            return mass @ (np.logaddexp(0, value) - target * value) + 0.05 * away @ away

        best = minimize(loss, [1.0, 0.0], method="Nelder-Mead", options={"xatol": 1e-6, "fatol": 1e-10})
        found = fit_platt(scores, truth, mass, prior=(2.0, -1.0), strength=(0.1, 0.1))
        if best.x[0] > 0.001:
            np.testing.assert_allclose(found, best.x, atol=1e-3)
