"""The texts that were kept while a corpus was read: a sample of either side of its split."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

import numpy as np

from slugline.article import Article, Labels
from slugline.learn.stream.plan import Plan
from slugline.learn.stream.reading import SAMPLE, SAMPLED
from slugline.learn.stream.sides import HELD, TRAINING
from slugline.learn.stream.spool import Spool
from slugline.learn.stream.terms import term_hashes
from slugline.learn.stream.textkeys import shares


def keep_sides(plan: Plan, spool: Spool) -> None:
    """Note the side of every kept text, for the chunks that it follows from will go."""
    for number, _, _, sides in plan.chunks(spool):
        spool.save(f"sides-{number:06d}", {"sides": sides})


def sample(plan: Plan, spool: Spool, side: int, most: int) -> tuple[list[Article], list[Labels]]:
    """At most about `most` articles of one side (TRAINING or HELD) and their labels, drawn at random, in order.

    All of the side, where it has no more and the corpus no more than SAMPLED articles.
    """
    articles: list[Article] = []
    labels: list[Labels] = []
    for some, theirs in samples(plan, spool, side, most):
        articles += some
        labels += theirs
    return articles, labels


def samples(
    plan: Plan, spool: Spool, side: int, most: int, at_once: int = 256
) -> Iterator[tuple[list[Article], list[Labels]]]:
    """The same, at most `at_once` of them at a time."""
    counts = {TRAINING: plan.trained, HELD: plan.held_out}[side]
    chance = min(1.0, SAMPLED / sum(plan.sizes), most / max(counts.articles, 1))
    spelled = dict(zip(plan.raw, plan.spelled, strict=True))
    for number in range(len(plan.sizes)):
        sides = spool.load(f"sides-{number:06d}")["sides"]
        rows = json.loads(spool.load(f"sample-{number:06d}")["rows"].tobytes())
        # The text was kept where this share of its id is below a limit that falls as the corpus grows: a lower limit
        # for all draws an even sample.
        drawn = shares(term_hashes([row[1] for row in rows]), SAMPLE) < chance
        mine = [rows[place] for place in np.flatnonzero(drawn) if sides[rows[place][0]] == side]
        for start in range(0, len(mine), at_once):
            some = mine[start : start + at_once]
            yield [_article(row) for row in some], [_labels(row, spelled, plan.common) for row in some]


def _article(row: list[Any]) -> Article:
    _, article_id, title, body, date = row[:5]
    return Article(article_id, title, body, None if date is None else dt.date.fromisoformat(date))


def _labels(row: list[Any], spelled: dict[str, str], common: frozenset[str] | None) -> Labels:
    tags, event_type = row[5:7]
    if tags is None:
        return Labels(None, event_type)
    named = {spelled[tag] for tag in tags} - {""}
    return Labels(frozenset(named if common is None else named & common), event_type)
