"""Label trees of the peers from raw text, sparse from end to end: `python many_tags.py SYSTEM fit|predict JOB.json`.

Runs in the peer's own environment. JOB has `train` and `articles` (JSONL: id, title, body, tags), `choice` (the
settings), `model` (a folder) and `out` (JSONL: id, tags as [name, score], best first). The adapters beside this one
make dense arrays of articles times labels, which would be charged to the peers here.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import common
import numpy as np

TOP = 20
BEAM = 16

Choice = dict[str, Any]


def fit_omikuji(X: Any, Y: Any, choice: Choice, folder: Path) -> None:
    """Parabel (the default) or Bonsai as its README has it: wide, unbalanced k-means."""
    import omikuji

    parameters = omikuji.Model.default_hyper_param()
    for name, value in choice.items():
        if name not in ("ngram", "tree"):
            setattr(parameters, name, value)
    if choice["tree"] == "bonsai":
        parameters.cluster_balanced = False
        parameters.min_branch_size = max(parameters.min_branch_size, parameters.cluster_k)
    data = folder / "train.txt"
    with data.open("w", encoding="ascii") as stream:
        stream.write(f"{X.shape[0]} {X.shape[1]} {Y.shape[1]}\n")
        X.sort_indices()
        for number in range(X.shape[0]):
            x, y = (slice(one.indptr[number], one.indptr[number + 1]) for one in (X, Y))
            features = map("%d:%.6f".__mod__, zip(X.indices[x].tolist(), X.data[x].tolist(), strict=True))
            stream.write(",".join(map(str, Y.indices[y].tolist())) + " " + " ".join(features) + "\n")
    model = omikuji.Model.train_on_data(str(data), parameters, n_threads=common.threads())
    data.unlink()
    model.save(str(folder / "omikuji"))


def predict_omikuji(X: Any, choice: Choice, folder: Path) -> list[list[tuple[int, float]]]:  # noqa: ARG001
    """One article at a time: it has no other way from Python."""
    import omikuji

    model = omikuji.Model.load(str(folder / "omikuji"))
    model.init_prediction_thread_pool(common.threads())
    found = []
    for number in range(X.shape[0]):
        part = slice(X.indptr[number], X.indptr[number + 1])
        pairs = list(zip(X.indices[part].tolist(), X.data[part].tolist(), strict=True))
        found.append(model.predict(pairs, beam_size=BEAM, top_k=TOP))
    return found


def fit_pecos(X: Any, Y: Any, choice: Choice, folder: Path) -> None:
    """XR-Linear as its README has it: PIFA, hierarchical k-means."""
    from pecos.xmc import Indexer, LabelEmbeddingFactory
    from pecos.xmc.xlinear.model import XLinearModel

    settings = {name: value for name, value in choice.items() if name not in ("ngram", "max_leaf_size")}
    embedded = LabelEmbeddingFactory.create(Y, X, method="pifa")
    chain = Indexer.gen(
        embedded,
        indexer_type="hierarchicalkmeans",
        nr_splits=16,
        max_leaf_size=choice["max_leaf_size"],
        seed=0,
        threads=common.threads(),
    )
    XLinearModel.train(X, Y, C=chain, threads=common.threads(), **settings).save(str(folder / "pecos"))


def predict_pecos(X: Any, choice: Choice, folder: Path) -> list[list[tuple[int, float]]]:  # noqa: ARG001
    """All articles at once."""
    from pecos.xmc.xlinear.model import XLinearModel

    model = XLinearModel.load(str(folder / "pecos"))
    found = model.predict(X.astype(np.float32), only_topk=TOP, beam_size=BEAM, threads=common.threads()).tocsr()
    result = []
    for number in range(found.shape[0]):
        part = slice(found.indptr[number], found.indptr[number + 1])
        pairs = zip(found.indices[part].tolist(), found.data[part].tolist(), strict=True)
        result.append(sorted(pairs, key=lambda pair: -pair[1]))
    return result


def _napkinxc(choice: Choice, folder: Path) -> Any:
    from napkinxc.models import PLT

    settings = {name: value for name, value in choice.items() if name != "ngram"}
    return PLT(str(folder / "napkinxc"), seed=0, threads=common.threads(), **settings)


def fit_napkinxc(X: Any, Y: Any, choice: Choice, folder: Path) -> None:
    """A probabilistic label tree, everything else at its default."""
    lists = [Y.indices[Y.indptr[n] : Y.indptr[n + 1]].tolist() for n in range(Y.shape[0])]
    _napkinxc(choice, folder).fit(X, lists)


def predict_napkinxc(X: Any, choice: Choice, folder: Path) -> list[list[tuple[int, float]]]:
    """All articles at once, by its exact search."""
    model = _napkinxc(choice, folder)
    model.load()
    found: list[list[tuple[int, float]]] = model.predict_proba(X, top_k=TOP)
    return found


PEERS: dict[str, tuple[Callable[..., None], Callable[..., list[list[tuple[int, float]]]]]] = {
    "omikuji": (fit_omikuji, predict_omikuji),
    "pecos": (fit_pecos, predict_pecos),
    "napkinxc": (fit_napkinxc, predict_napkinxc),
}


def label_matrix(rows: Sequence[common.Row]) -> tuple[Any, list[str]]:
    """(N, L) sparse float32 and the labels, sorted."""
    from scipy import sparse

    names = sorted({tag for row in rows for tag in row["tags"]})
    column = {name: number for number, name in enumerate(names)}
    lists = [sorted(column[tag] for tag in row["tags"]) for row in rows]
    indptr = np.cumsum([0, *map(len, lists)])
    indices = np.array([number for own in lists for number in own], dtype=np.int32)
    ones = np.ones(len(indices), dtype=np.float32)
    return sparse.csr_matrix((ones, indices, indptr), shape=(len(rows), len(names))), names


def main() -> None:
    """Do what the command line says."""
    system, action, path = sys.argv[1:]
    job = json.loads(Path(path).read_text(encoding="utf-8"))
    folder = Path(job["model"])
    fit, predict = PEERS[system]
    if action == "fit":
        folder.mkdir(parents=True, exist_ok=True)
        rows = common.read_rows(Path(job["train"]))
        Y, names = label_matrix(rows)
        fit(common.tfidf(folder, rows, job["choice"]["ngram"]).astype(np.float32), Y, job["choice"], folder)
        (folder / "labels.json").write_text(json.dumps(names), encoding="utf-8")
        return
    rows = common.read_rows(Path(job["articles"]))
    names = json.loads((folder / "labels.json").read_text(encoding="utf-8"))
    found = predict(common.stored_tfidf(folder, rows), job["choice"], folder)
    with Path(job["out"]).open("w", encoding="utf-8") as stream:
        for row, pairs in zip(rows, found, strict=True):
            tags = [[names[label], float(score)] for label, score in pairs]
            stream.write(json.dumps({"id": row["id"], "tags": tags}) + "\n")


if __name__ == "__main__":
    main()
