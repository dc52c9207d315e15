"""Work over several processes: the same tasks, in the same blocks, whatever their number."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import joblib
import numpy as np
from numpy.typing import NDArray

BLOCKS = 16
"""Labels are cut into at most this many blocks: enough to keep some cores busy, few enough for tasks to be worth it."""

WORTH_A_POOL = 2e8
"""Non-zero values times fits (about 8 seconds) below which starting processes costs more than it saves."""


class Task(NamedTuple):
    """A function at module level and its arguments, which travel to another process; big arrays are memory-mapped."""

    function: Callable[..., Any]
    args: tuple[Any, ...]


def label_blocks(labels: int) -> list[NDArray[np.intp]]:
    """The numbers 0 to `labels` - 1 dealt out to at most BLOCKS blocks, so that neighbours land in different ones.

    >>> [block.tolist() for block in label_blocks(3)]
    [[0], [1], [2]]
    """
    count = min(labels, BLOCKS)
    return [np.arange(start, labels, count) for start in range(count)]


def in_order(tasks: Sequence[Task], jobs: int, *, work: float) -> Iterator[Any]:
    """The results of `tasks`, in their order, each as soon as it and those before it are there.

    `work` is the number of non-zero values times the number of fits in all tasks: small work is done in this process.
    `jobs` as joblib counts: -1 is every core; more processes than cores are not started. Processes and not threads,
    because liblinear's random generator is global; threads of the linear algebra library are held to one in each.
    """
    workers = min(joblib.effective_n_jobs(jobs), joblib.cpu_count(), len(tasks))
    if workers <= 1 or work < WORTH_A_POOL:
        for task in tasks:
            yield task.function(*task.args)
        return
    with joblib.parallel_config("loky", inner_max_num_threads=1):
        pool = joblib.Parallel(n_jobs=workers, return_as="generator", max_nbytes="1M", mmap_mode="r")
        yield from pool(joblib.delayed(task.function)(*task.args) for task in tasks)
