"""Two runs side by side."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from slugline.evaluate.compare import compare
from slugline.evaluate.results import Metric, flatten, unflatten

NUMBERS = st.floats(0, 1)


@given(st.dictionaries(st.from_regex(r"[a-z_0-9]{1,12}", fullmatch=True), st.builds(Metric, NUMBERS, NUMBERS, NUMBERS)))
def test_metrics_come_back_from_a_run(metrics):
    assert unflatten(flatten("tags", metrics)) == {f"tags/{name}": metric for name, metric in sorted(metrics.items())}


def test_undefined_metrics_are_not_stored():
    assert flatten("tags", {"lrap": Metric(None), "ece": Metric(0.1)}) == {"tags/ece": 0.1}


def test_compare():
    a = {"tags/micro_f1": Metric(0.8, 0.7, 0.9), "seconds/train": Metric(3.0)}
    b = {"tags/micro_f1": Metric(0.85, 0.8, 0.9), "event_type/accuracy": Metric(0.5)}
    found = compare(a, b, {"tags.C": "1.0", "seed": "0"}, {"tags.C": "2.0", "seed": "0", "new": "x"}).to_dict()
    assert [row["metric"] for row in found["metrics"]] == ["event_type/accuracy", "seconds/train", "tags/micro_f1"]
    assert found["metrics"][0] == {
        "metric": "event_type/accuracy",
        "a": None,
        "b": {"value": 0.5, "low": None, "high": None},
        "difference": None,
    }
    assert found["metrics"][2]["difference"] == 0.05
    assert found["values"] == {"new": {"a": None, "b": "x"}, "tags.C": {"a": "1.0", "b": "2.0"}}
