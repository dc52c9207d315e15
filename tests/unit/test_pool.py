"""Several processes give what one gives, in the same order, and end with it."""

from __future__ import annotations

import dataclasses
import itertools
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from slugline import pool
from slugline.article import Article
from slugline.bundle import read_bundle, write_bundle
from slugline.errors import CorpusError, ModelFileError, SluglineError
from slugline.predict import Predictor
from slugline.priors import Shift
from slugline.self_test import with_self_test
from small_model import ARTICLES, UNKNOWN, named_bundle, two_levels

MANY = [dataclasses.replace(article, id=str(n)) for n, article in enumerate([*ARTICLES, UNKNOWN, Article("6")] * 30)]


@pytest.fixture
def predictor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Predictor:
    """A model of a file, predicting few articles at once."""
    monkeypatch.setattr("slugline.predict._BATCH", 16)
    path = tmp_path / "model.safetensors"
    bundle = dataclasses.replace(two_levels(), sections=named_bundle().sections)
    write_bundle(path, with_self_test(bundle))
    return Predictor.load(path)


@pytest.mark.parametrize("copied", [False, True], ids=["started anew", "copied"])
def test_processes_give_what_one_gives(predictor: Predictor, copied: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if copied and not sys.platform.startswith("linux"):
        pytest.skip("processes are copied on Linux only")
    monkeypatch.setattr(pool, "_one_thread", lambda: copied)
    predictor = predictor.with_names({"Rome": ["Shares"]}).with_names({"Kyiv": ["Army"]})
    leaves = predictor.events.levels.leaves
    old = dict.fromkeys(leaves, 1 / len(leaves))
    new = {**old, leaves[0]: 0.5}
    shifted = Predictor(predictor.bundle, Shift(articles=10, old=old, new=new))
    shifted.added = predictor.added
    plain = predictor.predict(MANY, top=3, explain=True)
    assert {"Rome", "Kyiv"} <= {tag.tag for one in predictor.predict(MANY, top=9) for tag in one.tags}
    assert list(pool.predict_stream(predictor, MANY, 2, top=3, explain=True)) == plain
    for one in (predictor, shifted):
        lines = "".join(one.predict_lines(MANY))
        assert "".join(pool.predict_lines(one, MANY, 2)) == lines
        assert "".join(pool.predict_lines(one, MANY, 1)) == lines
    assert list(pool.predict_stream(shifted, MANY, 2)) != list(pool.predict_stream(predictor, MANY, 1))


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells")
def test_threads_of_any_kind_are_seen() -> None:
    code = """
import threading
from slugline import pool
held = threading.Event()
print(pool._one_thread())
thread = threading.Thread(target=held.wait)
thread.start()
print(pool._one_thread())
held.set()
"""
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    found = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert found.stdout.split() == ["True", "False"], found.stderr


def test_where_threads_cannot_be_seen_there_may_be_some(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(_: Path) -> Iterator[Path]:
        raise FileNotFoundError

    monkeypatch.setattr(pool.Path, "iterdir", unknown)
    assert not pool._one_thread()


def test_what_was_read_before_an_error_is_answered_before_it(predictor: Predictor) -> None:
    def articles() -> Iterator[Article]:
        yield from MANY[:40]
        raise CorpusError("broken", file="a.jsonl", line=41)

    for jobs in (1, 3):
        stream = pool.predict_lines(predictor, articles(), jobs)
        assert [len(next(stream).splitlines()) for _ in range(2)] == [16, 16]
        with pytest.raises(CorpusError, match="broken"):
            next(stream)


def test_articles_are_not_read_far_ahead(predictor: Predictor) -> None:
    read = itertools.count()
    last = [0]

    def articles() -> Iterator[Article]:
        for number in read:
            last[0] = number
            yield ARTICLES[0]

    stream = pool.predict_lines(predictor, articles(), 2)
    for _ in range(3):
        next(stream)
    stream.close()
    assert last[0] < 16 * 10


def test_a_process_that_is_ended_is_told(predictor: Predictor) -> None:
    with pytest.raises(SluglineError, match="a process that predicts was ended"):
        list(pool._in_processes(predictor, MANY, 2, _ended, ()))


def _ended(block: object, options: object) -> None:
    os._exit(1)


def test_a_model_in_memory_cannot_be_shared() -> None:
    with pytest.raises(ValueError, match="no file"):
        list(pool.predict_lines(Predictor(named_bundle()), MANY, 2))


def test_a_file_that_changed_is_refused(predictor: Predictor) -> None:
    path = predictor.bundle.path
    assert path is not None
    write_bundle(path, with_self_test(named_bundle()))
    assert read_bundle(path).digest != predictor.bundle.digest
    with pytest.raises(ModelFileError, match="changed while it was in use"):
        pool._opened(path, predictor.bundle.digest, (), None)
