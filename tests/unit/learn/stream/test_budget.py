"""How memory is shared out: beyond what makes a training faster, more memory is not used."""

import numpy as np
import pytest

from slugline.learn.stream.budget import Budget
from slugline.learn.stream.rows import RowFiles


@pytest.mark.parametrize("memory", ["1G", "64G"])
def test_weights_and_blocks_do_not_grow_with_the_memory(memory):
    budget = Budget.of(memory)
    files = RowFiles(None, np.arange(101) * 1000, np.full(100, 200_000))
    assert budget.labels(100_000, jobs=1) == 64
    assert budget.labels(100_000, jobs=2) == 128
    assert budget.files(files, 5000) == 8
    assert budget.keys <= 32 << 20


def test_with_little_memory_there_are_fewer():
    budget = Budget.of("480M")
    files = RowFiles(None, np.arange(101) * 1000, np.full(100, 2_000_000))
    assert budget.labels(10_000_000, jobs=1) == 1
    assert budget.files(files, 5000) == 1
