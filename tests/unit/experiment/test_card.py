"""The model card says what the model file says, and nothing else."""

from __future__ import annotations

import dataclasses

from slugline.experiment.card import model_card
from small_model import small_bundle

ABOUT = {
    "held_out": 20,
    "train": 80,
    "split": "temporal",
    "digest": "sha256:c",
    "split_digest": "sha256:s",
    "sources": [
        {"name": "own", "articles": 60, "train": 45, "held_out": 15, "tagged": 60, "typed": 0, "digest": "sha256:1",
         "first_date": "2024-01-01", "last_date": "2024-12-31", "title": None, "licence": None, "page": None},
        {"name": "wiki", "articles": 40, "train": 35, "held_out": 5, "tagged": 0, "typed": 40, "digest": "sha256:2",
         "first_date": None, "last_date": None, "title": "Events | 2024", "licence": "CC BY-SA 4.0",
         "page": "https://example.org/events"},
    ],
}  # fmt: skip
METRICS = {
    "tags": {"articles": 15, "micro_f1": {"value": 0.61249, "low": 0.5, "high": 0.7}},
    "event_type": {"articles": 5, "level": "group", "accuracy": {"value": 0.8, "low": None, "high": None}},
}


def card(**about) -> str:
    bundle = small_bundle()
    manifest = dataclasses.replace(bundle.manifest, corpus=ABOUT | about, metrics=METRICS)
    return model_card(dataclasses.replace(bundle, manifest=manifest), name="mine", notes="## Weak points\nMany.\n")


def test_counts_and_figures_are_those_of_the_manifest() -> None:
    said = card()
    assert said.startswith("# mine\n")
    assert "| own | 60 | 45 | 15 | 60 | 0 | 2024-01-01 | 2024-12-31 |" in said
    assert "| Events / 2024 | 40 | 35 | 5 | 0 | 40 | - | - |" in said
    assert "| tags: micro-F1 | 15 | 0.612 | 0.500 to 0.700 |" in said
    assert "| event group: accuracy | 5 | 0.800 | - |" in said
    assert "20 articles that nothing was trained on" in said
    assert "by date" in said
    assert "by date" not in card(split="random")


def test_notes_licences_and_attribution_are_there() -> None:
    said = card()
    assert said.index("## Weak points") < said.index("## Licence")
    assert "- own: licence not known" in said
    assert "- Events | 2024, https://example.org/events: CC BY-SA 4.0" in said
    assert "passed on under the same licence" in said
    assert "passed on" not in card(sources=ABOUT["sources"][:1])


def test_the_same_model_gives_the_same_card() -> None:
    assert card() == card()


def test_nothing_held_out_is_said_and_cross_validated_measures_are_shown() -> None:
    measures = {
        "tags": {"articles": 80, "labels": 3, "rule": "scutfbr", "micro_f1": 0.61249},
        "event_group": {"articles": 40, "accuracy": 0.8},
    }
    said = card(split="none", cross_validated=measures)
    assert "Nothing was held out: all 80 articles trained it." in said
    assert "| tags: micro-F1 | 80 | 0.612 |" in said
    assert "| event group: accuracy | 40 | 0.800 |" in said
    assert "95 % interval" not in said
    # Nor was the model cross-validated.
    said = card(split="none", cross_validated={"tags": {"articles": 80, "labels": 3, "folds": 0, "rule": "zero"}})
    assert "all 80 articles trained it, and it was not cross-validated" in said
    assert "| articles | value |" not in said
