"""Training on a cluster: each task fits a block of labels, on all rows or on those of a fold."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from slugline.cluster.tasks import Remote, Shared
from slugline.learn.parallel import Task

_PLAIN = (str, bytes, int, float, bool, type(None))


class ClusterWorkers:
    """A Dask cluster as the workers of a training (`slugline.learn.parallel.Workers`).

    What several tasks have in common, such as the rows of all articles, is sent to the workers once.
    """

    def __init__(self, remote: Remote) -> None:
        self.remote = remote

    def run(self, tasks: Sequence[Task], *, work: float) -> Iterator[Any]:  # noqa: ARG002
        """See Workers.run; an exception is raised as soon as it is known. Raises ClusterError."""
        uses = Counter(id(argument) for task in tasks for argument in task.args if not isinstance(argument, _PLAIN))
        shared: dict[int, Shared] = {}

        def sent(argument: Any) -> Any:
            if uses[id(argument)] < 2:
                return argument
            everywhere = uses[id(argument)] >= len(tasks)
            return shared.setdefault(id(argument), Shared(argument, everywhere=everywhere))

        calls = [(task.function, *map(sent, task.args)) for task in tasks]
        names = [f"training task {number + 1} of {len(tasks)}" for number in range(len(tasks))]
        early: dict[int, Any] = {}
        following = 0
        with contextlib.closing(self.remote.run(do, calls, names)) as found:
            for number, result in found:
                early[number] = result
                while following in early:
                    yield early.pop(following)
                    following += 1


def do(function: Any, *args: Any) -> Any:
    """Call `function`; a name of its own, as compiled functions have none that Dask can show."""
    return function(*args)
