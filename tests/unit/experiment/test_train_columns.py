"""Where no label was found, the columns that nothing was read from are named: one of them has the labels."""

from __future__ import annotations

import pytest

from slugline.config import Config, replace
from slugline.experiment.train import train_model
from slugline.learn.train import NothingToLearnError

TEXTS = ["Troops shelled the town at dawn.", "The bank raised its rate again.", "Heavy rain is expected."]


@pytest.mark.parametrize("memory", ["", "1G"])
def test_unread_columns_are_named(tmp_path, memory):
    path = tmp_path / "mine.csv"
    rows = [f"{number},{text},War" for number, text in enumerate(TEXTS * 5)]
    path.write_text("\n".join(["title,body,Schlagworte", *rows]) + "\n", encoding="utf-8")
    config = replace(replace(Config(), "corpus", name=str(path)), "learn", memory=memory)
    with pytest.raises(NothingToLearnError, match=r"--field tags=COLUMN .* for one of 'Schlagworte'$"):
        train_model(config, tmp_path / "model.safetensors", track=False)


def test_nothing_is_said_of_columns_where_all_were_read(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text("\n".join(["id,body", *(f"{n},{text}" for n, text in enumerate(TEXTS * 5))]) + "\n")
    with pytest.raises(NothingToLearnError, match=r"two labels to tell apart$"):
        train_model(replace(Config(), "corpus", name=str(path)), tmp_path / "model.safetensors", track=False)
