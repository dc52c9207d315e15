"""Two runs are compared on what they share, and what they do not share is said or refused."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest

from slugline.evaluate.outcomes import EventOutcome, Outcome, Outcomes, TagOutcome
from slugline.evaluate.paired import compare_outcomes

TAGS = ("oil", "war", "vote")


def run(error, seed=0, articles=60, tags=TAGS, level="type"):
    """A run with wrong decisions at a rate of `error`; truth is the same for all."""
    truth = np.random.default_rng(1).random((articles, len(TAGS))) < 0.5
    rng = np.random.default_rng(seed)
    rows = []
    for number in range(articles):
        true = tuple(tag for tag, is_true in zip(TAGS, truth[number], strict=True) if is_true)
        flip = rng.random(len(TAGS)) < error
        given = tuple(
            tag for tag, is_true, f in zip(TAGS, truth[number], flip, strict=True) if is_true != f and tag in tags
        )
        right = rng.random() > error
        event = EventOutcome("flood" if number % 2 else "crash", None, {})
        event = dataclasses.replace(event, decided=event.true if right else "crash" if number % 2 else "flood")
        at_3 = len(set(true) & set(given)) / 3 if true else None
        rows.append(Outcome(f"a{number}", f"sha{number}", TagOutcome(true, given, {}, at_3), event))
    return Outcomes(tuple(rows), tags, ("crash", "flood"), level)


def measures(head):
    return [test.measure for test in head.tests]


def test_a_better_run_is_told_from_a_worse_one():
    found = compare_outcomes(run(0.4), run(0.02, 1), resamples=999)
    assert measures(found.tags) == ["micro_f1", "macro_f1", "precision_at_3"]
    assert measures(found.event_type) == ["accuracy", "macro_f1"]
    assert all(test.p < 0.01 and test.low > 0 for head in (found.tags, found.event_type) for test in head.tests)
    assert {change.label for change in found.tags.gained} == set(TAGS)
    assert (found.tags.lost, found.tags.notes, found.refused) == ((), (), ())
    back = compare_outcomes(run(0.02, 1), run(0.4), resamples=999)
    assert {change.label for change in back.tags.lost} == set(TAGS)
    assert back.tags.lost[0].difference == min(change.difference for change in back.tags.changes)
    said = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert said["tags"]["tests"][0]["label_set"] == "the 3 tags that both models know"
    assert said["tags"]["labels_tested"] == 3


def test_articles_of_one_run_only_are_left_out_and_told():
    a, b = run(0.1), run(0.1, 1)
    changed = dataclasses.replace(b.rows[2], text="another text")
    found = compare_outcomes(
        dataclasses.replace(a, rows=a.rows[5:]),
        dataclasses.replace(b, rows=(*b.rows[:2], changed, *b.rows[3:50])),
        resamples=50,
    )
    assert found.tags.articles == found.event_type.articles == 45
    assert found.tags.notes == (
        "left out: 10 of the held-out articles, which only A has",
        "left out: 5 of the held-out articles, which only B has",
    )


def test_tags_that_one_model_does_not_know_are_left_out_and_also_measured():
    found = compare_outcomes(run(0.1, tags=TAGS[:2]), run(0.1, 1), resamples=99)
    assert found.tags.notes == ("left out of micro-F1 and macro-F1: 1 of the tags, which only B knows",)
    assert measures(found.tags) == ["micro_f1", "macro_f1", "micro_f1_all", "precision_at_3"]
    assert found.tags.tests[2].difference > 0.1
    assert {change.label for change in found.tags.changes} <= set(TAGS[:2])


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda run: dataclasses.replace(run, rows=()), "B has none"),
        (
            lambda run: dataclasses.replace(run, rows=tuple(dataclasses.replace(row, id="b") for row in run.rows)),
            "no held-out article in common",
        ),
        (
            lambda run: dataclasses.replace(
                run,
                rows=tuple(
                    dataclasses.replace(row, tags=TagOutcome((), (), {}, None), event_type=EventOutcome("x", "x", {}))
                    for row in run.rows
                ),
            ),
            "'a0' has",
        ),
    ],
)
def test_what_cannot_be_compared_is_refused_for_a_reason(change, why):
    found = compare_outcomes(run(0.1), change(run(0.1, 1)), resamples=9)
    assert (found.tags, found.event_type) == (None, None)
    assert all(why in line for line in found.refused)
    assert [line.split(":")[0] for line in found.refused] == ["tags", "event types"]


def test_levels_and_models_without_a_common_tag_are_refused():
    found = compare_outcomes(run(0.1), run(0.1, tags=("other",), level="group"), resamples=9)
    assert found.refused == (
        "tags: the two models have no tag in common",
        "event types: A was measured by type, B by group",
    )


def test_a_head_that_neither_run_has_is_not_mentioned():
    rows = tuple(dataclasses.replace(row, tags=None) for row in run(0.1).rows)
    found = compare_outcomes(*[Outcomes(rows, (), ("crash", "flood"))] * 2, resamples=9)
    assert (found.tags, found.refused) == (None, ())
    assert found.event_type.tests[0].p == 1


def test_abstaining_makes_micro_f1_another_measure():
    a = run(0.1)
    rows = tuple(
        dataclasses.replace(row, event_type=dataclasses.replace(row.event_type, decided=None)) for row in a.rows[:9]
    )
    found = compare_outcomes(a, dataclasses.replace(a, rows=rows + a.rows[9:]), resamples=9)
    assert measures(found.event_type) == ["accuracy", "micro_f1", "macro_f1"]
