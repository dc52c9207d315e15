"""A model that is replaced while a server answers: every answer is of one model, and a bad file changes nothing."""

from __future__ import annotations

import shutil
import threading
import time

import pytest

from api.asked import sent
from slugline.bundle import write_bundle
from slugline.errors import ModelFileError
from slugline.predict import Predictor
from slugline.self_test import with_self_test
from slugline.serve.model import Served, mark
from slugline.serve.reloading import following
from small_model import ARTICLES, edited, small_bundle


@pytest.fixture
def models(tmp_path):
    """Two models of the same labels, and what each says of an article, by digest."""
    said = {}
    for seed in (1, 2):
        path = tmp_path / f"{seed}.safetensors"
        write_bundle(path, with_self_test(small_bundle(seed=seed)))
        found = Predictor.load(path).predict([ARTICLES[0]])[0].to_dict()
        said[found["model"]] = found
    assert len(said) == 2
    return said


def test_every_answer_is_of_one_model(make_client, tmp_path, models):
    file = tmp_path / "model.safetensors"
    shutil.copy(tmp_path / "1.safetensors", file)
    client = make_client(model=file)
    served = client.app.state.slugline.served
    answers, stop = [], threading.Event()

    def ask():
        while not stop.is_set():
            answers.extend(client.post("/v1/predict", json=[sent()] * 5).json())

    callers = [threading.Thread(daemon=True, target=ask) for _ in range(3)]
    for one in callers:
        one.start()
    for number in range(20):
        shutil.copy(tmp_path / f"{number % 2 + 1}.safetensors", tmp_path / "new")
        (tmp_path / "new").rename(file)
        served.reload()
    stop.set()
    for one in callers:
        one.join()
    assert {answer["model"] for answer in answers} == set(models)
    assert all(answer == models[answer["model"]] for answer in answers)


def test_a_model_that_fails_its_self_test_never_answers(tmp_path, models):
    file = tmp_path / "model.safetensors"
    shutil.copy(tmp_path / "1.safetensors", file)
    served = Served(file)
    before = served.predictor

    def other(manifest):
        head = next(iter(manifest["self_test"][0]["scores"].values()))
        head[next(iter(head))] += 1.0

    edited(file, manifest=other)
    with pytest.raises(ModelFileError, match="fails its self-test"):
        served.reload()
    assert served.predictor is before


def test_whatever_is_wrong_with_a_file_is_told_as_an_error_of_the_file(tmp_path, models, monkeypatch):
    file = tmp_path / "1.safetensors"
    served = Served(file)
    monkeypatch.setattr(Predictor, "self_test", lambda _: 1 / 0)
    with pytest.raises(ModelFileError, match=r"1.safetensors: cannot be used \(ZeroDivisionError\)"):
        served.reload()


def test_a_file_that_is_replaced_is_seen_and_one_that_is_not_sound_told_of_once(tmp_path, models, caplog):
    file = tmp_path / "model.safetensors"
    shutil.copy(tmp_path / "1.safetensors", file)
    served = Served(file)
    first, other = (Predictor.load(tmp_path / f"{number}.safetensors").bundle.digest for number in (1, 2))
    assert served.digest == first
    with following(served, every=0.01):
        (tmp_path / "2.safetensors").rename(file)
        wait_for(lambda: served.digest == other)
        file.write_bytes(b"not a model")
        wait_for(lambda: "stays as it was" in caplog.text)
        file.unlink()
        wait_for(lambda: mark(file) is None)
        assert served.digest == other
        shutil.copy(tmp_path / "1.safetensors", file)
        wait_for(lambda: served.digest == first)
    assert caplog.text.count("stays as it was") == 1
    # Outside of the block nobody looks.
    assert not [one for one in threading.enumerate() if one.name.startswith("model file")]


def wait_for(happened):
    end = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.01)
