"""scikit-learn: load with joblib, transform, predict. `python one_sklearn.py MODEL_FOLDER ARTICLE`."""

import sys

import joblib

vectorizer = joblib.load(f"{sys.argv[1]}/vectorizer.joblib")
model = joblib.load(f"{sys.argv[1]}/model.joblib")
with open(sys.argv[2], encoding="utf-8") as stream:
    print(model.predict(vectorizer.transform([stream.read()])))
