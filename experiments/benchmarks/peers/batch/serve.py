"""Vectorises and predicts raw texts in memory, whenever told to: one system in its own environment, for batch.py.

    python serve.py SYSTEM TRAIN.jsonl TEXTS.jsonl MODEL_OR_FOLDER THREADS

It trains first (Slugline reads MODEL), says "ready", and then, for each line on standard input, predicts all texts once
and answers with a line of JSON: wall and CPU seconds, those of its processes too, and how many labels it decided on.
Nothing is kept from one prediction to the next but the model: Slugline's predictor, which remembers words, is opened
anew before the clock runs.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Row = dict[str, Any]
Predict = Callable[[], int]


def rows_of(path: str) -> list[Row]:
    """The objects of a JSONL file."""
    with Path(path).open(encoding="utf-8") as stream:
        return [json.loads(line) for line in stream]


def texts_of(rows: list[Row]) -> list[str]:
    """Headline and body of each article as one text."""
    return ["\n\n".join(part for part in (row["title"], row["body"]) if part) for row in rows]


def matrix_of(rows: list[Row]) -> tuple[Any, list[str]]:
    """(N, L) sparse labels, and their names."""
    import numpy as np
    from scipy import sparse

    labels = sorted({label for row in rows for label in row["labels"]})
    column = {label: number for number, label in enumerate(labels)}
    places = [(n, column[label]) for n, row in enumerate(rows) for label in row["labels"]]
    at = np.array(places).T
    return sparse.csr_matrix((np.ones(len(places), np.float32), at), shape=(len(rows), len(labels))), labels


def slugline(train: str, texts: str, model: str, threads: int) -> Callable[[], Predict]:  # noqa: ARG001
    """Cleaning, TF-IDF, scores, probabilities and decisions as arrays; with several processes, which are started while
    the clock runs, as lines of JSON.
    """
    from slugline import pool
    from slugline.article import Article
    from slugline.predict import Predictor

    articles = [Article(row["id"], row["title"], row["body"]) for row in rows_of(texts)]

    def fresh() -> Predict:
        predictor = Predictor.load(model)
        size = predictor.batch_size

        def predict() -> int:
            if threads > 1:
                return sum(lines.count('"decided": true') for lines in pool.predict_lines(predictor, articles, threads))
            blocks = (articles[start : start + size] for start in range(0, len(articles), size))
            return sum(int(predictor.verdicts(block).tag_decisions.sum()) for block in blocks)

        return predict

    return fresh


def sklearn(train: str, texts: str, folder: str, threads: int) -> Callable[[], Predict]:  # noqa: ARG001
    """TfidfVectorizer and one-vs-rest LinearSVC in a pipeline, at their documentation's settings."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.multiclass import OneVsRestClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.svm import LinearSVC

    rows = rows_of(train)
    vectorizer = TfidfVectorizer(sublinear_tf=True, min_df=2)
    pipeline = make_pipeline(vectorizer, OneVsRestClassifier(LinearSVC(random_state=0)))
    pipeline.fit(texts_of(rows), matrix_of(rows)[0].toarray().astype(int))
    asked = texts_of(rows_of(texts))
    return lambda: lambda: int(pipeline.predict(asked).sum())


def pecos(train: str, texts: str, folder: str, threads: int) -> Callable[[], Predict]:
    """PECOS' own Tfidf in C++ and XR-Linear: one-vs-rest, without a tree, which is the fastest for 90 labels."""
    from pecos.utils.featurization.text.vectorizers import Tfidf
    from pecos.xmc.xlinear.model import XLinearModel

    rows = rows_of(train)
    config = {"sublinear_tf": True, "min_df_cnt": 2, "ngram_range": (1, 1), "threads": threads}
    vectorizer = Tfidf.train([text.lower() for text in texts_of(rows)], config)
    X = vectorizer.predict([text.lower() for text in texts_of(rows)], threads=threads)
    XLinearModel.train(X, matrix_of(rows)[0], threads=threads).save(f"{folder}/pecos-{threads}")
    # As its documentation has it for predicting: weights in the form that is fast then.
    model = XLinearModel.load(f"{folder}/pecos-{threads}", is_predict_only=True)
    asked = texts_of(rows_of(texts))

    def predict() -> int:
        # Its vectorizer does not fold case.
        X = vectorizer.predict([text.lower() for text in asked], threads=threads)
        found = model.predict(X, only_topk=10, threads=threads)
        return int((found.data >= _MARGIN_0).sum())

    return lambda: predict


_MARGIN_0 = 0.36787944  # exp(-1): their scores are exp(-hinge) or of its third power


def fasttext(train: str, texts: str, folder: str, threads: int) -> Callable[[], Predict]:  # noqa: ARG001
    """One-vs-all loss, 25 epochs; the inner model's predict, as the outer one fails on NumPy 2."""
    import fasttext as library

    def words(text: str) -> str:
        return " ".join(re.findall(r"\w+|[^\w\s]", text.lower()))

    rows = rows_of(train)
    data = Path(folder) / "fasttext.txt"
    with data.open("w", encoding="utf-8") as stream:
        for row, text in zip(rows, texts_of(rows), strict=True):
            stream.write(" ".join(f"__label__{label}" for label in row["labels"]) + f" {words(text)}\n")
    model = library.train_supervised(
        str(data), loss="ova", minCount=2, bucket=200_000, epoch=25, lr=0.5, thread=1, verbose=0
    )
    asked = texts_of(rows_of(texts))
    return lambda: lambda: sum(len(model.f.predict(words(text) + "\n", 90, 0.5, "strict")) for text in asked)


def omikuji(train: str, texts: str, folder: str, threads: int) -> Callable[[], Predict]:
    """Parabel on scikit-learn's TF-IDF, with branches small enough for a tree of 90 labels."""
    import numpy as np
    import omikuji as library
    from sklearn.feature_extraction.text import TfidfVectorizer

    rows = rows_of(train)
    vectorizer = TfidfVectorizer(sublinear_tf=True, min_df=2, dtype=np.float32)
    X = vectorizer.fit_transform(texts_of(rows))
    Y = matrix_of(rows)[0]
    data = Path(folder) / "omikuji.txt"
    with data.open("w", encoding="ascii") as stream:
        stream.write(f"{X.shape[0]} {X.shape[1]} {Y.shape[1]}\n")
        for number in range(X.shape[0]):
            row = X[number]
            order = np.argsort(row.indices)
            pairs = " ".join(f"{row.indices[n]}:{row.data[n]:.6f}" for n in order)
            stream.write(",".join(map(str, Y[number].indices)) + f" {pairs}\n")
    parameters = library.Model.default_hyper_param()
    parameters.min_branch_size = 10
    model = library.Model.train_on_data(str(data), parameters, n_threads=threads)
    model.init_prediction_thread_pool(threads)
    asked = texts_of(rows_of(texts))

    def predict() -> int:
        X = vectorizer.transform(asked)
        decided = 0
        for start, stop in zip(X.indptr.tolist(), X.indptr[1:].tolist(), strict=False):
            pairs = list(zip(X.indices[start:stop].tolist(), X.data[start:stop].tolist(), strict=True))
            decided += sum(score >= _MARGIN_0 for _, score in model.predict(pairs, top_k=10))
        return decided

    return lambda: predict


SYSTEMS = {"slugline": slugline, "sklearn": sklearn, "pecos": pecos, "fasttext": fasttext, "omikuji": omikuji}


def _cpu() -> float:
    """Seconds of this process and of those that it started and that have ended."""
    used = os.times()
    return time.process_time() + used.children_user + used.children_system


def main() -> None:
    """Serve."""
    name, train, texts, model, threads = sys.argv[1:]
    fresh = SYSTEMS[name](train, texts, model, int(threads))
    print("ready", flush=True)
    for _ in sys.stdin:
        predict = fresh()
        wall, cpu = time.perf_counter(), _cpu()
        decided = predict()
        taken = {"wall": time.perf_counter() - wall, "cpu": _cpu() - cpu, "decided": decided}
        print(json.dumps(taken), flush=True)


if __name__ == "__main__":
    main()
