"""The articles of a corpus whose labels look wrong, in order, as a list for a person to go through."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from slugline.article import Labels
from slugline.config import Config
from slugline.corpus.convert import joined_tags
from slugline.corpus.corpus import Corpus
from slugline.corpus.dedupe import near_duplicate_groups
from slugline.corpus.load import load_corpus
from slugline.errors import CorpusError
from slugline.evaluate import noise
from slugline.experiment.prepare import Part, prepare
from slugline.files import atomic_path
from slugline.learn.plain import check_folds
from slugline.learn.unseen import Unseen, unseen_probabilities
from slugline.progress import Progress, silent
from slugline.spreadsheets import harmless

COLUMNS = ("id", "title", "problem", "label", "suggested", "given", "score")
"""Of the CSV file; `label` is the one in question, `given` all that the article has of its kind."""
WRONG_TYPE, WRONG_TAG, MISSING_TAG = "wrong event type", "wrong tag", "missing tag"


@dataclass(frozen=True, slots=True)
class Suspect:
    """One label that looks wrong, or one that looks missing (`label` is None then).

    `given` are the article's event type, or its tags. `score` in [0, 1]: the lower, the more suspect.
    """

    id: str
    title: str
    problem: str
    label: str | None
    suggested: str | None
    given: tuple[str, ...]
    score: float

    def to_dict(self) -> dict[str, Any]:
        """The fields, the score rounded to 4 decimals."""
        return {
            "id": self.id,
            "title": self.title,
            "problem": self.problem,
            "label": self.label,
            "suggested": self.suggested,
            "given": list(self.given),
            "score": round(self.score, 4),
        }


@dataclass(frozen=True)
class Suspects:
    """What was found in `articles` articles of a corpus: event types and tags, each most suspect first.

    `judged` says of how many labels each kind was: types and tags that too few articles have are not judged.
    """

    corpus: str
    articles: int
    event_types: tuple[Suspect, ...]
    tags: tuple[Suspect, ...]
    judged: dict[str, int]
    skipped: tuple[CorpusError, ...] = ()

    def to_dict(self, top: int | None = None) -> dict[str, Any]:
        """The JSON object documented in docs/evaluation.md, with at most `top` suspects of each kind."""
        return {
            "corpus": self.corpus,
            "articles": self.articles,
            "judged": dict(self.judged),
            "suspects": {"event_type": len(self.event_types), "tags": len(self.tags)},
            "event_type": [one.to_dict() for one in self.event_types[:top]],
            "tags": [one.to_dict() for one in self.tags[:top]],
        }


def find_suspects(config: Config, *, train_only: bool = False, jobs: int = 1, progress: Progress = silent) -> Suspects:
    """Suspects among all articles of the corpus of `config`, or (`train_only`) those of its training part.

    Each article is judged by classifiers, trained as `config` says, of folds that it is not in, nor a near-duplicate of
    it. Deterministic. Raises MissingExtraError without cleanlab, SluglineError for whatever else is at fault.
    """
    noise.require()
    check_folds(config, "judging labels")
    if train_only:
        prepared = prepare(config, progress)
        return suspects_in(prepared.corpus, prepared.train, prepared.config, jobs=jobs, progress=progress)
    corpus = load_corpus(config.corpus, progress, taxonomy=config.event_type.taxonomy)
    groups = near_duplicate_groups(corpus.articles, config.split.near_duplicate, progress)
    return suspects_in(corpus, Part(corpus.articles, corpus.labels, groups), config, jobs=jobs, progress=progress)


def suspects_in(corpus: Corpus, part: Part, config: Config, *, jobs: int = 1, progress: Progress = silent) -> Suspects:
    """Suspects among the articles of `part`, which is `corpus` or a side of it. Raises as `find_suspects`."""
    try:
        unseen = unseen_probabilities(part.articles, part.labels, part.groups, config, progress=progress, jobs=jobs)
    except CorpusError as error:
        error.file = error.file or config.corpus.name
        raise
    if not unseen:
        raise CorpusError(
            "no label to judge",
            file=config.corpus.name,
            found=f"no tag, and not two event types, that {config.learn.folds} articles have",
            expected="more labelled articles",
        )
    progress("weighing labels", 0, 1)
    types = _types(part, unseen["event_type"]) if "event_type" in unseen else ()
    tags = _tags(part, unseen["tags"]) if "tags" in unseen else ()
    progress("weighing labels", 1, 1)
    judged = {head: len(found.names) for head, found in unseen.items()}
    return Suspects(corpus.name, len(part), types, tags, judged, corpus.skipped)


def write_suspects(path: Path, suspects: Sequence[Suspect]) -> None:
    """Write CSV (UTF-8 with the mark that spreadsheets look for), atomically.

    A cell that a spreadsheet would run as a formula gets an apostrophe in front. Raises OutputError.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for one in suspects:
        cells = (one.id, one.title, one.problem, one.label or "", one.suggested or "", joined_tags(list(one.given)))
        writer.writerow([*map(harmless, cells), f"{one.score:.4f}"])
    with atomic_path(path) as temporary:
        temporary.write_bytes(text.getvalue().encode("utf-8-sig", "backslashreplace"))


def _types(part: Part, unseen: Unseen) -> tuple[Suspect, ...]:
    doubts = noise.doubt_types(unseen.truth.argmax(axis=1), unseen.probability)
    return tuple(_suspect(part, unseen, doubt, WRONG_TYPE) for doubt in doubts)


def _tags(part: Part, unseen: Unseen) -> tuple[Suspect, ...]:
    doubts = noise.doubt_tags(unseen.truth, unseen.probability)
    return tuple(_suspect(part, unseen, doubt, MISSING_TAG if doubt.given is None else WRONG_TAG) for doubt in doubts)


def _suspect(part: Part, unseen: Unseen, doubt: noise.Doubt, problem: str) -> Suspect:
    number = int(unseen.rows[doubt.row])
    article, labels = part.articles[number], part.labels[number]
    label = None if doubt.given is None else unseen.names[doubt.given]
    suggested = None if doubt.suggested is None else unseen.names[doubt.suggested]
    return Suspect(article.id, article.title, problem, label, suggested, _given(labels, problem), doubt.score)


def _given(labels: Labels, problem: str) -> tuple[str, ...]:
    if problem == WRONG_TYPE:
        return (labels.event_type,) if labels.event_type else ()
    return tuple(sorted(labels.tags or ()))
