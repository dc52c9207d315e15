"""What `slugline drift` says where the news has moved, and where it has not.

    python experiments/benchmarks/drift.py

WCEP: trained on half of 2019 and compared with the other half; trained on 2019 and compared with 2020; trained on 2010
to 2018 and compared with 2019 and 2020. Reuters-21578: its official split, and halves of its training part. Starter
corpus: its held-out part, and halves. All of it, and samples of 50, 100 and 300. Near-duplicates stay together.
"""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from slugline.bundle import Bundle
from slugline.config import Config, load_config, replace
from slugline.corpus.corpus import Corpus
from slugline.corpus.dedupe import near_duplicate_groups
from slugline.corpus.taxonomy import Taxonomy
from slugline.experiment.incoming import compare_articles
from slugline.experiment.novelty import with_unknown_words
from slugline.experiment.prepare import prepare
from slugline.learn.train import train

CONFIGS = Path(__file__).resolve().parent.parent / "configs"
SAMPLES = (50, 100, 300)


class Case:
    """A corpus of which parts are trained on and compared."""

    def __init__(self, name: str) -> None:
        config = load_config(CONFIGS / f"{name}.toml")
        prepared = prepare(replace(config, "names", enabled="never"))
        self.name, self.corpus = name, prepared.corpus
        # Folds of a cross-validation at random: a reference by stretches of time has drift in it.
        split = dataclasses.replace(prepared.config.split, method="random", train_before=None, held_out_before=None)
        self.config: Config = dataclasses.replace(prepared.config, split=split)
        self.groups = near_duplicate_groups(self.corpus.articles)
        number = {article.id: place for place, article in enumerate(self.corpus.articles)}
        self.train = [number[article.id] for article in prepared.train.articles]
        self.held_out = [number[article.id] for article in prepared.held_out.articles]

    def halves(self, rows: Sequence[int]) -> tuple[list[int], list[int]]:
        """Two halves at random, near-duplicates together."""
        groups = sorted({int(self.groups[row]) for row in rows})
        random.Random(0).shuffle(groups)
        first = set(groups[: len(groups) // 2])
        return [row for row in rows if int(self.groups[row]) in first], [
            row for row in rows if int(self.groups[row]) not in first
        ]

    def model(self, rows: Sequence[int]) -> Bundle:
        """A model trained on these articles."""
        corpus: Corpus = self.corpus
        articles = [corpus.articles[row] for row in rows]
        labels = [corpus.labels[row] for row in rows]
        trained = train(articles, labels, self.groups[list(rows)], self.config)
        taxonomy = Taxonomy.load(None)
        types = () if trained.event_type is None else trained.event_type.labels
        groups = {label: group for label in types if (group := taxonomy.group_of(label)) is not None}
        return with_unknown_words(trained.bundle(corpus={"train": len(articles)}, groups=groups), articles)

    def show(self, what: str, bundle: Bundle, rows: Sequence[int]) -> None:
        """Rows of the table: these articles, and samples of them."""
        rng = np.random.default_rng(0)
        for count in (len(rows), *(n for n in SAMPLES if n < len(rows))):
            chosen = rows if count == len(rows) else sorted(rng.choice(rows, count, replace=False).tolist())
            found = compare_articles(bundle, [self.corpus.articles[row] for row in chosen], what)
            signals = ", ".join(f"{one.name} {one.size:+.2f} {one.says}" for one in found.signals)
            print(f"| {self.name}: {what} | {count:,} | {found.verdict} | {signals} |", flush=True)


def main() -> None:
    """Print a Markdown table."""
    print("| trained on, compared with | articles | verdict | signals |\n|---|---:|---|---|")
    over_the_years(Case("wcep"))
    for name in ("reuters90", "starter"):
        case = Case(name)
        case.show("training part, held-out part", case.model(case.train), case.held_out)
        first, second = case.halves(case.train)
        case.show("half of the training part, the other half", case.model(first), second)


def over_the_years(wcep: Case) -> None:
    """The rows of WCEP."""
    year = [0 if article.date is None else article.date.year for article in wcep.corpus.articles]
    in_2019, in_2020 = ([row for row, one in enumerate(year) if one == wanted] for wanted in (2019, 2020))
    first, second = wcep.halves(in_2019)
    wcep.show("half of 2019, the other half", wcep.model(first), second)
    wcep.show("2019, 2020", wcep.model(in_2019), in_2020)
    before = wcep.model([row for row, one in enumerate(year) if 2010 <= one < 2019])
    wcep.show("2010 to 2018, 2019", before, in_2019)
    wcep.show("2010 to 2018, 2020", before, in_2020)


if __name__ == "__main__":
    main()
