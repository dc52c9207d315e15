"""Tag and event-type evaluation agree with scikit-learn, and every trap of others' evaluations is stated."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn import metrics as sk

from slugline.config import EvaluateConfig
from slugline.errors import SluglineError
from slugline.evaluate.evaluation import evaluate_event_type, evaluate_tags

POINT = EvaluateConfig(bootstrap=0)
FEW = EvaluateConfig(bootstrap=40)


@st.composite
def tagged(draw, most_articles=12, most_tags=8):
    """(truth, probability, decided) with ties, articles without tags and tags without articles."""
    shape = (draw(st.integers(1, most_articles)), draw(st.integers(1, most_tags)))
    truth = draw(arrays(bool, shape))
    probability = draw(arrays(float, shape, elements=st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.7, 1.0])))
    return truth, probability, draw(arrays(bool, shape))


def names(count):
    return [f"t{number}" for number in range(count)]


def tags_of(truth, probability, decided, unseen=None, config=POINT):
    return evaluate_tags(
        names(truth.shape[1]), truth, probability, decided, unseen_truth=unseen, config=config, rule="zero"
    )


def test_macro_f1_over_all_tags_counts_the_unseen_ones_as_0():
    truth = np.array([[True, False], [False, True]])
    found = evaluate_tags(
        names(2),
        truth,
        truth * 0.9,
        truth,
        unseen_truth=np.array([1, 2]),
        unseen_labels=2,
        config=FEW,
        rule="zero",
    )
    assert found.metrics["macro_f1"].value == 1.0
    assert found.metrics["macro_f1_all"].value == 0.5
    assert found.metrics["macro_f1_all"].high <= 0.5
    assert found.to_dict()["label_sets"]["all"]["labels"] == 4


def values(evaluation):
    return {name: metric.value for name, metric in evaluation.metrics.items()}


def close(value, expected):
    assert value == pytest.approx(float(expected), abs=1e-9)


@given(tagged())
@settings(deadline=None)
def test_tags_f1_as_scikit_learn(case):
    truth, _, decided = case
    found = values(tags_of(*case))
    everything = range(truth.shape[1])
    held = np.flatnonzero(truth.any(axis=0))
    for average, labels, suffix in (("micro", everything, ""), ("macro", held, ""), ("macro", everything, "_model")):
        if len(labels) == 0:
            assert found["macro_f1"] is None
            continue
        options = {"labels": labels, "average": average, "zero_division": 0}
        # A matrix of one column would be taken for a binary problem.
        pair = (np.pad(truth, ((0, 0), (0, 1))).astype(int), np.pad(decided, ((0, 0), (0, 1))).astype(int))
        close(found[f"{average}_f1{suffix}"], sk.f1_score(*pair, **options))
        if not suffix:
            close(found[f"{average}_precision"], sk.precision_score(*pair, **options))
            close(found[f"{average}_recall"], sk.recall_score(*pair, **options))
    if len(held):
        close(found["weighted_f1"], sk.f1_score(*pair, average="weighted", zero_division=0))
    else:
        assert found["weighted_f1"] is None
    close(found["no_tag_decided"], np.mean([not row.any() for row in decided]))


@given(tagged())
@settings(deadline=None)
def test_tags_ranking_as_scikit_learn(case):
    truth, probability, _ = case
    found = values(tags_of(*case))
    rows = truth.any(axis=1)
    if not rows.any():
        assert {found[name] for name in ("lrap", "ndcg_at_5", "precision_at_1", "recall_at_5")} == {None}
        return
    close(found["lrap"], sk.label_ranking_average_precision_score(truth[rows], probability[rows]))
    if truth.shape[1] > 1:
        close(found["ndcg_at_5"], sk.ndcg_score(truth[rows], probability[rows], k=5))


@given(st.data())
@settings(deadline=None)
def test_precision_and_recall_at_k_without_ties(data):
    articles, labels = data.draw(st.integers(1, 8)), data.draw(st.integers(1, 9))
    truth = data.draw(arrays(bool, (articles, labels)))
    rng = np.random.default_rng(data.draw(st.integers(0, 1000)))
    probability = np.array([rng.permutation(labels) for _ in range(articles)]) / labels
    found = values(tags_of(truth, probability, probability > 0.5))
    rows = np.flatnonzero(truth.any(axis=1))
    for k in (1, 3, 5):
        top = [np.argsort(-probability[row])[:k] for row in rows]
        hits = [truth[row, best].sum() for row, best in zip(rows, top, strict=True)]
        if len(rows):
            close(found[f"precision_at_{k}"], np.mean(hits) / k)
    if len(rows):
        close(found["recall_at_5"], np.mean([hit / truth[row].sum() for hit, row in zip(hits, rows, strict=True)]))


@given(tagged(), st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=40)
def test_order_of_tags_does_not_matter(case, random):
    truth, probability, decided = case
    order = list(range(truth.shape[1]))
    random.shuffle(order)
    before = tags_of(*case, config=FEW)
    after = tags_of(truth[:, order], probability[:, order], decided[:, order], config=FEW)
    for name, metric in before.metrics.items():
        assert after.metrics[name].value == pytest.approx(metric.value), name
        assert after.metrics[name].low == pytest.approx(metric.low), name


@given(tagged())
@settings(deadline=None, max_examples=40)
def test_intervals_are_ordered_and_within_range(case):
    evaluation = tags_of(*case, config=FEW)
    for name, metric in evaluation.metrics.items():
        if metric.value is None:
            assert metric.low is None, name
            assert metric.high is None, name
        elif metric.low is not None:
            assert 0 <= metric.low <= metric.high <= 1 + 1e-12, name
            assert 0 <= metric.value <= 1 + 1e-12, name
    json.dumps(evaluation.to_dict(), allow_nan=False)


def test_inputs_are_not_changed():
    rng = np.random.default_rng(0)
    truth, probability = rng.random((20, 6)) < 0.3, rng.random((20, 6))
    decided = probability > 0.5
    copies = truth.copy(), probability.copy(), decided.copy()
    tags_of(truth, probability, decided, config=FEW)
    for array, copy in zip((truth, probability, decided), copies, strict=True):
        np.testing.assert_array_equal(array, copy)


def test_trap_articles_without_tags_are_left_out_of_ranking_and_counted():
    truth = np.array([[True, False], [False, False], [False, False]])
    probability = np.array([[0.9, 0.1], [0.9, 0.1], [0.2, 0.1]])
    evaluation = tags_of(truth, probability, probability > 0.5, unseen=np.array([0, 2, 0]))
    found = values(evaluation)
    # Scored 0 or 1 instead, the two articles without tags would give 1/3, or hide behind a mean of 1.
    assert found["ndcg_at_5"] == found["precision_at_1"] == found["lrap"] == 1.0
    assert (evaluation.articles_without_tags, evaluation.articles_untagged) == (2, 1)
    assert "left out" in evaluation.to_dict()["ranking_metrics"]
    # The decision on them still counts: one false tag.
    assert found["micro_precision"] == 0.5


def test_trap_three_macro_f1_are_named():
    truth = np.array([[True, False, False], [True, False, False]])
    evaluation = tags_of(truth, truth * 0.9, truth, unseen=np.array([1, 0]))
    found = evaluation.to_dict()
    assert found["metrics"]["macro_f1"]["value"] == 1.0
    assert found["metrics"]["macro_f1_model"]["value"] == pytest.approx(1 / 3, abs=1e-6)
    assert found["label_sets"]["held-out"]["labels"] == 1
    assert found["label_sets"]["model"]["labels"] == 3
    # 2 hits, 2 decided, 3 true tags with the one that the model does not know.
    assert found["metrics"]["micro_f1"]["value"] == 1.0
    assert found["metrics"]["micro_f1_all"]["value"] == pytest.approx(0.8)
    assert found["metrics"]["unseen_tag_share"]["value"] == pytest.approx(1 / 3, abs=1e-6)
    assert found["unseen_tags"] == 1


def test_trap_rule_is_named():
    truth = np.array([[True]])
    assert tags_of(truth, truth * 0.5, truth).to_dict()["rule"] == "zero"


def test_a_tag_that_the_model_never_decides_scores_nothing():
    truth = np.array([[True, True], [True, False]])
    decided = np.array([[True, False], [True, False]])
    scores = tags_of(truth, truth * 0.5, decided).per_label
    assert [(score.f1, score.precision, score.support, score.predicted) for score in scores] == [
        (1.0, 1.0, 2, 2),
        (0.0, 0.0, 1, 0),
    ]


def test_best_and_worst_tags():
    rng = np.random.default_rng(1)
    truth = rng.random((200, 45)) < np.linspace(0.002, 0.5, 45)
    decided = truth ^ (rng.random((200, 45)) < 0.1)
    evaluation = tags_of(truth, rng.random((200, 45)), decided)
    best, worst = evaluation.best, evaluation.worst
    assert len(best) == len(worst) == 10
    assert evaluation.min_support == 10
    assert all(score.support >= 10 for score in (*best, *worst))
    assert min(score.f1 for score in best) >= max(score.f1 for score in worst)
    eligible = sorted(score.f1 for score in evaluation.per_label if score.support >= 10)
    assert [score.f1 for score in worst] == eligible[:10]
    assert [score.f1 for score in best] == eligible[:-11:-1]


def test_few_tags_are_not_both_best_and_worst():
    truth = np.eye(3, dtype=bool)
    evaluation = tags_of(truth, truth * 0.5, truth)
    assert evaluation.min_support == 1
    assert {score.label for score in evaluation.best} | {score.label for score in evaluation.worst} == {
        "t0",
        "t1",
        "t2",
    }
    assert not {score.label for score in evaluation.best} & {score.label for score in evaluation.worst}


def test_tags_calibration_looks_at_the_most_probable_tags():
    rng = np.random.default_rng(2)
    probability = np.hstack([rng.uniform(0.2, 0.9, (4000, 5)), np.full((4000, 200), 1e-6)])
    truth = rng.random(probability.shape) < probability
    assert values(tags_of(truth, probability, truth))["ece"] < 0.03
    # Overconfident where it matters; over all pairs this would be 1/41 of it.
    wrong = np.hstack([truth[:, :5] & (rng.random((4000, 5)) < 0.5), truth[:, 5:]])
    assert values(tags_of(wrong, probability, wrong))["ece"] > 0.2


@st.composite
def typed(draw):
    types = ["armed_conflict", "none", "sport", "trial"][: draw(st.integers(1, 4))]
    articles = draw(st.integers(1, 25))
    truth = draw(st.lists(st.sampled_from([*types, "unheard_of"]), min_size=articles, max_size=articles))
    predicted = draw(st.lists(st.sampled_from([*types, None]), min_size=articles, max_size=articles))
    raw = draw(arrays(float, (articles, len(types)), elements=st.floats(0.01, 1)))
    return types, truth, raw / raw.sum(axis=1, keepdims=True), predicted


def event_types_of(types, truth, probability, predicted, config=POINT):
    return evaluate_event_type(types, truth, probability, predicted, config=config, rule="argmax")


@given(typed())
@settings(deadline=None)
def test_event_types_as_scikit_learn(case):
    types, truth, probability, predicted = case
    evaluation = event_types_of(*case)
    found = values(evaluation)
    given_labels = ["" if label is None else label for label in predicted]
    held = sorted(set(truth))
    options = {"zero_division": 0}
    close(found["accuracy"], sk.accuracy_score(truth, given_labels))
    close(found["macro_f1"], sk.f1_score(truth, given_labels, labels=held, average="macro", **options))
    close(found["weighted_f1"], sk.f1_score(truth, given_labels, labels=held, average="weighted", **options))
    close(found["macro_precision"], sk.precision_score(truth, given_labels, labels=held, average="macro", **options))
    close(found["macro_recall"], sk.recall_score(truth, given_labels, labels=held, average="macro", **options))
    close(found["macro_f1_model"], sk.f1_score(truth, given_labels, labels=types, average="macro", **options))
    close(found["abstained"], given_labels.count("") / len(truth))
    close(found["unknown_share"], truth.count("unheard_of") / len(truth))
    known = [row for row, label in enumerate(truth) if label in types]
    if known and len(types) > 1:
        expected = sk.log_loss([truth[row] for row in known], probability[known], labels=types)
        close(found["log_loss"], expected)
    assert sum(map(sum, evaluation.confusion)) == len(truth)
    table = sk.confusion_matrix(truth, given_labels, labels=[*types, "unheard_of", ""])
    for label, row in zip(evaluation.confusion_truth, evaluation.confusion, strict=True):
        expected_row = table[[*types, "unheard_of"].index(label)]
        assert row == (*expected_row[: len(types)], expected_row[-1])
    json.dumps(evaluation.to_dict(), allow_nan=False)


def test_unknown_event_types_are_errors_and_reported():
    evaluation = event_types_of(
        ["sport", "none"], ["sport", "trial", "none"], np.array([[0.9, 0.1]] * 3), ["sport", "sport", None]
    )
    found = values(evaluation)
    assert evaluation.unknown == {"trial": 1}
    assert evaluation.abstained == 1
    assert found["accuracy"] == pytest.approx(1 / 3)
    assert found["accuracy_decided"] == pytest.approx(1 / 2)
    assert evaluation.labels_held_out == 3
    assert [score.label for score in evaluation.per_label] == ["sport", "none", "trial"]
    assert evaluation.confusion == ((1, 0, 0), (0, 0, 1), (1, 0, 0))
    assert evaluation.confusion_predicted == ("sport", "none", None)


def test_event_type_calibration_as_guo_2017():
    rng = np.random.default_rng(3)
    probability = rng.dirichlet([1, 1, 1], 500)
    truth = [("a", "b", "c")[number] for number in rng.integers(0, 3, 500)]
    best = probability.max(axis=1)
    right = np.array([("a", "b", "c")[number] for number in probability.argmax(axis=1)]) == truth
    expected = 0.0
    for low, high in zip(np.linspace(0, 1, 16)[:-1], np.linspace(0, 1, 16)[1:], strict=True):
        inside = (best > low) & (best <= high)
        if inside.any():
            expected += inside.mean() * abs(best[inside].mean() - right[inside].mean())
    close(values(event_types_of(("a", "b", "c"), truth, probability, truth))["ece"], expected)


GOOD = {
    "truth": np.array([[True, False]]),
    "probability": np.array([[0.5, 0.5]]),
    "decided": np.array([[True, False]]),
}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"truth": np.array([[1, 0]])}, "truth"),
        ({"decided": np.array([[True]])}, "decided"),
        ({"probability": np.array([[0.5, np.nan]])}, "probability"),
        ({"probability": np.array([[0.5, 1.5]])}, "probability"),
        ({"probability": np.array([[0.5]])}, "probability"),
        ({"unseen_truth": np.array([1, 2])}, "unseen_truth"),
        ({"tags": ["a", "a"]}, "tags"),
    ],
)
def test_wrong_tag_inputs_are_named(change, said):
    arguments = {"tags": ["a", "b"]} | GOOD | change
    with pytest.raises(ValueError, match=said):
        evaluate_tags(**arguments, config=POINT, rule="zero")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"probability": np.array([[0.5, 0.1]])}, "sum to 1"),
        ({"predicted": ["a", "b"]}, "predicted"),
        ({"predicted": ["z"]}, "'z'"),
    ],
)
def test_wrong_event_type_inputs_are_named(change, said):
    arguments = {"types": ["a", "b"], "truth": ["a"], "probability": np.array([[0.5, 0.5]]), "predicted": ["a"]}
    with pytest.raises(ValueError, match=said):
        evaluate_event_type(**(arguments | change), config=POINT, rule="argmax")


def test_nothing_to_evaluate_is_an_error_of_the_data():
    nothing = np.zeros((0, 2), dtype=bool)
    with pytest.raises(SluglineError, match="no held-out article"):
        tags_of(nothing, nothing.astype(float), nothing)
    nothing = np.zeros((2, 0), dtype=bool)
    with pytest.raises(SluglineError, match="knows no tags"):
        tags_of(nothing, nothing.astype(float), nothing)
    with pytest.raises(SluglineError, match="no held-out article"):
        event_types_of(["a"], [], np.zeros((0, 1)), [])


def test_best_and_worst_event_types_are_among_those_that_occur():
    truth = ["a"] * 4 + ["b"] * 3 + ["c"] * 2
    given = ["a"] * 4 + ["b", "b", "a"] + ["d", "d"]
    probability = np.full((9, 4), 0.25)
    found = evaluate_event_type(["a", "b", "c", "d"], truth, probability, given, config=POINT, rule="argmax")
    assert [score.label for score in found.best] == ["a", "b"]
    assert [score.label for score in found.worst] == ["c"]
    assert found.to_dict()["worst"][0]["f1"] == 0
