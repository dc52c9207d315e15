"""A corpus of any size, made of sentences of real articles: for measuring time and memory, not quality.

    python experiments/benchmarks/resampled.py N OUT.jsonl [--corpus NAME] [--seed S] [--sentences K]

Every article takes tags, event type and date of a real article drawn at random; its headline and its about K sentences
(half to one and a half times K) are drawn from real articles that share one of its tags (or its event type, where it
has no tag). So lengths, frequencies of words and labels and the link between them are real, but the number of
different words stops growing where the real corpus's is reached, and no quality measured on such a corpus means much.
The first N articles are the same for any larger N. Rows are JSON Lines: id, title, body, date, tags, event_type.
"""

from __future__ import annotations

import argparse
import json
import random
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from slugline.config import CorpusConfig
from slugline.corpus.corpus import Corpus
from slugline.corpus.load import load_corpus

SENTENCES = 5
_END = re.compile(r"(?<=[.!?])\s+(?=[\"'A-Z])|\n\n+")


def resampled_rows(
    corpus: Corpus, articles: int, seed: int = 0, sentences: int = SENTENCES
) -> Iterator[dict[str, Any]]:
    """Yield `articles` rows of a corpus made of `corpus`'s sentences; at any time only `corpus` itself is in memory."""
    chosen = random.Random(seed)
    split = [[part for part in _END.split(record.article.body) if part.strip()] for record in corpus.records]
    usable = [number for number, parts in enumerate(split) if parts]
    pools: defaultdict[str, list[int]] = defaultdict(list)
    for number in usable:
        for pool in _pools(corpus, number):
            pools[pool].append(number)
    pools_of = {number: _pools(corpus, number) for number in usable}
    tags_of = {number: sorted(corpus.labels[number].tags or ()) for number in usable}
    pick = chosen.random
    for place in range(articles):
        own = usable[int(pick() * len(usable))]
        record = corpus.records[own]
        body = []
        for _ in range(sentences // 2 + int(pick() * (sentences + 1))):
            parts = split[_member(pools, pools_of[own], pick)]
            body.append(parts[int(pick() * len(parts))])
        row: dict[str, Any] = {
            "id": f"r{place:09d}",
            "title": corpus.records[_member(pools, pools_of[own], pick)].article.title,
            "body": "\n\n".join(body) or split[own][0],
        }
        if record.article.date is not None:
            row["date"] = record.article.date.isoformat()
        if record.labels.tags is not None:
            row["tags"] = tags_of[own]
        if record.labels.event_type is not None:
            row["event_type"] = record.labels.event_type
        yield row


def write_resampled(
    path: str | Path,
    articles: int,
    corpus: str = "reuters21578",
    seed: int = 0,
    sentences: int = SENTENCES,
) -> Path:
    """Write `articles` rows to `path` as JSON Lines, of the catalogue's `corpus`; what was written is returned."""
    rows = resampled_rows(load_corpus(CorpusConfig(name=corpus)), articles, seed, sentences)
    with Path(path).open("w", encoding="utf-8") as stream:
        for row in rows:
            stream.write(json.dumps(row, ensure_ascii=False) + "\n")
    return Path(path)


def _pools(corpus: Corpus, number: int) -> list[str]:
    """What an article's sentences stand for: its tags, else its event type, else nothing at all."""
    labels = corpus.labels[number]
    return sorted(labels.tags or ()) or [f"type {labels.event_type}"]


def _member(pools: dict[str, list[int]], own: list[str], pick: Any) -> int:
    pool = pools[own[int(pick() * len(own))]]
    return pool[int(pick() * len(pool))]


def main() -> None:
    """Read the command line and write the corpus."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("articles", type=int)
    parser.add_argument("out", type=Path)
    parser.add_argument("--corpus", default="reuters21578", help="a name of the catalogue or a path")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--sentences", type=int, default=SENTENCES)
    asked = parser.parse_args()
    write_resampled(asked.out, asked.articles, asked.corpus, asked.seed, asked.sentences)
    print(f"{asked.out}: {asked.articles} articles, {asked.out.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
