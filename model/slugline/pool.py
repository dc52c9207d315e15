"""Predicting with several processes: articles are read in one, go out in blocks, and come back in their order."""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import os
import signal
from collections import deque
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from slugline.article import Article
from slugline.bundle import read_bundle
from slugline.errors import ModelFileError, SluglineError
from slugline.predict import Predictor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from concurrent.futures import Future
    from multiprocessing.context import BaseContext

    from slugline.article import Prediction
    from slugline.explanation import Explanation
    from slugline.priors import Shift

    # What is sent of an article: the model sees, and the result shows, nothing else of it.
    Text = tuple[str, str, str]

_AHEAD = 2  # blocks that wait for each process

_predictor: Predictor  # a worker process's own, set once when it starts


def predict_lines(
    predictor: Predictor, articles: Iterable[Article], jobs: int, *, top: int | None = None, ascii_only: bool = False
) -> Iterator[str]:
    """`Predictor.predict_lines` in `jobs` processes; the same lines in the same order."""
    if jobs == 1:
        yield from predictor.predict_lines(articles, top=top, ascii_only=ascii_only)
    else:
        yield from _in_processes(predictor, articles, jobs, _lines, (top, ascii_only))


def predict_stream(
    predictor: Predictor, articles: Iterable[Article], jobs: int, *, top: int | None = None, explain: bool = False
) -> Iterator[Prediction]:
    """`Predictor.predict_stream` in `jobs` processes; the same predictions in the same order."""
    if jobs == 1:
        yield from predictor.predict_stream(articles, top=top, explain=explain)
    else:
        for block in _in_processes(predictor, articles, jobs, _objects, (top, explain)):
            yield from block


def explain_stream(
    predictor: Predictor,
    articles: Iterable[Article],
    jobs: int,
    *,
    tags: Sequence[str] = (),
    types: Sequence[str] = (),
    top: int | None = None,
) -> Iterator[Explanation]:
    """`Predictor.explain_stream` in `jobs` processes; the same explanations in the same order, without an article's
    date, source and address.
    """
    if jobs == 1:
        yield from predictor.explain_stream(articles, tags=tags, types=types, top=top)
        return
    # A tag that is not known is told before anything is read.
    next(predictor.explain_stream((), tags=tags, types=types), None)
    for block in _in_processes(predictor, articles, jobs, _explanations, (tuple(tags), tuple(types), top)):
        yield from block


def _in_processes(
    predictor: Predictor,
    articles: Iterable[Article],
    jobs: int,
    work: Callable[[list[Text], tuple[Any, ...]], Any],
    options: tuple[Any, ...],
) -> Iterator[Any]:
    """What `work` makes of each block of articles, in order; at most `_AHEAD` blocks a process are in memory.

    Where reading fails, what was read before is answered first, as one process does. Raises SluglineError where a
    process is ended from outside, ValueError for a model that was read from no file.
    """
    bundle = predictor.bundle
    if bundle.path is None:
        raise ValueError("a model of no file cannot be opened in other processes")
    context: BaseContext
    if _one_thread():
        # A copy of this process has the model in memory, and shares it.
        context = multiprocessing.get_context("fork")
        pool = ProcessPoolExecutor(jobs, mp_context=context, initializer=_begin, initargs=(predictor,))
    else:
        # Threads, those of the libraries of numerics among them, would be left half way by a fork.
        context = multiprocessing.get_context("spawn")
        source = (bundle.path, bundle.digest, predictor.added, predictor.shift)
        pool = ProcessPoolExecutor(jobs, mp_context=context, initializer=_start, initargs=source)
    waiting: deque[Future[Any]] = deque()
    failed: list[Exception] = []
    blocks = _blocks(articles, predictor.batch_size, failed)
    try:
        for block in blocks:
            with _one_thread_each():
                waiting.append(pool.submit(work, block, options))
            if len(waiting) > _AHEAD * jobs:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    except BrokenProcessPool as error:
        raise SluglineError("a process that predicts was ended; with fewer --jobs less memory is needed") from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
    if failed:
        raise failed[0]


def _blocks(articles: Iterable[Article], size: int, failed: list[Exception]) -> Iterator[list[Text]]:
    """The articles in blocks, as one process takes them; an error of reading ends them and is kept in `failed`."""
    waiting = iter(articles)
    try:
        while block := [(article.id, article.title, article.body) for article in islice(waiting, size)]:
            yield block
    except (SluglineError, OSError) as error:
        failed.append(error)


def _one_thread() -> bool:
    """Whether this process has no other thread, Python's or not; only Linux tells."""
    try:
        return len(list(Path("/proc/self/task").iterdir())) == 1
    except OSError:
        return False


@contextlib.contextmanager
def _one_thread_each() -> Iterator[None]:
    """Processes started within multiply matrices with one thread, unless the user says otherwise."""
    name = "OPENBLAS_NUM_THREADS"
    before = os.environ.get(name)
    os.environ.setdefault(name, "1")
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]


def _begin(predictor: Predictor) -> None:
    """Take up the work in a worker process."""
    global _predictor
    # Ctrl-C reaches every process of a terminal; the first one sees to the others, and to what a signal leaves behind.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name) and signal.getsignal(getattr(signal, name)) is not signal.SIG_IGN:
            signal.signal(getattr(signal, name), signal.SIG_DFL)
    _predictor = predictor
    # What was copied stays, and is shared as long as no search for garbage touches it.
    gc.freeze()


def _start(*source: Any) -> None:
    """Open the model in a worker process that was started anew."""
    _begin(_opened(*source))


def _opened(path: Path, digest: str, added: tuple[dict[str, tuple[str, ...]], ...], shift: Shift | None) -> Predictor:
    """The same predictor, which maps the memory of the file that all processes share."""
    bundle = read_bundle(path)
    if bundle.digest != digest:
        raise ModelFileError("changed while it was in use", file=bundle.path)
    made = Predictor(bundle)
    for names in added:
        made = made.with_names(names)
    return made if shift is None else Predictor(made.bundle, shift)


def _lines(block: list[Text], options: tuple[Any, ...]) -> str:
    top, ascii_only = options
    return "".join(_predictor.predict_lines(_articles(block), top=top, ascii_only=ascii_only))


def _objects(block: list[Text], options: tuple[Any, ...]) -> list[Prediction]:
    top, explain = options
    return _predictor.predict(_articles(block), top=top, explain=explain)


def _explanations(block: list[Text], options: tuple[Any, ...]) -> list[Explanation]:
    tags, types, top = options
    return list(_predictor.explain_stream(_articles(block), tags=tags, types=types, top=top))


def _articles(block: list[Text]) -> list[Article]:
    return [Article(number, title, body) for number, title, body in block]
