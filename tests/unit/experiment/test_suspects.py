"""Planted errors are found, copies do not vouch for each other, and the list is safe to open."""

from __future__ import annotations

import csv
import dataclasses
import json

import numpy as np
import pytest

from slugline.article import Labels
from slugline.config import Config, CorpusConfig, replace
from slugline.corpus.load import load_corpus
from slugline.errors import CorpusError, OutputError
from slugline.experiment.prepare import Part, prepare
from slugline.experiment.suspects import COLUMNS, Suspect, find_suspects, suspects_in, write_suspects

pytest.importorskip("cleanlab")

WORDS = {
    "Sports": "team goal season player match coach league stadium",
    "Courts": "judge trial lawyer verdict appeal court jury sentence",
    "Money": "bank rates shares profit market trade budget inflation",
}


def write(path, planted=(), copies=()):
    """60 articles of three types; those numbered `planted` have the next type and its tag instead of their own."""
    kinds = list(WORDS)
    with path.open("w") as stream:
        for number in [*range(60), *copies]:
            kind = kinds[number % 3]
            said = kinds[(number + 1) % 3] if number in planted else kind
            words = WORDS[kind].split()
            body = " ".join(words[(number * 3 + step * 5) % 8] + f" n{number}x{step}" for step in range(16))
            row = {"id": f"a{number}", "title": kind, "body": body, "event_type": said, "tags": [said, "News"]}
            if number in copies and row["id"] in seen:
                row["id"] += "-copy"
            seen.add(row["id"])
            stream.write(json.dumps(row | {"part": "train" if number < 50 else "test"}) + "\n")
    return Config(corpus=CorpusConfig(str(path)))


seen: set[str] = set()


@pytest.fixture(autouse=True)
def _fresh():
    seen.clear()


def test_planted_errors_come_first(tmp_path):
    found = find_suspects(write(tmp_path / "c.jsonl", planted=(7, 22, 48)))
    assert {one.id for one in found.event_types[:3]} == {"a7", "a22", "a48"}
    first = {one.id: one for one in found.event_types}["a7"]
    assert (first.problem, first.label, first.suggested, first.given) == (
        "wrong event type",
        "Money",
        "Courts",
        ("Money",),
    )
    wrong = [one for one in found.tags if one.problem == "wrong tag"]
    missing = [one for one in found.tags if one.problem == "missing tag"]
    assert {(one.id, one.label) for one in wrong[:3]} == {("a7", "Money"), ("a22", "Money"), ("a48", "Courts")}
    assert {(one.id, one.suggested) for one in missing[:3]} == {("a7", "Courts"), ("a22", "Courts"), ("a48", "Sports")}
    assert wrong[0].suggested is None
    assert missing[0].given == ("Courts", "News") or "News" in missing[0].given
    # "News" is had by all.
    assert "News" not in {one.label for one in found.tags} | {one.suggested for one in found.tags}


def test_a_copy_with_the_same_error_does_not_vouch_for_it(tmp_path):
    config = write(tmp_path / "c.jsonl", planted=(7,), copies=(7,) * 1)
    assert [one.id for one in find_suspects(config).event_types[:2]] in (["a7", "a7-copy"], ["a7-copy", "a7"])


def test_the_training_part_alone(tmp_path):
    config = write(tmp_path / "c.jsonl", planted=(7, 55))
    found = find_suspects(config, train_only=True)
    assert found.articles == 50
    assert "a55" not in {one.id for one in found.event_types}
    assert "a7" in {one.id for one in found.event_types}


def test_articles_without_an_annotation_are_not_judged(tmp_path):
    config = write(tmp_path / "c.jsonl", planted=(7,))
    corpus = load_corpus(config.corpus)
    labels = tuple(Labels(None, one.event_type if n % 2 else None) for n, one in enumerate(corpus.labels))
    found = suspects_in(corpus, Part(corpus.articles, labels, np.arange(60)), config)
    assert found.judged == {"event_type": 3}
    assert found.tags == ()
    assert all(int(one.id[1:]) % 2 for one in found.event_types)


def test_too_few_articles_of_every_label_is_told(tmp_path):
    config = replace(write(tmp_path / "c.jsonl"), "learn", folds=40)
    corpus = load_corpus(config.corpus)
    labels = tuple(dataclasses.replace(one, tags=frozenset({f"t{n // 3}"})) for n, one in enumerate(corpus.labels))
    with pytest.raises(CorpusError, match=r"c\.jsonl: no label to judge"):
        suspects_in(corpus, Part(corpus.articles, labels, np.arange(60)), config)


def test_the_list_is_safe_to_open_and_whole_or_not_there(tmp_path):
    bad = Suspect("=1+1", "@SUM(A1)\nx", "wrong tag", "-x", None, ("+a", "b"), 0.25)
    write_suspects(tmp_path / "s.csv", [bad, dataclasses.replace(bad, id="é", given=("a, b",))])
    text = (tmp_path / "s.csv").read_text(encoding="utf-8-sig")
    rows = list(csv.reader(text.splitlines(keepends=True)))
    assert tuple(rows[0]) == COLUMNS
    assert rows[1][:5] == ["'=1+1", "'@SUM(A1)\nx", "wrong tag", "'-x", ""]
    assert rows[1][5:] == ["'+a; b", "0.2500"]
    assert rows[2][5] == '["a, b"]'
    with pytest.raises(OutputError):
        write_suspects(tmp_path, [bad])


def test_most_errors_planted_in_the_starter_corpus_are_among_the_first():
    part = prepare(Config()).train
    random = np.random.default_rng(0)
    planted = random.choice(len(part), len(part) // 20, replace=False)
    names = sorted({one.event_type for one in part.labels})
    labels = list(part.labels)
    for number in planted.tolist():
        other = random.choice([name for name in names if name != labels[number].event_type])
        labels[number] = Labels(None, str(other))
    labels = [Labels(None, one.event_type) for one in labels]
    corpus = load_corpus(Config().corpus)
    found = suspects_in(corpus, Part(part.articles, tuple(labels), part.groups), Config())
    ids = {part.articles[number].id for number in planted.tolist()}
    first = [one.id for one in found.event_types[: 3 * len(ids)]]
    assert len(ids & set(first)) >= 0.7 * len(ids)
