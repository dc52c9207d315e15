"""fastText: load the model, predict a line. `python one_fasttext.py MODEL_FOLDER ARTICLE`."""

import re
import sys

import fasttext

model = fasttext.load_model(f"{sys.argv[1]}/model.bin")
with open(sys.argv[2], encoding="utf-8") as stream:
    words = " ".join(re.findall(r"\w+|[^\w\s]", stream.read().lower()))
# The outer `predict` fails on NumPy 2.
print(model.f.predict(words + "\n", 50, 0.5, "strict"))
