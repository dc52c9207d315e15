"""What the project promises of its quality, measured row by row on the held-out articles, which nothing was chosen on.

    SLUGLINE_CORPORA=FOLDER python experiments/benchmarks/must_show.py [ROW ...] [--jobs N]

ROW is reuters90, wcep, linked or starter (default: all). Prints a Markdown table with 95 % bootstrap intervals over
articles. One model of WCEP's events before 2019 is measured on 2019, on 2020 and on the linked events of 2025.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from slugline.article import Article, Labels
from slugline.config import Config, CorpusConfig, EvaluateConfig, load_config
from slugline.corpus.dedupe import near_duplicate_groups
from slugline.corpus.load import load_corpus
from slugline.corpus.split import folds
from slugline.corpus.taxonomy import Taxonomy
from slugline.evaluate.evaluation import evaluate_event_type
from slugline.evaluate.results import Metric
from slugline.experiment.evaluate import evaluate_model
from slugline.experiment.evaluation import Evaluation
from slugline.experiment.train import Outcome, train_model
from slugline.learn.train import train
from slugline.predict import Predictor

CONFIGS = Path(__file__).resolve().parent.parent / "configs"
EVENTS = ("accuracy", "macro_f1", "ece")


def shown(metric: Metric) -> str:
    """A metric with its interval."""
    return f"{metric.value:.3f} [{metric.low:.3f}, {metric.high:.3f}]"


def row(what: str, measures: dict[str, Metric]) -> str:
    """One line of the table."""
    return f"| {what} | {', '.join(measures)} | {' / '.join(map(shown, measures.values()))} |"


def events(what: str, found: Evaluation) -> str:
    """The line of an event-type evaluation."""
    return row(what, {name: found.event_type.metrics[name] for name in EVENTS})


def trained(name: str, folder: str, jobs: int) -> Outcome:
    """The run of one committed configuration."""
    config = load_config(CONFIGS / f"{name}.toml")
    return train_model(config, Path(folder) / "model.safetensors", jobs=jobs, track=False)


def reuters90(folder: str, jobs: int) -> Iterator[str]:
    """Reuters-90, ModApte."""
    tags = trained("reuters90", folder, jobs).evaluation.tags
    names = ("micro_f1", "macro_f1_model", "precision_at_3", "ece")
    yield row(f"Reuters-90, {tags.articles:,} held-out articles", {name: tags.metrics[name] for name in names})


def wcep(folder: str, jobs: int) -> Iterator[str]:
    """WCEP before 2019, on the years after it."""
    outcome = trained("wcep", folder, jobs)
    predictor = Predictor.load(outcome.model)
    yield events("WCEP, train before 2019, held-out 2019", outcome.evaluation)
    corpus = outcome.prepared.corpus
    of_2020 = [n for n, one in enumerate(corpus.articles) if one.date is not None and one.date.year == 2020]
    linked = load_corpus(CorpusConfig(name="wcep_linked"))
    in_2020 = [corpus.articles[n] for n in of_2020], [corpus.labels[n] for n in of_2020]
    yield from later_events("the same model", predictor, "held-out 2020", *in_2020)
    yield from later_events("the same model", predictor, "linked events of 2025", linked.articles, linked.labels)


def later_events(
    model: str, predictor: Predictor, what: str, articles: Sequence[Article], labels: Sequence[Labels]
) -> Iterator[str]:
    """A model's event types on articles of another time, as they are and under the shares found on the articles."""
    config = EvaluateConfig()
    for adapt in (None, lambda _: None):
        found = evaluate_model(predictor, articles, labels, config, corpus=what, part="all", on_shift=adapt)
        yield events(f"{model}, {what}{', --adapt-priors' if adapt else ''}", found)


def linked(folder: str, jobs: int) -> Iterator[str]:
    """The tags of WCEP's linked events, the last quarter held out."""
    found = trained("wcep-linked", folder, jobs).evaluation
    names = ("micro_f1", "macro_f1", "precision_at_3", "micro_f1_all", "unseen_tag_share")
    yield row("WCEP-linked, tags, last quarter", {name: found.tags.metrics[name] for name in names})
    for band in found.bands:
        measures = {name: band.metrics[name] for name in ("micro_f1", "micro_precision", "micro_recall")}
        yield row(f"- its {band.labels} tags with {band.name} training articles, {band.support} times", measures)
    yield events("WCEP-linked, event type, last quarter", found)


def starter(_: str, jobs: int) -> Iterator[str]:
    """The starter corpus by 5-fold cross-validation, near-duplicates in one fold, and all of it read on 2025."""
    config = load_config(CONFIGS / "starter.toml")
    corpus = load_corpus(config.corpus)
    groups = near_duplicate_groups(corpus.articles, config.split.near_duplicate)
    truth, predicted, probability, names = [], [], [], None
    fold = folds(corpus.labels, groups, 5, 0)
    for number in np.unique(fold):
        inside = np.flatnonzero(fold == number)
        predictor = fitted(corpus.articles, corpus.labels, groups, np.flatnonzero(fold != number), config, jobs)
        verdicts = predictor.verdicts([corpus.articles[n] for n in inside])
        truth += [corpus.labels[n].event_type for n in inside]
        predicted += verdicts.event_decisions
        probability.append(verdicts.event_probabilities)
        names = predictor.events.levels.leaves
    found = evaluate_event_type(
        names, truth, np.concatenate(probability), predicted, config=config.evaluate, rule="best of each fold"
    )
    yield row("starter, 5-fold, event type", {name: found.metrics[name] for name in EVENTS})
    predictor = fitted(corpus.articles, corpus.labels, groups, np.arange(len(corpus)), config, jobs)
    other = load_corpus(CorpusConfig(name="wcep_linked"))
    yield from later_events(
        "starter-trained, by group", predictor, "linked events of 2025", other.articles, other.labels
    )


def fitted(
    articles: Sequence[Article],
    labels: Sequence[Labels],
    groups: np.ndarray,
    chosen: np.ndarray,
    config: Config,
    jobs: int,
) -> Predictor:
    """A model of some of the articles, not written to a file."""
    part = [articles[n] for n in chosen], [labels[n] for n in chosen], groups[chosen]
    model = train(*part, config, jobs=jobs)
    taxonomy = Taxonomy.load()
    types = () if model.event_type is None else model.event_type.labels
    of = {label: taxonomy.group_of(label) for label in types}
    return Predictor(model.bundle(groups={label: group for label, group in of.items() if group is not None}))


ROWS = {"reuters90": reuters90, "wcep": wcep, "linked": linked, "starter": starter}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", nargs="*", metavar="ROW", default=[])
    parser.add_argument("--jobs", type=int, default=1)
    arguments = parser.parse_args()
    print("| corpus | measures | Slugline |\n|---|---|---|")
    for name in arguments.rows or ROWS:
        with tempfile.TemporaryDirectory() as folder:
            for line in ROWS[name](folder, arguments.jobs):
                print(line, flush=True)


if __name__ == "__main__":
    main()
