"""Running independent tasks in this process or on a Dask cluster, whatever happens to its workers."""

from __future__ import annotations

import contextlib
import time
import uuid
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import CancelledError
from queue import Empty, SimpleQueue
from typing import Any, Protocol

from slugline.errors import SluglineError

PATIENCE = 120.0
"""Seconds that work waits for a worker, where there is none, before it is given up."""

RETRIES = 3
"""How often a task is tried again whose workers died under it, or whose storage failed."""

_LOOK = 1.0
"""Seconds without a result after which the workers are counted."""


class ClusterError(SluglineError):
    """The cluster cannot be reached, has no workers, or loses every worker that takes a task."""


class Shared:
    """An argument that several calls have in common, and that travels once: to every worker, or to those in need."""

    def __init__(self, value: Any, *, everywhere: bool) -> None:
        self.value = value
        self.everywhere = everywhere


class Pool(Protocol):
    """Where tasks run."""

    def run(
        self, function: Callable[..., Any], calls: Sequence[tuple[Any, ...]], names: Sequence[str]
    ) -> Iterator[tuple[int, Any]]:
        """Yield the number and the result of each of `calls`, arguments of `function`, as they come, each once.

        `function` is at module level, and may be run twice for a call. `names` are what errors call the calls. The
        first SluglineError of a call is raised, and ends the others. Raises ClusterError.
        """
        ...


class Here:
    """One task after the other in this process."""

    def run(
        self, function: Callable[..., Any], calls: Sequence[tuple[Any, ...]], names: Sequence[str]
    ) -> Iterator[tuple[int, Any]]:
        """See Pool.run."""
        for number, (call, name) in enumerate(zip(calls, names, strict=True)):
            try:
                result = function(*call)
            except OSError as error:
                raise SluglineError(f"cannot read or write ({error.strerror or error})", file=name) from error
            yield number, result


class Remote:
    """A Dask cluster. A task whose worker dies is run again by another, at first by Dask, then by this class.

    `client` is a distributed.Client, `patience` how many seconds it may be without workers.
    """

    def __init__(self, client: Any, address: str, patience: float = PATIENCE) -> None:
        self.client = client
        self.address = address
        self.patience = patience
        self._alive = time.monotonic()

    def run(
        self, function: Callable[..., Any], calls: Sequence[tuple[Any, ...]], names: Sequence[str]
    ) -> Generator[tuple[int, Any]]:
        """See Pool.run; an argument may be Shared."""
        token = uuid.uuid4().hex[:12]
        arrived: SimpleQueue[tuple[int, Any]] = SimpleQueue()
        waiting: dict[int, Any] = {}
        tries = [0] * len(calls)
        sent: dict[Shared, Any] = {}

        def submit(number: int) -> None:
            tries[number] += 1
            key = f"slugline.{function.__name__}-{token}-{number}-{tries[number]}"
            args = [self._sent(argument, sent) for argument in calls[number]]
            waiting[number] = self.client.submit(function, *args, key=key, pure=False)
            listen(number)

        def listen(number: int) -> None:
            waiting[number].add_done_callback(lambda future: arrived.put((number, future)))

        self._alive = time.monotonic()
        try:
            for number in range(len(calls)):
                submit(number)
            while waiting:
                try:
                    number, future = arrived.get(timeout=_LOOK)
                except Empty:
                    self._check()
                    continue
                if number not in waiting or waiting[number] is not future:
                    continue
                failure = self._failure(future)
                if failure is None:
                    try:
                        result = future.result(timeout=_LOOK)
                    except TimeoutError:
                        # Its worker died with the result, and the task is run again.
                        self._check()
                        listen(number)
                        continue
                    except Exception as error:
                        failure = error
                    else:
                        del waiting[number]
                        self._alive = time.monotonic()
                        yield number, result
                        continue
                if tries[number] > RETRIES or not _may_pass(failure):
                    raise _final(failure, names[number], tries[number]) from failure
                self._check()
                submit(number)
        finally:
            with contextlib.suppress(Exception):
                self.client.cancel(list(waiting.values()), force=True)

    def _sent(self, argument: Any, sent: dict[Shared, Any]) -> Any:
        """What a task gets for an argument: of one that is shared the future, sent again if all who had it died."""
        if not isinstance(argument, Shared):
            return argument
        tries = 0
        while argument not in sent or sent[argument].status != "finished":
            self.wait_for_worker()
            tries += 1
            try:
                sent[argument] = self.client.scatter(argument.value, broadcast=argument.everywhere, hash=False)
            except (OSError, LookupError, ValueError) as error:
                # What Dask raises where a worker dies while it is sent something.
                if tries > RETRIES:
                    raise ClusterError(f"cannot send data to workers ({_line(error)})", file=self.address) from error
                time.sleep(_LOOK)
        return sent[argument]

    def wait_for_worker(self) -> None:
        """Return when there is a worker. Raises ClusterError if none comes in time."""
        self._alive = time.monotonic()
        while not self._check():
            time.sleep(_LOOK / 4)

    def _failure(self, future: Any) -> Exception | None:
        """Why a future that is done has no result, None if it has one."""
        if future.status == "error":
            failure = future.exception(timeout=self.patience)
            return failure if isinstance(failure, Exception) else RuntimeError(str(failure))
        return None if future.status in ("finished", "pending") else ConnectionError("the scheduler dropped the task")

    def _check(self) -> int:
        """How many workers there are. Raises ClusterError without a scheduler, or for too long without a worker."""
        try:
            workers = len(self.client.nthreads())
        except Exception as error:
            raise ClusterError(f"lost the Dask scheduler ({_line(error)})", file=self.address) from error
        now = time.monotonic()
        if workers:
            self._alive = now
        elif now - self._alive > self.patience:
            raise ClusterError(f"no Dask worker for {self.patience:.0f} s", file=self.address)
        return workers


def _may_pass(failure: Exception) -> bool:
    """Whether another try may have success: after a death or a fault of the network, not after bad data."""
    from distributed import KilledWorker

    lasting = (FileNotFoundError, PermissionError, IsADirectoryError, NotADirectoryError)
    # Cancelled is what is left of a task whose result died on its worker together with an argument that was sent there.
    return isinstance(failure, (KilledWorker, CancelledError, OSError)) and not isinstance(failure, lasting)


def _final(failure: Exception, name: str, tries: int) -> Exception:
    """The error to raise for a task that is given up."""
    from distributed import KilledWorker

    if isinstance(failure, SluglineError):
        return failure
    if isinstance(failure, KilledWorker):
        return ClusterError(
            f"given up: every worker that took this died, in {tries} rounds; is there memory enough for it?", file=name
        )
    if isinstance(failure, ModuleNotFoundError):
        return ClusterError(
            f"the workers lack a package ({_line(failure)}); install the same version of Slugline there"
        )
    if isinstance(failure, (OSError, CancelledError)):
        return ClusterError(f"given up after {tries} tries ({_line(failure)})", file=name)
    return failure


def _line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__
