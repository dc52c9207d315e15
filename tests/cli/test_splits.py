"""`slugline splits` and `slugline evaluate --splits` as a user runs them."""

from __future__ import annotations

import json

from support import assert_one_line_error, slugline
from unit.experiment.test_splits import write


def test_a_corpus_and_the_model_trained_on_it_say_the_same(tmp_path):
    (tmp_path / "f.toml").write_text(write(tmp_path / "c.jsonl").to_toml())
    done = slugline("splits", "--config", "f.toml", "--format", "json", "--out", "s.json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert json.loads((tmp_path / "s.json").read_text()) == found
    trained = slugline("train", "--config", "f.toml", "--no-track", "--out", "m", cwd=tmp_path)
    assert trained.returncode == 0, trained.stderr
    again = slugline("evaluate", "--model", "m", "--splits", "--format", "json", cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    # The model knows the method that was taken.
    assert json.loads(again.stdout)["splits"] == found["splits"]
    done = slugline("splits", "--config", "f.toml", "--out", "f.toml", cwd=tmp_path)
    assert_one_line_error(done, "would overwrite")
