"""A model small enough to check by hand, for the tests of the model file and of the predictor."""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

from slugline.article import NONE, Article
from slugline.bundle import Bundle, Manifest, read_bundle
from slugline.config import Config, FeatureConfig, ViewConfig
from slugline.errors import ModelFileError
from slugline.features.mentions import NameTable
from slugline.features.tfidf import smooth_idf
from slugline.features.vocabulary import Vocabulary
from slugline.head import LinearHead
from slugline.names import NAME_FEATURES, NameModel, TagCounts
from view_terms import view_terms

ARTICLES = [
    Article("1", "Rebels seize Aleppo", "Syrian rebels took the city of Aleppo on Monday.\n\nThe army left, 40 died."),
    Article("2", "Bank raises rates", "The central bank raised its rate to 4.5 percent in 2024. Shares fell."),
    Article("3", "Élection à Paris", "Les électeurs votent dimanche à Paris; U.S. observers watch."),
    Article("4", "", "A storm hit the coast. The storm killed 7. Aleppo bank rebels."),
]
UNKNOWN = Article("5", "zzz", "qqq xxx")
TAGS = ("Syria", "Economy", "France", "Weather", "Never")
TYPES = ("armed_conflict", "economy", "Sports", NONE, "own_type")
GROUPS = {"armed_conflict": "Armed conflicts and attacks", "economy": "Business and economy", "Sports": "Sports"}


def small_bundle(*, fallback: bool = True, abstain_below: float = 0.0, seed: int = 0) -> Bundle:
    """Random weights, a third of them, over the terms of ARTICLES; the tag "Never" has an infinite threshold."""
    random = np.random.default_rng(seed)
    config = FeatureConfig((ViewConfig(),))
    frequency = Counter(term for article in ARTICLES for term in set(view_terms(article, config.views)[0]))
    vocabulary = Vocabulary.from_terms(frequency)
    document_frequency = np.array([frequency[term] for term in vocabulary.terms()])

    def weights(labels: int) -> np.ndarray:
        shape = (labels, len(vocabulary))
        return random.normal(size=shape) * (random.random(shape) < 0.3)

    tags = LinearHead.from_dense(
        TAGS,
        weights(len(TAGS)),
        random.normal(size=len(TAGS)),
        thresholds=np.array([0.1, -0.2, 0.3, 0.0, np.inf]),
        slope=np.array([2.0, 1.0, 1.5, 1.0, 1.0]),
        offset=np.array([0.1, 0.0, -0.3, 0.2, 0.0]),
        rule="scutfbr",
        fallback=fallback,
    )
    event_type = LinearHead.from_dense(
        TYPES, weights(len(TYPES)), random.normal(size=len(TYPES)), rule="argmax", abstain_below=abstain_below
    )
    manifest = Manifest(
        config=Config(features=config).to_dict(),
        corpus={"name": "small", "digest": "sha256:0", "articles": len(ARTICLES)},
        groups=GROUPS,
        libraries={"numpy": np.__version__},
        metrics={"tags": {"f1_micro": {"value": 0.5, "low": 0.4, "high": 0.6}}},
    )
    return Bundle(
        manifest, vocabulary, smooth_idf(document_frequency, len(ARTICLES)).astype(np.float32), tags, event_type
    )


def refusal(path: Path) -> str:
    """The one line with which a file is refused."""
    with pytest.raises(ModelFileError) as caught:
        read_bundle(path)
    line = str(caught.value)
    assert "\n" not in line
    assert line.startswith(str(path))
    return line


def edited(
    model: Path,
    manifest: Callable[[dict[str, Any]], None] | None = None,
    arrays: Callable[[dict[str, np.ndarray]], None] | None = None,
) -> Path:
    """A sound safetensors file whose manifest or arrays were changed by hand."""
    with safe_open(model, framework="np") as opened:
        content = json.loads(opened.metadata()["slugline"])
    tensors = load_file(model)
    if manifest:
        manifest(content)
    if arrays:
        arrays(tensors)
    save_file(tensors, model, metadata={"slugline": json.dumps(content)})
    return model


LEVEL_TYPES = ("flood", "crash", "trial", NONE, "own_type")
LEVEL_GROUPS = ("Disasters", "Law", "Sports", NONE, "own_type")
GROUP_OF = {"flood": "Disasters", "crash": "Disasters", "trial": "Law"}
LEVEL_SLOPE = 0.4
OTHERS = ("Aleppo", "Monday", "Paris")


def two_levels(*, abstain: tuple[float, float] = (0.0, 0.0), seed: int = 0) -> Bundle:
    """Random weights for five types and five groups; no type is known of the group Sports."""
    bundle = small_bundle()
    random = np.random.default_rng(seed)

    def head(labels: tuple[str, ...], below: float) -> LinearHead:
        shape = (len(labels), len(bundle.vocabulary))
        weights = random.normal(size=shape) * (random.random(shape) < 0.5)
        slope = np.full(len(labels), LEVEL_SLOPE)
        start = random.normal(size=len(labels))
        return LinearHead.from_dense(labels, weights, start, slope=slope, rule="argmax", abstain_below=below)

    manifest = dataclasses.replace(bundle.manifest, groups=GROUP_OF)
    types, groups = head(LEVEL_TYPES, abstain[0]), head(LEVEL_GROUPS, abstain[1])
    return dataclasses.replace(bundle, manifest=manifest, event_type=types, event_group=groups)


def name_model() -> NameModel:
    """Names of the small model's tags and of three that have no column."""
    random = np.random.default_rng(3)
    labels = (*TAGS, *OTHERS)
    count = len(labels)
    mentioned = np.arange(count) % 4 + 2
    both = np.arange(count) % 3
    return NameModel(
        labels,
        len(TAGS),
        NameTable.build(labels, {"Weather": ["storm"], "Economy": ["central bank"]}),
        TagCounts(20, both + 1, mentioned, both),
        random.normal(size=len(NAME_FEATURES)),
        0.5,
        random.normal(size=len(NAME_FEATURES)),
        -100.0,
    )


def named_bundle() -> Bundle:
    return dataclasses.replace(small_bundle(fallback=False), sections={"names": name_model()})
