"""Annif through its own classes: the svc, omikuji and fasttext backends and their weighted ensemble."""

from __future__ import annotations

import functools
import logging
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import common
import numpy as np

BATCH = 32
BONSAI = {"cluster_balanced": "False", "cluster_k": "100", "max_depth": "3"}
"""Annif's wiki on its omikuji backend: Bonsai."""


class Annif:
    """Settings: backend ("svc", "omikuji", "fasttext" or "ensemble"). Decided by a searched rule."""

    def grid(self, job: common.Job) -> dict[str, list[Any]]:
        """What Annif's wiki recommends to try for each backend."""
        backend = job.settings["backend"]
        grid: dict[str, list[Any]] = {}
        if backend in ("svc", "omikuji"):
            grid = {"ngram": [1, 2]}
        if backend == "omikuji":
            grid["tree"] = ["parabel", "bonsai"]
        if backend == "fasttext":
            grid = {"epoch": [50, 25], "lr": [0.25, 0.1, 0.5]}
        if backend == "ensemble":
            grid = {"weight": [1, 2, 4]}
        return grid

    def train(
        self, job: common.Job, rows: Sequence[common.Row], labels: list[str], choice: common.Choice, folder: Path
    ) -> common.Rule | None:
        """Load the vocabulary, train the project, or the ensemble's two projects."""
        (folder / "projects.cfg").write_text(projects(job, choice), encoding="utf-8")
        with started(folder) as annif:
            from annif.vocab import VocabFileTSV

            subjects = folder / "subjects.tsv"
            names = [f"<{uri(number)}>\t{label}\n" for number, label in enumerate(labels)]
            subjects.write_text("".join(names), encoding="utf-8")
            registry = annif.registry
            trained = ["omikuji", "fasttext"] if job.settings["backend"] == "ensemble" else [job.settings["backend"]]
            registry.get_vocab("tags").load_vocabulary(VocabFileTSV(str(subjects), "en"))
            for name in trained:
                project = registry.get_project(name)
                project.train(documents(rows, labels, project.subjects), jobs=1)
        return None

    def scores(self, job: common.Job, folder: Path, rows: Sequence[common.Row], labels: list[str]) -> np.ndarray:
        """-inf beyond the best 50."""
        scores = np.full((len(rows), len(labels)), -np.inf, dtype=np.float32)
        with started(folder) as annif:
            project = annif.registry.get_project(job.settings["backend"])
            number_of = {uri(number): number for number in range(len(labels))}
            column = np.array(
                [number_of[subject.uri] for _, subject in sorted(project.subjects.active, key=lambda one: one[0])]
            )
            for start in range(0, len(rows), BATCH):
                batch = documents(rows[start : start + BATCH], labels, None)
                found = project.suggest(list(batch.documents)).array.tocoo()
                scores[start + found.row, column[found.col]] = found.data
        return scores


def uri(number: int) -> str:
    """A subject's address."""
    return f"http://example.org/tag/{number}"


def projects(job: common.Job, choice: common.Choice) -> str:
    """The configuration file."""
    choice = dict(choice)
    backend = job.settings["backend"]
    weight = choice.pop("weight", 1)
    shared = {"language": "en", "vocab": "tags", "analyzer": "snowball(english)", "limit": str(common.TOP)}
    omikuji = {"backend": "omikuji", "ngram": "1", "min_df": "2"}
    fasttext = {
        "backend": "fasttext",
        "loss": "ova",
        "dim": "100",
        "lr": "0.25",
        "epoch": "50",
        "minCount": "2",
        "bucket": "200000",
        "thread": str(common.threads()),
    }
    if job.kind == "types":
        fasttext["loss"] = "softmax"
    if backend == "omikuji":
        omikuji |= {"ngram": str(choice["ngram"])} | (BONSAI if choice["tree"] == "bonsai" else {})
    if backend == "fasttext":
        fasttext |= {name: str(value) for name, value in choice.items()}
    svc = {"backend": "svc", "min_df": "2", "ngram": str(choice.get("ngram", 1))}
    ensemble = {"backend": "ensemble", "sources": f"omikuji:{weight},fasttext:1"}
    kept = {"svc": {"svc": svc}, "omikuji": {"omikuji": omikuji}, "fasttext": {"fasttext": fasttext}}
    kept["ensemble"] = {"omikuji": omikuji, "fasttext": fasttext, "ensemble": ensemble}
    lines = []
    for name, values in kept[backend].items():
        lines += [f"[{name}]", f"name={name}", *(f"{key}={value}" for key, value in (shared | values).items()), ""]
    return "\n".join(lines)


def documents(rows: Sequence[common.Row], labels: list[str], index: Any) -> Any:
    """Annif's corpus of the articles; their subjects where the project's `index` is given."""
    from annif.corpus import Document, SubjectSet
    from annif.corpus.document import DocumentList

    number_of = {label: number for number, label in enumerate(labels)}
    made = []
    for row in rows:
        subjects = None
        if index is not None:
            subjects = SubjectSet([index.by_uri(uri(number_of[label])) for label in row["labels"]])
        made.append(Document(text=common.text_of(row), subject_set=subjects))
    return DocumentList(made)


class started:  # noqa: N801 - read as a phrase
    """Annif with its projects and data in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __enter__(self) -> Any:
        without_punkt(self.folder)
        import annif.registry as module

        logging.getLogger("annif").setLevel(logging.ERROR)
        self.registry = module.AnnifRegistry(str(self.folder / "projects.cfg"), str(self.folder / "data"), False)
        return self

    def __exit__(self, *_: object) -> None:
        return None


def without_punkt(folder: Path) -> None:
    """Where NLTK's `punkt_tab` is not installed, sentences end at full stops, and words are cut without sentences."""
    import nltk.data
    import nltk.tokenize

    try:
        nltk.data.find("tokenizers/punkt_tab/english")
    except LookupError:
        (folder / "nltk" / "tokenizers" / "punkt_tab").mkdir(parents=True, exist_ok=True)
        nltk.data.path.insert(0, str(folder / "nltk"))
        nltk.tokenize.word_tokenize = functools.partial(nltk.tokenize.word_tokenize, preserve_line=True)
        nltk.tokenize.sent_tokenize = lambda text: re.split(r"(?<=[.!?])\s+", text)


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    common.main(Annif())
