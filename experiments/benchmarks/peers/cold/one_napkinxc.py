"""napkinXC on scikit-learn's TF-IDF. `python one_napkinxc.py MODEL_FOLDER ARTICLE`."""

import sys

import joblib
from napkinxc.models import PLT

vectorizer = joblib.load(f"{sys.argv[1]}/vectorizer.joblib")
model = PLT(f"{sys.argv[1]}/napkinxc")
model.load()
with open(sys.argv[2], encoding="utf-8") as stream:
    print(model.predict_proba(vectorizer.transform([stream.read()]), top_k=5))
