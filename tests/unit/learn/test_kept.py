"""What trainings on the same articles share: names are looked for once."""

from __future__ import annotations

import numpy as np

from slugline.article import Article, Labels
from slugline.learn import kept as module
from slugline.learn.kept import Kept
from slugline.learn.name_pairs import find_pairs


def test_names_are_looked_for_once_in_the_same_articles(monkeypatch):
    calls = []

    def spy(*arguments):
        calls.append(arguments)
        return find_pairs(*arguments)

    monkeypatch.setattr(module, "find_pairs", spy)
    articles = [Article(id=str(n), title="Gold", body=f"Gold and tin {n}") for n in range(6)]
    labels = [Labels(frozenset({"gold"})) for _ in articles]
    folds, names = np.arange(6) % 2, {"tin": ["Sn"]}
    kept = Kept()
    first = kept.find_pairs(articles, labels, folds, ("gold",), names)
    # Lists of the same objects are made anew by every training.
    assert kept.find_pairs(list(articles), list(labels), folds.copy(), ("gold",), dict(names)) is first
    assert len(calls) == 1
    assert first.labels == ("gold", "tin")
    equal = [Article(id=one.id, title=one.title, body=one.body) for one in articles]
    for other in (
        (equal, labels, folds, ("gold",), names),
        (articles, [*labels[:-1], Labels(frozenset())], folds, ("gold",), names),
        (articles, labels, folds[::-1], ("gold",), names),
        (articles, labels, folds, ("gold", "tin"), names),
        (articles, labels, folds, ("gold",), {}),
        (articles[:5], labels[:5], folds[:5], ("gold",), names),
    ):
        before = len(calls)
        kept.find_pairs(*other)
        assert len(calls) == before + 1
