"""PECOS' XR-Linear on scikit-learn's TF-IDF. `python one_pecos.py MODEL_FOLDER ARTICLE`."""

import sys

import joblib
from pecos.xmc.xlinear.model import XLinearModel

vectorizer = joblib.load(f"{sys.argv[1]}/vectorizer.joblib")
model = XLinearModel.load(f"{sys.argv[1]}/pecos", is_predict_only=True)
with open(sys.argv[2], encoding="utf-8") as stream:
    print(model.predict(vectorizer.transform([stream.read()]).astype("float32"), only_topk=5, threads=1))
