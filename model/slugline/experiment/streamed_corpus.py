"""What is known of a corpus that was never in memory, in the words of one that was (`experiment.prepare.Prepared`)."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from slugline.config import Config
from slugline.corpus.corpus import Corpus
from slugline.corpus.load import entry_for
from slugline.errors import CorpusError
from slugline.learn.stream.plan import Plan


@dataclass(frozen=True, slots=True)
class StreamedSplit:
    """A split as the rule that it was made by; its articles are too many to be named."""

    method: str
    rule: dict[str, Any]
    straddling: int

    @property
    def digest(self) -> str:
        """`sha256:` and the hexadecimal SHA-256 of the rule."""
        return f"sha256:{hashlib.sha256(json.dumps(self.rule, sort_keys=True).encode()).hexdigest()}"

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON."""
        return {"method": self.method, "digest": self.digest, "straddling": self.straddling, "rule": self.rule}


@dataclass(frozen=True)
class StreamedCorpus:
    """`corpus` has a name, errors and counts, but no articles; `train` and `held_out` are how many there are."""

    config: Config
    corpus: Corpus
    split: StreamedSplit
    train: range
    held_out: range
    about: dict[str, Any]

    @classmethod
    def of(cls, config: Config, name: str, plan: Plan, read: dict[str, Any], straddling: int) -> StreamedCorpus:
        """From the plan of a training on disk, and what `read_corpus` told."""
        skipped = tuple(CorpusError(line) for line in read["skipped"])
        unmapped = tuple(plan.about["unmapped"].items())
        sides, split = plan.sides, config.split
        rule = {
            "corpus": plan.about["digest"],
            "method": sides.method,
            "seed": split.seed,
            "held_out": split.held_out,
            "near_duplicate": split.near_duplicate,
            "cut": sides.cut,
            "end": sides.end,
        }
        made = StreamedSplit(sides.method, rule, straddling)
        entry = entry_for(config.corpus)
        facts = {
            "name": name,
            "digest": plan.about["digest"],
            "articles": sum(plan.sizes),
            "train": plan.trained.articles,
            "held_out": plan.held_out.articles,
            "first_date": plan.about["first_date"],
            "last_date": plan.about["last_date"],
            "licence": None if entry is None else entry.licence,
        }
        source = facts | {
            "tagged": plan.trained.tagged + plan.held_out.tagged,
            "typed": plan.trained.typed + plan.held_out.typed,
            "title": None if entry is None else entry.title,
            "page": None if entry is None else entry.page or None,
        }
        about = facts | {
            "skipped": int(read["bad"]),
            "split": made.method,
            "split_digest": made.digest,
            "straddling": straddling,
            "unmapped": dict(unmapped),
            "sources": [source],
        }
        counts = range(plan.trained.articles), range(plan.held_out.articles)
        return cls(config, Corpus(name, (), skipped, unmapped), made, *counts, about)

    def describe(self) -> dict[str, Any]:
        """What a model file and a run say of their corpus: plain JSON."""
        return self.about
