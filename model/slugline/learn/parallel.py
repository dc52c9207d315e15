"""Work over several threads, processes or machines: the same tasks, in the same blocks, whatever their number."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, NamedTuple, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

BLOCKS = 16
"""Labels are cut into at most this many blocks: enough to keep some cores busy, few enough for tasks to be worth it."""

WORTH_A_POOL = 2e8
"""Non-zero values times fits (about 8 seconds) below which starting processes costs more than it saves."""


Result = TypeVar("Result")


class Task(NamedTuple):
    """A function at module level and its arguments, which may travel to another process or machine.

    Tasks of one call share their big arguments: what is the same object in all of them need be sent only once.
    """

    function: Callable[..., Any]
    args: tuple[Any, ...]

    def __call__(self) -> Any:
        """Do it here and now."""
        return self.function(*self.args)


class Workers(Protocol):
    """Whatever can do tasks: threads and processes of this machine, or a cluster."""

    def run(self, tasks: Sequence[Task], *, work: float) -> Iterator[Any]:
        """The results of `tasks`, in their order, each as soon as it and those before it are there.

        `work` is the number of non-zero values times the number of fits in all tasks, to judge what is worth sending.
        A task's exception is raised where its result would come. An iterator that is closed early stops what has not
        begun. The same task gives the same bytes wherever and however often it is done, so a lost one may be repeated.
        """


Jobs = int | Workers
"""How many threads or processes of this machine (-1: one for every core), or who else does the work."""


class Threads:
    """Workers in this process, for tasks that run without Python's lock: the compiled solvers. Nothing is copied."""

    def __init__(self, count: int) -> None:
        self.count = count

    def run(self, tasks: Sequence[Task], *, work: float) -> Iterator[Any]:  # noqa: ARG002
        """See Workers.run."""
        if min(self.count, len(tasks)) <= 1:
            yield from (task() for task in tasks)
            return
        pool = ThreadPoolExecutor(min(self.count, len(tasks)))
        try:
            futures: list[Future[Any]] = [pool.submit(task.function, *task.args) for task in tasks]
            futures.reverse()
            # A result is let go as soon as it has been taken.
            while futures:
                yield futures.pop().result()
        finally:
            pool.shutdown(cancel_futures=True)


class Processes:
    """Workers in processes of their own, for what holds Python's lock or has a global state, as liblinear's generator.

    Small work is done in this process. Big arrays are memory-mapped; threads of the linear algebra library are held to
    one in each.
    """

    def __init__(self, count: int) -> None:
        self.count = count

    def run(self, tasks: Sequence[Task], *, work: float) -> Iterator[Any]:
        """See Workers.run."""
        workers = min(self.count, len(tasks))
        if workers <= 1 or work < WORTH_A_POOL:
            yield from (task() for task in tasks)
            return
        import joblib

        with joblib.parallel_config("loky", inner_max_num_threads=1):
            pool = joblib.Parallel(n_jobs=workers, return_as="generator", max_nbytes="1M", mmap_mode="r")
            yield from pool(joblib.delayed(task.function)(*task.args) for task in tasks)


def beside(jobs: Jobs, function: Callable[[], Result]) -> Callable[[], Result]:
    """Begin `function()` in a thread beside what follows, where `jobs` are several; what is returned waits for its
    result, or gets it then. It must depend on nothing that changes meanwhile.

    >>> beside(1, lambda: 7)()
    7
    """
    if isinstance(jobs, int) and worker_count(jobs) <= 1:
        return function
    pool = ThreadPoolExecutor(1)
    future = pool.submit(function)
    pool.shutdown(wait=False)
    return future.result


def threads(jobs: Jobs) -> Threads:
    """As many threads of this process as `jobs` are, or as it may use cores if others do the work: for what is too
    small to be sent to them, and lets go of Python's lock most of the time, as arrays of 100,000 numbers do.
    """
    return Threads(worker_count(jobs) if isinstance(jobs, int) else cores())


def in_turn(tasks: Iterable[Callable[[], Result]], jobs: Jobs) -> Iterator[Result]:
    """The results of `tasks`, in their order, by so many threads while the caller makes the next tasks; only a few are
    under way at a time. With one thread each task is done when its turn comes. See `threads`.

    >>> list(in_turn((lambda: n for n in range(3)), 1))
    [0, 1, 2]
    """
    count = threads(jobs).count
    if count <= 1:
        yield from (task() for task in tasks)
        return
    pool = ThreadPoolExecutor(count)
    try:
        ahead: deque[Future[Result]] = deque()
        for task in tasks:
            ahead.append(pool.submit(task))
            if len(ahead) > count:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def label_blocks(labels: int) -> list[NDArray[np.intp]]:
    """The numbers 0 to `labels` - 1 dealt out to at most BLOCKS blocks, so that neighbours land in different ones.

    >>> [block.tolist() for block in label_blocks(3)]
    [[0], [1], [2]]
    """
    count = min(labels, BLOCKS)
    return [np.arange(start, labels, count) for start in range(count)]


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def worker_count(jobs: int) -> int:
    """The number of workers that `jobs` means: -1 is every core, -2 all but one; never more than there are cores.

    Raises ValueError for 0.
    """
    if jobs == 0:
        raise ValueError("jobs must not be 0")
    return min(jobs, cores()) if jobs > 0 else max(cores() + 1 + jobs, 1)


def in_order(tasks: Sequence[Task], jobs: Jobs, *, work: float, threads: bool = False) -> Iterator[Any]:
    """The results of `tasks`, in their order (see `Workers.run`), by `jobs` threads, processes or whoever it is."""
    if isinstance(jobs, int):
        count = worker_count(jobs)
        return Threads(count).run(tasks, work=work) if threads else Processes(count).run(tasks, work=work)
    return jobs.run(tasks, work=work)
