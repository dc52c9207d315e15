"""Tasks that are made while others are done."""

from __future__ import annotations

from functools import partial

import pytest

from slugline.learn import parallel
from slugline.learn.parallel import in_turn


@pytest.mark.parametrize("jobs", [1, 2, 3])
def test_results_come_in_order_and_few_tasks_are_ahead(monkeypatch, jobs):
    monkeypatch.setattr(parallel, "cores", lambda: 3)
    made = []

    def tasks():
        for number in range(20):
            made.append(number)
            yield partial(lambda one: one * one, number)

    for number, result in enumerate(in_turn(tasks(), jobs)):
        assert result == number * number
        assert len(made) <= number + 1 + jobs


@pytest.mark.parametrize("jobs", [1, 3])
def test_a_failure_comes_in_its_turn_and_ends_the_rest(monkeypatch, jobs):
    monkeypatch.setattr(parallel, "cores", lambda: 3)
    made = []

    def tasks():
        for number in [2, 1, 0, *range(1, 50)]:
            made.append(number)
            yield partial(lambda one: 2 // one, number)

    results = in_turn(tasks(), jobs)
    assert [next(results), next(results)] == [1, 2]
    with pytest.raises(ZeroDivisionError):
        next(results)
    assert len(made) <= 3 + jobs


def test_other_workers_are_not_asked():
    class Elsewhere:
        def run(self, tasks, *, work):
            raise AssertionError

    assert list(in_turn((partial(int, 5) for _ in range(3)), Elsewhere())) == [5, 5, 5]
