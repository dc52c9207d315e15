"""Reports of made-up evaluations, for the tests of the HTML report; nothing in them is from a model."""

from __future__ import annotations

from typing import Any

import numpy as np

from slugline.config import Config, EvaluateConfig
from slugline.evaluate.drift import label_drift
from slugline.evaluate.evaluation import evaluate_event_type, evaluate_tags
from slugline.report import Report

HOSTILE = "</script><script>window.broken = 1</script><img src=x onerror='window.broken = 1'>\"'&"
"""What a tag, a title or a text may hold."""
TYPES = ("crime", "election", "sport", "none")
FAST = EvaluateConfig(bootstrap=50)


def tags_part(labels: list[str], articles: int = 60, seed: int = 0) -> dict[str, Any]:
    """The "tags" of an evaluation's JSON object."""
    random = np.random.default_rng(seed)
    probability = random.random((articles, len(labels))) ** 3
    truth = random.random(probability.shape) < probability
    found = evaluate_tags(labels, truth, probability, probability > 0.5, config=FAST, rule="scutfbr").to_dict()
    moved = label_drift(dict.fromkeys(labels, 9), {label: number for number, label in enumerate(labels)}, (99, 60))
    wrong = {"id": HOSTILE, "title": HOSTILE, "label": labels[0], "probability": 0.91}
    measured = {"value": 0.5, "low": 0.4, "high": 0.6}
    names = ("micro_f1", "micro_precision", "micro_recall")
    return found | {
        "by_length": [{"words": "25-49", "articles": 21, "metrics": dict.fromkeys(names, measured)}],
        "drift": None if moved is None else moved.to_dict(),
        "confused": [{"true": labels[0], "given": labels[-1], "articles": 3, "share": 0.25}],
        "worst_errors": {"given": [wrong], "missed": [wrong | {"label": labels[-1]}]},
    }


def events_part(articles: int = 60, seed: int = 1) -> dict[str, Any]:
    """The "event_type" of an evaluation's JSON object."""
    random = np.random.default_rng(seed)
    probability = random.dirichlet(np.ones(len(TYPES)) / 2, size=articles)
    truth = [TYPES[int(random.choice(len(TYPES), p=own))] for own in probability]
    given = [TYPES[int(own.argmax())] if own.max() > 0.4 else None for own in probability]
    found = evaluate_event_type(TYPES, truth, probability, given, config=FAST, rule="argmax, abstaining below 0.4")
    wrong = {"id": "e1", "title": "A vote", "label": "crime", "probability": 0.8, "true": "election"}
    return found.to_dict() | {
        "drift": None,
        "confused": [],
        "worst_errors": {"given": [wrong] * 7, "missed": []},
    }


def sample(**changes: Any) -> Report:
    """A report with everything in it, some of it hostile; `changes` take the place of fields of the evaluation."""
    labels = ["Syria", HOSTILE, "Economy", "Weather", "Sport", "Übersee"]
    evaluation = {
        "model": "sha256:0123456789abcdef0123456789abcdef",
        "corpus": "news & more",
        "part": "held-out",
        "includes_training": False,
        "articles": 60,
        "unknown_words": {"held_out": 0.12, "training": 0.08},
        "tags": tags_part(labels),
        "event_type": events_part(),
    }
    # Shades of every depth, some of which hold no text well.
    shades = [[5, 95, 0, 0, 0], [30, 70, 0, 0, 0], [0, 41, 59, 0, 0], [0, 38, 0, 62, 0]]
    evaluation["event_type"]["confusion"] = {"truth": TYPES, "predicted": [*TYPES, None], "counts": shades}
    splits = {
        "articles": 300,
        "notes": ["no official split"],
        "splits": [
            {
                "split": name,
                "is": "how it is cut",
                "train": 240,
                "held_out": 60,
                "straddling": 3,
                "tags": {"micro_f1": {"value": 0.8 - number / 10, "low": 0.7 - number / 10, "high": 0.9 - number / 10}},
            }
            for number, name in enumerate(("random", "grouped", "temporal"))
        ],
    }
    doubt = {"title": HOSTILE, "id": "s1", "problem": "wrong tag", "label": HOSTILE, "suggested": None, "score": 0.01}
    suspects = {"articles": 240, "judged": {"tags": 6}, "suspects": {"event_type": 0, "tags": 41}, "tags": [doubt]}
    explained = {
        "head": "tags",
        "kind": "given",
        "id": HOSTILE,
        "label": "Syria",
        "true": [HOSTILE],
        "title": [{"text": HOSTILE, "contribution": 0.7}],
        "text": [{"text": HOSTILE, "contribution": -0.4}, {"text": " and more", "contribution": 0.0}],
        "strongest": 0.7,
        "terms": [{"term": HOSTILE, "contribution": 0.7}, {"term": "vote", "contribution": -0.4}],
    }
    counts = {label: 10 * number for number, label in enumerate(labels)}
    model = {
        "config": Config().to_dict(),
        "corpus": {
            "name": "news & more",
            "digest": "sha256:cafe",
            "split": "temporal",
            "train": 240,
            "held_out": 60,
            "label_counts": {"tags": counts, "event_type": dict.fromkeys(TYPES, 20)},
        },
        "edits": [{"model": "sha256:before"}, {"model": "sha256:between"}],
        "libraries": {"numpy": "2.0"},
        "slugline": "0.1.0",
    }
    return Report(
        {key: value for key, value in (evaluation | changes).items() if value is not None},
        model,
        thresholds={"tags": {"Syria": 0.31, "Economy": None}},
        explained=(explained,),
        splits=splits,
        suspects=suspects,
        command=f"slugline evaluate --report '{HOSTILE}'",
        run="0123456789abcdef",
        written="2026-11-26 12:00 UTC",
    )
