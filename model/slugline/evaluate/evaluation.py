"""Evaluating the two heads from labels, probabilities and decisions; never from a model."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from slugline.config import EvaluateConfig
from slugline.errors import SluglineError
from slugline.evaluate import calibration, metrics, ranking
from slugline.evaluate.curves import curves
from slugline.evaluate.intervals import with_intervals
from slugline.evaluate.results import Bootstrap, EventTypeEvaluation, LabelScore, TagEvaluation

SHOWN = 10
"""How many of the best and of the worst tags are named."""

DRAWN = 2
"""Curves are drawn of so many of the most frequent, and of the worst labels."""

SUPPORTS = (10, 5, 3, 2, 1)
"""The best and worst tags have at least the first of these supports that leaves enough tags to choose from."""


def evaluate_tags(
    tags: Sequence[str],
    truth: metrics.Flags,
    probability: NDArray[np.float64] | csr_array,
    decided: metrics.Flags,
    *,
    unseen_truth: NDArray[np.int64] | None = None,
    unseen_labels: int = 0,
    inverse_propensity: NDArray[np.float64] | None = None,
    config: EvaluateConfig,
    rule: str,
) -> TagEvaluation:
    """Measure a tag head on N held-out articles over the L tags of the model.

    `truth`, `probability` (in [0, 1]) and `decided` have the shape (N, L), columns in the order of `tags`; they are
    arrays, or all three sparse.
    `unseen_truth` (N,) counts each article's true tags that the model does not know (None: no such tags), and
    `unseen_labels` how many different tags these are. `inverse_propensity` (L,) is what finding a tag counts in PSP@k
    (`ranking.inverse_propensities`; None: it is not measured). `rule` names how tags were decided. Raises
    SluglineError where there is no article or no tag, ValueError where shapes disagree.
    """
    shape = (truth.shape[0], len(tags))
    _check_sizes("tags", *shape)
    unseen = np.zeros(shape[0], dtype=np.int64) if unseen_truth is None else np.asarray(unseen_truth)
    _check_array("truth", truth, shape, kind="b")
    _check_array("decided", decided, shape, kind="b")
    _check_array("unseen_truth", unseen, shape[:1], kind="iu")
    _check_probability(probability, shape)
    _check_labels("tags", tags)

    counter = metrics.Counter(truth, decided)
    point = counter.counts(np.ones((shape[0], 1)))
    held = point.actual[:, 0] > 0
    ranked = ranking.rank(truth, probability, inverse_propensity)
    # The most probable tags are those that a person is shown; over all pairs, near-zero ones would hide all others.
    calibrated = calibration.equal_mass(ranked.probability, ranked.relevance)
    per_article = {f"precision_at_{k}": ranked.precision(k) for k in (1, 3, 5)}
    per_article |= {f"recall_at_{k}": ranked.recall(k) for k in (1, 3, 5)}
    per_article |= {f"ndcg_at_{k}": ranked.ndcg(k) for k in (1, 3, 5)} | {"lrap": ranked.lrap}
    gains = {f"psp_at_{k}": gain for k in (1, 3, 5) if (gain := ranked.propensity_scored(k)) is not None}
    undecided = np.asarray(metrics.count_each(decided) == 0, dtype=np.float64)

    def statistic(weights: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        counts = counter.counts(weights)
        missed = unseen @ weights
        precision, recall, f1 = counts.micro()
        found = {"micro_f1": f1, "micro_precision": precision, "micro_recall": recall}
        found |= _macros(counts, point, held)
        found["micro_f1_all"] = counts.micro(missed)[2]
        # An unseen tag is never given, so that its F1 is 0 in every resample.
        found["macro_f1_all"] = found["macro_f1"] * (held.sum() / max(1, held.sum() + unseen_labels))
        found |= {name: metrics.mean(values, weights) for name, values in per_article.items()}
        found |= {name: metrics.ratio(gain @ weights, most @ weights) for name, (gain, most) in gains.items()}
        found["no_tag_decided"] = metrics.mean(undecided, weights)
        found["unseen_tag_share"] = metrics.ratio(missed, counts.actual.sum(axis=0) + missed)
        found["ece"] = calibrated.error(weights)
        return found

    scores = _label_scores(tags, point)
    support, best, worst = _extremes(scores)
    without = ranked.actual == 0
    return TagEvaluation(
        articles=shape[0],
        labels=shape[1],
        labels_held_out=int(held.sum()),
        rule=rule,
        # What is counted of every tag in a block of resamples may be more than their weights.
        metrics=with_intervals(statistic, shape[0], config, cells=(1 << 19) * shape[0] // max(shape)),
        articles_without_tags=int(without.sum()),
        articles_untagged=int((without & (unseen == 0)).sum()),
        unseen_tags=int(unseen.sum()),
        unseen_labels=unseen_labels,
        per_label=scores,
        min_support=support,
        best=best,
        worst=worst,
        bootstrap=Bootstrap(config.bootstrap, config.confidence, config.seed),
        curves=curves(tags, truth, probability, _drawn(scores, worst)),
        reliability=calibrated.bins,
    )


def evaluate_event_type(
    types: Sequence[str],
    truth: Sequence[str],
    probability: NDArray[np.float64],
    predicted: Sequence[str | None],
    *,
    config: EvaluateConfig,
    rule: str,
    level: str = "type",
) -> EventTypeEvaluation:
    """Measure an event-type head on N held-out articles over the K types of the model, or over its K groups.

    `truth` holds N labels ("none" is a type of its own; types outside `types` count as errors and are reported),
    `probability` (N, K) sums to 1 over the columns, which are in the order of `types`; `predicted` holds N decisions,
    None where the model abstained. `level` says what the labels are: "type" or "group". Raises SluglineError where
    there is no article or no type, ValueError where shapes disagree.
    """
    articles, known = len(truth), len(types)
    _check_sizes("event types", articles, known)
    _check_probability(probability, (articles, known))
    _check_labels("types", types)
    if np.abs(probability.sum(axis=1) - 1).max() > 1e-3:
        raise ValueError("probability: the types' probabilities of an article must sum to 1")
    if len(predicted) != articles:
        raise ValueError(f"predicted: {len(predicted)} decisions for {articles} articles")
    strange = sorted({label for label in predicted if label is not None} - set(types))
    if strange:
        raise ValueError(f"predicted: {strange[0]!r} is not one of the model's types")

    unknown = {label: sum(label == other for other in truth) for label in sorted(set(truth) - set(types))}
    labels = [*types, *unknown]
    number = {label: index for index, label in enumerate(labels)}
    true = np.array([number[label] for label in truth])
    given = np.array([-1 if label is None else number[label] for label in predicted])
    counter = metrics.Counter(_one_hot(true, len(labels)), _one_hot(given, len(labels)))
    point = counter.counts(np.ones((articles, 1)))
    held = point.actual[:, 0] > 0
    abstained = given < 0
    right = (true == given).astype(np.float64)
    certain = calibration.equal_width(
        probability.max(axis=1, keepdims=True), (probability.argmax(axis=1) == true).astype(np.float64)[:, None]
    )
    per_article = {
        "accuracy": right,
        "accuracy_decided": np.where(abstained, np.nan, right),
        "abstained": abstained.astype(np.float64),
        "unknown_share": (true >= known).astype(np.float64),
        "log_loss": _log_loss(probability, true),
    }

    def statistic(weights: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        counts = counter.counts(weights)
        found = {"accuracy": metrics.mean(per_article["accuracy"], weights)}
        found["micro_precision"], found["micro_recall"], found["micro_f1"] = counts.micro()
        found |= _macros(counts, point, held, model=np.arange(len(labels)) < known)
        found |= {name: metrics.mean(values, weights) for name, values in per_article.items() if name not in found}
        found["ece"] = certain.error(weights)
        return found

    occurring = [label for label, occurs in zip(labels, held, strict=True) if occurs]
    scores = _label_scores(labels, point)
    support, best, worst = _extremes([score for score in scores if score.support])
    drawn = [label for label in _drawn(scores, worst) if label not in unknown]
    table = np.zeros((len(labels), known + 1), dtype=np.int64)
    np.add.at(table, (true, np.where(abstained, known, given)), 1)
    return EventTypeEvaluation(
        articles=articles,
        labels=known,
        labels_held_out=len(occurring),
        rule=rule,
        level=level,
        metrics=with_intervals(statistic, articles, config),
        abstained=int(abstained.sum()),
        unknown=unknown,
        per_label=scores,
        min_support=support,
        best=best,
        worst=worst,
        confusion_truth=tuple(occurring),
        confusion_predicted=(*types, None),
        confusion=tuple(tuple(int(count) for count in row) for row in table[held]),
        bootstrap=Bootstrap(config.bootstrap, config.confidence, config.seed),
        curves=curves(types, _one_hot(true, known), probability, drawn, missed=sum(unknown.values())),
        reliability=certain.bins,
    )


def _macros(
    counts: metrics.Counts,
    point: metrics.Counts,
    held: NDArray[np.bool_],
    *,
    model: NDArray[np.bool_] | None = None,
) -> dict[str, NDArray[np.float64]]:
    """Macro measures over the labels of `held` (L,), macro-F1 also over those of `model` (L,) (None: all)."""
    present = counts.actual > 0
    given = present & (counts.decided > 0)

    def macro(measure: str, labels: slice | NDArray[np.bool_]) -> NDArray[np.float64]:
        values, values_point = getattr(counts, measure), getattr(point, measure)
        defined = given if measure == "precision" else present
        return metrics.macro(values[labels], defined[labels], values_point[labels, 0])

    everything = slice(None) if model is None else model
    return {
        "macro_f1": macro("f1", held),
        "macro_precision": macro("precision", held),
        "macro_recall": macro("recall", held),
        "macro_f1_model": macro("f1", everything),
        "weighted_f1": metrics.weighted(counts.f1, counts.actual),
    }


def _label_scores(labels: Sequence[str], point: metrics.Counts) -> tuple[LabelScore, ...]:
    columns = (point.actual, point.decided, point.precision, point.recall, point.f1)
    return tuple(
        LabelScore(label, int(actual), int(decided), float(precision), float(recall), float(f1))
        for label, actual, decided, precision, recall, f1 in zip(labels, *(c[:, 0] for c in columns), strict=True)
    )


def _extremes(scores: Sequence[LabelScore]) -> tuple[int, tuple[LabelScore, ...], tuple[LabelScore, ...]]:
    """The minimum support, and the best and the worst labels that have it; no label is among both."""
    for support in SUPPORTS:
        chosen = [score for score in scores if score.support >= support]
        if len(chosen) >= 2 * SHOWN:
            break
    best = sorted(chosen, key=lambda score: (-score.f1, -score.support, score.label))
    worst = sorted(chosen, key=lambda score: (score.f1, -score.support, score.label))
    few = min(SHOWN, (len(chosen) + 1) // 2)
    names = {score.label for score in best[:few]}
    return support, tuple(best[:few]), tuple(score for score in worst if score.label not in names)[:SHOWN]


def _drawn(scores: Sequence[LabelScore], worst: Sequence[LabelScore]) -> list[str]:
    """The labels whose curves are worth a look: the two most frequent, and the two worst of the others."""
    frequent = sorted(scores, key=lambda score: (-score.support, score.label))[:DRAWN]
    names = [score.label for score in frequent if score.support]
    return names + [score.label for score in worst if score.label not in names][:DRAWN]


def _one_hot(numbers: NDArray[np.int64], width: int) -> NDArray[np.bool_]:
    return np.asarray(numbers[:, None] == np.arange(width))


def _log_loss(probability: NDArray[np.float64], true: NDArray[np.int64]) -> NDArray[np.float64]:
    """(N,) minus the logarithm of the true type's probability; NaN where the model does not know the type."""
    known = true < probability.shape[1]
    chosen = probability[np.arange(len(true)), np.where(known, true, 0)]
    return np.where(known, -np.log(np.maximum(chosen, np.finfo(np.float64).eps)), np.nan)


def _check_sizes(what: str, articles: int, labels: int) -> None:
    if articles == 0:
        raise SluglineError(f"nothing to evaluate: no held-out article is annotated with {what}")
    if labels == 0:
        raise SluglineError(f"nothing to evaluate: the model knows no {what}")


def _check_labels(what: str, labels: Sequence[str]) -> None:
    if len(set(labels)) != len(labels):
        raise ValueError(f"{what}: a label occurs twice")


def _check_array(name: str, array: NDArray[np.generic] | csr_array, shape: tuple[int, ...], *, kind: str) -> None:
    if array.shape != shape or array.dtype.kind not in kind:
        raise ValueError(f"{name}: shape {array.shape} of {array.dtype}; expected {shape} of kind {kind!r}")


def _check_probability(probability: NDArray[np.float64] | csr_array, shape: tuple[int, ...]) -> None:
    _check_array("probability", probability, shape, kind="f")
    values = probability if isinstance(probability, np.ndarray) else probability.data
    if not (values >= 0).all() or not (values <= 1).all():
        raise ValueError("probability: a value is outside [0, 1] or not a number")
