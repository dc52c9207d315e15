"""Small models with every part that a model file can have, and what is recorded of them in `tests/files`.

Run as a script it writes the files of the present format and what they predict. That is done once for each format: a
file that is there stays as it was written, and every later version must read it and predict the same.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from slugline.article import Article, Labels
from slugline.bundle import Bundle, write_bundle
from slugline.config import Config, replace
from slugline.event_vocabulary import EventVocabulary
from slugline.learn.train import train
from slugline.predict import Predictor
from slugline.self_test import with_self_test
from slugline.tag_vocabulary import TagVocabulary
from slugline.vocabulary_edits import Edit
from small_model import ARTICLES, two_levels

FILES = Path(__file__).parent / "files"
FORMAT_2 = ("format-2", "format-2-levels", "format-2-tree")
"""The files of format 2, between them with every section."""

_PLACES = ("harbour", "desert", "forest", "city")


def edited_bundle(bundle: Bundle, *edits: tuple[str, ...], head: str = "tags") -> Bundle:
    """The model after these edits: action, label and new name, of tags or of event types."""
    made = [Edit(edit[0], edit[1], *edit[2:], head=head) for edit in edits]
    before = [Edit.from_dict(edit) for edit in bundle.manifest.edits]
    vocabulary = EventVocabulary(bundle.event_levels()) if head == "event_type" else TagVocabulary(bundle.tag_labels)
    for edit in made:
        vocabulary = vocabulary.edited(edit)
    every = [edit.to_dict() for edit in (*before, *vocabulary.edits)]
    return dataclasses.replace(bundle, manifest=dataclasses.replace(bundle.manifest, edits=every))


def linear_model() -> Bundle:
    """Tags and event types in int8, names, shares, a reference, the titles of its articles, and edits of both heads."""
    articles, labels = [], []
    for number in range(80):
        place = _PLACES[number % 4]
        body = f"The {place} today: {place} news of w{number}x and w{number // 4}y, as {place} people said."
        date = dt.date(2025, 3, 2) + dt.timedelta(number) if number % 3 else None
        articles.append(Article(f"a{number}", f"Héadline {number} of {place}", body, date))
        tags = None if number % 5 == 4 else frozenset({place.title(), "News"} if number % 7 else ())
        labels.append(Labels(tags, ("flood", "trial", None)[number % 3]))
    config = replace(replace(Config(), "learn", keep_titles=True), "names", enabled="always")
    bundle = train(articles, labels, None, config).bundle()
    bundle = edited_bundle(
        bundle, ("rename", "Desert", "Sands"), ("merge", "Forest", "City"), ("alias", "News", "Wire")
    )
    return edited_bundle(bundle, ("rename", "flood", "high water"), head="event_type")


def levels_model() -> Bundle:
    """Tags and two levels of event types, weights in float16 and float32, a type and a group edited."""
    bundle = two_levels(abstain=(0.2, 0.3))
    assert bundle.tags is not None
    tags = dataclasses.replace(bundle.tags, weights=bundle.tags.weights.astype(np.float16))
    bundle = dataclasses.replace(bundle, tags=tags)
    return edited_bundle(bundle, ("merge", "crash", "flood"), ("rename", "Law", "Courts"), head="event_type")


def tree_model() -> Bundle:
    """Tags of two label trees with recency, one of them retired."""
    articles, labels = [], []
    for number in range(240):
        month, story, place = number // 4, number // 80, number % 4
        text = f"{_PLACES[place]} {_PLACES[place]}side {_PLACES[place]}man word{number % 7} again and again"
        date = dt.date(2000 + month // 12, month % 12 + 1, 1 + number % 28)
        articles.append(Article(str(number), "", text, date=date))
        labels.append(Labels(frozenset({f"Story {story} of {_PLACES[place]}"})))
    config = replace(Config(), "tags", estimator="tree")
    config = replace(config, "tree", leaf=3, branch=4, beam=3, candidates=12, trees=2)
    return edited_bundle(train(articles, labels, None, config).bundle(), ("retire", "Story 0 of city"))


BUILDERS: dict[str, Callable[[], Bundle]] = dict(zip(FORMAT_2, (linear_model, levels_model, tree_model), strict=True))

ASKED = (
    *ARTICLES,
    Article("6", "Headline of the harbour", "The harbour today: harbour news of w8x and w2y, as harbour people said."),
    Article("7", "", "forest city cityside cityman word3 again and again"),
    Article("8", "", ""),
)
"""Articles whose predictions are recorded."""


def recorded(predictor: Predictor) -> dict[str, Any]:
    """What a model says of ASKED, in plain JSON: numbers as they are, and of each article what is decided and why."""
    articles = []
    for article, said in zip(ASKED, predictor.predict(ASKED, top=4, explain=True), strict=True):
        event, near = said.event_type, predictor.explain(article, top=4).neighbours
        found: dict[str, Any] = {
            "tags": [[one.tag, one.probability, one.decided, one.score] for one in said.tags],
            "evidence": [[[term.term, term.contribution] for term in one.evidence or ()] for one in said.tags],
            "event_type": None if event is None else [event.type, event.group, event.probability, event.score],
            "neighbours": [[one.id, one.title, one.similarity] for one in near or ()],
        }
        articles.append(found)
    numbers = {name: values.tolist() for name, values in predictor.scores(ASKED).items()}
    sections = sorted(predictor.bundle.sections)
    return {"sections": sections, "labels": list(predictor.labels()), "scores": numbers, "articles": articles}


def write_files(folder: Path = FILES) -> None:
    """Write the files of FORMAT_2 that are not there."""
    for name, build in BUILDERS.items():
        path = folder / f"{name}.safetensors"
        if not path.exists():
            write_bundle(path, with_self_test(build()))
            said = json.dumps(recorded(Predictor.load(path)), ensure_ascii=False, separators=(",", ":"))
            path.with_suffix(".json").write_text(said.replace('{"tags"', '\n{"tags"') + "\n", "utf-8")


if __name__ == "__main__":
    write_files()
