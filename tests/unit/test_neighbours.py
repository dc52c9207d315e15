"""The nearest training articles: what is kept of them, who is found, and files that lie about it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slugline.article import Article, Labels
from slugline.bundle import read_bundle, write_bundle
from slugline.config import Config, CorpusConfig, replace
from slugline.errors import ModelFileError
from slugline.experiment.card import model_card
from slugline.experiment.train import train_model
from slugline.features.vocabulary import Vocabulary
from slugline.learn.stream import budget
from slugline.learn.train import train
from slugline.neighbours import TERMS, Neighbours, compared
from slugline.predict import Predictor
from slugline.self_test import with_self_test
from small_model import edited, refusal

PLACES = ("harbour", "desert", "forest", "city")
DAY = dt.date(2025, 3, 2)


def corpus() -> tuple[list[Article], list[Labels]]:
    articles, labels = [], []
    for number in range(80):
        place = PLACES[number % 4]
        body = f"The {place} today: {place} news of w{number}x and w{number // 4}y, as {place} people said."
        date = DAY + dt.timedelta(number) if number % 3 else None
        articles.append(Article(f"a{number}", f"Héadline {number} of {place}", body, date))
        tags = None if number % 5 == 4 else frozenset({place.title(), "News"} if number % 7 else ())
        labels.append(Labels(tags, ("flood", "trial", None)[number % 3]))
    return articles, labels


@pytest.fixture(scope="module")
def kept():
    articles, labels = corpus()
    config = replace(replace(Config(), "learn", keep_titles=True, folds=0), "names", enabled="never")
    return with_self_test(train(articles, labels, None, config).bundle())


@pytest.fixture(scope="module")
def model(kept, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("neighbours") / "model.safetensors"
    write_bundle(path, kept)
    return path


@pytest.fixture
def copy(model, tmp_path) -> Path:
    return Path(shutil.copy(model, tmp_path / "copy.safetensors"))


def test_every_training_article_is_its_own_nearest_with_all_that_is_known_of_it(model):
    predictor = Predictor.load(model)
    articles, labels = corpus()
    for article, label in zip(articles, labels, strict=True):
        found = predictor.explain(article).neighbours
        assert found is not None
        assert [one.similarity for one in found] == sorted((one.similarity for one in found), reverse=True)
        first = found[0]
        assert first.similarity > 0.99
        assert (first.id, first.title, first.date) == (article.id, article.title, article.date)
        assert first.tags == (None if label.tags is None else tuple(sorted(label.tags)))
        assert first.event_type == label.event_type
        # An article of another place shares no more than its numbered word.
        assert all(article.title.split()[-1] in one.title for one in found)
        assert 0.0 <= found[-1].similarity <= 1.0


def test_it_is_the_cosine_of_the_compared_words(model):
    predictor = Predictor.load(model)
    articles, _ = corpus()
    vocabulary = predictor.bundle.vocabulary

    def row(article: Article) -> dict[int, float]:
        rows = predictor._rows([article])
        chosen = compared(rows.indices, rows.values, vocabulary)
        own = rows.values[chosen]
        return dict(zip(rows.indices[chosen].tolist(), (own / np.sqrt((own**2).sum())).tolist(), strict=True))

    asked = Article("?", "", "Harbour people said w3y.")
    every = {one.id: row(one) for one in articles}
    own = row(asked)
    expected = {name: sum(own[term] * other.get(term, 0.0) for term in own) for name, other in every.items()}
    found = predictor.explain(asked).neighbours
    assert found is not None
    assert found[0].id == "a12"
    for one in found:
        assert one.similarity == pytest.approx(expected[one.id], abs=0.01)
        assert one.similarity >= sorted(expected.values())[-3] - 0.01


def test_an_article_of_other_words_has_no_neighbour(model):
    found = Predictor.load(model).explain(Article("?", "", "qqq zzz"))
    assert found.neighbours == ()
    assert found.to_dict()["neighbours"] == []


def test_nothing_is_kept_unless_asked(kept):
    articles, labels = corpus()
    config = replace(replace(Config(), "learn", folds=0), "names", enabled="never")
    plain = with_self_test(train(articles, labels, None, config).bundle())
    assert "neighbours" not in plain.sections
    assert Predictor(plain).explain(articles[0]).neighbours is None
    assert Predictor(plain).predict(articles[:3]) == Predictor(kept).predict(articles[:3])
    about = {"train": 80, "held_out": 0, "digest": "-", "split_digest": "-", "sources": []}
    kept.manifest.corpus.update(about)
    plain.manifest.corpus.update(about)
    said = "It also holds text: ids, titles, dates and labels of the training articles"
    assert said in " ".join(model_card(kept, name="kept").split())
    assert "No text of its training articles is in it" in " ".join(model_card(plain, name="plain").split())


def test_training_from_disk_keeps_the_same_titles(tmp_path, monkeypatch):
    articles, labels = corpus()
    path = tmp_path / "c.jsonl"
    with path.open("w") as stream:
        for article, label in zip(articles, labels, strict=True):
            row = {"id": article.id, "title": article.title, "body": article.body, "event_type": label.event_type}
            row |= {"tags": None if label.tags is None else sorted(label.tags)}
            row |= {} if article.date is None else {"date": article.date.isoformat()}
            stream.write(json.dumps(row) + "\n")
    config = replace(Config(corpus=CorpusConfig(str(path))), "learn", keep_titles=True, folds=2)
    config = replace(replace(config, "names", enabled="never"), "split", method="none")
    made = {}
    for name, memory in (("memory", ""), ("disk", "600M")):
        out = tmp_path / f"{name}.safetensors"
        train_model(replace(config, "learn", memory=memory), out, track=False)
        made[name] = read_bundle(out)
    one, other = (bundle.sections["neighbours"].arrays() for bundle in made.values())
    for key in ("ids.blob", "titles.blob", "labels.blob", "dates", "tags", "tagged", "types"):
        assert np.array_equal(one[key], other[key]), key
    for article in articles[::7]:
        first, *_ = Predictor(made["disk"]).explain(article).neighbours
        assert (first.id, first.similarity) == (article.id, pytest.approx(1.0, abs=1e-3))
    # Where memory holds fewer, an even part of them is kept, and that is said.
    monkeypatch.setattr(budget, "_TITLE", int(0.5 * (600 - 384 << 20)) // 30)
    done = train_model(replace(config, "learn", memory="600M"), tmp_path / "some.safetensors", track=False)
    count = len(read_bundle(tmp_path / "some.safetensors").sections["neighbours"].arrays()["dates"])
    assert 10 < count < 50
    assert any("titles of about 30 of 80 training articles" in note for note in done.cross_validated["notes"])


@given(st.lists(st.floats(0.01, 1.0), min_size=1, max_size=80))
def test_the_heaviest_words_are_compared(values: list[float]) -> None:
    terms = [f"1:x{n:03}" for n in range(10)] + [f"w{n:03} x" for n in range(10)] + [f"w{n:03}" for n in range(80)]
    vocabulary = Vocabulary.from_terms(terms)
    words = [n for n, term in enumerate(vocabulary.terms()) if ":" not in term and " " not in term][: len(values)]
    indices = np.array([*range(5), *words])
    found = compared(indices, np.array([9.0] * 5 + values), vocabulary)
    best = sorted(range(len(values)), key=lambda n: (-values[n], n))[:TERMS]
    assert sorted(indices[found].tolist()) == sorted(words[n] for n in best)
    only = compared(np.arange(5), np.ones(5), vocabulary)
    assert only.tolist() == [0, 1, 2, 3, 4]


REFUSED = {
    "missing": (lambda a: a.pop("neighbours.scale"), "scale"),
    "unknown": (lambda a: a.__setitem__("neighbours.more", np.zeros(1)), "more"),
    "dtype": (lambda a: a.__setitem__("neighbours.dates", np.zeros(80)), "dates"),
    "shape": (lambda a: a.__setitem__("neighbours.weights", np.zeros((2, 2), np.int8)), "weights"),
    "short": (lambda a: a.__setitem__("neighbours.types", np.zeros(3, np.int32)), "types"),
    "offsets": (lambda a: a.__setitem__("neighbours.ids.offsets", np.zeros(3, np.int64)), "ids.offsets"),
    "terms": (lambda a: a.__setitem__("neighbours.indptr", np.zeros(3, np.int64)), "indptr"),
    "postings": (lambda a: a.__setitem__("neighbours.weights", np.zeros(3, np.int8)), "articles and weights"),
}
LATE = {
    "articles": lambda a: a["neighbours.articles"].__setitem__(slice(None), 200),
    "scale": lambda a: a["neighbours.scale"].__setitem__(slice(None), np.nan),
    "indptr": lambda a: a["neighbours.indptr"].__setitem__(slice(1, 9), 2**31),
    "titles.offsets": lambda a: a["neighbours.titles.offsets"].__setitem__(slice(1, 9), -5),
    "tags.indptr": lambda a: a["neighbours.tags.indptr"].__setitem__(-1, 5),
    "dates": lambda a: a["neighbours.dates"].__setitem__(slice(None), 2**31 - 1),
    "labels": lambda a: a["neighbours.types"].__setitem__(slice(None), 2**30),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_file_that_lies_is_refused(case, copy):
    change, told = REFUSED[case]
    assert told in refusal(edited(copy, arrays=change))


@pytest.mark.parametrize("count", [None, "80", 79, True, -1])
def test_a_manifest_that_lies_is_refused(count, copy):
    line = refusal(edited(copy, manifest=lambda m: m["sections"]["neighbours"].__setitem__("articles", count)))
    assert "neighbours" in line


@pytest.mark.parametrize("field", LATE)
def test_what_is_read_when_used_is_checked_then(field, kept):
    arrays = {name: array.copy() for name, array in kept.arrays().items()}
    LATE[field](arrays)
    own = {name.partition(".")[2]: array for name, array in arrays.items() if name.startswith("neighbours.")}
    section = Neighbours.read(kept.sections["neighbours"].describe(), own, kept.heads)
    predictor = Predictor(dataclasses.replace(kept, sections={"neighbours": section}))
    articles, _ = corpus()
    assert predictor.predict(articles[:1])
    with pytest.raises(ModelFileError, match=f"neighbours.{field}"):
        predictor.explain(articles[1])


def test_the_same_bytes_again(model, tmp_path):
    articles, labels = corpus()
    config = replace(replace(Config(), "learn", keep_titles=True, folds=0), "names", enabled="never")
    write_bundle(tmp_path / "again", with_self_test(train(articles, labels, None, config, jobs=2).bundle()))
    assert (tmp_path / "again").read_bytes() == model.read_bytes()
