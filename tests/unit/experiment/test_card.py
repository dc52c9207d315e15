"""The model card says what the model file says, and nothing else."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import numpy as np
import pytest
from markdown_it import MarkdownIt

from slugline.article import Labels
from slugline.bundle import read_bundle
from slugline.config import Config, EvaluateConfig, load_config
from slugline.experiment.card import model_card
from slugline.experiment.card_facts import card_facts, config_differences
from slugline.experiment.evaluate import evaluate_model
from slugline.experiment.findings import with_findings
from slugline.predict import Predictor
from small_model import ARTICLES, named_bundle, small_bundle
from support import ROOT

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
COUNTS = {
    "tags": {"Syria": 12, "Economy": 3, "France": 2, "Weather": 30, "Never": 1},
    "event_type": {"economy": 5, "Sports": 4, "armed_conflict": 7},
    "articles": {"tags": 40, "event_type": 16},
}
LABELS = [
    Labels(frozenset({"Syria", "Unheard of"}), "armed_conflict"),
    Labels(frozenset({"Economy"}), "economy"),
    Labels(frozenset({"France"}), "Sports"),
    Labels(frozenset({"Weather", "Syria"}), "economy"),
]


def card(**about: Any) -> str:
    bundle = small_bundle()
    manifest = dataclasses.replace(bundle.manifest, corpus=ABOUT | about, metrics=METRICS)
    return model_card(dataclasses.replace(bundle, manifest=manifest), name="mine", notes="## Weak points\n\nMany.\n")


def rows_of(text: str) -> list[list[str]]:
    """The cells of every row of every table."""
    return [
        [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in text.splitlines() if line[:1] == "|"
    ]


def measured(**changes: Any):
    bundle = named_bundle()
    about = ABOUT | {"label_counts": COUNTS, "unknown_words": 0.05}
    manifest = dataclasses.replace(bundle.manifest, corpus=about, **changes)
    bundle = dataclasses.replace(bundle, manifest=manifest)
    evaluation = evaluate_model(
        Predictor(bundle), ARTICLES, LABELS, EvaluateConfig(bootstrap=20), corpus="small", part="held-out"
    )
    return dataclasses.replace(bundle, manifest=with_findings(manifest, evaluation)), evaluation


def test_counts_and_figures_are_those_of_the_manifest() -> None:
    said = card()
    assert said.startswith("# mine\n")
    rows = rows_of(said)
    assert ["own", "60", "45", "15", "60", "0"] in rows
    assert ["wiki", "40", "35", "5", "0", "40"] in rows
    assert ["tags: micro-F1", "15", "0.612", "0.500 to 0.700"] in rows
    assert ["event group: accuracy", "5", "0.800", "-"] in rows
    assert "- own: 2024-01-01 to 2024-12-31" in said
    assert "20 articles that nothing was trained on" in said
    assert "by date" in said
    assert "by date" not in card(split="random")


def test_notes_licences_and_attribution_are_there() -> None:
    said = card()
    assert said.index("## Weak points") < said.index("## Licence")
    assert "- own: licence not known" in said
    assert r"Events \| 2024, https://example.org/events: CC BY-SA 4.0" in said
    assert "CC BY-SA" in said
    assert "contributors" in said
    assert "contributors" not in card(sources=ABOUT["sources"][:1])


def test_the_same_model_gives_the_same_card() -> None:
    assert card() == card()


def test_nothing_held_out_is_said_and_cross_validated_measures_are_shown() -> None:
    measures = {
        "tags": {"articles": 80, "labels": 3, "rule": "scutfbr", "micro_f1": 0.61249},
        "event_group": {"articles": 40, "accuracy": 0.8},
    }
    said = card(split="none", cross_validated=measures)
    assert "Nothing was held out: all 80 articles trained it." in said
    assert ["tags: micro-F1", "80", "0.612"] in rows_of(said)
    assert ["event group: accuracy", "40", "0.800"] in rows_of(said)
    assert "95 % interval" not in said
    # Nor was the model cross-validated.
    said = " ".join(card(split="none", cross_validated={"tags": {"articles": 80, "labels": 3, "rule": "zero"}}).split())
    assert "all 80 articles trained it, and it was not cross-validated" in said
    assert "| articles | value |" not in said


def test_what_an_older_version_did_not_measure_is_said_to_be_unmeasured() -> None:
    assert "were not measured by the version of Slugline that made it" in " ".join(card().split())
    said = model_card(read_bundle(ROOT / "tests" / "files" / "format-1.safetensors"), name="old")
    assert "not measured by the version" in " ".join(said.split())


def test_weaknesses_are_those_that_the_evaluation_found() -> None:
    bundle, evaluation = measured()
    said = model_card(bundle, name="mine")
    rows = rows_of(said)
    assert "not measured" not in said
    worst = evaluation.tags.worst[0]
    assert any(row[0] == worst.label and row[4] == str(worst.support) for row in rows)
    assert next([row[0], row[6]] for row in rows if row[0] == "Weather") == ["Weather", "30"]
    worst_type = evaluation.event_type.worst[0]
    assert next(row[6] for row in rows if row[0] == worst_type.label) == str(COUNTS["event_type"][worst_type.label])
    band = evaluation.lengths["tags"][0]
    assert ["0-24 words", str(band.articles)] in [row[:2] for row in rows]
    assert "3 of its 5 tags (60%) were learned from fewer than 10 articles" in " ".join(said.split())
    assert "unknown words" in said
    assert bundle.manifest.findings["tags"]["drift"]["movers"]
    # Two evaluations find the same.
    assert measured()[0].manifest.findings == bundle.manifest.findings


def test_one_threshold_for_all_is_one_number() -> None:
    bundle = small_bundle()
    tags = bundle.tags
    assert tags is not None
    zero = np.zeros(len(tags.labels))
    same = dataclasses.replace(bundle, tags=dataclasses.replace(tags, thresholds=zero, offset=zero))
    assert "thresholds are 50 %." in " ".join(model_card(same, name="m").split())
    assert " % for eight in ten tags." in " ".join(model_card(bundle, name="m").split())


def test_edits_and_text_are_told() -> None:
    edits = [
        {"action": "rename", "tag": "Syria", "to": "Syrian *war*", "who": "anna", "time": "2026-11-26T12:00:00Z",
         "model": "sha256:before"},
        {"action": "retire", "tag": "Never", "who": "anna", "time": "2026-11-27T12:00:00Z", "model": "sha256:then"},
    ]  # fmt: skip
    bundle, _ = measured(edits=edits)
    said = model_card(bundle, name="mine")
    assert r"- 2026-11-26 anna: Syria: renamed to Syrian \*war\*" in said
    assert "sha256:before" in said
    assert "it has 4 tags now" in said
    assert "No text of its training articles" in " ".join(said.split())
    facts = card_facts(bundle)
    assert facts["original"] == "sha256:before"
    assert facts["tags_now"] == 4
    assert "label_counts" not in facts["corpus"]


def test_it_is_markdown_that_fits_a_terminal() -> None:
    bundle, _ = measured()
    long = {"title": "A corpus with a name that is longer than any line of a terminal " * 2, "name": "n" * 70}
    about = bundle.manifest.corpus | {"sources": [ABOUT["sources"][0] | long]}
    bundle = dataclasses.replace(bundle, manifest=dataclasses.replace(bundle.manifest, corpus=about))
    said = model_card(bundle, name="mine")
    assert [line for line in said.splitlines() if len(line) > 80] == []
    tokens = MarkdownIt("commonmark").enable("table").parse(said)
    headings = [line.lstrip("# ") for line in said.splitlines() if line.startswith("#")]
    assert sum(token.type == "heading_open" for token in tokens) == len(headings)
    assert headings[0] == "mine"
    assert len(headings) == len(set(headings)) == 9
    tables = sum(line.startswith("| ---") for line in said.splitlines())
    assert sum(token.type == "table_open" for token in tokens) == tables >= 6
    # Nothing of a table is left as text.
    assert not any(token.type == "inline" and token.content.startswith("|") for token in tokens)


@pytest.mark.parametrize(
    "recipe", sorted((ROOT / "experiments" / "configs").glob("*.toml")), ids=lambda path: path.stem
)
def test_the_configuration_of_a_card_is_the_whole_one(recipe, tmp_path) -> None:
    config = load_config(recipe)
    file = tmp_path / "card.toml"
    file.write_text(config_differences(config.to_dict()), encoding="utf-8")
    assert load_config(file) == config


def test_a_configuration_of_defaults_is_empty() -> None:
    assert config_differences(Config().to_dict()) == ""
