"""Somebody writes into a model's file while it is in use: a long prediction goes on with the model that it has."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from slugline.bundle import write_bundle
from slugline.cli.predicting import opened_model, predict_articles
from slugline.self_test import with_self_test
from small_model import ARTICLES, small_bundle

MANY = 3000


@pytest.fixture
def model(tmp_path):
    path = tmp_path / "model.safetensors"
    write_bundle(path, with_self_test(small_bundle()))
    return path


def rows(count: int, first: int = 0) -> str:
    return "".join(
        json.dumps({"id": str(number), "title": "Syria", "body": ARTICLES[number % 3].body}) + "\n"
        for number in range(first, first + count)
    )


def test_a_model_cut_short_in_the_middle_of_standard_input_ends_nothing(model, tmp_path):
    line = [sys.executable, "-m", "slugline", "predict", "-", "--model", str(model), "--format", "jsonl"]
    said = tmp_path / "said.jsonl"
    with said.open("w") as out:
        process = subprocess.Popen(
            line, cwd=tmp_path, stdin=subprocess.PIPE, stdout=out, stderr=subprocess.PIPE, text=True
        )
        # When all this is written, all but what a pipe holds was read: it is in the midst of its work.
        process.stdin.write(rows(MANY))
        process.stdin.flush()
        model.write_bytes(b"")
        _, err = process.communicate(rows(MANY, MANY), timeout=120)
    assert process.returncode == 0, err
    found = [json.loads(text) for text in said.read_text().splitlines()]
    assert [one["id"] for one in found] == [str(number) for number in range(2 * MANY)]
    first = [{**one, "id": ""} for one in found[:3]]
    assert all({**one, "id": ""} == first[number % 3] for number, one in enumerate(found))


@pytest.mark.parametrize(("names", "mapped"), [(["one.txt"], True), (["many.jsonl"], False), (["one.txt"] * 2, False)])
def test_only_for_a_small_file_is_the_model_left_in_its_own(names, mapped, model, tmp_path, monkeypatch, capsys):
    (tmp_path / "one.txt").write_text("Syria\n\nRebels.\n")
    (tmp_path / "many.jsonl").write_text(rows(MANY))
    opened = []

    def remembered(*arguments, **options):
        opened.append(opened_model(*arguments, **options))
        return opened[-1]

    monkeypatch.setattr("slugline.cli.predicting.opened_model", remembered)
    predict_articles([str(tmp_path / name) for name in names], model)
    assert capsys.readouterr().out
    assert (opened[0].bundle.mapped is not None) is mapped
