"""What people write when they need a model behind HTTP: FastAPI, and a scikit-learn pipeline that joblib has stored.

    python experiments/benchmarks/plain_server.py fit CORPUS.jsonl MODEL.joblib
    python experiments/benchmarks/plain_server.py serve MODEL.joblib PORT

TF-IDF of words and pairs of words, a logistic regression for each tag and one for the event types. It answers what
Slugline's answer has: the decided tags and the event type, with probabilities. uvicorn runs it as it is.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import joblib
from fastapi import FastAPI
from pydantic import BaseModel


class Article(BaseModel):
    """What is sent."""

    id: str = ""
    title: str = ""
    body: str = ""


def fit(corpus: Path, model: Path) -> None:
    """Train on every article of `corpus`, its tags and its event type."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsRestClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import MultiLabelBinarizer

    rows = [json.loads(line) for line in corpus.read_text(encoding="utf-8").splitlines()]
    texts = [f"{row['title']}\n{row['body']}" for row in rows]
    names = MultiLabelBinarizer()
    truth = names.fit_transform([row["tags"] for row in rows])
    words = {"sublinear_tf": True, "ngram_range": (1, 2)}
    each = OneVsRestClassifier(LogisticRegression(C=10, solver="liblinear"))
    tags = make_pipeline(TfidfVectorizer(**words), each).fit(texts, truth)
    types = make_pipeline(TfidfVectorizer(**words), LogisticRegression(C=10)).fit(
        texts, [row["event_type"] or "none" for row in rows]
    )
    joblib.dump({"tags": tags, "names": list(names.classes_), "types": types}, model)


def create_app(model: Path) -> FastAPI:
    """One route for an article, one for a list of them."""
    stored = joblib.load(model)
    tags, names, types = stored["tags"], stored["names"], stored["types"]
    app = FastAPI()

    def predicted(articles: list[Article]) -> list[dict]:
        texts = [f"{article.title}\n{article.body}" for article in articles]
        kinds = types.predict_proba(texts)
        return [
            {
                "id": article.id,
                "title": article.title,
                "event_type": {"type": str(types.classes_[kind.argmax()]), "probability": round(float(kind.max()), 4)},
                "tags": sorted(
                    (
                        {"tag": names[number], "probability": round(float(row[number]), 4)}
                        for number in (row >= 0.5).nonzero()[0]
                    ),
                    key=lambda tag: -tag["probability"],
                ),
            }
            for article, kind, row in zip(articles, kinds, tags.predict_proba(texts), strict=True)
        ]

    @app.get("/healthz")
    def healthz() -> dict:
        return {"status": "ok"}

    @app.post("/predict")
    def predict(article: Article) -> dict:
        return predicted([article])[0]

    @app.post("/predict-all")
    def predict_all(articles: list[Article]) -> list[dict]:
        return predicted(articles)

    return app


if __name__ == "__main__":
    if sys.argv[1] == "fit":
        fit(Path(sys.argv[2]), Path(sys.argv[3]))
    else:
        import uvicorn

        uvicorn.run(create_app(Path(sys.argv[2])), port=int(sys.argv[3]))
