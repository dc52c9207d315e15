"""The comparisons: which corpus, which labels, which split; written as JSON Lines, the held-out labels apart."""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from slugline.article import Article
from slugline.config import Config, load_config
from slugline.experiment.prepare import Part, prepare

CONFIGS = Path(__file__).resolve().parents[2] / "configs"
FOLDS = 5
VALIDATION = 0.2


@dataclass(frozen=True)
class Task:
    """One comparison.

    `kind` is "tags" or "types" (one for each article). Tags with at least `min_articles` training articles are
    trained, by every system alike; `config` names the file of experiments/configs that reads and splits the corpus.
    """

    name: str
    kind: str
    config: str
    min_articles: int
    about: str

    @property
    def closed(self) -> bool:
        """Whether the trained tags alone are scored; else all true tags count."""
        return not self.name.endswith("-open")


TASKS = {
    task.name: task
    for task in (
        Task("starter-tags", "tags", "starter", 3, "starter corpus, tags (for trying the benchmark)"),
        Task("starter-types", "types", "starter", 1, "starter corpus, event types (for trying the benchmark)"),
        Task("reuters90", "tags", "reuters90", 1, "Reuters-21578, ModApte, the 90 topics on both sides"),
        Task("reuters-all", "tags", "reuters-all", 3, "Reuters-21578, ModApte, all five families, 3+ articles"),
        Task("wcep", "types", "wcep", 1, "WCEP event types, train before 2019, held-out 2019"),
        Task("wcep-linked", "tags", "wcep-linked", 5, "WCEP 2025, tags with 5+ articles, last quarter held out"),
        Task(
            "wcep-linked-open",
            "tags",
            "wcep-linked",
            1,
            "the same articles, every tag may be learned, all true tags count",
        ),
    )
}
"""The starter corpus is not run unless it is asked for."""

DEFAULT = [name for name in TASKS if not name.startswith("starter")]


@dataclass(frozen=True)
class Files:
    """A task on disk: what peers may see (train, articles, one), what Slugline's reader takes, and the truth."""

    folder: Path

    @property
    def train(self) -> Path:
        """Training articles with labels, fold and the mark of the validation slice."""
        return self.folder / "train.jsonl"

    @property
    def articles(self) -> Path:
        """Held-out articles without labels."""
        return self.folder / "articles.jsonl"

    @property
    def one(self) -> Path:
        """The held-out article of median length, alone."""
        return self.folder / "one.jsonl"

    @property
    def truth(self) -> Path:
        """The runner's: the held-out labels, and the trained ones."""
        return self.folder / "truth.json"

    @property
    def slugline_train(self) -> Path:
        """The training articles as `slugline train` reads them."""
        return self.folder / "slugline-train.jsonl"

    @property
    def slugline_config(self) -> Path:
        """The task's configuration, for that file."""
        return self.folder / "slugline.toml"


def write_task(task: Task, folder: Path) -> Files:
    """Write a task's files unless they are there."""
    files = Files(folder)
    if not files.truth.exists():
        folder.mkdir(parents=True, exist_ok=True)
        prepared = prepare(load_config(CONFIGS / f"{task.config}.toml"))
        _write_parts(task, files, prepared.train, prepared.held_out, temporal=prepared.split.method == "temporal")
    return files


def write_slugline_config(task: Task, files: Files) -> None:
    """Write the task's configuration as it is now: unlike the articles, it changes with Slugline."""
    config = load_config(CONFIGS / f"{task.config}.toml")
    files.slugline_config.write_text(slugline_config(task, config, files).to_toml(), encoding="utf-8")


def slugline_config(task: Task, config: Config, files: Files) -> Config:
    """`config` for the exported articles: the same features and learning, the split as written."""
    corpus = dataclasses.replace(
        config.corpus, name=str(files.slugline_train), reader="auto", fields={}, families=None, aliases=None
    )
    split = dataclasses.replace(config.split, method="official", train_before=None, held_out_before=None)
    # Where every tag may be learned, how many articles a tag needs is the configuration's choice.
    least = task.min_articles if task.closed else config.tags.min_articles
    tags = dataclasses.replace(config.tags, label_set="trained", min_articles=least)
    return dataclasses.replace(config, corpus=corpus, split=split, tags=tags)


def _write_parts(task: Task, files: Files, train: Part, held_out: Part, *, temporal: bool) -> None:
    known = [
        one for one in zip(train.articles, labels_of(task, train), train.groups, strict=True) if one[1] is not None
    ]
    asked = [one for one in zip(held_out.articles, labels_of(task, held_out), strict=True) if one[1] is not None]
    count = Counter(label for _, labels, _ in known for label in labels or ())
    trained = sorted(label for label, number in count.items() if number >= task.min_articles)
    allowed = set(trained)
    fold = folds([group for _, _, group in known])
    latest = validation(known, fold, temporal=temporal)
    rows = [
        {**plain(article), "labels": sorted(set(labels or ()) & allowed), "fold": number, "valid": bool(valid)}
        for (article, labels, _), number, valid in zip(known, fold.tolist(), latest, strict=True)
    ]
    write_lines(files.train, rows)
    write_lines(files.articles, [plain(article) for article, _ in asked])
    middle = sorted(asked, key=lambda one: len(one[0].text))[len(asked) // 2][0]
    write_lines(files.one, [plain(middle)])
    ours = [_slugline_row(task, row, "train") for row in rows]
    # `slugline train` evaluates too, so it gets a few training articles again as a held-out part; their figures are
    # not looked at.
    again = [dict(row, id=f"again-{row['id']}") for row in rows if row["labels"]][:20]
    write_lines(files.slugline_train, [*ours, *(_slugline_row(task, row, "test") for row in again)])
    truth = {
        "trained": trained,
        "articles": {str(article.id): sorted(labels or ()) for article, labels in asked},
        "train_counts": {label: count[label] for label in sorted(count)},
        "train": len(rows),
    }
    files.truth.write_text(json.dumps(truth, ensure_ascii=False) + "\n", encoding="utf-8")


def labels_of(task: Task, part: Part) -> list[list[str] | None]:
    """Each article's labels; None where it was not annotated."""
    if task.kind == "tags":
        return [None if one.tags is None else sorted(one.tags) for one in part.labels]
    return [None if one.event_type is None else [one.event_type] for one in part.labels]


def folds(groups: Sequence[int]) -> np.ndarray:
    """(N,) a fold for each article, near-duplicates together."""
    names, place = np.unique(np.asarray(groups), return_inverse=True)
    return np.random.default_rng(0).permutation(len(names))[place] % FOLDS


def validation(known: Sequence[tuple[Article, Any, Any]], fold: np.ndarray, *, temporal: bool) -> list[bool]:
    """The slice that grids are searched on: the latest fifth where the split is by time, else the first fold."""
    dates = [article.date for article, _, _ in known]
    if not temporal or any(date is None for date in dates):
        return (fold == 0).tolist()
    limit = sorted(date for date in dates if date is not None)[int((1 - VALIDATION) * len(dates))]
    return [date is not None and date >= limit for date in dates]


def plain(article: Article) -> dict[str, Any]:
    """What every system is told of an article."""
    date = None if article.date is None else article.date.isoformat()
    return {"id": str(article.id), "title": article.title, "body": article.body, "date": date}


def _slugline_row(task: Task, row: dict[str, Any], part: str) -> dict[str, Any]:
    labels = {"tags": row["labels"]} if task.kind == "tags" else {"event_type": row["labels"][0]}
    return {key: row[key] for key in ("id", "title", "body", "date")} | labels | {"part": part}


def write_lines(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    """Write JSON Lines."""
    with path.open("w", encoding="utf-8") as stream:
        stream.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
