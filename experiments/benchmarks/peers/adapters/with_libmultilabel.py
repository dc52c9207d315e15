"""LibMultiLabel's linear methods on its own TF-IDF: one-vs-rest, thresholding, cost-sensitive, tree."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import common
import numpy as np
from scipy import sparse

TECHNIQUES = {
    "1vsrest": "train_1vsrest",
    "thresholding": "train_thresholding",
    "cost-sensitive": "train_cost_sensitive",
    "tree": "train_tree",
}


class LabelColumns(sparse.csc_matrix):
    """Thresholding sums over axis 2 of a matrix, and means the articles of each label; SciPy refuses."""

    def sum(self, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
        """The sum over articles where axis 2 is asked for."""
        return super().sum(0 if axis == 2 else axis, dtype, out)


class LabelRows(sparse.csr_matrix):
    """Gives such columns."""

    def tocsc(self, copy: bool = False) -> LabelColumns:
        """The same matrix by columns."""
        return LabelColumns(super().tocsc(copy=copy))


class LibMultiLabel:
    """Settings: technique, one of the four. The tree is decided by a searched rule, the others at 0, as documented."""

    def grid(self, job: common.Job) -> dict[str, list[Any]]:
        """The documentation's grid for C, and the branches of the tree."""
        grid: dict[str, list[Any]] = {"ngram": [1, 2], "C": [1.0, 0.5, 2.0, 4.0]}
        if job.settings["technique"] == "tree":
            grid["K"] = [100, 10]
        return grid

    def train(
        self, job: common.Job, rows: Sequence[common.Row], labels: list[str], choice: common.Choice, folder: Path
    ) -> common.Rule | None:
        """With the options of the project's own examples but for C."""
        from libmultilabel import linear

        np.random.seed(0)
        tfidf = {"sublinear_tf": True, "ngram_range": (1, choice["ngram"]), "min_df": 2}
        preprocessor = linear.Preprocessor(tfidf_params=tfidf)
        dataset = {
            "data_format": "txt",
            "train": {"x": common.texts_of(rows), "y": [row["labels"] for row in rows]},
            "classes": labels,
        }
        part = preprocessor.fit_transform(dataset)["train"]
        # In a search the thresholds and costs, which have an inner search of their own, would be paid for each C.
        searching = folder.name.startswith("search-")
        technique = job.settings["technique"]
        if searching and technique != "tree":
            technique = "1vsrest"
        options = f"-s 1 -B 1 -e 0.0001 -q -m {common.threads()} -c {choice['C']}"
        extra: dict[str, Any] = {"K": choice["K"]} if technique == "tree" else {"multiclass": job.kind == "types"}
        train = getattr(linear, TECHNIQUES[technique])
        model = train(LabelRows(part["y"]), part["x"], options=options, verbose=False, **extra)
        linear.utils.save_pipeline(str(folder), preprocessor, model)
        return None if searching or technique == "tree" or job.kind == "types" else common.plain_rule(job)

    def scores(
        self,
        job: common.Job,
        folder: Path,
        rows: Sequence[common.Row],
        labels: list[str],  # noqa: ARG002
    ) -> np.ndarray:
        """Decision values, the threshold being part of them; the tree's probabilities."""
        from libmultilabel import linear

        preprocessor, model = linear.utils.load_pipeline(str(folder / "linear_pipeline.pickle"))
        dataset = {"data_format": "txt", "test": {"x": common.texts_of(rows), "y": [[] for _ in rows]}}
        values = np.asarray(linear.predict_values(model, preprocessor.transform(dataset)["test"]["x"]))
        return np.where(values > 0, values, -np.inf) if job.settings["technique"] == "tree" else values


if __name__ == "__main__":
    common.main(LibMultiLabel())
