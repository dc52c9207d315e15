"""Two runs compared on the articles that both were measured on: what differs, and whether chance could have done it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from slugline.evaluate.outcomes import Outcome, Outcomes
from slugline.evaluate.significance import (
    LEAST_DIFFERING,
    RESAMPLES,
    LabelChange,
    Measure,
    PairedTest,
    paired_labels,
    paired_mean,
    paired_test,
)

LEVEL = 0.05
"""Labels with a q of at most this are gained or lost."""


@dataclass(frozen=True, slots=True)
class HeadComparison:
    """One head of two runs, A and B, on their `articles` shared held-out articles.

    `label_sets` says for each test over which labels it is. `changes` are the labels on which the runs differ, each
    tested. `notes` say what was left out of the comparison, one line each.
    """

    articles: int
    tests: tuple[PairedTest, ...]
    label_sets: dict[str, str]
    changes: tuple[LabelChange, ...]
    notes: tuple[str, ...] = ()

    @property
    def tested(self) -> int:
        """How many labels differ on enough articles for a test."""
        return sum(change.differing >= LEAST_DIFFERING for change in self.changes)

    @property
    def gained(self) -> tuple[LabelChange, ...]:
        """Labels that B finds better, beyond chance; the largest gain first."""
        return tuple(change for change in self.changes if change.q <= LEVEL and change.difference > 0)

    @property
    def lost(self) -> tuple[LabelChange, ...]:
        """Labels that B finds worse, beyond chance; the largest loss first."""
        return tuple(change for change in self.changes[::-1] if change.q <= LEVEL and change.difference < 0)

    def to_dict(self) -> dict[str, Any]:
        """The JSON object documented in docs/tracking.md."""
        return {
            "articles": self.articles,
            "notes": list(self.notes),
            "tests": [test.to_dict() | {"label_set": self.label_sets[test.measure]} for test in self.tests],
            "labels_tested": self.tested,
            "gained": [change.label for change in self.gained],
            "lost": [change.label for change in self.lost],
            "per_label": [change.to_dict() for change in self.changes],
        }


@dataclass(frozen=True, slots=True)
class PairedComparison:
    """Both heads of two runs; a head is None where it could not be compared, and `refused` says why."""

    tags: HeadComparison | None
    event_type: HeadComparison | None
    refused: tuple[str, ...]
    resamples: int
    seed: int

    def to_dict(self) -> dict[str, Any]:
        """The JSON object documented in docs/tracking.md."""
        heads = {"tags": self.tags, "event_type": self.event_type}
        return {name: head.to_dict() for name, head in heads.items() if head is not None} | {
            "refused": list(self.refused),
            "method": "p: approximate randomisation, two-sided; interval: paired bootstrap over articles, 95 %; "
            f"q: Benjamini-Hochberg over the labels that differ on at least {LEAST_DIFFERING} articles, at {LEVEL}",
            "resamples": self.resamples,
            "seed": self.seed,
        }


class _RefusedError(Exception):
    """Why a head of two runs cannot be compared."""


def compare_outcomes(a: Outcomes, b: Outcomes, *, resamples: int = RESAMPLES, seed: int = 0) -> PairedComparison:
    """Compare two runs on the articles that both have, which are those with the same id and text.

    Articles of one run only, and tags that one of the models does not know, are left out, and `notes` say so. A head is
    refused where no article is shared, where a shared article has other true labels in the two runs, or where event
    types were measured at different levels.
    """
    refused: list[str] = []
    heads: list[HeadComparison | None] = []
    for compare, name in ((_compare_tags, "tags"), (_compare_event_types, "event types")):
        try:
            heads.append(compare(a, b, resamples, seed))
        except _RefusedError as why:
            heads.append(None)
            if str(why):
                refused.append(f"{name}: {why}")
    return PairedComparison(heads[0], heads[1], tuple(refused), resamples, seed)


def _compare_tags(a: Outcomes, b: Outcomes, resamples: int, seed: int) -> HeadComparison:
    pairs, notes = _shared(a, b, lambda row: row.tags is not None)
    both = [(first.tags, second.tags) for first, second in pairs if first.tags is not None and second.tags is not None]
    shared = tuple(tag for tag in a.tags if tag in set(b.tags))
    for name, own in (("A", a.tags), ("B", b.tags)):
        if extra := len(own) - len(shared):
            notes.append(f"left out of micro-F1 and macro-F1: {extra:,} of the tags, which only {name} knows")
    known = set(shared)
    same = True
    for (first, _), (one, two) in zip(pairs, both, strict=True):
        same &= set(one.true) == set(two.true)
        if known & set(one.true) != known & set(two.true):
            raise _RefusedError(f"article {first.id!r} has other true tags in the two runs")
    if not shared:
        raise _RefusedError("the two models have no tag in common")
    truth = _matrix([one.true for one, _ in both], shared)
    first_given, second_given = (_matrix([pair[side].decided for pair in both], shared) for side in (0, 1))
    options: dict[str, Any] = {"resamples": resamples, "seed": seed}
    tests = [paired_test(truth, first_given, second_given, "micro_f1", **options)]
    sets = {"micro_f1": f"the {len(shared):,} tags that both models know"}
    if truth.any():
        tests.append(paired_test(truth, first_given, second_given, "macro_f1", **options))
        sets["macro_f1"] = f"the {int(truth.any(axis=0).sum()):,} of them that a shared article has"
    every = sorted({*a.tags, *b.tags}.union(*(one.true for one, _ in both)))
    if same and len(every) > len(shared):
        wide = _matrix([one.true for one, _ in both], every)
        given = [_matrix([pair[side].decided for pair in both], every) for side in (0, 1)]
        test = paired_test(wide, given[0], given[1], "micro_f1", **options)
        tests.append(dataclasses.replace(test, measure="micro_f1_all"))
        sets["micro_f1_all"] = f"all {len(every):,} tags that a model knows or a shared article has"
    at_3 = [np.array([_number(pair[side].precision_at_3) for pair in both]) for side in (0, 1)]
    if not (np.isnan(at_3[0]) | np.isnan(at_3[1])).all():
        tests.append(paired_mean(at_3[0], at_3[1], "precision_at_3", **options))
        sets["precision_at_3"] = "each model's own tags; articles with a true tag of both models"
    changes = paired_labels(shared, truth, first_given, second_given, **options)
    return HeadComparison(len(pairs), tuple(tests), sets, changes, tuple(notes))


def _compare_event_types(a: Outcomes, b: Outcomes, resamples: int, seed: int) -> HeadComparison:
    pairs, notes = _shared(a, b, lambda row: row.event_type is not None)
    if a.level != b.level:
        raise _RefusedError(f"A was measured by {a.level}, B by {b.level}")
    both = [(one.event_type, two.event_type) for one, two in pairs if one.event_type and two.event_type]
    for (first, _), (one, two) in zip(pairs, both, strict=True):
        if one.true != two.true:
            raise _RefusedError(f"article {first.id!r} has another true {a.level} in the two runs")
    labels = sorted({*a.event_types, *b.event_types, *(one.true for one, _ in both)})
    truth = _matrix([(one.true,) for one, _ in both], labels)
    first_given, second_given = (
        _matrix([() if (label := pair[side].decided) is None else (label,) for pair in both], labels) for side in (0, 1)
    )
    options: dict[str, Any] = {"resamples": resamples, "seed": seed}
    measures: list[Measure] = ["accuracy", "macro_f1"]
    if not (first_given.any(axis=1).all() and second_given.any(axis=1).all()):
        # Where neither abstains it is the accuracy.
        measures.insert(1, "micro_f1")
    tests = [paired_test(truth, first_given, second_given, measure, **options) for measure in measures]
    held = f"the {int(truth.any(axis=0).sum()):,} {a.level}s that a shared article has"
    whole = f"all {len(labels):,} {a.level}s that a model knows or a shared article has"
    sets = {"accuracy": whole, "micro_f1": whole, "macro_f1": held}
    changes = paired_labels(labels, truth, first_given, second_given, **options)
    return HeadComparison(len(pairs), tuple(tests), sets, changes, tuple(notes))


def _shared(
    a: Outcomes, b: Outcomes, annotated: Callable[[Outcome], bool]
) -> tuple[list[tuple[Outcome, Outcome]], list[str]]:
    """The pairs of rows of the articles that both have, in the order of A, and notes on those that are left out."""
    sides = [{(row.id, row.text): row for row in side.rows if annotated(row)} for side in (a, b)]
    if not sides[0] and not sides[1]:
        raise _RefusedError
    for name, side in zip("AB", sides, strict=True):
        if not side:
            raise _RefusedError(f"{name} has none")
    pairs = [(row, sides[1][key]) for key, row in sides[0].items() if key in sides[1]]
    if not pairs:
        raise _RefusedError("the two runs have no held-out article in common")
    notes = [
        f"left out: {len(side) - len(pairs):,} of the held-out articles, which only {name} has"
        for name, side in zip("AB", sides, strict=True)
        if len(side) > len(pairs)
    ]
    return pairs, notes


def _matrix(rows: Sequence[Sequence[str]], labels: Sequence[str]) -> NDArray[np.bool_]:
    column = {label: number for number, label in enumerate(labels)}
    found = np.zeros((len(rows), len(labels)), dtype=bool)
    for number, row in enumerate(rows):
        found[number, [column[label] for label in row if label in column]] = True
    return found


def _number(value: float | None) -> float:
    return float("nan") if value is None else value
