"""fastText: supervised, one-vs-all loss for tags (softmax for types), tuned."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import common
import numpy as np


class FastText:
    """Settings: none. Scores are probabilities, decided by a searched rule."""

    def grid(self, job: common.Job) -> dict[str, list[Any]]:  # noqa: ARG002
        """What the tutorial tunes: epochs, learning rate, word n-grams."""
        return {"epoch": [25, 50], "lr": [0.5, 0.2, 1.0], "wordNgrams": [1, 2]}

    def train(
        self, job: common.Job, rows: Sequence[common.Row], labels: list[str], choice: common.Choice, folder: Path
    ) -> common.Rule | None:
        """One thread: with more, results differ from run to run."""
        import fasttext

        column = {label: number for number, label in enumerate(labels)}
        data = folder / "train.txt"
        with data.open("w", encoding="utf-8") as stream:
            for row in rows:
                marks = " ".join(f"__label__{column[label]}" for label in row["labels"])
                if marks:
                    stream.write(f"{marks} {tokens(row)}\n")
        loss = "softmax" if job.kind == "types" else "ova"
        model = fasttext.train_supervised(
            str(data),
            loss=loss,
            dim=100,
            minCount=2,
            bucket=200_000,
            thread=common.threads(),
            seed=0,
            verbose=0,
            **choice,
        )
        data.unlink()
        model.save_model(str(folder / "model.bin"))
        return None

    def scores(
        self,
        job: common.Job,  # noqa: ARG002
        folder: Path,
        rows: Sequence[common.Row],
        labels: list[str],
    ) -> np.ndarray:
        """The best 50, through the inner model: the outer `predict` fails on NumPy 2."""
        import fasttext

        model = fasttext.load_model(str(folder / "model.bin"))
        scores = np.full((len(rows), len(labels)), -np.inf, dtype=np.float32)
        for number, row in enumerate(rows):
            for probability, mark in model.f.predict(tokens(row) + "\n", common.TOP, 0.0, "strict"):
                scores[number, int(mark.removeprefix("__label__"))] = probability
        return scores


def tokens(row: common.Row) -> str:
    """Small letters, with punctuation set apart, as in fastText's tutorial."""
    return " ".join(re.findall(r"\w+|[^\w\s]", common.text_of(row).lower()))


if __name__ == "__main__":
    common.main(FastText())
