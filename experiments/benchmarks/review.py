"""What reviewing picked articles is worth, against as many at random: learning curves on the training part of a corpus.

    python experiments/benchmarks/review.py [reuters90] [--rounds 4] [--per-round 100] [--seeds 3]

A slice of the training part is held back to measure on; of the rest a few articles have labels to start with, and the
others are the pool that a person would review. After each round the model is trained again on what has been reviewed.
The official held-out part is not looked at.
"""

from __future__ import annotations

import argparse
import dataclasses
import random
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from slugline import picks
from slugline.bundle import Bundle
from slugline.config import Config, load_config, replace
from slugline.experiment.drift import count_labels
from slugline.experiment.prepare import Part, Prepared, prepare
from slugline.learn.selection import micro_macro
from slugline.learn.train import train
from slugline.predict import Predictor
from slugline.self_test import with_self_test

CONFIGS = Path(__file__).resolve().parent.parent / "configs"

Chooser = Callable[[Predictor, Part, list[int], int, random.Random], list[int]]


def by_chance(_predictor: Predictor, _part: Part, pool: list[int], count: int, rng: random.Random) -> list[int]:
    """`count` of the pool at random."""
    return rng.sample(pool, count)


def picked(predictor: Predictor, part: Part, pool: list[int], count: int, rng: random.Random) -> list[int]:
    """The articles that `slugline review` would show."""
    place = {part.articles[number].id: number for number in pool}
    found = picks.pick(predictor, [part.articles[number] for number in pool], count)
    chosen = [place[one.article.id] for one in found]
    # Near-duplicates of what was shown are never shown: what is lacking is drawn.
    rest = sorted(set(pool) - set(chosen))
    return chosen + rng.sample(rest, count - len(chosen))


def without(**changes: object) -> Chooser:
    """`picked` with constants of `slugline.picks` changed."""

    def chooser(predictor: Predictor, part: Part, pool: list[int], count: int, rng: random.Random) -> list[int]:
        before = {name: getattr(picks, name) for name in changes}
        for name, value in changes.items():
            setattr(picks, name, value)
        try:
            return picked(predictor, part, pool, count, rng)
        finally:
            for name, value in before.items():
                setattr(picks, name, value)

    return chooser


STRATEGIES: dict[str, Chooser] = {
    "random": by_chance,
    "picked": picked,
    "no diversity": without(_DIVERSITY=0.0, ALIKE=2.0),
    "rare tags count the same": without(_rarity=lambda _: lambda _label: 1.0),
    "one label": without(_LABELS=1),
}


def fitted(part: Part, chosen: Sequence[int], config: Config) -> Predictor:
    """A model trained on some articles of `part`."""
    articles = [part.articles[number] for number in chosen]
    labels = [part.labels[number] for number in chosen]
    trained = train(articles, labels, part.groups[list(chosen)], config)
    tags, types, annotated = count_labels(labels)
    about = {"label_counts": {"tags": dict(tags), "event_type": dict(types), "articles": annotated}}
    bundle: Bundle = with_self_test(trained.bundle(corpus=about))
    return Predictor(bundle)


def measured(predictor: Predictor, part: Part, rows: Sequence[int], names: Sequence[str]) -> dict[str, float]:
    """Micro- and macro-F1 of the tags `names` (those of the whole part), and accuracy of event types."""
    verdicts = predictor.verdicts([part.articles[number] for number in rows])
    found: dict[str, float] = {}
    labels = [part.labels[number] for number in rows]
    tagged = [row for row, one in enumerate(labels) if one.tags is not None]
    if tagged and names:
        column = {name: number for number, name in enumerate(names)}
        truth, said = (np.zeros((len(tagged), len(names)), dtype=bool) for _ in range(2))
        for place, row in enumerate(tagged):
            for tag in labels[row].tags or ():
                if tag in column:
                    truth[place, column[tag]] = True
            for number in np.flatnonzero(verdicts.tag_decisions[row]):
                if verdicts.tag_labels[number] in column:
                    said[place, column[verdicts.tag_labels[number]]] = True
        found["tags micro-F1"], found["tags macro-F1"] = micro_macro(said, truth)
    typed = [row for row, one in enumerate(labels) if one.event_type is not None]
    if typed:
        right = [verdicts.event_decisions[row] == labels[row].event_type for row in typed]
        found["event type accuracy"] = float(np.mean(right))
    return found


def curve(
    prepared: Prepared, strategy: str, seed: int, start: int, rounds: int, per_round: int, validation: int, pool: int
) -> list[dict[str, float]]:
    """The measures before the first round and after each."""
    part, rng = prepared.train, random.Random(seed)
    groups = sorted(set(part.groups.tolist()))
    rng.shuffle(groups)
    order = {group: number for number, group in enumerate(groups)}
    every = sorted(range(len(part)), key=lambda number: (order[int(part.groups[number])], number))
    held_back, rest = every[:validation], every[validation:]
    border = {int(part.groups[number]) for number in held_back}
    rest = [number for number in rest if int(part.groups[number]) not in border]
    chosen, waiting = rest[:start], rest[start : start + pool]
    counts, _, _ = count_labels([part.labels[number] for number in rest])
    names = sorted(tag for tag, count in counts.items() if count >= prepared.config.tags.min_articles)
    found = []
    for number in range(rounds + 1):
        predictor = fitted(part, chosen, prepared.config)
        found.append(measured(predictor, part, held_back, names))
        if number < rounds:
            more = STRATEGIES[strategy](predictor, part, waiting, per_round, rng)
            chosen = chosen + more
            waiting = sorted(set(waiting) - set(more))
    return found


def main() -> None:
    """Print a table of curves, the mean over the seeds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config", nargs="?", default="reuters90", help="a file of experiments/configs, without suffix")
    parser.add_argument("--start", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--per-round", type=int, default=100)
    parser.add_argument("--validation", type=int, default=1500)
    parser.add_argument("--pool", type=int, default=5000)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--strategies", default=",".join(STRATEGIES))
    asked = parser.parse_args()
    config = load_config(CONFIGS / f"{asked.config}.toml")
    prepared = prepare(config)
    # Names are found by their text alone, and take most of the time.
    config = replace(prepared.config, "names", enabled="never")
    prepared = dataclasses.replace(prepared, config=config)
    print(f"{asked.config}: mean of {asked.seeds} seeds; start {asked.start}, rounds of {asked.per_round}\n")
    for strategy in asked.strategies.split(","):
        curves = [
            curve(prepared, strategy, seed, asked.start, asked.rounds, asked.per_round, asked.validation, asked.pool)
            for seed in range(asked.seeds)
        ]
        for name in curves[0][0]:
            means = [np.mean([one[number][name] for one in curves]) for number in range(asked.rounds + 1)]
            print(f"| {strategy} | {name} | " + " | ".join(f"{mean:.3f}" for mean in means) + " |", flush=True)


if __name__ == "__main__":
    main()
