"""LibMultiLabel: its pipeline, as its quick start loads it. `python one_libmultilabel.py MODEL_FOLDER ARTICLE`."""

import sys

from libmultilabel import linear

preprocessor, model = linear.utils.load_pipeline(f"{sys.argv[1]}/linear_pipeline.pickle")
with open(sys.argv[2], encoding="utf-8") as stream:
    dataset = {"data_format": "txt", "test": {"x": [stream.read()], "y": [[]]}}
print(linear.predict_values(model, preprocessor.transform(dataset)["test"]["x"]))
