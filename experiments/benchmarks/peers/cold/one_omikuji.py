"""Omikuji on scikit-learn's TF-IDF, as its README predicts. `python one_omikuji.py MODEL_FOLDER ARTICLE`."""

import sys

import joblib
import omikuji

vectorizer = joblib.load(f"{sys.argv[1]}/vectorizer.joblib")
model = omikuji.Model.load(f"{sys.argv[1]}/omikuji")
with open(sys.argv[2], encoding="utf-8") as stream:
    row = vectorizer.transform([stream.read()])
print(model.predict(list(zip(row.indices.tolist(), row.data.tolist(), strict=True)), top_k=5))
