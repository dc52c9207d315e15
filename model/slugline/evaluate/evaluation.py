"""Evaluating the two heads from labels, probabilities and decisions; never from a model."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from slugline.config import EvaluateConfig
from slugline.evaluate.results import EventTypeEvaluation, TagEvaluation


def evaluate_tags(
    tags: Sequence[str],
    truth: NDArray[np.bool_],
    probability: NDArray[np.float64],
    decided: NDArray[np.bool_],
    *,
    unseen_truth: NDArray[np.int64] | None = None,
    config: EvaluateConfig,
    rule: str,
) -> TagEvaluation:
    """Measure a tag head on N held-out articles over the L tags of the model.

    `truth`, `probability` (in [0, 1]) and `decided` have the shape (N, L), columns in the order of `tags`.
    `unseen_truth` (N,) counts each article's true tags that the model does not know (None: no such tags). `rule` names
    how tags were decided. Raises SluglineError where there is no article or no tag, ValueError where shapes disagree.
    """
    raise NotImplementedError


def evaluate_event_type(
    types: Sequence[str],
    truth: Sequence[str],
    probability: NDArray[np.float64],
    predicted: Sequence[str | None],
    *,
    config: EvaluateConfig,
    rule: str,
) -> EventTypeEvaluation:
    """Measure an event-type head on N held-out articles over the K types of the model.

    `truth` holds N labels ("none" is a type of its own; types outside `types` count as errors and are reported),
    `probability` (N, K) sums to 1 over the columns, which are in the order of `types`; `predicted` holds N decisions,
    None where the model abstained. Raises SluglineError where there is no article or no type, ValueError where shapes
    disagree.
    """
    raise NotImplementedError
