"""Whether `slugline drift` is right on articles that its limits were not set on.

    python experiments/benchmarks/drift_validation.py [--draws 10] [--only wcep-2011,muc]

A model is trained on a random half of a stretch of a corpus (near-duplicates together). The other half of the same
stretch has not moved: whatever is said of it, and of samples of it, is a false alarm. Other stretches and other corpora
have moved as far as they have: how far is measured by what the model loses on them against that other half (accuracy
of the event type, or micro-F1 of tags; 2,000 samples of the articles for the interval). A loss of `LOSS` or more that
chance does not explain must not go unsaid: "ok" there is a miss.

The limits were set on WCEP of 2019 and 2020, the official split of Reuters and the starter corpus; here are WCEP of
2010 to 2018, MUC and Reuters by month.
"""

from __future__ import annotations

import argparse
import datetime as dt
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from drift import Case

from slugline.article import Article, Labels
from slugline.bundle import Bundle
from slugline.experiment.incoming import OK, RETRAIN, WATCH, compare_articles
from slugline.predict import Predictor

LOSS = 0.05
"""From here on a loss is one that a person would want to know of."""

SIZES = (50, 100, 300, 1000)
FEWEST = 300
"""A stretch of fewer articles is not compared: its loss cannot be measured."""

_SAMPLES = 2000
_ABOUT_WCEP = range(2010, 2019)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some articles of a corpus: those that one model is trained on, or compared with."""

    name: str
    case: Case
    rows: list[int]

    @property
    def articles(self) -> list[Article]:
        """Its articles."""
        return [self.case.corpus.articles[row] for row in self.rows]

    @property
    def labels(self) -> list[Labels]:
        """Their labels."""
        return [self.case.corpus.labels[row] for row in self.rows]


def hits(bundle: Bundle, stretch: Stretch) -> np.ndarray:
    """Of each article that is labelled for the model: true positives, false positives, false negatives, (n, 3)."""
    predictor = Predictor(bundle)
    found = []
    for prediction, labels in zip(predictor.predict_stream(stretch.articles), stretch.labels, strict=True):
        if bundle.event_type is not None:
            if labels.event_type is not None:
                said = None if prediction.event_type is None else prediction.event_type
                names = set() if said is None else {said.type, said.group}
                right = labels.event_type in names
                found.append((right, not right, not right))
        elif labels.tags is not None:
            said_tags, known = {tag.tag for tag in prediction.tags}, labels.tags & set(predictor.labels())
            both = len(said_tags & known)
            found.append((both, len(said_tags) - both, len(known) - both))
    return np.array(found, dtype=np.float64).reshape(-1, 3)


def f1(counts: np.ndarray) -> np.ndarray:
    """Micro-F1 of summed counts (..., 3); of event types it is their accuracy."""
    return 2 * counts[..., 0] / np.maximum(2 * counts[..., 0] + counts[..., 1] + counts[..., 2], 1)


def loss(before: np.ndarray, after: np.ndarray) -> tuple[float, float, float]:
    """How much lower the measure is, and the interval of 95 % over samples of the articles."""
    rng = np.random.default_rng(0)
    drawn = []
    for counts in (before, after):
        weights = rng.multinomial(len(counts), np.full(len(counts), 1 / len(counts)), _SAMPLES)
        drawn.append(f1(weights @ counts))
    low, high = np.quantile(drawn[0] - drawn[1], [0.025, 0.975])
    return float(f1(before.sum(axis=0)) - f1(after.sum(axis=0))), float(low), float(high)


@dataclass(frozen=True, slots=True)
class Source:
    """A stretch to train half of, and what the model is compared with beside the other half."""

    name: str
    own: Stretch
    others: list[Stretch]


def sources() -> list[Source]:
    """Every source; corpora are read once."""
    wcep, muc, reuters = Case("wcep"), Case("muc34"), Case("reuters90")
    years = {
        year: Stretch(f"WCEP {year}", wcep, _dated(wcep, range(len(wcep.corpus)), lambda day, y=year: day.year == y))
        for year in _ABOUT_WCEP
    }
    found = [
        Source(f"wcep-{year}", stretch, [other for later, other in years.items() if later > year])
        for year, stretch in years.items()
    ]
    whole = Stretch("MUC", muc, list(range(len(muc.corpus))))
    found.append(Source("muc", whole, []))
    used = sorted([*reuters.train, *reuters.held_out])
    months = {
        name: Stretch(f"Reuters {name}", reuters, _dated(reuters, used, lambda day, m=month: day.month in m))
        for name, month in (("March", (2, 3)), ("April", (4,)), ("June", (6,)), ("October", (10,)))
    }
    march, *later = months.values()
    found.append(Source("reuters", march, later))
    # What is quite another kind of text.
    found[0].others.append(months["April"])
    found[-2].others.append(years[2018])
    found[-1].others.append(years[2018])
    return found


def _dated(case: Case, rows: Sequence[int], chosen: Callable[[dt.date], bool]) -> list[int]:
    days = [(row, case.corpus.articles[row].date) for row in rows]
    return [row for row, day in days if day is not None and chosen(day)]


class Tally:
    """What was said, by what it ought to be."""

    def __init__(self) -> None:
        self.quiet: dict[str, Counter[str]] = {}
        self.moved: dict[str, Counter[str]] = {}

    def run(self, source: Source, draws: int) -> None:
        """Train on a half, compare with the other one and with the other stretches; a row for each whole stretch."""
        case = source.own.case
        first, second = case.halves(source.own.rows)
        bundle = case.model(first)
        other = Stretch(f"{source.own.name}, other half", case, second)
        before = hits(bundle, other)
        for stretch in (other, *source.others):
            articles = stretch.articles
            labelled = stretch.case is case
            lost = loss(before, hits(bundle, stretch)) if labelled and stretch is not other else None
            found = compare_articles(bundle, articles, stretch.name)
            signals = ", ".join(f"{one.name} {one.size:+.2f} {one.says}" for one in found.signals)
            shown = "-" if lost is None else f"{lost[0]:+.3f} ({lost[1]:+.3f} to {lost[2]:+.3f})"
            print(
                f"| half of {source.own.name} | {stretch.name} | {len(articles):,} | {shown} | {found.verdict} | "
                f"{signals} |",
                flush=True,
            )
            if stretch is other:
                kind = None
            elif lost is None:
                kind = "another kind of text"
            elif lost[1] > 0 and lost[0] >= LOSS:
                kind = f"loss of {LOSS} or more"
            elif lost[0] < LOSS / 2:
                kind = f"loss below {LOSS / 2}"
            else:
                kind = "between"
            table = self.quiet if kind is None else self.moved
            rng = np.random.default_rng(0)
            self._count(table, kind, "all", found.verdict)
            for size in SIZES:
                if size >= len(articles):
                    continue
                for _ in range(draws):
                    chosen = rng.choice(len(articles), size, replace=False)
                    said = compare_articles(bundle, [articles[n] for n in chosen], stretch.name).verdict
                    self._count(table, kind, f"{size:,}", said)

    @staticmethod
    def _count(table: dict[str, Counter[str]], kind: str | None, size: str, verdict: str) -> None:
        table.setdefault(f"{kind or 'has not moved'} | {size}", Counter())[verdict] += 1

    def show(self) -> None:
        """The table of all of them."""
        print(
            "\n| what it is compared with | articles | comparisons | ok | watch | retrain |\n"
            "|---|---:|---:|---:|---:|---:|"
        )
        for table in (self.quiet, self.moved):
            for name in sorted(table, key=lambda text: (text.split(" | ")[0], text)):
                said = table[name]
                shares = " | ".join(f"{said[one]} ({said[one] / said.total():.1%})" for one in (OK, WATCH, RETRAIN))
                print(f"| {name} | {said.total()} | {shares} |")


def main() -> None:
    """Print two Markdown tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=10, help="samples of each size")
    parser.add_argument("--only", help="names of sources, with commas")
    asked = parser.parse_args()
    tally = Tally()
    print("| trained on | compared with | articles | loss | verdict | signals |\n|---|---|---:|---|---|---|")
    for source in sources():
        if asked.only is None or source.name in asked.only.split(","):
            tally.run(source, asked.draws)
    tally.show()


if __name__ == "__main__":
    main()
