"""How many planted errors `slugline corpus suspects` finds: a share of the labels is changed, and looked for.

    python experiments/benchmarks/label_noise.py starter reuters90 wcep

Training parts only. Event types: an article gets another type, drawn by frequency. Tags: an (article, tag) pair is
replaced by another tag, drawn by frequency: one wrong tag and one missing. Precision counts only what was planted: real
errors of the corpus among the first N count as wrong.
"""

from __future__ import annotations

import sys
from collections import Counter

import numpy as np

from slugline.article import Labels
from slugline.config import Config, CorpusConfig, load_config
from slugline.evaluate import noise
from slugline.experiment.prepare import prepare
from slugline.learn.unseen import unseen_probabilities
from slugline.resources import data_path

SHARE = 0.05
CONFIGS = data_path("corpora").parent.parent / "experiments" / "configs"


def plant_types(labels, random):
    rows = [number for number, one in enumerate(labels) if one.event_type is not None]
    every = [labels[number].event_type for number in rows]
    changed = list(labels)
    planted = {}
    for number in random.choice(rows, int(SHARE * len(rows)), replace=False).tolist():
        own = labels[number].event_type
        other = random.choice([name for name in every if name != own])
        changed[number] = Labels(labels[number].tags, str(other))
        planted[number] = own
    return changed, planted


def plant_tags(labels, names, random):
    known = set(names)
    pairs = [(number, tag) for number, one in enumerate(labels) for tag in sorted(one.tags or ()) if tag in known]
    every = [tag for _, tag in pairs]
    changed = list(labels)
    wrong, missing = set(), set()
    for place in random.choice(len(pairs), int(SHARE * len(pairs)), replace=False).tolist():
        number, tag = pairs[place]
        tags = changed[number].tags
        other = str(random.choice([name for name in every if name not in labels[number].tags and name not in tags]))
        changed[number] = Labels(tags - {tag} | {other}, changed[number].event_type)
        wrong.add((number, other))
        missing.add((number, tag))
    return changed, wrong, missing


def report(name, found, planted):
    n = len(planted)
    hits = np.array([one in planted for one in found], dtype=bool)
    said = f"{name:<26} planted {n:>5}, flagged {len(found):>6}"
    for first in (n, 2 * n):
        right = int(hits[:first].sum())
        said += f"; first {first}: precision {right / max(1, min(first, len(hits))):.3f} recall {right / n:.3f}"
    print(said + f"; all: recall {hits.sum() / n:.3f}", flush=True)


def main(names):
    for name in names:
        file = CONFIGS / f"{name}.toml"
        config = load_config(file) if file.exists() else Config(corpus=CorpusConfig(name))
        part = prepare(config).train
        random = np.random.default_rng(0)
        if sum(one.event_type is not None for one in part.labels) > len(part) / 2:
            labels, planted = plant_types(part.labels, random)
            unseen = unseen_probabilities(part.articles, labels, part.groups, config)["event_type"]
            doubts = noise.doubt_types(unseen.truth.argmax(axis=1), unseen.probability)
            report(f"{name}, event types", [int(unseen.rows[doubt.row]) for doubt in doubts], planted)
        if any(one.tags for one in part.labels):
            least = max(config.tags.min_articles, config.learn.folds)
            counts = Counter(tag for one in part.labels for tag in one.tags or ())
            labels, wrong, missing = plant_tags(part.labels, [tag for tag, n in counts.items() if n >= least], random)
            unseen = unseen_probabilities(part.articles, labels, part.groups, config)["tags"]
            doubts = noise.doubt_tags(unseen.truth, unseen.probability)
            rows, names_ = unseen.rows, unseen.names
            given = [(int(rows[one.row]), names_[one.given]) for one in doubts if one.given is not None]
            lacks = [(int(rows[one.row]), names_[one.suggested]) for one in doubts if one.suggested is not None]
            report(f"{name}, wrong tags", given, wrong)
            report(f"{name}, missing tags", lacks, missing)


if __name__ == "__main__":
    main(sys.argv[1:] or ["starter"])
